"""A part of a table in the child: the counts of a span of rows, by what stands in them."""

from rai.engine.partitions import read_part
from rai.sandbox import formats, tables
from rai.sandbox.order import Order, Reply


def libraries(order: Order) -> tuple[str, ...]:
    """What reads tables."""
    return tables.LIBRARIES


def count_part(order: Order) -> Reply:
    """The counts of `request["read"]` in the rows of `request["span"]`, as `rai.engine.partitions` makes them."""
    for path in order.files["data"]:
        formats.require(path, "table", title=path.name)
    first, end = order.request["span"]
    limits = tables.limits_of(tables.caps_of(order))
    part = read_part(order.files["data"], span=(int(first), int(end)), limits=limits, **order.request["read"])
    return Reply(part.to_json())
