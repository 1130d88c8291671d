"""Reads a vendor's list of ends: CSV or JSON, each line with source and quotation, every bad cell named."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from registry.errors import BadInput

REQUIRED: Final = ("provider", "model", "retirement_date", "source", "quotation")
COLUMNS: Final = (*REQUIRED, "deprecation_date", "replacement")
LONGEST: Final = {"provider": 160, "model": 200, "replacement": 200, "source": 500, "quotation": 2000}
MOST_ROWS: Final = 10_000
MOST_BYTES: Final = 5 * 2**20


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell: row (the head is row 1 of a CSV), column, value and the remedy."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class End:
    """A line of a list, checked."""

    row: int
    provider: str
    model: str
    retirement_date: date
    source: str
    quotation: str
    deprecation_date: date | None = None
    replacement: str = ""


def read(name: str, content: bytes) -> tuple[list[End], list[Fault]]:
    """The lines of a list, and what is wrong with the others. Raises BadInput when the file as a whole is none."""
    if len(content) > MOST_BYTES:
        raise BadInput(
            _("%(file)s is larger than %(most)d MB; send it in parts.") % {"file": name, "most": 5}, field="file"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(_("%s is not written in UTF-8; save it as UTF-8.") % name, field="file") from error
    raw = list(json_rows(name, text) if text.lstrip()[:1] in {"[", "{"} else csv_rows(name, text))
    if not raw or len(raw) > MOST_ROWS:
        raise BadInput(
            _("%(file)s holds %(count)d rows; between 1 and %(most)d are read.")
            % {"file": name, "count": len(raw), "most": MOST_ROWS},
            field="file",
        )
    return checked(raw)


def csv_rows(name: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a CSV by the names of its head."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    head = [column.strip() for column in reader.fieldnames or ()]
    require_columns(name, head)
    reader.fieldnames = head
    number = 1
    try:
        for number, row in enumerate(reader, 2):
            yield number, {key: value for key, value in row.items() if key is not None}
    except csv.Error as error:
        raise BadInput(_("%(file)s, row %(row)d: %(error)s") % {
            "file": name, "row": number + 1, "error": error,
        }, field="file") from error  # fmt: skip


def json_rows(name: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a JSON list of objects, or of the list `models` of an object."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(_("%(file)s is no JSON: %(error)s") % {"file": name, "error": error}, field="file") from error
    rows = value.get("models") if isinstance(value, dict) else value
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInput(
            _("%s must hold a list of objects, or an object with such a list as “models”.") % name, field="file"
        )
    require_columns(name, sorted({key for row in rows for key in row}))
    yield from enumerate(rows, 1)


def require_columns(name: str, found: list[str]) -> None:
    """Every column that is needed, and none that is unknown: a misspelt one would be lost unseen."""
    missing = [column for column in REQUIRED if column not in found]
    unknown = [column for column in found if column not in COLUMNS]
    if missing or unknown:
        said = _("%(file)s: missing columns: %(missing)s; unknown columns: %(unknown)s. Known are: %(known)s.")
        facts = {
            "missing": ", ".join(missing) or "–",
            "unknown": ", ".join(unknown) or "–",
            "known": ", ".join(COLUMNS),
        }
        raise BadInput(said % {"file": name, **facts}, field="file")


def checked(raw: list[tuple[int, dict[str, Any]]]) -> tuple[list[End], list[Fault]]:
    """The rows that are right, and the faults of the others."""
    ends: list[End] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in raw:
        texts = {column: str(row.get(column) or "").strip() for column in COLUMNS}
        wrong = list(faults_of(number, texts))
        key = (plain(texts["provider"]), plain(texts["model"]))
        if not wrong and key in seen:
            wrong = [Fault(number, "model", texts["model"], _("Stands in row %d already.") % seen[key])]
        seen.setdefault(key, number)
        faults += wrong
        if not wrong:
            days = {name: day_of(texts.pop(name)) for name in ("retirement_date", "deprecation_date")}
            ends.append(End(row=number, **texts, **days))  # type: ignore[arg-type]
    return ends, faults


def faults_of(number: int, texts: dict[str, str]) -> Iterator[Fault]:
    """What is wrong with a row, cell by cell."""
    for column in REQUIRED:
        if not texts[column]:
            yield Fault(number, column, "", _("Is empty; write it."))
    for column, most in LONGEST.items():
        if len(texts[column]) > most:
            yield Fault(number, column, texts[column][:40] + "…", _("Has more than %d characters.") % most)
    for column in ("retirement_date", "deprecation_date"):
        if texts[column] and day_of(texts[column]) is None:
            yield Fault(number, column, texts[column], _("Is no date; write it as 2027-03-31."))
    first, last = day_of(texts["deprecation_date"]), day_of(texts["retirement_date"])
    if first and last and last < first:
        yield Fault(
            number, "retirement_date", texts["retirement_date"], _("Lies before the deprecation date %s.") % first
        )
    if texts["source"] and not is_address(texts["source"]):
        yield Fault(
            number, "source", texts["source"], _("Is no address; write where the vendor says it, with https://.")
        )


def day_of(text: str) -> date | None:
    """A date as lists write it, or None."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def is_address(text: str) -> bool:
    """A web address that names a host."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not re.search(r"\s", text)


def plain(name: str) -> str:
    """A name without what different writings of it differ in."""
    return "".join(char for char in name.casefold() if char.isalnum())
