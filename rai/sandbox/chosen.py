"""Chosen rows one by one in the child: what moved each score, and the nearest change that would turn the decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rai.checks.saying import InputError
from rai.sandbox import tables
from rai.sandbox.models import LoadedModel, of_matrix
from rai.sandbox.order import Order

SHOWN = 10
# Inputs by number, each with its new value.
Changes = tuple[tuple[int, float], ...]
TRIED_VALUES, TRIED_INPUTS = 24, 6


@dataclass(frozen=True)
class Decision:
    """A row is positive from `cut` of the score on; `fixed` are inputs that nobody can change."""

    cut: float
    fixed: tuple[str, ...]


def rows_at(order: Order, features: Sequence[str], numbers: Sequence[int]) -> np.ndarray:
    """These rows of the table (1 is the first below the header) as rows x features; raises InputError for one that is not."""
    wanted = tables.Wanted(tuple(features), (), 0, 0)
    with tables.opened_table(order, threads=1) as table:
        beyond = [number for number in numbers if not 1 <= number <= table.rows]
        if beyond:
            raise InputError(
                "{title} has no row {number}: it has {rows} rows below the header. Choose rows that it has.",
                title=table.title, number=f"{beyond[0]:,}", rows=f"{table.rows:,}",
            )  # fmt: skip
        columns = [tables.required(table, name, wanted) for name in features]
        return tables.gathered(table, columns, [], np.array(numbers, dtype=np.int64) - 1)[0]


def explained(
    names: Sequence[str], cells: np.ndarray, values: np.ndarray, *, row: int, raw: float, base: float
) -> dict[str, Any]:
    """One row: its raw score, the base, and what its inputs add to it, the largest first."""
    order = np.argsort(-np.abs(values), kind="stable")
    return {
        "row": row, "raw": float(raw), "base": float(base),
        "inputs": [{"name": names[i], "value": number(cells[i]), "contribution": float(values[i])} for i in order[:SHOWN]],
        "rest": float(values[order[SHOWN:]].sum()), "rest_inputs": int(max(0, len(order) - SHOWN)),
    }  # fmt: skip


def number(cell: float) -> float | None:
    """A cell as JSON; null where it is empty."""
    return None if np.isnan(cell) else float(cell)


# ---- the nearest change


def nearest(model: LoadedModel, cells: np.ndarray, seen: np.ndarray, decision: Decision) -> dict[str, Any]:
    """The smallest change of one or two inputs to values that other rows have, which turns the decision on this row.

    Distance: the sum of the changes, each in units of the input's mean absolute deviation over `seen` (rows x features).
    """
    names = model.info.features
    free = [index for index, name in enumerate(names) if name not in decision.fixed and not np.isnan(cells[index])]
    score = float(model.predict(of_matrix(model.info, cells[None, :]))[0])
    found: dict[str, Any] = {"score": score, "positive": score >= decision.cut, "changes": None, "score_after": None}
    steps = {index: tried(cells[index], seen[:, index]) for index in free}
    scale = {index: deviation(seen[:, index]) for index in free}
    singles: list[Changes] = [((index, value),) for index in free for value in steps[index]]
    for candidates in (singles, pairs(model, cells, singles, score)):
        best = turned(model, cells, candidates, decision, scale)
        if best is not None:
            changes, after = best
            told = [{"name": names[index], "from": float(cells[index]), "to": float(value)} for index, value in changes]
            return found | {"changes": told, "score_after": after}
    return found


def tried(cell: float, seen: np.ndarray) -> list[float]:
    """Values of other rows to try instead of this one: all where they are few, else quantiles."""
    others = np.unique(seen[~np.isnan(seen)])
    if len(others) > TRIED_VALUES:
        others = np.unique(np.quantile(others, np.linspace(0, 1, TRIED_VALUES), method="nearest"))
    return [float(value) for value in others if value != cell]


def deviation(seen: np.ndarray) -> float:
    """The mean absolute deviation of an input from its median; 1 where it never differs."""
    filled = seen[~np.isnan(seen)]
    return (float(np.abs(filled - np.median(filled)).mean()) or 1.0) if len(filled) else 1.0


def pairs(model: LoadedModel, cells: np.ndarray, singles: list[Changes], score: float) -> list[Changes]:
    """Two changes at once, of the inputs that alone move the score most."""
    if not singles:
        return []
    moved = np.abs(scored(model, cells, singles) - score)
    reach: dict[int, float] = {}
    for change, size in zip(singles, moved, strict=True):
        reach[change[0][0]] = max(reach.get(change[0][0], 0.0), float(size))
    kept = sorted(reach, key=lambda index: -reach[index])[:TRIED_INPUTS]
    single = [change[0] for change in singles if change[0][0] in kept]
    return [(one, other) for one in single for other in single if one[0] < other[0]]


def scored(model: LoadedModel, cells: np.ndarray, candidates: list[Changes]) -> np.ndarray:
    """The score after each of the changes."""
    matrix = np.repeat(cells[None, :], len(candidates), axis=0)
    for row, changes in enumerate(candidates):
        for index, value in changes:
            matrix[row, index] = value
    return model.predict(of_matrix(model.info, matrix))


def turned(
    model: LoadedModel, cells: np.ndarray, candidates: list[Changes], decision: Decision, scale: dict[int, float]
) -> tuple[Changes, float] | None:
    """The nearest of the changes that turn the decision, and the score after it; None where none does."""
    if not candidates:
        return None
    before = float(model.predict(of_matrix(model.info, cells[None, :]))[0]) >= decision.cut
    after = scored(model, cells, candidates)
    distance = [sum(abs(value - cells[index]) / scale[index] for index, value in changes) for changes in candidates]
    ways = [place for place in range(len(candidates)) if (after[place] >= decision.cut) != before]
    if not ways:
        return None
    best = min(ways, key=lambda place: (distance[place], place))
    return candidates[best], float(after[best])
