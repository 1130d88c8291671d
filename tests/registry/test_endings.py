"""Ends of a version: who suspends, deprecates and retires it, what follows, and what is refused."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.actions import deployments, endings, inventory, releases, reviews, tokens
from registry.audit import verification
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, ModelVersion, Release, Review, SignOff, Task, VersionStatus
from tests import factories
from tests.registry import ending

GOOD = "A supplier reported a fault in the training data."


@pytest.fixture
def release(cast) -> Release:
    """A published release that serves nowhere, its end planned and prepared."""
    version = factories.make_releasable(cast)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    for person, duty in ((cast.risk_officer, "risk_officer"), (cast.approver, "approver")):
        decide(review, person, duty)
    releases.publish(review.release, reason=GOOD, actor=cast.publisher)
    ending.ready(cast, version)
    return Release.objects.get(pk=review.release_id)


def decide(review: Review, person, duty: str) -> None:
    """An approval of what is up for decision now."""
    review.refresh_from_db()
    seen = review.subject_digest
    reviews.sign_off(review, duty=duty, decision="approve", reason=GOOD, seen_digest=seen, actor=person)


def version_of(release: Release) -> ModelVersion:
    """Its version as stored now."""
    return ModelVersion.objects.get(pk=release.version_id)


def reasons(action: str) -> bytes:
    """What the log keeps of the last such act."""
    return bytes(AuditEntry.objects.filter(action=action).latest("seq").body.body)


# ---- suspend


def test_a_suspension_voids_the_sign_offs_with_its_reason_and_asks_anew(release, cast):
    endings.suspend(release, reason=GOOD, actor=cast.risk_officer)
    assert version_of(release).status == VersionStatus.SUSPENDED
    voided = SignOff.objects.filter(review__release=release, voided_at__isnull=False)
    assert {slot.void_reason for slot in voided} == {f"suspended by Rita Risk: {GOOD}"}
    assert Review.objects.get(release=release).status == Review.Status.OPEN
    assert Task.objects.waiting().filter(kind=Task.Kind.LOOK_AGAIN).exists()
    assert GOOD.encode() in reasons("version.suspended")
    assert list(verification.findings()) == []


def test_what_was_suspended_is_decided_on_and_published_again(release, cast):
    endings.suspend(release, reason=GOOD, actor=cast.risk_officer)
    review = Review.objects.get(release=release)
    decide(review, cast.risk_officer, "risk_officer")
    decide(review, cast.approver, "approver")
    releases.publish(release, reason=GOOD, actor=cast.publisher)
    assert version_of(release).status == VersionStatus.PUBLISHED


def test_only_what_is_published_is_suspended(release, cast):
    """A second press meets a sentence and voids nothing more."""
    endings.suspend(release, reason=GOOD, actor=cast.risk_officer)
    before = AuditEntry.objects.count()
    with pytest.raises(NotAllowed, match="is In review; only what is published can be suspended"):
        endings.suspend(release, reason=GOOD, actor=cast.approver)
    assert AuditEntry.objects.count() == before


def test_an_owner_suspends_nothing(release, cast):
    with pytest.raises(NotAllowed, match=r"approval\.revoke"):
        endings.suspend(release, reason=GOOD, actor=cast.owner)


# ---- deprecate


def test_a_deprecated_version_carries_the_day_and_keeps_its_sign_offs(release, cast):
    inventory.edit_version(
        release.version, deprecation_date=timezone.localdate() + timedelta(days=90), actor=cast.owner
    )
    endings.deprecate(release, reason=GOOD, actor=cast.owner)
    version = version_of(release)
    assert (version.status, version.deprecation_date) == (VersionStatus.DEPRECATED, timezone.localdate())
    assert SignOff.objects.standing().filter(review__release=release).count() == 2
    assert GOOD.encode() in reasons("version.deprecated")


def test_an_end_needs_a_reason(release, cast):
    for act, person in ((endings.suspend, cast.risk_officer), (endings.deprecate, cast.owner), (endings.retire, cast.approver)):  # fmt: skip
        with pytest.raises(BadInput, match="at least ten characters"):
            act(release, reason=" old ", actor=person)
    assert version_of(release).status == VersionStatus.PUBLISHED


def test_a_version_that_was_never_published_is_not_deprecated(cast):
    version = factories.make_releasable(cast)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    with pytest.raises(NotAllowed, match="this cannot be done to it now"):
        endings.deprecate(review.release, reason=GOOD, actor=cast.owner)


# ---- retire


def test_a_retired_version_carries_the_day_and_its_release_is_withdrawn(release, cast):
    """The end is an act of a second person, in the log with its reason."""
    endings.deprecate(release, reason=GOOD, actor=cast.owner)
    endings.retire(release, reason=GOOD, actor=cast.approver)
    version = version_of(release)
    assert (version.status, version.retirement_date) == (VersionStatus.RETIRED, timezone.localdate())
    assert Release.objects.get(pk=release.pk).status == Release.Status.WITHDRAWN
    assert GOOD.encode() in reasons("version.retired")
    assert list(verification.findings()) == []


def test_a_version_that_still_serves_is_not_retired(release, cast):
    running = deployments.start_deployment(release, environment="pilot", region="eu", actor=cast.publisher)
    with pytest.raises(NotAllowed, match="still serves"):
        endings.retire(release, reason=GOOD, actor=cast.approver)
    deployments.stop_deployment(running, reason=GOOD, actor=cast.publisher)
    endings.retire(release, reason=GOOD, actor=cast.approver)
    assert version_of(release).status == VersionStatus.RETIRED


def test_whoever_made_a_version_does_not_retire_it(release, cast):
    factories.grant(cast, cast.owner, "approver")
    with pytest.raises(NotAllowed, match="somebody else must retire it"):
        endings.retire(release, reason=GOOD, actor=cast.owner)


def test_whoever_deprecated_a_version_does_not_retire_it(release, cast):
    factories.grant(cast, cast.risk_officer, "approver")
    endings.deprecate(release, reason=GOOD, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="You deprecated"):
        endings.retire(release, reason=GOOD, actor=cast.risk_officer)


def test_retiring_what_is_suspended_ends_its_review_and_its_tasks(release, cast):
    endings.suspend(release, reason=GOOD, actor=cast.risk_officer)
    endings.retire(release, reason=GOOD, actor=cast.approver)
    assert Review.objects.get(release=release).status == Review.Status.WITHDRAWN
    assert not Task.objects.waiting().filter(system=release.system, kind=Task.Kind.LOOK_AGAIN).exists()


# ---- the page


def test_the_page_offers_each_end_to_those_who_may(release, cast, client):
    offered = {}
    for person in (cast.owner, cast.risk_officer, cast.approver, cast.publisher):
        client.force_login(person)
        page = client.get(version_of(release).get_absolute_url()).content.decode()
        offered[person] = {verb for verb in ("suspend", "deprecate", "retire") if f"/{verb}/" in page}
    assert offered == {
        cast.owner: {"deprecate"}, cast.risk_officer: {"suspend", "deprecate"},
        cast.approver: {"suspend", "retire"}, cast.publisher: set(),
    }  # fmt: skip


def test_a_refused_end_stands_at_its_form_with_what_was_typed(release, cast, client):
    deployments.start_deployment(release, environment="pilot", region="eu", actor=cast.publisher)
    client.force_login(cast.approver)
    answer = client.post(reverse("version-retire", args=[release.version_id]), {"reason": GOOD})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "still serves" in page
    assert GOOD in page
    assert version_of(release).status == VersionStatus.PUBLISHED


def test_an_end_that_is_no_longer_open_is_said_on_the_page(release, cast, client):
    """Two people suspend at once: the second reads how it stands."""
    client.force_login(cast.approver)
    address = reverse("version-suspend", args=[release.version_id])
    assert client.post(address, {"reason": GOOD}).status_code == 302
    again = client.post(address, {"reason": GOOD})
    assert again.status_code == 422
    assert "only what is published can be suspended" in again.content.decode()


def test_a_version_ends_by_its_page(release, cast, client):
    for person, verb in ((cast.owner, "deprecate"), (cast.approver, "retire")):
        client.force_login(person)
        client.post(reverse(f"version-{verb}", args=[release.version_id]), {"reason": GOOD})
    assert version_of(release).status == VersionStatus.RETIRED
    assert "/retire/" not in client.get(version_of(release).get_absolute_url()).content.decode()


# ---- the same by REST


def test_a_version_ends_by_rest_with_its_reason(release, cast, client):
    place = f"/api/v1/versions/{release.version_id}/"
    client.force_login(cast.owner)
    assert client.post(place + "deprecate/", {}, content_type="application/json").status_code == 400
    answer = client.post(place + "deprecate/", {"reason": GOOD}, content_type="application/json")
    assert answer.json()["status"] == "deprecated"
    refused = client.post(place + "retire/", {"reason": GOOD}, content_type="application/json")
    assert (refused.status_code, version_of(release).status) == (403, "deprecated")


def test_a_token_takes_nothing_out_of_use(release, cast, client):
    """Tokens never decide: no scope names these acts."""
    _row, token = tokens.create_token(cast.risk_officer, name="Pipeline", scopes=list(tokens.SCOPES), unit=cast.unit)
    answer = client.post(
        f"/api/v1/versions/{release.version_id}/suspend/", {"reason": GOOD}, content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    assert answer.status_code == 403
    assert version_of(release).status == VersionStatus.PUBLISHED
