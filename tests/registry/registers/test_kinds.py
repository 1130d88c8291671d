"""Every record of the vocabulary is a table or a register, and each register has form, page, list, sheet, export and REST."""

import csv
import io
import json
import random

import pytest
from django.apps import apps
from django.test import Client
from openpyxl import load_workbook

from registry import imports
from registry.actions import imports as import_actions
from registry.models import Import, RegisterEntry
from registry.registers import kind_named, kinds, subjects
from registry.registers.forms import EntryForm
from registry.registers.reading import tables
from registry.vocabulary import vocabulary
from tests.registry.registers import samples


@pytest.fixture
def writer(cast):
    return samples.writer(cast)


@pytest.fixture
def pages(writer):
    client = Client()
    client.force_login(writer)
    return client


def test_every_entity_of_the_vocabulary_is_a_table_or_a_register():
    """Nothing that frameworks ask for lacks a place."""
    assert kinds().keys() & tables().keys() == set()
    assert vocabulary().entities.keys() <= kinds().keys() | tables().keys()
    for label in tables().values():
        apps.get_model(label)


def test_a_form_refuses_what_is_not_filled_in_and_names_each_field(cast, writer):
    for kind in kinds().values():
        form = EntryForm({}, kind=kind, person=writer)
        required = {each.name for each in kind.fields.values() if each.required and not each.stamped}
        assert not form.is_valid()
        assert required | {"about", "owner"} <= set(form.errors)


def test_a_form_refuses_a_status_and_a_choice_that_the_kind_does_not_have(cast, writer):
    for kind in kinds().values():
        choices = {each.name for each in kind.fields.values() if each.type == "choice" and not each.stamped}
        said = samples.typed(kind, cast) | dict.fromkeys(choices, "nonsense") | {"status": "nonsense"}
        form = EntryForm(said, kind=kind, person=writer)
        wrong = choices | ({"status"} if len(kind.typed) > 1 else set())
        assert set(form.errors) == wrong


def test_nobody_types_that_something_is_approved(cast, writer):
    for kind in kinds().values():
        form = EntryForm(kind=kind, person=writer)
        offered = {value for value, _label in form.fields["status"].choices} if "status" in form.fields else set()
        assert "approved" not in offered
        assert not any(move.to in offered for move in kind.moves.values() if move.duties)


def test_an_entry_is_written_shown_listed_and_changed_on_its_pages(cast, writer, pages):
    """One walk over the pages of each kind."""
    for kind in kinds().values():
        answer = pages.post(f"/registers/{kind.name}/new/", samples.typed(kind, cast))
        assert answer.status_code == 302, answer.content.decode()
        row = RegisterEntry.objects.get(pk=answer["Location"].split("/")[2])
        assert row.status == kind.begins
        page = pages.get(row.get_absolute_url()).content.decode()
        assert all(str(each.title).replace("’", "’") in page for each in kind.fields.values() if not each.stamped)
        assert row.title in pages.get(kind.url).content.decode()
        changed = samples.typed(kind, cast, row.subject, title="Another title")
        assert pages.post(f"/entries/{row.pk}/edit/", changed).status_code == 302
        row.refresh_from_db()
        assert kind.named_by or row.title == "Another title"


def sheet_of(kind, cast, writer) -> bytes:
    """One row as a CSV file, people by address, with the columns of the form."""
    said = samples.typed(kind, cast)
    for each in kind.fields.values():
        if each.type == "person" and not each.stamped:
            said[each.name] = cast.owner.email
    said |= {
        "owner": cast.owner.email,
        "about": "organisation" if (about := samples.about(kind, cast)) == subjects.root() else str(about.slug),
    }
    form = EntryForm(kind=kind, person=writer)
    cells = {name: said[name] for name in form.fields}
    out = io.StringIO()
    writer = csv.DictWriter(out, cells)
    writer.writeheader()
    writer.writerow({name: "; ".join(cell) if isinstance(cell, list) else cell for name, cell in cells.items()})
    return out.getvalue().encode()


def test_entries_are_imported_from_a_sheet_after_a_dry_run(cast, writer):
    for kind in kinds().values():
        checked = import_actions.check_sheet(
            imports.KINDS[kind.name], name="entries.csv", content=sheet_of(kind, cast, writer), actor=writer
        )
        before = RegisterEntry.objects.filter(kind=kind.name).count()
        assert (checked.status, checked.faults) == (Import.Status.CHECKED, [])
        assert import_actions.carry_out(checked, actor=writer).status == Import.Status.IMPORTED
        assert RegisterEntry.objects.filter(kind=kind.name).count() == before + 1


def test_a_sheet_with_faults_names_row_and_column_and_enters_nothing(cast, writer):
    kind = kind_named("policy_document")
    content = b"about,title,policy_type,text,owner,due_on,status\nlending,Use of AI,nonsense,Text,nobody@x.example,,approved\n"
    checked = import_actions.check_sheet(imports.KINDS[kind.name], name="p.csv", content=content, actor=writer)
    assert checked.status == Import.Status.REFUSED
    # Its status is read past: whatever a sheet says, an entry begins as a draft.
    wrong = {(2, "policy_type"), (2, "owner"), (2, "due_on")}
    assert {(fault["row"], fault["column"]) for fault in checked.faults} == wrong
    assert not RegisterEntry.objects.exists()


def test_a_register_is_exported_as_csv_workbook_and_json(cast, pages, amount, seed):
    """A draw of the registers; with --full all. They share one way to the file."""
    for kind in random.Random(seed).sample(list(kinds().values()), amount(len(kinds()))):
        row = samples.written(kind, cast)
        told = {}
        for format in ("csv", "xlsx", "json"):
            answer = pages.get(f"/lists/{kind.name}/{format}/")
            told[format] = b"".join(answer.streaming_content)
        [line] = [
            one for one in csv.DictReader(io.StringIO(told["csv"].decode("utf-8-sig"))) if one["id"] == str(row.pk)
        ]
        assert set(kind.fields) <= set(line)
        assert line["title"] == row.title
        heads = [cell.value for cell in next(load_workbook(io.BytesIO(told["xlsx"])).active.iter_rows(max_row=1))]
        assert heads == list(line)
        [entry] = [one for one in json.loads(told["json"]) if one["id"] == str(row.pk)]
        assert entry["status"] == row.status
