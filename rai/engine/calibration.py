"""How scores keep their word: bins of equal mass, the calibration error with limits, and the parts of the Brier score."""

import itertools
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

MOST_BINS = 10
ROWS_A_BIN = 20


@dataclass(frozen=True)
class Bins:
    """Rows of like score, as arrays over the bins: rows, mean score, share of positives, and spread within.

    `residual` is the variance of label − score (ddof 1); `within` and `joint` are variance of the score and its
    covariance with the label within the bin (ddof 0).
    """

    n: tuple[float, ...]
    score: tuple[float, ...]
    label: tuple[float, ...]
    residual: tuple[float, ...]
    within: tuple[float, ...]
    joint: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.n)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The same as arrays of float64."""
        return {name: np.array(values, dtype=np.float64) for name, values in asdict(self).items()}

    @property
    def rows(self) -> float:
        """Rows in all bins."""
        return float(sum(self.n))

    def scaled(self, factor: float) -> "Bins":
        """The same bins seen on `factor` times the rows."""
        return replace(self, n=tuple(n * factor for n in self.n))

    def to_json(self) -> dict[str, Any]:
        """Lists by name."""
        return {name: list(values) for name, values in asdict(self).items()}


def bins_of(score: np.ndarray, label: np.ndarray, *, most: int | None = None) -> Bins | None:
    """Bins of equal mass; equal scores are never parted.

    `score` sorted, `label` 0 or 1 beside it. min(10, ⌊n/20⌋) bins unless `most` is given; None where fewer than two
    come out: too few rows, or one score for (nearly) all. A bin of one row joins its neighbour.
    """
    n = len(score)
    count = min(MOST_BINS, n // ROWS_A_BIN) if most is None else most
    if count < 2:
        return None
    edges = joined(edges_of(score, count))
    if len(edges) < 3:
        return None
    parts = [slice(first, last) for first, last in itertools.pairwise(edges)]
    found = [one_bin(score[part], label[part]) for part in parts]
    return Bins(*(tuple(column) for column in zip(*found, strict=True)))


def edges_of(score: np.ndarray, count: int) -> list[int]:
    """Where bins begin, and the end: each run of equal scores lies in the bin of its middle."""
    n = len(score)
    starts = np.concatenate([[0], np.flatnonzero(score[1:] != score[:-1]) + 1])
    ends = np.concatenate([starts[1:], [n]])
    # ⌊count · middle / n⌋ in whole numbers.
    bins = count * (starts + ends) // (2 * n)
    firsts = np.concatenate([[0], np.flatnonzero(bins[1:] != bins[:-1]) + 1])
    return [*starts[firsts].tolist(), n]


def joined(edges: list[int]) -> list[int]:
    """The edges without bins of a single row, which have no variance."""
    kept = [edges[0]]
    for edge in edges[1:]:
        if edge - kept[-1] >= 2:
            kept.append(edge)
    if kept[-1] != edges[-1]:
        kept[-1] = edges[-1]
    return kept


def one_bin(score: np.ndarray, label: np.ndarray) -> tuple[float, ...]:
    """Rows, means and spreads of one bin, in the order of `Bins`."""
    score_mean, label_mean = float(score.mean()), float(label.mean())
    residual = float((label - score).var(ddof=1))
    joint = float(((score - score_mean) * (label - label_mean)).mean())
    return float(len(score)), score_mean, label_mean, residual, float(score.var()), joint


def expected_error(bins: Bins) -> float:
    """ECE = Σ w_b |mean label − mean score|: biased upward, so never judged."""
    b = bins.arrays
    return float((b["n"] / bins.rows * np.abs(b["label"] - b["score"])).sum())


def noise_floor(bins: Bins) -> float:
    """What ECE would be by chance alone for perfect scores: Σ w_b √(2 s_b²/(π n_b))."""
    b = bins.arrays
    return float((b["n"] / bins.rows * np.sqrt(2 * b["residual"] / (math.pi * b["n"]))).sum())


def squared_error(bins: Bins) -> float:
    """T = Σ w_b (d_b² − s_b²/n_b), the unbiased squared error (Kumar, Liang & Ma 2019); may be negative."""
    b = bins.arrays
    return float((b["n"] / bins.rows * ((b["label"] - b["score"]) ** 2 - b["residual"] / b["n"])).sum())


def calibration_error(bins: Bins) -> float:
    """√max(T, 0): the root of the mean squared distance between score and share of positives, over these bins."""
    return math.sqrt(max(squared_error(bins), 0.0))


def error_limits(bins: Bins, z: float) -> tuple[float, float]:
    """Limits of the calibration error at `z`: a score interval, so that it has width where the error is 0."""
    b, n = bins.arrays, bins.rows
    share = b["n"] / n
    found = squared_error(bins)
    variance = np.maximum(b["residual"], b["score"] * (1 - b["score"]))
    excess = share * np.maximum((b["label"] - b["score"]) ** 2 - b["residual"] / b["n"], 0)
    weighted = float((excess * variance).sum() / excess.sum()) if excess.sum() > 0 else 0.0
    typical = max(float((share * variance).sum()), weighted)
    a = 2 * z * z * typical / n
    d = 2 * a * max(found, 0.0) + a * a + 2 * z * z * float((variance**2).sum()) / n**2
    low = max(found + a - math.sqrt(d), 0.0)
    return math.sqrt(low), math.sqrt(max(found, 0.0) + a + math.sqrt(d))


@dataclass(frozen=True)
class BrierParts:
    """Brier score = reliability − resolution + uncertainty + within − joint (Murphy 1973; Stephenson et al. 2008).

    The corrected ones take out the bias of small bins (Ferro & Fricker 2012); they may be negative.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bin_variance: float
    within_bin_covariance: float
    reliability_corrected: float
    resolution_corrected: float
    uncertainty_corrected: float


def brier_parts(bins: Bins) -> BrierParts:
    """The Brier score taken apart over these bins."""
    b, n = bins.arrays, bins.rows
    share, mean = b["n"] / n, float((b["n"] * b["label"]).sum() / n)
    reliability = float((share * (b["score"] - b["label"]) ** 2).sum())
    resolution = float((share * (b["label"] - mean) ** 2).sum())
    uncertainty = mean * (1 - mean)
    within, joint = float((share * b["within"]).sum()), 2 * float((share * b["joint"]).sum())
    bias = float((share * b["label"] * (1 - b["label"]) / (b["n"] - 1)).sum())
    whole_bias = uncertainty / (n - 1)
    return BrierParts(
        score=reliability - resolution + uncertainty + within - joint,
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within_bin_variance=within,
        within_bin_covariance=joint,
        reliability_corrected=reliability - bias,
        resolution_corrected=resolution - bias + whole_bias,
        uncertainty_corrected=uncertainty + whole_bias,
    )
