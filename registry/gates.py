"""Gates: questions about a release that must be answered yes. Any app adds one with `@gate`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from registry import waivers
from registry.gate_titles import TITLES, title_of
from registry.models import Release

PASSED, FAILED, WAIVED, INSUFFICIENT = "passed", "failed", "waived", "insufficient"


@dataclass(frozen=True)
class GateResult:
    """The answer of a gate: yes, or no with the reason and the place to mend it."""

    result: str
    reason: str
    place: str = ""
    slug: str = ""
    title: str = ""

    @classmethod
    def passed(cls, reason: str, place: str = "") -> "GateResult":
        """Yes."""
        return cls(PASSED, reason, place)

    @classmethod
    def failed(cls, reason: str, place: str = "") -> "GateResult":
        """No."""
        return cls(FAILED, reason, place)

    @classmethod
    def insufficient(cls, reason: str, place: str = "") -> "GateResult":
        """Too little is known to say yes, hence no."""
        return cls(INSUFFICIENT, reason, place)

    @classmethod
    def waived(cls, reason: str, place: str = "") -> "GateResult":
        """No, but a waiver with owner and end carries it."""
        return cls(WAIVED, reason, place)

    @property
    def is_open(self) -> bool:
        """The release may go through."""
        return self.result in {PASSED, WAIVED}

    def as_json(self) -> dict[str, Any]:
        """What is stored with a decision."""
        return {"gate": self.slug, "title": self.title, "result": self.result, "reason": self.reason}


Question = Callable[[Release], GateResult]
GATES: dict[str, Question] = {}


def gate(slug: str, title: str | Promise) -> Callable[[Question], Question]:
    """Register a question under its slug; the order of registration is the order on the page."""

    def register(question: Question) -> Question:
        GATES[slug], TITLES[slug] = question, title
        return question

    return register


def evaluate(release: Release) -> list[GateResult]:
    """Every gate's answer for a release, in order."""
    return [answer(slug, release) for slug in GATES]


def answer(slug: str, release: Release) -> GateResult:
    """One gate's answer, with its name."""
    found = carried(slug, release, GATES[slug](release))
    return GateResult(found.result, found.reason, found.place, slug, title_of(slug))


def carried(slug: str, release: Release, found: GateResult) -> GateResult:
    """The answer, or “waived” where it is no and a waiver in force carries the gate."""
    if found.is_open:
        return found
    waiver = waivers.covering(release, slug)
    return found if waiver is None else GateResult.waived(waivers.sentence(waiver), waiver.get_absolute_url())
