"""Rows of the running system in the child: counts and sums of labelled rows, and who has a label; single rows never leave it."""

from rai.engine.labelled import Asked, read_labelled
from rai.sandbox.comparing import require_table
from rai.sandbox.order import Order, Reply
from rai.sandbox.tables import LIBRARIES, caps_of, limits_of


def libraries(order: Order) -> tuple[str, ...]:
    """What reads tables and sums up their columns."""
    return (*LIBRARIES, "scipy.special")


def labelled(order: Order) -> Reply:
    """The rows of `files["data"]`, as `rai.engine.labelled` reads them."""
    require_table(order, order.files["data"])
    order.progress(20, "labelled")
    asked, limits = Asked(**order.request["asked"]), limits_of(caps_of(order))
    return Reply(read_labelled(order.files["data"], asked, limits=limits, threads=1).to_json())
