"""Metrics that are no share of rows, in the shape that rules judge: means, areas, calibration errors, balanced accuracy."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rai.engine.areas import Area, area_limits, is_by_score
from rai.engine.calibration import error_limits
from rai.engine.cube import Table
from rai.engine.intervals import effective_by_classes, student
from rai.engine.rates import METRICS, Rates, rates_of

LEAST_ROWS_OF_A_MEAN = 100
LEAST_ROWS_OF_A_CLASS = 20


@dataclass(frozen=True, kw_only=True)
class Estimates(Rates):
    """Any metric of k groups with its own limits."""

    has_events: ClassVar[bool] = False

    def method_at(self, place: int) -> str:
        """The name of the interval of one group."""
        return self.method


@dataclass(frozen=True, kw_only=True)
class Means(Estimates):
    """Means of numbers: `base` the mean, `deviation` their standard deviation (ddof 1); the root of both with `is_root`.

    Student's limits x̄ ± t_{n−1}(Φ(z))·s/√n, clipped to `range`.
    """

    deviation: np.ndarray
    range: tuple[float, float] = (0.0, math.inf)
    is_root: bool = False
    arrays: ClassVar[tuple[str, ...]] = (*Rates.arrays, "deviation")

    @property
    def value(self) -> np.ndarray:
        """The mean, or its root."""
        return np.sqrt(self.base) if self.is_root else self.base

    @property
    def method(self) -> str:
        """The name of the interval."""
        return "student"

    def limits(self, z: float) -> tuple[np.ndarray, np.ndarray]:
        """Limits at z."""
        half = student(z, self.size - 1) * self.deviation / np.sqrt(self.size)
        low, high = (np.clip(end, *self.range) for end in (self.base - half, self.base + half))
        return (np.sqrt(low), np.sqrt(high)) if self.is_root else (low, high)

    def shortfall(self, least: int) -> np.ndarray:
        """A mean needs a hundred rows: on skewed numbers Student's limits cover too little below."""
        with np.errstate(divide="ignore"):
            return max(least, LEAST_ROWS_OF_A_MEAN) / self.size


@dataclass(frozen=True, kw_only=True)
class Areas(Estimates):
    """Areas under the ROC curve; `found` holds one `Area` a group, `grown` how often its rows are taken."""

    found: np.ndarray
    grown: np.ndarray
    arrays: ClassVar[tuple[str, ...]] = (*Rates.arrays, "found", "grown")
    growing: ClassVar[tuple[str, ...]] = (*Rates.growing, "grown")

    @property
    def method(self) -> str:
        """The name of the usual interval."""
        return "logit_delong"

    def method_at(self, place: int) -> str:
        """Without overlap, or with one score for all, DeLong's variance is 0 and another interval stands in."""
        return "mann_whitney_score" if is_by_score(self.found[place]) else self.method

    def limits(self, z: float) -> tuple[np.ndarray, np.ndarray]:
        """Limits at z."""
        ends = [area_limits(grown(one, float(f)), z) for one, f in zip(self.found, self.grown, strict=True)]
        low, high = zip(*ends, strict=True) if ends else ((), ())
        return np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)

    def shortfall(self, least: int) -> np.ndarray:
        """An area needs twenty positives and twenty negatives."""
        classes = np.array([min(one.positives, one.negatives) for one in self.found]) * self.grown
        with np.errstate(divide="ignore"):
            return np.maximum(least / self.size, LEAST_ROWS_OF_A_CLASS / classes)


def grown(found: Area, factor: float) -> Area:
    """The same area seen on `factor` times the rows."""
    if factor == 1:
        return found
    variance = None if found.variance is None else found.variance / factor
    return Area(found.value, variance, round(found.positives * factor), round(found.negatives * factor))


@dataclass(frozen=True, kw_only=True)
class CalibrationErrors(Estimates):
    """Calibration errors; `bins` holds the `Bins` of each group, None where there are fewer than two."""

    bins: np.ndarray
    arrays: ClassVar[tuple[str, ...]] = (*Rates.arrays, "bins")

    @property
    def method(self) -> str:
        """The name of the interval."""
        return "calibration_score"

    def limits(self, z: float) -> tuple[np.ndarray, np.ndarray]:
        """Limits at z."""
        ends = [(math.nan, math.nan) if one is None else error_limits(one, z) for one in self.bins]
        low, high = zip(*ends, strict=True) if ends else ((), ())
        return np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)

    def shortfall(self, least: int) -> np.ndarray:
        """A hundred rows, as for any mean of residuals."""
        with np.errstate(divide="ignore"):
            return max(least, LEAST_ROWS_OF_A_MEAN) / self.size


@dataclass(frozen=True, kw_only=True)
class Balanced(Estimates):
    """Means of rates by class; `size` is effective, `smallest` the rows of the smallest class."""

    smallest: np.ndarray
    arrays: ClassVar[tuple[str, ...]] = (*Rates.arrays, "smallest")
    growing: ClassVar[tuple[str, ...]] = (*Rates.growing, "smallest")

    def shortfall(self, least: int) -> np.ndarray:
        """The smallest class needs the rows of a group."""
        with np.errstate(divide="ignore"):
            return least / self.smallest


@dataclass(frozen=True)
class BalancedAccuracy:
    """The mean of true positive and true negative rate, as a metric that rules can judge."""

    name: str = "balanced_accuracy"
    empty: str = "no positives or no negatives"

    def estimates(self, table: Table) -> Balanced:
        """Balanced accuracy of every group: Wilson at the effective size of the two rates."""
        sides = [rates_of(table, METRICS[name]) for name in ("true_positive_rate", "true_negative_rate")]
        base = (sides[0].base + sides[1].base) / 2
        sizes = np.stack([side.size for side in sides], axis=1)
        shares = np.stack([side.base for side in sides], axis=1)
        size, clusters = effective_by_classes(shares, sizes), rates_of(table, METRICS["accuracy"]).clusters
        if table.moments is not None:
            size = np.minimum(size, clustered(table, sides, clusters))
        return Balanced(
            base=base, n=table.n, size=np.where(np.isnan(base), 0.0, size), clusters=clusters, effective=True,
            smallest=np.minimum(np.minimum(sides[0].n, sides[0].size), np.minimum(sides[1].n, sides[1].size)),
        )  # fmt: skip


def clustered(table: Table, sides: list[Rates], clusters: np.ndarray) -> np.ndarray:
    """Effective sizes where rows come in clusters: with the linear weights r of the four cells, v = rᵀ(Σ T Tᵀ)r."""
    assert table.moments is not None
    tpr, tnr = (side.base for side in sides)
    totals = table.weight[:, :2, :2].sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        negatives, positives = 2 * totals[:, 0], 2 * totals[:, 1]
        cells = [(1 - tnr) / negatives, -tnr / negatives, -tpr / positives, (1 - tpr) / positives]
        residual = np.nan_to_num(np.stack(cells, axis=1))
        base = (tpr + tnr) / 2
        v = np.einsum("ki,kij,kj->k", residual, table.moments, residual) * clusters / (clusters - 1)
        size = base * (1 - base) / v
    return np.where(np.isfinite(size) & (size > 0), size, clusters)
