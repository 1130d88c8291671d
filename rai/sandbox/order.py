"""What passes between the child's frame and its tasks: the order that came in and the reply that goes out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Order:
    """What the parent asked for. `files` and `titles` go by the name the task knows a file by.

    `array` is the largest number of rows and the exact number of columns of the float64 array, or None.
    """

    task: str
    request: dict[str, Any]
    files: dict[str, list[Path]]
    titles: dict[str, list[str]]
    array: tuple[int, int] | None
    progress: Callable[[int, str], None]

    def path(self, name: str) -> Path:
        """The one file that goes by this name."""
        return self.files[name][0]

    def title(self, name: str) -> str:
        """What people call the file."""
        return self.titles[name][0]


@dataclass(frozen=True)
class Reply:
    """What a task hands back: JSON, and the float64 array if one was ordered."""

    json: dict[str, Any]
    array: Any = None


def libraries(order: Order) -> tuple[str, ...]:
    """Nothing is needed to do nothing."""
    return ()


def nothing(order: Order) -> Reply:
    """The order that only asks how the child is held in."""
    return Reply({})
