"""How a model's score goes with one input: partial dependence and accumulated local effects, on plain arrays."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray
Score = Callable[[Array], Array]

ROWS, PLACES, MOST_CURVES = 500, 20, 4
# From this rank correlation with another input on, rows that partial dependence makes up are no longer believable.
CORRELATED = 0.3


def curve(score: Score, matrix: Array, index: int, names: Sequence[str]) -> dict[str, Any]:
    """Both curves of one input at the same places, and which of the two to read.

    `matrix` rows x inputs, NaN where a cell is empty; `score` one number a row. Accumulated local effects are preferred
    where the input goes with another one (|rank correlation| from 0.3 on). Without two different values the places are
    empty. Errors are standard errors over the rows, null where one place has a single row.
    """
    partner, size = nearest(matrix, index)
    found: dict[str, Any] = {
        "name": names[index], "rows": len(matrix), "preferred": "ale" if size >= CORRELATED else "pdp", "correlation": size,
        "goes_with": None if partner is None else names[partner], "places": [],
    }  # fmt: skip
    edges = places(matrix[:, index])
    if len(edges) < 2:
        return found
    dependence, wide = partial_dependence(score, matrix, index, edges)
    effect, error, counts = accumulated(score, matrix, index, edges)
    found["places"] = [
        {"at": float(at), "n": int(n), "pdp": float(one), "pdp_error": number(off), "ale": float(two), "ale_error": number(far)}
        for at, n, one, off, two, far in zip(edges, counts, dependence, wide, effect, error, strict=True)
    ]  # fmt: skip
    return found


def places(cells: Array) -> Array:
    """Up to 21 different values of an input at quantiles of equal mass, each of which some row has; all where they are few."""
    filled = np.unique(cells[~np.isnan(cells)])
    if len(filled) <= PLACES + 1:
        return np.asarray(filled)
    return np.unique(np.quantile(cells[~np.isnan(cells)], np.linspace(0, 1, PLACES + 1), method="inverted_cdf"))


def partial_dependence(score: Score, matrix: Array, index: int, grid: Array) -> tuple[Array, Array]:
    """Mean score of all rows with the input set to each value of the grid, and its standard error over the rows.

    Friedman (2001), Annals of Statistics 29:1189, section 8.2: f̂(z) = 1/n Σ f(z, x_i without the input).
    """
    answers = np.stack([score(with_value(matrix, index, value)) for value in grid])
    rows = matrix.shape[0]
    error = answers.std(axis=1, ddof=1) / np.sqrt(rows) if rows > 1 else np.full(len(grid), np.nan)
    return answers.mean(axis=1), error


def accumulated(score: Score, matrix: Array, index: int, edges: Array) -> tuple[Array, Array, Array]:
    """Accumulated local effects at each edge, standard errors, and the rows of the bin that ends there (0 at the first).

    Apley and Zhu (2020), JRSS B 82:1059, equations 15 and 16: in each bin (z_{k−1}, z_k] the mean over its rows of
    f(z_k, rest) − f(z_{k−1}, rest), summed up from the left, less its mean over the rows. Rows without a value stand out.
    With bins of given size the effect is a weighted sum of independent means, and so is its variance.
    """
    rows = matrix[~np.isnan(matrix[:, index])]
    bins = np.clip(np.searchsorted(edges, rows[:, index], side="left"), 1, len(edges) - 1)
    steps = score(with_value(rows, index, edges[bins])) - score(with_value(rows, index, edges[bins - 1]))
    counts = np.bincount(bins, minlength=len(edges))[1:]
    sums = np.bincount(bins, weights=steps, minlength=len(edges))[1:]
    means = sums / np.maximum(counts, 1)
    rest = np.bincount(bins, weights=(steps - means[bins - 1]) ** 2, minlength=len(edges))[1:]
    variance = np.where(counts > 1, rest / np.maximum(counts - 1, 1) / np.maximum(counts, 1), np.nan)
    variance = np.where(counts == 0, 0.0, variance)
    raised = np.tri(len(edges), len(edges) - 1, -1)
    weights = raised - (counts[::-1].cumsum()[::-1] / counts.sum())
    return weights @ means, np.sqrt((weights**2) @ variance), np.append(0, counts)


def with_value(matrix: Array, index: int, value: Any) -> Array:
    """The rows with one input set to a value, or to one for each row."""
    changed = matrix.copy()
    changed[:, index] = value
    return changed


def nearest(matrix: Array, index: int) -> tuple[int | None, float]:
    """The other input that goes with this one most, and the size of Spearman's rank correlation; 0 where none varies."""
    best: tuple[int | None, float] = (None, 0.0)
    for other in range(matrix.shape[1]):
        both = ~np.isnan(matrix[:, index]) & ~np.isnan(matrix[:, other])
        if other == index or both.sum() < 3:
            continue
        one, two = ranks(matrix[both, index]), ranks(matrix[both, other])
        scale = one.std() * two.std()
        size = abs(float(((one - one.mean()) * (two - two.mean())).mean() / scale)) if scale else 0.0
        best = (other, min(size, 1.0)) if size > best[1] else best
    return best


def ranks(values: Array) -> Array:
    """Ranks from 0 on, equal values with their mean rank."""
    _seen, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = counts.cumsum()
    return np.asarray((ends - (counts + 1) / 2)[place])


def number(value: float) -> float | None:
    """A number, or null where it is none."""
    return float(value) if np.isfinite(value) else None
