"""The same document as HTML, DOCX and CSV: all of its words, real headings, no formulas, nothing fetched."""

import csv
import io
import random
import re

import docx
import pytest
from django.urls import reverse

from registry import jobs
from registry.models import AuditEntry
from reports import actions, building, formats, pdf
from reports.formats import tables, walk
from reports.models import Report
from tests import factories
from tests.reports.every_kind import KINDS, LANGUAGES, make_world

pytestmark = pytest.mark.django_db
EVERY = [(kind, language) for kind in KINDS for language in LANGUAGES]


@pytest.fixture(autouse=True)
def no_pdf(monkeypatch):
    """The other formats are written from the page: the PDF of it is looked at elsewhere."""
    monkeypatch.setattr(pdf, "render", lambda html, **rest: b"%PDF")
    monkeypatch.setattr("registry.jobs.enqueue", lambda row: None)


@pytest.fixture
def documents(cast, amount):
    """Documents of some kinds in some language; all with --full."""
    world = make_world(cast)
    chosen = random.Random(5).sample(EVERY, max(3, amount(len(EVERY))))
    return [world.printed(kind, language) for kind, language in chosen]


def words_of(document) -> list[str]:
    """Every text of the page, in order."""
    found = []
    for block in walk.blocks(document):
        found += [block.text, *(cell for row in block.rows for cell in row)]
    return [words for words in found if words]


def test_word_has_every_word_of_the_page_with_real_headings_and_heads_that_repeat(documents):
    """S-185: the report as DOCX says what the PDF says."""
    for document in documents:
        made = docx.Document(io.BytesIO(formats.written(document)["docx"]))
        text = "\n".join(
            [paragraph.text for paragraph in made.paragraphs]
            + [cell.text for table in made.tables for row in table.rows for cell in row.cells]
            + re.findall(r'descr="([^"]*)"', made.element.xml)
        )
        missing = [
            words for words in words_of(document) if words not in text and words.replace("&", "&amp;") not in text
        ]
        assert missing == []
        headings = [one.text for one in made.paragraphs if one.style.name.startswith("Heading")]
        assert headings == [block.text for block in walk.blocks(document) if block.kind == "heading"]
        assert "w:tblHeader" in made.element.xml
        assert document.code in made.sections[0].footer.paragraphs[0].text


def test_the_csv_holds_every_cell_of_every_table_under_its_chapter(documents):
    for document in documents:
        rows = list(csv.reader(io.StringIO(formats.written(document)["csv"].decode("utf-8-sig"))))
        cells = {cell for row in rows for cell in row}
        tabled = {cell for block in walk.blocks(document) for row in block.rows for cell in row}
        assert {tables.safe(cell) for cell in tabled} <= cells
        chapters = [block.text for block in walk.blocks(document) if block.kind == "heading" and block.level == 2]
        assert {row[0] for row in rows} & set(chapters)


def test_the_html_is_one_file_that_may_fetch_nothing_and_run_nothing(documents):
    for document in documents:
        page = formats.written(document)["html"].decode()
        assert "default-src 'none'" in page and "<style>" in page
        assert not re.search(r"<script|<iframe|<object|<link|\son\w+=", page)
        assert not re.findall(r'(?:src|href)="(?!data:|#)', page)


@pytest.mark.parametrize(
    ("cell", "kept"),
    [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-0.25", "-0.25"),
     ("\t=1", "'\t=1"), ("-1e3", "-1e3"), ("-a", "'-a"), ("plain", "plain")],
)  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_carry_out_is_marked_and_a_number_stays_one(cell, kept):
    assert tables.safe(cell) == kept


def test_each_format_is_the_same_bytes_for_the_same_document(documents):
    for document in documents:
        assert formats.written(document) == formats.written(document)


def test_a_finished_report_is_taken_in_every_format_on_its_page_and_by_rest_and_each_is_logged(cast, client):
    """S-177: whoever took a file, in whichever format, stands in the log."""
    version = factories.make_submittable(cast)
    row = actions.request_report(version, kind="transparency", actor=cast.risk_officer)
    building.build_report(jobs.claim(Report, row.pk))
    client.force_login(cast.auditor)
    page = client.get(row.get_absolute_url()).content.decode()
    for form, begin in (("html", b"<!doctype"), ("docx", b"PK"), ("csv", b"\xef\xbb\xbf")):
        address = reverse(f"report-{form}", args=[row.pk])
        assert address in page
        for found in (client.get(address), client.get(f"/api/v1/reports/{row.pk}/file/?as={form}")):
            assert b"".join(found.streaming_content).startswith(begin)
            assert (
                found["Content-Disposition"].startswith("attachment") and found["X-Content-Type-Options"] == "nosniff"
            )
    assert client.get(f"/api/v1/reports/{row.pk}/file/?as=exe").status_code == 400
    assert AuditEntry.objects.filter(object_id=row.pk, action="report.downloaded", actor=cast.auditor).count() == 6
    client.force_login(cast.outsider)
    assert client.get(reverse("report-docx", args=[row.pk])).status_code == 404


def test_the_code_at_the_foot_of_each_page_leads_to_the_document(cast, client):
    """S-185: what a reader types from the page is what the registry knows the document by."""
    version = factories.make_submittable(cast)
    for kind in ("transparency", "audit"):
        row = actions.request_report(version, kind=kind, actor=cast.risk_officer)
        building.build_report(jobs.claim(Report, row.pk))
        row.refresh_from_db()
        page = formats.kept(row)["html"].read().decode()
        assert row.code in page
        client.force_login(cast.auditor)
        assert client.get(reverse("verify", args=[row.code])).status_code == 200


def test_a_report_of_an_earlier_release_has_no_other_formats_and_its_page_says_nothing_of_them(cast, client):
    version = factories.make_submittable(cast)
    row = actions.request_report(version, kind="audit", actor=cast.risk_officer)
    client.force_login(cast.auditor)
    assert b"For Word" not in client.get(row.get_absolute_url()).content
    assert client.get(reverse("report-docx", args=[row.pk])).status_code == 404
