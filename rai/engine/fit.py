"""R² of numbers with a resampled interval: shown, never judged."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

# Named here, so that it is loaded before any file is read.
from numpy.random import PCG64, Generator

DRAWS = 2_000
MOST_BLOCKS = 500
PERCENT = (2.5, 97.5)


@dataclass(frozen=True)
class Fit:
    """R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)², null where all true values are equal; `low` and `high` by resampling at 95 %."""

    value: float | None
    low: float | None
    high: float | None


@lru_cache(maxsize=4)
def draws(blocks: int) -> np.ndarray:
    """How often each block comes up in each draw (draws × blocks); the same for every group of this size."""
    generator = Generator(PCG64(1))
    return generator.multinomial(blocks, np.full(blocks, 1 / blocks), size=DRAWS).astype(np.float64)


def fit_of(truth: np.ndarray, residual: np.ndarray) -> Fit:
    """R² of one group.

    Rows are resampled (percentile, 2,000 draws, seed 0); above 500 rows they are dealt at random into 500 blocks and the
    blocks resampled, which leaves the variance of sums as it is.
    """
    n = len(truth)
    if n < 2 or truth.min() == truth.max():
        return Fit(None, None, None)
    centred = truth - truth.mean()
    value = 1 - float((residual**2).sum()) / float((centred**2).sum())
    generator = Generator(PCG64(0))
    blocks = min(n, MOST_BLOCKS)
    block = generator.permutation(np.arange(n) % blocks)
    columns = (np.ones(n), centred, centred**2, residual**2)
    sums = np.stack([np.bincount(block, weights=column, minlength=blocks) for column in columns], axis=1)
    rows, first, second, errors = (draws(blocks) @ sums).T
    total = second - first**2 / rows
    drawn = 1 - errors[total > 0] / total[total > 0]
    low, high = np.percentile(drawn, PERCENT)
    return Fit(value, float(low), float(high))
