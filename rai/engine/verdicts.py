"""Judging rules: who is judged, the interval of the rule's value, and pass, fail or insufficient with reasons."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from rai.checks.contract import GroupRows, LeftOut, RowsNeeded, Threshold, Verdict, Worst
from rai.engine.comparisons import (
    Contest,
    Extreme,
    chance,
    gap,
    gap_high,
    gap_low,
    least_ratio,
    least_ratio_high,
    least_ratio_low,
)
from rai.engine.cube import MISSING, Table
from rai.engine.intervals import error_per_side, z_alarm, z_fail, z_pass
from rai.engine.planning import CHANCE_TO_SETTLE, Levels, factor_needed
from rai.engine.rates import METRICS, MIN_CLUSTERS, Measurable, Rates
from rai.engine.rules import Rule

Role = Literal["test", "development", "monitoring"]
ROLES: tuple[str, ...] = get_args(Role)
MOST_LOOKS = 366
MOST_MISSING = 0.05
MOST_LEFT_OUT = 0.05
NOT_BY_ROWS = {"missing_values", "tuned_on_these_rows", "too_much_left_out"}


@dataclass(frozen=True)
class Settings:
    """How a run judges: confidence, attempt, smallest judged group, what small groups do, and the role of the rows.

    `looks`, in monitoring, is how many looks a year share the budget of false alarms.
    """

    confidence: float = 0.95
    attempt: int = 1
    min_group: int = 30
    small_groups: Literal["block", "disclose"] = "block"
    role: Role = "test"
    seed: int = 0
    reference: Mapping[str, str] = field(default_factory=dict)
    looks: int | None = None

    @property
    def gamma(self) -> float:
        """1 − confidence, without the dust of the subtraction: 0.05, not 0.050000000000000044."""
        return round(1 - self.confidence, 12)

    def levels(self, comparisons: int, *, attempt: int) -> Levels:
        """Quantiles of both ends of a verdict: corrected for the search, in monitoring for the looks of a year too."""
        if self.looks is None:
            return Levels(z_pass(self.gamma, attempt), z_fail(self.gamma, attempt, comparisons))
        return Levels(z_pass(self.gamma, attempt), z_alarm(self.gamma, attempt, self.looks, comparisons))

    @property
    def error(self) -> float:
        """The error a side of this attempt, or of this look."""
        return error_per_side(self.gamma, self.attempt) / (self.looks or 1)

    @property
    def following(self) -> int:
        """The attempt at which more rows would be judged: a further look has new rows and is a first one again."""
        return self.attempt + 1 if self.looks is None else self.attempt


@dataclass(frozen=True)
class Panel:
    """One metric of one table under one rule: which groups are judged, and why the others are not."""

    rule: Rule
    table: Table
    metric: Measurable
    settings: Settings

    @cached_property
    def rates(self) -> Rates:
        """The metric of every group."""
        return self.metric.estimates(self.table)

    @cached_property
    def status(self) -> tuple[str | None, ...]:
        """For each group None if it is judged, else the reason."""
        return statuses(self.rates, self.table, self.settings.min_group)

    @cached_property
    def judged(self) -> np.ndarray:
        """Places of the judged groups."""
        return np.array([place for place, status in enumerate(self.status) if status is None], dtype=np.int64)

    @cached_property
    def contest(self) -> Contest:
        """The judged groups against each other."""
        return self.contest_of(self.judged)

    def contest_of(self, places: np.ndarray) -> Contest:
        """These groups against each other; empty where the reference is not one of them."""
        comparison, rates = self.rule.comparison, self.rates.take(places)
        if comparison == "rest" and len(places) > 1:
            return Contest(comparison, rates, rest=self.metric.estimates(self.table.take(places).rest()))
        if comparison == "reference":
            spots = np.flatnonzero(places == reference_place(self.table, self.settings.reference))
            return (
                Contest(comparison, rates, reference=int(spots[0]))
                if len(spots)
                else Contest(comparison, rates.take(spots))
            )
        return Contest(comparison, rates)


def statuses(rates: Rates, table: Table, min_group: int) -> tuple[str | None, ...]:
    """For each group None if the metric can be judged on it, else the reason."""
    tests = (
        (table.unnamed, "missing_values"),
        (np.isnan(rates.base), "undefined_group"),
        (~(rates.shortfall(min_group) <= 1), "small_group"),
        (rates.clusters < MIN_CLUSTERS, "few_clusters"),
    )
    return tuple(next((reason for test, reason in tests if test[place]), None) for place in range(len(table)))


def reference_place(table: Table, reference: Mapping[str, str]) -> int | None:
    """The place of the reference group: the one asked for by all columns of the table, else the largest.

    None where the table has no such group, or only groups that miss a value.
    """
    if all(column in reference for column in table.by):
        wanted = tuple(reference[column] for column in table.by)
        return table.groups.index(wanted) if wanted in table.groups else None
    return None if table.unnamed.all() else int(np.argmax(np.where(table.unnamed, -1, table.n)))


def judge(
    rule: Rule, tables: Sequence[Table], settings: Settings, *, metrics: Mapping[str, Measurable] = METRICS
) -> tuple[Threshold, ...]:
    """One entry a table; the tables are the control strata of one grouping, and all their comparisons count together.

    `metrics` says what the names of the rule mean. Raises InputError for a rule against the rest where a cluster has
    rows in several groups.
    """
    known = [table for table in tables if MISSING not in table.control.values()]
    lost = 1 - sum(rows_in(table) for table in known) / max(sum(rows_in(table) for table in tables), 1)
    panels = [[Panel(rule, table, metrics[name], settings) for name in rule.metrics] for table in known]
    comparisons = sum(len(panel.contest) for each in panels for panel in each)
    return tuple(Entry(rule, tuple(each), comparisons, settings, lost).threshold() for each in panels)


def rows_in(table: Table) -> float:
    """All rows of a table, complete or not."""
    return float(table.rows.sum())


@dataclass(frozen=True)
class Entry:
    """One rule on one table: `panels` one a metric, `comparisons` those of all strata, `lost` rows without stratum."""

    rule: Rule
    panels: tuple[Panel, ...]
    comparisons: int
    settings: Settings
    lost: float

    @property
    def table(self) -> Table:
        """The table of groups."""
        return self.panels[0].table

    @cached_property
    def contests(self) -> list[Contest]:
        """The judged groups of each metric."""
        return [panel.contest for panel in self.panels]

    @cached_property
    def is_comparable(self) -> bool:
        """There is something to judge."""
        return all(len(contest) > 0 for contest in self.contests)

    @cached_property
    def levels(self) -> Levels:
        """Quantiles of this attempt."""
        return self.settings.levels(self.comparisons, attempt=self.settings.attempt)

    @cached_property
    def ends(self) -> tuple["Placed", "Placed", "Placed"]:
        """Value, low and high over all metrics of the rule."""
        worst = max if self.rule.kind in {"difference", "highest", "value"} else min
        found = [extremes(contest, self.rule, self.levels) for contest in self.contests]
        placed = [[Placed(extreme, panel) for extreme in each] for each, panel in zip(found, self.panels, strict=True)]
        value, low, high = (worst(each, key=lambda end: end.extreme.amount) for each in zip(*placed, strict=True))
        return value, low, high

    def threshold(self) -> Threshold:
        """The entry as it is printed."""
        rule, settings = self.rule, self.settings
        value, low, high = self.ends if self.is_comparable else (None, None, None)
        verdict, reasons = self.decided()
        judged = [panel.rates.n[panel.judged] for panel in self.panels]
        return Threshold(
            rule=rule.text,
            value=amount(value),
            low=amount(low),
            high=amount(high),
            verdict=verdict,
            by=self.table.by,
            comparison=rule.comparison,
            comparisons=self.comparisons,
            groups=min(len(panel.judged) for panel in self.panels),
            attempt=settings.attempt,
            error_per_side=settings.error,
            worst=self.worst(verdict),
            chance=chance(self.contests, rule.kind, settings.seed) if self.is_comparable else None,
            left_out=self.left_out,
            left_out_share=self.left_out_share,
            reasons=reasons,
            rows_needed=self.rows_needed(reasons) if verdict == "insufficient" else None,
            smallest=min((int(n.min()) for n in judged if len(n)), default=None),
            control=dict(self.table.control) or None,
        )

    def decided(self) -> tuple[Verdict, tuple[str, ...]]:
        """The verdict and, where it is insufficient, why."""
        bare = self.bare_verdict()
        reasons = self.reasons()
        if bare == "fail" and "missing_values" not in reasons:
            return "fail", ()
        if bare == "insufficient" and self.is_comparable:
            reasons = (*reasons, "interval_spans_limit")
        return ("insufficient", reasons) if reasons else (bare, ())

    def bare_verdict(self) -> Verdict:
        """The verdict by the interval alone: inside, outside or across the limit."""
        if not self.is_comparable:
            return "insufficient"
        _, low, high = self.ends
        lower, upper, limit = low.extreme.amount, high.extreme.amount, self.rule.limit
        if self.rule.is_upper:
            return "pass" if upper <= limit else "fail" if lower > limit else "insufficient"
        return "pass" if lower >= limit else "fail" if upper < limit else "insufficient"

    def reasons(self) -> tuple[str, ...]:
        """What keeps the entry from passing, beside its interval."""
        found = [] if self.is_comparable else ["nothing_to_compare"]
        if self.settings.small_groups == "block" or not self.is_comparable:
            statuses = {status for panel in self.panels for status in panel.status}
            found += [each for each in ("small_group", "undefined_group", "few_clusters") if each in statuses]
        if self.misses_too_much():
            found.append("missing_values")
        if self.settings.role == "development":
            found.append("tuned_on_these_rows")
        if self.settings.small_groups == "disclose" and self.left_out_share > MOST_LEFT_OUT:
            found.append("too_much_left_out")
        return tuple(found)

    def misses_too_much(self) -> bool:
        """Labels, predictions, group values or strata are missing in more rows than a verdict can bear."""
        table = self.table
        rows = table.rows.sum(axis=(1, 2))
        unnamed = float(rows[table.unnamed].sum()) / max(float(rows.sum()), 1)
        judged = sorted({int(place) for panel in self.panels for place in panel.judged})
        shares = table.incomplete_share[judged] if judged else np.zeros(1)
        return bool(max(unnamed, self.lost, shares.max(), np.ptp(shares)) > MOST_MISSING)

    @cached_property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Groups that at least one metric of the rule was not judged on."""
        rows = self.table.n
        if not self.table.by:
            return ()
        reasons = [
            next(filter(None, each), None) for each in zip(*(panel.status for panel in self.panels), strict=True)
        ]
        places = [(place, reason) for place, reason in enumerate(reasons) if reason]
        return tuple(LeftOut(self.table.named(place), int(rows[place]), reason) for place, reason in places)

    @property
    def left_out_share(self) -> float:
        """Their share of the complete rows."""
        return sum(group.n for group in self.left_out) / max(float(self.table.n.sum()), 1)

    def worst(self, verdict: Verdict) -> Worst | None:
        """The pair that decides: the surest one of a fail, else the one that reaches furthest."""
        if not self.is_comparable:
            return None
        _, low, high = self.ends
        chosen = (low if self.rule.is_upper else high) if verdict == "fail" else (high if self.rule.is_upper else low)
        return chosen.named(self.rule)

    def rows_needed(self, reasons: Sequence[str]) -> RowsNeeded:
        """How many more rows would probably settle the entry at the next attempt."""
        if NOT_BY_ROWS & set(reasons):
            return unsettled("rows of the same kind do not settle it")
        groups = self.planned_places()
        if any((panel.rates.n[places] == 0).any() for panel, places in zip(self.panels, groups, strict=True)):
            return unsettled("no rows of this kind")
        contests = [panel.contest_of(places) for panel, places in zip(self.panels, groups, strict=True)]
        if not all(len(contest) for contest in contests):
            return unsettled("nothing to compare")
        comparisons = self.comparisons + sum(map(len, contests)) - sum(map(len, self.contests))
        factor = factor_needed(contests, self.rule, self.settings.levels(comparisons, attempt=self.settings.following))
        if factor is None:
            return unsettled("the estimate lies too close to the limit")
        return self.sized(max([factor, *(self.floor(contest.rates) for contest in contests)]), groups)

    def planned_places(self) -> list[np.ndarray]:
        """The groups that the next attempt will judge: with `block` also those that are too small now."""
        if self.settings.small_groups == "disclose":
            return [panel.judged for panel in self.panels]
        return [np.flatnonzero(~panel.table.unnamed) for panel in self.panels]

    def floor(self, rates: Rates) -> float:
        """The factor that brings the smallest group to the size at which it is judged."""
        by_clusters = np.nan_to_num(MIN_CLUSTERS / rates.clusters, nan=1.0)
        return float(max(rates.shortfall(self.settings.min_group).max(), by_clusters.max()))

    def sized(self, factor: float, groups: Sequence[np.ndarray]) -> RowsNeeded:
        """The factor in rows: of all, and of each group's denominator (all its rows where a rule has two metrics)."""
        table = self.table
        rows = self.panels[0].rates.n if len(self.panels) == 1 else table.n
        by_group = [GroupRows(table.named(place), extra(factor, float(rows[place]))) for place in groups[0]]
        return RowsNeeded(math.ceil((factor - 1) * float(table.n.sum())), tuple(by_group), CHANCE_TO_SETTLE, None)


@dataclass(frozen=True)
class Placed:
    """An extreme and the panel whose groups it speaks of."""

    extreme: Extreme
    panel: Panel

    def named(self, rule: Rule) -> Worst:
        """The groups of the extreme by name."""
        if not self.panel.table.by:
            return Worst({}, {})
        places, table = self.panel.judged, self.panel.table
        is_pair = rule.comparison in {"all_pairs", "reference"}
        versus = table.named(places[self.extreme.versus]) if is_pair else {}
        return Worst(table.named(places[self.extreme.group]), versus)


def extremes(contest: Contest, rule: Rule, levels: Levels) -> tuple[Extreme, Extreme, Extreme]:
    """Value, low and high of a rule on one contest."""
    if rule.kind == "difference":
        return gap(contest), gap_low(contest, levels.to_fail), gap_high(contest, levels.to_pass)
    if rule.kind == "ratio":
        return least_ratio(contest), least_ratio_low(contest, levels.to_pass), least_ratio_high(contest, levels.to_fail)
    return worst_group(contest.rates, rule, levels)


def worst_group(rates: Rates, rule: Rule, levels: Levels) -> tuple[Extreme, Extreme, Extreme]:
    """Value, low and high of the worst group against a limit: each end at the level of the verdict it decides."""
    to_low, to_high = (levels.to_fail, levels.to_pass) if rule.is_upper else (levels.to_pass, levels.to_fail)
    pick = np.argmax if rule.is_upper else np.argmin
    ends = (rates.value, rates.limits(to_low)[0], rates.limits(to_high)[1])
    value, low, high = (Extreme(float(end[pick(end)]), int(pick(end)), int(pick(end))) for end in ends)
    return value, low, high


def amount(placed: Placed | None) -> float | None:
    """The number of an end, None where there is none."""
    return None if placed is None or not math.isfinite(placed.extreme.amount) else placed.extreme.amount


def unsettled(reason: str) -> RowsNeeded:
    """No number of rows, and why."""
    return RowsNeeded(None, (), CHANCE_TO_SETTLE, reason)


def extra(factor: float, rows: float) -> int:
    """Rows to add so that there are `factor` times as many."""
    return math.ceil(factor * rows) - int(rows)
