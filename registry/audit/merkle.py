"""The Merkle tree of RFC 6962 over leaf hashes: root, edge, proofs and their verification; pure, without a database.

Entries are counted from 0 here, as in the RFC. The edge ("frontier") of a tree of n leaves is the list of the roots of
its perfect subtrees, the largest first: one for each bit of n. With it a leaf is appended in O(log n).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

HASH = 32
EMPTY = hashlib.sha256(b"").digest()
Range = tuple[int, int]
Leaves = Callable[[int, int], Iterable[bytes]]


def leaf(data: bytes) -> bytes:
    """The hash of a leaf: H(0x00 ‖ data), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: H(0x01 ‖ left ‖ right), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree. `size` counts the leaves; `nodes` are the roots of its perfect subtrees."""

    __slots__ = ("nodes", "size")

    def __init__(self, size: int = 0, packed: bytes = b"") -> None:
        """The edge of a tree of `size` leaves as `packed()` gave it; ValueError when the two do not fit."""
        if len(packed) != HASH * size.bit_count():
            raise ValueError(
                f"the edge of a tree of {size} leaves has {size.bit_count()} hashes, not {len(packed)} bytes"
            )
        self.size = size
        self.nodes = [packed[at : at + HASH] for at in range(0, len(packed), HASH)]

    def append(self, leaf_hash: bytes) -> None:
        """One more leaf, by its hash: as many joins as the size has trailing ones."""
        joins, found = self.size, leaf_hash
        while joins & 1:
            found = hashlib.sha256(b"\x01" + self.nodes.pop() + found).digest()
            joins >>= 1
        self.nodes.append(found)
        self.size += 1

    def root(self) -> bytes:
        """The root of the whole tree; the hash of nothing when it is empty."""
        if not self.nodes:
            return EMPTY
        found = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            found = node(left, found)
        return found

    def packed(self) -> bytes:
        """The hashes one after another, for a column."""
        return b"".join(self.nodes)


def frontier_of(leaves: Iterable[bytes]) -> Frontier:
    """The edge of the tree over these leaf hashes, read once and not kept."""
    edge = Frontier()
    for leaf_hash in leaves:
        edge.append(leaf_hash)
    return edge


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree over these leaf hashes."""
    return frontier_of(leaves).root()


def split(size: int) -> int:
    """The largest power of two below `size` (size ≥ 2): where RFC 6962 parts a tree."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_ranges(index: int, low: int, high: int) -> Iterator[Range]:
    """Which subtrees, as half-open ranges of leaves, make the audit path of a leaf: PATH of RFC 6962, 2.1.1."""
    if high - low == 1:
        return
    middle = low + split(high - low)
    if index < middle:
        yield from inclusion_ranges(index, low, middle)
        yield middle, high
    else:
        yield from inclusion_ranges(index, middle, high)
        yield low, middle


def consistency_ranges(old: int, low: int, high: int, *, is_whole: bool = True) -> Iterator[Range]:
    """Which subtrees make the proof that the first `old` leaves are a prefix: SUBPROOF of RFC 6962, 2.1.2."""
    if old == high:
        if not is_whole:
            yield low, high
        return
    middle = low + split(high - low)
    if old <= middle:
        yield from consistency_ranges(old, low, middle, is_whole=is_whole)
        yield middle, high
    else:
        yield from consistency_ranges(old, middle, high, is_whole=False)
        yield low, middle


def inclusion_proof(leaves: Leaves, index: int, size: int) -> list[bytes]:
    """The audit path of leaf `index` (0 ≤ index < size); `leaves(low, high)` yields leaf hashes of a range.

    Raises ValueError when the leaf is not in a tree of this size.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    return [root_of(leaves(low, high)) for low, high in inclusion_ranges(index, 0, size)]


def consistency_proof(leaves: Leaves, old: int, new: int) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with that of `old` (0 ≤ old ≤ new); empty for old = 0.

    Raises ValueError when the sizes are the wrong way round.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not hold one of {old}")
    if old == 0:
        return []
    return [root_of(leaves(low, high)) for low, high in consistency_ranges(old, 0, new)]


def proves_inclusion(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path leads from the leaf to the root: RFC 9162 section 2.1.3.2, which restates RFC 6962's rule."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf_hash
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node(step, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def proves_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the tree of `old` leaves is a prefix of that of `new`: RFC 9162 section 2.1.4.2."""
    if not 0 <= old <= new:
        return False
    if old == new or old == 0:
        return not path and (old_root == new_root if old else old_root == EMPTY)
    steps = [old_root, *path] if old.bit_count() == 1 else list(path)
    if not path or not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node(step, before), node(step, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node(after, step)
        at, last = at >> 1, last >> 1
    return last == 0 and (before, after) == (old_root, new_root)
