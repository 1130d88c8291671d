"""Tables in the child as far as persons go: where personal data stand in them, and how well rows hide among each other."""

from typing import Any

from rai.engine.anonymity import Asked as AskedApart, read_classes
from rai.engine.personal.reading import Asked, read_personal
from rai.sandbox.comparing import require_table
from rai.sandbox.order import Order, Reply
from rai.sandbox.tables import LIBRARIES, caps_of, limits_of


def libraries(order: Order) -> tuple[str, ...]:
    """What reads tables and sums up their columns."""
    return (*LIBRARIES, "scipy.special")


def given(order: Order) -> dict[str, Any]:
    """What was asked; lists of JSON become tuples again."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in order.request["asked"].items()}


def personal(order: Order) -> Reply:
    """Columns and rows of `files["data"]` with personal data, as `rai.engine.personal` counts them: no value of a cell."""
    require_table(order, order.files["data"])
    order.progress(20, "look")
    return Reply(read_personal(order.files["data"], Asked(**given(order)), limits=limits_of(caps_of(order))).to_json())


def classes_apart(order: Order) -> Reply:
    """Classes of rows of `files["data"]` that are alike, as `rai.engine.anonymity` counts them."""
    require_table(order, order.files["data"])
    order.progress(20, "count")
    return Reply(read_classes(order.files["data"], AskedApart(**given(order)), limits=limits_of(caps_of(order))).to_json())  # fmt: skip
