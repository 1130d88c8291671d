"""Reading how many rows of each group and label lie at or above each of many thresholds: counts that hold no row."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from rai.checks.saying import InputError
from rai.engine.rows import Asked, Rows, read_rows
from rai.engine.scores import coded
from rai.engine.sources import Limits

MOST_CUTS = 500
MOST_GROUPS = 100

Values = tuple[str, ...]
Files = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


@dataclass(frozen=True)
class Above:
    """One group: rows with label 0 and with label 1 whose score is at or above each threshold.

    The first threshold is not above the lowest score, so that the first counts are all rows; one more count, 0, stands
    for a threshold that nobody reaches. `incomplete` rows lack label or score.
    """

    by: Values
    values: Values
    negatives: tuple[int, ...]
    positives: tuple[int, ...]
    incomplete: int

    @property
    def group(self) -> dict[str, str]:
        """Column → value."""
        return dict(zip(self.by, self.values, strict=True))

    @property
    def n(self) -> int:
        """Complete rows."""
        return self.negatives[0] + self.positives[0]


@dataclass(frozen=True)
class Cuts:
    """Every group of every grouping over the same thresholds, which ascend; a row is selected at or above one."""

    asked: Asked
    rows: int
    missing: Mapping[str, int]
    thresholds: tuple[float, ...]
    groups: tuple[Above, ...]
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)

    def of(self, by: Values) -> tuple[Above, ...]:
        """The groups of one grouping; of none, all rows as one group."""
        return tuple(group for group in self.groups if group.by == by)

    def groupings(self) -> tuple[Values, ...]:
        """Every grouping that was read, but that of all rows."""
        return tuple(dict.fromkeys(group.by for group in self.groups if group.by))

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `cuts_of` makes an equal one."""
        return {**asdict(self), "groups": [asdict(group) for group in self.groups]}


def read_cuts(
    files: Files,
    *,
    target: str,
    score: str,
    groups: Sequence[str],
    positive: str = "1",
    intersections: int = 1,
    threshold: float | None = None,
    limits: Limits | None = None,
    threads: int | None = None,
) -> Cuts:
    """Counts at or above every score, or above 500 of them at exact quantiles where there are more; `threshold` is one.

    Raises InputError as `read_rows` does, for more than 100 groups, and where no row has both a label and a score.
    """
    asked = Asked(target, score, tuple(groups), positive)
    rows = read_rows(files, asked, limits=limits, threads=threads)
    started = time.perf_counter()
    complete = ~np.isnan(rows.label) & ~np.isnan(rows.score)
    if not complete.any():
        lost = "; ".join(f"{n:,} rows: {reason}" for reason, n in rows.missing.items())
        raise InputError(
            "No row has both a true outcome and a score ({lost}); thresholds need rows with both.", lost=lost
        )
    cuts = chosen_cuts(np.sort(rows.score[complete]), threshold)
    sizes = range(min(intersections, len(asked.groups)) + 1)
    found = [
        one for size in sizes for by in combinations(asked.groups, size) for one in above(rows, complete, by, cuts)
    ]
    timings = {**rows.timings, "summarise": time.perf_counter() - started}
    return Cuts(asked, len(rows), dict(rows.missing), tuple(cuts.tolist()), tuple(found), timings)


def chosen_cuts(ordered: np.ndarray, threshold: float | None) -> np.ndarray:
    """The thresholds: all scores, or those at exact quantiles, with the lowest score and the one asked for among them."""
    every = np.unique(ordered)
    if len(every) > MOST_CUTS:
        places = np.arange(MOST_CUTS) * len(ordered) // MOST_CUTS
        every = np.unique(ordered[places])
    return every if threshold is None else np.unique(np.append(every, threshold))


def above(rows: Rows, complete: np.ndarray, by: Values, cuts: np.ndarray) -> list[Above]:
    """The groups of one grouping that have rows."""
    codes, groups = coded(rows, by)
    if len(groups) > MOST_GROUPS:
        raise InputError(
            "The columns {by} make {groups} groups, more than {most_groups}: nobody sets so many thresholds. "
            "Put values into fewer bands.",
            by=", ".join(by),
            groups=f"{len(groups):,}",
            most_groups=MOST_GROUPS,
        )
    # Every row reaches the first threshold, which is not above the lowest score.
    last = np.searchsorted(cuts, rows.score[complete], side="right") - 1
    places = (codes[complete] * 2 + rows.label[complete].astype(np.int64)) * len(cuts) + last
    counts = np.bincount(places, minlength=len(groups) * 2 * len(cuts)).reshape(len(groups), 2, len(cuts))
    upto = np.flip(np.cumsum(np.flip(counts, axis=2), axis=2), axis=2)
    lost = np.bincount(codes[~complete], minlength=len(groups))
    return [
        Above(by, values, (*side[0].tolist(), 0), (*side[1].tolist(), 0), int(missing))
        for values, side, missing in zip(groups, upto, lost, strict=True)
    ]
