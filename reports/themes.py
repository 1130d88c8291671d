"""Themes of responsible AI, each with one status: what the requirements of the NIST AI RMF that serve it came to."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from reports.framework_files import Requirement
from reports.standings.grid import Grid


@dataclass(frozen=True)
class Theme:
    """A theme with its status and how many of its requirements came to what."""

    title: Any
    result: str
    counts: tuple[tuple[str, int], ...]


def marked(name: str) -> Callable[[Requirement], bool]:
    """The requirement serves this characteristic."""
    return lambda requirement: name in requirement.raw.get("characteristics", ())


THEMES: Final[dict[str, tuple[Any, Callable[[Requirement], bool]]]] = {
    "fairness": (_("Fairness"), marked("fair_bias_managed")),
    "explanation": (_("Explanation"), marked("explainable_interpretable")),
    "governance": (_("Governance"), lambda requirement: requirement.group[:1] == ("GOVERN",)),
    "privacy": (_("Privacy"), marked("privacy_enhanced")),
    "security": (_("Security"), marked("secure_resilient")),
    "robustness": (_("Robustness"), marked("valid_reliable")),
    "transparency": (_("Transparency"), marked("accountable_transparent")),
    "safety": (_("Safety"), marked("safe")),
}


def themes(found: Grid) -> list[Theme]:
    """Every theme of a framework whose requirements name what they serve; none of other frameworks."""
    if "characteristics" not in found.framework.reference:
        return []
    return [theme(title, serves, found) for title, serves in THEMES.values()]


def theme(title: Any, serves: Callable[[Requirement], bool], found: Grid) -> Theme:
    """Met when all that applies is met, not met when nothing is even partly so."""
    counts = Counter(entry.result for entry in found.requirements if serves(entry.requirement))
    applying = {name for name in counts if name != "not_applicable"}
    result = next(iter(applying)) if len(applying) == 1 else "partly" if applying else "not_applicable"
    return Theme(title, result, tuple((name, counts[name]) for name in found.counts if counts[name]))
