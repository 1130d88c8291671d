"""The check threshold_what_if: what thresholds set in several ways cost whom: one for all, or one for each group."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rai.checks.contract import (  # fmt: skip
    OPTIONAL,
    Counts,
    Dropped,
    Group,
    InputError,
    Measure,
    Outcome,
    Threshold,
    looked,
    verdict_of,
)
from rai.engine.cube import MISSING
from rai.engine.cuts import Above, Cuts
from rai.engine.intervals import student, wilson, z_shown
from rai.engine.judging import Figure, FigureRule, Judge, nothing, rule_of, share_of
from rai.engine.policies import Cells, Costs, added, cells_at, cheapest, level_at, nearest
from rai.engine.rates import METRICS
from rai.engine.verdicts import MOST_MISSING

CHECK = "threshold_what_if"
VERSION = "1"
# Which rate is brought to one level for all groups; none for the single threshold.
POLICIES: Mapping[str, str | None] = {
    "one_threshold": None,
    "equal_selection": "selection_rate",
    "equal_tpr": "true_positive_rate",
    "equal_fpr": "false_positive_rate",
}
SHOWN = ("selection_rate", "true_positive_rate", "false_positive_rate", "precision", "accuracy")
# Events among tn, fp, fn, tp, over all rows of a group.
WRONG: Mapping[str, str] = {"wrongly_selected": "fp", "wrongly_refused": "fn"}
RULES: Mapping[str, str | None] = {
    **{f"{policy}_accuracy": ">=" for policy in POLICIES},
    **{f"{policy}_{wrong}_group_max": "<=" for policy in POLICIES for wrong in WRONG},
}
GRID = 20


@dataclass(frozen=True)
class Change:
    """How a group fares against one threshold for all, as shares of its rows; negative is fewer."""

    selected: float
    wrongly_selected: float
    wrongly_refused: float


@dataclass(frozen=True)
class PolicyGroup:
    """One group under one policy. `threshold` null selects nobody; `reason` says why a group kept the single one."""

    group: Group
    n: int
    threshold: float | None
    counts: Counts
    metrics: Mapping[str, Measure]
    evaluable: bool
    change: Change
    reason: str | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True)
class Policy:
    """One way to set thresholds for the groups of one grouping, with all rows together; `level` is what rates are brought to."""

    name: str
    by: tuple[str, ...]
    level: float | None
    n: int
    counts: Counts
    metrics: Mapping[str, Measure]
    groups: tuple[PolicyGroup, ...]


@dataclass(frozen=True)
class GridPoint:
    """The rates of one group when everybody is held to one threshold."""

    threshold: float
    metrics: Mapping[str, Measure]


@dataclass(frozen=True)
class GridGroup:
    """One group along a grid of thresholds."""

    by: tuple[str, ...]
    group: Group
    n: int
    points: tuple[GridPoint, ...]


def run(
    cuts: Cuts,
    *,
    thresholds: Sequence[str] = (),
    threshold: float | None = None,
    cost_false_positive: float = 1.0,
    cost_false_negative: float = 1.0,
    confidence: float = 0.95,
    min_group: int = 30,
    attempt: int = 1,
    looks: int | None = None,
) -> Outcome:
    """What one threshold for all, and thresholds by group, select and get wrong in every group, from counts alone.

    The single threshold is `threshold`, else the one at which all rows cost least; the other policies bring every group
    as near as scores allow to the selection rate, true or false positive rate that all rows have there. Shares carry
    Wilson limits, the mean cost Student's. `thresholds` are rules such as `one_threshold_accuracy>=0.7` or
    `equal_tpr_wrongly_refused_group_max<=0.1`; thresholds that were picked on these rows can make a rule fail
    and never pass, so the role of the outcome is `development`.

    Raises InputError for parameters out of range and rules that this check does not know.
    """
    started = time.perf_counter()
    costs = checked(Costs(cost_false_positive, cost_false_negative), threshold, confidence, attempt, min_group)
    rules = [parse_rule(text) for text in thresholds]
    gamma = round(1 - confidence, 12)
    start = cheapest(cuts.of(()), costs) if threshold is None else place_of(cuts, threshold)
    policies = [policy(name, cuts, by, start, costs, z_shown(gamma), min_group) for by in cuts.groupings() for name in POLICIES]  # fmt: skip
    judge = Judge(gamma, attempt, looks, floor=min_group)
    entries = tuple(
        judged(rule, each, cuts, judge, is_picked(rule, threshold)) for rule in rules for each in spoken_of(rule, policies)
    )  # fmt: skip
    places = grid_places(cuts)
    parts = {
        "role": "development",
        "threshold": {"value": threshold_at(cuts, start), "is_picked": threshold is None},
        "costs": {"false_positive": costs.false_positive, "false_negative": costs.false_negative},
        "policies": policies,
        "grid": [along(group, cuts, places, z_shown(gamma)) for by in [(), *cuts.groupings()] for group in cuts.of(by)],
    }
    return Outcome(
        check=CHECK, version=VERSION, rows=cuts.rows,
        dropped=tuple(Dropped(reason, rows) for reason, rows in cuts.missing.items()),
        parameters=parameters(cuts, costs, threshold, confidence, min_group, attempt) | looked(looks) | {"thresholds": list(thresholds)},
        parts=parts, thresholds=entries, verdict=verdict_of(entries),
        timings={**cuts.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def checked(costs: Costs, threshold: float | None, confidence: float, attempt: int, min_group: int) -> Costs:
    """The costs; raises InputError for parameters out of range."""
    if not 0.5 < confidence < 1 or attempt < 1 or min_group < 1:
        raise InputError("confidence lies between 0.5 and 1; attempt and min-group are at least 1.")
    for name, cost in (("false positive", costs.false_positive), ("false negative", costs.false_negative)):
        if not (math.isfinite(cost) and cost >= 0):
            raise InputError(
                "The cost of a {name} is {cost}; a cost is a number of 0 or more.", name=name, cost=f"{cost:g}"
            )
    if costs.false_positive == costs.false_negative == 0:
        raise InputError("Both costs are 0; then every threshold costs the same. Give at least one of them a cost.")
    if threshold is not None and not math.isfinite(threshold):
        raise InputError(
            "The threshold is {threshold}; it is a number on the scale of the scores.", threshold=f"{threshold:g}"
        )
    return costs


def parse_rule(text: str) -> FigureRule:
    """The rule that a text writes; raises InputError that says what can be written."""
    return rule_of(text, RULES, check=CHECK)


def parameters(
    cuts: Cuts, costs: Costs, threshold: float | None, confidence: float, min_group: int, attempt: int
) -> dict[str, Any]:
    """Everything that decided the numbers."""
    asked = cuts.asked
    columns = {"target": asked.target, "score": asked.score, "positive": asked.positive, "sensitive": asked.groups}
    chosen = {"intersections": max(map(len, cuts.groupings()), default=1), "threshold": threshold}
    prices = {"cost_false_positive": costs.false_positive, "cost_false_negative": costs.false_negative}
    return {**columns, **chosen, **prices, "confidence": confidence, "min_group": min_group, "attempt": attempt}


def place_of(cuts: Cuts, threshold: float) -> int:
    """The place of the threshold that was asked for; raises InputError where it was not counted."""
    if threshold not in cuts.thresholds:
        raise InputError(
            "Rows at or above {threshold} were not counted; read the scores again with this threshold.",
            threshold=f"{threshold:g}",
        )
    return cuts.thresholds.index(threshold)


def threshold_at(cuts: Cuts, place: int) -> float | None:
    """The threshold at a place; None behind the last, which nobody reaches."""
    return cuts.thresholds[place] if place < len(cuts.thresholds) else None


# ---- policies


def policy(name: str, cuts: Cuts, by: tuple[str, ...], start: int, costs: Costs, z: float, min_group: int) -> Policy:
    """One policy over the groups of one grouping; rows whose group is missing are held to the single threshold."""
    groups, rate = cuts.of(by), POLICIES[name]
    level = None if rate is None else level_at(groups, start, rate)
    found = [placed(group, rate, level, start) for group in groups]
    cells = [cells_at(group, place) for group, (place, _reason) in zip(groups, found, strict=True)]
    whole = added(cells)
    metrics = {**rates(whole, z), "mean_cost": mean_cost(whole, costs, z)}
    each = tuple(
        policy_group(group, cuts, place, reason, start, z, min_group)
        for group, (place, reason) in zip(groups, found, strict=True)
    )
    return Policy(name, by, level, whole.n, counts_of(whole), metrics, each)


def placed(group: Above, rate: str | None, level: float | None, start: int) -> tuple[int, str | None]:
    """The place of a group's threshold, and why it kept the single one."""
    if rate is None:
        return start, None
    if MISSING in group.values:
        return start, "missing_values"
    found = nearest(group, rate, level)
    return (start, METRICS[rate].empty) if found is None else (found, None)


def policy_group(
    group: Above, cuts: Cuts, place: int, reason: str | None, start: int, z: float, min_group: int
) -> PolicyGroup:
    """One group under one policy."""
    cells, before = cells_at(group, place), cells_at(group, start)
    n = max(cells.n, 1)
    change = Change(
        (cells.tp + cells.fp - before.tp - before.fp) / n, (cells.fp - before.fp) / n, (cells.fn - before.fn) / n
    )
    is_evaluable = cells.n >= min_group and MISSING not in group.values
    return PolicyGroup(
        group.group, cells.n, threshold_at(cuts, place), counts_of(cells), rates(cells, z), is_evaluable, change, reason
    )


def counts_of(cells: Cells) -> Counts:
    """The four cells."""
    return Counts(tp=cells.tp, fp=cells.fp, fn=cells.fn, tn=cells.tn)


def rates(cells: Cells, z: float) -> dict[str, Measure]:
    """Rates of one group with Wilson limits, and the shares of its rows that are wrongly selected or refused."""
    four = np.array([[cells.tn, cells.fp], [cells.fn, cells.tp]])
    found = {
        name: share(int(four[METRICS[name].event_mask].sum()), int(four[METRICS[name].mask].sum()), METRICS[name].empty, z)
        for name in SHOWN
    }  # fmt: skip
    return found | {name: share(getattr(cells, cell), cells.n, "no rows", z) for name, cell in WRONG.items()}


def share(events: int, n: int, empty: str, z: float) -> Measure:
    """A share of rows as a value object."""
    if not n:
        return Measure(None, None, None, "wilson", 0, reason=empty)
    low, high = wilson(np.array(events / n), np.array(n), z)
    return Measure(events / n, float(low), float(high), "wilson", n)


def mean_cost(cells: Cells, costs: Costs, z: float) -> Measure:
    """The mean cost of a row with Student's limits, from below 0 up."""
    n = cells.n
    if n < 2:
        return Measure(None, None, None, "student", n, reason="fewer than two rows")
    priced = ((costs.false_positive, cells.fp), (costs.false_negative, cells.fn), (0.0, cells.tp + cells.tn))
    mean = math.fsum(cost * rows for cost, rows in priced) / n
    variance = math.fsum(rows * (cost - mean) ** 2 for cost, rows in priced) / (n - 1)
    half = float(student(z, np.array(float(n - 1)))) * math.sqrt(variance / n)
    return Measure(mean, max(mean - half, 0.0), mean + half, "student", n)


# ---- rules


def spoken_of(rule: FigureRule, policies: Sequence[Policy]) -> list[Policy]:
    """The policies that a rule is judged on: by every grouping, but all rows under one threshold once."""
    found = [each for each in policies if rule.name.startswith(each.name)]
    return found[:1] if rule.name == "one_threshold_accuracy" else found


def is_picked(rule: FigureRule, threshold: float | None) -> bool:
    """The rule speaks of thresholds that were picked on these rows."""
    return threshold is None or not rule.name.startswith("one_threshold")


def judged(rule: FigureRule, found: Policy, cuts: Cuts, judge: Judge, is_picked: bool) -> Threshold:
    """One rule on one policy: its accuracy over all rows, or its worst group."""
    what = rule.name.removeprefix(f"{found.name}_")
    figures: list[Figure]
    if what == "accuracy":
        cells = found.counts
        figures = [share_of({}, cells.tp + cells.tn, found.n)]
    else:
        figures = [wrong(group, what.removesuffix("_group_max")) for group in found.groups]
    reasons = ("tuned_on_these_rows",) if is_picked else ()
    if misses_too_much(cuts, found.by):
        reasons = (*reasons, "missing_values")
    by = () if rule.name == "one_threshold_accuracy" else found.by
    judge = Judge(judge.gamma, judge.attempt, judge.looks, reasons, by, judge.floor)
    return judge.entry(rule, figures, rows=found.n)


def wrong(group: PolicyGroup, name: str) -> Figure:
    """The share of a group's rows that is wrongly selected or refused; groups without a name are shown only."""
    if MISSING in group.group.values():
        return Figure(group.group, None, nothing, group.n, "wilson", "missing_values", blocks=False)
    return share_of(group.group, getattr(group.counts, WRONG[name]), group.n)


def misses_too_much(cuts: Cuts, by: tuple[str, ...]) -> bool:
    """More than one row in twenty lacks its label, its score or its group."""
    groups = cuts.of(by)
    unnamed = sum(group.n + group.incomplete for group in groups if MISSING in group.values)
    shares = [group.incomplete / (group.n + group.incomplete) for group in groups if group.n + group.incomplete]
    return max([unnamed / max(cuts.rows, 1), *shares]) > MOST_MISSING


# ---- the grid


def grid_places(cuts: Cuts) -> list[int]:
    """Thresholds at even steps of the rows, the lowest and the highest among them; all where they are few."""
    (whole,) = cuts.of(())
    if len(cuts.thresholds) <= GRID:
        return list(range(len(cuts.thresholds)))
    below = whole.n - np.array(whole.negatives) - np.array(whole.positives)
    wanted = np.searchsorted(below[:-1], np.arange(GRID) * whole.n / GRID)
    return sorted({min(int(place), len(cuts.thresholds) - 1) for place in wanted} | {len(cuts.thresholds) - 1})


def along(group: Above, cuts: Cuts, places: Sequence[int], z: float) -> GridGroup:
    """One group's rates along the grid."""
    points = tuple(GridPoint(cuts.thresholds[place], rates(cells_at(group, place), z)) for place in places)
    return GridGroup(group.by, group.group, group.n, points)
