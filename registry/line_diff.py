"""What differs between two texts, line by line, as `registry/parts/line_diff.html` draws it."""

import difflib
from dataclasses import dataclass
from typing import Final

KINDS: Final = {"-": "removed", "+": "added", "@": "place", " ": "same"}


@dataclass(frozen=True)
class Line:
    """A line of a comparison: taken away, added, the same, or where a part begins."""

    kind: str
    text: str


def differing(before: str, after: str) -> list[Line]:
    """The lines that differ with three around them."""
    found = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm=""))[2:]
    return [Line(KINDS[line[0]], line if line[0] == "@" else line[1:]) for line in found]
