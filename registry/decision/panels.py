"""Panels beside a decision: short lists of what a reviewer must know. Any app adds one with `@panel`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.db.models import Q
from django.utils.functional import Promise

from registry import gates
from registry.gate_results import GateResult
from registry.models import ModelVersion, Release, Review

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


@dataclass(frozen=True)
class Dossier:
    """A review as its page reads it: what several panels rest on is read once, by whichever asks first."""

    review: Review

    @property
    def release(self) -> Release:
        """What is decided on."""
        return self.review.release

    @cached_property
    def gates(self) -> list[GateResult]:
        """Every gate's answer now."""
        return gates.evaluate(self.release)

    @cached_property
    def last_approved(self) -> Review | None:
        """The review of the version before that was approved last for the same system, though it be open anew."""
        rows = Review.objects.filter(
            release__system=self.release.system, release__version__model=self.release.version.model
        )
        rows = rows.filter(Q(status=Review.Status.APPROVED) | Q(release__published_at__isnull=False))
        rows = rows.exclude(pk=self.review.pk).select_related("release__version__model__system")
        return rows.order_by("-release__created_at").first()

    @cached_property
    def running(self) -> ModelVersion | None:
        """Another version of the model that the system serves today."""
        rows = Release.objects.filter(
            system=self.release.system, version__model=self.release.version.model, status=Release.Status.PUBLISHED
        )
        rows = rows.exclude(version=self.release.version).select_related("version__model")
        found = rows.order_by("-published_at").first()
        return found.version if found else None


Read = Callable[[Dossier], list[Line]]


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


def panels(dossier: Dossier) -> list[Shown]:
    """Every panel for a review, in order."""
    known = [slug for slug in ORDER if slug in PANELS]
    return [shown(slug, dossier) for slug in [*known, *(slug for slug in PANELS if slug not in ORDER)]]


def shown(slug: str, dossier: Dossier) -> Shown:
    """One panel."""
    found = PANELS[slug]
    return Shown(slug, str(found.title), found.read(dossier), str(found.empty))
