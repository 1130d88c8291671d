"""What an incident sets off: the approval is suspended, the board told, clocks run; lifting needs a new decision."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from registry import gates
from registry.actions import register_approval as approval, registers
from registry.errors import BadInput, GateClosed, NotAllowed
from registry.models import Duty, ModelVersion, RegisterEntry, Task
from registry.registers import kind_named, reminders
from risk import actions
from risk.models import Suspension
from risk.response import clocks, rules
from tests import factories
from tests.registry import releasing
from tests.registry.registers import samples
from tests.risk.steps import ended, events, registered, reported

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(cast):
    """Published."""
    return releasing.published(cast)


@pytest.fixture
def at(monkeypatch):
    """Sets the clock of the program, as far as it asks Django for the time."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment)


def serious(cast, release, **changes):
    """A serious incident with the released version."""
    said = {"version": release.version, "serious": True, "severity": "high"}
    return reported(cast, release.system, **{**said, **changes})


def status_of(release) -> str:
    return ModelVersion.objects.get(pk=release.version_id).status


# ---- suspension


def test_a_serious_incident_suspends_a_published_version_and_tells_the_board(cast, release):
    """S-150: the sign-offs are void, the software says why, and who sits on the board has it in his or her work."""
    chair = factories.invite("chair", "Carla Chair", Duty.BOARD_CHAIR, cast.unit, cast.administrator)
    incident = serious(cast, release)
    assert status_of(release) == "suspended"
    row = Suspension.objects.get()
    assert (row.incident, row.release) == (incident, release) and events(row) == ["approval.suspended"]
    assert Task.objects.visible_to(chair).waiting().filter(kind=Task.Kind.SUSPENDED).exists()


def test_an_approved_version_goes_back_into_review(cast):
    """S-150: not only what is published."""
    release = releasing.agreed(cast, factories.make_releasable(cast))
    serious(cast, release)
    assert status_of(release) == "in_review"


@pytest.mark.parametrize("changes", [
    {"serious": False}, {"near_miss": True}, {"serious": False, "severity": "medium"},
])  # fmt: skip
def test_others_leave_the_approval_as_it_is(cast, release, changes):
    serious(cast, release, **changes)
    assert status_of(release) == "published" and not Suspension.objects.exists()


def test_one_that_turns_out_to_be_critical_suspends_then(cast, release):
    """S-150: the rule is asked at each change."""
    incident = serious(cast, release, serious=False)
    actions.manage_incident(incident, severity="critical", actor=cast.risk_officer)
    assert status_of(release) == "suspended"


def test_without_a_version_all_of_the_system_are_suspended(cast, release):
    serious(cast, release, version=None)
    assert status_of(release) == "suspended"


def test_lifting_needs_the_incident_closed_and_a_new_decision_by_others(cast, release):
    """S-150: neither the passing of time nor the owner lifts it; the approvers sign anew."""
    incident = serious(cast, release)
    found = gates.answer("no-open-serious-incident", release)
    assert not found.is_open and "suspended it" in found.reason
    with pytest.raises(GateClosed, match="suspended it"):
        releasing.decide(cast, release.review)
    with pytest.raises(NotAllowed):
        ended(incident, cast.owner)
    ended(incident, cast.privacy_officer if incident.is_privacy else cast.risk_officer)
    assert status_of(release) == "suspended"
    releasing.decide(cast, release.review)
    assert status_of(release) == "approved"
    assert not Suspension.objects.standing().exists()


def test_it_is_closed_after_its_corrective_actions_are_verified_by_somebody_else(cast, release):
    """S-150: lessons and corrective actions; nobody verifies his or her own."""
    incident = serious(cast, release)
    row = samples.written(
        kind_named("corrective_action"), cast, release.system, incident=str(incident.pk), title="Ask twice",
        actor=cast.risk_officer,
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="Ask twice"):
        ended(incident, cast.risk_officer, lessons="Ask twice.")
    registers.move_entry(row, move="finish", reason="It asks twice now.", actor=cast.risk_officer)
    with pytest.raises(NotAllowed):
        registers.move_entry(row, move="verify", reason="I saw it ask twice.", actor=cast.risk_officer)
    registers.move_entry(row, move="verify", reason="I saw it ask twice.", actor=cast.privacy_officer)
    assert ended(incident, cast.risk_officer, lessons="Ask twice.").is_closed


# ---- clocks


def running(incident) -> dict[str, clocks.Running]:
    return {one.clock.name: one for one in clocks.running(incident)}


@pytest.mark.parametrize(("said", "clock", "hours"), [
    ({}, "eu_ai_act_serious", 15 * 24), ({"consequence": "death"}, "eu_ai_act_death", 10 * 24),
    ({"consequence": "vital_service"}, "eu_ai_act_widespread", 48),
    ({"consequence": "widespread"}, "eu_ai_act_widespread", 48),
    ({"serious": False, "is_privacy": True}, "gdpr_breach", 72),
])  # fmt: skip
def test_the_law_gives_so_many_hours_and_of_one_law_the_shortest_holds(cast, said, clock, hours):
    """S-150: EU AI Act Art. 73 and GDPR Art. 33, as data with their source."""
    incident = reported(cast, factories.make_system(cast), **{"serious": True, **said})
    [one] = clocks.running(incident)
    assert (one.clock.name, one.ends_at - incident.aware_at) == (clock, timedelta(hours=hours))
    assert one.clock.source.startswith("Regulation (EU)")


def test_a_clock_begins_a_notice_with_its_day_and_a_task_for_who_sends_it(cast):
    lawyer = factories.invite("lawyer", "Lena Lawyer", Duty.LEGAL_COMPLIANCE, cast.unit, cast.administrator)
    incident = reported(cast, factories.make_system(cast), serious=True)
    notice = RegisterEntry.objects.get(kind="incident_notification")
    task = Task.objects.visible_to(lawyer).waiting().get(kind=Task.Kind.TELL_OF_INCIDENT)
    assert task.due_on == notice.due_on == timezone.localdate(incident.aware_at + timedelta(days=15))
    actions.manage_incident(incident, note="Looked at again.", actor=cast.risk_officer)
    assert RegisterEntry.objects.filter(kind="incident_notification").count() == 1


def test_time_runs_out_and_telling_stops_the_clock(cast, at):
    """S-150, with the clock moved: three days pass, and then somebody tells."""
    incident = reported(cast, factories.make_system(cast), is_privacy=True)
    at(incident.aware_at + timedelta(hours=70, minutes=30))
    assert running(incident)["gdpr_breach"].left == "1 hour is left."
    at(incident.aware_at + timedelta(hours=73))
    assert running(incident)["gdpr_breach"].is_over
    notice = RegisterEntry.objects.get(kind="incident_notification")
    fields = {**notice.fields, "sent_at": timezone.localdate().isoformat(), "reference": "2026-17"}
    registers.edit_entry(
        notice, fields={name: fields[name] for name in ("incident", "recipient_type", "sent_at", "reference")},
        due_on=notice.due_on, actor=cast.privacy_officer,
    )  # fmt: skip
    assert not running(incident)["gdpr_breach"].is_over
    assert not Task.objects.waiting().filter(object_id=notice.pk).exists()
    assert notice.pk not in {row.pk for row in reminders.due(timezone.localdate() + timedelta(days=40))}


def test_what_only_nearly_happened_and_what_is_no_high_risk_system_starts_no_clock_of_the_ai_act(cast):
    assert clocks.running(reported(cast, factories.make_system(cast), serious=True, near_miss=True)) == []
    system = factories.make_system(cast)
    lawyer = factories.invite("lawyer", "Lena Lawyer", Duty.LEGAL_COMPLIANCE, cast.unit, cast.administrator)
    row = samples.written(kind_named("eu_classification"), cast, system, tier="minimal", actor=cast.owner)
    approval.submit_entry(row, actor=cast.owner)
    approval.approve_entry(row, reason="It sorts letters by postcode.", actor=lawyer)
    assert clocks.running(reported(cast, system, serious=True)) == []


@pytest.mark.parametrize(("old", "new", "told"), [
    ("hours: 72", "hours: soon", "no whole number"), ("duty: privacy_officer", "duty: king", "king"),
    ("is_privacy: [true]", "moon: [true]", "moon"), ("to: data_protection_authority", "to: nobody", "nobody"),
    ("    law: gdpr\n", "", "law"),
])  # fmt: skip
def test_rules_that_cannot_be_used_are_refused_with_file_place_and_reason(tmp_path, old, new, told):
    """G, bad input."""
    text = rules.FILE.read_text()
    assert old in text
    file = Path(tmp_path / "incident_rules.yaml")
    file.write_text(text.replace(old, new))
    with pytest.raises(BadInput, match=r"incident_rules\.yaml") as refusal:
        rules.read(file)
    assert told in str(refusal.value)


def test_the_page_tells_what_is_suspended_and_how_much_time_is_left(cast, release):
    incident = serious(cast, release)
    client = Client()
    client.force_login(cast.risk_officer)
    page = client.get(incident.get_absolute_url()).content.decode()
    assert "What it suspended" in page and str(release.version) in page
    assert "Article 73(2)" in page and "14 days are left." in page


def test_a_risk_named_by_an_incident_stays_of_its_system(cast, release):
    """G, bad input: a version that is none of this system, also when it is handled."""
    incident = reported(cast, release.system)
    with pytest.raises(BadInput, match="no version of this system"):
        actions.manage_incident(incident, version=factories.make_version(cast), actor=cast.risk_officer)
    assert registered(cast, release.system)
