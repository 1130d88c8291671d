"""Opening tables of predictions: which files, which format, which columns, behind a DuckDB that can reach nothing else."""

import csv
import glob
import hashlib
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from rai.checks.saying import InputError, Said
from rai.engine.connections import MEMORY, hardened, literal, text_literal, usual_threads

if TYPE_CHECKING:
    import numpy as np

HEADER_BYTES = 1 << 20
DELIMITERS = ",;\t|"

Kind = Literal["csv", "parquet"]


@dataclass(frozen=True)
class Limits:
    """Caps on what a table may claim or hold."""

    rows: int = 5_000_000
    columns: int = 2_000
    cells: int = 100_000_000


UPLOAD_LIMITS = Limits()


@dataclass(frozen=True)
class Source:
    """Opened files: `columns` maps each column's name to its identifier in SQL (by place) and its DuckDB type."""

    connection: duckdb.DuckDBPyConnection
    files: tuple[str, ...]
    kind: Kind
    scan: str
    columns: dict[str, tuple[str, str]]
    claimed_rows: int | None

    @property
    def label(self) -> str:
        """The files' name for messages."""
        first = Path(self.files[0]).name
        return first if len(self.files) == 1 else f"{first} and {len(self.files) - 1} more"

    def column(self, name: str) -> str:
        """The identifier of a column in SQL; raises InputError with near matches where there is none."""
        if name not in self.columns:
            raise no_column(name, tuple(self.columns), self.label)
        return self.columns[name][0]

    def type_of(self, name: str) -> str:
        """The DuckDB type of a column (every CSV column is VARCHAR)."""
        return self.columns[name][1]

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """All rows of a statement over the files; `{scan}` in it stands for them, `$name` for the values."""
        statement = sql.replace("{scan}", self.scan)
        try:
            return self.connection.execute(statement, {"files": literal(self.files), **values}).fetchall()
        except duckdb.Error as error:
            raise explained(error, self.label) from error

    def arrays(self, sql: str) -> "dict[str, np.ndarray]":
        """The columns of a statement over the files as arrays by name; no value of them may be NULL."""
        try:
            found = self.connection.execute(sql.replace("{scan}", self.scan), {"files": literal(self.files)})
            arrays: dict[str, Any] = found.fetchnumpy()
            return arrays
        except duckdb.Error as error:
            raise explained(error, self.label) from error


def no_column(name: str, columns: Sequence[str], label: str) -> InputError:
    """A sentence that lists near matches, or the columns there are."""
    folded = {column.casefold(): column for column in columns}
    near = [folded[each] for each in get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)]
    if near:
        return InputError(
            '{label} has no column "{name}". Did you mean {listed}?', label=label, name=name, listed=listed(near)
        )
    return InputError(
        '{label} has no column "{name}". Its columns are {listed}.', label=label, name=name, listed=listed(columns)
    )


def listed(names: Sequence[object], most: int = 8) -> Said | str:
    """Quoted names for a sentence, the first few and how many more."""
    quoted = [f'"{name}"' for name in names[:most]]
    if len(names) > most:
        return Said("{names} and {count} more", names=", ".join(quoted), count=f"{len(names) - most:,}")
    *head, last = quoted
    return Said("{names} and {last}", names=", ".join(head), last=last) if head else last


def expanded(files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> tuple[str, ...]:
    """Absolute paths of a file, a glob or several of either; raises InputError where nothing is found."""
    given = [files] if isinstance(files, str | os.PathLike) else list(files)
    found = [path for each in given for path in matches(os.fspath(each))]
    return tuple(dict.fromkeys(os.path.abspath(path) for path in found))


def matches(pattern: str) -> list[str]:
    """The file of that name, else the files that match the pattern."""
    if os.path.isdir(pattern):
        raise InputError("{pattern} is a folder; name files in it, for example {pattern}/*.parquet.", pattern=pattern)
    if os.path.exists(pattern):
        return [pattern]
    found = sorted(path for path in glob.glob(pattern) if os.path.isfile(path))
    if not found:
        if glob.has_magic(pattern):
            raise InputError(
                "{pattern} does not exist and no file matches it; check folder and pattern.", pattern=pattern
            )
        raise InputError("{pattern} does not exist; check the path.", pattern=pattern)
    return found


def digest_of(files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> str:
    """`sha256:` and the hex SHA-256 of a file's bytes; of several files, of their sorted digests."""
    digests = sorted(digest_of_file(path) for path in expanded(files))
    if len(digests) == 1:
        return "sha256:" + digests[0]
    return "sha256:" + hashlib.sha256("\n".join(digests).encode()).hexdigest()


def digest_of_file(path: str) -> str:
    """The hex SHA-256 of a file's bytes."""
    with readable(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def readable(path: str) -> Iterator[io.BufferedReader]:
    """The file opened for reading; what the system refuses becomes an InputError."""
    try:
        with open(path, "rb") as file:
            yield file
    except OSError as error:
        raise InputError(
            "{path} cannot be read ({strerror}); check its permissions.", path=path, strerror=error.strerror
        ) from error


def kind_of(path: str) -> Kind:
    """CSV or Parquet by the file's first bytes, never by its name; anything else is refused."""
    with readable(path) as file:
        head = file.read(4096)
    name = Path(path).name
    if not head:
        raise InputError("{name} is empty; it needs a header line and rows.", name=name)
    if head[:4] == b"PAR1":
        return "parquet"
    foreign = foreign_format(head)
    if foreign:
        raise InputError("{name} is {foreign}; save the table as CSV (UTF-8) or Parquet.", name=name, foreign=foreign)
    return "csv"


def foreign_format(head: bytes) -> str | None:
    """The name of a format that is not read here, told by its first bytes."""
    if re.match(rb"\x80[\x02-\x05]", head):
        return "a Python pickle, which can run code and is never opened"
    signatures = {b"PK\x03\x04": "a ZIP archive or an Excel workbook", b"\x1f\x8b": "a gzip archive", b"%PDF": "a PDF"}
    for signature, kind in signatures.items():
        if head.startswith(signature):
            return kind
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16 text, not UTF-8"
    return "a binary file" if b"\0" in head else None


@contextmanager
def opened(
    files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    limits: Limits | None = None,
    threads: int | None = None,
    memory: str = MEMORY,
) -> Iterator[Source]:
    """The files as one table. DuckDB may open them and nothing else: no other path, no network, no setting.

    Raises InputError for missing, empty, mixed, damaged or oversized files.
    """
    paths = expanded(files)
    kinds = {kind_of(path) for path in paths}
    if len(kinds) > 1:
        raise InputError(
            "{listed} mix CSV and Parquet; convert them to one format.",
            listed=listed([Path(path).name for path in paths]),
        )
    with hardened(paths, threads=threads or usual_threads(), memory=memory) as connection:
        source = opened_csv(connection, paths) if kinds == {"csv"} else opened_parquet(connection, paths)
        if limits:
            check_limits(source, limits)
        yield source


def opened_csv(connection: duckdb.DuckDBPyConnection, paths: tuple[str, ...]) -> Source:
    """CSV files with one and the same header. The dialect is fixed here: a sniffer may skip damaged first lines."""
    headers = {path: header_of(path) for path in paths}
    delimiter, names = headers[paths[0]]
    for path, other in headers.items():
        if other != (delimiter, names):
            told = apart(path, dict.fromkeys(other[1]), paths[0], dict.fromkeys(names))
            raise InputError("{told} All files need one header, with one delimiter.", told=told)
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(names)))
    scan = (
        f"read_csv($files, auto_detect=false, header=true, skip=0, delim={text_literal(delimiter)}, quote='\"',"
        f" escape='\"', comment='', nullstr='', columns={{{columns}}}, strict_mode=true, null_padding=false,"
        " ignore_errors=false, hive_partitioning=false)"
    )
    return Source(connection, paths, "csv", scan, {name: (f"c{i}", "VARCHAR") for i, name in enumerate(names)}, None)


def header_of(path: str) -> tuple[str, tuple[str, ...]]:
    """Delimiter and column names of a CSV file's first line."""
    name = Path(path).name
    with readable(path) as file:
        line = file.readline(HEADER_BYTES)
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n").split("\r")[0]
    except UnicodeDecodeError as error:
        raise not_utf8(name, "line 1") from error
    if not text.strip():
        raise InputError("{name} begins with an empty line; the first line must hold the column names.", name=name)
    parsed = {each: tuple(next(csv.reader([text], delimiter=each))) for each in DELIMITERS}
    delimiter = max(parsed, key=lambda each: len(parsed[each]))
    names = parsed[delimiter]
    twice = next((each for each in names if names.count(each) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise InputError(
            '{name} has two columns named "{twice}"; give every column a name of its own.', name=name, twice=twice
        )
    return delimiter, names


def opened_parquet(connection: duckdb.DuckDBPyConnection, paths: tuple[str, ...]) -> Source:
    """Parquet files with the same columns and types; only footers are read here."""
    scan = f"read_parquet($files, union_by_name={'true' if len(paths) > 1 else 'false'}, hive_partitioning=false)"
    schemas = {path: parquet_schema(connection, path) for path in paths}
    first = schemas[paths[0]]
    for path, schema in schemas.items():
        if schema != first:
            raise InputError(
                "{apart} All files need the same columns and types.", apart=apart(path, schema, paths[0], first)
            )
    # Columns are renamed by their place, so that no name out of a file ever stands in a statement.
    places = ", ".join(f"c{place}" for place in range(len(first)))
    scan = f"{scan} AS rows_of_files({places})"
    columns = {name: (f"c{place}", kind) for place, (name, kind) in enumerate(first.items())}
    bare = Source(connection, paths, "parquet", scan, columns, None)
    ((claimed,),) = bare.rows("SELECT sum(num_rows)::HUGEINT FROM parquet_file_metadata($files)")
    return Source(connection, paths, "parquet", scan, columns, int(claimed))


def apart(path: str, columns: Mapping[str, Any], first: str, others: Mapping[str, Any]) -> Said:
    """How the columns of a file differ from those of the first, both by name."""
    here, there = Path(path).name, Path(first).name
    lacks = [name for name in others if name not in columns]
    more = [name for name in columns if name not in others]
    typed = [name for name in columns if name in others and columns[name] != others[name]]
    files = {"file": here, "other": there}
    if lacks:
        return Said("{file} differs from {other}: it lacks {columns}.", columns=listed(lacks), **files)
    if more:
        return Said("{file} differs from {other}: it has {columns} besides.", columns=listed(more), **files)
    if typed:
        kinds = {"column": typed[0], "kind": columns[typed[0]], "due": others[typed[0]]}
        return Said('{file} differs from {other}: it holds "{column}" as {kind}, not {due}.', **kinds, **files)
    return Said("{file} differs from {other}: it has another order of columns or another delimiter.", **files)


def parquet_schema(connection: duckdb.DuckDBPyConnection, path: str) -> dict[str, str]:
    """Column → type of one file, from its footer."""
    try:
        connection.execute(
            "SELECT * FROM read_parquet($files, hive_partitioning=false) LIMIT 0", {"files": literal([path])}
        )
    except duckdb.Error as error:
        raise explained(error, Path(path).name) from error
    return {name: str(kind) for name, kind, *_ in connection.description or []}


def check_limits(source: Source, limits: Limits) -> None:
    """Refuse what a file claims before its rows are read; a footer's byte sizes say nothing about its rows."""
    width = len(source.columns)
    if width > limits.columns:
        raise InputError(
            "{label} has {width} columns, more than {columns}; keep those that are needed.",
            label=source.label,
            width=f"{width:,}",
            columns=f"{limits.columns:,}",
        )
    check_rows(source, source.claimed_rows or 0, limits)


def check_rows(source: Source, rows: int, limits: Limits) -> None:
    """Refuse too many rows, or too many rows times columns."""
    most = min(limits.rows, limits.cells // max(len(source.columns), 1))
    if rows > most:
        raise InputError(
            "{label} has {rows} rows of {columns} columns, more than the {most} that are taken; upload fewer "
            "columns or a random sample of the rows.",
            label=source.label,
            rows=f"{rows:,}",
            columns=len(source.columns),
            most=f"{most:,}",
        )


def not_utf8(name: str, place: str) -> InputError:
    """The sentence for a text file in another encoding."""
    return InputError('{name} is not UTF-8 ({place}); save it again as "CSV UTF-8".', name=name, place=place)


def explained(error: duckdb.Error, label: str) -> InputError:
    """What DuckDB found wrong with a file, as a sentence with place and remedy."""
    message = str(error)
    place = re.search(r"CSV Error on Line: (\d+)", message)
    line = f"line {place[1]}" if place else "a line"
    if "not utf-8" in message or "nvalid unicode" in message:
        return not_utf8(label, line)
    if place:
        width = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
        detail = f"it has {width[2]} fields, the header {width[1]}" if width else message.splitlines()[-1][:80]
        detail = "a quote is never closed" if "unterminated quote" in message else detail
        return InputError(
            "{label} cannot be read at {line}: {detail}. Correct that line.", label=label, line=line, detail=detail
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return InputError(
            "{label} has too many different values in the chosen columns; put values into fewer bands.", label=label
        )
    first = message.splitlines()[0].split(": ", 1)[-1]
    return InputError(
        "{label} is damaged or not a table ({first}); write the file again.", label=label, first=first[:160]
    )
