"""From what a model puts out to one finite score a row."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rai.checks.contract import InputError


def one_score(outputs: Sequence[Any], rows: int, *, title: str) -> np.ndarray:
    """One float64 score a row of a model's outputs, in their order, each rows or rows x width.

    Probabilities of two classes give that of the second. Otherwise one column of numbers is the score; labels are taken
    where nothing else is there. Raises InputError where there are more scores, or none.
    """
    found = [np.asarray(one) for one in outputs]
    numbers = [
        one.reshape(rows, -1) for one in found if one.dtype.kind in "fiub" and len(one) == rows and one.ndim <= 2
    ]
    numbers.sort(key=lambda one: (one.dtype.kind == "f", one.shape[1] == 2), reverse=True)
    if not numbers:
        raise InputError("{title} gives no number a row. Export it with its probabilities.", title=title)
    width = numbers[0].shape[1]
    if width > 2:
        raise InputError(
            "{title} gives {outputs} scores a row. Only models with one score can be run here: two classes, or one "
            "number. Export one model a score, or upload a table of predictions instead.",
            title=title,
            outputs=width,
        )
    return numbers[0][:, width - 1].astype(np.float64)


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
