"""Looks over the trees of a scikit-learn model once they are loaded and before they are used.

The compiled code trusts the indexes in a tree's nodes; an index beyond its array would be read out of bounds.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

AVERAGED = {"RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor"}
# Inside these packages one table is handed on to the trees, so that none may split by more inputs than its owners take.
FAMILY = ("sklearn.ensemble.", "sklearn.tree.")
Placed = tuple[Any, float]


def placed(model: Any) -> Iterator[Placed]:
    """Every object of scikit-learn inside the model, each with the fewest inputs of those that hand rows to it."""
    waiting: list[Placed] = [(model, np.inf)]
    seen: set[int] = set()
    while waiting:
        one, width = waiting.pop()
        if id(one) in seen and not isinstance(one, list | tuple | dict):
            continue
        seen.add(id(one))
        module = type(one).__module__
        if isinstance(one, dict):
            waiting += [(inner, width) for inner in one.values()]
        elif isinstance(one, list | tuple) or (isinstance(one, np.ndarray) and one.dtype == object):
            waiting += [(inner, width) for inner in list(one)]
        elif module.startswith("sklearn."):
            inside = vars(one) if hasattr(one, "__dict__") else {}
            own = float(inside.get("n_features_in_", np.inf))
            width = min(width, own) if module.startswith(FAMILY) else np.inf
            yield one, width
            waiting += [(inner, width) for inner in inside.values()]


def parts(model: Any) -> Iterator[Any]:
    """Every object inside the model that has attributes."""
    return (one for one, _width in placed(model) if hasattr(one, "__dict__"))


def trees(model: Any) -> Iterator[Any]:
    """Every tree inside the model."""
    return (one for one, _width in placed(model) if type(one).__name__ in CHECKS)


def check(model: Any) -> None:
    """Raise ValueError unless every tree inside the model is one."""
    for one, width in placed(model):
        kind = type(one).__name__
        if kind in CHECKS:
            CHECKS[kind](one, width)
        if kind.startswith("GradientBoosting") and np.shape(one.estimators_)[1:] != (1,):
            raise ValueError("several trees a round")


def check_tree(tree: Any, width: float) -> None:
    """A tree of the forests: as many nodes as it has room for, in one piece, splitting by inputs that exist."""
    if tree.node_count != tree.capacity or tree.node_count < 1:
        raise ValueError("nodes that are not there")
    leaf = np.asarray(tree.children_left) == -1
    check_nodes(tree.children_left, tree.children_right, leaf, tree.feature, width)


def check_predictor(predictor: Any, width: float) -> None:
    """A tree of histogram boosting."""
    nodes = predictor.nodes
    if nodes["is_categorical"].any():
        raise ValueError("it splits by categories")
    check_nodes(nodes["left"], nodes["right"], nodes["is_leaf"] != 0, nodes["feature_idx"], width)


def check_nodes(left: Any, right: Any, leaf: Any, feature: Any, width: float) -> None:
    """From the root every node is reached exactly once, and every split is by an input that exists."""
    inner = np.flatnonzero(~leaf)
    children = np.concatenate([np.asarray(left)[inner], np.asarray(right)[inner]]).astype(np.int64)
    if sorted(children.tolist()) != list(range(1, len(leaf))):
        raise ValueError("its nodes do not form a tree")
    # Every node but the root has one parent; that none is its own ancestor follows where parents stand before children.
    parents = np.concatenate([inner, inner])
    if (children <= parents).any():
        raise ValueError("its nodes do not form a tree")
    split = np.asarray(feature)[inner].astype(np.int64)
    if len(split) and not (split.min() >= 0 and split.max() < width):
        raise ValueError("it splits by an input that does not exist")


CHECKS = {"Tree": check_tree, "TreePredictor": check_predictor}
