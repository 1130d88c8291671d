"""How much a sample can tell: half-widths of intervals, the rows that narrow them, the smallest difference that would show."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from rai.engine.intervals import wilson
from rai.engine.planning import CHANCE_TO_SETTLE
from rai.engine.rates import Rates

MOST_TIMES = 10_000.0
MOST_ROWS = 1e18
STEPS = 60
POWER = 0.8
# Where limits of 2J/(1+J) lie farthest apart: J(1−J)/(1+J)⁴ is largest at (5 − √17)/4.
WIDEST_JACCARD = (5 - math.sqrt(17)) / 4

Array = np.ndarray


def half_widths(rates: Rates, z: float) -> Array:
    """Half of the distance between the limits of each group at `z`; NaN where the metric is undefined."""
    low, high = rates.limits(z)
    return np.asarray((high - low) / 2)


def width_to_expect(rates: Rates, factor: Array, z: float) -> Array:
    """The half-width that `factor` times the rows, these among them, will not exceed with a chance of about 0.8.

    The rate will have moved by then: as far as Wilson's limits at Φ⁻¹(0.8) on n′ rows, 1/n′ = 1/n − 1/(fn), which is what
    the further rows can add. The rate in between at which intervals are widest counts. Simulated with 30 to 300 rows and
    rates of .02 to .9: .80–.82, .75 at one half.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        behind = np.where(factor > 1, rates.size * factor / (factor - 1), np.inf)
    low, high = wilson(rates.base, np.where(np.isfinite(behind), behind, MOST_ROWS), float(ndtri(CHANCE_TO_SETTLE)))
    widest = np.clip(WIDEST_JACCARD if rates.jaccard else 0.5, low, high)
    grown = rates.scaled(factor)  # type: ignore[arg-type]
    return half_widths(replace(grown, base=np.where(np.isnan(rates.base), np.nan, widest)), z)


def factors_to_reach(rates: Rates, need: float, z: float) -> Array:
    """By which factor each group must grow so that its half-width is at most `need` with a chance of 0.8.

    1 where it is now; infinite beyond 10,000 and where the metric is undefined. Exact for Wilson limits: found by
    halving, as the width falls with the rows.
    """
    return halved(lambda factor: width_to_expect(rates, factor, z) <= need, half_widths(rates, z) <= need)


def halved(is_enough: Callable[[Array], Array], is_reached: Array) -> Array:
    """The smallest factors in [1, 10,000] that are enough, by halving their logarithms; infinite where none is."""
    low, high = np.zeros(is_reached.shape), np.full(is_reached.shape, math.log(MOST_TIMES))
    is_possible = is_enough(np.exp(high))
    for _ in range(STEPS):
        middle = (low + high) / 2
        enough = is_enough(np.exp(middle))
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(is_reached, 1.0, np.where(is_possible, np.exp(high), np.inf))


def detectable(baseline: float, first: Array, second: Array, z: float) -> Array:
    """The smallest difference between two groups that the score test at `z` shows with a chance of 0.8.

    `first` and `second` are (effective) rows; one group has the rate `baseline`, the other lies above or below it. The
    larger of both ways counts where both are possible; NaN where neither is. Solves
    d = z·√(p̄(1−p̄)(1/n₁+1/n₂)) + Φ⁻¹(0.8)·√(p₁(1−p₁)/n₁ + p₂(1−p₂)/n₂) (Fleiss, Levin & Paik 2003, 4.2, without the
    continuity correction, as the test has none).
    """
    first, second = np.broadcast_arrays(np.asarray(first, np.float64), np.asarray(second, np.float64))
    ways = [shown_from(baseline, first, second, z, way) for way in (1.0, -1.0)]
    return np.fmax(*ways)


def shown_from(baseline: float, first: Array, second: Array, z: float, way: float) -> Array:
    """The smallest difference in one direction; NaN where even the largest possible one would not show."""
    most = 1 - baseline if way > 0 else baseline

    def lacks(d: Array) -> Array:
        other = baseline + way * d
        pooled = (first * baseline + second * other) / (first + second)
        null = np.sqrt(np.maximum(pooled * (1 - pooled), 0) * (1 / first + 1 / second))
        free = np.sqrt(baseline * (1 - baseline) / first + np.maximum(other * (1 - other), 0) / second)
        return np.asarray(d - z * null - float(ndtri(POWER)) * free)

    low, high = np.zeros(first.shape), np.full(first.shape, most)
    is_possible = (lacks(high) >= 0) & (most > 0)
    for _ in range(STEPS):
        middle = (low + high) / 2
        shows = lacks(middle) >= 0
        low, high = np.where(shows, low, middle), np.where(shows, middle, high)
    return np.where(is_possible, high, np.nan)
