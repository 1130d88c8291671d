"""What rai shows beside a decision: the numbers that come closest to their limits, or lie beyond."""

from typing import Any, Final

from django.utils.translation import gettext_lazy

from rai.wording.rules import metric_of, number
from registry.decision.panels import Dossier, Line, panel

SHOWN: Final = 3
SEVERITY: Final = {"fail": 0, "insufficient": 1, "pass": 2}


@panel(
    "worst-numbers", gettext_lazy("The three worst numbers"),
    empty=gettext_lazy("No run of this release was held against a limit."),
)  # fmt: skip
def worst_numbers(dossier: Dossier) -> list[Line]:
    """Of all limits those that are missed by most, then those that are kept by least."""
    found = [
        (row, entry)
        for row in dossier.release.evidence.order_by("check_slug", "pk")
        for entry in row.outcome.get("thresholds", [])
    ]
    found.sort(key=lambda pair: (SEVERITY.get(pair[1].get("verdict", ""), 1), -overrun(pair[1])))
    return [line(entry, row.get_absolute_url()) for row, entry in found[:SHOWN]]


def overrun(entry: dict[str, Any]) -> float:
    """By how much of the limit the worse end of the interval lies beyond it; negative where it lies within."""
    _name, _kind, text = metric_of(entry["rule"])
    limit = float(text)
    bound = entry.get("high") if "<=" in entry["rule"] else entry.get("low")
    if bound is None:
        return 0.0
    beyond = bound - limit if "<=" in entry["rule"] else limit - bound
    return beyond / (abs(limit) or 1.0)


def line(entry: dict[str, Any], url: str) -> Line:
    """One number with its interval and its limit."""
    label, _kind, _limit = metric_of(entry["rule"])
    by = " × ".join(entry.get("by") or [])
    low, high = entry.get("low"), entry.get("high")
    interval = "" if low is None and high is None else f" ({number(low)}–{number(high)})"
    figure = f"{number(entry.get('value'))}{interval}"
    return Line(f"{label}{f' · {by}' if by else ''}: {figure}", url, entry.get("verdict", ""), entry["rule"])
