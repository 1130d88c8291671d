"""How attributions of one table and model differ from those of another: shares, ranks and distributions, on plain arrays."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from rai.engine import attribution
from rai.engine.distances import dkw, kolmogorov_smirnov

Array = np.ndarray
REPLICATES = 1_000


@dataclass(frozen=True)
class Shift:
    """Attributions before and now over the same inputs, each rows x inputs, in units of the raw score of its model."""

    before: Array
    now: Array
    seed: int = 0

    def change(self) -> tuple[Array, Array]:
        """Each input's share of all attribution now less before, and its standard error by resampling the rows of both.

        Bootstrap standard errors (Efron and Tibshirani 1993, chapter 6), the two tables being independent. NaN where a
        side has no attribution at all.
        """
        change = attribution.shares(self.now)[0] - attribution.shares(self.before)[0]
        errors = [resampled(np.abs(values), self.seed + place) for place, values in enumerate((self.before, self.now))]
        return change, np.sqrt(errors[0] ** 2 + errors[1] ** 2)

    def gaps(self) -> Array:
        """For each input the largest gap between the distributions of φ, each in units of its model's mean total |φ|."""
        before, now = (scaled(values) for values in (self.before, self.now))
        return np.array(
            [kolmogorov_smirnov(np.sort(one), np.sort(other)) for one, other in zip(before.T, now.T, strict=True)]
        )

    def gap_limits(self, gap: float, z: float) -> tuple[float, float]:
        """Limits of such a gap (Dvoretzky, Kiefer, Wolfowitz and Massart), within 0 and 1."""
        half = dkw(len(self.before), len(self.now), z)
        return max(gap - half, 0.0), min(gap + half, 1.0)

    def moves(self, z: float) -> tuple[Array, Array]:
        """Which inputs surely have another rank than before, and which may have: both statements hold at once at z.

        An input surely moved when its two rank intervals do not meet; it surely stayed when both are the same one rank.
        """
        before, now = self.ranks(z)
        surely = (before.low > now.high) | (now.low > before.high)
        stayed = (before.low == before.high) & (now.low == now.high) & (before.low == now.low)
        return surely, ~stayed

    def ranks(self, z: float) -> tuple[attribution.Ranks, attribution.Ranks]:
        """Rank intervals of both sides, which hold together for all pairs of inputs of both tables (Šidák)."""
        width = self.before.shape[1]
        pairs = max(1, width * (width - 1))
        tail = -np.expm1(np.log1p(-2 * float(ndtr(-z))) / pairs)
        together = -float(ndtri(tail / 2))
        return attribution.rank_intervals(self.before, together), attribution.rank_intervals(self.now, together)


def scaled(values: Array) -> Array:
    """Values in units of the mean total |φ| of a row; as they are where all are 0."""
    total = float(np.abs(values).sum(axis=1).mean()) if len(values) else 0.0
    return values / total if total else values


def resampled(magnitude: Array, seed: int) -> Array:
    """Standard error of each input's share of all |φ| over 1,000 resamples of the rows. `magnitude` rows x inputs."""
    draw, rows = np.random.Generator(np.random.PCG64(seed)), len(magnitude)
    found = np.empty((REPLICATES, magnitude.shape[1]))
    for replicate in range(REPLICATES):
        sums = np.bincount(draw.integers(0, rows, rows), minlength=rows) @ magnitude
        total = sums.sum()
        found[replicate] = sums / total if total else np.nan
    return np.asarray(found.std(axis=0, ddof=1))
