"""How much a child process may use; the parent hands the numbers over and the child sets them on itself."""

from dataclasses import asdict, dataclass
from typing import Any, Self

GIB = 1 << 30
MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Bytes of address space, seconds of processor and of wall clock, open files, bytes of answer and of noise.

    The array has no number here: its length follows from the request and is worked out before the child starts.
    """

    memory: int = 4 * GIB
    processor: int = 120
    wall: float = 180.0
    open_files: int = 128
    answer: int = MIB
    noise: int = 64 * 1024
    messages: int = 10_000

    def as_json(self) -> dict[str, Any]:
        """The numbers as they travel to the child."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The numbers as they arrived."""
        return cls(**value)


DEFAULT = Limits()


@dataclass(frozen=True)
class Caps:
    """The largest uploaded table that is read: rows, columns, cells, and bytes once unpacked."""

    rows: int = 5_000_000
    columns: int = 2_000
    cells: int = 100_000_000
    unpacked: int = 2 * GIB

    def as_json(self) -> dict[str, int]:
        """The numbers as they travel to the child."""
        return asdict(self)


UPLOADS = Caps()
