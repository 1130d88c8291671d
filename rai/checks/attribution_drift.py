"""Attribution drift: whether a model still leans on its inputs as the version that was approved did, with intervals."""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from rai.checks.contract import Dropped, InputError, Outcome, looked, verdict_of
from rai.checks.explanation_quality import explainer, stability
from rai.engine.attribution import Attributions, order_of, shares
from rai.engine.attribution_shift import Shift
from rai.engine.intervals import z_shown
from rai.engine.judging import Figure, FigureRule, Judge, nothing, rule_of

CHECK, VERSION = "attribution_drift", "1"
RULES: Mapping[str, str | None] = {"share_change": "<=", "attribution_ks": "<=", "moved_ranks": "<="}
LEAST_ROWS = 100
MOST_MOVED = 2_000


def parse_rule(text: str) -> FigureRule:
    """The rule that a text writes; raises InputError that says which there are.

    `share_change<=X`: no input's share of all attribution changed by more than X (0 to 1). `attribution_ks<=X`: no
    input's distribution of values by more than X (0 to 1). `moved_ranks<=N`: at most N inputs have another rank.
    """
    rule = rule_of(text, RULES, check=CHECK, most=MOST_MOVED)
    if rule.name != "moved_ranks" and rule.limit > 1:
        raise InputError('"{text}": the limit of {name} lies between 0 and 1.', text=text, name=rule.name)
    return rule


def run(
    now: Attributions, before: Attributions, *, thresholds: Sequence[str] = (), confidence: float = 0.95, attempt: int = 1,
    looks: int | None = None, asked: Mapping[str, Any] | None = None,
) -> Outcome:  # fmt: skip
    """The outcome of attributions held against those of the approved version; `asked` names what they were bound to.

    A rule is judged over all inputs: the upper end at the plain level, the lower one corrected for all of them (Šidák),
    and for the looks of a year where there are any. Where one of the two explanations is not evaluable itself, or both
    were made in other ways, no rule is judged. Raises InputError for other inputs, unknown rules and tables without rows.
    """
    started = time.perf_counter()
    rules = [parse_rule(text) for text in thresholds]
    require_alike(now, before)
    place = [now.features.index(name) for name in before.features]
    shift = Shift(before.values, now.values[:, place], seed=now.seed)
    judge = Judge(round(1 - confidence, 12), attempt, looks, floor=LEAST_ROWS)
    reason = not_evaluable(now, before)
    figures = figures_of(shift, before.features, reason)
    judged = tuple(judge.entry(rule, figures[rule.name], rows=len(now.values)) for rule in rules)
    return Outcome(
        check=CHECK, version=VERSION, rows=now.rows_available, dropped=tuple(Dropped(**each) for each in now.dropped),
        parameters={
            **(asked or {}), "thresholds": [rule.text for rule in rules], "confidence": confidence, "attempt": attempt, **looked(looks),
        },
        parts={
            "model": now.model, "sides": {"before": side(before), "now": side(now)}, "evaluable": reason is None,
            "not_evaluable": reason, "shifts": shifts(shift, before.features, figures, z_shown(judge.gamma)),
        },
        thresholds=judged, verdict=verdict_of(judged), timings={**now.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def require_alike(now: Attributions, before: Attributions) -> None:
    """The same inputs on both sides, and rows on both; raises InputError that names what is not."""
    odd = sorted(set(now.features) ^ set(before.features))
    if odd:
        raise InputError(
            "Attributions are compared over the same inputs; “{name}” is read by one of the two models alone. Approve the "
            "version with the new inputs first, then watch it.",
            name=odd[0],
        )
    if not len(now.values) or not len(before.values):
        raise InputError("There are no rows to explain; upload a table that has some.")


def not_evaluable(now: Attributions, before: Attributions) -> str | None:
    """Why nothing can be said for sure: `unstable_before`, `unstable_now` or `other_method`; None where all is well."""
    sides = {"before": explainer(before), "now": explainer(now)}
    if sides["before"]["method"] != sides["now"]["method"]:
        return "other_method"
    return next((f"unstable_{name}" for name, found in sides.items() if not found["evaluable"]), None)


def side(found: Attributions) -> dict[str, Any]:
    """How one side was explained, and how good that explanation is."""
    means = explainer(found)
    return {
        "rows_used": len(found.values), "rows_available": found.rows_available, "method": means["method"],
        "additivity_error": means["additivity_error"], "largest_share_change": stability(found)["largest_share_change"],
        "evaluable": means["evaluable"], "library": found.model.get("library"),
    }  # fmt: skip


def figures_of(shift: Shift, names: Sequence[str], reason: str | None) -> dict[str, list[Figure]]:
    """The figures of every rule; with a reason they are shown and take no part in a verdict."""
    change, error = shift.change()
    rows = min(len(shift.before), len(shift.now))
    pairs = zip(names, change, error, strict=True)
    return {
        "share_change": [share_figure(name, float(one), float(wide), rows, reason) for name, one, wide in pairs],
        "attribution_ks": [
            Figure({"feature": name}, float(gap), partial(shift.gap_limits, float(gap)), rows, "dkw", reason)
            for name, gap in zip(names, shift.gaps(), strict=True)
        ],
        "moved_ranks": [moved_figure(shift, rows, reason)],
    }


def moved_figure(shift: Shift, rows: int, reason: str | None) -> Figure:
    """How many inputs have another rank, with those that surely moved and those that may have as its limits."""

    def limits(z: float) -> tuple[float, float]:
        surely, maybe = shift.moves(z)
        return float(surely.sum()), float(maybe.sum())

    least, most = limits(z_shown(0.05))
    return Figure({}, moved(shift, int(least), int(most)), limits, rows, "rank_intervals", reason)


def moved(shift: Shift, least: int, most: int) -> float:
    """How many inputs have another rank by the figures alone, no fewer than surely moved and no more than may have."""
    ranks = [
        np.argsort(np.argsort(-np.abs(values).mean(axis=0), kind="stable")) for values in (shift.before, shift.now)
    ]
    return float(min(max(int((ranks[0] != ranks[1]).sum()), least), most))


def share_figure(name: str, change: float, error: float, rows: int, reason: str | None) -> Figure:
    """How far one share moved, either way: |d| with limits d ± z·SE."""
    about = {"feature": name}
    if not np.isfinite([change, error]).all():
        return Figure(about, None, nothing, rows, "bootstrap", "undefined_group")

    def limits(z: float) -> tuple[float, float]:
        low, high = change - z * error, change + z * error
        return max(low, -high, 0.0), max(high, -low)

    return Figure(about, abs(change), limits, rows, "bootstrap", reason)


def shifts(shift: Shift, names: Sequence[str], figures: Mapping[str, list[Figure]], z: float) -> list[dict[str, Any]]:
    """Every input: share before and now, how far both share and distribution moved, rank intervals; the furthest first."""
    before, now = (shares(values)[0] for values in (shift.before, shift.now))
    ranks = shift.ranks(z)
    surely, maybe = shift.moves(z)
    size = np.array([figure.value or 0.0 for figure in figures["share_change"]])
    return [
        {
            "name": names[index], "share_before": known(before[index]), "share_now": known(now[index]),
            "change": figures["share_change"][index].measure(z), "ks": figures["attribution_ks"][index].measure(z),
            "ranks_before": [int(ranks[0].low[index]), int(ranks[0].high[index])],
            "ranks_now": [int(ranks[1].low[index]), int(ranks[1].high[index])],
            "moved": "surely" if surely[index] else "perhaps" if maybe[index] else "no",
        }
        for index in order_of(size, names)
    ]  # fmt: skip


def known(value: float) -> float | None:
    """A number, or null where it is none."""
    return float(value) if np.isfinite(value) else None
