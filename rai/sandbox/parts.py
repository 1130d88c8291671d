"""One table by time, place or source in the child: counts and sums by part; single rows never leave it."""

from rai.engine.parts import Asked, read_parts
from rai.sandbox.comparing import require_table
from rai.sandbox.order import Order, Reply
from rai.sandbox.tables import LIBRARIES, caps_of, limits_of


def libraries(order: Order) -> tuple[str, ...]:
    """What reads tables and sums up their columns."""
    return (*LIBRARIES, "scipy.special")


def parts(order: Order) -> Reply:
    """The parts of `files["data"]`, as `rai.engine.parts` reads them."""
    require_table(order, order.files["data"])
    order.progress(20, "parts")
    asked, limits = Asked(**order.request["asked"]), limits_of(caps_of(order))
    return Reply(read_parts(order.files["data"], asked, limits=limits, threads=1).to_json())
