"""The area under the ROC curve: exact by ranks, with DeLong's variance and limits that stay inside 0 and 1."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Found = TypeVar("Found")

STEPS = 100
THREADS = 4
ROWS_A_PIECE = 100_000
FEW, SEEN, BUCKETS = 4_096, 1_024, 65_535.0


@dataclass(frozen=True)
class Area:
    """The chance that a positive scores above a negative (ties count half), and the variance of that estimate.

    `value` and `variance` are None without positives or without negatives; `variance` also with one of either.
    """

    value: float | None
    variance: float | None
    positives: int
    negatives: int


def area(positives: np.ndarray, negatives: np.ndarray) -> Area:
    """The area of two sorted arrays of scores.

    Exact: the numerator Σ over positives of 2·#(negatives below) + #(tied) is a whole number. Variance after DeLong,
    DeLong & Clarke-Pearson 1988 (Biometrics 44:837) in the O(n log n) form of Sun & Xu 2014 (IEEE SPL 21:1389).
    """
    p, n = len(positives), len(negatives)
    if not p or not n:
        return Area(None, None, p, n)
    # The smaller side looks itself up in the larger one.
    is_swapped = p > n
    few, many = (negatives, positives) if is_swapped else (positives, negatives)
    below, upto = ranks(few, many)
    twice = int(below.sum()) + int(upto.sum())
    whole = 2 * p * n
    value = (whole - twice if is_swapped else twice) / whole
    if min(p, n) < 2:
        return Area(value, None, p, n)
    # Placements in half steps: whole numbers, divided once at the end.
    of_few = float((below + upto).var(ddof=1)) / (2 * len(many)) ** 2
    of_many = float((passed(upto, len(many)) + passed(below, len(many))).var(ddof=1)) / (2 * len(few)) ** 2
    variance = of_few / len(few) + of_many / len(many)
    return Area(value, variance, p, n)


def ranks(few: np.ndarray, many: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each of `few` how many of `many` lie below it, and how many below it or level with it; both sorted."""
    below = np.searchsorted(many, few, "left")
    upto = below.copy()
    tied = many[np.minimum(below, len(many) - 1)] == few
    if tied.any():
        upto[tied] = np.searchsorted(many, few[tied], "right")
    return below, upto


def passed(places: np.ndarray, size: int) -> np.ndarray:
    """For each place in a sorted array of `size` how many of `places` lie at or before it."""
    return np.cumsum(np.bincount(places, minlength=size + 1))[:size]


@dataclass(frozen=True)
class Piece:
    """Some rows' scores laid out by group, negatives before positives; `edges` are the places where each begins."""

    scores: np.ndarray
    edges: np.ndarray


@dataclass(frozen=True)
class Parted:
    """All rows' scores by group and label, in pieces."""

    pieces: tuple[Piece, ...]

    def sides(self, group: int) -> tuple[np.ndarray, np.ndarray]:
        """The sorted scores of a group's positives and negatives."""
        negatives, positives = (in_order(self.gathered(at)) for at in (2 * group, 2 * group + 1))
        return positives, negatives

    def gathered(self, at: int) -> np.ndarray:
        """The scores of one side."""
        return np.concatenate([piece.scores[piece.edges[at] : piece.edges[at + 1]] for piece in self.pieces])


def in_order(scores: np.ndarray) -> np.ndarray:
    """The scores sorted. Put into 65,536 even buckets by counting first, they are nearly in order, which merging likes.

    Twice as fast as sorting at once where scores are spread; where they are not, they are sorted at once.
    """
    if len(scores) < FEW:
        return np.sort(scores)
    low, high = float(scores.min()), float(scores.max())
    scale = BUCKETS / (high - low) if high > low else math.inf
    if not math.isfinite(scale) or not scale:
        return np.sort(scores)
    buckets = ((scores - low) * scale).astype(np.uint16)
    if np.bincount(buckets[:: len(scores) // SEEN]).max() > SEEN // 16:
        return np.sort(scores)
    ordered = scores[np.argsort(buckets, kind="stable")]
    ordered.sort(kind="stable")
    return ordered


def parted(label: np.ndarray, score: np.ndarray, codes: np.ndarray, groups: int, *, threads: int = THREADS) -> Parted:
    """The scores by group and label.

    `label` 0 or 1, `score` finite, `codes` from 0 to groups − 1, all of one length. Sides are sorted before anything is
    computed from them, so nothing depends on the order of the rows.
    """
    count = max(1, min(threads, len(score) // ROWS_A_PIECE))
    edges = [len(score) * place // count for place in range(count + 1)]

    def piece(place: int) -> Piece:
        rows = slice(edges[place], edges[place + 1])
        return piece_of(label[rows], score[rows], codes[rows], groups)

    return Parted(tuple(in_threads(piece, count, threads)))


def piece_of(label: np.ndarray, score: np.ndarray, codes: np.ndarray, groups: int) -> Piece:
    """One piece, by a sort of narrow keys, which numpy does by counting."""
    kind = np.uint8 if groups <= 2**7 else np.uint16 if groups <= 2**15 else np.uint32
    keys: np.ndarray = codes.astype(kind)
    keys <<= 1
    keys |= label.astype(kind)
    edges = np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=2 * groups))])
    return Piece(score[np.argsort(keys, kind="stable")], edges)


def areas(
    label: np.ndarray, score: np.ndarray, codes: np.ndarray, groups: int, *, threads: int = THREADS
) -> list[Area]:
    """The area of every group (arrays as for `parted`)."""
    found = parted(label, score, codes, groups, threads=threads)
    return in_threads(lambda group: area(*found.sides(group)), groups, threads)


def in_threads(work: Callable[[int], Found], groups: int, threads: int) -> list[Found]:
    """The work for every number. Sorting lets go of the interpreter, so threads share the time."""
    if threads < 2 or groups < 2:
        return [work(group) for group in range(groups)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, range(groups)))


def area_limits(found: Area, z: float) -> tuple[float, float]:
    """Limits of an area at `z`: logit DeLong; where that has no variance, Newcombe's method 5."""
    if found.value is None:
        return math.nan, math.nan
    if is_by_score(found):
        return score_limits(found.value, found.positives, found.negatives, z)
    a = found.value
    reach = z * math.sqrt(found.variance or 0.0) / (a * (1 - a))
    middle = math.log(a / (1 - a))
    return expit(middle - reach), expit(middle + reach)


def is_by_score(found: Area) -> bool:
    """DeLong's variance says nothing: no overlap, one score for all, or a single positive or negative."""
    return found.value in {0.0, 1.0} or not found.variance


def expit(x: float) -> float:
    """1 / (1 + e^−x) without overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def score_limits(a: float, positives: float, negatives: float, z: float) -> tuple[float, float]:
    """The θ on either side with |a − θ| = z·√V(θ) (Newcombe 2006, Stat Med 25:559, method 5)."""
    low = 0.0 if a == 0 else lower(a, positives, negatives, z)
    high = 1.0 if a == 1 else 1 - lower(1 - a, positives, negatives, z)
    return low, high


def lower(a: float, positives: float, negatives: float, z: float) -> float:
    """The lower limit by bisection: the distance to `a` outweighs the error near 0, the error near `a`."""
    low, high = 0.0, a
    for _ in range(STEPS):
        theta = (low + high) / 2
        if a - theta > z * math.sqrt(variance_at(theta, positives, negatives)):
            low = theta
        else:
            high = theta
    return (low + high) / 2


def variance_at(theta: float, positives: float, negatives: float) -> float:
    """The variance of an area that is really θ, for positives and negatives of like spread."""
    pairs = (positives + negatives) / 2 - 1
    inner = 1 + pairs * ((1 - theta) / (2 - theta) + theta / (1 + theta))
    return theta * (1 - theta) * inner / (positives * negatives)
