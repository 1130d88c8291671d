"""DuckDB as it is started here: an instance of its own for each table, which can open that table's files and nothing else."""

import glob
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import duckdb

MEMORY = "2GB"
MAX_THREADS = 4
CONFIG: dict[str, Any] = {
    "memory_limit": MEMORY,
    "preserve_insertion_order": False,
    "python_enable_replacements": False,
    "temp_directory": "",
    "autoload_known_extensions": False,
    # DuckDB 2.0 moves TRY_CAST into the CSV reader, where a text that is no number is an error instead of NULL.
    "disabled_optimizers": "type_pushdown",
}

# Instances that wait for the next table, by process and threads: a fork's child has no use for its parent's.
_waiting: dict[tuple[int, int], Future[duckdb.DuckDBPyConnection]] = {}


def usual_threads() -> int:
    """As many as there are processors, up to a few."""
    return min(MAX_THREADS, os.cpu_count() or 1)


def start(*, threads: int | None = None) -> Future[duckdb.DuckDBPyConnection]:
    """Start an instance in the background, taken by the next table that is opened with so many threads: some 15 ms.

    Not for a process that is to be walled off later: the instance's threads would stand outside.
    """
    wanted = threads or usual_threads()
    key = (os.getpid(), wanted)
    if key not in _waiting:
        _waiting[key] = in_background(lambda: warmed(blank(wanted)))
    return _waiting[key]


def in_background(act: Any) -> Future[Any]:
    """What `act` gives, computed by a thread of its own."""
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="duckdb")
    future = pool.submit(act)
    pool.shutdown(wait=False)
    return future


def blank(threads: int) -> duckdb.DuckDBPyConnection:
    """An empty instance in memory that is not yet closed off."""
    connection = duckdb.connect(":memory:", config={**CONFIG, "threads": threads})
    # The bar would be drawn on standard output, where outcomes go; and a moment must not be written in the time zone
    # of whoever happens to read it.
    connection.execute("SET enable_progress_bar = false; SET TimeZone = 'UTC'")
    return connection


def warmed(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The connection after a statement: the first one makes what later ones find ready."""
    connection.execute("SELECT CAST(x % 9 AS VARCHAR) AS k, x % 2, count(*) FROM range(5000) AS r(x) GROUP BY ALL")
    connection.fetchall()
    return connection


@contextmanager
def hardened(paths: Sequence[str], *, threads: int, memory: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A private in-memory connection that can read these files only; the order of the last three settings matters."""
    started = _waiting.pop((os.getpid(), threads), None)
    connection = started.result() if started else blank(threads)
    allowed = ", ".join(text_literal(path) for path in [*paths, *literal(paths)])
    less = f"SET memory_limit = {text_literal(memory)};" if memory != MEMORY else ""
    try:
        connection.execute(
            f"{less} SET allowed_paths = [{allowed}]; SET enable_external_access = false; SET lock_configuration = true"
        )
        yield connection
    finally:
        # Closing takes some 3 ms, for which nobody has to wait who did not wait for the start.
        if started:
            in_background(connection.close)
        else:
            connection.close()


def literal(paths: Sequence[str]) -> list[str]:
    """The paths for DuckDB, which would take brackets and stars in a file's name for a pattern."""
    return [glob.escape(path) for path in paths]


def text_literal(text: str) -> str:
    """A SQL string literal, for the few places that take no bound values."""
    return "'" + text.replace("'", "''") + "'"
