"""Roads by which somebody would approve or publish a release of his own; each of them ends before a refusal."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry.actions import inventory, releases, waivers
from registry.actions.conditions import Asked, say_met, verify
from registry.errors import NotAllowed
from registry.models import Condition, Release, SignOff
from tests import factories
from tests.registry import releasing
from tests.registry.reviews.scenes import decide, opened
from tests.registry.test_artifacts import make_text
from tests.reviewing.checker import Checker

GOOD = releasing.GOOD
CONFLICT = "My sister leads the team that built it."


def long_held(cast, person, duty: str) -> None:
    """A duty that the person has had for nine days."""
    row = factories.grant(cast, person, duty)
    row.created_at = timezone.now() - timedelta(days=9)
    row.confirmed_at = row.confirmed_at and timezone.now() - timedelta(days=9)
    row.save()


@pytest.fixture
def maker(cast):
    """A developer who has been an approver, a risk officer and a publisher for long."""
    person = factories.invite("maker", "Max Maker", "author", cast.unit, cast.administrator)
    for duty in ("risk_officer", "approver", "publisher"):
        long_held(cast, person, duty)
    return person


def require_barred(review, person) -> None:
    """Neither decision nor publication, by page, API or action; and nothing of it is in the log."""
    client = Client()
    client.force_login(person)
    page = client.get(review.get_absolute_url())
    assert page.status_code == 200 and page.context["form"] is None and page.context["why_not"]
    sent = {"duty": "risk_officer", "decision": "approve", "reason": GOOD}
    forged = client.post(
        reverse("review-sign-off", args=[review.pk]), {**sent, "seen_digest": review.subject_digest}
    )  # fmt: skip
    told = client.post(
        f"/api/v1/reviews/{review.pk}/sign-offs/", {**sent, "subject_digest": review.subject_digest},
        content_type="application/json",
    )  # fmt: skip
    assert (forged.status_code, told.status_code) == (422, 403)
    assert not SignOff.objects.filter(review=review, person=person).exclude(decision="abstain").exists()


def approved(cast, review) -> Release:
    """Approved by the others."""
    releasing.decide(cast, review)
    return Release.objects.get(pk=review.release_id)


def require_no_publisher(cast, review, person) -> None:
    """Once others have approved it, the person does not publish it, either."""
    release = approved(cast, review)
    with pytest.raises(NotAllowed):
        releases.publish(release, reason=GOOD, actor=person)
    assert Release.objects.get(pk=release.pk).status == Release.Status.APPROVED
    assert Checker().read().violations == []


# ---- who made it, whatever it is called now


def test_whoever_registered_the_same_bytes_before_decides_on_no_copy_of_them(cast, maker):
    """R1, S-023, P3: a colleague registers the very file under another model; who made the file made that, too."""
    system = factories.make_system(cast)
    first = factories.make_version(cast, factories.make_model(cast, system), artifact=b"the very bytes")
    first.registered_by = maker
    first.save()
    copy = factories.make_version(cast, factories.make_model(cast, system), artifact=b"the very bytes")
    assert copy.registered_by != maker and copy.artifact_id == first.artifact_id
    factories.fill_card(cast, copy)
    factories.make_evidence(
        cast, copy, outcome={"verdict": "pass", "thresholds": [{"rule": releasing.RULE}]}
    )  # fmt: skip
    factories.make_limit(cast, copy.home_system, rule=releasing.RULE)
    factories.make_risk(cast, copy.home_system)
    review = releases.submit_for_review(copy, notes="A release of the copy.", actor=cast.owner)
    require_barred(review, maker)


def test_whoever_wrote_the_prompt_decides_on_no_release_with_it(cast, maker):
    """R1, R3, S-023: what is released is version and parts; who made a part made the release."""
    version = factories.make_releasable(cast)
    prompt = make_text(cast)
    prompt.registered_by = maker
    prompt.save()
    review = releases.submit_for_review(
        version, notes="With the new prompt.", actor=cast.owner, artifact_versions=[prompt]
    )  # fmt: skip
    require_barred(review, maker)
    require_no_publisher(cast, review, maker)


# ---- who said that he has a conflict of interest


def test_a_conflict_of_interest_outlives_withdrawal_and_resubmission(cast):
    """S-023: abstain, have it withdrawn and submitted anew, and decide on the new review: refused."""
    review = opened(cast)
    decide(review, cast.risk_officer, "risk_officer", "abstain", reason=CONFLICT)
    releases.withdraw(review.release, reason="The notes name the wrong clients.", actor=cast.owner)
    again = releases.submit_for_review(review.release.version, notes="With the right notes.", actor=cast.owner)
    require_barred(again, cast.risk_officer)


def test_whoever_abstained_in_an_earlier_round_does_not_publish(cast, maker):
    """An edit opens a round in which the abstention is none of its decisions; it counts all the same."""
    review = opened(cast)
    decide(review, maker, "risk_officer", "abstain", reason=CONFLICT)
    inventory.edit_system(review.release.system, purpose="Now it also sets the credit limit.", actor=cast.owner)
    require_no_publisher(cast, review, maker)


def test_whoever_abstained_neither_verifies_a_condition_nor_accepts_a_waiver(cast, maker):
    review = opened(cast)
    decide(review, maker, "risk_officer", "abstain", reason=CONFLICT)
    wanted = Asked("Publish the list of excluded groups.", cast.owner, timezone.localdate() + timedelta(days=9))
    decide(review, cast.risk_officer, "risk_officer", SignOff.Decision.CONDITIONAL, conditions=[wanted])
    row = say_met(Condition.objects.get(), reason="The list is on the page of the unit.", actor=cast.owner)
    with pytest.raises(NotAllowed, match="conflict of interest"):
        verify(row, reason=GOOD, actor=maker)
    waiver = factories.make_waiver(cast)
    assert waiver.version != review.release.version
    waivers.accept_waiver(waiver, reason=GOOD, actor=maker)  # of another version the conflict says nothing


# ---- who comes in while it is pending


def test_a_duty_of_today_decides_neither_after_an_edit_nor_after_a_new_submission(cast):
    """R11: the round, and the review, that an accomplice opens anew are not what the version waits for since."""
    review = opened(cast)
    fresh = factories.invite("fresh", "Fay Fresh", "risk_officer", cast.unit, cast.administrator)
    inventory.edit_system(review.release.system, purpose="Now it also sets the credit limit.", actor=cast.owner)
    with pytest.raises(NotAllowed, match="less than 24 hours"):
        decide(review, fresh, "risk_officer")
    releases.withdraw(review.release, reason="The notes name the wrong clients.", actor=cast.owner)
    again = releases.submit_for_review(review.release.version, notes="With the right notes.", actor=cast.owner)
    with pytest.raises(NotAllowed, match="less than 24 hours"):
        decide(again, fresh, "risk_officer")
    later = opened(cast)
    assert decide(later, fresh, "risk_officer").decision == "approve", "what came after the duty"


def test_a_condition_is_not_verified_by_who_made_the_version(cast, maker):
    """S-026: a conditional approval that its author would close."""
    review = opened(cast)
    wanted = Asked("Publish the list of excluded groups.", maker, timezone.localdate() + timedelta(days=9))
    decide(review, cast.risk_officer, "risk_officer", SignOff.Decision.CONDITIONAL, conditions=[wanted])
    row = say_met(Condition.objects.get(), reason="The list is on the page of the unit.", actor=maker)
    with pytest.raises(NotAllowed, match="yours"):
        verify(row, reason=GOOD, actor=maker)
    long_held(cast, cast.owner, "risk_officer")
    with pytest.raises(NotAllowed, match="helped to make"):
        verify(row, reason=GOOD, actor=cast.owner)


# ---- what was good a moment ago


def test_nothing_is_published_after_a_void_a_withdrawal_or_a_rejection(cast):
    """P4: the page of the publisher is older than the void; the act reads what is so now."""
    held = releasing.agreed(cast, factories.make_releasable(cast))
    client = Client()
    client.force_login(cast.publisher)
    assert client.get(held.get_absolute_url()).status_code == 200
    inventory.edit_system(held.system, purpose="Now it also sets the credit limit.", actor=cast.owner)
    sent = {"reason": GOOD}
    assert client.post(reverse("release-publish", args=[held.pk]), sent).status_code in {403, 422}
    releases.withdraw(Release.objects.get(pk=held.pk), reason="It is not wanted any more.", actor=cast.owner)
    assert client.post(reverse("release-publish", args=[held.pk]), sent).status_code in {403, 422}
    assert not Release.objects.filter(status=Release.Status.PUBLISHED).exists()
    assert Checker().read().violations == []


def test_the_submitter_grants_himself_no_waiver(cast, maker):
    """R8: who submitted, who asked for the waiver, and who asked for the run accept none."""
    version = factories.make_releasable(cast, verdict="fail")
    long_held(cast, cast.owner, "risk_officer")
    waiver = factories.make_waiver(cast, version)
    with pytest.raises(NotAllowed):
        waivers.accept_waiver(waiver, reason=GOOD, actor=cast.owner)
    other = factories.make_waiver(cast, factories.make_releasable(cast, verdict="fail"), actor=maker)
    with pytest.raises(NotAllowed):
        waivers.accept_waiver(other, reason=GOOD, actor=maker)
