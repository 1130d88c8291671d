"""The check proxy_features: which inputs stand in for a protected attribute, each by itself, with intervals."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from rai.checks.contract import OPTIONAL, Dropped, Group, InputError, Measure, Outcome, Threshold, looked, verdict_of
from rai.engine.association import (
    ChiSquare,
    Strength,
    Telling,
    chi_square,
    correlation_ratio,
    cramers_v,
    cramers_v_plain,
    in_ten,
    information_plain,
    is_table,
    normalised_information,
    told_by_order,
    told_by_share,
)
from rai.engine.intervals import holm, z_shown
from rai.engine.judging import Figure, FigureRule, Judge, nothing, rule_of
from rai.engine.proxies import Feature, Protected, Proxies
from rai.engine.verdicts import MOST_MISSING

CHECK = "proxy_features"
VERSION = "1"
RULES: Mapping[str, str | None] = {"proxy_auc": "<=", "cramers_v": "<="}


@dataclass(frozen=True)
class GroupTold:
    """How well one input alone tells one group from all others: 0.5 not at all, 1 always."""

    group: Group
    n: int
    proxy_auc: Measure


@dataclass(frozen=True)
class Tests:
    """Figures of other tools, and the test of independence: shown, never decide."""

    cramers_v_plain: float
    normalised_information_plain: float
    chi_square: ChiSquare
    p_adjusted: float


@dataclass(frozen=True)
class Beside:
    """One input beside one protected column; `n` rows hold both. `values` are those compared: categories or bins."""

    protected: str
    n: int
    values: int
    metrics: Mapping[str, Measure]
    groups: tuple[GroupTold, ...]
    tests: Tests | None = field(default=None, metadata=OPTIONAL)
    reason: str | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True)
class ColumnBeside:
    """One input: what its cells hold, and what stands beside each protected column."""

    name: str
    kind: str
    distinct: int
    cells: Mapping[str, int]
    pairs: tuple[Beside, ...]
    reason: str | None = field(default=None, metadata=OPTIONAL)


def run(
    proxies: Proxies,
    *,
    thresholds: Sequence[str] = (),
    confidence: float = 0.95,
    min_rows: int = 30,
    attempt: int = 1,
    seed: int = 0,
    looks: int | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Outcome:
    """How strongly each input alone goes with each protected column, and the verdict of every rule.

    `proxy_auc` (0.5 to 1) is the area under the ROC curve with which the input tells a group from all others: numbers by
    their order, either way round, with logit DeLong limits; categories by shares learned on other rows, upper limit from
    the same rows (`engine.association.Telling`). `cramers_v` (0 to 1) is Bergsma's, over categories, ten bins of numbers,
    and missing cells as a value of their own. Rules: `proxy_auc<=0.7`, `cramers_v<=0.3`, judged for every protected
    column over all inputs and groups at once: the upper end plain, the lower one after Šidák. Mutual information and the
    correlation ratio of ranks are shown, p-values after Holm over all pairs; neither decides.

    Raises InputError for parameters out of range and rules that this check does not know.
    """
    started = time.perf_counter()
    if not 0.5 < confidence < 1 or attempt < 1 or min_rows < 1:
        raise InputError("confidence lies between 0.5 and 1; attempt and min-group are at least 1.")
    rules = [parse_rule(text) for text in thresholds]
    gamma = round(1 - confidence, 12)
    found = {(one.name, by.name): Pair(one, by, seed) for one in proxies.features for by in proxies.protected}
    entries = tuple(
        judged(rule, by, [found[one.name, by.name] for one in proxies.features], proxies, Judge(gamma, attempt, looks, floor=min_rows))
        for rule in rules
        for by in proxies.protected
    )  # fmt: skip
    adjusted = adjusted_p(found)
    z = z_shown(gamma)
    columns = [
        column(one, [found[one.name, by.name].shown(z, min_rows, adjusted) for by in proxies.protected])
        for one in proxies.features
    ]
    settings = {"confidence": confidence, "min_group": min_rows, "attempt": attempt, "seed": seed, **looked(looks)}
    return Outcome(
        check=CHECK, version=VERSION, rows=proxies.rows, dropped=dropped(proxies),
        parameters={**(parameters or {}), **settings, "thresholds": list(thresholds)},
        parts={"protected": proxies.protected, "columns": columns}, thresholds=entries, verdict=verdict_of(entries),
        timings={**proxies.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def parse_rule(text: str) -> FigureRule:
    """The rule that a text writes; raises InputError that says what can be written."""
    least = 0.5 if text.strip().startswith("proxy_auc") else 0.0
    return rule_of(text, RULES, check=CHECK, least=least)


@dataclass(frozen=True)
class Pair:
    """One input beside one protected column, computed once."""

    feature: Feature
    by: Protected
    seed: int

    @cached_property
    def counts(self) -> np.ndarray:
        """Rows by value (or bin) and group; none where the input cannot be looked at."""
        rows = self.feature.counts.get(self.by.name, ())
        return np.array(rows, dtype=np.int64).reshape(-1, len(self.by.groups))

    @cached_property
    def table(self) -> np.ndarray:
        """The same for Cramér's V: numbers in ten bins, missing cells as a value of their own."""
        counts = in_ten(self.counts) if self.feature.kind == "number" and len(self.counts) else self.counts
        missing = np.array(self.feature.counts_missing.get(self.by.name, [0] * len(self.by.groups)), dtype=np.int64)
        return np.vstack([counts, missing[None]]) if missing.any() else counts

    @cached_property
    def reason(self) -> str | None:
        """Why the input cannot be looked at: by its kind, or because no two values or groups stand beside each other."""
        if self.feature.kind not in {"number", "category"}:
            return self.feature.kind
        return None if is_table(self.table) else "one_value"

    @cached_property
    def told(self) -> list[tuple[int, Telling]]:
        """How well the input tells each group apart; of two groups the first stands for both."""
        places = range(len(self.by.groups)) if len(self.by.groups) > 2 else range(1)
        return [(place, self.telling(place)) for place in places]

    def telling(self, place: int) -> Telling:
        """How well the input tells one group from all others."""
        if self.feature.kind == "number":
            return told_by_order(self.counts, place)
        return told_by_share(
            self.table, place, (self.feature.name, f"{self.by.name}={self.by.groups[place]}"), seed=self.seed
        )

    def about(self, place: int | None = None) -> dict[str, str]:
        """What a figure is about: the input, and the group where there are more than two."""
        group = {} if place is None or len(self.by.groups) == 2 else {self.by.name: self.by.groups[place]}
        return {"column": self.feature.name, **group}

    def areas(self) -> list[Figure]:
        """The areas as figures that rules judge; the rows of the smaller side count."""
        if self.reason:
            return [self.absent()]
        return [area_figure(self.about(place), found, self.feature.kind) for place, found in self.told]

    def strength(self) -> list[Figure]:
        """Cramér's V as a figure that rules judge."""
        if self.reason:
            return [self.absent()]
        found, n = cramers_v(self.table), int(self.table.sum())
        return [Figure(self.about(), found.value, found.limits, n, "cramers_v_score")]

    def absent(self) -> Figure:
        """An input that cannot be looked at: one value tells nothing apart, anything else keeps a rule open."""
        return Figure(self.about(), None, nothing, 0, "none", self.reason, blocks=self.reason == "many_values")

    def shown(self, z: float, floor: int, adjusted: Mapping[tuple[str, str], float]) -> Beside:
        """All figures of the pair at the printed level."""
        table = self.table
        if self.reason:
            return Beside(self.by.name, int(table.sum()), len(table), {}, (), reason=self.reason)
        areas = self.areas()
        # The strongest that decides; where none does, the strongest seen.
        best = max(areas, key=lambda figure: (figure.n >= floor, -1.0 if figure.value is None else figure.value))
        metrics = {"proxy_auc": measured(best, z, floor), "cramers_v": measured(self.strength()[0], z, floor)}
        metrics["normalised_information"] = strong(
            normalised_information(table), int(table.sum()), z, "information_score"
        )
        if self.feature.kind == "number" and is_table(self.counts):
            found = correlation_ratio(self.counts)
            metrics["correlation_ratio"] = strong(found, int(self.counts.sum()), z, "rank_score")
        tests = Tests(cramers_v_plain(table), information_plain(table), chi_square(table), adjusted[self.feature.name, self.by.name])  # fmt: skip
        groups = tuple(
            GroupTold({self.by.name: self.by.groups[place]}, int(table[:, place].sum()), measured(figure, z, floor))
            for (place, _found), figure in zip(self.told, areas, strict=True)
        )
        return Beside(self.by.name, int(table.sum()), len(table), metrics, groups, tests)


def area_figure(about: Mapping[str, str], found: Telling, kind: str) -> Figure:
    """An area as a figure."""
    n = min(found.seen.positives, found.seen.negatives)
    method = "logit_delong" if kind == "number" else "logit_delong_held_out"
    if found.value is None:
        return Figure(about, None, nothing, n, method, "undefined_group")
    return Figure(about, found.value, found.limits, n, method)


def measured(figure: Figure, z: float, floor: int) -> Measure:
    """A figure as a value object; one with too few rows is shown and never decides."""
    value = figure.measure(z)
    is_small = figure.value is not None and figure.n < floor
    return Measure(value.value, value.low, value.high, value.method, value.n, reason=value.reason, evaluable=False if is_small else value.evaluable)  # fmt: skip


def strong(found: Strength, n: int, z: float, method: str) -> Measure:
    """An association that is shown and never judged."""
    low, high = found.limits(z)
    return Measure(found.value, low, high, method, n)


def column(feature: Feature, pairs: Sequence[Beside]) -> ColumnBeside:
    """One input with its pairs."""
    cells = feature.cells
    held = {name: getattr(cells, name) for name in ("rows", "null", "empty", "nan", "infinite", "numbers", "texts")}
    reason = feature.kind if feature.kind not in {"number", "category"} else None
    return ColumnBeside(feature.name, feature.kind, feature.distinct, held, tuple(pairs), reason)


def adjusted_p(found: Mapping[tuple[str, str], Pair]) -> dict[tuple[str, str], float]:
    """The p-value of each pair's test of independence, after Holm over all pairs."""
    keys = [key for key, pair in found.items() if pair.reason is None]
    if not keys:
        return {}
    return dict(zip(keys, holm(np.array([chi_square(found[key].table).p for key in keys])).tolist(), strict=True))


def judged(rule: FigureRule, by: Protected, pairs: Sequence[Pair], proxies: Proxies, judge: Judge) -> Threshold:
    """One rule over all inputs beside one protected column."""
    reasons = ("missing_values",) if by.missing > MOST_MISSING * proxies.rows else ()
    judge = replace(judge, reasons=reasons, by=(by.name,))
    figures = [figure for pair in pairs for figure in (pair.areas() if rule.name == "proxy_auc" else pair.strength())]
    return judge.entry(rule, figures, rows=proxies.rows)


def dropped(proxies: Proxies) -> tuple[Dropped, ...]:
    """Rows without a protected value, and cells of numbers that hold none."""
    found = [Dropped(f"{by.name}: no value", by.missing) for by in proxies.protected if by.missing]
    for one in proxies.features:
        lost = {"NaN": one.cells.nan, "infinite": one.cells.infinite, "text among numbers": one.cells.texts}
        if one.kind == "number":
            found += [Dropped(f"{one.name}: {what} (counted as missing)", rows) for what, rows in lost.items() if rows]
    return tuple(found)
