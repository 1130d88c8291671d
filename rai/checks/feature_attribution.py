"""Feature attribution: which inputs move a model's score, how sure that order is, and whether groups differ in it."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import ndtri

from rai.checks.contract import (
    Dropped,
    InputError,
    Measure,
    Outcome,
    RowsNeeded,
    Threshold,
    Verdict,
    Worst,
    verdict_of,
)
from rai.checks.explanation_quality import explainer, is_additive, stability
from rai.engine import attribution, intervals
from rai.engine.attribution import Attributions, Grouping, Ranks
from rai.engine.cube import MISSING

VERSION = "3"
LEAST_ROWS = 100
SHOWN_TIES = 10
# What a model card says of an explanation: the shares of the first inputs.
SHOWN_SHARES = 5
COMPARED_FEATURES = 50
CHANCE_TO_SETTLE = 0.8
RULE = re.compile(r"^(additivity_error|top_share)<=([0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)$")


@dataclass(frozen=True)
class Rule:
    """A limit of this check. `name` is additivity_error (0 or more) or top_share (0 to 1)."""

    text: str
    name: str
    limit: float


def parse_rule(text: str) -> Rule:
    """The rule that a text writes; raises InputError that says which there are.

    `additivity_error<=X`: the largest |base + sum of SHAP values − raw score| of any row used, in raw-score units
    (1e-6 suits LightGBM, 1e-4 XGBoost, which computes in float32). `top_share<=X`: no single input holds more than the
    share X of all attribution.
    """
    found = RULE.match("".join(text.split()))
    if found is None or (found[1] == "top_share" and not 0 < float(found[2]) <= 1):
        raise InputError(
            "“{text}” is no limit for feature attribution. Write additivity_error<=0.000001 (in units of the "
            "raw score) or top_share<=0.6 (a share above 0 and up to 1).",
            text=text,
        )
    return Rule(found[0], found[1], float(found[2]))


@dataclass(frozen=True)
class Levels:
    """Error levels of one run: γ = 1 − confidence, and the attempt (statistics as for every check)."""

    gamma: float
    attempt: int

    @property
    def shown(self) -> float:
        """Normal quantile of printed intervals."""
        return intervals.z_shown(self.gamma)

    @property
    def to_pass(self) -> float:
        """Normal quantile of the end that decides a pass."""
        return intervals.z_pass(self.gamma, self.attempt)

    def to_fail(self, comparisons: int) -> float:
        """Normal quantile of the end that decides a fail among `comparisons`."""
        return intervals.z_fail(self.gamma, self.attempt, comparisons)


def run(
    attributions: Attributions,
    *,
    thresholds: Sequence[str] = (),
    confidence: float = 0.95,
    attempt: int = 1,
    asked: Mapping[str, Any] | None = None,
) -> Outcome:
    """The outcome of an attribution; `asked` are further choices that it was made by.

    Importance of an input is mean|φ| over the rows used, in units of the raw score (log-odds for binary models), with
    Student limits; its rank is an interval that holds the true rank together with all others at `confidence`; inputs
    that cannot be told apart are named as tied. Without thresholds the verdict is `recorded`. Raises InputError for
    unknown rules, a confidence outside 0.5–1 or attributions without rows.
    """
    started = time.perf_counter()
    rules = [parse_rule(text) for text in thresholds]
    if not 0.5 <= confidence < 1:
        raise InputError("A confidence of {confidence} is not between 0.5 and 1.", confidence=confidence)
    if not len(attributions.values):
        raise InputError("There are no rows to explain; upload a table that has some.")
    levels = Levels(1 - confidence, attempt)
    judged = tuple(judge(rule, attributions, levels) for rule in rules)
    parts = {
        "model": attributions.model,
        "explainer": explainer(attributions),
        "sample": sample(attributions),
        "features": (found := features(attributions, levels)),
        "overall": {"metrics": {f"share of {one['name']}": one["share"] for one in found[:SHOWN_SHARES]}},
        "stability": stability(attributions),
        "shapes": list(attributions.shapes),
        "surrogate": dict(attributions.surrogate),
        "local": list(attributions.local),
        "curves": list(attributions.curves),
        **compared(attributions, levels),
    }
    return Outcome(
        check="feature_attribution", version=VERSION, rows=attributions.rows_available,
        dropped=tuple(Dropped(**each) for each in attributions.dropped),
        parameters={
            "seed": attributions.seed, "groups": [grouping.by for grouping in attributions.groups],
            "thresholds": [rule.text for rule in rules], "confidence": confidence, "attempt": attempt,
            **{name: value for name, value in (asked or {}).items() if value not in (None, [])},
        },
        parts=parts, thresholds=judged, verdict=verdict_of(judged),
        timings={**attributions.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def sample(found: Attributions) -> dict[str, Any]:
    """Rows used of rows available, and why no more were needed."""
    return {
        "rows_used": len(found.values), "rows_available": found.rows_available, "seed": found.seed,
        "stop_reason": found.stop_reason, "target": attribution.TARGET,
        "largest_relative_error": attribution.largest_relative_error(found.values),
        "steps": list(found.steps), "missing_cells": dict(found.missing),
    }  # fmt: skip


# ---- importances


def means(magnitude: np.ndarray, z: float) -> list[Measure]:
    """Mean of each column with Student limits at z, not below 0. `magnitude` rows x features."""
    rows = len(magnitude)
    centre = magnitude.mean(axis=0) if rows else np.zeros(magnitude.shape[1])
    if rows < 2:
        value = [float(one) if rows else None for one in centre]
        return [Measure(one, None, None, "student", rows, reason="fewer than 2 rows") for one in value]
    half = half_width(magnitude.std(axis=0, ddof=1), rows, z)
    return [
        Measure(float(one), float(max(one - wide, 0)), float(one + wide), "student", rows,
                evaluable=None if rows >= LEAST_ROWS else False)
        for one, wide in zip(centre, half, strict=True)
    ]  # fmt: skip


def half_width(deviation: np.ndarray, rows: int, z: float) -> np.ndarray:
    """t·s/√n, t with the tail of z at n − 1 degrees."""
    return float(intervals.student(z, np.asarray(rows - 1))) * deviation / np.sqrt(rows)


def features(found: Attributions, levels: Levels) -> list[dict[str, Any]]:
    """Every input by falling importance: value, share of the total, rank interval, ties."""
    importances = means(np.abs(found.values), levels.shown)
    share, error = attribution.shares(found.values)
    count = len(found.features)
    ranks = attribution.rank_intervals(found.values, levels.to_fail(count * (count - 1) // 2))
    order = attribution.order_of(np.abs(found.values).mean(axis=0), found.features)
    t = float(intervals.student(levels.shown, np.asarray(len(found.values) - 1)))
    return [
        {
            "name": found.features[index], "importance": importances[index],
            "share": share_measure(share[index], t * error[index], len(found.values)),
            "rank": place, "rank_low": int(ranks.low[index]), "rank_high": int(ranks.high[index]),
            **ties(ranks, index, order, found.features),
        }
        for place, index in enumerate(order, start=1)
    ]  # fmt: skip


def share_measure(value: float, half: float, rows: int) -> Measure:
    """A share of the total with its limits within 0 and 1, or undefined where no input moves the score."""
    if not np.isfinite(value) or not np.isfinite(half):
        return Measure(None, None, None, "student", rows, reason="no input moves the score, or fewer than 2 rows")
    return Measure(float(value), float(max(value - half, 0)), float(min(value + half, 1)), "student", rows)


def ties(ranks: Ranks, index: int, order: list[int], names: Sequence[str]) -> dict[str, Any]:
    """The inputs that cannot be told apart from one, the most important first."""
    tied = set(ranks.tied_with(index).tolist())
    listed = [names[other] for other in order if other in tied]
    return {"tied_with": listed[:SHOWN_TIES], "tied": len(listed)}


# ---- groups


def compared(found: Attributions, levels: Levels) -> dict[str, Any]:
    """The groups of every grouping and their gaps, over the 50 most important inputs: a table of all would grow wide."""
    top = attribution.order_of(np.abs(found.values).mean(axis=0), found.features)[:COMPARED_FEATURES]
    kept = replace(found, features=tuple(found.features[index] for index in top), values=found.values[:, top])
    return {
        "groups": [each for grouping in found.groups for each in group_entries(kept, grouping, levels)],
        "gaps": [gap for grouping in found.groups for gap in gaps(kept, grouping, levels)],
    }


def group_name(label: str | None) -> str:
    """A label as the group is called; rows without one are a group of their own."""
    return MISSING if label is None else label


def group_entries(found: Attributions, grouping: Grouping, levels: Levels) -> list[dict[str, Any]]:
    """For each group mean|φ| of every input, the mean of φ itself, and the mean raw score they add up to."""
    entries = []
    for code, label in enumerate(grouping.labels):
        rows = grouping.codes == code
        values = found.values[rows]
        if not len(values):
            continue
        entries.append(
            {
                "by": [grouping.by], "group": {grouping.by: group_name(label)}, "n": len(values),
                "evaluable": is_judged(label, len(values)),
                "metrics": dict(zip(found.features, means(np.abs(values), levels.shown), strict=True)),
                "contributions": {
                    name: round(float(mean), attribution.DECIMALS)
                    for name, mean in zip(found.features, values.mean(axis=0), strict=True)
                },
                "mean_score": float(found.raw[rows].mean()),
            }
        )  # fmt: skip
    return entries


def is_judged(label: str | None, rows: int) -> bool:
    """Large enough for a mean, and not the group of those whose group is unknown."""
    return label is not None and rows >= LEAST_ROWS


def gaps(found: Attributions, grouping: Grouping, levels: Levels) -> list[dict[str, Any]]:
    """For each input the largest difference of mean|φ| between any two groups of at least 100 rows, largest first.

    `high` is the largest upper limit of any pair; `low` the largest lower limit, corrected for all pairs and inputs
    (MOVER on Student limits). Shown, never judged.
    """
    kept = [code for code, label in enumerate(grouping.labels) if is_judged(label, int((grouping.codes == code).sum()))]
    if len(kept) < 2:
        return []
    magnitude = [np.abs(found.values[grouping.codes == code]) for code in kept]
    pairs = len(kept) * (len(kept) - 1) // 2
    upper, lower = levels.to_pass, levels.to_fail(pairs * len(found.features))
    wide = spread(magnitude, upper)[1]
    narrow = spread(magnitude, lower)[0]
    centre = np.stack([values.mean(axis=0) for values in magnitude])
    size = centre.max(axis=0) - centre.min(axis=0)
    names = [{grouping.by: group_name(grouping.labels[code])} for code in kept]
    return [
        {
            "by": [grouping.by], "feature": found.features[index], "groups": len(kept),
            "difference": Measure(float(size[index]), float(narrow[index]), float(wide[index]), "mover",
                                  sum(len(values) for values in magnitude)),
            "highest": names[int(centre[:, index].argmax())], "lowest": names[int(centre[:, index].argmin())],
        }
        for index in attribution.order_of(size, found.features)
    ]  # fmt: skip


def spread(magnitude: list[np.ndarray], z: float) -> tuple[np.ndarray, np.ndarray]:
    """Over all pairs of groups the largest lower and the largest upper limit of |difference of means|, by input."""
    limits = []
    for values in magnitude:
        half = half_width(values.std(axis=0, ddof=1), len(values), z)
        centre = values.mean(axis=0)
        limits.append((centre, centre - half, centre + half))
    lows, highs = [np.zeros(magnitude[0].shape[1])], []
    for place, first in enumerate(limits):
        for second in limits[place + 1 :]:
            low, high = intervals.mover_difference(*first, *second)
            lows += [low, -high]
            highs += [high, -low]
    return np.max(lows, axis=0), np.max(highs, axis=0)


# ---- verdicts


def judge(rule: Rule, found: Attributions, levels: Levels) -> Threshold:
    """One rule's verdict."""
    judged_by = {"additivity_error": judge_additivity, "top_share": judge_share}
    return judged_by[rule.name](rule, found, levels)


def judge_additivity(rule: Rule, found: Attributions, levels: Levels) -> Threshold:
    """A property of the rows used, without sampling error: within the limit or not."""
    error = attribution.additivity_error(found.values, found.raw, found.base)
    verdict: Verdict = "pass" if error <= rule.limit else "fail"
    return entry(rule, (error, error, error), verdict, levels, comparison="none", comparisons=0)


def judge_share(rule: Rule, found: Attributions, levels: Levels) -> Threshold:
    """Pass when every input's upper limit is within, fail when some input's simultaneous lower limit is beyond."""
    share, error = attribution.shares(found.values)
    count, rows = len(share), len(found.values)
    if not np.isfinite(share).all() or rows < LEAST_ROWS:
        known = float(share.max()) if np.isfinite(share).all() else None
        return entry(rule, (known, None, None), "insufficient", levels, comparisons=count, reasons=("small_group",))
    degrees = np.asarray(rows - 1)
    high = float(np.minimum(share + intervals.student(levels.to_pass, degrees) * error, 1).max())
    low = float(np.maximum(share - intervals.student(levels.to_fail(count), degrees) * error, 0).max())
    top = int(share.argmax())
    worst = Worst({"feature": found.features[top]}, {})
    value = (float(share[top]), low, high)
    if not is_additive(found, attribution.additivity_error(found.values, found.raw, found.base)):
        return entry(rule, value, "insufficient", levels, comparisons=count, worst=worst, reasons=("not_additive",))
    if not stability(found)["stable"]:
        return entry(rule, value, "insufficient", levels, comparisons=count, worst=worst, reasons=("unstable",))
    if high <= rule.limit or low > rule.limit:
        verdict: Verdict = "pass" if high <= rule.limit else "fail"
        return entry(rule, value, verdict, levels, comparisons=count, worst=worst)
    return entry(
        rule, value, "insufficient", levels, comparisons=count, worst=worst, reasons=("interval_spans_limit",),
        rows_needed=rows_needed(value[0], rule.limit, float(error[top]), rows, levels),
    )  # fmt: skip


def rows_needed(value: float, limit: float, error: float, rows: int, levels: Levels) -> RowsNeeded:
    """Further rows that would settle it with a chance of 0.8 at the next attempt: f = ((z + Φ⁻¹(0.8))·s/|θ − c|)²."""
    z = intervals.z_pass(levels.gamma, levels.attempt + 1)
    distance = abs(value - limit)
    factor = ((z + float(ndtri(CHANCE_TO_SETTLE))) * error / distance) ** 2 if distance > 0 else np.inf
    if factor > 100:
        return RowsNeeded(None, (), CHANCE_TO_SETTLE, "the estimate lies too close to the limit")
    return RowsNeeded(int(np.ceil(max(factor - 1, 0) * rows)), (), CHANCE_TO_SETTLE, None)


def entry(
    rule: Rule,
    values: tuple[float | None, float | None, float | None],
    verdict: Verdict,
    levels: Levels,
    *,
    comparison: str = "features",
    comparisons: int,
    worst: Worst | None = None,
    reasons: tuple[str, ...] = (),
    rows_needed: RowsNeeded | None = None,
) -> Threshold:
    """A threshold entry in the shape all checks share."""
    value, low, high = values
    return Threshold(
        rule=rule.text, value=value, low=low, high=high, verdict=verdict, by=(), comparison=comparison,
        comparisons=comparisons, groups=0, attempt=levels.attempt,
        error_per_side=intervals.error_per_side(levels.gamma, levels.attempt), worst=worst, chance=None, left_out=(),
        left_out_share=0.0, reasons=reasons, rows_needed=rows_needed,
    )  # fmt: skip
