"""The rates of a table's groups: which rows each metric counts, effective sizes, and their Wilson limits."""

from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import numpy as np

from rai.engine.cube import Table
from rai.engine.intervals import effective_by_clusters, effective_by_weights, jaccard_to_f1, student, wilson

MIN_CLUSTERS = 30


class Measurable(Protocol):
    """What a rule can speak of: a metric that estimates itself for every group of a table."""

    @property
    def name(self) -> str:
        """Its name in rules and outcomes."""
        ...

    @property
    def empty(self) -> str:
        """What is missing where it is undefined."""
        ...

    def estimates(self, table: Table) -> "Rates":
        """The metric of every group."""
        ...


@dataclass(frozen=True)
class Metric:
    """A rate: its events and its denominator as cells (tn, fp, fn, tp), and what is missing when it is empty."""

    name: str
    events: tuple[int, int, int, int]
    denominator: tuple[int, int, int, int]
    empty: str
    jaccard: bool = False

    @property
    def event_mask(self) -> np.ndarray:
        """Events by label and prediction."""
        return np.array(self.events, dtype=bool).reshape(2, 2)

    @property
    def mask(self) -> np.ndarray:
        """Denominator by label and prediction."""
        return np.array(self.denominator, dtype=bool).reshape(2, 2)

    def estimates(self, table: Table) -> "Rates":
        """The metric of every group of a table."""
        return rates_of(table, self)


ALL, POSITIVE, NEGATIVE, PREDICTED = (1, 1, 1, 1), (0, 0, 1, 1), (1, 1, 0, 0), (0, 1, 0, 1)
METRICS = {
    metric.name: metric
    for metric in (
        Metric("selection_rate", PREDICTED, ALL, "no rows"),
        Metric("accuracy", (1, 0, 0, 1), ALL, "no rows"),
        Metric("true_positive_rate", (0, 0, 0, 1), POSITIVE, "no positives"),
        Metric("false_positive_rate", (0, 1, 0, 0), NEGATIVE, "no negatives"),
        Metric("true_negative_rate", (1, 0, 0, 0), NEGATIVE, "no negatives"),
        Metric("false_negative_rate", (0, 0, 1, 0), POSITIVE, "no positives"),
        Metric("precision", (0, 0, 0, 1), PREDICTED, "no predicted positives"),
        Metric("f1", (0, 0, 0, 1), (0, 1, 1, 1), "no positives and no predicted positives", jaccard=True),
    )
}


@dataclass(frozen=True)
class Rates:
    """One metric of k groups as arrays of k.

    `base` is the proportion that intervals are built on (for F1 the Jaccard index, else the value itself), NaN where
    undefined; `n` the denominator's rows; `size` the effective size; `clusters` their number, NaN without clusters.
    """

    arrays: ClassVar[tuple[str, ...]] = ("base", "n", "size", "clusters")
    growing: ClassVar[tuple[str, ...]] = ("n", "size", "clusters")
    has_events: ClassVar[bool] = True

    base: np.ndarray
    n: np.ndarray
    size: np.ndarray
    clusters: np.ndarray
    jaccard: bool = False
    effective: bool = False

    def __len__(self) -> int:
        return len(self.base)

    @property
    def value(self) -> np.ndarray:
        """The metric itself, in [0, 1]."""
        return jaccard_to_f1(self.base) if self.jaccard else self.base

    @property
    def is_plain(self) -> bool:
        """The value itself is a share of rows, so that planning can shrink it."""
        return self.has_events and not self.jaccard

    def shortfall(self, least: int) -> np.ndarray:
        """By which factor each group must grow to have `least` rows; infinite for no rows."""
        with np.errstate(divide="ignore"):
            return least / np.minimum(self.n, self.size)

    @property
    def events(self) -> np.ndarray:
        """Events, on the scale of the effective size."""
        return self.base * self.size

    @property
    def method(self) -> str:
        """The name of the interval."""
        if self.jaccard:
            return "wilson_jaccard"
        return "wilson_effective" if self.effective else "wilson"

    def limits(self, z: float) -> tuple[np.ndarray, np.ndarray]:
        """Limits at z (with clusters at the t quantile of the same tail); 0 and 1 with fewer than two clusters."""
        level = np.where(np.isnan(self.clusters), z, student(z, self.clusters - 1))
        low, high = wilson(self.base, self.size, level)
        blind = np.isnan(level) & ~np.isnan(self.base)
        low, high = np.where(blind, 0.0, low), np.where(blind, 1.0, high)
        return (jaccard_to_f1(low), jaccard_to_f1(high)) if self.jaccard else (low, high)

    def take(self, places: np.ndarray) -> "Rates":
        """The rates of these groups."""
        return replace(self, **{name: getattr(self, name)[places] for name in self.arrays})

    def scaled(self, factor: float) -> "Rates":
        """The same rates seen on `factor` times the rows."""
        return replace(self, **{name: getattr(self, name) * factor for name in self.growing})


def rates_of(table: Table, metric: Metric) -> Rates:
    """One metric of every group of a table: Σwy/Σw over the metric's denominator.

    Without weights and clusters `size` = n; with sampling weights the smaller of Kish's and the linearised effective
    size; with clusters that of the cluster sums (sources at the formulas in `intervals`).
    """
    n = table.counts[:, metric.mask].sum(axis=1)
    weights = table.weight[:, :2, :2]
    total = weights[:, metric.mask].sum(axis=1)
    events = weights[:, metric.event_mask].sum(axis=1)
    base = np.divide(events, total, out=np.full(len(table), np.nan), where=total > 0)
    none = np.full(len(table), np.nan)
    if table.moments is not None and table.patterns is not None:
        clusters = clusters_in(table.patterns, metric)
        size = clustered(table.moments, metric, base, total, n, clusters)
        return Rates(base, n, size, clusters, metric.jaccard, effective=True)
    if table.weight_kind == "sampling":
        return Rates(base, n, weighted(table, metric, base, total, n), none, metric.jaccard, effective=True)
    return Rates(base, n, n, none, metric.jaccard)


def weighted(table: Table, metric: Metric, base: np.ndarray, total: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Effective sizes under sampling weights."""
    squares = table.square[:, :2, :2]
    square, square_events = squares[:, metric.mask].sum(axis=1), squares[:, metric.event_mask].sum(axis=1)
    return effective_by_weights(base, total, square, square_events, n)


def clusters_in(patterns: np.ndarray, metric: Metric) -> np.ndarray:
    """How many clusters have rows in the metric's denominator."""
    masks = np.arange(16)[:, None] >> np.arange(4) & 1
    return patterns @ masks[:, metric.mask.ravel()].any(axis=1).astype(np.float64)


def clustered(
    moments: np.ndarray, metric: Metric, base: np.ndarray, total: np.ndarray, n: np.ndarray, clusters: np.ndarray
) -> np.ndarray:
    """Effective sizes under clusters: with residuals r_j = y_j − p over the cells, Σ_c e_c² = rᵀ (Σ_c T_c T_cᵀ) r."""
    residual = metric.mask.ravel() * (metric.event_mask.ravel() - np.nan_to_num(base)[:, None])
    squares = np.einsum("ki,kij,kj->k", residual, moments, residual)
    return effective_by_clusters(base, squares, total, n, clusters)


def worst_case(table: Table, metric: Metric) -> tuple[np.ndarray, np.ndarray]:
    """x/(n+miss) and (x+miss)/(n+miss), miss = incomplete rows that may belong to the denominator; NaN without rows."""
    inside, events = metric.mask, metric.event_mask
    possible = np.zeros((3, 3), dtype=bool)
    possible[2, 2] = True
    possible[2, :2], possible[:2, 2] = inside.any(axis=0), inside.any(axis=1)
    miss = table.rows[:, possible].sum(axis=1)
    x, n = table.rows[:, :2, :2][:, events].sum(axis=1), table.rows[:, :2, :2][:, inside].sum(axis=1)
    size = np.where(n + miss > 0, n + miss, np.nan)
    return x / size, (x + miss) / size
