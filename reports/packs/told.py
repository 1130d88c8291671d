"""What a pack tells of itself: its title, its index, what the signer says, and the entries of the log in it."""

from array import array
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Told:
    """`index` goes into pack.json, `predicate` into the signed statement; `entries` are the numbers of log entries."""

    title: str
    index: dict[str, Any]
    predicate: dict[str, Any]
    entries: array
