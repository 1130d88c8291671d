"""The check sample_adequacy: how wide every interval is against the declared need, rows still needed, differences that would show."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

import numpy as np

from rai.checks.contract import (
    Group,
    GroupResult,
    InputError,
    Measure,
    Outcome,
    Overall,
    RowsNeeded,
    Threshold,
    Verdict,
    Worst,
    verdict_of,
)
from rai.checks.group_fairness import check_settings, dropped, group_results, overall, parameters
from rai.engine.adequacy import POWER, detectable, factors_to_reach, half_widths, halved
from rai.engine.cube import Cube, Table
from rai.engine.intervals import z_fail, z_shown
from rai.engine.judging import FigureRule, rule_of as figure_rule_of
from rai.engine.rates import METRICS, Rates
from rai.engine.rules import Rule
from rai.engine.verdicts import NOT_BY_ROWS, Entry, Panel, Role, Settings, extra, reference_place, unsettled

CHECK = "sample_adequacy"
VERSION = "1"
ENDINGS = ("_group_half_width", "_half_width", "_detectable_difference")
# What the score test compares: plain rates.
COMPARED = tuple(name for name, metric in METRICS.items() if not metric.jaccard)
RULES: Mapping[str, str | None] = {
    f"{name}{ending}": "<="
    for ending in ENDINGS
    for name in (COMPARED if ending == "_detectable_difference" else METRICS)
}


@dataclass(frozen=True)
class AdequateGroup(GroupResult):
    """A group with the half-width of every interval."""

    half_widths: Mapping[str, Measure] = field(default_factory=dict)


@dataclass(frozen=True)
class AdequateOverall(Overall):
    """All rows with the half-width of every interval."""

    half_widths: Mapping[str, Measure] = field(default_factory=dict)


@dataclass(frozen=True)
class NeedOfGroup:
    """One group under a declared need: its half-width, whether that is enough, and how many more rows would be.

    `rows` counts the metric's own denominator: for a true positive rate, positives. Null with the reason.
    """

    group: Group
    n: int
    half_width: float | None
    is_reached: bool
    rows: int | None
    reason: str | None


@dataclass(frozen=True)
class Need:
    """A declared need over the groups of one grouping, or over all rows (`by` is empty)."""

    rule: str
    metric: str
    limit: float
    by: tuple[str, ...]
    groups: tuple[NeedOfGroup, ...]


@dataclass(frozen=True)
class GroupDifference:
    """The smallest difference of one group from the reference that would show."""

    group: Group
    n: int
    difference: Measure


@dataclass(frozen=True)
class Detectable:
    """The smallest differences of one metric that would show with a chance of 0.8, from the rate of all groups.

    `any_two` is that between the two groups with the fewest rows, at the level of a search over all pairs.
    """

    by: tuple[str, ...]
    metric: str
    baseline: float | None
    reference: Group | None
    power: float
    comparisons: int
    any_two: Measure
    between: Worst | None
    groups: tuple[GroupDifference, ...]


def run(
    cube: Cube,
    *,
    thresholds: Sequence[str] = (),
    intersections: int = 1,
    confidence: float = 0.95,
    min_group: int = 30,
    small_groups: Literal["block", "disclose"] = "block",
    attempt: int = 1,
    role: Role = "test",
    seed: int = 0,
    looks: int | None = None,
) -> Outcome:
    """Half-widths of the intervals of every rate, in all and by group, against declared needs, from counts alone.

    `thresholds` are needs: `accuracy_half_width<=0.02` (all rows), `true_positive_rate_group_half_width<=0.05` (every
    group), `selection_rate_detectable_difference<=0.1` (between any two groups, 80 % power). A half-width is a fact about
    these rows and not an estimate, so low and high are the value itself: pass where every judged group reaches the need,
    fail where one does not, insufficient where a group is too small or undefined. Rows needed are planned so that the
    need is reached with a chance of 0.8, the rate having moved by then (`engine.adequacy`).

    Raises InputError for parameters out of range and rules that this check does not know.
    """
    started = time.perf_counter()
    settings = Settings(confidence, attempt, min_group, small_groups, role, seed, looks=looks)
    check_settings(settings, intersections)
    rules = [parse_rule(text) for text in thresholds]
    groupings = cube.groupings(intersections)
    tables = {by: cube.table(by) for by in [(), *groupings]}
    asked = [(rule, tables[by]) for rule in rules for by in ([()] if is_overall(rule) else groupings)]
    entries = tuple(judged(rule, table, settings) for rule, table in asked)
    parts = {
        "overall": with_widths(overall(tables[()], settings), tables[()], 0, settings, AdequateOverall),
        "groups": [
            with_widths(group, tables[by], place, settings, AdequateGroup)
            for by in groupings
            for place, group in enumerate(group_results(tables[by], settings))
        ],
        "needs": [need(rule, table, settings) for rule, table in asked if not is_difference(rule)],
        "detectable": [shown(tables[by], name, settings) for by in groupings for name in COMPARED],
    }
    return Outcome(
        check=CHECK, version=VERSION, rows=cube.rows, dropped=dropped(cube),
        parameters=parameters(cube, settings, intersections, thresholds), parts=parts, thresholds=entries,
        verdict=verdict_of(entries), timings={**cube.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def parse_rule(text: str) -> FigureRule:
    """The need that a text writes; raises InputError that says what can be written."""
    name = "".join(text.split()).partition("<=")[0].partition(">=")[0]
    if name not in RULES and name:
        raise InputError(
            '{check} cannot judge "{name}". It judges {metrics}, each followed by _half_width (all rows) or '
            "_group_half_width (every group), and all but f1 by _detectable_difference.",
            check=CHECK,
            name=name,
            metrics=", ".join(METRICS),
        )
    return figure_rule_of(text, RULES, check=CHECK)


def metric_of(rule: FigureRule) -> str:
    """The metric that a need speaks of."""
    ending = next(ending for ending in ENDINGS if rule.name.endswith(ending))
    return rule.name.removesuffix(ending)


def is_overall(rule: FigureRule) -> bool:
    """The need speaks of all rows together."""
    return not is_difference(rule) and not rule.name.endswith("_group_half_width")


def is_difference(rule: FigureRule) -> bool:
    """The need speaks of differences that would show."""
    return rule.name.endswith("_detectable_difference")


# ---- half-widths


def with_widths(found: Any, table: Table, place: int, settings: Settings, kind: type) -> Any:
    """The group with the half-width of every metric that has an interval."""
    widths = {name: width_of(value) for name, value in found.metrics.items() if name in METRICS}
    return kind(**{each.name: getattr(found, each.name) for each in fields(found)}, half_widths=widths)


def width_of(value: Measure) -> Measure:
    """Half of an interval."""
    half = None if value.low is None or value.high is None else (value.high - value.low) / 2
    return Measure(half, None, None, value.method, value.n, value.n_effective, value.reason, value.evaluable)


def entry_of(rule: FigureRule, table: Table, settings: Settings) -> Entry:
    """The rule on the groups of one table, for what all rules share: who is judged, who is left out and why."""
    general = Rule(rule.text, (metric_of(rule),), "highest", "groups" if table.by else "none", True, rule.limit)
    panel = Panel(general, table, METRICS[metric_of(rule)], settings)
    return Entry(general, (panel,), len(panel.judged), settings, 0.0)


def judged(rule: FigureRule, table: Table, settings: Settings) -> Threshold:
    """A need on one table: reached by every judged group, missed by one, or not to be told."""
    entry = entry_of(rule, table, settings)
    (panel,) = entry.panels
    value, worst, comparisons = reached(rule, panel, settings)
    bare: Verdict = "insufficient" if value is None else "pass" if value <= rule.limit else "fail"
    # One judged group is enough for a width; only what compares two needs another.
    reasons = tuple(each for each in entry.reasons() if each != "nothing_to_compare" or value is None)
    is_fail = bare == "fail" and "missing_values" not in reasons
    verdict: Verdict = "fail" if is_fail else "insufficient" if reasons else bare
    return Threshold(
        rule=rule.text, value=value, low=value, high=value, verdict=verdict, by=table.by,
        comparison="all_pairs" if is_difference(rule) else entry.rule.comparison, comparisons=comparisons,
        groups=len(panel.judged), attempt=settings.attempt, error_per_side=settings.gamma / 2, worst=worst, chance=None,
        left_out=entry.left_out, left_out_share=entry.left_out_share, reasons=() if is_fail else reasons,
        rows_needed=None if verdict == "pass" else rows_needed(rule, entry, reasons),
        smallest=min((int(n) for n in panel.rates.n[panel.judged]), default=None),
    )  # fmt: skip


def reached(rule: FigureRule, panel: Panel, settings: Settings) -> tuple[float | None, Worst | None, int]:
    """The widest half-width of the judged groups, or the difference that would show between any two, and where."""
    if is_difference(rule):
        found = shown(panel.table, metric_of(rule), settings)
        return found.any_two.value, found.between, found.comparisons
    if not len(panel.judged):
        return None, None, 0
    widths = half_widths(panel.rates.take(panel.judged), z_shown(settings.gamma))
    place = int(panel.judged[int(np.argmax(widths))])
    return float(widths.max()), Worst(panel.table.named(place), {}), len(panel.judged)


def rows_needed(rule: FigureRule, entry: Entry, reasons: Sequence[str]) -> RowsNeeded:
    """How many more rows of the same mix would reach the need."""
    (places,) = entry.planned_places()
    (panel,) = entry.panels
    rates = panel.rates.take(places)
    if NOT_BY_ROWS & set(reasons):
        return unsettled("rows of the same kind do not settle it")
    if not len(places) or (rates.n == 0).any():
        return unsettled("no rows of this kind")
    if is_difference(rule):
        factor = factor_for_difference(rule, panel, places)
    else:
        factor = float(factors_to_reach(rates, rule.limit, z_shown(panel.settings.gamma)).max())
    factor = max(factor, entry.floor(rates))
    return entry.sized(factor, [places]) if np.isfinite(factor) else unsettled("more rows than can be planned")


# ---- needs by group


def need(rule: FigureRule, table: Table, settings: Settings) -> Need:
    """A declared need with what every group reaches and lacks."""
    panel = entry_of(rule, table, settings).panels[0]
    z = z_shown(settings.gamma)
    widths, factors = half_widths(panel.rates, z), factors_to_reach(panel.rates, rule.limit, z)
    # A group below the smallest size is at least brought to it.
    factors = np.fmax(factors, panel.rates.shortfall(settings.min_group))
    groups = tuple(
        need_of_group(table.named(place), panel, place, float(widths[place]), float(factors[place]), rule.limit)
        for place in range(len(table))
    )
    return Need(rule.text, metric_of(rule), rule.limit, table.by, groups)


def need_of_group(group: Group, panel: Panel, place: int, width: float, factor: float, limit: float) -> NeedOfGroup:
    """One group under a need."""
    n, reason = int(panel.rates.n[place]), panel.status[place]
    if np.isnan(width):
        return NeedOfGroup(group, n, None, False, None, reason or "undefined_group")
    rows = extra(factor, float(n)) if np.isfinite(factor) else None
    return NeedOfGroup(group, n, width, width <= limit, rows, reason)


# ---- differences that would show


def shown(table: Table, name: str, settings: Settings) -> Detectable:
    """The smallest differences of one metric that would show: every group from the reference, and any two groups."""
    panel = Panel(Rule("", (name,), "highest", "groups", True, 1.0), table, METRICS[name], settings)
    rates, judged = panel.rates, panel.judged
    pairs = len(judged) * (len(judged) - 1) // 2
    reference, baseline = reference_place(table, {}), baseline_of(rates, judged)
    between = fewest(rates, judged)
    smallest = smallest_difference(rates, between, baseline, z_fail(settings.gamma, 1, pairs)) if between else None
    named = Worst(*(table.named(place) for place in between)) if between else None
    any_two = measured(smallest, sum(int(rates.n[place]) for place in between or ()), len(judged))
    return Detectable(
        table.by, name, baseline, None if reference is None else table.named(reference), POWER, pairs, any_two, named,
        from_reference(table, rates, reference, baseline, z_shown(settings.gamma)),
    )  # fmt: skip


def baseline_of(rates: Rates, places: np.ndarray) -> float | None:
    """The rate of the judged groups together."""
    total = float(rates.size[places].sum()) if len(places) else 0.0
    return float(rates.events[places].sum()) / total if total else None


def fewest(rates: Rates, places: np.ndarray) -> tuple[int, int] | None:
    """The two judged groups with the fewest rows; None where there are none."""
    if len(places) < 2:
        return None
    first, second = places[np.argsort(rates.size[places], kind="stable")[:2]].tolist()
    return first, second


def smallest_difference(rates: Rates, places: tuple[int, int], baseline: float | None, z: float) -> float | None:
    """The difference between two groups that would show."""
    if baseline is None:
        return None
    first, second = places
    found = float(detectable(baseline, rates.size[first], rates.size[second], z))
    return None if np.isnan(found) else found


def from_reference(
    table: Table, rates: Rates, reference: int | None, baseline: float | None, z: float
) -> tuple[GroupDifference, ...]:
    """Every named group that has rows against the reference."""
    if reference is None or baseline is None or not rates.size[reference] > 0:
        return ()
    others = [place for place in np.flatnonzero(~table.unnamed & (rates.size > 0)).tolist() if place != reference]
    found = detectable(baseline, rates.size[others], rates.size[reference], z)
    return tuple(
        GroupDifference(
            table.named(place), int(rates.n[place]),
            measured(None if np.isnan(value) else float(value), int(rates.n[place] + rates.n[reference]), 2),
        )
        for place, value in zip(others, found, strict=True)
    )  # fmt: skip


def measured(value: float | None, n: int, groups: int) -> Measure:
    """A difference that would show as a value object; null with the reason."""
    reason = None if value is not None else "fewer than two groups" if groups < 2 else "no difference would show"
    return Measure(value, None, None, "score_test_power", n, reason=reason)


def factor_for_difference(rule: FigureRule, panel: Panel, places: np.ndarray) -> float:
    """By which factor all groups must grow so that the difference between any two shows at the limit."""
    baseline, pair = baseline_of(panel.rates, places), fewest(panel.rates, places)
    if baseline is None or pair is None:
        return float("inf")
    first, second = (float(panel.rates.size[place]) for place in pair)
    z = z_fail(panel.settings.gamma, 1, len(places) * (len(places) - 1) // 2)

    def is_enough(factor: np.ndarray) -> np.ndarray:
        return np.asarray(
            np.nan_to_num(detectable(baseline, first * factor, second * factor, z), nan=2.0) <= rule.limit
        )

    return float(halved(is_enough, is_enough(np.array(1.0))))
