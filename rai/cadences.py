"""How often plans are run, by risk tier: read from data, so that a change of it is a change that can be read."""

import math
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from registry.vocabulary import read_yaml

FILE: Final = Path(__file__).parent / "data" / "cadences.yaml"
LABELS: Final = {
    "weekly": _("Every week"),
    "monthly": _("Every 30 days"),
    "quarterly": _("Every 90 days"),
    "half_yearly": _("Every 180 days"),
    "yearly": _("Every 365 days"),
}
DAYS_A_YEAR: Final = 365


@cache
def document() -> dict[str, Any]:
    """The file."""
    return read_yaml(FILE)


def days_of(cadence: str) -> int:
    """Days from one run to the next."""
    return int(document()["cadences"][cadence]["days"])


def of_tier(tier: str) -> str:
    """The slowest cadence that a tier bears."""
    return str(document()["tiers"][tier])


def days(cadence: str, tier: str) -> int:
    """Days between runs of a plan for a system of this tier: the faster of its own cadence and the tier's."""
    return min(days_of(cadence), days_of(of_tier(tier)))


def looks(between: int) -> int:
    """Looks a year, rounded up, so that the budget of a year holds whatever day it begins on."""
    return math.ceil(DAYS_A_YEAR / between)


def allowed(tier: str) -> list[tuple[str, Any]]:
    """The cadences that a plan for this tier may name, with their labels, the slowest first."""
    most = days_of(of_tier(tier))
    named = [name for name in document()["cadences"] if days_of(name) <= most]
    return [(name, LABELS[name]) for name in sorted(named, key=days_of, reverse=True)]
