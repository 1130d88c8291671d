"""Labels of several classes in the child: counted by group, true and predicted class; single rows never leave it."""

from rai.engine.class_messages import message_of
from rai.engine.classes import read_classes
from rai.sandbox import formats, tables
from rai.sandbox.order import Order, Reply


def libraries(order: Order) -> tuple[str, ...]:
    """What reads tables."""
    return tables.LIBRARIES


def classes(order: Order) -> Reply:
    """The counts of `request["read"]`, as `rai.engine.classes` makes them."""
    for path in order.files["data"]:
        formats.require(path, "table", title=path.name)
    limits = tables.limits_of(tables.caps_of(order))
    return Reply(message_of(read_classes(order.files["data"], limits=limits, **order.request["read"])))
