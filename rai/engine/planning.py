"""How many more rows would settle a rule: planning rates, the chance to settle at a size, and the smallest factor."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr, ndtri

from rai.engine.comparisons import (
    Contest,
    differences,
    gap,
    gap_high,
    gap_low,
    least_ratio,
    least_ratio_high,
    least_ratio_low,
    point_ratio,
    ratios,
)
from rai.engine.rates import Rates
from rai.engine.rules import Rule

CHANCE_TO_SETTLE = 0.8
MOST = 100.0
MANY_GROUPS = 500
CLOSE = 1e-12
CLOSE_ENOUGH = 1e-2


@dataclass(frozen=True)
class Levels:
    """Normal quantiles of the two ends of a verdict."""

    to_pass: float
    to_fail: float


def factor_needed(contests: Sequence[Contest], rule: Rule, levels: Levels) -> float | None:
    """The smallest factor f ≥ 1 on all rows at which the rule settles with a chance of 0.8; None above 100.

    `contests` hold the groups as seen, `levels` the quantiles of the next attempt.
    """
    if rule.comparison in {"groups", "none"}:
        return capped(factor_of_values(contests[0].rates, rule, levels))
    if not contests[0].rates.is_plain:
        return capped(factor_of_spread(contests[0], rule, levels))
    plans = [planned(contest) for contest in contests]
    risk = ratio_risk(plans, rule, levels) if rule.kind == "ratio" else difference_risk(plans, rule, levels)
    many = max(len(contest.rates) for contest in contests) > MANY_GROUPS
    return smallest_factor(risk, CLOSE_ENOUGH if many else CLOSE)


def capped(factor: float) -> float | None:
    """The factor, at least 1; None where it is out of reach."""
    return max(factor, 1.0) if factor <= MOST else None


def smallest_factor(risk: Callable[[float], float], tolerance: float) -> float | None:
    """The smallest f in [1, 100] at which the falling `risk` is at most 0.2, by bisection in log f."""
    if risk(1.0) <= 1 - CHANCE_TO_SETTLE:
        return 1.0
    if risk(MOST) > 1 - CHANCE_TO_SETTLE:
        return None
    low, high = 0.0, math.log(MOST)
    while high - low > tolerance:
        middle = (low + high) / 2
        low, high = (low, middle) if risk(math.exp(middle)) <= 1 - CHANCE_TO_SETTLE else (middle, high)
    return math.exp(high)


def planned(contest: Contest) -> Contest:
    """The contest at its planning rates: as seen for two groups, shrunk for more (largest gaps are too large)."""
    rates = contest.rates
    if len(rates) > 2:
        rates = replace(rates, base=shrunk(rates))
    if contest.rest is None:
        return replace(contest, rates=rates)
    others = (rates.events.sum() - rates.events) / (rates.size.sum() - rates.size)
    return replace(contest, rates=rates, rest=replace(contest.rest, base=others))


def shrunk(rates: Rates) -> np.ndarray:
    """Rates drawn to their mean by the between-group variance of DerSimonian & Laird (1986, Control Clin Trials 7:177).

    All rates are the pooled one where that variance is 0.
    """
    p, n = rates.base, rates.size
    smoothed = (rates.events + 0.5) / (n + 1)
    v = smoothed * (1 - smoothed) / n
    w = 1 / v
    mean = (w * p).sum() / w.sum()
    excess = (w * (p - mean) ** 2).sum() - (len(p) - 1)
    between = max(0.0, excess / (w.sum() - (w**2).sum() / w.sum()))
    if between == 0:
        return np.full_like(p, rates.events.sum() / n.sum())
    w = 1 / (v + between)
    mean = (w * p).sum() / w.sum()
    return mean + between / (between + v) * (p - mean)


def difference_risk(plans: Sequence[Contest], rule: Rule, levels: Levels) -> Callable[[float], float]:
    """The chance not to settle as a function of the factor, for a limit on differences."""
    limit = rule.limit
    if any(gap(plan).amount > limit for plan in plans):
        return lambda factor: min(missed_difference(plan.scaled(factor), limit, levels.to_fail) for plan in plans)
    return lambda factor: sum(unproved_difference(plan.scaled(factor), limit, levels.to_pass) for plan in plans)


def unproved_difference(contest: Contest, limit: float, z: float) -> float:
    """The sum over comparisons of the chances that an interval reaches beyond the limit on either side."""
    bounds, total = differences(contest, z), 0.0
    one, other = contest.rates.value, contest.versus.value
    for first, second in contest.blocks():
        d, (low, high) = one[first] - other[second], bounds(first, second)
        with np.errstate(divide="ignore"):
            above, below = (limit - d) * z / (high - d), (limit + d) * z / (d - low)
        total += float((ndtr(z - above) + ndtr(z - below)).sum())
    return total


def missed_difference(contest: Contest, limit: float, z: float) -> float:
    """The smallest chance, over differences beyond the limit, that the interval still reaches back to it."""
    bounds, least = differences(contest, z), 1.0
    one, other = contest.rates.value, contest.versus.value
    for first, second in contest.blocks():
        d, (low, high) = one[first] - other[second], bounds(first, second)
        beyond = np.abs(d) > limit
        with np.errstate(divide="ignore"):
            reach = (np.abs(d) - limit) * z / np.where(d > 0, d - low, high - d)
        least = min(least, float(ndtr(z - reach[beyond]).min(initial=1.0)))
    return least


def ratio_risk(plans: Sequence[Contest], rule: Rule, levels: Levels) -> Callable[[float], float]:
    """The chance not to settle as a function of the factor, for a limit on ratios."""
    limit = rule.limit
    if any(least_ratio(plan).amount < limit for plan in plans):
        return lambda factor: min(missed_ratio(plan.scaled(factor), limit, levels.to_fail) for plan in plans)
    return lambda factor: sum(unproved_ratio(plan.scaled(factor), limit, levels.to_pass) for plan in plans)


def unproved_ratio(contest: Contest, limit: float, z: float) -> float:
    """The sum over ordered pairs of the chances that an interval reaches below the limit."""
    bounds, total = ratios(contest, z), 0.0
    value = contest.rates.value
    for first, second in contest.blocks(ordered=True):
        ratio, (low, _) = point_ratio(value[first], value[second]), bounds(first, second)
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = (ratio - limit) * z / (ratio - low)
        total += float(ndtr(z - np.nan_to_num(reach, nan=0.0)).sum())
    return total


def missed_ratio(contest: Contest, limit: float, z: float) -> float:
    """The smallest chance, over ratios below the limit, that the interval still reaches up to it."""
    bounds, least = ratios(contest, z), 1.0
    value = contest.rates.value
    for first, second in contest.blocks(ordered=True):
        ratio, (_, high) = point_ratio(value[first], value[second]), bounds(first, second)
        reach = (limit - ratio) * z / (high - ratio)
        least = min(least, float(ndtr(z - reach[ratio < limit]).min(initial=1.0)))
    return least


def factor_of_values(rates: Rates, rule: Rule, levels: Levels) -> float:
    """For limits on single values: all must pass, or the clearest of those beyond must fail."""
    is_beyond = rates.value > rule.limit if rule.is_upper else rates.value < rule.limit
    if is_beyond.any():
        low, high = rates.limits(levels.to_fail)
        reach = (rates.value - low if rule.is_upper else high - rates.value)[is_beyond]
        return float(factors(reach, rates.value[is_beyond] - rule.limit, levels.to_fail).min())
    low, high = rates.limits(levels.to_pass)
    reach = high - rates.value if rule.is_upper else rates.value - low
    return float(factors(reach, rates.value - rule.limit, levels.to_pass).max())


def factor_of_spread(contest: Contest, rule: Rule, levels: Levels) -> float:
    """For spreads of metrics that are no plain rates: from the spread's own interval."""
    if rule.kind == "ratio":
        value = least_ratio(contest).amount
        is_beyond = value < rule.limit
        far = least_ratio_high(contest, levels.to_fail) if is_beyond else least_ratio_low(contest, levels.to_pass)
    else:
        value = gap(contest).amount
        is_beyond = value > rule.limit
        far = gap_low(contest, levels.to_fail) if is_beyond else gap_high(contest, levels.to_pass)
    z = levels.to_fail if is_beyond else levels.to_pass
    return float(factors(np.array([abs(far.amount - value)]), np.array([value - rule.limit]), z)[0])


def factors(reach: np.ndarray, distance: np.ndarray, z: float) -> np.ndarray:
    """f = ((z + Φ⁻¹(0.8))·h / (z·|θ − c|))² with h from θ to its limit on the side of c; infinite at the limit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = ((z + ndtri(CHANCE_TO_SETTLE)) * reach / (z * np.abs(distance))) ** 2
    return np.where(np.isfinite(found), found, np.inf)
