"""Two tables side by side: every column of both read exactly, down to counts and distances that hold no row."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from rai.checks.saying import InputError
from rai.engine.distances import kolmogorov_smirnov, sorted_pair, wasserstein, wasserstein_error
from rai.engine.labels import canonical
from rai.engine.predictions import BROKEN, NUMERIC, TEMPORAL, Cut, broken_values, cut_sql, parsed
from rai.engine.sources import Limits, Source, check_rows, literal, opened

Kind = Literal["number", "category", "mixed", "many_values", "one_table", "no_rows"]
Role = Literal["feature", "prediction"]
Files = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

MOST_CATEGORIES = 1_000
DECILES = np.arange(1, 10) / 10
MEMORY = "1GB"


@dataclass(frozen=True)
class Cells:
    """What the cells of one column in one table hold: rows, and how many are NULL, empty, NaN, infinite or texts."""

    rows: int
    null: int = 0
    empty: int = 0
    nan: int = 0
    infinite: int = 0
    numbers: int = 0
    texts: int = 0

    @property
    def missing(self) -> int:
        """Cells without a value."""
        return self.null + self.empty + self.nan + self.infinite

    @property
    def filled(self) -> int:
        """Cells with a value."""
        return self.numbers + self.texts


@dataclass(frozen=True)
class Column:
    """One column in both tables.

    number: counts over the bins that `edges` (deciles of the reference) make, KS, Wasserstein distance with its standard
    error, and the reference's standard deviation; category: counts by `values`, those of the reference first.
    """

    name: str
    role: Role
    kind: Kind
    reference: Cells
    current: Cells
    is_chosen: bool = True
    edges: tuple[float, ...] = ()
    values: tuple[str, ...] = ()
    counts_reference: tuple[int, ...] = ()
    counts_current: tuple[int, ...] = ()
    ks: float | None = None
    wasserstein: float | None = None
    wasserstein_error: float | None = None
    deviation: float | None = None
    means: tuple[float, float] | None = None


@dataclass(frozen=True)
class Shift:
    """All columns of both tables and, where a target was named, rows by label and prediction: tn, fp, fn, tp."""

    rows_reference: int
    rows_current: int
    columns: tuple[Column, ...]
    labels_reference: tuple[int, int, int, int] | None = None
    labels_current: tuple[int, int, int, int] | None = None
    unlabelled: tuple[int, int] = (0, 0)
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `shift_of` makes an equal shift."""
        return asdict(self)


@dataclass(frozen=True)
class Asked:
    """Which columns are compared: prediction and further outputs of the model, features (none: all), label for quality."""

    outputs: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    target: str | None = None
    prediction: str | None = None
    positive: str = "1"
    seed: int = 0


@dataclass(frozen=True)
class Table:
    """An open table, or a copy of its needed columns in memory where the files are text."""

    source: Source
    scan: str
    rows: int

    def query(self, sql: str, **values: Any) -> Any:
        """A statement over the table; `{scan}` stands for it."""
        if self.scan == self.source.scan:
            return self.source.rows(sql, **values)
        return self.source.connection.execute(sql.replace("{scan}", self.scan), values or None).fetchall()

    def numbers(self, name: str) -> np.ndarray:
        """All finite numbers of a column, in no order."""
        number = number_sql(self.source, name)
        return self.column_of_numbers(f"SELECT v FROM (SELECT {number} AS v FROM {self.scan}) WHERE isfinite(v)")

    def column_of_numbers(self, statement: str, dtype: Any = np.float64) -> np.ndarray:
        """The column `v` of a statement without bound values, every cell of it filled."""
        bound = {"files": literal(self.source.files)} if self.scan == self.source.scan else None
        found = self.source.connection.execute(statement, bound).fetchnumpy()["v"]
        return np.ascontiguousarray(found, dtype=dtype)


def read_shift(reference: Files, current: Files, asked: Asked, *, limits: Limits | None = None) -> Shift:
    """Compare the columns of two tables, each CSV or Parquet files.

    A column is one of numbers where every filled cell of the reference is a number; texts in the current table then make
    it `mixed`, and it is not compared. Dates count as seconds. Raises InputError that names file, column or value.
    """
    started = time.perf_counter()
    with table_of(reference, asked, limits) as before, table_of(current, asked, limits) as after:
        columns = tuple(compared(before, after, name, role, chosen, asked.seed) for name, role, chosen in wanted(before, after, asked))  # fmt: skip
        labels = [labels_of(table, asked) for table in (before, after)]
    return Shift(
        before.rows, after.rows, columns, labels[0][0], labels[1][0], (labels[0][1], labels[1][1]),
        {"compare": time.perf_counter() - started},
    )  # fmt: skip


@contextmanager
def table_of(files: Files, asked: Asked, limits: Limits | None) -> Iterator[Table]:
    """The table; the columns of text files are parsed once and kept in memory."""
    with opened(files, limits=limits, memory=MEMORY) as source:
        scan = source.scan
        if source.kind == "csv":
            source.rows(f"CREATE TEMP TABLE kept AS SELECT {needed(source, asked)} FROM {{scan}}")
            scan = "kept"
        table = Table(source, scan, 0)
        rows = int(table.query("SELECT count(*) FROM {scan}")[0][0])
        if limits:
            check_rows(source, rows, limits)
        if rows == 0:
            raise InputError("{label} has no rows; upload a table that has some.", label=source.label)
        yield Table(source, scan, rows)


def needed(source: Source, asked: Asked) -> str:
    """The columns that are looked at; all of them where no features are named."""
    if not asked.features:
        return "*"
    names = {*asked.outputs, *asked.features, *filter(None, [asked.target])}
    if has_prediction(source, asked):
        names |= {*outputs_of(source, asked)}
    return ", ".join(source.columns[name][0] for name in source.columns if name in names) or "*"


def has_prediction(source: Source, asked: Asked) -> bool:
    """The table holds what the prediction is written from; rows that a model was trained on often lack it."""
    try:
        return bool(outputs_of(source, asked))
    except InputError:
        return False


def outputs_of(source: Source, asked: Asked) -> tuple[str, ...]:
    """The columns that the model wrote: the one that the prediction stands in, and those named besides."""
    what = parsed(asked.prediction, source) if asked.prediction else None
    first = what.column if isinstance(what, Cut) else what
    return tuple(dict.fromkeys(filter(None, [first, *asked.outputs])))


def wanted(before: Table, after: Table, asked: Asked) -> list[tuple[str, Role, bool]]:
    """Name, role and whether it was named, of every column to compare. Dates are compared only when they are named."""
    written = outputs_of(after.source, asked)
    for name in (*written, *asked.features, *filter(None, [asked.target])):
        after.source.column(name)
    used = {*written, *filter(None, [asked.target])}
    outputs: list[tuple[str, Role, bool]] = [(name, "prediction", True) for name in written]
    if asked.features:
        return outputs + [(name, "feature", True) for name in asked.features if name not in used]
    every = dict.fromkeys([*before.source.columns, *after.source.columns])
    kept = [name for name in every if name not in used and not is_date(before, name) and not is_date(after, name)]
    return outputs + [(name, "feature", False) for name in kept]


def is_date(table: Table, name: str) -> bool:
    """The column's type is one of dates or times."""
    return name in table.source.columns and bool(TEMPORAL.match(table.source.type_of(name)))


def number_sql(source: Source, name: str) -> str:
    """A cell as a number: dates in seconds, texts that are none as NULL."""
    column, kind = source.column(name), source.type_of(name)
    if TEMPORAL.match(kind):
        return f"CAST(epoch({column}) AS DOUBLE)"
    if NUMERIC.match(kind) or kind == "VARCHAR":
        return f"TRY_CAST({column} AS DOUBLE)"
    return "CAST(NULL AS DOUBLE)"


def cells_of(table: Table, name: str) -> Cells:
    """What the cells of a column hold."""
    if name not in table.source.columns:
        return Cells(table.rows)
    number, text = number_sql(table.source, name), f"CAST({table.source.column(name)} AS VARCHAR)"
    (counts,) = table.query(
        "SELECT count(*), count(*) FILTER (t IS NULL), count(*) FILTER (trim(t) = ''), count(*) FILTER (isnan(v)),"
        " count(*) FILTER (isinf(v)), count(*) FILTER (isfinite(v)) FROM"
        f" (SELECT {text} AS t, {number} AS v FROM {{scan}})"
    )
    rows, null, empty, nan, infinite, numbers = (int(count) for count in counts)
    return Cells(rows, null, empty, nan, infinite, numbers, rows - null - empty - nan - infinite - numbers)


def compared(before: Table, after: Table, name: str, role: Role, is_chosen: bool, seed: int) -> Column:
    """One column of both tables."""
    reference, current = cells_of(before, name), cells_of(after, name)
    bare = Column(name, role, kind_of(before, after, name, reference, current), reference, current, is_chosen)
    if bare.kind == "number":
        return numbers_compared(before, after, bare, seed)
    return categories_compared(before, after, bare) if bare.kind == "category" else bare


def kind_of(before: Table, after: Table, name: str, reference: Cells, current: Cells) -> Kind:
    """What a column can be compared as; the reference decides."""
    if name not in before.source.columns or name not in after.source.columns:
        return "one_table"
    if not reference.filled or not current.filled:
        return "no_rows"
    if reference.texts:
        return "category"
    return "mixed" if current.texts else "number"


def numbers_compared(before: Table, after: Table, column: Column, seed: int) -> Column:
    """Bins at the reference's deciles, and both distances, from all values."""
    first, second = sorted_pair(before.numbers(column.name), after.numbers(column.name))
    edges = edges_of(first)
    counts = [
        np.diff(np.searchsorted(each, edges, side="right"), prepend=0, append=len(each)) for each in (first, second)
    ]
    return Column(
        column.name, column.role, column.kind, column.reference, column.current, column.is_chosen,
        edges=tuple(edges.tolist()),
        counts_reference=tuple(counts[0].tolist()),
        counts_current=tuple(counts[1].tolist()),
        ks=kolmogorov_smirnov(first, second),
        wasserstein=wasserstein(first, second),
        wasserstein_error=wasserstein_error(first, second, seed=seed),
        deviation=float(first.std(ddof=1)) if len(first) > 1 else 0.0,
        means=(float(first.mean()), float(second.mean())),
    )  # fmt: skip


def edges_of(values: np.ndarray) -> np.ndarray:
    """Upper edges of all bins but the last: the deciles, each once and below the largest value.

    A constant column gets three bins, below, at and above its value, so that leaving the value is seen.
    """
    found = np.unique(values[np.minimum(np.ceil(DECILES * len(values)).astype(np.int64), len(values)) - 1])
    found = found[found < values[-1]]
    if len(found):
        return found
    return np.array([np.nextafter(values[-1], -np.inf), values[-1]]) if values[0] == values[-1] else values[:1]


def categories_compared(before: Table, after: Table, column: Column) -> Column:
    """Counts by category; those that the reference does not know come last and stay apart."""
    counts = [category_counts(table, column.name) for table in (before, after)]
    if any(found is None for found in counts):
        return Column(column.name, column.role, "many_values", column.reference, column.current, column.is_chosen)
    reference, current = (found or {} for found in counts)
    values = [*sorted(reference), *sorted(set(current) - set(reference))]
    sides = [tuple(found.get(value, 0) for value in values) for found in (reference, current)]
    return Column(
        column.name, column.role, column.kind, column.reference, column.current, column.is_chosen,
        values=tuple(values), counts_reference=sides[0], counts_current=sides[1],
    )  # fmt: skip


def category_counts(table: Table, name: str) -> dict[str, int] | None:
    """Rows by category; None where there are too many different ones."""
    text = f"CAST({table.source.column(name)} AS VARCHAR)"
    rows = table.query(
        f"SELECT t, count(*) FROM (SELECT {text} AS t FROM {{scan}}) WHERE trim(t) <> '' GROUP BY 1 LIMIT {MOST_CATEGORIES + 1}"
    )
    return None if len(rows) > MOST_CATEGORIES else {str(value)[:200]: int(n) for value, n in rows}


def labels_of(table: Table, asked: Asked) -> tuple[tuple[int, int, int, int] | None, int]:
    """Rows by label and prediction, and rows that lack one; None where no target was named or the table has none."""
    if (
        not asked.target
        or not asked.prediction
        or asked.target not in table.source.columns
        or not has_prediction(table.source, asked)
    ):
        return None, 0
    what = parsed(asked.prediction, table.source)
    sql, values = (table.source.column(what), {}) if isinstance(what, str) else cut_sql(what, table.source)
    rows = table.query(
        f"SELECT CAST({table.source.column(asked.target)} AS VARCHAR), CAST({sql} AS VARCHAR), count(*) FROM {{scan}} GROUP BY 1, 2",
        **values,
    )
    if not isinstance(what, str) and any(guess == str(BROKEN) for _truth, guess, _n in rows):
        raise broken_values(what, table.source)
    return counted(
        rows, asked.positive, is_cut=not isinstance(what, str), label=table.source.label, target=asked.target
    )


def counted(
    rows: Sequence[tuple[Any, Any, int]], positive: str, *, is_cut: bool, label: str, target: str
) -> tuple[tuple[int, int, int, int], int]:
    """The four counts; raises InputError for more than two labels."""
    wanted = canonical(positive)
    truths = {canonical(truth) for truth, _guess, _n in rows} - {None}
    if len(truths | {wanted}) > 2:
        raise InputError('Column "{target}" of {label} holds {truths} different labels; two are needed to judge quality.', target=target, label=label, truths=f'{len(truths):,}')  # fmt: skip
    cells, unlabelled = [0, 0, 0, 0], 0
    for truth, guess, n in rows:
        true, said = canonical(truth), canonical(guess)
        if true is None or said is None:
            unlabelled += n
            continue
        cells[2 * int(true == wanted) + int(said == ("1" if is_cut else wanted))] += n
    return (cells[0], cells[1], cells[2], cells[3]), unlabelled
