"""What a model is tried with: rows moved by noise, by plausible single steps, and out of all that was seen. Plain arrays."""

from collections.abc import Iterator

import numpy as np

Array = np.ndarray

COPIES = 20
STEPS = 16
# An input with at most so many different values is a code: noise would make values that do not exist.
CODES = 10


def is_code(column: Array) -> bool:
    """Few different whole values: a code or a count, which noise must not break."""
    filled = np.unique(column[~np.isnan(column)])
    return len(filled) <= CODES and bool((filled == np.round(filled)).all())


def noisy(matrix: Array, *, share: float, seed: int) -> Iterator[Array]:
    """Twenty copies of the rows (rows x inputs), each cell moved by normal noise of `share` of its input's deviation.

    Whole numbers stay whole, codes and empty cells stay as they are, and no cell leaves the range that was seen.
    """
    draw = np.random.Generator(np.random.PCG64(seed))
    filled = ~np.isnan(matrix)
    moved = [index for index in range(matrix.shape[1]) if filled[:, index].any() and not is_code(matrix[:, index])]
    for _copy in range(COPIES):
        copy = matrix.copy()
        for index in moved:
            seen = matrix[filled[:, index], index]
            cells = matrix[:, index] + draw.normal(0, share * seen.std(), len(matrix))
            cells = np.round(cells) if (seen == np.round(seen)).all() else cells
            copy[:, index] = np.clip(cells, seen.min(), seen.max())
        yield copy


def steps(column: Array) -> Array:
    """Values to try in place of a cell: all that were seen where they are few, else quantiles of them."""
    seen = np.unique(column[~np.isnan(column)])
    return seen if len(seen) <= STEPS else np.unique(np.quantile(seen, np.linspace(0, 1, STEPS), method="nearest"))


def plausible(matrix: Array, *, reach: float, fixed: Array) -> Iterator[tuple[Array, Array]]:
    """Single steps of every input that is not `fixed`: changed rows, and the distance of each in mean absolute deviations.

    Only to values that other rows have, and at most `reach` deviations away; a row that a step does not suit has distance
    infinity and stays as it is.
    """
    for index in np.flatnonzero(~fixed):
        column = matrix[:, index]
        filled = column[~np.isnan(column)]
        scale = (float(np.abs(filled - np.median(filled)).mean()) or 1.0) if len(filled) else 1.0
        for value in steps(column):
            distance = np.abs(column - value) / scale
            distance = np.where((distance > 0) & (distance <= reach), distance, np.inf)
            changed = matrix.copy()
            changed[:, index] = np.where(np.isfinite(distance), value, column)
            yield changed, distance


def outside(matrix: Array) -> Iterator[tuple[int, Array]]:
    """For every input that is no code the rows with that input one whole range below, and above, all that was seen."""
    for index in range(matrix.shape[1]):
        filled = matrix[~np.isnan(matrix[:, index]), index]
        if not len(filled) or is_code(matrix[:, index]) or filled.min() == filled.max():
            continue
        width = filled.max() - filled.min()
        for value in (filled.min() - width, filled.max() + width):
            changed = matrix.copy()
            changed[:, index] = value
            yield index, changed
