"""From what a model puts out to one finite score a row."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rai.checks.saying import InputError

# How far the sum of two probabilities in float32 may lie from one.
SUM = 1e-4


def one_score(outputs: Sequence[Any], rows: int, *, title: str) -> np.ndarray:
    """One float64 score a row of a model's outputs, in their order, each rows or rows x width.

    Probabilities of two classes, which sum to one, give that of the second. Otherwise one column of numbers is the score;
    labels are taken where nothing else is there. Raises InputError where there are more scores, or none.
    """
    found = [np.asarray(one) for one in outputs]
    numbers = [
        one.reshape(rows, -1) for one in found if one.dtype.kind in "fiub" and len(one) == rows and one.ndim <= 2
    ]
    if not numbers:
        raise InputError("{title} gives no number a row. Export it with its probabilities.", title=title)
    taken = [one for one in numbers if one.dtype.kind == "f"] or numbers[:1]
    width = sum(one.shape[1] for one in taken)
    if width != 1 and not are_two_classes(taken):
        raise InputError(
            "{title} gives {outputs} scores a row. Only models with one score can be run here: two classes, or one "
            "number. Export one model a score, or upload a table of predictions instead.",
            title=title,
            outputs=width,
        )
    return taken[0][:, -1].astype(np.float64)


def are_two_classes(found: Sequence[np.ndarray]) -> bool:
    """Two columns that sum to one in every row: the second says all. Rows without a number are told of later."""
    if len(found) != 1 or found[0].shape[1] != 2:
        return False
    sums = found[0].astype(np.float64).sum(axis=1)
    return bool((np.abs(sums[np.isfinite(sums)] - 1) < SUM).all())


def finite(scores: np.ndarray, *, title: str) -> np.ndarray:
    """The scores, if every one is a finite number."""
    bad = ~np.isfinite(scores)
    if bad.any():
        raise InputError(
            "{title} gives no finite number for {rows} of {all} rows, first for row {first} of those given. A model that "
            "does not take empty cells must not get any: fill or leave out such rows, or repair the model.",
            title=title, rows=int(bad.sum()), all=len(scores), first=int(np.flatnonzero(bad)[0]) + 1,
        )  # fmt: skip
    return scores
