"""A report from the report page becomes an incident with one act, tied to it, and whoever reported it reads how far it is."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from registry.actions import hearing, registers
from registry.errors import NotAllowed
from registry.models import RegisterEntry, Task
from risk.actions import outside
from risk.models import Incident
from tests.factories import make_system
from tests.registry.registers import samples
from tests.risk.steps import ended, events

pytestmark = pytest.mark.django_db
TEXT = "I got a letter that was meant for somebody else."


@pytest.fixture
def system(cast):
    return make_system(cast)


@pytest.fixture
def officer(cast):
    """The risk officer of the group, who answers such reports."""
    return samples.writer(cast)


@pytest.fixture
def report(officer) -> RegisterEntry:
    """What somebody without an account reported."""
    return hearing.receive(sort="incident", place="Letters about loans", text=TEXT)


def page_of(report: RegisterEntry) -> str:
    """What whoever reported it reads."""
    return Client().get(f"/report/{hearing.key_to(report)}/").content.decode()


def sent(client, report: RegisterEntry, system, **said):
    """The form as its page fills it, with what a person adds."""
    path = reverse("report-take-up", args=[report.pk])
    begun = client.get(path).context["form"]
    filled = {name: begun[name].value() for name in ("title", "description", "detected_at")}
    filled["detected_at"] = re.search(r'name="detected_at" value="([^"]+)"', client.get(path).content.decode())[1]
    return client.post(path, {**filled, "system": str(system.pk), "kind": "wrong_output", "severity": "medium", **said})


def test_one_act_makes_it_an_incident_that_says_what_was_reported(cast, officer, system, report, as_person):
    """S-149: prefilled, tied to each other, both in the log, and the task to answer is done for now."""
    client = as_person(officer)
    assert reverse("report-take-up", args=[report.pk]) in client.get(report.get_absolute_url()).content.decode()
    answer = sent(client, report, system)
    incident = Incident.objects.get()
    assert answer.status_code == 302 and answer.url == incident.get_absolute_url()
    assert (incident.system, incident.title, incident.description) == (system, "Letters about loans", TEXT)
    report.refresh_from_db()
    assert (report.status, report.fields["incident"]) == ("taken_up", str(incident.pk))
    assert incident.get_absolute_url() in client.get(report.get_absolute_url()).content.decode()
    assert report.get_absolute_url() in client.get(incident.get_absolute_url()).content.decode()
    assert events(incident)[0] == "incident.reported" and events(report) == ["report.received", "entry.moved"]
    assert not Task.objects.waiting().filter(object_id=report.pk).exists()


def test_whoever_reported_it_reads_how_far_it_is(cast, officer, system, report, as_person):
    """S-148: received, taken up, answered; nothing of the report or the incident."""
    assert "Received" in page_of(report) and "It is being read" in page_of(report)
    sent(as_person(officer), report, system)
    told = page_of(report)
    assert "Taken up" in told and "People are at work on it" in told
    assert TEXT not in told and system.name not in told
    report.refresh_from_db()
    registers.move_entry(report, move="answer", reason="The list is read anew each day.", actor=officer)
    assert "The list is read anew each day." in page_of(report)


def test_when_the_incident_is_closed_the_answer_is_asked_for(cast, officer, system, report, as_person):
    sent(as_person(officer), report, system)
    ended(Incident.objects.get(), cast.risk_officer)
    (task,) = Task.objects.waiting().filter(object_id=report.pk)
    assert (task.kind, task.person) == (Task.Kind.RECEIVED, report.owner)


def test_nobody_says_that_it_is_an_incident_without_one(officer, report):
    with pytest.raises(NotAllowed, match="on its own page"):
        registers.move_entry(report, move="take_up", reason="We look into it.", actor=officer)


def test_a_refused_report_leaves_the_entry_as_it_was(cast, officer, system, report, as_person):
    """All of it, or nothing: what cannot be an incident moves nothing."""
    assert sent(as_person(officer), report, system, kind="").status_code == 422
    report.refresh_from_db()
    assert report.status == "received" and not Incident.objects.exists()


def test_it_is_taken_up_once_and_at_the_system_that_it_is_about(cast, officer, system):
    report = hearing.receive(sort="incident", place="", text=TEXT, actor=cast.owner, system=system)
    said = {"title": "A letter went astray", "description": TEXT, "detected_at": report.created_at,
            "kind": "wrong_output", "severity": "medium", "actor": officer}  # fmt: skip
    with pytest.raises(NotAllowed, match="take it up there"):
        outside.take_up_report(report, system=make_system(cast, name="Another"), **said)
    outside.take_up_report(report, system=system, **said)
    with pytest.raises(NotAllowed, match="does not begin there"):
        outside.take_up_report(report, system=system, **said)
    assert Incident.objects.count() == 1


@pytest.mark.parametrize("who", ["publisher", "outsider", "auditor"])
def test_who_may_not_answer_reports_takes_none_up(cast, report, as_person, who):
    assert as_person(getattr(cast, who)).get(reverse("report-take-up", args=[report.pk])).status_code in {403, 404}
