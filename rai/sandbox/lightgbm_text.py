"""Looks over the trees of a LightGBM text model in plain Python before the library sees them.

The library trusts every number in the file: an index beyond its array is read, or written, out of bounds. What passes
here is a forest whose arrays are as long as they say and whose nodes form trees. The child's walls stay needed.
"""

import re
from typing import Any

from rai.checks.saying import InputError

MOST_LEAVES = 1 << 20
# Arrays by the number of entries they must have where they stand: one a node, or one a leaf.
OF_NODES = ("split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child", "internal_value",
            "internal_weight", "internal_count")  # fmt: skip
OF_LEAVES = ("leaf_value", "leaf_weight", "leaf_count")
WHOLE = {
    "num_leaves",
    "num_cat",
    "split_feature",
    "decision_type",
    "left_child",
    "right_child",
    "internal_count",
    "leaf_count",
}
NEEDED = ("split_feature", "threshold", "decision_type", "left_child", "right_child", "internal_count")

Numbers = list[Any]


def require_trees(text: str, *, features: int, title: str) -> None:
    """Raise InputError, naming the tree, unless every tree of the model is sound. Trees of one leaf need no nodes.

    The library finds trees by the sizes in the header, not by their first lines, so that both must agree: else it would
    read other trees than those looked over here.
    """
    header, _, rest = text.partition("\nTree=")
    found = re.search(r"^tree_sizes=(.*)$", header, re.MULTILINE)
    blocks = ["Tree=" + block + "\n" for block in rest.partition("\nend of trees")[0].split("\nTree=")]
    if found is None or found[1].split() != [str(len(block.encode())) for block in blocks]:
        raise damaged(title, "its trees are not where its header says")
    for number, block in enumerate(blocks):
        tree = dict(line.partition("=")[::2] for line in block.splitlines()[1:] if "=" in line)
        try:
            check_tree(tree, features)
        except (ValueError, KeyError, IndexError, OverflowError) as error:
            raise damaged(title, f"tree {number:,}: {fault(error)}") from error


def damaged(title: str, what: str) -> InputError:
    """The sentence for a model that is not whole."""
    return InputError(
        "{title} is not a whole LightGBM model ({what}). Save it again with save_model.", title=title, what=what
    )


def fault(error: Exception) -> str:
    """What is wrong with a tree, in a few words that quote nothing long."""
    return f"it has no {error.args[0]}" if isinstance(error, KeyError) else str(error)[:80]


def check_tree(tree: dict[str, str], features: int) -> None:
    """Lengths, ranges and shape of one tree."""
    leaves = numbers(tree, "num_leaves")[0]
    if not 1 <= leaves <= MOST_LEAVES:
        raise ValueError(f"it claims {leaves} leaves")
    if numbers(tree, "num_cat")[0]:
        raise ValueError("it splits by categories")
    if len(numbers(tree, "leaf_value")) != leaves:
        raise ValueError("its leaves are not as many as it says")
    if leaves == 1:
        return
    for name in NEEDED:
        tree[name]
    arrays = {name: numbers(tree, name) for name in (*OF_NODES, *OF_LEAVES) if name in tree}
    for name, values in arrays.items():
        if len(values) != (leaves if name in OF_LEAVES else leaves - 1):
            raise ValueError(f"{name} has {len(values)} entries")
    if not all(0 <= feature < features for feature in arrays["split_feature"]):
        raise ValueError("it splits by an input that does not exist")
    if any(kind & 1 for kind in arrays["decision_type"]):
        raise ValueError("it splits by categories")
    check_shape(arrays["left_child"], arrays["right_child"], leaves)


def numbers(tree: dict[str, str], name: str) -> Numbers:
    """The numbers of an array; raises ValueError for what is none."""
    read: Any = int if name in WHOLE else float
    try:
        values = [read(part) for part in tree[name].split()]
    except ValueError as error:
        raise ValueError(f"{name} holds what is no number") from error
    if any(value != value for value in values):
        raise ValueError(f"{name} holds what is no number")
    return values


def check_shape(left: Numbers, right: Numbers, leaves: int) -> None:
    """From the root every node and every leaf is reached exactly once: -1 is leaf 0, -2 leaf 1, and so on."""
    seen: set[int] = set()
    waiting = [0]
    while waiting:
        place = waiting.pop()
        if place in seen or not -leaves <= place < leaves - 1:
            raise ValueError("its nodes do not form a tree")
        seen.add(place)
        if place >= 0:
            waiting += [left[place], right[place]]
    if len(seen) != 2 * leaves - 1:
        raise ValueError("its nodes do not form a tree")
