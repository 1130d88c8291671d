"""Panels beside a decision: short lists of what a reviewer must know. Any app adds one with `@panel`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise

from registry.models import Review

# So many lines of a panel stand on the one sheet of paper; the page folds the others below them.
PRINTED: Final = 4
ORDER: Final = (
    "changed", "worst-numbers", "verdicts", "gates", "fitness", "open-risks", "pia", "waivers", "conditions", "questions", "decisions",
    "dissent", "lineage", "if-nothing",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line: a sentence, where it leads, a verdict before it (a name that badges know) and a quiet remark after it."""

    text: str
    url: str = ""
    verdict: str = ""
    aside: str = ""


@dataclass(frozen=True)
class Shown:
    """A panel with its lines, the most important first; `empty` is said where there is none."""

    slug: str
    title: str
    lines: list[Line]
    empty: str

    @property
    def first(self) -> list[Line]:
        """The lines that everybody reads, on paper, too."""
        return self.lines[:PRINTED]

    @property
    def rest(self) -> list[Line]:
        """The lines that do not fit on the sheet of paper."""
        return self.lines[PRINTED:]


Read = Callable[[Review], list[Line]]


@dataclass(frozen=True)
class Panel:
    """How a panel is called, what it says when it has nothing to say, and how it is read."""

    title: str | Promise
    empty: str | Promise
    read: Read


PANELS: dict[str, Panel] = {}


def panel(slug: str, title: str | Promise, *, empty: str | Promise) -> Callable[[Read], Read]:
    """Register a panel under its slug; those that ORDER names come in that order, others after them."""

    def register(read: Read) -> Read:
        PANELS[slug] = Panel(title, empty, read)
        return read

    return register


def panels(review: Review) -> list[Shown]:
    """Every panel for a review, in order."""
    known = [slug for slug in ORDER if slug in PANELS]
    return [shown(slug, review) for slug in [*known, *(slug for slug in PANELS if slug not in ORDER)]]


def shown(slug: str, review: Review) -> Shown:
    """One panel."""
    found = PANELS[slug]
    return Shown(slug, str(found.title), found.read(review), str(found.empty))
