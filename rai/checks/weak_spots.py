"""Where a model is weakest: every slice by one and by two features against all other rows, as one family of comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from rai.checks.contract import OPTIONAL, Group, Measure
from rai.checks.measured import estimated
from rai.engine.cube import Table
from rai.engine.intervals import mover_difference
from rai.engine.planning import shrunk
from rai.engine.rates import Measurable, Rates
from rai.engine.verdicts import Settings, statuses

MOST_SHOWN = 10


@dataclass(frozen=True)
class WeakSpot:
    """A slice held against all other judged rows; `gap` is how much worse it is, at the level of the whole search.

    `shrunk` is the slice's value drawn to its grouping's mean: an aid for where to look, never a verdict.
    """

    by: tuple[str, ...]
    group: Group
    n: int
    value: Measure
    rest: Measure
    gap: Measure
    is_surely_worse: bool
    shrunk: float | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True)
class Search:
    """What was searched: the metric, how many slices were compared and how many were too small, the weakest first.

    `skipped` are pairs of features that make more slices than can be searched.
    """

    metric: str
    is_error: bool
    comparisons: int
    too_small: int
    skipped: tuple[tuple[str, ...], ...]
    slices: tuple[WeakSpot, ...]


@dataclass(frozen=True)
class Slices:
    """The slices of one grouping that can be compared, each with all others beside it."""

    table: Table
    rest: Table
    own: Rates
    others: Rates

    def __len__(self) -> int:
        return len(self.own)


def search(
    tables: Sequence[Table],
    metric: Measurable,
    settings: Settings,
    *,
    is_error: bool,
    skipped: tuple[tuple[str, ...], ...] = (),
) -> Search:
    """Every slice of these groupings against the rest.

    The interval of a gap is MOVER at the simultaneous level of all slices together (Šidák), because the worst is looked
    for: a slice whose whole interval lies on the bad side is surely worse, with at most `1 − confidence` for any mistake
    of the kind among all slices. `is_error`: small values are the good ones. `skipped` names groupings that were not searched.
    """
    compared = [slices_of(table, metric, settings) for table in tables]
    total = sum(map(len, compared))
    too_small = sum(len(table) for table in tables) - total
    level = settings.levels(max(total, 1), attempt=1).to_fail
    found = [spot for each in compared for spot in spots(each, metric, settings, level, is_error=is_error)]
    worse = sorted((spot for spot in found if (spot.gap.value or 0) > 0), key=order)
    return Search(metric.name, is_error, total, too_small, skipped, tuple(worse[:MOST_SHOWN]))


def order(spot: WeakSpot) -> tuple[float, float, str]:
    """The surest first; slices that chance may explain after them, by what was seen."""
    sure = spot.gap.low if spot.is_surely_worse and spot.gap.low else 0.0
    return -sure, -(spot.gap.value or 0.0), str(sorted(spot.group.items()))


def slices_of(table: Table, metric: Measurable, settings: Settings) -> Slices:
    """The slices large enough to decide, and their complements; none where fewer than two are."""
    status = statuses(metric.estimates(table), table, settings.min_group)
    places = np.array([place for place, reason in enumerate(status) if reason is None], dtype=np.int64)
    chosen = table.take(places if len(places) > 1 and not table.has_spanning_clusters else places[:0])
    if not len(chosen):
        nothing = metric.estimates(chosen)
        return Slices(chosen, chosen, nothing, nothing)
    rest = chosen.rest()
    return Slices(chosen, rest, metric.estimates(chosen), metric.estimates(rest))


def spots(slices: Slices, metric: Measurable, settings: Settings, level: float, *, is_error: bool) -> list[WeakSpot]:
    """The slices of one grouping with their gaps."""
    if not len(slices):
        return []
    own, others = slices.own, slices.others
    (low1, high1), (low2, high2) = own.limits(level), others.limits(level)
    low, high = mover_difference(own.value, low1, high1, others.value, low2, high2)
    gap = own.value - others.value
    if not is_error:
        gap, low, high = -gap, -high, -low
    values, rests = estimated(slices.table, metric, settings), estimated(slices.rest, metric, settings)
    drawn = shrunk(own) if own.is_plain and len(own) > 2 else None
    return [
        WeakSpot(
            by=slices.table.by, group=slices.table.named(place), n=int(own.n[place]), value=values[place],
            rest=rests[place],
            gap=Measure(float(gap[place]), float(low[place]), float(high[place]), "mover", int(own.n[place] + others.n[place])),
            is_surely_worse=bool(low[place] > 0), shrunk=None if drawn is None else float(drawn[place]),
        )
        for place in range(len(slices))
    ]  # fmt: skip
