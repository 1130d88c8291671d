"""The tables and facts of a document as one CSV that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from reports.formats.walk import Block, blocks
from reports.printing import Printed

RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
MARK: Final = "\ufeff"  # without it a spreadsheet reads Chinese as something else


def write(document: Printed) -> bytes:
    """Chapter and table before each row, so that a filter finds both."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows_of(blocks(document)):
        writer.writerow([safe(cell) for cell in row])
    return (MARK + out.getvalue()).encode()


def rows_of(found: Iterator[Block]) -> Iterator[tuple[str, ...]]:
    """Each row of each table and each fact, behind the headings that it stands under."""
    chapter = part = ""
    for block in found:
        if block.kind == "heading":
            chapter, part = (chapter, block.text) if block.level > 2 else (block.text, "")
        for row in block.rows:
            yield chapter, block.text or part, *row


def safe(cell: str) -> str:
    """The cell, with a quotation mark before what a spreadsheet would carry out; numbers stay numbers."""
    if not cell.startswith(RISKY) or is_number(cell):
        return cell
    return "'" + cell


def is_number(cell: str) -> bool:
    """A plain number with a sign."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
