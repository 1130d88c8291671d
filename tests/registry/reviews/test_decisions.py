"""Decisions beyond yes and no: with conditions, and not at all because of a conflict of interest."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry import gates
from registry.actions import conditions, inventory, releases
from registry.decision import overdue
from registry.errors import BadInput, GateClosed, NotAllowed
from registry.models import AuditEntry, Condition, ModelVersion, Release, SignOff, Task
from tests import factories
from tests.registry.reviews.scenes import GOOD, asked, decide, opened, under

CONDITIONAL = "approve_with_conditions"
DONE = "The list is published on the page of the card offers."


@pytest.fixture
def review(cast):
    """A submitted release of the limited tier."""
    return opened(cast)


def approved_with_condition(cast, review):
    """Both sign-offs, the first with a condition for the owner."""
    decide(review, cast.risk_officer, "risk_officer", CONDITIONAL, conditions=[asked(cast.owner)])
    decide(review, cast.approver, "approver")
    return Condition.objects.get(review=review)


def kept(release):
    """What the gate of conditions answers."""
    return gates.answer("conditions", Release.objects.get(pk=release.pk))


def test_go_with_conditions_approves_and_asks_the_owner(cast, review):
    """S-035: go with conditions, each with text, owner and day."""
    condition = approved_with_condition(cast, review)
    assert ModelVersion.objects.get(pk=review.release.version_id).status == "approved"
    assert condition.status == "open"
    assert Task.objects.waiting().get(object_id=condition.pk).person == cast.owner
    assert AuditEntry.objects.filter(action="condition.set", object_id=condition.pk).exists()


def test_an_approval_with_conditions_names_at_least_one(cast, review):
    with pytest.raises(BadInput, match="at least one"):
        decide(review, cast.risk_officer, "risk_officer", CONDITIONAL)


def test_a_plain_approval_takes_no_conditions(cast, review):
    with pytest.raises(BadInput, match="Only an approval with conditions"):
        decide(review, cast.risk_officer, "risk_officer", conditions=[asked(cast.owner)])


def test_the_policy_limits_the_days_of_a_condition(cast, monkeypatch):
    under(monkeypatch, conditions={"most_days": 10})
    with pytest.raises(BadInput, match="10 days"):
        decide(opened(cast), cast.risk_officer, "risk_officer", CONDITIONAL, conditions=[asked(cast.owner, days=11)])


def test_an_owner_of_a_condition_may_see_the_release(cast, review):
    with pytest.raises(BadInput, match="choose an owner who may"):
        decide(review, cast.risk_officer, "risk_officer", CONDITIONAL, conditions=[asked(cast.outsider)])


def test_a_condition_is_met_by_its_owner_and_verified_by_somebody_else(cast, review):
    """S-035: tracked to closure; publication waits for it."""
    condition = approved_with_condition(cast, review)
    assert not kept(review.release).is_open
    with pytest.raises(GateClosed, match="met and verified"):
        releases.publish(review.release, reason=GOOD, actor=cast.publisher)
    with pytest.raises(NotAllowed, match="Only its owner"):
        conditions.say_met(condition, reason=DONE, actor=cast.risk_officer)
    conditions.say_met(condition, reason=DONE, actor=cast.owner)
    factories.grant(cast, cast.owner, "risk_officer")
    with pytest.raises(NotAllowed, match="somebody else must verify"):
        conditions.verify(condition, reason=GOOD, actor=cast.owner)
    assert Task.objects.waiting().get(object_id=condition.pk).duty == "risk_officer"
    conditions.verify(condition, reason="Seen on the page today.", actor=cast.risk_officer)
    assert not Task.objects.waiting().filter(object_id=condition.pk).exists()
    releases.publish(Release.objects.get(pk=review.release_id), reason=GOOD, actor=cast.publisher)


def test_who_verifies_may_send_it_back(cast, review):
    condition = approved_with_condition(cast, review)
    conditions.say_met(condition, reason=DONE, actor=cast.owner)
    conditions.send_back(condition, reason="Two groups are missing on it.", actor=cast.risk_officer)
    condition.refresh_from_db()
    assert (condition.status, condition.verified_by) == ("open", None)
    assert Task.objects.waiting().get(object_id=condition.pk).person == cast.owner


def test_a_policy_may_let_conditions_wait_until_after_the_publication(cast, monkeypatch):
    under(monkeypatch, conditions={"most_days": 90, "publish_open": True})
    review = opened(cast)
    approved_with_condition(cast, review)
    releases.publish(Release.objects.get(pk=review.release_id), reason=GOOD, actor=cast.publisher)
    assert kept(review.release).is_open


def test_an_overdue_condition_closes_the_gate_even_after_the_publication(cast, monkeypatch):
    under(monkeypatch, conditions={"most_days": 90, "publish_open": True})
    review = opened(cast)
    approved_with_condition(cast, review)
    releases.publish(Release.objects.get(pk=review.release_id), reason=GOOD, actor=cast.publisher)
    late = timezone.localdate() + timedelta(days=31)
    monkeypatch.setattr(timezone, "localdate", lambda *_args: late)
    found = kept(review.release)
    assert found.result == "failed"
    assert "nobody has verified it" in found.reason
    assert str(cast.owner) in found.reason


def test_conditions_of_a_void_approval_lapse(cast, review):
    condition = approved_with_condition(cast, review)
    inventory.edit_system(review.release.system, purpose="Now it also sets the credit limit.", actor=cast.owner)
    condition.refresh_from_db()
    assert condition.status == "lapsed"
    assert not Task.objects.waiting().filter(object_id=condition.pk).exists()


def test_who_abstains_makes_room_for_somebody_else(cast):
    """S-035: a conflict of interest is recorded with its reason, and another person decides."""
    second = factories.invite("risk.two", "Rob Risk", "risk_officer", cast.unit, cast.administrator)
    review = opened(cast)
    decide(review, cast.risk_officer, "risk_officer", "abstain", reason="My sister leads the team that built it.")
    slots = SignOff.objects.filter(review=review, duty="risk_officer").order_by("ordinal")
    assert [(slot.ordinal, slot.decision) for slot in slots] == [(1, "abstain"), (2, "")]
    decide(review, second, "risk_officer")
    decide(review, cast.approver, "approver")
    assert ModelVersion.objects.get(pk=review.release.version_id).status == "approved"


def test_who_abstained_decides_nothing_more_even_in_a_later_round(cast, review):
    decide(review, cast.risk_officer, "risk_officer", "abstain", reason="My sister leads the team that built it.")
    with pytest.raises(NotAllowed, match="conflict of interest"):
        decide(review, cast.risk_officer, "risk_officer")
    inventory.edit_system(review.release.system, purpose="Now it also sets the credit limit.", actor=cast.owner)
    with pytest.raises(NotAllowed, match="conflict of interest"):
        decide(review, cast.risk_officer, "risk_officer")
    assert SignOff.objects.get(review=review, decision="abstain").voided_at is None


def test_who_abstained_does_not_publish(cast):
    factories.grant(cast, cast.publisher, "risk_officer")
    review = opened(cast)
    decide(review, cast.publisher, "risk_officer", "abstain", reason="My sister leads the team that built it.")
    decide(review, cast.risk_officer, "risk_officer")
    decide(review, cast.approver, "approver")
    with pytest.raises(NotAllowed, match="conflict of interest"):
        releases.publish(Release.objects.get(pk=review.release_id), reason=GOOD, actor=cast.publisher)


@pytest.mark.parametrize(("length", "is_taken"), [(10_000, True), (10_001, False)])
def test_a_reason_of_ten_thousand_characters_is_kept_and_a_longer_one_refused(cast, review, length, is_taken):
    if is_taken:
        assert decide(review, cast.risk_officer, "risk_officer", reason="x" * length).reason == "x" * length
    else:
        with pytest.raises(BadInput, match="10001 characters"):
            decide(review, cast.risk_officer, "risk_officer", reason="x" * length)


def test_a_policy_may_suspend_what_was_published_with_a_condition_that_is_overdue(cast, monkeypatch):
    under(monkeypatch, conditions={"most_days": 90, "publish_open": True, "on_overdue": "suspend"})
    review = opened(cast)
    approved_with_condition(cast, review)
    releases.publish(Release.objects.get(pk=review.release_id), reason=GOOD, actor=cast.publisher)
    assert overdue.look(timezone.localdate() + timedelta(days=30)) == 0
    assert overdue.look(timezone.localdate() + timedelta(days=31)) == 1
    assert ModelVersion.objects.get(pk=review.release.version_id).status == "suspended"
    review.refresh_from_db()
    assert (review.status, review.round) == ("open", 2)
    assert "Publish the list" in review.sign_offs.filter(round=1).first().void_reason
    assert overdue.look(timezone.localdate() + timedelta(days=32)) == 0
