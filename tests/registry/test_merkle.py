"""The Merkle tree agrees with RFC 6962, with published vectors, and with a second implementation written apart."""

import hashlib
import random

import pytest

from registry.audit import merkle

# The tree of the reference implementation of certificate transparency: eight leaves, the root at every size.
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PATHS = {
    (0, 1): (),
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
}
PREFIXES = {
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}  # fmt: skip


# ---- a second implementation: the definitions of RFC 6962 section 2.1, written down as they stand there


def mth(data: list[bytes]) -> bytes:
    """Merkle tree hash of the data themselves."""
    if not data:
        return hashlib.sha256().digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    k = power_below(len(data))
    return hashlib.sha256(b"\x01" + mth(data[:k]) + mth(data[k:])).digest()


def power_below(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, data: list[bytes]) -> list[bytes]:
    """Audit path."""
    if len(data) == 1:
        return []
    k = power_below(len(data))
    return [*path(m, data[:k]), mth(data[k:])] if m < k else [*path(m - k, data[k:]), mth(data[:k])]


def subproof(m: int, data: list[bytes], b: bool) -> list[bytes]:
    """Consistency proof."""
    if m == len(data):
        return [] if b else [mth(data)]
    k = power_below(len(data))
    if m <= k:
        return [*subproof(m, data[:k], b), mth(data[k:])]
    return [*subproof(m - k, data[k:], False), mth(data[:k])]


# ---- how our own is asked


def source(data: list[bytes]):
    """Leaf hashes by range."""
    hashes = [merkle.leaf(item) for item in data]
    return lambda low, high: hashes[low:high]


def drawn(rng: random.Random, size: int) -> list[bytes]:
    """Leaves of any length."""
    return [rng.randbytes(rng.randrange(40)) for _ in range(size)]


def flipped(rng: random.Random, value: bytes) -> bytes:
    """One bit changed."""
    at = rng.randrange(len(value) * 8)
    changed = bytearray(value)
    changed[at // 8] ^= 1 << at % 8
    return bytes(changed)


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_the_published_ones(size):
    """P1."""
    assert merkle.root_of(merkle.leaf(data) for data in LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_the_audit_paths_are_the_published_ones(index, size):
    found = merkle.inclusion_proof(source(LEAVES), index, size)
    assert tuple(item.hex() for item in found) == PATHS[index, size]


@pytest.mark.parametrize(("old", "new"), PREFIXES)
def test_the_consistency_proofs_are_the_published_ones(old, new):
    found = merkle.consistency_proof(source(LEAVES), old, new)
    assert tuple(item.hex() for item in found) == PREFIXES[old, new]


def test_both_implementations_agree_on_roots_up_to_1025_leaves(amount, seed):
    """P1: every size with --full; by default a tenth of them, the powers of two and their neighbours always."""
    rng = random.Random(seed)
    data = drawn(rng, 1025)
    always = {0, 1025} | {power + off for power in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024) for off in (-1, 0, 1)}
    sizes = sorted(always | set(rng.sample(range(1026), amount(1026))))
    edge, at = merkle.Frontier(), 0
    for size in sizes:
        while at < size:
            edge.append(merkle.leaf(data[at]))
            at += 1
        assert edge.root() == mth(data[:size]), size
        assert merkle.Frontier(size, edge.packed()).root() == edge.root()


def test_both_implementations_agree_on_audit_paths(amount, seed):
    rng = random.Random(seed)
    data = drawn(rng, 1025)
    leaves = source(data)
    for _ in range(amount(500)):
        size = rng.randint(1, 1025)
        index = rng.randrange(size)
        found = merkle.inclusion_proof(leaves, index, size)
        assert found == path(index, data[:size])
        assert merkle.proves_inclusion(merkle.leaf(data[index]), index, size, found, mth(data[:size]))


def test_all_consistency_proofs_up_to_64_agree_and_hold(seed):
    """P1: all 2,080 pairs."""
    data = drawn(random.Random(seed), 64)
    leaves, roots = source(data), [mth(data[:size]) for size in range(65)]
    for new in range(1, 65):
        for old in range(1, new + 1):
            found = merkle.consistency_proof(leaves, old, new)
            assert found == subproof(old, data[:new], True)
            assert merkle.proves_consistency(old, new, found, roots[old], roots[new])


def test_no_changed_proof_is_accepted(amount, seed):
    """Attack 23: a bit flipped, a hash dropped, added or moved, another index or size, another root."""
    rng = random.Random(seed)
    data = drawn(rng, 200)
    leaves, accepted = source(data), 0
    for _ in range(amount(5000)):
        new = rng.randint(2, 200)
        old = rng.randint(1, new - 1)
        index = rng.randrange(new)
        root, old_root = mth(data[:new]), mth(data[:old])
        kind = rng.randrange(5)
        inclusion = mutated(rng, merkle.inclusion_proof(leaves, index, new), kind)
        consistency = mutated(rng, merkle.consistency_proof(leaves, old, new), kind)
        if kind == 4:
            root = flipped(rng, root)
        accepted += merkle.proves_inclusion(merkle.leaf(data[index]), index, new, inclusion, root)
        accepted += merkle.proves_consistency(old, new, consistency, old_root, root)
    assert accepted == 0


def mutated(rng: random.Random, proof: list[bytes], kind: int) -> list[bytes]:
    """A proof that is another one; unchanged for the kind that changes the root."""
    at = rng.randrange(len(proof))
    if kind == 0:
        return [*proof[:at], flipped(rng, proof[at]), *proof[at + 1 :]]
    if kind == 1:
        return proof[:at] + proof[at + 1 :]
    if kind == 2:
        return [*proof[:at], rng.randbytes(32), *proof[at:]]
    if kind == 3:
        return [*proof, proof[-1]]
    return proof


def test_a_forged_history_has_no_proof(amount, seed):
    """P2: 500 pairs of an old and a new log, half of them forged with equal or greater length; 0 wrong answers."""
    rng, wrong = random.Random(seed), 0
    for number in range(amount(500)):
        old = rng.randint(1, 120)
        new = rng.randint(old, 200)
        data = drawn(rng, new)
        old_root = mth(data[:old])
        is_forged = number % 2 == 1
        if is_forged:
            data[rng.randrange(old)] = b"another story"
        proof = merkle.consistency_proof(source(data), old, new)
        wrong += merkle.proves_consistency(old, new, proof, old_root, mth(data)) == is_forged
    assert wrong == 0


@pytest.mark.parametrize(("index", "size"), [(0, 0), (8, 8), (-1, 4)])
def test_a_leaf_outside_the_tree_has_no_proof(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(source(LEAVES), index, size)
    assert not merkle.proves_inclusion(merkle.leaf(b""), index, size, [], merkle.EMPTY)


def test_a_larger_tree_is_no_prefix_of_a_smaller_one():
    with pytest.raises(ValueError, match="does not hold"):
        merkle.consistency_proof(source(LEAVES), 5, 4)
    assert not merkle.proves_consistency(5, 4, [], mth(LEAVES[:5]), mth(LEAVES[:4]))


def test_an_edge_that_does_not_fit_its_size_is_refused():
    with pytest.raises(ValueError, match="2 hashes"):
        merkle.Frontier(5, bytes(32))
