"""Counting inside a database or on Spark: the GROUP BY of `counts` as one Ibis expression, so that no row leaves them.

Needs the extra of requirements-warehouse.txt. Tested: DuckDB, PostgreSQL, Spark. Going the same way and untested: Trino,
BigQuery, Snowflake, ClickHouse.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rai.checks.contract import InputError, digest_of_value
from rai.engine.cells import merged
from rai.engine.counts import MAX_PROBED_LABELS, PROBED_ROWS, check_mapped, listed_keys
from rai.engine.cube import Cube, Mapped
from rai.engine.predictions import Cut, parsed, truth
from rai.engine.sources import no_column

BACKENDS = ("duckdb", "postgres", "pyspark", "trino", "bigquery", "snowflake", "clickhouse")
# What is fetched are counts; as many of them as there are rows would be the rows.
MAX_CELLS = 100_000


@dataclass(frozen=True)
class Warehouse:
    """A table behind an open connection: `columns` maps its columns' names to Ibis types, `label` names it in messages."""

    table: Any
    columns: Mapping[str, Any]
    label: str

    def kind(self, name: str) -> Any:
        """The type of a column; raises InputError with near matches where there is none."""
        if name not in self.columns:
            raise no_column(name, tuple(self.columns), self.label)
        return self.columns[name]

    def column(self, name: str) -> Any:
        """The column as an expression; it has a type whose text is the same in every engine."""
        kind = self.kind(name)
        if not (kind.is_string() or kind.is_integer() or kind.is_boolean() or kind.is_date()):
            raise InputError(
                'Column "{name}" of {label} is of type {kind}, which engines write in different ways; give a '
                "view of the table in which it is a text, a whole number, a truth value or a date.",
                name=name,
                label=self.label,
                kind=kind,
            )
        return self.table[name]

    def label_column(self, name: str) -> Any:
        """The column as an expression; for labels `1.0` is as good as `1`."""
        kind = self.kind(name)
        return self.table[name] if kind.is_floating() or kind.is_decimal() else self.column(name)


def connect(backend: str, options: Mapping[str, Any]) -> Any:
    """An open connection of Ibis. Only for what an operator wrote down: its options say which machine is called."""
    if backend not in BACKENDS:
        raise InputError(
            'There is no warehouse "{backend}"; there are: {backends}.', backend=backend, backends=", ".join(BACKENDS)
        )
    try:
        import ibis
    except ImportError as error:
        raise InputError(
            "Counting in a warehouse needs more packages: pip install --require-hashes -r requirements-warehouse.txt"
        ) from error
    if backend != "pyspark":
        return getattr(ibis, backend).connect(**options)
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.config(map={"spark.sql.ansi.enabled": "true", **options})
    return ibis.pyspark.connect(builder.getOrCreate())


def count(
    connection: Any, table: str, *, target: str, prediction: str, sensitive: Sequence[str], control: Sequence[str] = (),
    positive: str = "1",
) -> Cube:  # fmt: skip
    """The count cube of a table, equal to that of `counts.read` on the same rows in a file.

    `prediction` is a column or `COLUMN OP VALUE`. The engine groups and counts; fetched are one row for each combination
    of group, label and prediction. `timings` of the cube: `read` (opening, types, the first labels), `count`.

    Raises InputError that names table, column or value and the remedy.
    """
    mapped = Mapped(target, prediction, tuple(sensitive), tuple(control), positive)
    check_mapped(mapped)
    started = time.perf_counter()
    source = opened(connection, table)
    keys = [source.column(name) for name in mapped.keys]
    what = parsed(prediction, source)
    labels = {target: source.label_column(target)} | (
        {} if isinstance(what, Cut) else {what: source.label_column(what)}
    )
    guess = predicted(source, what) if isinstance(what, Cut) else labels[what]
    probe(source, labels)
    opened_at = time.perf_counter()
    rows = counted(source, [*keys, labels[target], guess])
    if len(rows) > MAX_CELLS:
        raise InputError(
            "{listed_keys} make more than {max_cells} groups; put values into fewer bands.",
            listed_keys=listed_keys(mapped),
            max_cells=f"{MAX_CELLS:,}",
        )
    if not rows:
        raise InputError("{label} has no rows.", label=source.label)
    cells = merged(rows, mapped, label=source.label, place=lambda _column, _value: "", is_cut=isinstance(what, Cut))
    timings = {"read": opened_at - started, "count": time.perf_counter() - opened_at}
    return Cube(mapped, sum(cell.rows for cell in cells), cells, (), timings)


def opened(connection: Any, table: str) -> Warehouse:
    """The table and its types."""
    from ibis.common.exceptions import TableNotFound

    try:
        found = connection.table(table)
    except TableNotFound as error:
        raise InputError('There is no table "{table}" behind this connection; check its name.', table=table) from error
    return Warehouse(found, dict(found.schema().items()), table)


def predicted(source: Warehouse, cut: Cut) -> Any:
    """1, 0 or NULL (missing) by the comparison, which takes place in the column's own precision."""
    import ibis

    kind, column = source.columns[cut.column], source.table[cut.column]
    missing, value = column.isnull(), bound(source, cut)
    if kind.is_floating():
        missing |= column.isnan()
    elif kind.is_string():
        bare = column.strip()
        missing |= (bare == "") | (bare.lower() == "nan")
    compared = {
        "<": column < value, "<=": column <= value, ">": column > value, ">=": column >= value, "!=": column != value,
    }.get(cut.operator, column == value)  # fmt: skip
    return ibis.ifelse(missing, ibis.null("int8"), ibis.ifelse(compared, 1, 0))


def bound(source: Warehouse, cut: Cut) -> Any:
    """The value on the right, in the column's type."""
    import ibis

    kind = source.columns[cut.column]
    if kind.is_numeric() and not kind.is_boolean():
        if cut.number is None:
            raise InputError('Column "{column}" holds numbers; "{value}" is none.', column=cut.column, value=cut.value)
        return ibis.literal(cut.number).cast(kind if kind.is_floating() else "float64")
    if kind.is_string() and cut.number is None and not cut.is_ordered:
        return ibis.literal(cut.value)
    if kind.is_boolean() and not cut.is_ordered and truth(cut.value) in {"true", "false"}:
        return ibis.literal(truth(cut.value) == "true")
    if kind.is_date():
        return ibis.literal(cut.value).cast("date")
    raise InputError(
        'Column "{column}" of {label} is of type {kind} and cannot be compared with {operator} {value} '
        "in every engine; give a view of the table in which it is a number.",
        column=cut.column,
        label=source.label,
        kind=kind,
        operator=cut.operator,
        value=cut.value,
    )


def probe(source: Warehouse, labels: Mapping[str, Any]) -> None:
    """Refuse scores given as labels by some rows, before a GROUP BY makes a cell of each of them; no value is fetched."""
    for name, column in labels.items():
        some = source.table.select(v=column).limit(PROBED_ROWS)
        if int(some.v.nunique().to_pyarrow().as_py()) > MAX_PROBED_LABELS:
            raise InputError(
                'Column "{name}" of {label} holds many different values. Two labels are needed; if they are '
                "scores, predict by a cut-off such as '{name}>=0.5'.",
                name=name,
                label=source.label,
            )


def counted(source: Warehouse, columns: Sequence[Any]) -> list[tuple]:
    """Rows of counts: the texts of the columns and n. Grouped by raw values, which is cheap; then few become texts."""
    named = {f"k{place}": column for place, column in enumerate(columns)}
    grouped = source.table.select(**named).group_by(list(named)).agg(lambda rows: rows.count().name("n"))
    texts = grouped.select(*(grouped[name].cast("string").name(name) for name in named), "n")
    found = texts.limit(MAX_CELLS + 1).to_pyarrow()
    return list(zip(*(found.column(name).to_pylist() for name in (*named, "n")), strict=True))


def digest_of(cube: Cube) -> str:
    """`sha256:` over the counts in canonical form: what stands for the bytes where there is no file."""
    return digest_of_value({key: value for key, value in cube.to_json().items() if key != "timings"})
