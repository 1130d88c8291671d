"""Exact path-dependent SHAP values of tree ensembles by tables over the leaves: the compiled loops, and nothing else.

For a leaf whose path asks m inputs, which of its conditions a row satisfies is a pattern of m bits, and the values of the
leaf's inputs follow from the pattern alone: they are worked out once a pattern and looked up for each row (Yang 2021,
arXiv 2109.09847; Nadel and Wettenstein 2025, arXiv 2511.09376). The sum over subsets is an integral of degree m − 1,
φ_j = v·(o_j − z_j)·∫₀¹ Π_{k≠j} (o_k·x + z_k·(1 − x)) dx, which the rule of Gauss and Legendre gives exactly.

A table is worth its making where there are more rows than patterns; the values of a leaf that asks more inputs are worked
out for each row. The functions are compiled where this module is imported, which takes seconds, or read from beside it.
"""

import numpy as np
from numba import float64, int32, int64, uint8

from rai.engine.machine_code import inner, kept

# Most inputs of a leaf, of a leaf with a table, and most leaves of a tree.
MOST_INPUTS, TABLED_INPUTS, MOST_LEAVES = 60, 12, 4096
Array = np.ndarray


def rules_of_gauss(most: int) -> tuple[Array, Array]:
    """Places and weights on 0 to 1 of the rules with 1, 2, … `most` places, a row each."""
    places, weights = np.zeros((most + 1, most)), np.zeros((most + 1, most))
    for count in range(1, most + 1):
        place, weight = np.polynomial.legendre.leggauss(count)
        places[count, :count], weights[count, :count] = (place + 1) / 2, weight / 2
    return places, weights


PLACES, WEIGHTS = rules_of_gauss((MOST_INPUTS + 1) // 2)


@inner
def inputs_of(root: int, end: int, feature: Array, threshold: Array, local: Array) -> tuple[Array, Array, Array]:
    """The inputs that a tree asks, where each one's cuts begin, and the cuts, rising. `local` is filled from −1."""
    count = np.zeros(end - root, dtype=np.int64)
    asked = np.empty(end - root, dtype=np.int64)
    inputs = 0
    for node in range(root, end):
        if feature[node] < 0:
            continue
        if local[feature[node]] < 0:
            local[feature[node]] = inputs
            asked[inputs] = feature[node]
            inputs += 1
        count[local[feature[node]]] += 1
    starts = np.zeros(inputs + 1, dtype=np.int64)
    for index in range(inputs):
        starts[index + 1] = starts[index] + count[index]
    cuts = np.empty(starts[inputs])
    filled = starts.copy()
    for node in range(root, end):
        if feature[node] >= 0:
            place = local[feature[node]]
            cuts[filled[place]] = threshold[node]
            filled[place] += 1
    for index in range(inputs):
        cuts[starts[index] : starts[index + 1]].sort()
    return asked[:inputs], starts, cuts


@inner
def below(cuts: Array, first: int, last: int, value: float) -> int:
    """How many of the cuts from `first` to `last` are smaller than the value."""
    found = 0
    for place in range(first, last):
        found += cuts[place] < value
    return found


@inner
def leaves_of(
    root: int, tree: tuple[Array, ...], local: Array, starts: Array, cuts: Array, leaves: int, widest: int
) -> tuple[Array, ...]:  # fmt: skip
    """For each leaf its number of inputs, and of each the place, the bins that satisfy it, whether an empty cell does, z."""
    feature, threshold, left, right, nan_left, cover, value = tree
    sizes, output = np.zeros(leaves, dtype=np.int64), np.empty(leaves)
    place = np.empty((leaves, widest), dtype=np.int64)
    low = np.empty((leaves, widest), dtype=np.int64)
    high = np.empty((leaves, widest), dtype=np.int64)
    empty = np.empty((leaves, widest), dtype=np.uint8)
    z = np.empty((leaves, widest))
    stack_node = np.empty(leaves + 1, dtype=np.int64)
    stack_depth = np.empty(leaves + 1, dtype=np.int64)
    path = np.empty(leaves + 1, dtype=np.int64)
    stack_node[0], stack_depth[0], waiting, leaf = root, 0, 1, 0
    while waiting:
        waiting -= 1
        node, depth = stack_node[waiting], stack_depth[waiting]
        path[depth] = node
        if feature[node] >= 0:
            stack_node[waiting], stack_depth[waiting] = right[node], depth + 1
            stack_node[waiting + 1], stack_depth[waiting + 1] = left[node], depth + 1
            waiting += 2
            continue
        m = 0
        for step in range(depth):
            parent, child = path[step], path[step + 1]
            input_place = local[feature[parent]]
            j = 0
            while j < m and place[leaf, j] != input_place:
                j += 1
            first, last = starts[input_place], starts[input_place + 1]
            if j == m:
                place[leaf, j], low[leaf, j], high[leaf, j] = input_place, 0, last - first
                empty[leaf, j], z[leaf, j] = 1, 1.0
                m += 1
            bin_of_cut = below(cuts, first, last, threshold[parent])
            goes_left = child == left[parent]
            if goes_left:
                high[leaf, j] = min(high[leaf, j], bin_of_cut)
            else:
                low[leaf, j] = max(low[leaf, j], bin_of_cut + 1)
            empty[leaf, j] &= nan_left[parent] == goes_left
            z[leaf, j] *= cover[child] / cover[parent]
        sizes[leaf], output[leaf] = m, value[node]
        leaf += 1
    return sizes, output, place, low, high, empty, z


@inner
def patterns_of(tabled: Array, place: Array, low: Array, high: Array, empty: Array, starts: Array) -> Array:
    """For each input and bin (the last for empty cells) the bits that it gives to the pattern of each leaf with a table."""
    inputs, leaves = len(starts) - 1, len(tabled)
    bits = np.zeros((starts[inputs] + 2 * inputs, leaves), dtype=np.uint16)
    for leaf in range(leaves):
        for j in range(tabled[leaf]):
            first = starts[place[leaf, j]] + 2 * place[leaf, j]
            for number in range(low[leaf, j], high[leaf, j] + 1):
                bits[first + number, leaf] |= 1 << j
            if empty[leaf, j]:
                last = starts[place[leaf, j] + 1] + 2 * place[leaf, j] + 1
                bits[last, leaf] |= 1 << j
    return bits


@inner
def fill_table(m: int, v: float, z: Array, table: Array, product: Array) -> None:
    """The values of a leaf's m inputs for each pattern: `table` 2^m x m, flat. `product` is room for 2^m numbers."""
    patterns = 1 << m
    for place in range(patterns * m):
        table[place] = 0.0
    rule = (m + 1) // 2
    for q in range(rule):
        x, weight = PLACES[rule, q], WEIGHTS[rule, q]
        product[0] = weight
        for j in range(m):
            satisfied, not_satisfied = x + z[j] * (1 - x), z[j] * (1 - x)
            for s in range(1 << j):
                product[s + (1 << j)] = product[s] * satisfied
                product[s] *= not_satisfied
        for j in range(m):
            inverse, bit = 1 / (x + z[j] * (1 - x)), 1 << j
            for s in range(patterns):
                if s & bit:
                    table[s * m + j] += product[s] * inverse
    for j in range(m):
        bit = 1 << j
        for s in range(patterns):
            if s & bit:
                rest = v * table[s * m + j]
                table[s * m + j] = (1 - z[j]) * rest
                table[(s ^ bit) * m + j] = -z[j] * rest


@inner
def tables_of(sizes: Array, output: Array, z: Array, rows: int, product: Array) -> tuple[Array, Array, Array]:
    """The number of inputs of each leaf that gets a table (0 where none is worth it), where each begins, and the tables."""
    leaves = len(sizes)
    offsets, tabled = np.zeros(leaves + 1, dtype=np.int64), sizes.copy()
    for leaf in range(leaves):
        if sizes[leaf] > TABLED_INPUTS or (1 << sizes[leaf]) > rows:
            tabled[leaf] = 0
        offsets[leaf + 1] = offsets[leaf] + (tabled[leaf] << tabled[leaf])
    table = np.empty(offsets[leaves])
    for leaf in range(leaves):
        fill_table(tabled[leaf], output[leaf], z[leaf], table[offsets[leaf] : offsets[leaf + 1]], product)
    return tabled, offsets, table


@inner
def add_rows(
    matrix: Array, phi: Array, asked: Array, starts: Array, cuts: Array, bits: Array, tabled: Array, place: Array,
    offsets: Array, table: Array, wide: Array, sizes: Array, output: Array, low: Array, high: Array, empty: Array,
    z: Array,
) -> None:  # fmt: skip
    """Look every row up in every leaf of one tree and add what it finds to `phi`; `wide` are the leaves without a table."""
    rows, inputs, leaves = len(matrix), len(asked), len(tabled)
    pattern = np.zeros(leaves, dtype=np.uint16)
    sums, bins = np.empty(inputs), np.empty(inputs, dtype=np.int64)
    for row in range(rows):
        for index in range(inputs):
            cell = matrix[row, asked[index]]
            first, last = starts[index], starts[index + 1]
            bins[index] = last - first + 1 if cell != cell else below(cuts, first, last, cell)
            found = bits[first + 2 * index + bins[index]]
            sums[index] = 0.0
            if index == 0:
                for leaf in range(leaves):
                    pattern[leaf] = found[leaf]
            else:
                for leaf in range(leaves):
                    pattern[leaf] |= found[leaf]
        for leaf in range(leaves):
            m = tabled[leaf]
            start = offsets[leaf] + np.int64(pattern[leaf]) * m
            for j in range(m):
                sums[place[leaf, j]] += table[start + j]
        for leaf in wide:
            m = sizes[leaf]
            add_leaf(m, output[leaf], z[leaf], place[leaf], low[leaf], high[leaf], empty[leaf], bins, starts, sums)
        for index in range(inputs):
            phi[row, asked[index]] += sums[index]


@inner
def add_leaf(
    m: int, v: float, z: Array, place: Array, low: Array, high: Array, empty: Array, bins: Array, starts: Array,
    sums: Array,
) -> None:  # fmt: skip
    """Add the values of one leaf's m inputs for one row, without a table."""
    rule = (m + 1) // 2
    satisfied = np.empty(m, dtype=np.bool_)
    for j in range(m):
        last = starts[place[j] + 1] - starts[place[j]]
        number = bins[place[j]]
        satisfied[j] = empty[j] if number > last else low[j] <= number <= high[j]
    for q in range(rule):
        x = PLACES[rule, q]
        product = v * WEIGHTS[rule, q]
        for j in range(m):
            product *= (x if satisfied[j] else 0.0) + z[j] * (1 - x)
        for j in range(m):
            if satisfied[j]:
                sums[place[j]] += (1 - z[j]) * product / (x + z[j] * (1 - x))
            elif z[j] > 0:
                sums[place[j]] -= product / (1 - x)


@kept(int64(int64[::1], int32[::1], int32[::1], int32[::1], int64))
def widest_leaf(roots: Array, feature: Array, left: Array, right: Array, inputs: int) -> int:
    """The most inputs that a leaf asks; −1 where nodes are no trees, −2 where a leaf asks too many or leaves are too many.

    What passes here can be walked without leaving an array: these loops check no index.
    """
    widest = 0
    for number in range(len(roots) - 1):
        root, end = roots[number], roots[number + 1]
        if not 0 <= root < end <= len(feature):
            return -1
        if end - root > 2 * MOST_LEAVES:
            return -2
        stack, depths = np.empty(end - root + 2, dtype=np.int64), np.empty(end - root + 2, dtype=np.int64)
        path, asked = np.empty(end - root + 1, dtype=np.int64), np.empty(MOST_INPUTS, dtype=np.int64)
        met = np.zeros(end - root, dtype=np.uint8)
        stack[0], depths[0], waiting, seen = root, 0, 1, 0
        while waiting:
            waiting -= 1
            node, depth = stack[waiting], depths[waiting]
            seen += 1
            if not root <= node < end or met[node - root] or feature[node] >= inputs:
                return -1
            met[node - root] = 1
            path[depth] = feature[node]
            if feature[node] >= 0:
                stack[waiting], stack[waiting + 1] = left[node], right[node]
                depths[waiting] = depths[waiting + 1] = depth + 1
                waiting += 2
                continue
            m = 0
            for step in range(depth):
                j = 0
                while j < m and asked[j] != path[step]:
                    j += 1
                if j == MOST_INPUTS:
                    return -2
                asked[j] = path[step]
                m = max(m, j + 1)
            widest = max(widest, m)
        if seen != end - root:
            return -1
    return widest


TREE = (int32[::1], float64[::1], int32[::1], int32[::1], uint8[::1], float64[::1], float64[::1])


@kept(float64(int64[::1], *TREE, int64, float64[:, ::1], float64[:, ::1]))
def add_values(
    roots: Array, feature: Array, threshold: Array, left: Array, right: Array, nan_left: Array, cover: Array,
    value: Array, widest: int, matrix: Array, phi: Array,
) -> float:  # fmt: skip
    """Add the SHAP values of every row to `phi` (both rows x inputs) and return the base, the mean over the covers.

    The nodes of tree t lie from roots[t] to roots[t + 1], its root first; a leaf's `feature` is −1. A row goes left where
    its cell is at most the threshold, or is empty and `nan_left` says so. `widest` is what `widest_leaf` found.
    """
    local = np.full(matrix.shape[1], -1, dtype=np.int64)
    product = np.empty(1 << TABLED_INPUTS)
    tree = (feature, threshold, left, right, nan_left, cover, value)
    base = 0.0
    for number in range(len(roots) - 1):
        root, end = roots[number], roots[number + 1]
        asked, starts, cuts = inputs_of(root, end, feature, threshold, local)
        leaves = (end - root + 1) // 2
        sizes, output, place, low, high, empty, z = leaves_of(root, tree, local, starts, cuts, leaves, widest)
        tabled, offsets, table = tables_of(sizes, output, z, len(matrix), product)
        for leaf in range(leaves):
            share = 1.0
            for j in range(sizes[leaf]):
                share *= z[leaf, j]
            base += share * output[leaf]
        bits = patterns_of(tabled, place, low, high, empty, starts)
        wide = np.flatnonzero(tabled < sizes)
        add_rows(
            matrix,
            phi,
            asked,
            starts,
            cuts,
            bits,
            tabled,
            place,
            offsets,
            table,
            wide,
            sizes,
            output,
            low,
            high,
            empty,
            z,
        )
        for index in range(len(asked)):
            local[asked[index]] = -1
    return base
