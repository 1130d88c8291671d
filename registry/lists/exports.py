"""Lists as files: CSV, workbook and JSON, written row by row as they are read."""

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from registry.audit import log
from registry.lists.declared import Column
from registry.lists.reading import Asked, cells, completed

AT_ONCE: Final = 500
# A cell that begins so is computed by spreadsheet programs.
COMPUTED: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
# A text that looks guarded already is guarded once more, so that an import gives back what stood there.
GUARDED: Final = (*COMPUTED, "'")


class Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        """The line."""
        return text


def exported(asked: Asked, format: str, *, actor: Any) -> HttpResponseBase:
    """The answer that carries the file; who took what is in the log before the first byte leaves."""
    entry, (media_type, written) = asked.entry, FORMATS[format]
    with transaction.atomic():
        log.record(actor, "list.exported", actor, list=entry.name, format=format, filters=dict(asked.values))
    name = f"{entry.name}-{timezone.localdate():%Y-%m-%d}.{format}"
    answer = written(entry.columns, batches(asked), media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def batches(asked: Asked) -> Iterator[list[Any]]:
    """The rows with their counts, so many at once."""
    rows = asked.rows().iterator(chunk_size=AT_ONCE)
    while batch := list(islice(rows, AT_ONCE)):
        yield completed(asked.entry, batch)


def as_csv(columns: tuple[Column, ...], found: Iterable[list[Any]], media_type: str) -> HttpResponseBase:
    """Lines as RFC 4180 has them, with a mark of UTF-8 at the beginning."""
    rows = (cells(columns, row) for batch in found for row in batch)
    return StreamingHttpResponse(as_csv_lines([column.name for column in columns], rows), content_type=media_type)


def as_csv_lines(names: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The heads and each row, so many lines at once."""
    writer, remaining = csv.writer(Echo()), iter(rows)
    yield "\ufeff" + writer.writerow(names)
    while batch := list(islice(remaining, AT_ONCE)):
        yield "".join(writer.writerow([flat(value) for value in row]) for row in batch)


def as_json(columns: tuple[Column, ...], found: Iterable[list[Any]], media_type: str) -> HttpResponseBase:
    """An array of objects, one a line."""
    names = [column.name for column in columns]

    def lines() -> Iterator[str]:
        before = "[\n"
        for batch in found:
            said = [json.dumps(dict(zip(names, cells(columns, row), strict=True)), **AS_STORED) for row in batch]
            yield before + ",\n".join(said)
            before = ",\n"
        yield "[]\n" if before == "[\n" else "\n]\n"

    return StreamingHttpResponse(lines(), content_type=media_type)


def as_workbook(columns: tuple[Column, ...], found: Iterable[list[Any]], media_type: str) -> HttpResponseBase:
    """One sheet, written to the disk as it grows; every cell is a number or a text, none is computed."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([column.name for column in columns])
    for batch in found:
        for row in batch:
            sheet.append([in_sheet(sheet, value) for value in cells(columns, row)])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    book.save(file)
    file.seek(0)
    return FileResponse(file, content_type=media_type)


def in_sheet(sheet: Any, value: Any) -> Any:
    """A cell: numbers stay numbers, all else is a text without the control characters that XML forbids."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", plain(value)))
    made.data_type = "s"
    return made


def flat(value: Any) -> str:
    """A value as a CSV cell that no spreadsheet program computes."""
    text = plain(value)
    is_number = isinstance(value, int | float)
    is_guarded = text.startswith("'") and text[1:2] in GUARDED
    return f"'{text}" if (text.startswith(COMPUTED) or is_guarded) and not is_number else text


def plain(value: Any) -> str:
    """A value as a text: days and moments as ISO 8601 has them."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(map(plain, value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


AS_STORED: Final[dict[str, Any]] = {"ensure_ascii": False, "cls": DjangoJSONEncoder}
Written = Callable[[tuple[Column, ...], Iterable[list[Any]], str], HttpResponseBase]
FORMATS: Final[dict[str, tuple[str, Written]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_workbook),
    "json": ("application/json; charset=utf-8", as_json),
}
