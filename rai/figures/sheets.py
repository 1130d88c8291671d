"""Tables of figures as a page shows them, beside those of the groups."""

from dataclasses import dataclass
from typing import Any

from rai.catalogue import CHECKS
from registry.plugins import resolved
from registry.record_checks import RECORD_CHECKS


@dataclass(frozen=True)
class Cell:
    """One cell under the heading it belongs to: a text, or a value object."""

    label: str
    text: str = ""
    measure: dict[str, Any] | None = None


@dataclass(frozen=True)
class Sheet:
    """A table: its caption, headings, and rows of a name and cells."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def sheets(outcome: dict[str, Any]) -> list[Sheet]:
    """The tables of an outcome that its groups do not hold."""
    if "reported" in outcome:
        return resolved("rai.figures.reported:sheets")(outcome)
    slug = outcome.get("check", "")
    check = CHECKS.get(slug) or RECORD_CHECKS.get(slug)
    return resolved(check.sheets)(outcome) if check and check.sheets else []
