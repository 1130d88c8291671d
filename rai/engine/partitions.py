"""A table in partitions, each counted by itself wherever that may be, and the cube that their sum is.

What is summed are counts by the texts that stand in the table; what these mean (one spelling a value, two labels) is
decided on the sum, as it is decided on the whole table when that is read in one go.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from rai.checks.saying import InputError
from rai.engine.cells import Row, merged
from rai.engine.counts import Limits, check_mapped, planned, probe, raw_rows
from rai.engine.cube import Cube, Mapped, whole
from rai.engine.sources import Source, opened

# First row and the row after the last, both counted from 0.
Span = tuple[int, int]


@dataclass(frozen=True)
class Part:
    """Counts of one partition: rows of texts (group columns, label, prediction) and n; `is_cut` when a cut-off predicts."""

    is_cut: bool
    rows: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `from_json` makes an equal part."""
        return {"is_cut": self.is_cut, "rows": [list(row) for row in self.rows]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], width: int) -> "Part":
        """The part of a JSON object over `width` group columns, checked: the sender may have read a hostile file."""
        try:
            rows = tuple((*row[:-1], whole(row[-1])) for row in value["rows"])
            texts = all(text is None or isinstance(text, str) for row in rows for text in row[:-1])
            if not texts or not isinstance(value["is_cut"], bool) or any(len(row) != width + 3 for row in rows):
                raise ValueError("not counts")
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise InputError("The counts sent by the reading process are not those of a part; run it again.") from error
        return cls(value["is_cut"], rows)


def spans(rows: int, most: int) -> tuple[Span, ...]:
    """Rows in consecutive spans of nearly equal size, none longer than `most`; a single span where all fit."""
    number = max(1, -(-rows // most))
    edges = [rows * place // number for place in range(number + 1)]
    return tuple(pairwise(edges))


def read_part(
    files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    target: str,
    prediction: str,
    sensitive: Sequence[str],
    control: Sequence[str] = (),
    positive: str = "1",
    span: Span | None = None,
    limits: Limits | None = None,
) -> Part:
    """Counts of some files, or of a span of rows of one Parquet file, whose other row groups are not read.

    Weights and clusters are not taken: sums of floats depend on how they are parted, and a cluster may lie in two parts.
    Raises InputError as `counts.read` does for what can be told from this part alone.
    """
    mapped = Mapped(target, prediction, tuple(sensitive), tuple(control), positive)
    check_mapped(mapped)
    with opened(files, limits=limits) as source:
        chosen = source if span is None else spanned(source, span)
        plan = planned(chosen, mapped)
        probe(chosen, mapped, plan)
        return Part(plan.cut is not None, tuple(raw_rows(chosen, mapped, plan)))


def spanned(source: Source, span: Span) -> Source:
    """The table of these rows only."""
    if source.kind != "parquet" or len(source.files) > 1:
        raise InputError(
            "{label} cannot be read in parts; only one Parquet file has numbered rows.", label=source.label
        )
    first, end = (int(edge) for edge in span)
    names = ", ".join(f"c{place}" for place in range(len(source.columns)))
    scan = (
        f"(SELECT {names} FROM read_parquet($files, hive_partitioning=false, file_row_number=true)"
        f" AS numbered({names}, row) WHERE row BETWEEN {first} AND {end - 1}) AS rows_of_files({names})"
    )
    return replace(source, scan=scan, claimed_rows=None)


def summed(
    parts: Iterable[Part], *, label: str, target: str, prediction: str, sensitive: Sequence[str],
    control: Sequence[str] = (), positive: str = "1",
) -> Cube:  # fmt: skip
    """The cube of a table, called `label` in messages, from the counts of all its parts; columns as for `read_part`.

    Raises InputError as `counts.read` does, only that it names no row.
    """
    mapped = Mapped(target, prediction, tuple(sensitive), tuple(control), positive)
    found = list(parts)
    sums: dict[Row, int] = {}
    for part in found:
        for row in part.rows:
            sums[row[:-1]] = sums.get(row[:-1], 0) + row[-1]
    rows = [(*texts, n) for texts, n in sums.items()]
    is_cut = any(part.is_cut for part in found)
    cells = merged(rows, mapped, label=label, place=lambda _column, _value: "", is_cut=is_cut)
    return Cube(mapped, sum(cell.rows for cell in cells), cells)
