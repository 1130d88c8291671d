"""One table looked over cell by cell: what is missing, not valid, doubled or contradictory, and what leaks; counts only."""

import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from rai.checks.saying import InputError
from rai.engine.areas import area
from rai.engine.distances import sorted_pair
from rai.engine.labels import canonical
from rai.engine.shift import Asked, Cells, Table, cells_of, is_date, number_sql, table_of
from rai.engine.sources import Limits, Source

Files = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

# From this share of numbers on, a text among them is taken for a mistake and not for a category.
MOSTLY_NUMBERS = 0.95
MOST_CATEGORIES = 50
RANGE = re.compile(r"^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)?\.\.([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)?$")
ORDER = re.compile(r"^(.+?)\s*(<=|<)\s*(.+)$")


@dataclass(frozen=True)
class Expected:
    """What cells should hold: numbers in a range, one of some values, or one column not above another."""

    text: str
    column: str
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    above: str | None = None
    is_strict: bool = False


@dataclass(frozen=True)
class Looked:
    """One column: its cells, how many of its values are of the wrong kind, and how well it alone tells the label.

    `area` holds value and variance of the area under the ROC curve with positives and negatives, None where there is none.
    """

    name: str
    kind: str
    cells: Cells
    distinct: int
    misfits: int
    area: tuple[float, float | None, int, int] | None = None


@dataclass(frozen=True)
class Broken:
    """How many of the rows that an expectation can be held against break it."""

    text: str
    column: str
    rows: int
    broken: int


@dataclass(frozen=True)
class Overlap:
    """Rows of this table that stand in the other one too, as whole rows and by key; None without a key."""

    columns: int
    rows_other: int
    rows: int
    keys: int | None


@dataclass(frozen=True)
class Quality:
    """All that was counted over one table."""

    rows: int
    columns: tuple[Looked, ...]
    broken: tuple[Broken, ...]
    doubled: int
    doubled_keys: int | None
    empty_keys: int | None
    contradicting: int | None
    overlap: Overlap | None
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `quality_of` makes an equal one."""
        return asdict(self)


@dataclass(frozen=True)
class Wanted:
    """What is looked for: the label (for contradictions and leaks), columns that make a row's key, and expectations."""

    target: str | None = None
    positive: str = "1"
    key: tuple[str, ...] = ()
    expected: str = ""


def read_quality(files: Files, wanted: Wanted, *, other: Files | None = None, limits: Limits | None = None) -> Quality:
    """Look over every cell of a table, and over its rows beside those of another one.

    Rows count as doubled when all their cells are spelled alike; as contradicting when all but label and key are, and
    the labels are not. Raises InputError that names the column or the expectation that cannot be used.
    """
    started = time.perf_counter()
    with table_of(files, Asked(), limits) as table:
        names = tuple(table.source.columns)
        for name in (*wanted.key, *filter(None, [wanted.target])):
            table.source.column(name)
        expected = expectations(wanted.expected, table.source)
        inputs = tuple(name for name in names if name not in {wanted.target, *wanted.key})
        found = Quality(
            rows=table.rows,
            columns=tuple(looked(table, name, wanted) for name in names),
            broken=tuple(broken(table, one) for one in expected),
            doubled=doubled(table, names),
            doubled_keys=doubled(table, wanted.key) if wanted.key else None,
            empty_keys=empty_keys(table, wanted.key) if wanted.key else None,
            contradicting=contradicting(table, inputs, wanted.target) if wanted.target and inputs else None,
            overlap=overlapped(table, other, wanted, limits) if other else None,
        )
    return Quality(**{**vars(found), "timings": {"look": time.perf_counter() - started}})


# ---- cells


def looked(table: Table, name: str, wanted: Wanted) -> Looked:
    """One column."""
    cells = cells_of(table, name)
    ((distinct,),) = table.query(f"SELECT count(DISTINCT {table.source.column(name)}) FROM {{scan}}")
    kind = kind_of(table, name, cells)
    misfits = cells.infinite + (cells.texts if kind == "number" else 0)
    return Looked(name, kind, cells, int(distinct), misfits, telling(table, name, kind, int(distinct), wanted))


def kind_of(table: Table, name: str, cells: Cells) -> str:
    """What the column holds: number, date, text, or nothing at all."""
    if not cells.filled and not cells.infinite:
        return "empty"
    if is_date(table, name):
        return "date"
    return "number" if cells.numbers >= MOSTLY_NUMBERS * max(cells.filled, 1) and cells.numbers else "text"


def telling(table: Table, name: str, kind: str, distinct: int, wanted: Wanted) -> tuple[float, float | None, int, int] | None:  # fmt: skip
    """How well the column alone tells the label: numbers by themselves, few categories by their share of positives."""
    if not wanted.target or name == wanted.target or name in wanted.key or distinct < 2:
        return None
    truth = label_sql(table, wanted)
    if kind == "number":
        value = number_sql(table.source, name)
    elif kind == "text" and distinct <= MOST_CATEGORIES:
        text = f"CAST({table.source.column(name)} AS VARCHAR)"
        value = f"avg({truth}) OVER (PARTITION BY {text})"
    else:
        return None
    rows = [side_of(table, value, truth, side) for side in (1, 0)]
    found = area(*sorted_pair(*rows))
    return None if found.value is None else (found.value, found.variance, found.positives, found.negatives)


def label_sql(table: Table, wanted: Wanted) -> str:
    """The label as 1, 0 or NULL; every spelling of the file is brought to one."""
    column = f"CAST({table.source.column(str(wanted.target))} AS VARCHAR)"
    spelled = [value for (value,) in table.query(f"SELECT DISTINCT {column} FROM {{scan}} LIMIT 101")]
    labels = {value: canonical(value) for value in spelled}
    if len(spelled) > 100 or len({label for label in labels.values() if label is not None}) > 2:
        raise InputError(
            'Column "{target}" of {label} holds more than two labels; leave the target out, or name one with '
            "two values.",
            target=wanted.target,
            label=table.source.label,
        )
    positive = canonical(wanted.positive)
    known = [(value, int(label == positive)) for value, label in labels.items() if label is not None]
    cases = " ".join(f"WHEN {quoted(value)} THEN {number}" for value, number in known)
    return f"CASE {column} {cases} ELSE NULL END" if known else "CAST(NULL AS INTEGER)"


def quoted(text: str) -> str:
    """A SQL string literal."""
    from rai.engine.sources import text_literal

    return text_literal(text)


def side_of(table: Table, value: str, truth: str, side: int) -> np.ndarray:
    """All values of the rows with this label."""
    statement = f"SELECT v FROM (SELECT {value} AS v, {truth} AS y FROM {table.scan}) WHERE isfinite(v) AND y = {side}"
    return table.column_of_numbers(statement)


# ---- rows


def spelled(source: Source, names: Sequence[str]) -> str:
    """SQL for a digest of the cells as they are spelled, each with its length before it, so that no two rows mix."""
    cells = [f"CAST({source.column(name)} AS VARCHAR)" for name in names]
    parts = ", ".join(f"coalesce(strlen({cell}) || ':' || {cell}, '-')" for cell in cells)
    return f"md5_number(concat({parts}))"


def doubled(table: Table, names: Sequence[str]) -> int:
    """Rows beyond the first of each that are alike in these columns."""
    ((rows, distinct),) = table.query(
        f"SELECT count(*), count(DISTINCT d) FROM (SELECT {spelled(table.source, names)} AS d FROM {{scan}})"
    )
    return int(rows - distinct)


def empty_keys(table: Table, key: Sequence[str]) -> int:
    """Rows whose key has an empty cell."""
    tests = " OR ".join(f"{cell} IS NULL OR trim({cell}) = ''" for cell in (f"CAST({table.source.column(name)} AS VARCHAR)" for name in key))  # fmt: skip
    ((rows,),) = table.query(f"SELECT count(*) FROM {{scan}} WHERE {tests}")
    return int(rows)


def contradicting(table: Table, inputs: Sequence[str], target: str) -> int:
    """Rows whose inputs stand in the table with another label as well."""
    label = f"CAST({table.source.column(target)} AS VARCHAR)"
    ((rows,),) = table.query(
        "SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n, count(DISTINCT y) AS labels FROM"
        f" (SELECT {spelled(table.source, inputs)} AS d, {label} AS y FROM {{scan}}) GROUP BY d) WHERE labels > 1"
    )
    return int(rows)


def overlapped(table: Table, other: Files, wanted: Wanted, limits: Limits | None) -> Overlap:
    """Rows that stand in both tables, by all columns that both have, and by key."""
    with table_of(other, Asked(), limits) as beside:
        shared = tuple(name for name in table.source.columns if name in beside.source.columns)
        if not shared:
            raise InputError(
                "{label} and {label2} have no column in common.", label=table.source.label, label2=beside.source.label
            )
        key = wanted.key if wanted.key and all(name in beside.source.columns for name in wanted.key) else ()
        rows = both(table, beside, shared)
        return Overlap(len(shared), beside.rows, rows, both(table, beside, key) if key else None)


def both(table: Table, beside: Table, names: Sequence[str]) -> int:
    """Rows of the first table that stand in the second, alike in these columns."""
    return int(np.isin(digests(table, names), np.unique(digests(beside, names))).sum())


def digests(table: Table, names: Sequence[str]) -> np.ndarray:
    """The digest of every row, cut to 64 bits."""
    statement = f"SELECT CAST({spelled(table.source, names)} % 18446744073709551616 AS UBIGINT) AS v FROM {table.scan}"
    return table.column_of_numbers(statement, np.uint64)


# ---- expectations


def expectations(text: str, source: Source) -> list[Expected]:
    """Expectations as a person writes them: `age: 0..120; sex: female|male; start<=end`.

    Raises InputError that names the part which cannot be read, or the column that does not exist.
    """
    return [expectation(part, source) for part in filter(None, (each.strip() for each in text.split(";")))]


def expectation(part: str, source: Source) -> Expected:
    """One expectation."""
    column, colon, said = (each.strip() for each in part.partition(":"))
    if colon and column in source.columns:
        bounds = RANGE.match(said)
        if bounds and (bounds[1] or bounds[2]):
            low, high = (None if bound is None else number_in(bound, part) for bound in bounds.groups())
            return Expected(part, column, low, high)
        values = tuple(filter(None, (value.strip() for value in said.split("|"))))
        if values:
            return Expected(part, column, values=values)
    order = ORDER.match(part)
    if order and order[1].strip() in source.columns:
        source.column(order[3].strip())
        return Expected(part, order[1].strip(), above=order[3].strip(), is_strict=order[2] == "<")
    source.column(column)
    raise InputError('"{part}" is no expectation; write age: 0..120, or sex: female|male, or start<=end.', part=part)


def number_in(text: str, part: str) -> float:
    """A bound as a number."""
    try:
        return float(text)
    except ValueError as error:
        raise InputError('"{part}": {text} is no number.', part=part, text=text) from error


def broken(table: Table, one: Expected) -> Broken:
    """Rows that an expectation can be held against, and those that break it. Empty cells are another matter."""
    cell, number = f"CAST({table.source.column(one.column)} AS VARCHAR)", number_sql(table.source, one.column)
    filled = f"({cell} IS NOT NULL AND trim({cell}) <> '')"
    if one.above is not None:
        above = number_sql(table.source, one.above)
        filled = f"({number} IS NOT NULL AND {above} IS NOT NULL)"
        test = f"{number} < {above}" if one.is_strict else f"{number} <= {above}"
    elif one.values:
        test = f"trim({cell}) IN ({', '.join(quoted(value) for value in one.values)})"
    else:
        bounds = [f"{number} >= {one.low!r}"] if one.low is not None else []
        bounds += [f"{number} <= {one.high!r}"] if one.high is not None else []
        test = f"({number} IS NOT NULL AND NOT isnan({number}) AND {' AND '.join(bounds)})"
    ((rows, kept),) = table.query(f"SELECT count(*) FILTER ({filled}), count(*) FILTER ({filled} AND {test}) FROM {{scan}}")  # fmt: skip
    return Broken(one.text, one.column, int(rows), int(rows - kept))
