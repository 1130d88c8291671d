"""Mails about tasks: what is due, once a day, in the person's language, through a real mail server, again after a failure."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.actions import work
from registry.mailing import contents, sending
from registry.models import DailyMail, Duty, Task, User
from registry.reminders import daily
from tests import factories
from tests.registry import smtp

TODAY = timezone.localdate


@pytest.fixture
def server(settings):
    """A mail server, named as an installation names its own."""
    with smtp.running() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", found.port, 5
        settings.SENDS_MAIL, settings.PUBLIC_URL = True, "https://attestry.bank.example/"
        yield found


@pytest.fixture
def task(cast):
    """Something that the owner has to do tomorrow, with an executive above."""
    factories.invite("executive", "Elsa Executive", Duty.EXECUTIVE, cast.unit, cast.administrator)
    system = factories.make_system(cast)
    version = factories.make_version(cast, factories.make_model(cast, system))
    return work.open_task(
        version, kind=Task.Kind.MEND, system=system, url=version.get_absolute_url(), person=cast.owner,
        due_on=TODAY() + timedelta(days=1), actor=None,
    )  # fmt: skip


def on_day(day: date, monkeypatch) -> int:
    """What the worker does on a day: reminders, then mails; how many were sent."""
    noon = timezone.now().replace(hour=12) + (day - TODAY())
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "localdate", lambda *args: day)
        patch.setattr(timezone, "now", lambda: noon)
        daily.run(day)
        return sending.send_due(day)


def wish(person: User, mail: str, language: str = "en") -> None:
    """How often, and in which language."""
    User.objects.filter(pk=person.pk).unlogged_update(mail=mail, language=language)


def test_whoever_has_something_due_gets_one_mail_with_title_day_and_link(task, cast, server):
    daily.run(TODAY())
    assert [sending.send_due(TODAY()), sending.send_due(TODAY())] == [1, 0]
    (letter,) = server.letters
    assert letter["To"] == cast.owner.email
    text = letter.get_body(("plain",)).get_content()
    assert f"{task.label} ({task.due_on})" in text
    assert f"https://attestry.bank.example{task.url}" in text
    assert f'<a href="https://attestry.bank.example{task.url}">' in letter.get_body(("html",)).get_content()


def test_it_is_written_in_the_persons_language(task, cast, server):
    wish(cast.owner, "daily", "zh-hans")
    daily.run(TODAY())
    sending.send_due(TODAY())
    text = server.letters[0].get_body(("plain",)).get_content()
    assert "即将到期" in text
    assert "项任务" in server.letters[0]["Subject"]


def test_no_text_that_somebody_wrote_stands_in_it(task, cast, server):
    """Titles, days and links alone: no purpose, no reason, no name of anybody."""
    daily.run(TODAY())
    sending.send_due(TODAY())
    whole = server.letters[0].as_string()
    assert task.system.purpose not in whole
    assert [name for name, person in cast.everyone().items() if person.name in whole] == []


def test_nothing_is_sent_nor_kept_where_no_mail_server_is_named(task, server, settings):
    settings.SENDS_MAIL = False
    daily.run(TODAY())
    assert sending.send_due(TODAY()) == 0
    assert server.letters == []
    assert not DailyMail.objects.exists()


def test_what_nobody_was_reminded_of_is_told_to_nobody(task, server):
    assert sending.send_due(TODAY()) == 0
    assert server.letters == []


def test_a_mail_that_was_not_taken_is_sent_again_later_and_once(task, server, monkeypatch, caplog):
    daily.run(TODAY())
    server.refusals = 1
    assert sending.send_due(TODAY()) == 0
    row = DailyMail.objects.get(sent_at__isnull=True)
    assert "could not be sent" in caplog.text
    assert "451" in row.says
    assert sending.send_due(TODAY()) == 0, "not before its time"
    later = row.next_try_at + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert [sending.send_due(TODAY()), sending.send_due(TODAY())] == [1, 0]
    assert len(server.letters) == 1


def test_a_mail_server_that_is_not_there_stops_nothing(task, server, settings, caplog):
    daily.run(TODAY())
    settings.EMAIL_PORT = 9
    assert sending.send_due(TODAY()) == 0
    assert "could not be sent" in caplog.text
    assert DailyMail.objects.get(sent_at__isnull=True).tries == 1


def test_two_workers_do_not_send_one_mail_twice(task, server):
    """The row is taken before the server is called; a worker that read it earlier finds it taken."""
    daily.run(TODAY())
    sending.send_due(TODAY())
    DailyMail.objects.filter(tries=1).update(sent_at=None)
    stale = DailyMail.objects.get(tries=1)
    DailyMail.objects.filter(pk=stale.pk).update(tries=2)
    assert sending.send(stale) == 0
    assert len(server.letters) == 1


def test_what_was_done_meanwhile_is_told_to_nobody(task, cast, server):
    daily.run(TODAY())
    server.refusals = 1
    sending.send_due(TODAY())
    work.close_tasks(cast_version(task), actor=cast.owner)
    row = DailyMail.objects.get(sent_at__isnull=True)
    assert sending.send(row) == 0
    assert server.letters == []
    assert DailyMail.objects.get(pk=row.pk).sent_at is not None


def cast_version(task):
    """The version that the task is about."""
    from registry.models import ModelVersion

    return ModelVersion.objects.get(pk=task.object_id)


@pytest.mark.parametrize(("mail", "days"), [
    ("daily", [0, 1, 2, 3, 4, 5, 6, 7]), ("weekly", [3]), ("off", []),
])  # fmt: skip
def test_each_person_chooses_how_often(task, cast, server, monkeypatch, mail, days):
    """From a Friday on, a task that was due on its eve: daily, on the Monday, or not at all."""
    friday = TODAY() + timedelta(days=(4 - TODAY().weekday()) % 7)
    task.due_on = friday + timedelta(days=1)
    task.save()
    wish(cast.owner, mail)
    User.objects.exclude(pk=cast.owner.pk).unlogged_update(mail="off")
    got = []
    for number in range(8):
        on_day(friday + timedelta(days=number), monkeypatch)
        if any(letter["To"] == cast.owner.email for letter in server.letters):
            got.append(number)
        server.letters.clear()
    assert got == days


def test_what_is_handed_up_reaches_also_whoever_wants_no_mails_and_only_once(task, cast, server, monkeypatch):
    User.objects.filter(is_active=True).unlogged_update(mail="off")
    sent = {}
    for number in range(2, 8):
        on_day(task.due_on + timedelta(days=number), monkeypatch)
        sent[number] = [letter["To"] for letter in server.letters]
        server.letters.clear()
    assert {number: to for number, to in sent.items() if to} == {3: ["executive@bank.example"]}


def test_the_preference_is_set_on_a_page(cast, client):
    client.force_login(cast.owner)
    assert client.post(reverse("mail-preference"), {"mail": "weekly"}).status_code == 302
    cast.owner.refresh_from_db()
    assert cast.owner.mail == "weekly"
    assert client.post(reverse("mail-preference"), {"mail": "hourly"}).status_code == 422


@pytest.mark.parametrize(("public", "trusted", "hosts", "found"), [
    ("https://a.example/", ["https://b.example"], ["c.example"], "https://a.example"),
    ("", ["https://*.b.example", "https://b.example"], ["c.example"], "https://b.example"),
    ("", [], ["c.example"], "http://c.example"),
])  # fmt: skip
def test_links_lead_to_the_configured_address(settings, public, trusted, hosts, found):
    settings.PUBLIC_URL, settings.CSRF_TRUSTED_ORIGINS, settings.ALLOWED_HOSTS = public, trusted, hosts
    assert contents.origin() == found
