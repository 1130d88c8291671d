"""An ensemble of decision trees as plain arrays, and its exact SHAP values where its leaves are shallow enough for tables."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

Array = np.ndarray

# The module of the compiled loops, and how many of them are kept.
LOOPS, LOOPS_KEPT = "rai.engine.leaf_tables", 2
# LightGBM takes what is nearer to zero than this for zero.
ZERO = 1e-35
TREES, NO_TREES, TOO_LARGE = "leaf_tables", "no_trees", "large_trees"


@dataclass(frozen=True)
class Tree:
    """The nodes of one tree, its root first. `feature` is −1 at leaves; `left` and `right` count from the root.

    A row goes left where its cell is at most the threshold, or is empty and `nan_left` says so; `cover` is the weight of
    the training rows at a node, `value` a leaf's output in units of the raw score.
    """

    feature: Array
    threshold: Array
    left: Array
    right: Array
    nan_left: Array
    cover: Array
    value: Array


@dataclass(frozen=True)
class Forest:
    """The nodes of all trees in one row of arrays; tree t lies from roots[t] to roots[t + 1].

    `zero_is_empty` are inputs whose zeros count as empty cells, `empty_is_zero` those whose empty cells count as zero;
    `single` says that the model rounds its inputs to float32.
    """

    roots: Array
    feature: Array
    threshold: Array
    left: Array
    right: Array
    nan_left: Array
    cover: Array
    value: Array
    zero_is_empty: tuple[int, ...] = ()
    empty_is_zero: tuple[int, ...] = ()
    single: bool = False

    def scope(self, inputs: int) -> str:
        """`leaf_tables` where they serve for rows of so many inputs, else the reason why they do not."""
        return {-1: NO_TREES, -2: TOO_LARGE}.get(self.widest(inputs), TREES)

    def widest(self, inputs: int) -> int:
        """The most inputs that a leaf asks; below 0 where the nodes cannot be walked."""
        from rai.engine.leaf_tables import widest_leaf

        return int(widest_leaf(self.roots, self.feature, self.left, self.right, inputs))

    def values(self, matrix: Array) -> tuple[Array, float]:
        """SHAP values (rows x inputs, float64) and the base, both in raw-score units; raises ValueError out of `scope`."""
        from rai.engine.leaf_tables import add_values

        rows, widest = self.read(matrix), self.widest(matrix.shape[1])
        if widest < 0:
            raise ValueError("these trees are outside the scope of the tables")
        phi = np.zeros(rows.shape)
        base = add_values(
            self.roots, self.feature, self.threshold, self.left, self.right, self.nan_left, self.cover, self.value, widest,
            rows, phi,
        )  # fmt: skip
        return phi, base

    def read(self, matrix: Array) -> Array:
        """The rows as the model reads their empty cells and zeros."""
        rows = np.array(matrix, dtype=np.float32 if self.single else np.float64).astype(np.float64)
        for index in self.zero_is_empty:
            rows[np.abs(rows[:, index]) <= ZERO, index] = np.nan
        for index in self.empty_is_zero:
            rows[np.isnan(rows[:, index]), index] = 0.0
        return np.ascontiguousarray(rows)


def joined(trees: Sequence[Tree], **more: object) -> Forest:
    """Trees as one forest. Raises ValueError where arrays of a tree differ in length or hold no numbers."""
    sizes = [len(tree.feature) for tree in trees]
    roots = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    if not trees or any(
        {len(part) for part in vars(tree).values()} != {size} for tree, size in zip(trees, sizes, strict=True)
    ):
        raise ValueError("the arrays of a tree differ in length")

    def column(name: str, kind: type, *, moved: bool = False) -> Array:
        parts = [getattr(tree, name) + (root if moved else 0) for tree, root in zip(trees, roots, strict=False)]
        return np.ascontiguousarray(np.concatenate(parts), dtype=kind)

    return Forest(
        roots, column("feature", np.int32), column("threshold", np.float64), column("left", np.int32, moved=True),
        column("right", np.int32, moved=True), column("nan_left", np.uint8), column("cover", np.float64),
        column("value", np.float64), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def is_prepared() -> bool:
    """The loops are kept as machine code that is newer than their source."""
    source = Path(__file__).with_name("leaf_tables.py")
    kept = [one.stat().st_mtime for one in source.parent.glob("__pycache__/leaf_tables.*.nbi")]
    return sum(moment >= source.stat().st_mtime for moment in kept) >= LOOPS_KEPT


@cache
def prepare() -> bool:
    """See once that the loops are kept as machine code, for children that may write nothing; false where they cannot be."""
    if not is_prepared():
        root = Path(__file__).resolve().parents[2]
        subprocess.run([sys.executable, "-c", f"import {LOOPS}"], cwd=root, check=False, capture_output=True)
    return is_prepared()
