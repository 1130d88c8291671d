"""Two versions' predictions of the same rows in the child: matched by key; single rows never leave it, keys only where asked for."""

from rai.engine.pair_messages import message_of
from rai.engine.pairs import Asked, read_pairs
from rai.sandbox.comparing import require_table
from rai.sandbox.order import Order, Reply
from rai.sandbox.tables import LIBRARIES, caps_of, limits_of


def libraries(order: Order) -> tuple[str, ...]:
    """What reads tables and sums up their columns."""
    return (*LIBRARIES, "scipy.special")


def pair(order: Order) -> Reply:
    """The rows of `files["data"]` beside those of `files["previous"]`, where there is one."""
    for name in order.files:
        require_table(order, order.files[name])
    order.progress(20, "pair")
    asked, previous = Asked(**order.request["asked"]), order.files.get("previous")
    return Reply(message_of(read_pairs(order.files["data"], previous, asked, limits=limits_of(caps_of(order)))))
