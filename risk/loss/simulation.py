"""Simulates what risks cost in a year; pure, the same for the same seed.

A year has a number of cases of each risk, drawn from the Poisson distribution of its cases a year. A case costs by the
beta-PERT distribution of its least, likely and greatest loss: with span s = most - least, the mean is
(least + 4 likely + most) / 6 and the shape is a = 1 + 4 (likely - least) / s, b = 1 + 4 (most - likely) / s
(D. G. Malcolm et al., Operations Research 7(5), 1959). Risks and cases are independent of each other.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

YEARS: Final = 10_000
SEED: Final = 20_260_101
SHARES: Final = (50, 90, 95, 99)
STEPS: Final = 40


@dataclass(frozen=True)
class Estimate:
    """Cases a year (above 0, at most 50) and the loss of one case, in one currency; least <= likely <= most."""

    per_year: float
    least: float
    likely: float
    most: float

    @property
    def mean(self) -> float:
        """The expected loss of a year: cases times the mean of the beta-PERT distribution."""
        return self.per_year * (self.least + 4 * self.likely + self.most) / 6


@dataclass(frozen=True)
class Curve:
    """What `years` simulated years cost. `percentiles` are (share, loss); `points` are (loss, share of years above it)."""

    years: int
    seed: int
    mean: float
    percentiles: tuple[tuple[int, float], ...]
    points: tuple[tuple[float, float], ...]

    def at(self, share: int) -> float:
        """The loss that this share of years, in percent, does not exceed."""
        return dict(self.percentiles)[share]


def cases(draw: random.Random, rate: float) -> int:
    """A number of cases from the Poisson distribution of a rate above 0, by multiplying uniform numbers (Knuth)."""
    limit, count, product = math.exp(-rate), 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count


def cost(draw: random.Random, each: Estimate) -> float:
    """What one case costs."""
    span = each.most - each.least
    if span == 0:
        return each.least
    below, above = 4 * (each.likely - each.least) / span, 4 * (each.most - each.likely) / span
    return each.least + span * draw.betavariate(1 + below, 1 + above)


def year(draw: random.Random, estimates: Sequence[Estimate]) -> float:
    """What one year costs."""
    return sum(cost(draw, each) for each in estimates for _case in range(cases(draw, each.per_year)))


@lru_cache(maxsize=64)
def simulated(estimates: tuple[Estimate, ...], years: int = YEARS, seed: int = SEED) -> Curve:
    """The curve of all these risks together; percentiles are those of the nearest rank.

    Raises ValueError for no years.
    """
    if years < 1:
        raise ValueError("simulate at least one year")
    draw = random.Random(seed)
    losses = sorted(year(draw, estimates) for _year in range(years))
    percentiles = tuple((share, losses[max(0, math.ceil(years * share / 100) - 1)]) for share in SHARES)
    return Curve(years, seed, sum(losses) / years, percentiles, exceeding(losses))


def exceeding(losses: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """For steps of loss up to that of one year in two hundred: which share of the sorted years costs more."""
    top = losses[math.ceil(len(losses) * 0.995) - 1]
    found, place = [], 0
    for step in range(STEPS + 1):
        loss = top * step / STEPS
        while place < len(losses) and losses[place] <= loss:
            place += 1
        found.append((loss, 1 - place / len(losses)))
    return tuple(found)
