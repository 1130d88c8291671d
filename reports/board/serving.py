"""Which group each model serves worst: read from the newest fairness run that stands for each version in use."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rai.wording.rules import metric_of
from registry.cards.figures import named
from registry.models import Evidence, ModelVersion
from reports.templatetags.documents import interval, rate as rate_of

SHOWN_BY: Final = "fairness.group_metrics"
# Of these rates the higher one is the worse; of all others the lower one.
HARMS: Final = frozenset({"false_positive_rate", "false_negative_rate", "mean_absolute_error", "error_rate"})
ORDER: Final = {"fail": 0, "insufficient": 1, "pass": 2, "recorded": 3}


@dataclass(frozen=True)
class Served:
    """One model's widest difference: who fares worst, against whom, by how much of what is allowed.

    `value`, `low` and `high` are the difference or ratio with its interval, `share` is how much of the limit it uses
    (1 is the limit itself; above it the limit is missed).
    """

    version: ModelVersion
    run: Evidence
    group: str
    versus: str
    metric: str
    rule: str
    value: float
    low: float | None
    high: float | None
    verdict: str
    share: float

    def as_json(self) -> dict[str, Any]:
        """As the report prints it."""
        return {
            "system": self.version.home_system.name,
            "version": str(self.version),
            "group": self.group,
            "versus": self.versus,
            "metric": self.metric,
            "rule": self.rule,
            "limit": limit_of(self.rule),
            "value": rate_of(self.value),
            "interval": interval({"low": self.low, "high": self.high}),
            "verdict": self.verdict,
            "run": str(self.run.pk),
            "digest": self.run.digest,
        }


def limit_of(rule: str) -> str:
    """The limit of a rule as a board reads it: its sign and its figure."""
    sign = "≤" if "<=" in rule else "≥"
    return f"{sign} {metric_of(rule)[2]}"


def worst_served(runs: Iterable[Evidence]) -> list[Served]:
    """The widest difference of each version that these runs compare by group; they come oldest first, the newest answers.

    The worst stand first: what failed before what passed, then by how much of the limit is used.
    """
    newest = {run.version_id: run for run in runs if SHOWN_BY in run.shows}
    found = [widest(run.version, run) for run in newest.values()]
    return sorted(
        (one for one in found if one), key=lambda one: (ORDER.get(one.verdict, 9), -one.share, str(one.version))
    )


def widest(version: ModelVersion, run: Evidence) -> Served | None:
    """The rule of a run that came closest to its limit, or went furthest beyond it; None for a run without rules."""
    judged = [judged_rule(version, run, entry) for entry in run.outcome.get("thresholds", ()) if entry.get("worst")]
    known = [one for one in judged if one is not None]
    return min(known, key=lambda one: (ORDER.get(one.verdict, 9), -one.share), default=None)


def judged_rule(version: ModelVersion, run: Evidence, entry: Mapping[str, Any]) -> Served | None:
    """One rule with who fares worse under it."""
    value, pair = entry.get("value"), entry["worst"]
    if value is None or not pair.get("group") or not pair.get("versus"):
        return None
    metric, kind, limit = metric_of(entry["rule"])
    share = float(limit) / max(value, 1e-9) if kind == "ratio" else value / max(float(limit), 1e-9)
    worse, better = by_harm(run.outcome, base_of(entry["rule"]), pair["group"], pair["versus"])
    return Served(
        version=version,
        run=run,
        group=named(worse),
        versus=named(better),
        metric=metric,
        rule=entry["rule"],
        value=value,
        low=entry.get("low"),
        high=entry.get("high"),
        verdict=entry["verdict"],
        share=share,
    )


def base_of(rule: str) -> str:
    """The rate that a rule is about."""
    return re.split("_difference|_ratio|_group_m|<=|>=", rule)[0]


def by_harm(outcome: Mapping[str, Any], metric: str, one: dict[str, Any], other: dict[str, Any]) -> tuple[dict, dict]:
    """The two groups, the worse served first, by their rates; as they came where a rate is not known."""
    rates = [rate(outcome, metric, group) for group in (one, other)]
    if None in rates:
        return one, other
    is_worse = rates[0] > rates[1] if metric in HARMS else rates[0] < rates[1]
    return (one, other) if is_worse else (other, one)


def rate(outcome: Mapping[str, Any], metric: str, group: dict[str, Any]) -> Any:
    """A group's rate in an outcome."""
    for row in outcome.get("groups", ()):
        if row.get("group") == group:
            return (row.get("metrics", {}).get(metric) or {}).get("value")
    return None
