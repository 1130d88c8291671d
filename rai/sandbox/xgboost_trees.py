"""Looks over an XGBoost model in plain Python, and writes anew what its library gets to see.

The library trusts the indexes of a tree, and its parsers crash on bytes that are damaged. It is handed JSON that was
written here, of trees that were looked over here, and never the file. The child's walls stay needed.
"""

import json
from pathlib import Path
from typing import Any

from rai.checks.saying import InputError
from rai.sandbox import formats, ubj
from rai.sandbox.frames import finite, refuse, without_repeats

PER_NODE = ("left_children", "right_children", "split_indices", "split_conditions", "default_left", "base_weights",
            "sum_hessian", "loss_changes", "parents")  # fmt: skip
CATEGORIES = ("categories", "categories_nodes", "categories_segments", "categories_sizes")
MOST_NODES = 1 << 21
DAMAGE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError)


def document(path: Path, title: str) -> dict[str, Any]:
    """The model as its file says it, JSON or UBJ; raises InputError where it is neither whole."""
    raw = path.read_bytes()
    try:
        if formats.detect(path).slug == formats.XGBOOST_UBJ:
            found = ubj.loads(raw)
        else:
            found = json.loads(
                raw, object_pairs_hook=without_repeats, parse_float=finite, parse_constant=refuse
            )  # fmt: skip
        found["learner"]["gradient_booster"]
    except DAMAGE as error:
        raise no_model(title) from error
    return found  # type: ignore[no-any-return]


def no_model(title: str) -> InputError:
    """The sentence for a file that only looks like a model."""
    return InputError(
        "{title} is JSON but not a whole XGBoost tree model. Save it again with booster.save_model('model.json').",
        title=title,
    )


def written_anew(model: dict[str, Any], *, features: int, title: str) -> bytes:
    """The model as JSON for the library, after its trees were looked over."""
    try:
        check_forest(model, features)
        return json.dumps(model, allow_nan=False).encode()
    except DAMAGE as error:
        reason = f"it has no {error.args[0]}" if isinstance(error, KeyError) else str(error)[:80]
        raise InputError(
            "{title} is not a whole XGBoost model ({what}). Save it again with save_model.", title=title, what=reason
        ) from error


def trees_of(model: dict[str, Any]) -> dict[str, Any]:
    """The part that holds the trees, also of a booster that drops some."""
    booster = model["learner"]["gradient_booster"]
    return booster.get("model") or booster["gbtree"]["model"]  # type: ignore[no-any-return]


def check_forest(model: dict[str, Any], features: int) -> None:
    """Trees as many as stated, each of one output, in rounds that follow one another."""
    forest = trees_of(model)
    trees, groups = forest["trees"], forest["tree_info"]
    if len(groups) != len(trees) or int(forest["gbtree_model_param"]["num_trees"]) != len(trees):
        raise ValueError("its trees are not as many as it says")
    outputs = max(1, int(model["learner"]["learner_model_param"].get("num_class", 0)))
    if not all(type(group) is int and 0 <= group < outputs for group in groups):
        raise ValueError("a tree belongs to no output")
    rounds = forest.get("iteration_indptr")
    if rounds is not None and (rounds != sorted(rounds) or rounds[:1] != [0] or rounds[-1] != len(trees)):
        raise ValueError("its rounds do not follow one another")
    drops = model["learner"]["gradient_booster"].get("weight_drop")
    if drops is not None and len(drops) != len(trees):
        raise ValueError("its weights are not as many as its trees")
    for number, tree in enumerate(trees):
        try:
            check_tree(tree, features)
        except ValueError as error:
            raise ValueError(f"tree {number:,}: {error}") from error


def check_tree(tree: dict[str, Any], features: int) -> None:
    """Lengths, ranges and shape of one tree."""
    nodes = int(tree["tree_param"]["num_nodes"])
    if not 1 <= nodes <= MOST_NODES or int(tree["tree_param"].get("size_leaf_vector", 0)) > 1:
        raise ValueError(f"it claims {nodes} nodes or several outputs")
    for name in PER_NODE:
        check_numbers(tree[name], name, nodes)
    if any(tree.get(name) for name in CATEGORIES) or any(tree.get("split_type", ())):
        raise ValueError("it splits by categories")
    left, right, split = tree["left_children"], tree["right_children"], tree["split_indices"]
    inner = [node for node in range(nodes) if left[node] != -1]
    if not all(type(split[node]) is int and 0 <= split[node] < features for node in inner):
        raise ValueError("it splits by an input that does not exist")
    check_shape(left, right, nodes)


def check_numbers(values: Any, name: str, length: int) -> None:
    """A list of so many numbers."""
    if not isinstance(values, list) or len(values) != length:
        raise ValueError(f"{name} has another length than its nodes")
    if not all(type(value) in (int, float, bool) for value in values):
        raise ValueError(f"{name} holds what is no number")


def check_shape(left: list[Any], right: list[Any], nodes: int) -> None:
    """From the root every node is reached exactly once; a leaf has neither child."""
    seen: set[int] = set()
    waiting = [0]
    while waiting:
        node = waiting.pop()
        if type(node) is not int or node in seen or not 0 <= node < nodes:
            raise ValueError("its nodes do not form a tree")
        seen.add(node)
        if left[node] != -1 or right[node] != -1:
            waiting += [left[node], right[node]]
    if len(seen) != nodes:
        raise ValueError("its nodes do not form a tree")
