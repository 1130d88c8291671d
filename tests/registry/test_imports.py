"""Imports: a sheet is entered whole or not at all, every fault is named, and hostile files are refused with a sentence."""

import csv
import io
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from registry import imports
from registry.actions import imports as actions
from registry.errors import BadInput, NotAllowed
from registry.imports import KINDS
from registry.models import AISystem, AuditEntry, Dataset, Import, Model
from tests import factories

HEADS = ("name", "unit", "purpose", "business_owner", "technical_owner", "risk_tier", "is_generative")


def sheet(rows, heads=HEADS) -> bytes:
    """A CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows([heads, *rows])
    return text.getvalue().encode()


def row(name: str, **changes) -> list[str]:
    """A row that is right."""
    right = {"name": name, "unit": "lending", "purpose": "Sorts letters.", "business_owner": "owner@bank.example",
             "technical_owner": "OWNER@bank.example", "risk_tier": "limited", "is_generative": "no"}  # fmt: skip
    return [{**right, **changes}[head] for head in HEADS]


def check(cast, content: bytes, kind: str = "systems", name: str = "systems.csv") -> Import:
    """A checked sheet of the owner's."""
    return actions.check_sheet(KINDS[kind], name=name, content=content, actor=cast.owner)


def test_a_checked_sheet_enters_nothing_and_says_how_many_rows_are_right(cast):
    found = check(cast, sheet([row("One"), row("二"), row("Three", is_generative="yes")]))
    assert (found.status, found.rows, found.faults) == ("checked", 3, [])
    assert not AISystem.objects.exists()


def test_a_sheet_is_entered_by_the_acts_of_the_pages(cast):
    found = actions.carry_out(check(cast, sheet([row("One"), row("Two", is_generative="yes")])), actor=cast.owner)
    assert found.status == "imported"
    assert dict(AISystem.objects.values_list("name", "is_generative")) == {"One": False, "Two": True}
    assert AuditEntry.objects.filter(action="system.registered").count() == 2


def test_of_very_many_rows_exactly_the_wrong_ones_are_named_and_nothing_is_entered(cast, amount):
    """50,000 rows with faults in 37 of them (ATTESTRY_FULL); by default a tenth as many rows."""
    many = amount(50_000)
    wrong = dict.fromkeys(range(7, 7 + 37 * 101, 101), ("risk_tier", "enormous"))
    wrong[7], wrong[108], wrong[209] = ("business_owner", "nobody@bank.example"), ("unit", "moon"), ("purpose", "")
    rows = [
        row(f"System {number}", **dict([wrong[number]] if number in wrong else [])) for number in range(2, many + 2)
    ]
    found = check(cast, sheet(rows))
    assert found.status == "refused"
    assert {fault["row"]: (fault["column"], fault["value"]) for fault in found.faults} == wrong
    assert len(found.faults) == 37
    assert all(fault["reason"] for fault in found.faults)
    assert not AISystem.objects.exists()
    with pytest.raises(NotAllowed):
        actions.carry_out(found, actor=cast.owner)


def test_a_name_that_is_there_or_stands_twice_is_a_fault(cast):
    factories.make_system(cast, name="There", slug="there")
    found = check(cast, sheet([row("There"), row("New"), row("NEW"), row("贷"), row("贷")]))
    assert [(fault["row"], fault["column"]) for fault in found.faults] == [(2, "name"), (4, "name")]


def test_two_owners_are_wanted_and_both_must_hold_a_duty_there(cast):
    """The rule of two owners holds for imports too."""
    found = check(cast, sheet([row("One", technical_owner=""), row("Two", business_owner="outsider@bank.example")]))
    assert [fault["row"] for fault in found.faults] == [2, 3]
    assert found.faults[0]["column"] == "technical_owner"


def test_nobody_imports_into_a_unit_without_a_duty_there(cast):
    found = check(cast, sheet([row("One", unit="insurance")]))
    assert [fault["column"] for fault in found.faults] == ["unit"]
    with pytest.raises(NotAllowed):
        actions.check_sheet(KINDS["systems"], name="a.csv", content=sheet([row("One")]), actor=cast.auditor)


def test_a_row_that_its_act_refuses_undoes_all(cast):
    """Between check and import somebody registered the last name."""
    found = check(cast, sheet([row("One"), row("Two")]))
    factories.make_system(cast, name="Two", slug="two")
    done = actions.carry_out(found, actor=cast.owner)
    assert (done.status, done.faults[0]["row"]) == ("refused", 3)
    assert not AISystem.objects.filter(name="One").exists()


def test_models_and_data_sets_are_imported_too(cast):
    system = factories.make_system(cast)
    models = check(cast, sheet([["Scorer", str(system.pk)], ["Ranker", system.name]], ("name", "system")), "models")
    data = check(cast, sheet([["Letters", "Lending", "=1+1"]], ("name", "unit", "description")), "datasets")
    for found in (models, data):
        assert actions.carry_out(found, actor=cast.owner).status == "imported", found.faults
    assert set(Model.objects.values_list("name", flat=True)) == {"Scorer", "Ranker"}
    assert Dataset.objects.get().description == "=1+1"


def test_a_workbook_is_read_as_texts(cast):
    book = Workbook()
    book.active.append(HEADS)
    book.active.append(row("One", purpose="=HYPERLINK(1)"))
    file = io.BytesIO()
    book.save(file)
    actions.carry_out(check(cast, file.getvalue(), name="a.xlsx"), actor=cast.owner)
    assert AISystem.objects.get().purpose == "=HYPERLINK(1)"


def packed(size: int) -> bytes:
    """An archive that unpacks to so many bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * size)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"PK\x03\x04rubbish", packed(10), b"name,name\nx,y\n", b'name\n"open', b"name\n",
     b"," * 500 + b"\n"],
)  # fmt: skip
def test_a_file_that_is_no_sheet_is_refused_with_a_sentence(cast, content):
    with pytest.raises(BadInput) as refusal:
        check(cast, content)
    assert str(refusal.value)
    assert not Import.objects.exists()


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(cast, monkeypatch):
    monkeypatch.setattr(imports.sheets, "MOST_UNPACKED", 1000)
    with pytest.raises(BadInput, match="unpacks"):
        check(cast, packed(2000))


def test_an_unknown_column_is_named(cast):
    found = check(cast, sheet([["One", "x"]], ("name", "colour")))
    assert (found.faults[0]["column"], found.faults[0]["value"]) == ("colour", "x")


def test_the_page_checks_shows_gives_back_and_imports(cast, client):
    client.force_login(cast.owner)
    wrong = SimpleUploadedFile("a.csv", sheet([row("One", risk_tier="=2")]))
    page = client.post(reverse("import-new", args=["systems"]), {"file": wrong}, follow=True)
    assert "Nothing was imported" in page.content.decode()
    faults = b"".join(client.get(reverse("import-faults", args=[Import.objects.get().pk])).streaming_content).decode(
        "utf-8-sig"
    )
    assert next(csv.DictReader(io.StringIO(faults))) | {"reason": ""} == {
        "row": "2", "column": "risk_tier", "value": "'=2", "reason": "",
    }  # fmt: skip
    right = SimpleUploadedFile("b.csv", sheet([row("One")]))
    page = client.post(reverse("import-new", args=["systems"]), {"file": right}, follow=True)
    assert not AISystem.objects.exists()
    client.post(reverse("import-carry-out", args=[page.context["object"].pk]))
    assert AISystem.objects.get().name == "One"


def test_a_sheet_is_its_own_persons_business(cast, client):
    found = check(cast, sheet([row("One")]))
    client.force_login(cast.risk_officer)
    assert client.get(found.get_absolute_url()).status_code == 404
    assert client.post(reverse("import-carry-out", args=[found.pk])).status_code == 404


def test_the_faults_come_back_as_a_workbook_in_which_no_cell_is_computed(cast, client):
    """The error sheet for spreadsheet programs, with row, column, value and reason."""
    found = check(cast, sheet([row("One", risk_tier="=1+1"), row("Two", risk_tier="enormous")]))
    client.force_login(cast.owner)
    answer = client.get(reverse("import-faults", args=[found.pk]), {"as": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    head, first, second = book.worksheets[0].iter_rows(values_only=True)
    assert head == ("row", "column", "value", "reason")
    assert (first[:2], second[:3]) == ((2, "risk_tier"), (3, "risk_tier", "enormous"))
    assert all(cell.data_type != "f" for line in book.worksheets[0].iter_rows() for cell in line)
