"""How a metric differs between groups, for reading: extremes, equality, pairs against the reference, fairlearn's figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rai.checks.contract import Disparity, Equality, Group, Measure, Pair
from rai.engine.cube import Table
from rai.engine.intervals import chi_square, holm, mover_difference, mover_ratio, score_test, z_shown
from rai.engine.rates import METRICS, Measurable, Metric, Rates, rates_of
from rai.engine.verdicts import Settings, reference_place

MANY_GROUPS = 50

Formula = Callable[..., tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Gap:
    """One group against the reference."""

    group: Group
    reference: Group
    difference: Measure


@dataclass(frozen=True)
class Spread:
    """How a metric that is no share of rows differs between the groups of one grouping; small groups included."""

    by: tuple[str, ...]
    metric: str
    difference: float | None
    lowest: Group | None
    highest: Group | None
    reference: Group | None
    pairs: tuple[Gap, ...]


def disparity(table: Table, metric: Metric, settings: Settings) -> Disparity:
    """One metric over the named groups of a table, small ones included; groups without a value take no part."""
    rates = rates_of(table, metric)
    places = np.flatnonzero(~table.unnamed & ~np.isnan(rates.base))
    reference = reference_place(table, settings.reference)
    lowest, highest = ends(rates, places)
    value = rates.value
    is_spread = lowest is not None and highest is not None
    return Disparity(
        by=table.by,
        metric=metric.name,
        difference=float(value[highest] - value[lowest]) if is_spread else None,
        ratio=float(value[lowest] / value[highest]) if is_spread and value[highest] > 0 else None,
        lowest=None if lowest is None else table.named(lowest),
        highest=None if highest is None else table.named(highest),
        reference=None if reference is None else table.named(reference),
        equality=equality(rates.take(places)),
        pairs=pairs(table, metric, rates, against(len(table), reference, lowest, highest, table.unnamed), settings),
        control=dict(table.control) or None,
    )


def ends(rates: Rates, places: np.ndarray) -> tuple[int | None, int | None]:
    """The places of the lowest and the highest value; None with fewer than two groups."""
    if len(places) < 2:
        return None, None
    values = rates.value[places]
    return int(places[np.argmin(values)]), int(places[np.argmax(values)])


def equality(rates: Rates) -> Equality:
    """Pearson's χ² over the groups, on effective sizes."""
    if len(rates) < 2:
        return Equality("chi-square", None, 0, None, False)
    statistic, degrees, p, is_approximate = chi_square(rates.base, rates.size)
    return Equality("chi-square", statistic, degrees, p, is_approximate)


def against(
    k: int, reference: int | None, lowest: int | None, highest: int | None, unnamed: np.ndarray
) -> list[tuple[int, int]]:
    """Every named group against the reference; beyond 50 groups also the extreme pair."""
    found = [(place, reference) for place in range(k) if place != reference and not unnamed[place]]
    if reference is None:
        return []
    if k > MANY_GROUPS and lowest is not None and highest is not None and reference not in (lowest, highest):
        found.append((lowest, highest))
    return [(place, int(versus)) for place, versus in found if versus is not None]


def pairs(
    table: Table, metric: Metric, rates: Rates, places: Sequence[tuple[int, int]], settings: Settings
) -> tuple[Pair, ...]:
    """Differences and ratios at the printed level, with Holm-adjusted p-values over the pairs that have a value."""
    if not places:
        return ()
    first, second = (rates.take(np.array(side)) for side in zip(*places, strict=True))
    known = ~np.isnan(first.base) & ~np.isnan(second.base)
    p = np.full(len(places), np.nan)
    p[known] = score_test(*(side[known] for side in (first.base, first.size, second.base, second.size)))[1]
    adjusted = np.full(len(places), np.nan)
    adjusted[known] = holm(p[known])
    z = z_shown(settings.gamma)
    gaps = contrasts(first, second, z, mover_difference, first.value - second.value, "mover")
    ratios = contrasts(first, second, z, mover_ratio, quotient(first.value, second.value), "mover_ratio")
    reasons = [reason(table, metric, rates, pair) for pair in places]
    return tuple(
        Pair(
            group=table.named(group),
            reference=table.named(versus),
            difference=contrast(gaps, at, reasons[at]),
            ratio=contrast(ratios, at, reasons[at]),
            p=number(p[at]),
            p_adjusted=number(adjusted[at]),
        )
        for at, (group, versus) in enumerate(places)
    )


def quotient(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """first / second, NaN where second is 0."""
    return np.divide(first, second, out=np.full_like(first, np.nan), where=second > 0)


def contrasts(
    first: Rates, second: Rates, z: float, formula: Formula, value: np.ndarray, method: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, str]:
    """Values, limits and rows of all pairs under one formula."""
    (low1, high1), (low2, high2) = first.limits(z), second.limits(z)
    low, high = formula(first.value, low1, high1, second.value, low2, high2)
    return value, low, high, first.n + second.n, method


def contrast(found: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, str], at: int, reason: str | None) -> Measure:
    """One pair's value object; null with the reason where a side is undefined or a ratio has nothing below it."""
    value, low, high, n, method = found
    if reason:
        return Measure(None, None, None, method, int(n[at]), reason=reason)
    unbounded = None if np.isfinite(value[at]) and np.isfinite(high[at]) else "no events in the reference"
    return Measure(number(value[at]), number(low[at]), number(high[at]), method, int(n[at]), reason=unbounded)


def number(value: float) -> float | None:
    """A finite number, else null."""
    return float(value) if np.isfinite(value) else None


def reason(table: Table, metric: Measurable, rates: Rates, pair: tuple[int, int]) -> str | None:
    """Which side of a pair is undefined, and why."""
    place = next((place for place in pair if np.isnan(rates.base[place])), None)
    return None if place is None else f"{words(table, place)}: {metric.empty}"


def words(table: Table, place: int) -> str:
    """A group for a sentence."""
    return ", ".join(f"{column}={value}" for column, value in table.named(place).items())


def named_figures(table: Table) -> dict[str, Any]:
    """fairlearn's named figures over all named groups; null with the reason where a group is undefined.

    demographic parity: spread and ratio of selection rates; equalized odds: the worse of those of true and false
    positive rates; equal opportunity: spread of true positive rates (fairlearn 0.15, `fairlearn.metrics`).
    """
    selection, tpr, fpr = (
        spread(table, name) for name in ("selection_rate", "true_positive_rate", "false_positive_rate")
    )
    figures = {
        "demographic_parity_difference": (selection[0], selection[2]),
        "demographic_parity_ratio": (selection[1], selection[2]),
        "equalized_odds_difference": (worse(max, tpr[0], fpr[0]), tpr[2] or fpr[2]),
        "equalized_odds_ratio": (worse(min, tpr[1], fpr[1]), tpr[2] or fpr[2]),
        "equal_opportunity_difference": (tpr[0], tpr[2]),
    }
    reasons = {name: why or "all rates are 0" for name, (value, why) in figures.items() if value is None}
    values: dict[str, Any] = {name: value for name, (value, _) in figures.items()}
    return {**values, "reasons": reasons} if reasons else values


def spread(table: Table, name: str) -> tuple[float | None, float | None, str | None]:
    """Difference and ratio of the extreme values, or nulls and the first group without a value."""
    rates, metric = rates_of(table, METRICS[name]), METRICS[name]
    places = np.flatnonzero(~table.unnamed)
    lost = places[np.isnan(rates.base[places])]
    if len(lost) or not len(places):
        return None, None, f"{words(table, lost[0])}: {metric.empty}" if len(lost) else "no groups"
    values = rates.value[places]
    least, most = float(values.min()), float(values.max())
    return most - least, least / most if most > 0 else None, None


def worse(pick: Callable[[float, float], float], one: float | None, other: float | None) -> float | None:
    """The worse of two figures, null where either is."""
    return None if one is None or other is None else pick(one, other)


def spread_of(table: Table, metric: Measurable, settings: Settings) -> Spread:
    """One metric over the named groups of a table, and each against the reference at the printed level."""
    rates = metric.estimates(table)
    value = rates.value
    places = [int(place) for place in np.flatnonzero(~table.unnamed & ~np.isnan(value))]
    ends = sorted(places, key=lambda place: value[place])
    reference = reference_place(table, settings.reference)
    others = [place for place in range(len(table)) if place != reference and not table.unnamed[place]]
    pairs: tuple[Gap, ...] = ()
    if reference is not None and others:
        one, other = rates.take(np.array(others)), rates.take(np.array([reference] * len(others)))
        found = contrasts(one, other, z_shown(settings.gamma), mover_difference, one.value - other.value, "mover")
        pairs = tuple(
            Gap(
                table.named(place), table.named(reference),
                contrast(found, at, reason(table, metric, rates, (place, reference))),
            )
            for at, place in enumerate(others)
        )  # fmt: skip
    return Spread(
        by=table.by, metric=metric.name, difference=float(value[ends[-1]] - value[ends[0]]) if len(ends) > 1 else None,
        lowest=table.named(ends[0]) if len(ends) > 1 else None, highest=table.named(ends[-1]) if len(ends) > 1 else None,
        reference=None if reference is None else table.named(reference), pairs=pairs,
    )  # fmt: skip
