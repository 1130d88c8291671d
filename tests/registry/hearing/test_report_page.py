"""The report page: people without an account where it is allowed, what becomes of each sort, and the way to the answer."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from registry.actions import hearing as actions, registers
from registry.errors import BadInput, NotAllowed
from registry.hearing import sorts as known
from registry.hearing.sorts import FILE, read
from registry.models import AuditEntry, Duty, RegisterEntry, Task
from registry.registers import kind_named, subjects
from tests import factories
from tests.registry.registers import samples

pytestmark = pytest.mark.django_db
PAGE = "/report/"
SAID = {
    "sort": "incident",
    "place": "Letters about loans",
    "text": "I got a letter meant for somebody else.",
    "website": "",
}


@pytest.fixture
def is_open(settings):
    """The installation lets people without an account report."""
    settings.PUBLIC_REPORTS = True


@pytest.fixture
def officer(cast):
    """The risk officer of the group."""
    return samples.writer(cast)


def post(client=None, **said):
    return (client or Client()).post(PAGE, {**SAID, **said})


def link_of(answer) -> str:
    return re.search(r'href="http://testserver(/report/[^"]+)"', answer.content.decode())[1]


# ---- who may


def test_without_the_setting_the_page_asks_to_sign_in(cast):
    """S-149: the operator allows it or not."""
    assert Client().get(PAGE).status_code == post().status_code == 302
    assert not RegisterEntry.objects.exists()


def test_people_without_an_account_report_and_an_officer_has_it_to_do(cast, is_open, officer):
    """S-149: nothing but the words is kept."""
    answer = post()
    assert answer.status_code == 200 and "Thank you" in answer.content.decode()
    row = RegisterEntry.objects.get(kind="outside_report")
    assert (row.author, row.title, row.fields["text"], row.status) == (None, SAID["place"], SAID["text"], "received")
    task = Task.objects.visible_to(officer).waiting().get(kind=Task.Kind.RECEIVED)
    assert (task.object_id, task.due_on) == (row.pk, row.due_on)
    assert AuditEntry.objects.get(object_id=row.pk).action == "report.received"


def test_the_page_tells_nothing_of_what_exists(cast, is_open):
    """S-149: no system, no person, no unit; the same words whether a place exists or not."""
    system = factories.make_system(cast)
    page = Client().get(PAGE).content.decode()
    assert system.name not in page and cast.owner.name not in page and 'name="system"' not in page
    told = [
        re.sub(r"(/report/|Token\": \")[^<\"]+", "", post(place=place).content.decode())
        for place in (system.name, "Nowhere")
    ]
    assert told[0] == told[1]


def test_somebody_with_an_account_names_a_system_that_he_or_she_sees(cast, officer):
    system, client = factories.make_system(cast), Client()
    client.force_login(cast.owner)
    assert post(client, sort="flag", system=str(system.pk)).status_code == 200
    row = RegisterEntry.objects.get(kind="feedback_item")
    assert (row.system, row.author, row.fields["feedback_type"]) == (system, cast.owner, "flag")
    client.force_login(cast.outsider)
    assert post(client, sort="flag", system=str(system.pk)).status_code == 422


# ---- spam


def test_what_falls_into_the_trap_is_thanked_for_and_thrown_away(cast, is_open):
    """G, bad input: spam on the public page."""
    assert "Thank you" in post(website="https://spam.example").content.decode()
    assert not RegisterEntry.objects.exists() and not Task.objects.filter(kind=Task.Kind.RECEIVED).exists()


def test_one_address_reports_so_often_and_no_more(cast, is_open):
    """G, bad input: the sixth within a quarter of an hour is refused with how long to wait."""
    assert [post().status_code for _time in range(6)] == [200] * 5 + [429]
    assert RegisterEntry.objects.count() == 5


@pytest.mark.parametrize("said", [{"text": "Bad."}, {"text": "x" * 5001}, {"sort": "nonsense"}, {"sort": ""}])
def test_a_report_that_says_nothing_or_too_much_is_refused_at_its_field(cast, is_open, said):
    assert post(**said).status_code == 422
    assert not RegisterEntry.objects.exists()


def test_html_in_any_field_is_shown_as_it_was_written(cast, is_open, officer):
    """G, bad input: HTML in any field."""
    evil = "<script>alert(1)</script><b>bold</b>"
    post(place=evil, text=evil)
    client = Client()
    client.force_login(officer)
    row = RegisterEntry.objects.get()
    for path in (row.get_absolute_url(), "/registers/outside_report/", "/"):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page and "<b>bold" not in page


# ---- what becomes of it


@pytest.mark.parametrize("name", list(known()))
def test_each_sort_is_written_in_its_register_with_somebody_who_answers(cast, is_open, name):
    """S-148, S-116, S-045: flags, complaints, appeals, findings of researchers, comments on the registry."""
    post(sort=name)
    row, sort = RegisterEntry.objects.get(), known()[name]
    assert row.kind == sort.kind and actions.is_of(row, sort) and row.due_on is not None
    assert Task.objects.waiting().filter(kind=Task.Kind.RECEIVED, object_id=row.pk).exists()


def test_a_flag_gets_an_answer_that_its_reporter_reads_and_nobody_else_finds(cast, is_open, officer):
    """S-148: it is not decided without an answer; the key cannot be guessed."""
    path = link_of(post(sort="complaint"))
    row = RegisterEntry.objects.get()
    assert "It is being read" in Client().get(path).content.decode()
    with pytest.raises(NotAllowed, match="Write the answer first"):
        registers.move_entry(row, move="decide", reason="We looked at it.", actor=officer)
    given = {
        **{name: value for name, value in row.fields.items() if name != "decided_at"},
        "response": "We stopped the letters.",
    }
    registers.edit_entry(row, title=row.title, fields=given, due_on=row.due_on, actor=officer)
    assert "We stopped" not in Client().get(path).content.decode()
    registers.move_entry(row, move="decide", reason="We looked at it.", actor=officer)
    assert "We stopped the letters." in Client().get(path).content.decode()
    assert SAID["text"] not in Client().get(path).content.decode()
    for wrong in (reverse("hear-answer", args=[str(row.pk)]), path[:-3] + "xx/"):
        assert Client().get(wrong).status_code == 404


def test_a_finding_of_a_researcher_is_confirmed_fixed_by_another_and_made_public(cast, is_open):
    """S-116: from the report to the disclosure, with an answer at each step."""
    guard = factories.invite("guard", "Gustav Guard", Duty.SECURITY_OFFICER, subjects.root(), cast.administrator)
    path = link_of(post(sort="finding"))
    row = RegisterEntry.objects.get(kind="outside_finding")
    for move in ("confirm", "fix", "disclose"):
        mover = samples.writer(cast) if move == "confirm" else guard
        registers.move_entry(row, move=move, reason=f"It is done: {move}.", actor=mover)
    assert "It is done: disclose." in Client().get(path).content.decode()


def test_a_concern_names_nobody_and_is_read_by_officers_alone(cast, officer):
    """S-043: with an account, too, the writer is not kept with a concern; owners and approvers do not read it."""
    client = Client()
    client.force_login(cast.owner)
    post(client, sort="concern", text="I was pressed to skip a review.")
    row = RegisterEntry.objects.get(kind="concern")
    assert row.author is None and AuditEntry.objects.get(object_id=row.pk).actor is None
    assert RegisterEntry.objects.visible_to(officer).filter(pk=row.pk).exists()
    for person in (cast.owner, cast.approver, cast.auditor, cast.publisher):
        assert not RegisterEntry.objects.visible_to(person).filter(pk=row.pk).exists()


def test_a_comment_on_the_registry_gets_an_answer(cast, is_open, officer):
    """S-045."""
    path = link_of(post(sort="comment"))
    row = RegisterEntry.objects.get(kind="registry_comment")
    registers.move_entry(row, move="plan", reason="It comes with the next version.", actor=officer)
    assert "It comes with the next version." in Client().get(path).content.decode()


@pytest.mark.parametrize(("old", "new", "told"), [
    ("kind: registry_comment", "kind: nowhere", "nowhere"), ("duty: ai_coe", "duty: king", "king"),
    ("field: outcome", "field: moon", "moon"), ("[resolved, closed]", "[gone]", "gone"),
])  # fmt: skip
def test_a_file_of_sorts_that_cannot_be_used_is_refused_with_the_reason(tmp_path, old, new, told):
    file = tmp_path / "report_page.yaml"
    file.write_text(FILE.read_text().replace(old, new))
    with pytest.raises(BadInput, match=r"report_page\.yaml") as refusal:
        read(file)
    assert told in str(refusal.value)


def test_a_report_is_answered_by_who_may_and_not_by_others(cast, is_open):
    post()
    row = RegisterEntry.objects.get()
    with pytest.raises(NotAllowed):
        registers.move_entry(row, move="answer", reason="We looked at it.", actor=cast.publisher)
    assert kind_named("outside_report").view == "incident.manage"
