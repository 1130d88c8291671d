"""A comparison of two tables as it comes from the process that read them: every field checked, because files may be hostile."""

import math
from collections.abc import Mapping
from typing import Any, get_args

from rai.checks.saying import InputError
from rai.engine.shift import Cells, Column, Kind, Shift

FOUR = 4


def shift_of(value: Mapping[str, Any]) -> Shift:
    """The comparison of a JSON object; raises InputError where the object is none."""
    try:
        columns = tuple(column_of(each) for each in value["columns"])
        labels = [None if value[name] is None else four(value[name]) for name in ("labels_reference", "labels_current")]
        lost = tuple(whole(each) for each in value["unlabelled"])
        timings = {str(name): number(seconds) for name, seconds in value.get("timings", {}).items()}
        rows = whole(value["rows_reference"]), whole(value["rows_current"])
        return Shift(*rows, columns, labels[0], labels[1], (lost[0], lost[1]), timings)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError(
            "What the reading process sent is no comparison of two tables; run the check again."
        ) from error


def column_of(value: Mapping[str, Any]) -> Column:
    """One column, checked."""
    kind, role = value["kind"], value["role"]
    if kind not in get_args(Kind) or role not in {"feature", "prediction"}:
        raise ValueError("not a kind of column")
    sides = [tuple(whole(each) for each in value[f"counts_{side}"]) for side in ("reference", "current")]
    edges, values = tuple(number(each) for each in value["edges"]), tuple(text(each) for each in value["values"])
    bins = {"number": len(edges) + 1, "category": len(values)}.get(kind, 0)
    if len(sides[0]) != bins or len(sides[1]) != bins:
        raise ValueError("not the counts of its bins")
    names = ("ks", "wasserstein", "wasserstein_error", "deviation")
    distances = {name: None if value[name] is None else number(value[name]) for name in names}
    if kind == "number" and None in distances.values():
        raise ValueError("a distance is missing")
    means = None if value["means"] is None else (number(value["means"][0]), number(value["means"][1]))
    return Column(
        text(value["name"]), role, kind, cells_of(value["reference"]), cells_of(value["current"]), bool(value["is_chosen"]),
        edges, values, sides[0], sides[1], means=means, **distances,
    )  # fmt: skip


def cells_of(value: Mapping[str, Any]) -> Cells:
    """What the cells of a column hold, adding up to its rows."""
    cells = Cells(**{name: whole(count) for name, count in value.items()})
    if cells.filled and cells.missing + cells.filled != cells.rows:
        raise ValueError("cells that do not add up")
    return cells


def four(value: Any) -> tuple[int, int, int, int]:
    """Rows by label and prediction."""
    counts = [whole(each) for each in value]
    if len(counts) != FOUR:
        raise ValueError("not four counts")
    return counts[0], counts[1], counts[2], counts[3]


def whole(value: Any) -> int:
    """A count."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("not a count")
    return value


def number(value: Any) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a finite number")
    return float(value)


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value
