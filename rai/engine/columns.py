"""What the columns of a table look like, for the page on which they are mapped."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rai.engine.predictions import NUMERIC, TEMPORAL
from rai.engine.sources import Limits, Source, check_rows, opened

SAMPLED_CELLS = 2_000_000
SAMPLED_ROWS = 50_000
SHOWN_VALUES = 20
LONGEST_VALUE = 80
# As much of a cell is read to tell what it holds: half an address would pass for something else.
LONGEST_READ = 500

Type = Literal["number", "text", "truth", "date", "other"]


@dataclass(frozen=True)
class Column:
    """A column: `values` its most frequent ones, personal data in them masked, and `distinct` how many different ones,
    both in the first rows; `nulls` and `rows` over the whole table."""

    name: str
    type: Type
    values: tuple[str, ...]
    distinct: int
    nulls: int
    rows: int

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**asdict(self), "values": list(self.values)}


def columns_of(
    file: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    limits: Limits | None = None,
    threads: int | None = None,
    memory: str = "2GB",
) -> tuple[Column, ...]:
    """Every column of a CSV or Parquet file in order.

    Raises InputError for a file that is empty, damaged, of another format or beyond `limits`.
    """
    with opened(file, limits=limits, threads=threads, memory=memory) as source:
        names = list(source.columns)
        fields = ", ".join(f"count({source.column(name)})" for name in names)
        ((rows, *filled),) = source.rows(f"SELECT count(*), {fields} FROM {{scan}}")
        if limits:
            check_rows(source, rows, limits)
        sample(source)
        return tuple(column_of(source, name, rows, rows - full) for name, full in zip(names, filled, strict=True))


def sample(source: Source) -> None:
    """The first rows as a table in memory, so that each column is looked at without reading the file again."""
    rows = min(SAMPLED_ROWS, SAMPLED_CELLS // max(len(source.columns), 1))
    source.rows(f"CREATE TEMP TABLE sampled AS SELECT * FROM {{scan}} LIMIT {rows}")


def column_of(source: Source, name: str, rows: int, nulls: int) -> Column:
    """One column from its sampled rows."""
    column = source.column(name)
    text = f"left(CAST({column} AS VARCHAR), {LONGEST_READ})"
    filled = f"FROM sampled WHERE {column} IS NOT NULL"
    ((distinct, numbers, total),) = source.connection.execute(
        f"SELECT count(DISTINCT {column}), count(TRY_CAST({text} AS DOUBLE)), count(*) {filled}"
    ).fetchall()
    values = source.connection.execute(
        f"SELECT {text} {filled} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {SHOWN_VALUES}"
    )
    # Its rules cost every child that counts a few hundredths of a second, and only this page needs them.
    from rai.engine.personal.summaries import shown

    found = tuple(value for (value,) in values.fetchall())
    kind = type_of(source.type_of(name), found, numbers == total > 0)
    return Column(name, kind, cut(shown(name, found, distinct=distinct)), distinct, nulls, rows)


def cut(values: tuple[str, ...]) -> tuple[str, ...]:
    """No longer than a page shows."""
    return tuple(value[:LONGEST_VALUE] for value in values)


def type_of(kind: str, values: tuple[str, ...], is_number: bool) -> Type:
    """The type in a reader's words; for text columns by what they hold."""
    if NUMERIC.match(kind) or (kind == "VARCHAR" and is_number):
        return "number"
    if kind == "BOOLEAN" or (values and {value.lower() for value in values} <= {"true", "false"}):
        return "truth"
    if TEMPORAL.match(kind):
        return "date"
    return "text" if kind == "VARCHAR" else "other"
