"""Tables in the child: what columns an uploaded CSV or Parquet file has, counts over them, seeded samples of rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from rai.checks.saying import InputError
from rai.engine.counts import columns_of, read
from rai.engine.places import row_name, rows_of
from rai.engine.sources import Limits, Source, explained, listed, literal, opened
from rai.sandbox import formats
from rai.sandbox.limits import GIB, Caps
from rai.sandbox.order import Order, Reply

LIBRARIES = ("duckdb", "pyarrow")
SUMMARIES = "rai.engine.personal.summaries"
CHUNK_ROWS = 65_536
MOST_LABELS = 50
LISTED_BYTES = 400_000


def libraries(order: Order) -> tuple[str, ...]:
    """What reads tables, and what tells personal data where values are shown."""
    return (*LIBRARIES, SUMMARIES) if order.task == "columns" else LIBRARIES


@dataclass(frozen=True)
class Table:
    """An open table with at least one row."""

    source: Source
    kind: str
    rows: int

    @property
    def title(self) -> str:
        """The file's name for messages."""
        return self.source.label

    def column(self, name: str) -> str:
        """The identifier of a column in SQL."""
        return self.source.column(name)


@contextmanager
def opened_table(order: Order, *, threads: int | None = None) -> Iterator[Table]:
    """The table named "data", inside its caps. Raises InputError for what is not a table, or empty, or too large."""
    paths = order.files["data"]
    found = [formats.require(path, "table", title=path.name) for path in paths]
    caps = caps_of(order)
    with opened(paths, limits=limits_of(caps), threads=threads) as source:
        if caps and found[0].slug == formats.PARQUET:
            require_modest_claim(source, caps)
        rows = source.rows("SELECT count(*) FROM {scan}")[0][0]
        if rows == 0:
            raise InputError("{label} has no rows. Export it again with its rows.", label=source.label)
        if caps and rows > min(caps.rows, caps.cells // max(len(source.columns), 1)):
            raise InputError(
                "{label} has {rows} rows, too many for an upload. Upload a random sample of them.",
                label=source.label,
                rows=f"{rows:,}",
            )
        yield Table(source, found[0].slug, rows)


def caps_of(order: Order) -> Caps | None:
    """The caps of an upload, or None for files of one's own."""
    return Caps(**order.request["caps"]) if order.request.get("caps") else None


def limits_of(caps: Caps | None) -> Limits | None:
    """The caps as the engine takes them."""
    return Limits(rows=caps.rows, columns=caps.columns, cells=caps.cells) if caps else None


def require_modest_claim(source: Source, caps: Caps) -> None:
    """What a Parquet footer claims to unpack to: a small file may claim anything, and is refused before it is tried."""
    claimed = source.rows("SELECT sum(total_uncompressed_size::HUGEINT) FROM parquet_metadata($files)")[0][0] or 0
    if not 0 <= claimed <= caps.unpacked:
        raise InputError(
            "{label} says that it unpacks to {value} GiB; {value2} are the limit for an upload. Upload fewer "
            "rows or columns.",
            label=source.label,
            value=f"{claimed / GIB:,.1f}",
            value2=f"{caps.unpacked / GIB:,.0f}",
        )


# ---- columns and counts


def columns(order: Order) -> Reply:
    """What the columns look like, as `rai.engine.columns` finds them.

    Reply: {"format", "rows", "columns": [{"name", "type", "values", "distinct", "nulls", "rows"}]}; the values of late
    columns are left out where the list would grow too long.
    """
    with opened_table(order) as table:
        kind = table.kind
    order.progress(30, "columns")
    found = columns_of(order.files["data"], limits=limits_of(caps_of(order)))
    left, profiles = LISTED_BYTES, []
    for column in found:
        left -= sum(len(value.encode()) + 8 for value in column.values)
        profiles.append({**column.to_json(), "values": list(column.values) if left > 0 else []})
    return Reply({"format": kind, "rows": found[0].rows, "columns": profiles})


def count(order: Order) -> Reply:
    """Counts by group, label and prediction, as `rai.engine.counts` makes them of `request["read"]`."""
    for path in order.files["data"]:
        formats.require(path, "table", title=path.name)
    cube = read(order.files["data"], limits=limits_of(caps_of(order)), **order.request["read"])
    return Reply(cube.to_json())


# ---- samples


@dataclass(frozen=True)
class Wanted:
    """Columns to be read as numbers and as labels, the seed, and the most rows."""

    numbers: tuple[str, ...]
    labels: tuple[str, ...]
    seed: int
    rows: int


@dataclass(frozen=True)
class Sample:
    """Rows drawn without replacement, in the order drawn. `numbers` rows x columns, NaN where a cell is empty.

    `codes` rows x label columns, each the index into that column's `labels`; a label is None where the cell is empty.
    """

    numbers: np.ndarray
    codes: np.ndarray
    labels: list[list[str | None]]
    rows_available: int
    missing: dict[str, int]
    dropped: list[dict[str, Any]]


def sampled(order: Order, wanted: Wanted) -> Sample:
    """The sample; raises InputError that names the column, row and value that cannot be used.

    One thread, so that rows come in the order of the file and a seed always draws the same ones.
    """
    with opened_table(order, threads=1) as table:
        numbers = [required(table, name, wanted) for name in wanted.numbers]
        labels = [required(table, name, wanted) for name in wanted.labels]
        require_numbers(table, numbers)
        draw = np.random.Generator(np.random.PCG64(wanted.seed))
        chosen = draw.choice(table.rows, size=min(table.rows, wanted.rows), replace=False)
        matrix, texts = gathered(table, numbers, labels, chosen)
        found = [coded(column, table.title, name) for column, name in zip(texts, labels, strict=True)]
    codes = np.column_stack([codes for _, codes in found]) if found else np.empty((len(chosen), 0))
    empty = np.isnan(matrix).sum(axis=0)
    return Sample(
        matrix, codes, [names for names, _ in found], table.rows,
        {name: int(rows) for name, rows in zip(wanted.numbers, empty, strict=True) if rows}, [],
    )  # fmt: skip


def required(table: Table, name: str, wanted: Wanted) -> str:
    """The table's column for a name; raises InputError that lists all that are missing."""
    found = matching(table, name)
    if found is not None:
        return found
    missing = [each for each in (*wanted.numbers, *wanted.labels) if matching(table, each) is None]
    raise InputError(
        "{title} lacks {missing} of the columns that are needed: {listed}. Columns are matched by name; "
        "add or rename them and upload again.",
        title=table.title,
        missing=len(missing),
        listed=listed(missing),
    )


def matching(table: Table, name: str) -> str | None:
    """The table's column for a name. LightGBM writes blanks in names as underscores."""
    if name in table.source.columns:
        return name
    return next((column for column in table.source.columns if "_".join(column.split()) == name), None)


def unusable(table: Table, name: str) -> str:
    """SQL that is true where a cell is filled and no finite number. NaN counts as empty, as the models take it."""
    column = table.column(name)
    return f"({column} IS NOT NULL AND coalesce(isinf(TRY_CAST({column} AS DOUBLE)), true))"


def require_numbers(table: Table, names: list[str]) -> None:
    """Every cell of these columns a finite number or empty."""
    tests = ", ".join(f"count(*) FILTER ({unusable(table, name)})" for name in names)
    for name, rows in zip(names, table.source.rows(f"SELECT {tests} FROM {{scan}}")[0], strict=True):
        if rows:
            raise no_number(table, name, rows)


def no_number(table: Table, name: str, rows: int) -> InputError:
    """The sentence for the first cell that cannot be used."""
    row, value = table.source.rows(
        f"SELECT row, value FROM (SELECT row_number() OVER () AS row, {table.column(name)}::VARCHAR AS value,"
        f" {unusable(table, name)} AS bad FROM {{scan}}) WHERE bad ORDER BY row LIMIT 1"
    )[0]
    return InputError(
        "{title}: column “{name}” holds “{value}” in {row_name}, which is no finite number ({rows_of} in "
        "all). The model takes numbers: write a category as the number it was trained with, leave a "
        "missing value empty, then upload again.",
        title=table.title,
        name=name,
        value=value[:60],
        row_name=row_name(table.source, row),
        rows_of=rows_of(rows),
    )


def gathered(
    table: Table, numbers: list[str], labels: list[str], chosen: np.ndarray
) -> tuple[np.ndarray, list[list[str | None]]]:
    """The chosen rows, in that order, of number and label columns. The table streams by; only the sample is kept."""
    fields = [f"TRY_CAST({table.column(name)} AS DOUBLE)" for name in numbers]
    fields += [f"{table.column(name)}::VARCHAR" for name in labels]
    named = ", ".join(f"{field} AS c{index}" for index, field in enumerate(fields))
    order = np.argsort(chosen, kind="stable")
    rising = chosen[order]
    matrix = np.empty((len(chosen), len(numbers)))
    texts: list[list[str | None]] = [[None] * len(chosen) for _ in labels]
    start = 0
    statement = f"SELECT {named} FROM {table.source.scan}"
    for batch in streamed(table, statement):
        first, last = np.searchsorted(rising, (start, start + batch.num_rows))
        inside, places = rising[first:last] - start, order[first:last]
        for index in range(len(numbers)):
            matrix[places, index] = batch.column(index).to_numpy(zero_copy_only=False)[inside]
        for index in range(len(labels)):
            for place, text in zip(places, batch.column(len(numbers) + index).take(inside).to_pylist(), strict=True):
                texts[index][place] = text
        start += batch.num_rows
    return matrix, texts


def streamed(table: Table, statement: str) -> Iterator[Any]:
    """The rows of a statement, some at a time; a damaged file becomes a sentence."""
    import duckdb
    import pyarrow

    try:
        values = {"files": literal(table.source.files)}
        reader: Any = table.source.connection.execute(statement, values).to_arrow_reader(CHUNK_ROWS)
        yield from reader
    except duckdb.Error as error:
        raise explained(error, table.title) from error
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(
            "{title} is damaged: its rows cannot be read to the end. Export it again.", title=table.title
        ) from error


def coded(texts: list[str | None], title: str, name: str) -> tuple[list[str | None], np.ndarray]:
    """Labels in order, None last, and each row's index into them. A blank cell is a missing one."""
    texts = [text if text and text.strip() else None for text in texts]
    labels: list[str | None] = [*sorted({text for text in texts if text is not None})]
    if len(labels) > MOST_LABELS:
        raise InputError(
            "{title}: column “{name}” has more than {most_labels} different values, too many to compare by. "
            "Choose a column with fewer, or put the values into bands.",
            title=title,
            name=name,
            most_labels=MOST_LABELS,
        )
    labels += [None] if None in texts else []
    places = {label: index for index, label in enumerate(labels)}
    return labels, np.array([places[text] for text in texts], dtype=np.int64)
