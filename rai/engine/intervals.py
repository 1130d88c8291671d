"""Interval limits, tests and error levels: formulas on numbers and arrays that know nothing of groups or rules."""

import math

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri, stdtrit

Array = np.ndarray


def error_per_side(gamma: float, attempt: int) -> float:
    """α_a = γ/(a(a+1)), the error per side at attempt a = 1, 2, …; the sum over all attempts is γ = 1 − confidence."""
    return gamma / (attempt * (attempt + 1))


def z_shown(gamma: float) -> float:
    """Normal quantile of the intervals that are printed for groups and pairs, whatever the attempt."""
    return float(-ndtri(gamma / 2))


def z_pass(gamma: float, attempt: int) -> float:
    """Normal quantile of the end that decides "can it pass": every pair must be shown to be fine, no correction."""
    return float(-ndtri(error_per_side(gamma, attempt)))


def z_fail(gamma: float, attempt: int, comparisons: int) -> float:
    """Normal quantile of the end that decides "must it fail", corrected for the search over `comparisons`.

    Šidák 1967 (JASA 62:626), written with log1p and expm1 because the plain power loses digits at many comparisons.
    """
    share = -math.expm1(math.log1p(-2 * error_per_side(gamma, attempt)) / max(comparisons, 1))
    return float(-ndtri(share / 2))


def z_alarm(gamma: float, attempt: int, looks: int, comparisons: int) -> float:
    """Normal quantile of an alarm, Φ⁻¹(1 − α_a/(K·m)): K looks a year and m comparisons share one year's error (Bonferroni)."""
    return float(-ndtri(error_per_side(gamma, attempt) / (looks * max(comparisons, 1))))


def student(z: float, degrees: Array) -> Array:
    """The t quantile that leaves the same tail as `z`, elementwise over degrees of freedom (NaN below 1)."""
    return np.where(degrees >= 1, -stdtrit(np.maximum(degrees, 1), ndtr(-z)), np.nan)


def wilson(p: Array, n: Array, z: Array | float) -> tuple[Array, Array]:
    """Wilson's score limits (1927, JASA 22:209) for proportions `p` of `n` rows (n may be an effective size).

    Exactly 0 at p = 0 and exactly 1 at p = 1; NaN where n is not positive.
    """
    p, n, z = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in (p, n, z)))
    n = np.where(n > 0, n, np.nan)
    centre = p + z * z / (2 * n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    shrink = 1 + z * z / n
    low = np.where(p == 0, 0.0 * n, (centre - half) / shrink)
    high = np.where(p == 1, 1 + 0.0 * n, (centre + half) / shrink)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def jaccard_to_f1(j: Array) -> Array:
    """F1 = 2J/(1+J) of J = tp/(tp+fp+fn): exact and monotone, so limits of J carry over."""
    return 2 * j / (1 + j)


def mover_difference(
    first: Array, low1: Array, high1: Array, second: Array, low2: Array, high2: Array
) -> tuple[Array, Array]:
    """Limits of first − second from the limits of each (MOVER; Zou & Donner 2008, Stat Med 27:1693).

    With Wilson limits this is method 10 of Newcombe 1998 (Stat Med 17:873). Rows of both must be independent.
    """
    d = first - second
    low = d - np.sqrt((first - low1) ** 2 + (high2 - second) ** 2)
    return low, d + np.sqrt((high1 - first) ** 2 + (second - low2) ** 2)


def mover_ratio(
    first: Array, low1: Array, high1: Array, second: Array, low2: Array, high2: Array
) -> tuple[Array, Array]:
    """Limits of first / second (MOVER-R; Donner & Zou 2012, Stat Methods Med Res 21:347); high may be infinite."""
    product = np.asarray(first * second, dtype=np.float64)
    a = low1 * (2 * first - low1)
    b = low2 * (2 * second - low2)
    below = product + np.sqrt(np.maximum(product**2 - a * high2 * (2 * second - high2), 0))
    above = product + np.sqrt(np.maximum(product**2 - b * high1 * (2 * first - high1), 0))
    low = np.divide(a, below, out=np.zeros_like(product), where=(a > 0) & (below > 0))
    high = np.divide(above, b, out=np.full_like(product, np.inf), where=b > 0)
    return low, high


def paired_difference(b: float, c: float, n: float, z: float) -> tuple[float, float, float]:
    """Difference and limits of two shares on the same n rows; b and c rows are right under the first or the second alone.

    Agresti & Min 2005 (Stat Med 24:729): half a row is added to b and c and two rows to n, also in the difference.
    """
    b, c, n = b + 0.5, c + 0.5, n + 2
    d = (b - c) / n
    half = z * math.sqrt(b + c - (b - c) ** 2 / n) / n
    return d, d - half, d + half


def score_test(p1: Array, n1: Array, p2: Array, n2: Array) -> tuple[Array, Array]:
    """z and two-sided p of the pooled score test of two proportions, without continuity correction."""
    pooled = (p1 * n1 + p2 * n2) / (n1 + n2)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    gap = np.asarray(p1 - p2, dtype=np.float64)
    z = np.divide(gap, error, out=np.zeros_like(gap), where=error > 0)
    return z, 2 * ndtr(-np.abs(z))


def chi_square(p: Array, n: Array) -> tuple[float, int, float, bool]:
    """Pearson's test that k proportions are equal: statistic, degrees, p, and whether an expected count is below 1."""
    pooled = float((p * n).sum() / n.sum())
    degrees = len(p) - 1
    if pooled in (0.0, 1.0):
        return 0.0, degrees, 1.0, True
    statistic = float((n * (p - pooled) ** 2).sum() / (pooled * (1 - pooled)))
    smallest = float(n.min()) * min(pooled, 1 - pooled)
    return statistic, degrees, float(chdtrc(degrees, statistic)), smallest < 1


def holm(p: Array) -> Array:
    """Holm's step-down adjusted p-values (1979, Scand J Stat 6:65), in the order given."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p, dtype=np.float64)
    adjusted[order] = np.minimum(stepped, 1)
    return adjusted


def effective_by_weights(p: Array, weight: Array, square: Array, square_events: Array, n: Array) -> Array:
    """Effective sizes of weighted proportions: the smaller of Kish's and the linearised one.

    `weight` Σw, `square` Σw², `square_events` Σw² of the events, `n` rows, all over the metric's denominator
    (Kish 1965; Korn & Graubard 1998, Surv Methodol 24:193).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = weight**2 / square
        spread = ((1 - p) ** 2 * square_events + p**2 * (square - square_events)) / weight**2
        linear = p * (1 - p) / (spread * n / (n - 1))
    return np.where((p == 0) | (p == 1) | ~np.isfinite(linear), kish, np.minimum(kish, linear))


def effective_by_classes(shares: Array, sizes: Array) -> Array:
    """Effective sizes of means of K independent proportions (balanced accuracy, macro recall), for Wilson's limits.

    `shares` and `sizes` (groups, K). n_eff = m(1−m)/v with m and v of the smoothed shares (x+1)/(n+2), so that shares of
    exactly 0 or 1 do not pretend to be certain. NaN where a class is empty.
    """
    smoothed = (shares * sizes + 1) / (sizes + 2)
    m = smoothed.mean(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        v = (smoothed * (1 - smoothed) / sizes).sum(axis=-1) / shares.shape[-1] ** 2
        return np.asarray(m * (1 - m) / v)


def effective_by_confusion(confusion: Array) -> tuple[float, float]:
    """Macro F1 of a (K, K) confusion matrix (rows true, columns predicted) and its effective size F(1−F)/v.

    v = Σ C_ij I_ij² with the influence of each cell (Takahashi et al. 2022, Appl Intell 52:4961). NaN where a class
    stands in neither rows nor columns.
    """
    c = np.asarray(confusion, dtype=np.float64)
    k, both = len(c), c.sum(axis=1) + c.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        f = 2 * np.diag(c) / both
        total = float(f.mean())
        share = f / both
        influence = (np.diag(2 / both) - share[:, None] - share[None, :]) / k
        v = float((c * influence**2).sum())
        return total, total * (1 - total) / v if v > 0 else float(c.sum())


def effective_by_clusters(p: Array, squares: Array, weight: Array, n: Array, clusters: Array) -> Array:
    """Effective sizes of clustered proportions; `squares` is Σe_c² of the clusters' weighted residual sums.

    n_eff = min(n, p(1−p)/v), v = Σe_c²/(Σw)² · C/(C−1); C where p is 0 or 1 or v is 0 (Cameron & Miller 2015).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        v = squares / weight**2 * clusters / (clusters - 1)
        size = p * (1 - p) / v
    usable = np.isfinite(size) & (size > 0)
    return np.where(usable, np.minimum(n, size), clusters).astype(np.float64)
