"""What is added to a move of a kind, or to the writing of an entry: a function that does what follows, or refuses it."""

from collections.abc import Callable
from typing import Any, Final

Addition = Callable[[Any, Any], None]
ADDED: Final = "added"  # that an entry is written, as a move
EDITED: Final = "edited"  # that what it says is changed
ADDITIONS: Final[dict[tuple[str, str], Addition]] = {}


def with_move(kind: str, move: str) -> Callable[[Addition], Addition]:
    """Register what is done in the transaction of a move, before the entry is kept: it takes the entry and the actor."""

    def register(act: Addition) -> Addition:
        ADDITIONS[kind, move] = act
        return act

    return register


def carry(row: Any, move: str, actor: Any) -> None:
    """Do what was added to a move, if anything; it raises NotAllowed where the move must wait."""
    act = ADDITIONS.get((row.kind, move))
    if act is not None:
        act(row, actor)
