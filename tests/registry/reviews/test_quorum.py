"""How many of those who are asked must agree, for which units, and until when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry.actions import people
from registry.errors import NotAllowed
from registry.models import AuditEntry, ModelVersion, SignOff, Task
from tests import factories
from tests.registry.reviews.scenes import approvers, decide, opened, under

STAGES = [
    {"name": "look", "ask": [{"duty": "approver", "count": 3}], "quorum": 2, "due_days": 4},
    {"name": "decide", "ask": [{"duty": "risk_officer", "count": 1}], "due_days": 9},
]


@pytest.fixture
def review(cast, monkeypatch):
    """Two of three approvers, then the risk officer."""
    approvers(cast, 3)
    under(monkeypatch, stages=STAGES)
    return opened(cast)


def test_two_of_three_suffice_and_the_third_is_closed_as_not_needed(cast, review):
    """S-026: the quorum of a stage; what is left over is closed and the next stage is asked."""
    first, second = approvers(cast, 2)
    decide(review, first, "approver")
    with pytest.raises(NotAllowed, match="No sign-off of this duty"):
        decide(review, cast.risk_officer, "risk_officer")
    decide(review, second, "approver")
    left = SignOff.objects.get(review=review, stage=1, decision="")
    assert left.not_needed_at is not None
    assert str(left).endswith("not needed")
    assert AuditEntry.objects.filter(action="sign_off.not_needed", object_id=left.pk).exists()
    assert not Task.objects.waiting().filter(object_id=review.pk, duty="approver").exists()
    decide(review, cast.risk_officer, "risk_officer")
    assert ModelVersion.objects.get(pk=review.release.version_id).status == "approved"


def test_each_stage_has_its_own_day_counted_from_its_turn(cast, review):
    today = timezone.localdate()
    assert set(review.sign_offs.values_list("stage", "due_on")) == {(1, today + timedelta(days=4)), (2, None)}
    for person in approvers(cast, 2):
        decide(review, person, "approver")
    assert review.sign_offs.get(stage=2).due_on == today + timedelta(days=9)
    task = Task.objects.waiting().get(object_id=review.pk, duty="risk_officer")
    assert task.due_on == today + timedelta(days=9)


def test_a_stage_as_a_plain_list_still_wants_everybody(cast, review, monkeypatch):
    """Bodies that were frozen before stages had names keep their meaning."""
    under(monkeypatch, stages=[[{"duty": "approver", "count": 2}]])
    plain = opened(cast)
    decide(plain, cast.approver, "approver")
    assert ModelVersion.objects.get(pk=plain.release.version_id).status == "in_review"
    decide(plain, cast.second_approver, "approver")
    assert ModelVersion.objects.get(pk=plain.release.version_id).status == "approved"


def test_the_last_slot_is_kept_for_the_unit_that_must_have_its_word(cast, monkeypatch):
    """S-026: a business unit that the policy names is among the signers."""
    cards = people.add_unit("Cards", parent=cast.unit, actor=cast.administrator)
    under(monkeypatch, stages=[{"ask": [{"duty": "approver", "count": 2}], "quorum": 1, "units": [cards.slug]}])
    third = approvers(cast, 3)[2]
    factories.grant(cast, third, "approver", unit=cards)
    review = opened(cast)
    decide(review, cast.approver, "approver")
    assert ModelVersion.objects.get(pk=review.release.version_id).status == "in_review", "one yes, but not of Cards"
    with pytest.raises(NotAllowed, match="people of Cards"):
        decide(review, cast.second_approver, "approver")
    assert decide(review, third, "approver").represents == [cards.slug]
    assert ModelVersion.objects.get(pk=review.release.version_id).status == "approved"
