"""Approved assessments open again by themselves, and a screening says whether one is needed."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation

from registry import gates
from registry.actions import inventory
from registry.audit import followers
from registry.models import AuditEntry, Deployment, Release, Task
from registry.policies.conditions import Case, answer
from registry.release_gates import preview
from risk import actions, living
from risk.actions import reopening
from risk.models import Assessment
from risk.questionnaires import Reply
from risk.reading import assessment_contents
from tests.factories import make_model, make_submittable, make_system, make_version
from tests.registry import data as steps
from tests.risk.steps import answered, approved, events, reported

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(cast):
    return make_version(cast, make_model(cast, make_system(cast)))


def gate(version):
    return gates.answer("pia-approved", preview(version))


def learned(cast, version, **changes):
    """Data that the version learned from."""
    found = steps.version_of(steps.described(cast), **changes)
    inventory.add_link(version, relation="trained_on", purpose="To learn from", target=found, actor=cast.owner)
    return found


def draft(row: Assessment) -> Assessment:
    return Assessment.objects.open().get(reopens=row)


def test_other_training_data_open_it_again_and_close_the_gate(cast, version):
    """The draft has the earlier answers by those who gave them, and names the change and the person."""
    learned(cast, version)
    row = approved(cast, version.home_system)
    assert gate(version).result == "passed"
    found = learned(cast, version)
    fresh = draft(row)
    assert fresh.status == "draft" and fresh.answers_digest == row.answers_digest
    (cause,) = fresh.told_causes()
    assert cause["kind"] == "data" and str(found) in cause["said"] and cause["by"] == "Olga Owner"
    told = gate(version)
    assert told.result == "failed" and str(found) in told.reason and told.place == fresh.get_absolute_url()
    assert AuditEntry.objects.get(action="assessment.taken_up", object_id=fresh.pk).actor_id == cast.owner.pk
    task = Task.objects.waiting().get(object_id=fresh.pk)
    assert task.kind == Task.Kind.ASSESS_AGAIN and task.person == cast.owner


def test_its_causes_are_read_in_the_language_of_the_reader(cast, version):
    """The same cause counts once in any language; one that was kept without its parts is read as it was written."""
    row = approved(cast, version.home_system)
    for language, purpose in (("zh-hans", "Decides who gets a loan."), ("en", "Decides who gets a mortgage.")):
        with translation.override(language):
            inventory.edit_system(version.home_system, purpose=purpose, actor=cast.owner)
    fresh = draft(row)
    assert len(fresh.causes) == 1
    assert fresh.told_causes()[0]["said"] == "The purpose of the system has changed since it was approved."
    with translation.override("zh-hans"):
        assert "purpose" not in fresh.told_causes()[0]["said"]
    fresh.causes = [{"kind": "purpose", "said": "As it was.", "by": "", "on": fresh.causes[0]["on"]}]
    assert fresh.told_causes()[0]["said"] == "As it was."


def test_new_data_of_one_version_leave_the_gate_of_another_open(cast, version):
    """What runs goes on: only the version with data that nobody assessed is held."""
    approved(cast, version.home_system)
    other = make_version(cast, version.model)
    learned(cast, other)
    assert gate(version).result == "passed" and gate(other).result == "failed"


def test_another_purpose_opens_it_again(cast, version):
    row = approved(cast, version.home_system)
    inventory.edit_system(version.home_system, purpose="Decides who gets a loan.", actor=cast.owner)
    assert [cause["kind"] for cause in draft(row).causes] == ["purpose"]


def test_the_same_cause_counts_once(cast, version):
    row = approved(cast, version.home_system)
    inventory.edit_system(version.home_system, purpose="Decides who gets a loan.", actor=cast.owner)
    inventory.edit_system(version.home_system, purpose="Decides who gets a mortgage.", actor=cast.owner)
    assert len(draft(row).causes) == 1 and Task.objects.waiting().filter(object_id=draft(row).pk).count() == 1


def test_an_incident_with_personal_data_opens_it_again_and_closes_the_gate(cast, version):
    row = approved(cast, version.home_system)
    reported(cast, version.home_system)
    assert not Assessment.objects.open().exists()
    reported(cast, version.home_system, is_privacy=True)
    assert [cause["kind"] for cause in draft(row).causes] == ["incident"]
    assert "Incident with personal data" in gate(version).reason


def test_a_higher_class_of_its_data_opens_it_again(cast, version):
    found = learned(cast, version)
    row = approved(cast, version.home_system)
    actions.reclassify(found.dataset, new_class="restricted", reason="They name people after all.", actor=cast.owner)
    assert [cause["kind"] for cause in draft(row).causes] == ["reclassification"]


def running(version, region: str) -> Deployment:
    """The version in production there."""
    release = Release(
        system=version.home_system, version=version, notes="First.", author=version.home_system.technical_owner
    )
    release.save()
    row = Deployment(release=release, region=region, environment="production", status="running")
    row.save()
    return row


@pytest.mark.parametrize(("region", "opens"), [("eu-central", False), ("FR", False), ("us-east", True)])
def test_a_place_that_nobody_assessed_opens_it_again(cast, version, region, opens):
    """S-089: the places of the answers are held against the places where it runs; the Union counts as one."""
    row = approved(cast, version.home_system, PIA_I_12="DE")
    started = running(version, region)
    followers.tell(cast.publisher, "deployment.started", started)
    assert Assessment.objects.open().filter(reopens=row).exists() == opens
    case = Case(version.home_system, "deployment:production", release=started.release, deployment=started)
    assert answer(case, {"residency": "assessed"}).result == ("failed" if opens else "passed")


def test_data_that_outlive_their_time_open_it_again(cast, version):
    """S-090: the end of retention is watched by the worker, and closes the gate until somebody looks."""
    end = timezone.localdate() - timedelta(days=1)
    found = learned(cast, version, retention_until=end)
    row = approved(cast, version.home_system)
    assert reopening.run(timezone.localdate()) == 0, "it was over when it was signed"
    row.approved_at -= timedelta(days=30)
    row.save()
    assert gate(version).result == "failed"
    assert f"{found} was to be kept until {end}." in gate(version).reason
    assert reopening.run(timezone.localdate()) == 1
    task = Task.objects.waiting().get(kind=Task.Kind.ASSESS_AGAIN)
    assert task.object_id == row.pk


def test_openness_towards_people_in_training_data_can_be_shown(cast, version):
    """S-088: the answer, its notice as a file, and who gave it go into reports; without openness more risk is left."""
    row = answered(cast, version.home_system, PIA_M_03="fully", PIA_M_12="yes")
    notice = SimpleUploadedFile("notice.pdf", b"We told everybody.")
    actions.attach_evidence(row, question="PIA-M-03", file=notice, actor=cast.owner)
    told = {one["id"]: one for part in assessment_contents(row)["sections"] for one in part["questions"]}
    assert told["PIA-M-03"]["answer"] == "Fully" and told["PIA-M-03"]["files"] == ["notice.pdf"]
    assert told["PIA-M-03"]["by"] == "Olga Owner"
    open_one = row.parts.get(component="model").residual_score
    row = actions.save_answers(row, answers={"PIA-M-03": Reply("none")}, actor=cast.owner)
    assert row.parts.get(component="model").residual_score > open_one


def test_its_date_opens_it_again(cast, version):
    """By the worker, in nobody's name; once."""
    row = approved(cast, version.home_system)
    day = timezone.localdate() + timedelta(days=365)
    assert reopening.run(day - timedelta(days=1)) == 0
    assert reopening.run(day) == 1 and reopening.run(day) == 1
    task = Task.objects.waiting().get(kind=Task.Kind.ASSESS_AGAIN)
    assert (task.object_id, task.person) == (row.pk, row.submitted_by)
    actions.reassess(row, actor=cast.owner)
    assert not Task.objects.waiting().filter(kind=Task.Kind.ASSESS_AGAIN, object_id=row.pk).exists()


def test_what_waits_for_a_signature_goes_back(cast, version):
    """A decision is never taken on answers about something else."""
    row = approved(cast, version.home_system)
    fresh = actions.reassess(row, actor=cast.owner)
    actions.submit_assessment(fresh, actor=cast.owner)
    learned(cast, version)
    fresh.refresh_from_db()
    assert fresh.status == "draft" and fresh.causes
    assert "assessment.reopened" in events(fresh)


def test_signing_it_again_opens_the_gate(cast, version):
    row = approved(cast, version.home_system)
    learned(cast, version)
    fresh = draft(row)
    actions.submit_assessment(fresh, actor=cast.owner)
    actions.approve_assessment(fresh, opinion="The new data are as the old.", actor=cast.privacy_officer)
    row.refresh_from_db()
    assert row.status == "superseded" and gate(version).result == "passed"


def test_screening_asks_the_data_too(cast):
    """Its owners say that no personal data are processed; the data say otherwise, and the data are believed."""
    version = make_version(cast, make_model(cast, make_system(cast, processes_personal_data=False)))
    assert gate(version).result == "passed" and living.why_needed(version.home_system) == ()
    found = learned(cast, version, contains_personal_data=True)
    told = gate(version)
    assert told.result == "failed" and f"{found} is marked to hold personal data." in told.reason


def test_a_decision_on_an_expired_opinion_is_refused(cast, monkeypatch):
    """The release cannot be approved on an assessment whose review date has come."""
    version = make_submittable(cast)
    approved(cast, version.home_system)
    later = timezone.localdate() + timedelta(days=365)
    monkeypatch.setattr(timezone, "localdate", lambda *_args: later)
    assert "review was due" in gate(version).reason and not gate(version).is_open
