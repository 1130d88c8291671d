"""Reviews: who may decide, what a decision is bound to, and what voids it."""

import pytest

from registry.actions import deployments, inventory, releases, reviews
from registry.errors import BadInput, GateClosed, NotAllowed
from registry.models import AuditEntry, ModelVersion, SignOff, Stage, VersionStatus
from tests import factories

GOOD = "Read the card, the limits and the run; nothing stands against it."


@pytest.fixture
def review(cast):
    """A submitted release that passes every gate."""
    version = factories.make_releasable(cast)
    return releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)


def approve(review, person, duty):
    """An approval of what is up for decision now."""
    review.refresh_from_db()
    return reviews.sign_off(
        review, duty=duty, decision="approve", reason=GOOD, seen_digest=review.subject_digest, actor=person
    )


def approved(review, cast):
    """Both sign-offs of the limited tier."""
    approve(review, cast.risk_officer, "risk_officer")
    approve(review, cast.approver, "approver")
    review.refresh_from_db()
    return review


def status(review) -> str:
    """The version's status as stored."""
    return ModelVersion.objects.get(pk=review.release.version_id).status


def test_two_people_of_two_duties_approve_a_limited_release(review, cast):
    """S-023, P3."""
    approved(review, cast)
    assert status(review) == VersionStatus.APPROVED
    assert AuditEntry.objects.filter(action="version.approved").exists()


def test_owner_cannot_sign_off_even_with_the_duty(review, cast):
    """P3: rules on persons, not on roles."""
    second = factories.people.grant_duty
    second(cast.owner, duty="risk_officer", unit=cast.unit, actor=cast.administrator)
    with pytest.raises(NotAllowed, match="own or helped to make"):
        approve(review, cast.owner, "risk_officer")


def test_one_person_decides_once_though_holding_two_duties(review, cast):
    """R4."""
    factories.grant(cast, cast.risk_officer, "approver")
    approve(review, cast.risk_officer, "risk_officer")
    with pytest.raises(NotAllowed, match="decided on this release already"):
        approve(review, cast.risk_officer, "approver")


def test_a_later_stage_waits_for_the_earlier(review, cast):
    with pytest.raises(NotAllowed, match="No sign-off of this duty is waiting"):
        approve(review, cast.approver, "approver")


def test_second_approval_of_one_slot_is_refused(review, cast):
    approve(review, cast.risk_officer, "risk_officer")
    approve(review, cast.approver, "approver")
    with pytest.raises(NotAllowed, match="closed"):
        approve(review, cast.second_approver, "approver")


def test_approver_cannot_publish(review, cast):
    """R2."""
    approved(review, cast)
    factories.grant(cast, cast.approver, "publisher")
    with pytest.raises(NotAllowed, match="signed off"):
        releases.publish(review.release, reason=GOOD, actor=cast.approver)


def test_publisher_publishes_and_a_deployment_moves_the_system(review, cast):
    approved(review, cast)
    releases.publish(review.release, reason=GOOD, actor=cast.publisher)
    assert status(review) == VersionStatus.PUBLISHED
    deployments.start_deployment(review.release, environment="production", region="eu-central", actor=cast.publisher)
    review.release.system.refresh_from_db()
    assert review.release.system.lifecycle_stage == Stage.PRODUCTION


def test_a_sandbox_never_serves_as_production(review, cast):
    approved(review, cast)
    releases.publish(review.release, reason=GOOD, actor=cast.publisher)
    deployments.start_deployment(review.release, environment="sandbox", region="eu", actor=cast.publisher)
    review.release.system.refresh_from_db()
    assert review.release.system.lifecycle_stage == Stage.DEVELOPMENT


def test_only_a_published_release_is_deployed(review, cast):
    with pytest.raises(NotAllowed, match="only a published release"):
        deployments.start_deployment(review.release, environment="pilot", region="eu", actor=cast.publisher)


def test_change_of_purpose_voids_the_sign_offs_and_names_change_and_person(review, cast):
    """An approval is bound to what was approved."""
    approved(review, cast)
    inventory.edit_system(review.release.system, purpose="Now it also sets the credit limit.", actor=cast.owner)
    voided = SignOff.objects.filter(review=review, voided_at__isnull=False)
    assert voided.count() == 2
    assert "context changed" in voided[0].void_reason
    assert str(cast.owner) in voided[0].void_reason
    assert status(review) == VersionStatus.IN_REVIEW


def test_a_change_that_is_no_material_voids_nothing(review, cast):
    approved(review, cast)
    inventory.edit_system(review.release.system, name="Card offer, renamed", actor=cast.owner)
    assert not SignOff.objects.filter(voided_at__isnull=False).exists()


def test_change_after_publication_suspends_and_reopens(review, cast):
    approved(review, cast)
    releases.publish(review.release, reason=GOOD, actor=cast.publisher)
    inventory.edit_system(review.release.system, purpose="A wider purpose than before.", actor=cast.owner)
    assert status(review) == VersionStatus.SUSPENDED
    review.refresh_from_db()
    assert review.status == "open"
    assert review.round == 2
    approved(review, cast)
    assert status(review) == VersionStatus.APPROVED


def test_a_decision_about_something_else_than_was_seen_is_refused(review, cast):
    seen = review.subject_digest
    inventory.edit_system(review.release.system, purpose="Changed while the reviewer was reading.", actor=cast.owner)
    with pytest.raises(NotAllowed, match="not what is up for decision"):
        reviews.sign_off(
            review, duty="risk_officer", decision="approve", reason=GOOD, seen_digest=seen, actor=cast.risk_officer
        )


def test_a_change_by_sql_is_found_when_somebody_decides(review, cast, db):
    """The digest is computed afresh at the decision, so a change that passed no action voids too."""
    from django.db import connection

    approve(review, cast.risk_officer, "risk_officer")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_aisystem SET purpose = 'something else entirely'")
    with pytest.raises(NotAllowed, match="changed meanwhile"):
        approve(review, cast.approver, "approver")
    assert SignOff.objects.filter(review=review, voided_at__isnull=False).exists()


def test_nobody_approves_while_a_gate_is_closed(cast):
    version = factories.make_releasable(cast, verdict="fail")
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    with pytest.raises(GateClosed, match="the verdict is"):
        approve(review, cast.risk_officer, "risk_officer")
    assert not SignOff.objects.exclude(decision="").exists()


def test_insufficient_evidence_opens_no_gate(cast):
    version = factories.make_releasable(cast, verdict="insufficient")
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    with pytest.raises(GateClosed, match="too little data"):
        approve(review, cast.risk_officer, "risk_officer")


def test_requested_changes_give_the_version_back_to_its_author(review, cast):
    reviews.sign_off(
        review, duty="risk_officer", decision="request_changes", reason="Say more about seasonal effects.",
        seen_digest=review.subject_digest, actor=cast.risk_officer,
    )  # fmt: skip
    assert status(review) == VersionStatus.CHANGES_REQUESTED
    again = releases.submit_for_review(review.release.version, notes="Seasonal effects described.", actor=cast.owner)
    assert again.pk != review.pk


def test_a_decision_needs_a_reason(review, cast):
    with pytest.raises(BadInput, match="at least ten characters"):
        reviews.sign_off(
            review, duty="risk_officer", decision="approve", reason="ok", seen_digest=review.subject_digest,
            actor=cast.risk_officer,
        )  # fmt: skip


def test_outsider_of_another_unit_cannot_decide(review, cast):
    with pytest.raises(NotAllowed):
        approve(review, cast.outsider, "risk_officer")


def test_a_revoked_duty_ends_at_once(review, cast):
    grant = cast.risk_officer.role_assignments.get()
    factories.people.end_duty(grant, actor=cast.administrator)
    with pytest.raises(NotAllowed):
        approve(review, cast.risk_officer, "risk_officer")


def test_submission_needs_a_card(cast):
    version = factories.make_version(cast)
    with pytest.raises(BadInput, match="required fields"):
        releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)


def test_a_submitted_card_is_not_edited_but_followed_by_a_revision(review, cast):
    from registry.actions import cards

    card = cards.save_card(review.release.version, fields={"overview": "A later text. " * 10}, actor=cast.owner)
    assert card.number == review.release.card.number + 1
    assert not SignOff.objects.filter(voided_at__isnull=False).exists()


def test_submitting_twice_is_refused(review, cast):
    with pytest.raises(NotAllowed, match="cannot be submitted now"):
        releases.submit_for_review(review.release.version, notes="And once more.", actor=cast.owner)
