"""Distances between two distributions over the same categories: formulas on arrays that know nothing of groups."""

import numpy as np

Array = np.ndarray


def kullback_leibler(p: Array, q: Array) -> float:
    """Σ p ln(p/q) in nats, ≥ 0; infinite where q is 0 and p is not (Kullback & Leibler 1951, Ann Math Stat 22:79)."""
    has = p > 0
    if (q[has] == 0).any():
        return float("inf")
    return float((p[has] * np.log(p[has] / q[has])).sum())


def jensen_shannon(p: Array, q: Array) -> float:
    """½ KL(p ‖ m) + ½ KL(q ‖ m) with m = ½(p + q), in nats, in [0, ln 2] (Lin 1991, IEEE Trans Inf Theory 37:145)."""
    middle = (p + q) / 2
    return (kullback_leibler(p, middle) + kullback_leibler(q, middle)) / 2


def lp_norm(p: Array, q: Array, power: float = 2.0) -> float:
    """(Σ |p − q|^power)^(1/power), ≥ 0."""
    return float((np.abs(p - q) ** power).sum() ** (1 / power))


def total_variation(p: Array, q: Array) -> float:
    """½ Σ |p − q|, in [0, 1]."""
    return float(np.abs(p - q).sum() / 2)


def largest_gap(p: Array, q: Array) -> float:
    """max |p − q| over the categories, in [0, 1]: what Clarify calls the Kolmogorov–Smirnov distance of labels."""
    return float(np.abs(p - q).max())
