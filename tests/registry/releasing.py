"""Takes versions all the way to a published release, and a second one after it in the same system."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from registry.actions import release_contents, releases, reviews
from registry.audit import log
from registry.models import ModelVersion, Release, SignOff, VersionStatus
from registry.parts import Choice
from tests import factories, kept_cast

GOOD = "Read the card, the limits and the run; nothing stands against it."
RULE = "selection_rate_difference<=0.1"


def agreed(cast: factories.Cast, version: ModelVersion, **contents: Any) -> Release:
    """An approved release of the version."""
    review = releases.submit_for_review(version, notes="A release of the model.", actor=cast.owner, **contents)
    decide(cast, review)
    return Release.objects.get(pk=review.release_id)


def decide(cast: factories.Cast, review: Any) -> None:
    """The sign-offs of the minimal or the limited tier on what is up now."""
    for person, duty in ((cast.risk_officer, "risk_officer"), (cast.approver, "approver")):
        if not SignOff.objects.waiting().filter(review=review, duty=duty).exists():
            continue
        review.refresh_from_db()
        reviews.sign_off(
            review, duty=duty, decision="approve", reason=GOOD, seen_digest=review.subject_digest, actor=person
        )


def published(
    cast: factories.Cast, version: ModelVersion | None = None, *, rollback_to: Release | None = None, **contents: Any
) -> Release:
    """A published release of the version, or of a new one in a system of its own."""
    release = agreed(cast, version or factories.make_releasable(cast), **contents)
    releases.publish(release, reason=GOOD, actor=cast.publisher, rollback_to=rollback_to)
    return Release.objects.get(pk=release.pk)


def two_published(cast: factories.Cast) -> tuple[Release, Release]:
    """Two published releases of one system; the second names the first."""

    def make(cast: factories.Cast) -> tuple[Release, Release]:
        first = published(cast)
        return first, published(cast, next_version(cast, first), rollback_to=first)

    first, second = kept_cast.story("two published", cast, make)
    return first, second


def served(
    cast: factories.Cast, version: ModelVersion | None = None, *, artifact_versions: Any = (), **facts: Any
) -> Release:
    """A published release put there as rows of a test, where how it came to be is not what the test is about."""
    version = version or factories.make_version(cast)
    version.status = VersionStatus.PUBLISHED
    version.save()
    release = Release(
        system=version.home_system, version=version, author=cast.owner, status=Release.Status.PUBLISHED,
        published_at=timezone.now(), **facts,
    )  # fmt: skip
    with transaction.atomic():
        release_contents.compose(release, Choice(tuple(artifact_versions)), actor=cast.owner)
        for row in (version, release):
            log.record(cast.publisher, "release.published" if row is release else "version.published", row)
    return release


def next_version(cast: factories.Cast, release: Release) -> ModelVersion:
    """A further version of the same model that passes every gate."""
    version = factories.make_version(cast, release.version.model)
    factories.fill_card(cast, version)
    factories.make_evidence(cast, version, outcome={"verdict": "pass", "thresholds": [{"rule": RULE}]})
    return version
