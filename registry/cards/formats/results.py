"""Result lines of a card as the metric objects of other schemas, and back."""

from collections.abc import Callable, Iterable
from typing import Any

from registry.cards.figures import Figure, read_line
from registry.cards.formats.mapping import Doc, Place, added, rows_of
from registry.cards.schema import Field

Write = Callable[[str, Figure | None], Any]
Read = Callable[[Any], Figure | str | None]


def place(write: Write, read: Read, *, list_at: str) -> Place:
    """The lines of `results` and `slice_results` in one list: those with a group are the latter's."""

    def written(doc: Doc, path: str, text: str, spec: Field) -> None:
        added(doc, list_at, [write(line, read_line(line)) for line in text.split("\n") if line])

    def lines(doc: Doc, path: str, spec: Field) -> str:
        by_group = spec.id == "slice_results"
        return "\n".join(said(map(read, rows_of(doc, list_at)), by_group=by_group))

    return Place(written, lines, joined=False)


def said(found: Iterable[Figure | str | None], *, by_group: bool) -> list[str]:
    """The lines with a group, or those without."""
    return [str(one) for one in found if one and bool(isinstance(one, Figure) and one.slice) == by_group]


def text(row: Any, name: str) -> str:
    """A member of an object as text on one line."""
    found = row.get(name) if isinstance(row, dict) else None
    return "" if found is None or isinstance(found, dict | list) else " ".join(str(found).split())
