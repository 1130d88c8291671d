"""A copy of a table in which every finding is replaced by the name of its kind."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rai.checks.contract import InputError
from rai.engine.connections import literal
from rai.engine.personal.detectors import hidden
from rai.engine.personal.reading import Asked, Personal, Scanned, read_personal
from rai.engine.sources import Source, opened

CHUNK = 4_096


def write_masked(files: str | os.PathLike[str] | Sequence[str], out: Path, asked: Asked) -> Personal:
    """Write a copy as CSV in which columns that may not hold personal data hold none; returns what was found before.

    Raises InputError where the copy cannot be written, or would replace a file that is there.
    """
    found = read_personal(files, asked)
    try:
        # One thread, so that rows come in the order of the file.
        with opened(files, threads=1) as source, out.open("x", encoding="utf-8", newline="") as file:
            chosen = [one if one.cells and name not in asked.allowed else None for name, one in zip(source.columns, found.columns, strict=True)]  # fmt: skip
            writer = csv.writer(file)
            writer.writerow(one.name for one in found.columns)
            for row in rows_of(source):
                writer.writerow([replaced(cell, one) for cell, one in zip(row, chosen, strict=True)])
    except OSError as error:
        raise InputError("{place} cannot be written: {reason}.", place=out, reason=error.strerror) from error
    return found


def replaced(cell: str | None, column: Scanned | None) -> str | None:
    """A cell of a column in which something was found (None: of another): as a whole where the name says what it holds."""
    if column is None or not (cell or "").strip():
        return cell
    if column.by_name:
        return f"[masked: {column.named or 'column'}]"
    return hidden(str(cell), kinds=frozenset(column.kinds))


def rows_of(source: Source) -> Any:
    """The rows as texts, in the order of the file."""
    fields = ", ".join(f"CAST({source.column(name)} AS VARCHAR)" for name in source.columns)
    found = source.connection.execute(f"SELECT {fields} FROM {source.scan}", {"files": literal(source.files)})
    while rows := found.fetchmany(CHUNK):
        yield from rows
