"""Runs that come after a release was frozen bind nothing, and act as its policy says."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from registry import gates
from registry.actions import deployments, later_decisions, later_runs, releases
from registry.errors import BadInput, GateClosed, NotAllowed
from registry.models import AuditEntry, Evidence, LaterRun, ModelVersion, Release, SignOff, Task, VersionStatus
from registry.release_life import due
from registry.release_life.later_runs import later
from tests import factories, kept_cast
from tests.registry import releasing
from tests.registry.reviews.scenes import under

WHY = "Seen on the rows of this week; the owner was told."


@transaction.atomic
def lands(cast, release: Release, verdict: str = "fail", *, is_alarm: bool = False, **changes) -> Evidence:
    """A later run, recorded as a worker records it."""
    row = factories.make_evidence(cast, release.version, verdict=verdict, **changes)
    later_runs.landed(row, is_alarm=is_alarm)
    return row


def alarm(cast, release: Release, verdict: str = "fail") -> Evidence:
    """A look of monitoring at drift."""
    return lands(cast, release, verdict, is_alarm=True, check_slug="drift", shows=["monitor.drift"])


@pytest.fixture
def release(cast) -> Release:
    """A published release."""

    def make(cast) -> tuple[Release]:
        return (releasing.published(cast, factories.make_releasable(cast, affects_people=True)),)

    return kept_cast.story("published for people", cast, make)[0]


def gate(release: Release) -> gates.GateResult:
    """What the gate says."""
    return gates.answer("later-runs", release)


def status(release: Release) -> str:
    return str(ModelVersion.objects.get(pk=release.version_id).status)


def decided(cast, row: LaterRun, choice: str, **more) -> LaterRun:
    return later_decisions.decide_later_run(row, choice=choice, reason=WHY, actor=cast.risk_officer, **more)


def test_a_later_run_is_listed_and_voids_nothing(cast, release):
    """P3: sign-offs stay bound to what was frozen; what came later stands beside it."""
    run = lands(cast, release, "pass")
    assert list(later(release)) == [run]
    assert run not in release.evidence.all()
    assert not SignOff.objects.filter(review__release=release, voided_at__isnull=False).exists()
    assert gate(release).is_open


def test_a_later_run_that_fails_closes_the_gate_and_opens_a_decision(cast, release):
    """S-125: the policy says red; S-126: somebody is asked to decide."""
    lands(cast, release)
    due.look()
    assert gate(release).result == "failed"
    assert status(release) == VersionStatus.PUBLISHED
    with pytest.raises(GateClosed, match="later run"):
        deployments.start_deployment(release, environment="pilot", region="eu", actor=cast.publisher)
    row = LaterRun.objects.get()
    asked = Task.objects.waiting().filter(object_id=row.pk, kind=Task.Kind.LATER_RUN)
    assert {(task.person, task.duty) for task in asked} == {(cast.owner, ""), (None, "risk_officer")}


def test_where_the_policy_says_suspend_a_published_release_is_suspended_with_the_reason(cast, monkeypatch):
    """S-125: without a person, by a consequence that was set beforehand; once, however often it is looked at."""
    under(monkeypatch, on_failed_run="suspend")
    release = releasing.published(cast, factories.make_releasable(cast, affects_people=True))
    lands(cast, release)
    assert due.look() == 1
    release.refresh_from_db()
    assert (status(release), release.is_suspended) == (VersionStatus.SUSPENDED, True)
    assert "group_fairness" in release.suspension_reason
    entry = AuditEntry.objects.get(action="release.suspended")
    assert entry.actor_id is None
    assert due.look() == 0


def test_before_the_publication_only_the_gate_closes(cast, monkeypatch):
    under(monkeypatch, on_failed_run="suspend")
    release = releasing.agreed(cast, factories.make_releasable(cast, affects_people=True))
    lands(cast, release)
    due.look()
    assert status(release) == VersionStatus.APPROVED
    with pytest.raises(GateClosed, match="later run"):
        releases.publish(release, reason=WHY, actor=cast.publisher)


def test_a_failed_run_that_no_policy_asks_for_is_only_listed(cast, release):
    """A watch acts not: an alarm of monitoring does, whatever the policy asks for."""
    lands(cast, release, check_slug="drift", shows=["monitor.drift"])
    lands(cast, release, "insufficient")
    assert gate(release).is_open
    alarm(cast, release)
    assert not gate(release).is_open


def test_the_same_check_passing_later_leaves_nothing_to_decide(cast, release):
    """Of another check, or with other settings, a pass says nothing about it."""
    other = {"verdict": "pass", "inputs": {"parameters": {"attribute": "age"}}}
    lands(cast, release)
    alarm(cast, release, "pass")
    lands(cast, release, "pass", outcome=other)
    due.look()
    assert not gate(release).is_open
    lands(cast, release, "pass")
    due.look()
    assert gate(release).is_open
    assert LaterRun.objects.get().status == LaterRun.Status.OVERTAKEN
    assert not Task.objects.waiting().filter(kind=Task.Kind.LATER_RUN).exists()


def test_a_further_failure_takes_the_place_of_the_one_that_waits(cast, release):
    """One decision at a time, about the newest."""
    lands(cast, release)
    second = lands(cast, release)
    due.look()
    assert LaterRun.objects.waiting().get().evidence == second


def test_drift_opens_a_decision_to_retrain_or_fall_back(cast):
    """S-126: falling back is carried out by the decision itself."""
    first = releasing.published(cast)
    second = releasing.published(cast, releasing.next_version(cast, first), rollback_to=first)
    deployments.start_deployment(second, environment="production", region="eu", actor=cast.publisher)
    alarm(cast, second)
    decide = later_decisions.decide_later_run
    with pytest.raises(NotAllowed):
        decide(LaterRun.objects.get(), choice="fall_back", reason=WHY, actor=cast.owner)
    row = LaterRun.objects.get()
    with pytest.raises(NotAllowed):  # a risk officer may revoke; who starts the target must be let to stop the other
        decide(row, choice="fall_back", reason=WHY, actor=cast.approver)
    decided(cast, row, "fall_back")
    assert Release.objects.get(pk=second.pk).status == Release.Status.ROLLED_BACK
    entry = AuditEntry.objects.get(action="later_run.decided")
    assert entry.actor_id == cast.risk_officer.pk


def test_to_retrain_gives_the_owner_a_task_and_keeps_the_gate_closed(cast, release):
    """S-126: until a newer run passes."""
    alarm(cast, release)
    row = decided(cast, LaterRun.objects.get(), "retrain")
    assert Task.objects.waiting().get(object_id=row.pk).kind == Task.Kind.RETRAIN
    assert not gate(release).is_open
    alarm(cast, release, "pass")
    due.look()
    assert gate(release).is_open
    assert not Task.objects.waiting().filter(kind=Task.Kind.RETRAIN).exists()


def test_to_accept_opens_the_gate_until_the_day_that_was_named(cast, release, clock):
    """S-125: and while it holds a further failure of the same check needs no further decision."""
    alarm(cast, release)
    until = timezone.localdate() + timedelta(days=10)
    decided(cast, LaterRun.objects.get(), "accept", accepted_until=until)
    assert gate(release).is_open
    alarm(cast, release)
    assert LaterRun.objects.count() == 1
    clock.on(days=11)
    assert not gate(release).is_open
    assert "time" in gate(release).reason


@pytest.mark.parametrize("days", [None, -1, 91])
def test_an_acceptance_has_an_end_that_lies_ahead_and_near(cast, release, days):
    alarm(cast, release)
    until = None if days is None else timezone.localdate() + timedelta(days=days)
    with pytest.raises(BadInput):
        decided(cast, LaterRun.objects.get(), "accept", accepted_until=until)


def test_who_made_the_version_or_may_not_revoke_does_not_decide(cast, release):
    alarm(cast, release)
    for person in (cast.owner, cast.auditor, cast.publisher, cast.outsider):
        with pytest.raises(NotAllowed):
            later_decisions.decide_later_run(LaterRun.objects.get(), choice="retrain", reason=WHY, actor=person)
    factories.grant(cast, cast.owner, "risk_officer")
    with pytest.raises(NotAllowed, match="helped to make"):
        later_decisions.decide_later_run(LaterRun.objects.get(), choice="retrain", reason=WHY, actor=cast.owner)


def test_a_review_that_takes_the_newest_runs_binds_them(cast):
    """What was later is frozen then: the gate of evidence judges it."""
    version = factories.make_releasable(cast, affects_people=True)
    review = releases.submit_for_review(version, notes="First release.", actor=cast.owner)
    run = lands(cast, review.release)
    assert not gate(review.release).is_open
    releases.edit_release(review.release, actor=cast.owner, newest_evidence=True)
    assert run in review.release.evidence.all()
    assert gate(review.release).is_open
    assert not gates.answer("evidence", review.release).is_open
