"""How far two samples of one column lie apart: exact formulas on sorted values and on counts."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.special import chdtrc, ndtr

Array = np.ndarray
RESAMPLED = 200
GRID = 512
BLOCK = 64
CHUNK = 32_768


def sorted_pair(first: Array, second: Array) -> tuple[Array, Array]:
    """Both samples in ascending order as float64, sorted at the same time by two threads."""
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(np.sort, (np.asarray(first, np.float64), np.asarray(second, np.float64)))
    return one, other


def kolmogorov_smirnov(first: Array, second: Array) -> float:
    """sup |F − G| of two sorted samples, exact with ties, in [0, 1] (two-sided two-sample statistic).

    F − G is largest just at a value of the first, G − F just before one, so ranks among the second suffice. Ranks at every
    64th value bound all between; only blocks whose bound exceeds what was found already are looked at in full.
    """
    n, m = len(first), len(second)
    starts = np.arange(0, n, BLOCK)
    ends = np.minimum(starts + BLOCK, n)
    lowest = np.searchsorted(second, first[starts], side="left")
    found = gap_at(first, second, starts)
    most_above = ends / n - lowest / m
    most_below = np.append(lowest[1:], m) / m - starts / n
    open_ = np.flatnonzero(np.maximum(most_above, most_below) > found)
    places = (starts[open_][:, None] + np.arange(BLOCK)).ravel()
    return max(found, gap_at(first, second, places[places < n]))


def gap_at(first: Array, second: Array, places: Array) -> float:
    """The largest |F − G| just at and just before these places of the first sample, at least 0."""
    if not len(places):
        return 0.0
    n, m = len(first), len(second)
    values = first[places]
    upto, before = (np.searchsorted(second, values, side=side) for side in ("right", "left"))
    above, below = (places + 1) / n - upto / m, before / m - places / n
    return float(max(above.max(), below.max(), 0.0))


def wasserstein(first: Array, second: Array) -> float:
    """∫ |F⁻¹ − G⁻¹| of two sorted samples, in units of the column: the first Wasserstein distance, exact.

    Between quantiles of samples of n ≥ m rows each step of the longer one meets at most two steps of the shorter.
    """
    n, m = len(first), len(second)
    if n == m:
        return float(np.abs(first - second).mean())
    if n < m:
        return wasserstein(second, first)
    places = range(0, n, CHUNK)
    return math.fsum(area_between(first, second, place, min(place + CHUNK, n)) for place in places) / (float(n) * m)


def area_between(first: Array, second: Array, begin: int, end: int) -> float:
    """∫ |F⁻¹ − G⁻¹| over these steps of the longer sample, times n·m; a chunk at a time stays in the processor's cache."""
    n, m = len(first), len(second)
    values = first[begin:end]
    # Whole numbers below 2^53, so every product and every quotient rounded down is exact.
    start = np.arange(begin, end, dtype=np.float64) * m
    step = (start / n).astype(np.int64)
    width = np.minimum((step + 1.0) * n - start, m)
    moved = np.abs(values - second[step]) * width
    moved += np.abs(values - second[np.minimum(step + 1, m - 1)]) * (m - width)
    return float(moved.sum())


def dkw(n: int, m: int, z: float) -> float:
    """Half-width of limits of sup |F − G| at a normal quantile: √(ln(2/γ)/2·(1/n + 1/m)), γ = 2(1 − Φ(z)).

    Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990, Ann Probab 18:1269; Wei & Dudley 2012).
    """
    return math.sqrt(-math.log(float(ndtr(-z))) / 2 * (1 / n + 1 / m))


def stability_index(reference: Array, current: Array) -> tuple[float, float, float]:
    """Population stability index of counts over fixed bins: value, standard error and the plain index of other tools.

    Smoothed by ½ a bin, less its expectation (B − 1)(1/n + 1/m) without any drift (Yurdakul 2018), not below 0; the plain
    index Σ(q − p)ln(q/p) is infinite where one table alone has rows in a bin.
    """
    n, m, bins = float(reference.sum()), float(current.sum()), len(reference)
    p, q = (reference + 0.5) / (n + bins / 2), (current + 0.5) / (m + bins / 2)
    chance = 1 / n + 1 / m
    value = float(((p - q) * np.log(p / q)).sum()) - (bins - 1) * chance
    a, b = np.log(p / q) + 1 - q / p, np.log(q / p) + 1 - p / q
    spread = (p * a**2).sum() - (p * a).sum() ** 2, (q * b**2).sum() - (q * b).sum() ** 2
    error = math.sqrt(max(float(spread[0] / n + spread[1] / m + 2 * (bins - 1) * chance**2), 0.0))
    return max(value, 0.0), error, plain_index(reference / n, current / m)


def plain_index(p: Array, q: Array) -> float:
    """Σ(q − p)ln(q/p) over bins that have rows; infinite where only one table has rows."""
    used = (p > 0) | (q > 0)
    if (p[used] == 0).any() or (q[used] == 0).any():
        return math.inf
    return float(((q[used] - p[used]) * np.log(q[used] / p[used])).sum())


def homogeneity(reference: Array, current: Array) -> tuple[float, int, float, bool]:
    """Pearson's χ² of a 2×B table: statistic, degrees of freedom, p, and whether an expected count is below 1."""
    table = np.array([reference, current], dtype=np.float64)
    table = table[:, table.sum(axis=0) > 0]
    degrees = table.shape[1] - 1
    if degrees < 1:
        return 0.0, 0, 1.0, False
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return statistic, degrees, float(chdtrc(degrees, statistic)), bool(expected.min() < 1)


def wasserstein_error(first: Array, second: Array, *, seed: int) -> float:
    """The standard error of the distance by resampling rows, on a grid of quantiles of both samples together."""
    both = np.concatenate([first, second])
    edges = np.unique(np.quantile(both, np.linspace(0, 1, GRID), method="inverted_cdf"))
    if len(edges) < 2:
        return 0.0
    generator = np.random.Generator(np.random.PCG64(seed))
    shares = [cumulated(generator, sample, edges) for sample in (first, second)]
    return float((np.abs(shares[0] - shares[1])[:, :-1] * np.diff(edges)).sum(axis=1).std(ddof=1))


def cumulated(generator: np.random.Generator, sample: Array, edges: Array) -> Array:
    """Resampled distribution functions at the edges: multinomial counts of cells are resampled rows."""
    counts = np.diff(np.searchsorted(sample, edges, side="right"), prepend=0)
    return np.cumsum(generator.multinomial(len(sample), counts / len(sample), RESAMPLED), axis=1) / len(sample)
