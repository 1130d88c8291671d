"""Two areas under ROC curves on the same rows: their covariance, and limits of the difference that know of it."""

import math
from dataclasses import dataclass

import numpy as np

from rai.engine.areas import Area, area, area_limits, is_by_score
from rai.engine.intervals import paired_difference


@dataclass(frozen=True)
class AreaPair:
    """The areas of two scores on the same rows, and the covariance of the two estimates; None where it is undefined."""

    first: Area
    second: Area
    covariance: float | None

    @property
    def difference(self) -> float | None:
        """First less second."""
        if self.first.value is None or self.second.value is None:
            return None
        return self.first.value - self.second.value

    @property
    def correlation(self) -> float:
        """The correlation of the two estimates; 0, which widens the limits, where one of them has no variance."""
        if self.covariance is None or is_by_score(self.first) or is_by_score(self.second):
            return 0.0
        return float(
            np.clip(self.covariance / math.sqrt((self.first.variance or 0.0) * (self.second.variance or 0.0)), -1, 1)
        )

    def limits(self, z: float) -> tuple[float, float]:
        """Limits of first − second: MOVER with correlation (Zou 2007, Psychol Methods 12:399) on logit DeLong limits.

        Never narrower than Agresti and Min's without a row that changed, on as many rows as the smaller class has: two
        scores that rank these rows alike may rank others apart.
        """
        d = self.difference
        if d is None:
            return math.nan, math.nan
        one, other, r = self.first.value or 0.0, self.second.value or 0.0, self.correlation
        (low1, high1), (low2, high2) = area_limits(self.first, z), area_limits(self.second, z)
        least = paired_difference(0, 0, min(self.first.positives, self.first.negatives), z)[2]
        below = max(mixed(one - low1, high2 - other, r), least)
        return d - below, d + max(mixed(high1 - one, other - low2, r), least)


def mixed(one: float, other: float, r: float) -> float:
    """How far a difference reaches whose two sides reach `one` and `other` with correlation r."""
    return math.sqrt(max(one**2 + other**2 - 2 * r * one * other, 0.0))


def area_pair(label: np.ndarray, first: np.ndarray, second: np.ndarray) -> AreaPair:
    """Both areas of rows with labels 0 and 1. Covariance after DeLong, DeLong & Clarke-Pearson 1988 (Biometrics 44:837).

    Placements are half counts of rows of the other class, summed in the order of the labels and scores, never of the file.
    """
    order = np.lexsort((second, first, label))
    label, first, second = label[order], first[order], second[order]
    one, other = ((each[label == 1], each[label == 0]) for each in (first, second))
    areas = (area(np.sort(one[0]), np.sort(one[1])), area(np.sort(other[0]), np.sort(other[1])))
    p, n = len(one[0]), len(one[1])
    if min(p, n) < 2:
        return AreaPair(areas[0], areas[1], None)
    of_positives = shared(placed(one[0], one[1]), placed(other[0], other[1]))
    of_negatives = shared(placed(one[1], one[0]), placed(other[1], other[0]))
    return AreaPair(areas[0], areas[1], of_positives / p + of_negatives / n)


def shared(one: np.ndarray, other: np.ndarray) -> float:
    """The covariance of two arrays (ddof 1)."""
    return float(((one - one.mean()) * (other - other.mean())).sum() / (len(one) - 1))


def placed(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """For each value the share of the others below it, ties half."""
    ordered = np.sort(among)
    below = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return np.asarray(below / (2 * len(among)))
