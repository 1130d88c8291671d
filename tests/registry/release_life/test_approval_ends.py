"""An approval has an end: people are asked before, the gate closes after, and the policy acts."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from registry import gates
from registry.actions import deployments, releases, renewals
from registry.errors import GateClosed, NotAllowed
from registry.models import AuditEntry, ModelVersion, Release, Review, SignOff, Task, VersionStatus
from registry.release_life import approval_ends, due
from reports import contents
from reports.verifier import verify
from tests import factories
from tests.registry import releasing
from tests.registry.reviews.scenes import decide, under

WHY = "The year is over; nothing about its use has changed."


@pytest.fixture
def release(cast, monkeypatch) -> Release:
    """A published release whose approval holds for a hundred days."""
    under(monkeypatch, approval_valid_days=100, evidence_valid_days=400)
    return releasing.published(cast)


def renewed_evidence(cast, release: Release) -> None:
    """A run of today that judged the limit."""
    factories.make_evidence(
        cast, release.version, outcome={"verdict": "pass", "thresholds": [{"rule": releasing.RULE}]},
        valid_until=timezone.now() + timedelta(days=400),
    )  # fmt: skip


def status(release: Release) -> str:
    return str(ModelVersion.objects.get(pk=release.version_id).status)


def test_an_approval_ends_after_the_days_of_its_tier(cast, monkeypatch):
    for tier, days in (("limited", 365), ("minimal", 730)):
        release = releasing.agreed(cast, factories.make_releasable(cast, risk_tier=tier))
        assert release.approval_ends_on == timezone.localdate() + timedelta(days=days)


def test_an_older_policy_that_sets_no_end_lets_it_hold(cast, monkeypatch):
    under(monkeypatch, approval_valid_days=None)
    release = releasing.published(cast)
    assert release.approval_ends_on is None
    assert gates.answer("approval", release).is_open


def test_the_owner_is_asked_once_in_the_month_before(cast, release, clock):
    """However often it is looked at; before that month nobody is."""
    clock.on(days=69)
    assert due.look() == 0
    clock.on(days=1)
    assert [due.look() for _again in range(3)] == [1, 0, 0]
    task = Task.objects.waiting().get(kind=Task.Kind.RENEW)
    assert (task.person, task.due_on) == (cast.owner, release.approval_ends_on)


def test_on_its_last_day_it_holds_and_on_the_next_its_gate_is_closed(cast, release, clock):
    """Neither published nor deployed any more; what is published stays, and asks for its renewal."""
    clock.on(days=100)
    assert gates.answer("approval", release).is_open
    clock.on(days=1)
    assert gates.answer("approval", release).result == "failed"
    with pytest.raises(GateClosed, match="ended"):
        deployments.start_deployment(release, environment="pilot", region="eu", actor=cast.publisher)
    due.look()
    assert status(release) == VersionStatus.PUBLISHED


def test_what_was_approved_and_not_published_in_time_is_not_published(cast, monkeypatch, clock):
    under(monkeypatch, approval_valid_days=10)
    release = releasing.agreed(cast, factories.make_releasable(cast))
    clock.on(days=11)
    with pytest.raises(GateClosed, match="ended"):
        releases.publish(release, reason=WHY, actor=cast.publisher)


def test_where_the_policy_says_so_what_has_ended_is_suspended(cast, monkeypatch, clock):
    """Once, by the software, with the day; new sign-offs lift it."""
    under(monkeypatch, approval_valid_days=50, on_approval_end="suspend")
    release = releasing.published(cast)
    clock.on(days=50)
    due.look()
    assert status(release) == VersionStatus.PUBLISHED
    clock.on(days=1)
    assert [due.look() for _again in range(3)] == [1, 0, 0]
    release = Release.objects.get(pk=release.pk)
    assert release.is_suspended
    assert "the approval ended" in release.suspension_reason
    assert AuditEntry.objects.get(action="release.suspended").actor_id is None
    releasing.decide(cast, release.review)
    release = Release.objects.get(pk=release.pk)
    releases.publish(release, reason=WHY, actor=cast.publisher)
    assert release.approval_ends_on == timezone.localdate() + timedelta(days=50)


def test_a_renewal_keeps_what_is_published_in_use_until_all_have_signed_anew(cast, release, clock):
    """P3: the sign-offs before it stand until the last of the new round; the same people may sign again."""
    clock.on(days=90)
    renewed_evidence(cast, release)
    review = renewals.renew(release, reason=WHY, actor=cast.owner)
    assert (status(release), review.status, review.round) == (VersionStatus.PUBLISHED, Review.Status.OPEN, 2)
    assert gates.answer("binding", release).is_open
    decide(review, cast.risk_officer, "risk_officer")
    assert SignOff.objects.standing().filter(review=review, round=1).count() == 2
    decide(review, cast.approver, "approver")
    release = Release.objects.get(pk=release.pk)
    assert release.approval_ends_on == timezone.localdate() + timedelta(days=100)
    assert not SignOff.objects.standing().filter(review=review, round=1).exists()
    assert SignOff.objects.standing().filter(review=review, round=2).count() == 2
    assert (release.review.status, release.card.status) == (Review.Status.APPROVED, "published")
    assert not Task.objects.waiting().filter(system=release.system).exists()


def test_what_has_ended_already_can_be_renewed_too(cast, release, clock):
    """Whether the approval holds is not asked of who renews it; of who deploys it is, until then."""
    clock.on(days=150)
    due.look()
    renewed_evidence(cast, release)
    review = renewals.renew(release, reason=WHY, actor=cast.owner)
    with pytest.raises(GateClosed, match="ended"):
        deployments.start_deployment(release, environment="pilot", region="eu", actor=cast.publisher)
    releasing.decide(cast, review)
    assert Release.objects.get(pk=release.pk).approval_ends_on > timezone.localdate()
    deployments.start_deployment(release, environment="pilot", region="eu", actor=cast.publisher)


@pytest.mark.parametrize(("decision", "ends"), [("reject", "rejected"), ("request_changes", "changes_requested")])
def test_a_renewal_that_is_refused_takes_the_release_out_of_use(cast, release, decision, ends):
    review = renewals.renew(release, reason=WHY, actor=cast.owner)
    decide(review, cast.risk_officer, "risk_officer", decision)
    assert status(release) == ends
    assert Release.objects.get(pk=release.pk).status == Release.Status.WITHDRAWN


def test_who_made_it_asks_for_the_renewal_and_does_not_sign_it(cast, release):
    """S-023: for a renewal as for the first approval."""
    for person in (cast.approver, cast.publisher, cast.outsider):
        with pytest.raises(NotAllowed):
            renewals.renew(release, reason=WHY, actor=person)
    review = renewals.renew(release, reason=WHY, actor=cast.owner)
    factories.grant(cast, cast.owner, "risk_officer")
    with pytest.raises(NotAllowed):
        decide(review, cast.owner, "risk_officer")
    decide(review, cast.risk_officer, "risk_officer")
    factories.grant(cast, cast.risk_officer, "approver")
    with pytest.raises(NotAllowed):
        decide(review, cast.risk_officer, "approver")


def test_a_material_change_while_a_renewal_waits_voids_both_rounds(cast, release):
    """P3: then nothing stands, and it is suspended."""
    from registry.actions import inventory

    renewals.renew(release, reason=WHY, actor=cast.owner)
    inventory.edit_system(release.system, purpose="Decides on credit lines of all customers now.", actor=cast.owner)
    assert status(release) == VersionStatus.SUSPENDED
    assert not SignOff.objects.standing().filter(review__release=release).exists()


def test_asking_again_begins_the_renewal_anew(cast, release):
    review = renewals.renew(release, reason=WHY, actor=cast.owner)
    decide(review, cast.risk_officer, "risk_officer")
    review = renewals.renew(release, reason=WHY, actor=cast.owner)
    assert review.round == 3
    assert SignOff.objects.standing().filter(review=review).count() == 2
    releasing.decide(cast, review)
    assert SignOff.objects.standing().filter(review=review).count() == 2


def test_one_release_that_cannot_be_acted_on_keeps_no_other_from_it(cast, release, clock, monkeypatch):
    releasing.published(cast)
    real, calls = approval_ends.ask_to_renew, []

    def breaks(found):
        calls.append(found)
        if len(calls) == 1:
            raise RuntimeError("broken")
        return real(found)

    monkeypatch.setattr(approval_ends, "ask_to_renew", breaks)
    clock.on(days=80)
    assert due.look() == 1
    assert len(calls) == 2


def test_the_last_day_stands_in_the_calendar_and_in_its_feed(cast, release, client):
    """Under one event, whose number rises when the approval is renewed; nobody of another unit sees it."""
    day = release.approval_ends_on
    client.force_login(cast.auditor)
    assert "The approval of" in client.get(f"/retirements/calendar/?month={day:%Y-%m}").content.decode()
    feeds = [event_in(client, release)]
    renewals.renew(release, reason=WHY, actor=cast.owner)
    feeds.append(event_in(client, release))
    assert f"DTSTART;VALUE=DATE:{day:%Y%m%d}" in feeds[0]
    assert sequence(feeds[1]) > sequence(feeds[0])
    client.force_login(cast.outsider)
    assert event_in(client, release) == ""


def event_in(client, release: Release) -> str:
    """The event of the approval as the feed has it."""
    feed = client.get("/retirements/calendar.ics").content.decode().replace("\r\n ", "")
    return next((event for event in feed.split("BEGIN:VEVENT") if f"UID:{release.pk}-approval" in event), "")


def sequence(event: str) -> int:
    return int(event.split("SEQUENCE:")[1].splitlines()[0])


def test_a_pack_says_of_earlier_approvals_that_they_stand_from_before_the_renewal(cast, release):
    """P4: its verifier counts for the material at hand only what was signed on it."""
    renewed_evidence(cast, release)
    review = renewals.renew(release, reason=WHY, actor=cast.owner)
    assert approvals(release) == ("0 at", 2)
    decide(review, cast.risk_officer, "risk_officer")
    assert approvals(release) == ("1 at", 2)
    decide(review, cast.approver, "approver")
    assert approvals(release) == ("2 at", 0)


def approvals(release: Release) -> tuple[str, int]:
    """What the verifier says of a pack that is made now, and how many approvals stand from before."""
    facts = contents.decision_facts(Release.objects.get(pk=release.pk))
    material = {"parts": facts["material"], "digest": facts["subject_digest"]}
    members = {"material.json": json.dumps(material).encode(), "signoffs.json": json.dumps(facts["sign_offs"]).encode()}
    said = verify.check_approvals(members)
    return said.partition(" the ")[0].removeprefix("approvals: "), sum(
        row["decision"] == contents.EARLIER for row in facts["sign_offs"]
    )
