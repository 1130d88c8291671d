"""How surely values tell groups apart, from a table of counts: Cramér's V, mutual information, correlation ratio, areas."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, xlogy

from rai.engine.areas import Area, area_limits

Array = np.ndarray

BINS = 10
FOLDS = 5


@dataclass(frozen=True)
class Strength:
    """An association in [0, 1]: √(x/scale) where `is_root`, else x/scale, of an unbiased estimate x of `plain`.

    `spread` is the variance of x by the delta method, `floor` its variance without any association. Limits are the wider of
    x ± z·√(spread + floor) and the score limits, the x′ with (x − x′)² = z²·(spread·x′/plain + floor): near none the
    variance grows with the association, so that the first alone reach too little upward.
    """

    estimate: float
    plain: float
    spread: float
    floor: float
    scale: float
    is_root: bool

    @property
    def value(self) -> float:
        """The association."""
        return self.at(self.estimate)

    def limits(self, z: float) -> tuple[float, float]:
        """Limits at z."""
        half = z * math.sqrt(self.spread + self.floor)
        slope = z * z * self.spread / self.plain / 2 if self.plain > 0 else 0.0
        reach = math.sqrt(max(slope**2 + 2 * slope * self.estimate + z * z * self.floor, 0.0))
        low, high = self.estimate + slope - reach, self.estimate + slope + reach
        return self.at(min(self.estimate - half, low)), self.at(max(self.estimate + half, high))

    def at(self, x: float) -> float:
        """An estimate as an association."""
        share = min(max(x, 0.0) / self.scale, 1.0)
        return math.sqrt(share) if self.is_root else share


def filled(counts: Array) -> Array:
    """The table without empty rows and columns."""
    kept = np.asarray(counts, dtype=np.float64)
    kept = kept[kept.any(axis=1)]
    return kept[:, kept.any(axis=0)]


def is_table(counts: Array) -> bool:
    """Two values and two groups stand there."""
    return min(filled(counts).shape) > 1


def expected(counts: Array) -> Array:
    """Counts of a table without any association and the same margins."""
    return np.asarray(counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / counts.sum())


@dataclass(frozen=True)
class ChiSquare:
    """Pearson's test that values and groups are independent: shown, never decides."""

    statistic: float
    degrees: int
    p: float
    approximate: bool


def chi_square(counts: Array) -> ChiSquare:
    """Pearson's χ² of a table, without a continuity correction."""
    table = filled(counts)
    due = expected(table)
    statistic, degrees = float(((table - due) ** 2 / due).sum()), (table.shape[0] - 1) * (table.shape[1] - 1)
    return ChiSquare(statistic, degrees, float(chdtrc(degrees, statistic)), bool(due.min() < 1))


def cramers_v_plain(counts: Array) -> float:
    """Cramér's V as other tools print it: biased upward in small tables."""
    table = filled(counts)
    return math.sqrt(min(chi_square(table).statistic / (table.sum() * (min(table.shape) - 1)), 1.0))


def cramers_v(counts: Array) -> Strength:
    """Cramér's V without its bias (Bergsma 2013, J Korean Stat Soc 42:323).

    φ² − (r−1)(c−1)/(n−1), over min(r̃, c̃) − 1 with r̃ = r − (r−1)²/(n−1). Its variance is that of the delta method for
    multinomial counts (Bishop, Fienberg & Holland 1975, 11.3) and, so that it has width where there is none, that of
    χ²/n without any association, 2(r−1)(c−1)/n².
    """
    table = filled(counts)
    n, (r, c) = float(table.sum()), table.shape
    due = expected(table)
    degrees = (r - 1) * (c - 1)
    square = float(((table - due) ** 2 / due).sum()) / n
    p, rows, columns = table / n, table.sum(axis=1, keepdims=True) / n, table.sum(axis=0, keepdims=True) / n
    ratio = p**2 / (rows * columns)
    pull = (
        2 * p / (rows * columns) - ratio.sum(axis=1, keepdims=True) / rows - ratio.sum(axis=0, keepdims=True) / columns
    )
    scale = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    floor = 2 * degrees / n**2
    return Strength(square - degrees / (n - 1), square, spread(p, pull) / n, floor, max(scale, 1 / n), is_root=True)


def spread(p: Array, pull: Array) -> float:
    """Variance of one row's influence `pull` under shares `p`."""
    mean = float((p * pull).sum())
    return max(float((p * pull**2).sum()) - mean**2, 0.0)


def information_plain(counts: Array) -> float:
    """Mutual information over the mean of both entropies, as scikit-learn prints it."""
    table = filled(counts)
    return min(max(information(table) / mean_entropy(table), 0.0), 1.0)


def information(table: Array) -> float:
    """Mutual information of a table in nats."""
    p, due = table / table.sum(), expected(table) / table.sum()
    return float((xlogy(p, p) - xlogy(p, due)).sum())


def mean_entropy(table: Array) -> float:
    """The mean of the entropies of values and groups."""
    shares = [table.sum(axis=axis) / table.sum() for axis in (0, 1)]
    return float(sum(-xlogy(share, share).sum() for share in shares)) / 2


def normalised_information(counts: Array) -> Strength:
    """Mutual information without its bias (r−1)(c−1)/2n (Miller 1955), over the mean of both entropies.

    Variance by the delta method, and that of G/2n without any association, (r−1)(c−1)/2n².
    """
    table = filled(counts)
    n, degrees = float(table.sum()), (table.shape[0] - 1) * (table.shape[1] - 1)
    p, due = table / n, expected(table) / n
    pull = np.log(np.divide(p, due, out=np.ones_like(p), where=p > 0))
    found, floor = information(table), degrees / (2 * n**2)
    return Strength(found - degrees / (2 * n), found, spread(p, pull) / n, floor, mean_entropy(table), is_root=False)


def correlation_ratio(counts: Array) -> Strength:
    """η of the ranks (bins in order, ties their mean rank): the root of the share of their variance that groups explain.

    η² is H/(n−1) of Kruskal & Wallis (1952), here less its mean (k−1)/(n−1) without any association; variance by the
    delta method with the ranks held, and that of H/n without any association, 2(k−1)/n².
    """
    table = filled(counts)
    n, k = float(table.sum()), table.shape[1]
    score = mean_ranks(table)
    p, share = table / n, table.sum(axis=0) / n
    means, middle = (
        (table * score[:, None]).sum(axis=0) / table.sum(axis=0),
        float((table.sum(axis=1) * score).sum() / n),
    )
    total = float((table.sum(axis=1) * (score - middle) ** 2).sum() / n)
    square = float((share * (means - middle) ** 2).sum()) / total
    pull = 2 * score[:, None] * (means - middle)[None, :] - means[None, :] ** 2
    pull = (pull - square * (score[:, None] ** 2 - 2 * middle * score[:, None])) / total
    floor = 2 * (k - 1) / n**2
    return Strength(square - (k - 1) / (n - 1), square, spread(p, pull) / n, floor, 1.0, is_root=True)


def mean_ranks(table: Array) -> Array:
    """The mean rank of the rows of each value, values in order."""
    rows = table.sum(axis=1)
    return np.asarray(np.cumsum(rows) - (rows - 1) / 2)


def in_ten(counts: Array) -> Array:
    """Values in order put into at most ten bins of like size, none parted: each lies in the bin of its middle."""
    rows = counts.sum(axis=1)
    upto, total = np.cumsum(rows), int(rows.sum())
    places = BINS * (2 * upto - rows) // (2 * max(total, 1))
    merged = np.zeros((BINS, counts.shape[1]), dtype=counts.dtype)
    np.add.at(merged, np.minimum(places, BINS - 1), counts)
    return merged[merged.any(axis=1)]


# ---- areas


def counted_area(positives: Array, negatives: Array) -> Area:
    """The area under the ROC curve of values in order, from rows by value: exact, with DeLong's variance (see `areas`)."""
    p, n = int(positives.sum()), int(negatives.sum())
    if not p or not n:
        return Area(None, None, p, n)
    below, above = np.cumsum(negatives) - negatives, p - np.cumsum(positives)
    # Placements in half steps are whole numbers; Python's do not overflow.
    of_positives, of_negatives = 2 * below + negatives, 2 * above + positives
    twice = sum(int(rows) * int(place) for rows, place in zip(positives, of_positives, strict=True))
    value = twice / (2 * p * n)
    if min(p, n) < 2:
        return Area(value, None, p, n)
    parts = ((positives, of_positives / (2 * n), p), (negatives, of_negatives / (2 * p), n))
    variance = sum(float((rows * (place - value) ** 2).sum()) / (size - 1) / size for rows, place, size in parts)
    return Area(value, variance, p, n)


@dataclass(frozen=True)
class Telling:
    """How well values tell a group from all others, from 0.5 (not at all) to 1.

    `held_out` is learned on other rows than it is held against and so too small, `seen` is both on the same rows and so
    too large; value and lower limit come from the first, the upper limit from the second. The interval is wide where many
    values have few rows each, because there the rows cannot tell.
    """

    held_out: Area
    seen: Area

    @property
    def value(self) -> float | None:
        """The area on rows that the order was not learned on."""
        return None if self.held_out.value is None or self.seen.value is None else max(self.held_out.value, 0.5)

    def limits(self, z: float) -> tuple[float, float]:
        """Limits at z."""
        return max(area_limits(self.held_out, z)[0], 0.5), max(area_limits(self.seen, z)[1], 0.5)


def told_by_order(counts: Array, group: int) -> Telling:
    """How well the order of the values tells a group from all others, either way round."""
    found = counted_area(counts[:, group], counts.sum(axis=1) - counts[:, group])
    if found.value is not None and found.value < 0.5:
        found = Area(1 - found.value, found.variance, found.positives, found.negatives)
    return Telling(found, found)


def told_by_share(counts: Array, group: int, names: tuple[str, str], *, seed: int) -> Telling:
    """How well categories tell a group from all others, ordered by the group's share in them.

    Shares are learned on four fifths of the rows and held against the last fifth, five times over. Rows are dealt out by a
    seeded draw from the counts, which is the same as dealing out rows. Variance: DeLong's of each fifth.
    """
    sides = [counts[:, group], counts.sum(axis=1) - counts[:, group]]
    seen = ordered_area(sides, sides)
    if seen.value is None:
        return Telling(seen, seen)
    draw = np.random.Generator(np.random.PCG64([seed, *drawn_from(names)]))
    folds = [dealt(side, draw) for side in sides]
    found = [ordered_area([s.sum(axis=0) - s[fold] for s in folds], [s[fold] for s in folds]) for fold in range(FOLDS)]
    if any(one.variance is None for one in found):
        return Telling(Area(None, None, seen.positives, seen.negatives), seen)
    weights = np.array([float(one.positives) * one.negatives for one in found])
    weights /= weights.sum()
    value = float(sum(weight * (one.value or 0.0) for one, weight in zip(found, weights, strict=True)))
    variance = float(sum(weight**2 * (one.variance or 0.0) for one, weight in zip(found, weights, strict=True)))
    return Telling(Area(value, variance, seen.positives, seen.negatives), seen)


def drawn_from(names: tuple[str, str]) -> list[int]:
    """Numbers that differ with the names of input and group, and never with their places."""
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return [int.from_bytes(digest[place : place + 4], "big") for place in (0, 4, 8)]


def dealt(rows: Array, draw: np.random.Generator) -> Array:
    """Rows by value dealt out to five folds of like size: (folds, values)."""
    left, folds = rows.astype(np.int64).copy(), []
    for fold in range(FOLDS, 1, -1):
        taken = draw.multivariate_hypergeometric(left, int(left.sum()) // fold, method="marginals")
        folds.append(taken)
        left = left - taken
    return np.stack([*folds, left])


def ordered_area(learned: list[Array], tested: list[Array]) -> Area:
    """The area on `tested` of values ordered by the group's share in `learned`; values not seen there by its share in all.

    Both hold the group's rows by value and all others'. One row is added to every value at the share of all.
    """
    inside, outside = learned
    base = inside.sum() / max(inside.sum() + outside.sum(), 1)
    levels, places = np.unique((inside + base) / (inside + outside + 1), return_inverse=True)
    rows = [np.bincount(places, weights=side, minlength=len(levels)).astype(np.int64) for side in tested]
    return counted_area(*rows)
