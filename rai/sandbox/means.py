"""The ways to work out SHAP values in the child, and which one a model is explained by: the exact ones first."""

import hashlib
from typing import Any, Protocol

import numpy as np

from rai.engine import attribution, forests, permutations
from rai.engine.forests import TREES, Forest
from rai.sandbox import formats
from rai.sandbox.models import LoadedModel, of_matrix

# Rows on which two ways are held against each other, and how far they may differ for each unit of the largest value.
COMPARED_ROWS = 16
AGREEING = {formats.XGBOOST: 1e-4, formats.XGBOOST_UBJ: 1e-4}
AGREEING_EXACT = 1e-9
NOT_PREPARED, TWO_WAYS, DISAGREES, NO_FOREST = "not_prepared", "read_in_two_ways", "disagrees", "no_forest"
# The most scores that a model without trees is asked for: beyond it fewer rows are explained.
BUDGET = 3_000_000
LEAST_ROWS = 64


class Means(Protocol):
    """A way to work out SHAP values. `base` is the score without any input, `most` the most rows it can afford."""

    base: float
    most: int | None

    def values(self, matrix: np.ndarray) -> np.ndarray:
        """SHAP values, rows x features."""

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        """The score that base and values add up to."""

    def to_json(self) -> dict[str, Any]:
        """As it stands in the reply."""


class Tables:
    """Tables over the leaves of a forest."""

    most: int | None = None

    def __init__(self, model: LoadedModel, forest: Forest, base: float, difference: float) -> None:
        self.model, self.forest, self.base, self.difference = model, forest, base, difference
        self.raw = model.raw

    def values(self, matrix: np.ndarray) -> np.ndarray:
        """Exact path-dependent values."""
        return self.forest.values(matrix)[0]

    def to_json(self) -> dict[str, Any]:
        """How far the first rows are from what the model itself says."""
        return {"by": TREES, "reason": "exact", "rows_compared": COMPARED_ROWS, "difference": self.difference}


class Library:
    """The model's own library."""

    most: int | None = None

    def __init__(self, model: Any, base: float, reason: str) -> None:
        self.model, self.base, self.reason, self.raw = model, base, reason, model.raw

    def values(self, matrix: np.ndarray) -> np.ndarray:
        """Exact path-dependent values."""
        return np.asarray(self.model.attributions(matrix)[:, :-1])

    def to_json(self) -> dict[str, Any]:
        """Why no tables."""
        return {"by": "library", "reason": self.reason}


class Permutations:
    """Walks through the inputs of a model that tells nothing but its scores, against a background of sampled rows."""

    def __init__(self, model: LoadedModel, seen: np.ndarray, reason: str, seed: int) -> None:
        self.model, self.reason, self.seed = model, reason, seed
        self.background = seen[-permutations.BACKGROUND_ROWS :].copy()
        self.base = float(self.raw(self.background).mean())
        self.most: int | None = max(LEAST_ROWS, BUDGET // permutations.evaluations(seen.shape[1]))
        self.moved = self.moved_by_seed(seen[:COMPARED_ROWS])

    def values(self, matrix: np.ndarray) -> np.ndarray:
        """Interventional values, an estimate."""
        return permutations.values(self.raw, matrix, self.background, seed=self.seed)

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        """The score itself."""
        return self.model.predict(of_matrix(self.model.info, matrix))

    def moved_by_seed(self, rows: np.ndarray) -> float:
        """How far values move under another seed, for each unit of their size."""
        one, other = (
            permutations.values(self.raw, rows, self.background, seed=seed) for seed in (self.seed, self.seed + 1)
        )
        size = float(np.abs(one).mean())
        return round(float(np.abs(one - other).mean()) / size, attribution.DECIMALS) if size else 0.0

    def to_json(self) -> dict[str, Any]:
        """Budget, background and stability."""
        return {
            "by": "permutation", "reason": self.reason, "scores_a_row": permutations.evaluations(self.background.shape[1]),
            "background_rows": len(self.background), "background": "sha256:" + hashlib.sha256(np.ascontiguousarray(self.background, dtype="<f8").tobytes()).hexdigest(),
            "moved_by_seed": self.moved,
        }  # fmt: skip


def means_of(model: Any, matrix: np.ndarray, *, seed: int) -> Means:
    """Tables where they can be made and agree with the model on the first rows, else its library, else its scores alone."""
    forest, reason = forest_of(model, matrix)
    some = matrix[:COMPARED_ROWS]
    own = model.attributions(some) if hasattr(model, "attributions") else None
    if forest is not None:
        values = forest.values(some)[0]
        raw = model.raw(some)
        base = float(own[0, -1]) if own is not None else float((raw - values.sum(axis=1)).mean())
        expected = values.sum(axis=1) + base - raw if own is None else values - own[:, :-1]
        difference = round(float(np.abs(expected).max()), attribution.DECIMALS)
        if difference <= AGREEING.get(model.info.format, AGREEING_EXACT) * max(1.0, float(np.abs(raw).max())):
            return Tables(model, forest, base, difference)
        reason = DISAGREES
    return Permutations(model, matrix, reason, seed) if own is None else Library(model, float(own[0, -1]), reason)


def forest_of(model: Any, matrix: np.ndarray) -> tuple[Forest | None, str]:
    """The model's trees where tables serve for them, else None and the reason."""
    if not forests.is_prepared():
        return None, NOT_PREPARED
    try:
        forest = model.forest()
    except ValueError:
        forest = None
    if forest is None:
        return None, TWO_WAYS if hasattr(model, "attributions") else NO_FOREST
    scope = forest.scope(matrix.shape[1])
    return (forest, scope) if scope == TREES else (None, scope)
