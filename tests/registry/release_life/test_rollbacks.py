"""A whole release falls back as one act, and what is published and what runs stay in agreement."""

import pytest

from registry import lifecycle
from registry.actions import deployments, endings, releases, rollbacks
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Deployment, ModelVersion, Release, VersionStatus
from tests.registry import releasing

WHY = "It declines every second applicant since the morning."


@pytest.fixture
def pair(cast):
    """Two published releases of one system; the second names the first and runs in two regions."""
    first, second = releasing.two_published(cast)
    for region in ("eu-central", "eu-west"):
        deployments.start_deployment(second, environment="production", region=region, actor=cast.publisher)
    return first, second


def state(release: Release) -> tuple[str, str]:
    """The status of the release and of its version."""
    release.refresh_from_db()
    return release.status, ModelVersion.objects.get(pk=release.version_id).status


def test_all_that_runs_of_a_release_falls_back_in_one_act(cast, pair):
    """One reason, one entry for the release, one for each deployment; the version goes back to its author."""
    first, second = pair
    before = AuditEntry.objects.latest("seq").seq
    rollbacks.roll_back_release(second, reason=WHY, actor=cast.publisher)
    assert state(second) == (Release.Status.ROLLED_BACK, VersionStatus.CHANGES_REQUESTED)
    assert state(first) == (Release.Status.PUBLISHED, VersionStatus.PUBLISHED)
    running = Deployment.objects.running().values_list("release", "region")
    assert sorted(running) == [(first.pk, "eu-central"), (first.pk, "eu-west")]
    said = list(AuditEntry.objects.filter(seq__gt=before).values_list("action", flat=True))
    assert (said.count("release.rolled_back"), said.count("deployment.rolled_back")) == (1, 2)
    assert second.system.releases.filter(status=Release.Status.PUBLISHED).count() == 1


def test_a_failure_half_way_leaves_everything_as_it_was(cast, pair, monkeypatch):
    """It is one act: no deployment falls back alone."""
    _first, second = pair
    calls = []

    def breaks(row, *rest, **more):
        calls.append(row)
        if len(calls) == 2:
            raise NotAllowed("the second region cannot")
        return deployments.replaced(row, *rest, **more)

    monkeypatch.setattr(rollbacks, "replaced", breaks)
    with pytest.raises(NotAllowed):
        rollbacks.roll_back_release(second, reason=WHY, actor=cast.publisher)
    assert state(second) == (Release.Status.PUBLISHED, VersionStatus.PUBLISHED)
    assert set(Deployment.objects.running().values_list("release", flat=True)) == {second.pk}


def test_a_release_without_a_target_is_not_rolled_back(cast):
    """The sentence says what to do instead."""
    only = releasing.published(cast)
    with pytest.raises(NotAllowed, match="suspend it"):
        rollbacks.roll_back_release(only, reason=WHY, actor=cast.publisher)


def test_a_release_is_rolled_back_once_with_a_reason_and_by_who_may_stop_it(cast, pair):
    _first, second = pair
    for person in (cast.approver, cast.auditor, cast.outsider):
        with pytest.raises(NotAllowed):
            rollbacks.roll_back_release(second, reason=WHY, actor=person)
    with pytest.raises(BadInput):
        rollbacks.roll_back_release(second, reason="why", actor=cast.risk_officer)
    rollbacks.roll_back_release(second, reason=WHY, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="already"):
        rollbacks.roll_back_release(second, reason=WHY, actor=cast.risk_officer)


def test_who_would_fall_back_to_it_falls_back_to_its_target(cast, pair):
    """No release that runs leads to one that was rolled back."""
    first, second = pair
    third = releasing.published(cast, releasing.next_version(cast, second), rollback_to=second)
    releases.choose_fallback(first, reason=WHY, rollback_to=third, actor=cast.publisher)
    rollbacks.roll_back_release(second, reason=WHY, actor=cast.publisher)
    assert Release.objects.get(pk=third.pk).rollback_to == first
    rollbacks.roll_back_release(third, reason=WHY, actor=cast.publisher)
    assert Release.objects.get(pk=first.pk).rollback_to is None


def test_a_suspended_release_can_be_rolled_back_and_its_review_ends(cast, pair):
    _first, second = pair
    endings.suspend(second, reason=WHY, actor=cast.risk_officer)
    second.refresh_from_db()
    assert second.is_suspended
    assert WHY in second.suspension_reason
    rollbacks.roll_back_release(second, reason=WHY, actor=cast.publisher)
    second.refresh_from_db()
    assert (second.status, second.review.status) == (Release.Status.ROLLED_BACK, "withdrawn")
    assert not second.is_suspended


def test_what_was_rolled_back_returns_only_by_a_release_of_its_own(cast, pair):
    first, second = pair
    rollbacks.roll_back_release(second, reason=WHY, actor=cast.publisher)
    with pytest.raises(NotAllowed):
        releases.publish(second, reason=WHY, rollback_to=first, actor=cast.publisher)
    again = releasing.agreed(cast, ModelVersion.objects.get(pk=second.version_id))
    assert again.pk != second.pk


def test_a_suspension_ends_with_new_sign_offs_and_another_publication(cast):
    """S-023: nobody lifts it alone; the owner, who may not suspend, does not lift it either."""
    release = releasing.published(cast)
    with pytest.raises(NotAllowed):
        endings.suspend(release, reason=WHY, actor=cast.owner)
    endings.suspend(release, reason=WHY, actor=cast.risk_officer)
    release = Release.objects.get(pk=release.pk)
    with pytest.raises(NotAllowed):
        releases.publish(release, reason=WHY, actor=cast.publisher)
    releasing.decide(cast, release.review)
    release = Release.objects.get(pk=release.pk)
    assert (release.status, release.is_suspended) == (Release.Status.APPROVED, True)
    for person in (cast.owner, cast.approver, cast.risk_officer):
        with pytest.raises(NotAllowed):
            releases.publish(release, reason=WHY, actor=person)
    releases.publish(release, reason=WHY, actor=cast.publisher)
    assert not Release.objects.get(pk=release.pk).is_suspended
    assert lifecycle.TRANSITIONS["approve"].gated
