"""How many rows an attribution needs and what order it shows: stop rule, rank intervals and ties, on plain arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray

FIRST_ROWS = 256
TARGET = 0.03
TOP = 10
LEAST_SHARE = 0.01
ROW_CAP_ROWS = 65_536
ARRAY_BYTES = 256 << 20
DECIMALS = 12
# Stability: draws with other seeds, how far a share may move between halves, and how far values of an estimate may move
# under another seed, for each unit of their size, before nothing is said for sure.
SEEDS, UNSTABLE, RESTLESS = 5, 0.1, 0.25
SETTLED, ALL_ROWS, ROW_CAP = "settled", "all_rows", "row_cap"


@dataclass(frozen=True)
class Grouping:
    """One column to compare by: its labels (None where the cell was empty) and each row's index into them."""

    by: str
    labels: tuple[str | None, ...]
    codes: Array


@dataclass(frozen=True)
class Attributions:
    """SHAP values of sampled rows, in the units of the model's raw score (log-odds for binary models).

    `values` rows x features; `raw` the model's own raw score of each row; `base` the score without any feature, so
    that base + the sum of a row's values is its raw score. `stop_reason` is settled, all_rows or row_cap.
    """

    features: tuple[str, ...]
    values: Array
    raw: Array
    base: float
    rows_available: int
    stop_reason: str
    seed: int
    groups: tuple[Grouping, ...] = ()
    steps: tuple[dict[str, Any], ...] = ()
    missing: dict[str, int] = field(default_factory=dict)
    dropped: tuple[dict[str, Any], ...] = ()
    model: dict[str, Any] = field(default_factory=dict)
    method: dict[str, Any] = field(default_factory=dict)
    shapes: tuple[dict[str, Any], ...] = ()
    surrogate: dict[str, Any] = field(default_factory=dict)
    local: tuple[dict[str, Any], ...] = ()
    curves: tuple[dict[str, Any], ...] = ()
    timings: dict[str, float] = field(default_factory=dict)


def from_reply(reply: dict[str, Any], array: Array) -> Attributions:
    """The sandboxed child's reply (`attribute`) as Attributions; raises ValueError when its parts do not fit together."""
    features = tuple(str(name) for name in reply["features"])
    width = len(features)
    if array.shape != (reply["rows_used"], width + 1 + len(reply["groups"])):
        raise ValueError("the array does not fit the features and groups it was sent with")
    groupings = []
    for index, group in enumerate(reply["groups"]):
        codes = array[:, width + 1 + index].astype(np.int64)
        if len(codes) and not (codes.min() >= 0 and codes.max() < len(group["labels"])):
            raise ValueError("a row carries a group label that does not exist")
        groupings.append(Grouping(str(group["by"]), tuple(group["labels"]), codes))
    return Attributions(
        features=features, values=array[:, :width], raw=array[:, width], base=float(reply["base"]),
        rows_available=int(reply["rows_available"]), stop_reason=str(reply["stop_reason"]), seed=int(reply["seed"]),
        groups=tuple(groupings), steps=tuple(reply["steps"]), missing=dict(reply["missing"]),
        dropped=tuple(reply["dropped"]),
        model={key: reply[key] for key in ("format", "library", "library_version", "objective", "trees")},
        method=dict(reply.get("method", {})), shapes=tuple(reply.get("shapes", ())),
        surrogate=dict(reply.get("surrogate", {})), local=tuple(reply.get("local", ())),
        curves=tuple(reply.get("curves", ())),
        timings={str(key): float(value) for key, value in reply["timings"].items()},
    )  # fmt: skip


def array_size(rows: int, *, features: int, groups: int) -> tuple[int, int]:
    """The float64 array to order from the child for a table of `rows`: most rows, and columns.

    All rows up to 65,536 and 256 MiB; the stop rule normally ends long before.
    """
    columns = features + 1 + groups
    return max(1, min(rows, ROW_CAP_ROWS, ARRAY_BYTES // (8 * columns))), columns


def sizes(available: int) -> Iterator[int]:
    """256, 512, 1024, … rows, the last one all that are available."""
    size = FIRST_ROWS
    while size < available:
        yield size
        size *= 2
    yield available


def largest_relative_error(values: Array) -> float | None:
    """The largest standard error of mean|φ| relative to it, over the features that the stop rule watches.

    Watched are the ten largest, and of them those with at least 1 % of the total. `values` rows x features. None when
    fewer than two rows tell nothing; 0 when every value is 0 (a model that never looks).
    """
    rows = len(values)
    if rows < 2:
        return None
    magnitude = np.abs(values)
    means = magnitude.mean(axis=0)
    total = means.sum()
    if total == 0:
        return 0.0
    top = np.argsort(-means, kind="stable")[:TOP]
    watched = top[means[top] >= LEAST_SHARE * total]
    errors = magnitude[:, watched].std(axis=0, ddof=1) / np.sqrt(rows)
    return float((errors / means[watched]).max())


@dataclass(frozen=True)
class Ranks:
    """For each feature its lowest and highest possible rank (1 is the largest), and who is surely above whom.

    `above[i, j]` is true when feature i's mean|φ| is surely larger than feature j's.
    """

    low: Array
    high: Array
    above: Array

    def tied_with(self, index: int) -> Array:
        """Indices of the features that cannot be told apart from this one."""
        unsettled = ~(self.above[index] | self.above[:, index])
        unsettled[index] = False
        return np.flatnonzero(unsettled)


def rank_intervals(values: Array, z: float) -> Ranks:
    """Simultaneous rank intervals from paired differences of |φ| over the same rows.

    SE of mean(|φ_i| − |φ_j|) over the rows; a pair is settled when the difference exceeds z times it, z being the
    Šidák quantile for all K(K−1)/2 pairs; rank low = 1 + features surely above, high = K − features surely below
    (Klein, Wright & Wieczorek 2020, JRSS A 183:589). `values` rows x features; with one row nothing is settled.
    """
    magnitude = np.abs(values)
    rows, count = magnitude.shape
    if rows < 2:
        nothing = np.zeros((count, count), dtype=bool)
        return Ranks(np.ones(count, dtype=int), np.full(count, count), nothing)
    means = magnitude.mean(axis=0)
    covariance = np.atleast_2d(np.cov(magnitude, rowvar=False))
    variance = np.diag(covariance)
    spread = np.maximum(variance[:, None] + variance[None, :] - 2 * covariance, 0)
    above = means[:, None] - means[None, :] > z * np.sqrt(spread / rows)
    return Ranks(1 + above.sum(axis=0), count - above.sum(axis=1), above)


def shares(values: Array) -> tuple[Array, Array]:
    """Each feature's share of the total mean|φ|, and the standard error of the share (delta method on the rows).

    With T the row sums of |φ|: the influence of a row is (|φ_j| − share_j·T) / mean(T). NaN when all values are 0.
    """
    magnitude = np.abs(values)
    totals = magnitude.sum(axis=1)
    if len(values) < 2 or not totals.any():
        unknown = np.full(values.shape[1], np.nan)
        return unknown, unknown
    mean = totals.mean()
    share = magnitude.mean(axis=0) / mean
    influence = (magnitude - totals[:, None] * share) / mean
    return share, influence.std(axis=0, ddof=1) / np.sqrt(len(values))


def additivity_error(values: Array, raw: Array, base: float) -> float:
    """The largest |base + Σφ − raw score| over the rows: 0 for an exact method.

    To twelve decimals: beyond lies the noise of float64, which differs between machines and would change a digest.
    """
    return round(float(np.abs(values.sum(axis=1) + base - raw).max()), DECIMALS)


def halves(values: Array, seed: int) -> tuple[Array, Array]:
    """The sample in two halves at random: what another draw of half as many rows would have shown, twice."""
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(values))
    middle = len(values) // 2
    return values[order[:middle]], values[order[middle:]]


def order_of(means: Array, names: Sequence[str]) -> list[int]:
    """Indices by falling value, equal ones by name."""
    return sorted(range(len(names)), key=lambda index: (-means[index], names[index]))
