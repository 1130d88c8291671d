"""Mean and spread of a quantity in one group, and of groups put together."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Moment:
    """Rows, mean and sum of squared distances from it; mean 0 without rows."""

    n: int
    mean: float
    squares: float

    @property
    def deviation(self) -> float:
        """The standard deviation (ddof 1); NaN below two rows."""
        return float(np.sqrt(self.squares / (self.n - 1))) if self.n > 1 else float("nan")


def moment_of(values: np.ndarray) -> Moment:
    """The moment of an array."""
    if not len(values):
        return Moment(0, 0.0, 0.0)
    mean = float(values.mean())
    return Moment(len(values), mean, float(((values - mean) ** 2).sum()))


def both(one: Moment, other: Moment) -> Moment:
    """Two groups as one (Chan, Golub & LeVeque 1983, Am Stat 37:242)."""
    n = one.n + other.n
    if not n:
        return one
    gap = other.mean - one.mean
    return Moment(n, one.mean + gap * other.n / n, one.squares + other.squares + gap * gap * one.n * other.n / n)


def together(one: Mapping[str, Moment], other: Mapping[str, Moment]) -> dict[str, Moment]:
    """Two groups' moments as one, by quantity."""
    nothing = Moment(0, 0.0, 0.0)
    return {name: both(one.get(name, nothing), other.get(name, nothing)) for name in {**one, **other}}
