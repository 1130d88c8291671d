"""Several people on one assessment: sections, remarks, files, newer questions, and the whole as a file."""

import io
import json
import zipfile
from dataclasses import replace
from types import MappingProxyType

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from registry.errors import BadInput, NotAllowed
from registry.models import Task
from risk import actions, questionnaires
from risk.models import Assessment
from risk.questionnaires import Reply, template
from risk.template_parts import Step
from tests.factories import make_system
from tests.risk.replies import LONG, benign
from tests.risk.steps import answered, approved, events, submitted

pytestmark = pytest.mark.django_db
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def row(cast):
    return answered(cast, make_system(cast))


def test_a_section_is_handed_to_somebody_as_a_task(cast, row):
    given = actions.assign_section(row, section="model", person=cast.privacy_officer, actor=cast.owner)
    task = Task.objects.visible_to(cast.privacy_officer).waiting().get(object_id=given.pk)
    assert task.kind == Task.Kind.ANSWER_SECTION and task.url.endswith("/answers/model/")
    again = actions.assign_section(row, section="model", person=cast.owner, actor=cast.owner)
    assert again.done_at is None and not Task.objects.waiting().filter(object_id=given.pk).exists()
    assert events(given) == ["section.assigned", "section.finished"]


def test_a_section_is_handed_only_to_who_may_answer(cast, row):
    with pytest.raises(BadInput, match="may not answer this assessment"):
        actions.assign_section(row, section="model", person=cast.auditor, actor=cast.owner)
    with pytest.raises(BadInput, match="no section “nowhere”"):
        actions.assign_section(row, section="nowhere", person=cast.owner, actor=cast.owner)


def test_answering_the_last_question_of_a_section_ends_its_task(cast):
    row = answered(cast, make_system(cast), PIA_M_02=None)
    given = actions.assign_section(row, section="model", person=cast.privacy_officer, actor=cast.owner)
    actions.save_answers(row, answers={"PIA-M-02": Reply("yes")}, actor=cast.privacy_officer)
    given.refresh_from_db()
    assert given.done_at is not None and not Task.objects.waiting().filter(object_id=given.pk).exists()


def test_whoever_reads_it_may_remark_and_markup_stays_text(cast, row, as_person):
    """HTML in a field is shown as it was typed."""
    address = reverse("assessment-comment", args=[row.pk, "PIA-G-03"])
    assert as_person(cast.approver).post(address, {"text": MARKUP}).status_code == 302
    page = as_person(cast.owner).get(reverse("assessment-question", args=[row.pk, "PIA-G-03"])).content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
    with pytest.raises(BadInput, match="between 1 and"):
        actions.comment(row, text="  ", actor=cast.owner)


@pytest.mark.parametrize("question", ["PIA-G-01", "PIA-G-05"])
def test_markup_in_an_answer_stays_text(cast, row, question, as_person):
    actions.save_answers(
        row, answers={question: Reply("" if question == "PIA-G-01" else "more", MARKUP)}, actor=cast.owner
    )
    client = as_person(cast.owner)
    for address in (row.get_absolute_url(), reverse("assessment-section", args=[row.pk, "general"])):
        page = client.get(address).content.decode()
        assert MARKUP not in page and "&lt;script&gt;" in page


def test_an_answer_of_twenty_megabytes_is_refused_and_nothing_is_kept(cast, row, as_person):
    """By the page and by the action; what was there stays."""
    before = row.answers_digest
    big = "x" * 20_000_000
    with pytest.raises(BadInput, match="10000 are the most"):
        actions.save_answers(row, answers={"PIA-G-01": Reply("", big)}, actor=cast.owner)
    page = as_person(cast.owner).post(reverse("assessment-section", args=[row.pk, "general"]), {"PIA-G-01": big})
    assert page.status_code in {400, 413} and Assessment.objects.get(pk=row.pk).answers_digest == before


def test_a_file_is_kept_beside_an_answer_and_read_by_who_may(cast, row, as_person):
    client = as_person(cast.owner)
    file = SimpleUploadedFile("balance.txt", b"weighed")
    address = reverse("assessment-attach", args=[row.pk, "PIA-G-10"])
    assert client.post(address, {"file": file}).status_code == 302
    page = client.get(reverse("assessment-question", args=[row.pk, "PIA-G-10"]))
    link = next(part for part in page.content.decode().split('"') if "/files/" in part)
    assert b"".join(client.get(link).streaming_content) == b"weighed"
    assert as_person(cast.outsider).get(link).status_code == 404


def test_a_file_of_more_than_ten_megabytes_is_refused(cast, row):
    file = SimpleUploadedFile("big.bin", b"x" * 10_000_001)
    with pytest.raises(BadInput, match="larger than 10 MB"):
        actions.attach_evidence(row, question="PIA-G-10", file=file, actor=cast.owner)


def newer(monkeypatch, **changes) -> None:
    """The privacy template in its next version, in which a question was named anew and an answer, too."""
    form = template("pia")
    step = Step("1", MappingProxyType({"PIA-G-06": "PIA-G-07"}), MappingProxyType({"PIA-G-07": {"no": "unknown"}}))
    later = replace(form, version="2", steps=(step,), **changes)
    monkeypatch.setattr(questionnaires, "parsed", lambda _slug, _path: later)
    questionnaires.template.cache_clear()


@pytest.fixture
def second_version(monkeypatch):
    newer(monkeypatch)
    yield
    questionnaires.template.cache_clear()


def test_answers_to_a_superseded_version_are_refused(cast, row, second_version):
    with pytest.raises(NotAllowed, match="begun with version 1 of the questionnaire; version 2 is in use"):
        actions.save_answers(row, answers={"PIA-G-03": Reply("yes")}, actor=cast.owner)
    with pytest.raises(NotAllowed, match="version 2 is in use"):
        actions.submit_assessment(row, actor=cast.owner)


def test_an_open_one_is_taken_over_into_the_version_in_use(cast, row, second_version):
    """What a step says of questions and answers holds; what fits no more is taken back and named in the log."""
    actions.upgrade(row, actor=cast.owner)
    row.refresh_from_db()
    replies = row.replies()
    assert row.template_version == "2" and replies["PIA-G-06"].is_blank
    assert replies["PIA-G-07"].answer in {"no", "unknown"} and replies["PIA-G-01"].text == LONG
    assert "assessment.upgraded" in events(row)
    with pytest.raises(NotAllowed, match="Only an open one"):
        actions.upgrade(approved(cast, make_system(cast)), actor=cast.owner)


def test_assessing_again_takes_the_answers_over(cast, monkeypatch):
    row = approved(cast, make_system(cast))
    newer(monkeypatch)
    try:
        fresh = actions.reassess(row, actor=cast.owner)
        assert fresh.template_version == "2" and "PIA-G-06" not in fresh.replies()
    finally:
        monkeypatch.undo()
        questionnaires.template.cache_clear()


@pytest.mark.parametrize("form", ["json", "xlsx", "docx"])
def test_the_whole_is_had_as_a_file(cast, form, as_person):
    """Every format holds the answers; what begins like a formula is none in a sheet."""
    row = submitted(cast, make_system(cast), PIA_G_01=Reply("", "=1+1 – long enough to be an explanation."))
    answer = as_person(cast.privacy_officer).get(reverse("assessment-export", args=[row.pk, form]))
    assert answer.status_code == 200 and f'.{form}"' in answer["Content-Disposition"]
    if form == "json":
        found = json.loads(answer.content)
        assert found["answers_digest"] == row.answers_digest and len(found["sections"]) == 4
        assert sum(len(part["questions"]) for part in found["sections"]) == len(benign())
    elif form == "xlsx":
        from openpyxl import load_workbook

        cells = [cell.value for line in load_workbook(io.BytesIO(answer.content))["Answers"].rows for cell in line]
        assert "PIA-G-01" in cells and "'=1+1 – long enough to be an explanation." in cells
    else:
        text = zipfile.ZipFile(io.BytesIO(answer.content)).read("word/document.xml").decode()
        assert "PIA-G-01" in text and "=1+1 – long enough" in text
    assert as_person(cast.outsider).get(reverse("assessment-export", args=[row.pk, form])).status_code == 404


def test_a_section_saves_itself_and_says_so(cast, row, as_person):
    """A change is kept without a button where scripts run; a later one is not taken for somebody else's."""
    client = as_person(cast.owner)
    address = reverse("assessment-section", args=[row.pk, "general"])
    typed = {name: reply.answer or reply.text for name, reply in benign().items()}
    typed |= {f"{name}-text": reply.text for name, reply in benign().items()}
    first = client.post(
        address, typed | {"PIA-G-05": "more", "seen": row.answers_digest}, headers={"HX-Request": "true"}
    )
    assert "Saved by itself at" in first.content.decode() and row.replies()["PIA-G-05"].answer == "more"
    seen = Assessment.objects.get(pk=row.pk).answers_digest
    assert f'value="{seen}"' in first.content.decode()
    second = client.post(address, typed | {"PIA-G-05": "unknown", "seen": seen}, headers={"HX-Request": "true"})
    assert "Saved by itself" in second.content.decode() and row.replies()["PIA-G-05"].answer == "unknown"
