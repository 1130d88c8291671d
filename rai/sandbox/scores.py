"""Scores in the child: what they come to by group; single rows never leave it."""

from rai.engine.cuts import read_cuts
from rai.engine.score_messages import message_of
from rai.engine.scores import read_scores
from rai.sandbox import formats, tables
from rai.sandbox.order import Order, Reply


def libraries(order: Order) -> tuple[str, ...]:
    """What reads tables."""
    return tables.LIBRARIES


def scores(order: Order) -> Reply:
    """Sums, areas and bins of `request["read"]`, as `rai.engine.scores` makes them."""
    for path in order.files["data"]:
        formats.require(path, "table", title=path.name)
    limits = tables.limits_of(tables.caps_of(order))
    return Reply(message_of(read_scores(order.files["data"], limits=limits, threads=1, **order.request["read"])))


def cuts(order: Order) -> Reply:
    """Rows at or above each threshold by group and label, as `rai.engine.cuts` counts `request["read"]`."""
    for path in order.files["data"]:
        formats.require(path, "table", title=path.name)
    limits = tables.limits_of(tables.caps_of(order))
    return Reply(read_cuts(order.files["data"], limits=limits, threads=1, **order.request["read"]).to_json())
