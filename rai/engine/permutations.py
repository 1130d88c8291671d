"""SHAP values of any model against a background, by walks through its inputs there and back again (antithetic permutations).

Each walk takes a row's own cells in place of the background's, one input after the other; what the mean score does at each
step is that input's share. Values of a walk add up exactly, and so do their means (Štrumbelj and Kononenko 2014, KAIS
41:647; the pairs there and back after Mitchell et al. 2022, JMLR 23:43).
"""

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Scores = Callable[[Array], Array]

PAIRS = 4
BACKGROUND_ROWS = 32


def evaluations(inputs: int) -> int:
    """Scores that one row costs."""
    return 2 * PAIRS * (inputs + 1) * BACKGROUND_ROWS


def values(scores: Scores, matrix: Array, background: Array, *, seed: int) -> Array:
    """Interventional SHAP values (rows x inputs) in the units of the score. `scores` takes rows x inputs."""
    draw = np.random.Generator(np.random.PCG64(seed))
    return np.array([of_row(scores, row, background, draw) for row in matrix]).reshape(matrix.shape)


def of_row(scores: Scores, row: Array, background: Array, draw: np.random.Generator) -> Array:
    """The values of one row: the mean over its walks."""
    inputs, behind = len(row), len(background)
    walks = [order for _pair in range(PAIRS) for one in (draw.permutation(inputs),) for order in (one, one[::-1])]
    asked = np.empty((len(walks), inputs + 1, behind, inputs))
    for place, order in enumerate(walks):
        current = background.copy()
        asked[place, 0] = current
        for step, index in enumerate(order, start=1):
            current[:, index] = row[index]
            asked[place, step] = current
    means = scores(asked.reshape(-1, inputs)).reshape(len(walks), inputs + 1, behind).mean(axis=2)
    found = np.zeros(inputs)
    for place, order in enumerate(walks):
        found[order] += np.diff(means[place])
    return found / len(walks)
