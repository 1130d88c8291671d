"""Reads CSV files and workbooks that anybody may have made: within limits of size, as texts, without computing a cell."""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.errors import BadInput

MOST_BYTES: Final = 20_000_000
MOST_UNPACKED: Final = 200_000_000
MOST_ROWS: Final = 50_000
MOST_COLUMNS: Final = 400
# No form takes a longer text, and a reader of CSV holds no longer cell.
MOST_LETTERS: Final = 100_000
DELIMITERS: Final = (",", ";", "\t")
# What an export puts a quote before: cells that would be computed, and those that begin with such a quote themselves.
GUARDED: Final = frozenset("=+-@\t\r\n'")
# Marks of the order of bytes, by which spreadsheet programs tell their encoding.
MARKS: Final = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# What the reader raises at a workbook that is damaged or hostile.
UNREADABLE: Final = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    SyntaxError,
    zipfile.BadZipFile,
)


@dataclass(frozen=True)
class Line:
    """A row of a sheet: its number as a spreadsheet program shows it, and its cells by the heads of their columns."""

    number: int
    cells: dict[str, str]


def lines(name: str, content: bytes) -> Iterator[Line]:
    """Every row that is not empty; BadInput for a file that is no sheet or beyond the limits."""
    if len(content) > MOST_BYTES:
        raise BadInput(_("The file is larger than %d MB. Split it.") % (MOST_BYTES // 1_000_000), field="file")
    rows = workbook(content) if content.startswith(b"PK") else comma_separated(content)
    heads = [text.strip() for text in next(rows, [])]
    if not any(heads) or len(heads) > MOST_COLUMNS or len(set(filter(None, heads))) < len(list(filter(None, heads))):
        raise BadInput(_("The first row of %s must name each column once.") % name, field="file")
    for number, cells in enumerate(rows, start=2):
        if number > MOST_ROWS + 1:
            raise BadInput(_("The file has more than %d rows. Split it.") % MOST_ROWS, field="file")
        if any(cells):
            require_heads(number, heads, cells)
            yield Line(number, {head: text for head, text in zip(heads, cells, strict=False) if head})


def require_heads(number: int, heads: list[str], cells: list[str]) -> None:
    """Refuse a row with more cells than there are heads, or with a text that no form takes."""
    if any(cells[len(heads) :]):
        told: dict[str, Any] = {"row": number, "cells": len(cells), "heads": len(heads)}
        raise BadInput(
            _("Row %(row)d has %(cells)d cells, and the first row names %(heads)d columns.") % told, field="file"
        )
    for head, text in zip(heads, cells, strict=False):
        if len(text) > MOST_LETTERS:
            told = {"row": number, "column": head, "most": MOST_LETTERS}
            raise BadInput(
                _("Row %(row)d, column %(column)s: a cell holds at most %(most)d characters.") % told, field="file"
            )


def comma_separated(content: bytes) -> Iterator[list[str]]:
    """A CSV file in UTF-8, or in UTF-16 with its mark, divided by what divides its first row; the quote that guards a
    cell against being computed is taken off again."""
    text = decoded(content)
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=max(DELIMITERS, key=head.count))
    try:
        for row in reader:
            yield [bare(cell) for cell in row]
    except csv.Error as error:
        raise BadInput(
            _("The file is no CSV: line %(line)d: %(error)s.") % {"line": reader.line_num, "error": error}, field="file"
        ) from error


def decoded(content: bytes) -> str:
    """The text of a file."""
    encoding = MARKS.get(content[:2], "utf-8-sig")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        told = {"encoding": encoding.removesuffix("-sig").upper(), "byte": error.start}
        raise BadInput(_("The file is no CSV in %(encoding)s: byte %(byte)d is none.") % told, field="file") from error


def bare(cell: str) -> str:
    """A cell as it was before an export guarded it."""
    return cell[1:].strip() if cell[:1] == "'" and cell[1:2] in GUARDED else cell.strip()


def workbook(content: bytes) -> Iterator[list[str]]:
    """The first sheet of a workbook; formulas come as they are written."""
    from openpyxl import load_workbook

    require_small(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        # What the file says of its own size is no more than a claim; rows beyond it would be lost in silence.
        sheet.reset_dimensions()
        heads = [in_words(value) for row in sheet.iter_rows(max_row=1, max_col=MOST_COLUMNS + 1, values_only=True)
                 for value in row]  # fmt: skip
        width = max((number for number, text in enumerate(heads, start=1) if text), default=0)
        yield heads[:width]
        for row in sheet.iter_rows(min_row=2, max_col=width + 1, values_only=True):
            yield [in_words(value) for value in row]
    except UNREADABLE as error:
        raise BadInput(
            _("The workbook cannot be read (%s). Save it anew, or as CSV.") % type(error).__name__, field="file"
        ) from error


def require_small(content: bytes) -> None:
    """Refuse what unpacks to more than anybody typed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(one.file_size for one in packed.infolist())
    except zipfile.BadZipFile as error:
        raise BadInput(_("The workbook is damaged."), field="file") from error
    if size > MOST_UNPACKED:
        raise BadInput(_("The workbook unpacks to more than %d MB.") % (MOST_UNPACKED // 1_000_000), field="file")


def in_words(value: Any) -> str:
    """A cell as somebody would type it into a form."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value).strip()
