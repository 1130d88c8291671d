"""Incidents: reported by anybody of the unit, handled by few, closed with their cause by who neither reported nor owns."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry import gates
from registry.actions import tokens
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Duty, Task
from registry.release_gates import preview
from risk import actions
from risk.models import Incident, IncidentNote
from tests import factories
from tests.risk.steps import ended, events, registered, reported

pytestmark = pytest.mark.django_db
REASON = "It came back on Monday with the next posting."


@pytest.fixture
def system(cast):
    return factories.make_system(cast)


@pytest.fixture
def incident(cast, system):
    """Reported by the owner."""
    return reported(cast, system)


# ---- report


@pytest.mark.parametrize("part", ["owner", "risk_officer", "privacy_officer", "approver", "publisher", "administrator"])
def test_whoever_works_in_the_unit_may_report(cast, system, part):
    found = reported(cast, system, actor=getattr(cast, part))
    assert (found.status, found.reporter) == ("open", getattr(cast, part))
    assert events(found) == ["incident.reported"]


@pytest.mark.parametrize("part", ["auditor", "outsider"])
def test_an_auditor_and_an_outsider_report_nothing(cast, system, part):
    with pytest.raises(NotAllowed):
        reported(cast, system, actor=getattr(cast, part))
    assert not Incident.objects.exists()


def test_it_waits_for_the_risk_officer_and_where_personal_data_is_concerned_for_the_privacy_officer(cast, system):
    plain, private = reported(cast, system), reported(cast, system, is_privacy=True)
    for person, waiting in ((cast.risk_officer, {plain.pk, private.pk}), (cast.privacy_officer, {private.pk})):
        tasks = Task.objects.visible_to(person).waiting().filter(kind=Task.Kind.INCIDENT)
        assert set(tasks.values_list("object_id", flat=True)) == waiting


@pytest.mark.parametrize(("changes", "field"), [
    ({"detected_at": timezone.now() + timedelta(days=1)}, "detected_at"), ({"description": "Bad."}, "description"),
    ({"severity": "awful"}, "severity"), ({"kind": "nonsense"}, "kind"), ({"title": ""}, "title"),
    ({"status": "closed"}, "status"), ({"reporter": None}, "reporter"), ({"root_cause": "known"}, "root_cause"),
])  # fmt: skip
def test_a_report_that_cannot_be_is_refused_at_its_field(cast, system, changes, field):
    with pytest.raises(BadInput) as refusal:
        reported(cast, system, **changes)
    assert refusal.value.field == field


def test_a_version_of_another_system_is_refused(cast, system):
    """G, bad input: an incident on a version that does not belong there."""
    with pytest.raises(BadInput, match="no version of this system"):
        reported(cast, system, version=factories.make_version(cast))
    version = factories.make_version(cast, factories.make_model(cast, system))
    assert reported(cast, system, version=version).system_version == str(version.pk)


def test_an_incident_on_a_version_that_does_not_exist_is_refused_at_its_field(cast, system, client):
    """G, bad input: by the page and by the API; nothing is written."""
    said = {"title": "Outage at night", "kind": "outage", "description": REASON, "severity": "low",
            "detected_at": "2026-01-02T03:04", "version": str(uuid4())}  # fmt: skip
    client.force_login(cast.owner)
    page = client.post(reverse("incident-report", args=[system.pk]), said)
    assert page.status_code == 422 and page.context["form"].errors["version"]
    _row, secret = tokens.create_token(
        cast.owner, name="desk", scopes=["models:read", "incidents:write"], unit=cast.unit, days=1
    )
    answer = Client(headers={"Authorization": f"Bearer {secret}"}).post(
        "/api/v1/incidents/", {**said, "system": str(system.pk)}, content_type="application/json"
    )
    assert answer.status_code == 400 and "version" in answer.json()["errors"]
    assert not Incident.objects.exists()


# ---- who reads


@pytest.mark.parametrize(("part", "reads"), [
    ("owner", True), ("risk_officer", True), ("privacy_officer", True), ("approver", True), ("auditor", True),
    ("publisher", False), ("administrator", False), ("outsider", False),
])  # fmt: skip
def test_it_is_read_by_those_whose_duty_says_so(cast, incident, client, part, reads):
    client.force_login(getattr(cast, part))
    assert client.get(incident.get_absolute_url()).status_code == (200 if reads else 404)
    assert (incident.title in client.get(reverse("incidents")).content.decode()) == reads


def test_an_author_reads_what_he_or_she_reported_and_nothing_else(cast, system, incident):
    author = factories.invite("author", "Arne Author", Duty.AUTHOR, cast.unit, cast.administrator)
    own = reported(cast, system, actor=author)
    assert list(Incident.objects.visible_to(author)) == [own]


# ---- handle


def test_a_risk_officer_gives_it_to_somebody_and_notes_what_was_found(cast, incident):
    risk = registered(cast, incident.system)
    actions.manage_incident(
        incident, status="contained", severity="high", owner=cast.owner, risk=risk, note="Posting is stopped.",
        actor=cast.risk_officer,
    )  # fmt: skip
    incident.refresh_from_db()
    assert (incident.status, incident.severity, incident.owner, incident.risk) == (
        "contained",
        "high",
        cast.owner,
        risk,
    )
    note = IncidentNote.objects.get()
    assert (note.text, note.person) == ("Posting is stopped.", cast.risk_officer)
    assert events(incident) == ["incident.reported", "incident.managed"] and events(note) == ["incident_note.written"]
    assert Task.objects.visible_to(cast.owner).waiting().filter(object_id=incident.pk).exists()


@pytest.mark.parametrize("part", ["owner", "approver", "publisher", "auditor", "administrator", "outsider"])
def test_nobody_else_handles_closes_or_opens_again(cast, incident, part):
    person, before = getattr(cast, part), AuditEntry.objects.count()
    for act in (lambda: actions.manage_incident(incident, note="Hm, strange.", actor=person),
                lambda: ended(incident, person),
                lambda: actions.reopen_incident(incident, reason=REASON, actor=person)):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()
    assert AuditEntry.objects.count() == before


def test_a_privacy_officer_handles_incidents_about_personal_data_alone(cast, system, incident):
    """The note to the cells of incident.manage and incident.close."""
    with pytest.raises(NotAllowed, match="no personal data"):
        actions.manage_incident(incident, note="I look into it.", actor=cast.privacy_officer)
    with pytest.raises(NotAllowed, match="no personal data"):
        ended(incident, cast.privacy_officer)
    private = reported(cast, system, is_privacy=True)
    actions.manage_incident(private, note="I look into it.", actor=cast.privacy_officer)
    assert ended(private, cast.privacy_officer).is_closed


@pytest.mark.parametrize(("changes", "field"), [
    ({"status": "closed"}, "status"), ({"status": "gone"}, "status"), ({"reporter": None}, "reporter"),
    ({"closed_at": None}, "closed_at"), ({}, "note"), ({"status": "open"}, "note"),
])  # fmt: skip
def test_what_cannot_be_changed_or_changes_nothing_is_refused(cast, incident, changes, field):
    with pytest.raises(BadInput) as refusal:
        actions.manage_incident(incident, actor=cast.risk_officer, **changes)
    assert refusal.value.field == field


@pytest.mark.parametrize(("severity", "days"), [("critical", 1), ("high", 2), ("medium", 7), ("low", 14)])
def test_the_graver_it_is_the_sooner_somebody_looks_and_whoever_has_it_has_it_alone(cast, system, severity, days):
    """Each task has a date; once it is given to somebody, it waits for the risk officers no more."""
    found = reported(cast, system, severity=severity)
    (task,) = Task.objects.waiting().filter(object_id=found.pk)
    assert (task.duty, task.due_on) == (Duty.RISK_OFFICER, timezone.localdate() + timedelta(days=days))
    actions.manage_incident(found, owner=cast.risk_officer, actor=cast.risk_officer)
    (task,) = Task.objects.waiting().filter(object_id=found.pk)
    assert (task.person, task.duty) == (cast.risk_officer, "") and task.due_on is not None


def test_it_is_given_to_nobody_who_may_not_read_it(cast, incident):
    for person in (cast.publisher, cast.outsider):
        with pytest.raises(BadInput) as refusal:
            actions.manage_incident(incident, owner=person, actor=cast.risk_officer)
        assert refusal.value.field == "owner"


def test_what_is_told_of_an_incident_is_filed_under_nothing_that_packs_carry(cast, incident):
    """Packs hold the entries about a version and its system, texts included; their readers are others."""
    actions.manage_incident(incident, note="Posting is stopped.", actor=cast.risk_officer)
    ended(incident, cast.risk_officer)
    about = AuditEntry.objects.filter(action__startswith="incident").values_list("about_id", flat=True)
    assert set(about) == {incident.pk} and len(about) == 4


def test_a_risk_of_another_system_is_not_linked(cast, incident):
    with pytest.raises(BadInput, match="another system"):
        actions.manage_incident(
            incident, risk=registered(cast, factories.make_system(cast)), actor=cast.risk_officer
        )  # fmt: skip


# ---- close and open again


def test_somebody_else_closes_it_with_cause_and_remedy(cast, incident):
    ended(incident, cast.risk_officer, lessons="Objections are read anew each time.")
    incident.refresh_from_db()
    assert (incident.status, incident.closed_by) == ("closed", cast.risk_officer)
    assert incident.post_mortem_at == incident.closed_at is not None
    assert events(incident) == ["incident.reported", "incident.closed"]
    assert not Task.objects.waiting().filter(object_id=incident.pk).exists()


def test_its_reporter_does_not_close_it(cast, system):
    """R9, in the action and in the database."""
    found = reported(cast, system, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="You reported this incident"):
        ended(found, cast.risk_officer)
    found.closed_by, found.closed_at, found.status = cast.risk_officer, timezone.now(), "closed"
    with pytest.raises(IntegrityError), transaction.atomic():
        found.save()


def test_an_owner_of_the_system_does_not_close_it(cast):
    """R9: with a risk officer's duty in the hand of the business owner."""
    system = factories.make_system(cast, business_owner=cast.risk_officer)
    found = reported(cast, system, actor=cast.approver)
    with pytest.raises(NotAllowed, match="You own"):
        ended(found, cast.risk_officer)


@pytest.mark.parametrize("missing", ["root_cause", "remedy"])
def test_without_cause_and_remedy_it_is_not_closed(cast, incident, missing):
    with pytest.raises(BadInput) as refusal:
        ended(incident, cast.risk_officer, **{missing: "  ?  "})
    assert refusal.value.field == missing


def test_it_is_opened_again_with_a_reason_and_its_first_end_stays_readable(cast, incident):
    ended(incident, cast.risk_officer)
    with pytest.raises(NotAllowed, match="is closed"):
        actions.manage_incident(incident, note="One more thing.", actor=cast.risk_officer)
    actions.reopen_incident(incident, reason=REASON, actor=cast.risk_officer)
    incident.refresh_from_db()
    assert (incident.status, incident.closed_by, incident.closed_at) == ("open", None, None)
    assert incident.root_cause and not incident.post_mortem_at is not None
    assert events(incident) == ["incident.reported", "incident.closed", "incident.reopened"]
    with pytest.raises(NotAllowed, match="is open"):
        actions.reopen_incident(incident, reason=REASON, actor=cast.risk_officer)


# ---- pages and REST


def test_it_is_reported_handled_closed_and_opened_again_by_pages(cast, system, client):
    client.force_login(cast.owner)
    assert "No incident is open" in client.get(reverse("incidents")).content.decode()
    assert system.name in client.get(reverse("incident-new")).content.decode()
    data = {"title": "Wrong letters", "kind": "wrong_output", "description": REASON, "severity": "high",
            "detected_at": "2026-01-02T03:04", "is_privacy": "on"}  # fmt: skip
    answer = client.post(reverse("incident-report", args=[system.pk]), data)
    found = Incident.objects.get()
    assert answer["Location"] == found.get_absolute_url()
    assert "Close the incident" not in client.get(found.get_absolute_url()).content.decode()
    client.force_login(cast.risk_officer)
    client.post(reverse("incident-manage", args=[found.pk]), {"status": "resolved", "severity": "high", "note": REASON})
    closing = {"root_cause": REASON, "remedy": "Read <anew> each time."}
    assert client.post(reverse("incident-close", args=[found.pk]), closing).status_code == 302
    page = client.get(found.get_absolute_url()).content.decode()
    assert "Read &lt;anew&gt; each time." in page and "Open again" in page
    assert client.post(reverse("incident-reopen", args=[found.pk]), {"reason": REASON}).status_code == 302
    found.refresh_from_db()
    assert found.status == "open"


def test_the_tab_of_a_version_lists_the_incidents_that_the_reader_may_read(cast, system, incident, client):
    version = factories.make_version(cast, factories.make_model(cast, system))
    for person, reads in ((cast.risk_officer, True), (cast.publisher, False)):
        client.force_login(person)
        page = client.get(reverse("version-risks", args=[version.pk])).content.decode()
        assert (incident.title in page) == reads
        assert "Report an incident" in page


def test_a_publisher_who_reports_is_thanked_and_sees_the_list_without_it(cast, system, client):
    """incident.view has no cell for a publisher."""
    client.force_login(cast.publisher)
    data = {"title": "Wrong letters", "kind": "outage", "description": REASON, "severity": "low",
            "detected_at": "2026-01-02T03:04"}  # fmt: skip
    answer = client.post(reverse("incident-report", args=[system.pk]), data, follow=True).content.decode()
    assert "Reported." in answer and "Wrong letters" not in answer


def test_whoever_reported_reads_why_he_or_she_does_not_close(cast, system, client):
    found = reported(cast, system, actor=cast.risk_officer)
    client.force_login(cast.risk_officer)
    page = client.get(found.get_absolute_url()).content.decode()
    assert "You reported this incident" in page and "Close the incident" not in page
    answer = client.post(reverse("incident-close", args=[found.pk]), {"root_cause": REASON, "remedy": REASON})
    assert answer.status_code == 422 and "You reported this incident" in answer.content.decode()


def test_a_token_reports_and_works_on_incidents_and_closes_none(cast, system):
    """B.4: closing is a decision."""
    registered(cast, system)
    scopes = ["models:read", "incidents:write"]
    _row, secret = tokens.create_token(cast.risk_officer, name="desk", scopes=scopes, unit=cast.unit, days=1)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    data = {"system": str(system.pk), "title": "Outage at night", "kind": "outage", "description": REASON,
            "detected_at": timezone.now().isoformat(), "severity": "low"}  # fmt: skip
    made = client.post("/api/v1/incidents/", data, content_type="application/json")
    assert made.status_code == 201, made.content
    url = f"/api/v1/incidents/{made.json()['id']}/"
    changes = {"status": "contained", "owner": cast.owner.email, "note": REASON}
    changed = client.post(url + "manage/", changes, content_type="application/json")
    assert (changed.status_code, changed.json()["status"], changed.json()["owner"]) == (
        200,
        "contained",
        str(cast.owner.pk),
    )
    end = {"root_cause": REASON, "remedy": REASON}
    assert client.post(url + "close/", end, content_type="application/json").status_code in {403, 409}
    reader = tokens.create_token(cast.risk_officer, name="r", scopes=["models:read"], unit=cast.unit, days=1)[1]
    other = Client(headers={"Authorization": f"Bearer {reader}"})
    assert other.get(url).json()["title"] == "Outage at night"
    assert other.post(url + "manage/", {"note": REASON}, content_type="application/json").status_code == 403


def test_the_list_needs_no_more_queries_for_more_incidents(cast, system, client, django_assert_max_num_queries):
    for _number in range(12):
        reported(cast, system)
    client.force_login(cast.risk_officer)
    client.get(reverse("incidents"))
    with django_assert_max_num_queries(9):
        client.get(reverse("incidents"))


# ---- the gate


def test_an_open_serious_incident_stops_a_release_where_the_policy_asks(cast):
    """The tier high asks; the tier limited does not; a closed one stops nothing."""
    for tier, stops in (("limited", False), ("high", True)):
        version = factories.make_version(cast, factories.make_model(cast, factories.make_system(cast, risk_tier=tier)))
        release = preview(version)
        assert gates.answer("no-open-serious-incident", release).result == gates.PASSED
        reported(cast, version.home_system)
        assert gates.answer("no-open-serious-incident", release).result == gates.PASSED
        found = reported(cast, version.home_system, serious=True)
        answer = gates.answer("no-open-serious-incident", release)
        assert (answer.result == gates.FAILED) == stops
        assert (found.get_absolute_url() == answer.place) == stops
        ended(found, cast.risk_officer)
        assert gates.answer("no-open-serious-incident", release).result == gates.PASSED
