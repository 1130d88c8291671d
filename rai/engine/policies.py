"""Thresholds set in several ways, one for all or one for each group, from counts above thresholds; ties go to the higher one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rai.engine.cuts import Above

Array = np.ndarray


@dataclass(frozen=True)
class Costs:
    """What one wrongly selected and one wrongly refused row cost, in a unit of the reader's."""

    false_positive: float = 1.0
    false_negative: float = 1.0


@dataclass(frozen=True)
class Cells:
    """Rows of one group at one threshold."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def n(self) -> int:
        """All rows."""
        return self.tp + self.fp + self.fn + self.tn


def cells_at(group: Above, place: int) -> Cells:
    """The rows of a group when the threshold at `place` is used."""
    fp, tp = group.negatives[place], group.positives[place]
    return Cells(tp, fp, group.positives[0] - tp, group.negatives[0] - fp)


def added(cells: Sequence[Cells]) -> Cells:
    """Several groups as one."""
    return Cells(*(sum(getattr(one, name) for one in cells) for name in ("tp", "fp", "fn", "tn")))


def arrays(groups: Sequence[Above]) -> tuple[Array, Array]:
    """Negatives and positives at or above each threshold, of all groups together."""
    return tuple(
        np.sum([np.array(getattr(one, name)) for one in groups], axis=0) for name in ("negatives", "positives")
    )  # type: ignore[return-value]


def cheapest(groups: Sequence[Above], costs: Costs) -> int:
    """The place of the threshold at which all rows together cost least."""
    negatives, positives = arrays(groups)
    total = costs.false_positive * negatives + costs.false_negative * (positives[0] - positives)
    return last_smallest(total)


def last_smallest(values: Array) -> int:
    """The highest threshold among those with the smallest value: it selects the fewest."""
    return int(np.flatnonzero(values == values.min())[-1])


def rate_along(group: Above, name: str) -> Array | None:
    """A rate of a group at every threshold; None where it has no rows of that kind."""
    negatives, positives = np.array(group.negatives, dtype=np.float64), np.array(group.positives, dtype=np.float64)
    top, bottom = {
        "selection_rate": (negatives + positives, negatives[0] + positives[0]),
        "true_positive_rate": (positives, positives[0]),
        "false_positive_rate": (negatives, negatives[0]),
    }[name]
    return np.asarray(top / bottom) if bottom else None


def level_at(groups: Sequence[Above], place: int, name: str) -> float | None:
    """A rate of all groups together at one threshold."""
    negatives, positives = arrays(groups)
    whole = Above((), (), tuple(negatives.tolist()), tuple(positives.tolist()), 0)
    along = rate_along(whole, name)
    return None if along is None else float(along[place])


def nearest(group: Above, name: str, level: float | None) -> int | None:
    """The place of the threshold at which a group's rate lies nearest to a level; None where it has no such rate."""
    along = rate_along(group, name)
    return None if along is None or level is None else last_smallest(np.abs(along - level))
