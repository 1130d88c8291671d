"""Reads the trees of each library into the one shape that explanations work on. Nothing here runs a model."""

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from rai.engine.forests import Forest, Tree, joined

# The bits of LightGBM's decision_type: 1 a category, 2 empty cells go left, then two that say what counts as empty.
DEFAULT_LEFT, MISSING_SHIFT = 2, 2
NONE, ZERO, NAN = 0, 1, 2


def of_lightgbm(text: str) -> Forest | None:
    """The forest of a LightGBM text model that `lightgbm_text` has looked over; None where one input is read in two ways."""
    blocks = text.partition("\nTree=")[2].partition("\nend of trees")[0].split("\nTree=")
    read = [dict(line.partition("=")[::2] for line in block.splitlines()[1:] if "=" in line) for block in blocks]
    scale = 1 / len(read) if is_averaged(text) else 1.0
    kinds: dict[int, int] = {}
    for tree in read:
        for feature, kind in zip(whole(tree, "split_feature"), whole(tree, "decision_type"), strict=True):
            if kinds.setdefault(int(feature), int(kind) >> MISSING_SHIFT) != int(kind) >> MISSING_SHIFT:
                return None
    return joined(
        [lightgbm_tree(tree, scale) for tree in read],
        zero_is_empty=tuple(feature for feature, kind in kinds.items() if kind == ZERO),
        empty_is_zero=tuple(feature for feature, kind in kinds.items() if kind == NONE),
    )


def is_averaged(text: str) -> bool:
    """The score of this LightGBM text model is the mean of its trees, not their sum."""
    return re.search(r"^average_output$", text.partition("\nTree=")[0], re.MULTILINE) is not None


def lightgbm_tree(tree: dict[str, str], scale: float) -> Tree:
    """One tree: its nodes, then its leaves."""
    features = whole(tree, "split_feature")
    nodes = len(features)
    leaves, kinds = real(tree, "leaf_value") * scale, whole(tree, "decision_type")
    rest = np.zeros(len(leaves))
    counts = real(tree, "leaf_count") if nodes else np.ones(1)
    left, right = (
        np.where(side >= 0, side, nodes + ~side) for side in (whole(tree, "left_child"), whole(tree, "right_child"))
    )
    return Tree(
        feature=np.append(features, rest - 1), threshold=np.append(real(tree, "threshold"), rest),
        left=np.append(left, rest), right=np.append(right, rest), nan_left=np.append(kinds & DEFAULT_LEFT > 0, rest),
        cover=np.append(real(tree, "internal_count"), counts), value=np.append(np.zeros(nodes), leaves),
    )  # fmt: skip


def whole(tree: dict[str, str], name: str) -> np.ndarray:
    """Whole numbers of an array; none where a tree of one leaf has none."""
    return np.array(tree.get(name, "").split(), dtype=np.int64)


def real(tree: dict[str, str], name: str) -> np.ndarray:
    """Numbers of an array; none where a tree of one leaf has none."""
    return np.array(tree.get(name, "").split(), dtype=np.float64)


def of_xgboost(raw: bytes) -> Forest | None:
    """The forest of an XGBoost model as its library writes it in JSON; None where it splits by categories."""
    booster = json.loads(raw)["learner"]["gradient_booster"]
    drops = booster.get("weight_drop")
    trees = (booster.get("model") or booster["gbtree"]["model"])["trees"]
    if any(tree.get("categories_nodes") for tree in trees):
        return None
    scales = drops if drops else [1.0] * len(trees)
    return joined([xgboost_tree(tree, scale) for tree, scale in zip(trees, scales, strict=True)], single=True)


def xgboost_tree(tree: dict[str, Any], scale: float) -> Tree:
    """One tree. XGBoost goes left below a cut, in float32: at most the next smaller number."""
    left, right = (np.array(tree[name], dtype=np.int64) for name in ("left_children", "right_children"))
    conditions = np.array(tree["split_conditions"], dtype=np.float32)
    leaf = left < 0
    return Tree(
        feature=np.where(leaf, -1, np.array(tree["split_indices"], dtype=np.int64)),
        threshold=np.where(leaf, 0, np.nextafter(conditions, np.float32(-np.inf))).astype(np.float64),
        left=left, right=right, nan_left=np.array(tree["default_left"], dtype=np.uint8),
        cover=np.array(tree["sum_hessian"], dtype=np.float64),
        value=np.where(leaf, conditions.astype(np.float64) * scale, 0),
    )  # fmt: skip


def of_scikit_learn(estimators: Sequence[Any], *, weights: Sequence[float], output: int) -> Forest:
    """The forest of fitted scikit-learn trees (`tree_`), each with its weight; `output` is the class explained.

    Values of classifiers are shares of the class, as `predict_proba` gives them. Inputs are rounded to float32 as there.
    """
    return joined(
        [scikit_tree(one.tree_, weight, output) for one, weight in zip(estimators, weights, strict=True)], single=True
    )


def scikit_tree(tree: Any, weight: float, output: int) -> Tree:
    """One tree of scikit-learn's own arrays."""
    values = tree.value[:, 0, :]
    return Tree(
        feature=np.where(tree.children_left < 0, -1, tree.feature), threshold=tree.threshold,
        left=tree.children_left, right=tree.children_right, nan_left=tree.missing_go_to_left,
        cover=tree.weighted_n_node_samples, value=np.where(tree.children_left < 0, values[:, output] * weight, 0),
    )  # fmt: skip


def of_histograms(predictors: Sequence[Any]) -> Forest:
    """The forest of a fitted HistGradientBoosting model with one output; raises ValueError where it splits by categories."""
    return joined([histogram_tree(round_[0].nodes) for round_ in predictors])


def histogram_tree(nodes: np.ndarray) -> Tree:
    """One tree of the structured array that holds its nodes."""
    if nodes["is_categorical"].any():
        raise ValueError("it splits by categories")
    leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        feature=np.where(leaf, -1, nodes["feature_idx"].astype(np.int64)), threshold=nodes["num_threshold"],
        left=nodes["left"].astype(np.int64), right=nodes["right"].astype(np.int64), nan_left=nodes["missing_go_to_left"],
        cover=nodes["count"].astype(np.float64), value=np.where(leaf, nodes["value"], 0),
    )  # fmt: skip
