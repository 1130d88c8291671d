"""Holds the figures of a frozen outcome against a limit of the policy. A figure that is not there is unknown, hence no."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from registry.gate_results import GateResult
from registry.models import Evidence

Value = Mapping[str, Any]
EVERY = "every"


def problem(outcome: Mapping[str, Any], asked: Mapping[str, Any]) -> GateResult | None:
    """Why the figures do not keep within the limit, the first that does not; None where all do."""
    found = list(figures(outcome, asked["metric"], asked.get("group")))
    if not found:
        return GateResult.insufficient(_("the run holds no figure “%s” for this.") % asked["metric"])
    for label, value in found:
        number = value.get(asked.get("bound", "value"))
        if number is None:
            return GateResult.insufficient(_("“%(metric)s” of %(label)s could not be computed.") % {
                "metric": asked["metric"], "label": label,
            })  # fmt: skip
        if beyond(number, asked):
            return GateResult.failed(_("“%(metric)s” of %(label)s is %(number).4g; asked for is %(limit)s.") % {
                "metric": asked["metric"], "label": label, "number": number, "limit": limit_words(asked),
            })  # fmt: skip
    return None


def beyond(number: float, asked: Mapping[str, Any]) -> bool:
    """The number does not keep within the limits."""
    return bool(number > asked.get("at_most", number) or number < asked.get("at_least", number))


def limit_words(asked: Mapping[str, Any]) -> str:
    """The limits in signs."""
    signs = {"at_least": "≥", "at_most": "≤"}
    return ", ".join(f"{sign} {asked[name]:g}" for name, sign in signs.items() if name in asked)


def praise(row: Evidence, asked: Mapping[str, Any]) -> str:
    """What is said of evidence that says what the policy asks."""
    if "metric" not in asked:
        return _("It stands, with the verdict “%s”.") % row.get_verdict_display().lower()
    worst = list(figures(row.outcome, asked["metric"], asked.get("group")))
    shown = ", ".join(f"{value.get(asked.get('bound', 'value')):.4g}" for _label, value in worst[:3])
    return _("“%(metric)s” is %(shown)s; asked for is %(limit)s.") % {
        "metric": asked["metric"], "shown": shown, "limit": limit_words(asked),
    }  # fmt: skip


def figures(outcome: Mapping[str, Any], metric: str, group: Any) -> Iterator[tuple[str, Value]]:
    """Every value object of a metric in an outcome, with what it is of: judged, overall, by group, or between groups."""
    if group is not None:
        yield from of_groups(outcome, metric, group)
        return
    judged = [(entry["rule"], entry) for entry in outcome.get("thresholds", []) if metric_of(entry["rule"]) == metric]
    if judged:
        yield from judged
        return
    overall = (outcome.get("overall") or {}).get("metrics", {})
    if metric in overall:
        yield _("all rows"), overall[metric]
    yield from between(outcome, metric)


def metric_of(rule: str) -> str:
    """The metric that a rule puts a limit on."""
    return rule.replace(">=", "<=").partition("<=")[0].strip()


def of_groups(outcome: Mapping[str, Any], metric: str, group: Any) -> Iterator[tuple[str, Value]]:
    """The values of one group, named by its columns, or of every one."""
    for row in outcome.get("groups", []):
        named = row.get("group", {})
        if group != EVERY and (isinstance(group, str) or not group.items() <= named.items()):
            continue
        if metric in row.get("metrics", {}):
            yield ", ".join(f"{column} = {value}" for column, value in named.items()), row["metrics"][metric]


def between(outcome: Mapping[str, Any], metric: str) -> Iterator[tuple[str, Value]]:
    """The values of a difference or a ratio between groups, as they were found without a limit in the run."""
    base, _underscore, kind = metric.rpartition("_")
    if kind not in {"difference", "ratio"}:
        return
    for row in outcome.get("disparities", []):
        if row.get("metric") == base:
            pairs = [pair[kind] for pair in row.get("pairs", []) if pair.get(kind)]
            yield ", ".join(row.get("by", [])), widest(row.get(kind), pairs if kind == "difference" else [])


def widest(value: float | None, pairs: list[Value]) -> Value:
    """The spread, with the farthest bounds of any pair; bounds that are not there stay unknown."""
    known = [pair for pair in pairs if pair.get("low") is not None and pair.get("high") is not None]
    if not known or len(known) < len(pairs):
        return {"value": value, "low": None, "high": None}
    apart = [0.0 if pair["low"] <= 0 <= pair["high"] else min(abs(pair["low"]), abs(pair["high"])) for pair in known]
    return {
        "value": value, "low": max(apart), "high": max(max(abs(pair["low"]), abs(pair["high"])) for pair in known),
    }  # fmt: skip
