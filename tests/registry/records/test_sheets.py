"""Sheets as people and spreadsheet programs make them, and as somebody makes them who means no good."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone
from openpyxl import Workbook

from registry import declared
from registry.actions import imports as actions, releases
from registry.errors import BadInput
from registry.imports import KINDS
from registry.imports.naming import name_of
from registry.models import (
    AuditEntry,
    BusinessUnit,
    Deployment,
    GateRecord,
    Import,
    ModelCard,
    ModelVersion,
    Release,
    Waiver,
)
from risk.models import Assessment, Reclassification, Risk
from tests import factories
from tests.registry import data as data_steps
from tests.registry.records.files import as_csv, brought_in, checked, taken_out
from tests.registry.records.stories import STORIES

pytestmark = pytest.mark.django_db
ROW = {"title": "Offers are late", "component": "output", "category": "financial", "likelihood": "2", "impact": "3",
       "source": "audit", "measurable": "yes", "owner": "owner@bank.example"}  # fmt: skip


def check(cast, content: bytes, entity: str = "risk") -> Import:
    return actions.check_sheet(KINDS[entity], name="rows.csv", content=content, actor=cast.owner)


def said(found: Import) -> list[tuple[int, str]]:
    return [(fault["row"], fault["column"]) for fault in found.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("divided", [",", ";", "\t"])
def test_a_sheet_is_read_as_spreadsheet_programs_write_it(cast, encoding, divided):
    """With a mark of the order of bytes or without, and divided as the country of the program has it."""
    row = {"system": factories.make_system(cast).slug, **ROW, "title": "晚到的信"}
    content = as_csv([row]).decode().replace(",", divided).encode(encoding)
    assert (check(cast, content).status, Risk.objects.count()) == (Import.Status.CHECKED, 0)


def test_a_row_of_another_unit_is_as_good_as_none(cast):
    """Promise P11: what is there and may not be seen, and what is not there at all, get the same sentence."""
    theirs = factories.make_system(cast, name="Theirs")
    theirs.unit = cast.other_unit
    theirs.save()
    rows = [{"system": name, **ROW} for name in ("lending/moon", "insurance/theirs", "theirs", str(theirs.pk))]
    found = actions.check_sheet(KINDS["risk"], name="r.csv", content=as_csv(rows), actor=cast.risk_officer)
    assert said(found) == [(number, "system") for number in range(2, 6)]
    assert len({fault["reason"] for fault in found.faults}) == 1


def test_a_row_on_which_the_act_is_not_the_persons_is_as_good_as_none(cast):
    """Whoever may look and not write gets the sentence of what is not there, before anything is tried."""
    system = factories.make_system(cast)
    row = {"system": system.slug, "slug": "group_fairness", "rule": "selection_rate_difference<=0.1",
           "principle": "fairness", "rationale": "A tenth is what the unit can bear."}  # fmt: skip
    factories.grant(cast, cast.publisher, "risk_officer", unit=cast.other_unit)
    found = actions.check_sheet(KINDS["metric_baseline"], name="r.csv", content=as_csv([row]), actor=cast.publisher)
    assert [(fault["column"], fault["reason"]) for fault in found.faults] == [
        ("system", "There is none of this name that you may use here.")
    ]


def test_versions_of_one_name_in_two_units_are_told_apart_in_files(cast):
    """A name in a file means one row: short names are unique in their unit only."""
    mine, other = (factories.make_version(cast, version="7") for _ in range(2))
    for version in (mine, other):
        version.model.slug = "twin"
        version.model.save()
    rows = [{"model_version": name_of(version), "limitations": "Written for a test."} for version in (mine, other)]
    brought_in("model_card", rows, cast.owner)
    assert {card.version for card in ModelCard.objects.all()} == {mine, other}


@pytest.mark.parametrize("head", ["", "moon", "title,title"])
def test_heads_that_are_none_are_named(cast, head):
    content = f"system,{head}\nx,y,z\n".encode()
    try:
        found = check(cast, content)
    except BadInput as refusal:
        assert str(refusal)
    else:
        assert found.status == Import.Status.REFUSED


def test_a_row_with_more_cells_than_heads_is_named(cast):
    with pytest.raises(BadInput, match="Row 3 has 3 cells"):
        check(cast, b"system,title\na,b\na,b,c\n")


def test_a_cell_of_many_megabytes_is_refused_with_row_and_column(cast):
    """20 MB in one cell: the sheet is refused by a sentence, whether it is CSV or a workbook."""
    with pytest.raises(BadInput, match="line 2"):
        check(cast, b"system,title\nx," + b"a" * 19_000_000 + b"\n")
    book = Workbook()
    book.active.append(["system", "title"])
    content = io.BytesIO()
    book.save(content)
    with pytest.raises(BadInput, match="Row 2, column title"):
        check(cast, with_cell(content.getvalue(), "a" * 19_000_000))


def with_cell(book: bytes, text: str) -> bytes:
    """The workbook with one more row, which no library would write."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                row = f'<row r="2"><c r="A2" t="inlineStr"><is><t>x</t></is></c><c r="B2" t="inlineStr"><is><t>{text}</t></is></c></row>'
                content = content.replace(b"</sheetData>", row.encode() + b"</sheetData>")
            new.writestr(name, content)
    return made.getvalue()


def test_a_workbook_that_grows_from_within_is_refused(cast):
    """Entities that name entities (a bomb of 20 rows that would be gigabytes) are not unfolded."""
    book, content = Workbook(), io.BytesIO()
    book.active.append(["system", "title"])
    book.save(content)
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 15))
    made = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                head = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "lol">{bomb}]>'.encode()
                cell = b'<row r="2"><c r="A2" t="inlineStr"><is><t>&l14;</t></is></c></row></sheetData>'
                text = head + text[text.index(b"<worksheet") :].replace(b"</sheetData>", cell)
            new.writestr(name, text)
    with pytest.raises(BadInput):
        check(cast, made.getvalue())


def test_cells_that_a_program_would_compute_come_and_go_as_texts(cast):
    system = factories.make_system(cast)
    texts = ["=1+1", "-2 % of letters", "@home", "'tis late", "''quoted", "'=guarded"]
    brought_in("risk", [guarded({"system": system.slug, **ROW, "title": text}) for text in texts], cast.owner)
    assert sorted(Risk.objects.values_list("title", flat=True)) == sorted(texts)
    shown = {row["title"] for row in taken_out("risk", cast.owner)}
    assert {text for text in shown if not text.startswith("'")} == set()


def guarded(row):
    """As an export writes it."""
    from registry.lists.exports import flat

    return {name: flat(text) for name, text in row.items()}


def test_nobody_imports_an_approval(cast):
    """Whatever a sheet says of status and decisions, rows begin at the beginning: draft, asked for, in review."""
    day = (timezone.localdate() + timedelta(days=30)).isoformat()
    version = factories.make_releasable(cast, verdict="fail")
    name = f"lending/{version.home_system.slug}/{version.model.slug}@{version.version}"
    waiver = {"version": name, "gate": "evidence", "check": "fairness.group_metrics", "reason": "Too few letters this spring.",
              "compensating_controls": "An analyst reads every list.", "owner": cast.owner.email, "expires_on": day,
              "status": "approved", "created_at": "2020-01-01"}  # fmt: skip
    brought_in("exception", [waiver], cast.owner)
    assert Waiver.objects.get().status == "requested"
    brought_in("pia", [{"system": version.home_system.slug, "template": "pia", "status": "approved",
                        "approved_at": "2026-01-01"}], cast.owner)  # fmt: skip
    assert Assessment.objects.get().status == "draft"
    brought_in("release", [{"version": name, "notes": "What is new in it.", "status": "published"}], cast.owner)
    assert Release.objects.get().status == "in_review"


def test_a_deployment_of_what_was_not_published_here_is_refused(cast):
    release = releases.submit_for_review(
        factories.make_submittable(cast), notes="What is new.", actor=cast.owner
    ).release
    row = {"release": str(release.pk), "environment": "production", "region": "eu"}
    found = actions.check_sheet(KINDS["deployment"], name="r.csv", content=as_csv([row]), actor=cast.publisher)
    assert (said(found), Deployment.objects.count()) == ([(2, "release")], 0)


def test_a_version_of_which_only_a_digest_is_declared_cannot_be_submitted(cast):
    """Evidence and approval rest on bytes: a declared digest holds a place in the inventory and nothing more."""
    model = factories.make_model(cast)
    row = {"model": f"lending/{model.system.slug}/{model.slug}", "version": "3", "artifact_hash": f"sha256:{5:064x}"}
    brought_in("model_version", [row], cast.owner)
    version = ModelVersion.objects.get()
    assert (version.status, version.artifact.declared) == ("draft", row["artifact_hash"])
    with pytest.raises(BadInput, match="only a digest was declared"):
        declared.require_bytes(version)
    factories.fill_card(cast, version)
    with pytest.raises(BadInput, match="only a digest was declared"):
        releases.submit_for_review(version, notes="What is new in it.", actor=cast.owner)


def test_the_class_of_data_is_raised_by_a_sheet_and_never_lowered(cast):
    data = data_steps.described(cast, classification="confidential")
    row = {"dataset": data.slug, "new_class": "public", "reason": "It was published by the state."}
    found = actions.check_sheet(KINDS["reclassification"], name="r.csv", content=as_csv([row]), actor=cast.risk_officer)
    assert (said(found), Reclassification.objects.count()) == ([(2, "new_class")], 0)


def test_an_event_of_another_log_becomes_an_entry_which_says_who_told_it(cast):
    """The log is appended to by what was done here; what another log holds is told by somebody, under that name."""
    row = {"unit": "lending", "action": "model.approved", "subject": "Card offers 1.0", "at": "2024-05-01T10:00:00+00:00",
           "who": "A. Former", "hash": "0" * 64}  # fmt: skip
    brought_in("audit_event", [row], cast.owner)
    entry = AuditEntry.objects.get(action="event.told")
    assert (entry.actor, entry.object_id) == (cast.owner, cast.unit.pk)
    assert not AuditEntry.objects.filter(action="model.approved").exists()


def test_what_gates_said_elsewhere_is_asked_anew(cast):
    release = releases.submit_for_review(
        factories.make_submittable(cast), notes="What is new.", actor=cast.owner
    ).release
    brought_in(
        "gate_evaluation", [{"release": str(release.pk), "result": "passed", "stage": "publication"}], cast.owner
    )
    kept = GateRecord.objects.get(release=release, moment="asked")
    assert {answer["result"] for answer in kept.results} >= {"failed"}


def test_what_the_acts_refuse_is_named_when_a_short_sheet_is_checked(cast):
    """A dry run: each row is tried, all of it is taken back, and every refusal stands in the sheet of faults."""
    factories.make_model(cast, factories.make_system(cast, name="There"))
    rows = [
        {"name": name, "parent": parent} for name, parent in (("New", "lending"), ("Lending", ""), ("New", "lending"))
    ]
    before = BusinessUnit.objects.count(), AuditEntry.objects.count()
    found = checked("business_unit", rows, cast.administrator)
    assert said(found) == [(3, "parent"), (4, "name")]
    assert (BusinessUnit.objects.count(), AuditEntry.objects.count()) == (before[0], before[1] + 1)


def test_every_row_of_a_story_is_of_the_lists_name():
    assert {entity for entity in STORIES if entity not in KINDS} == {"ai_system"}
