"""Takes the rows of a list out as a file, and brings a file in, as people do by pages."""

import csv
import io
from typing import Any

from django import forms

from registry.actions import imports as actions
from registry.imports import KINDS, SHEETS
from registry.imports.checking import form_of
from registry.imports.told import passed_over
from registry.lists.exports import as_csv_lines, batches
from registry.lists.labels import labelled
from registry.lists.reading import Asked, cells
from registry.models import Import


def taken_out(entity: str, person: Any) -> list[dict[str, str]]:
    """The rows of the export."""
    entry = labelled(entity)
    found = batches(Asked.by(entry, person, {}))
    rows = (cells(entry.columns, row) for batch in found for row in batch)
    content = "".join(as_csv_lines([column.name for column in entry.columns], rows))
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline="")))


def as_csv(rows: list[dict[str, str]]) -> bytes:
    """A file of such rows."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def checked(entity: str, rows: list[dict[str, str]], person: Any) -> Import:
    """The sheet with what was found in it."""
    kind = KINDS[SHEETS.get(entity, entity)]
    return actions.check_sheet(kind, name="rows.csv", content=as_csv(rows), actor=person)


def brought_in(entity: str, rows: list[dict[str, str]], person: Any) -> Import:
    """The sheet, carried out."""
    found = checked(entity, rows, person)
    assert found.status == Import.Status.CHECKED, found.faults
    done = actions.carry_out(found, actor=person)
    assert done.status == Import.Status.IMPORTED, done.faults
    return done


def spoilt(entity: str, row: dict[str, str], person: Any) -> list[tuple[str, dict[str, str]]]:
    """The row spoilt in one column at a time: empty where it must be filled, “moon” where only some values are known."""
    kind = KINDS[SHEETS.get(entity, entity)]
    form = form_of(kind, person)
    told = passed_over(kind, set(form.fields))
    empty = [(name, {**row, name: ""}) for name, field in form.fields.items() if field.required]
    chosen = [name for name, field in form.fields.items() if isinstance(field, forms.ChoiceField)]
    fixed = [name for name, field in told.items() if field.values]
    return [*empty, *((name, {**row, name: "moon"}) for name in (*chosen, *fixed))]


def require_refused(entity: str, row: dict[str, str], person: Any) -> None:
    """A sheet of such rows is refused, with the column of each."""
    rows = spoilt(entity, row, person)
    found = checked(entity, [one for _column, one in rows], person)
    assert found.status == Import.Status.REFUSED, entity
    named = {(fault["row"], fault["column"]) for fault in found.faults}
    assert {(number, column) for number, (column, _row) in enumerate(rows, start=2)} <= named, (entity, found.faults)
