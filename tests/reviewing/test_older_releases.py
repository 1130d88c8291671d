"""Of the releases of one version only the newest is up: an older one is not moved by the state of its version."""

from functools import partial

import pytest

from registry.actions import endings, releases, renewals, reviews
from registry.errors import DomainError
from registry.models import ModelVersion, Release
from tests import factories
from tests.reviewing import world as worlds
from tests.reviewing.checker import Checker
from tests.reviewing.world import GOOD, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast) -> World:
    """A version whose first release was taken back before anybody decided, while its second one waits for a publisher."""
    world = World(cast, factories.make_releasable(cast))
    worlds.submit(world, "owner", 0)
    worlds.withdraw(world, "owner", 0)
    worlds.submit(world, "owner", 0)
    while world.release.status != Release.Status.APPROVED:
        worlds.proceed(world, "owner", 0)
    return world


def test_a_release_that_nobody_approved_is_not_published_when_another_one_of_its_version_is_approved(world):
    """P3: the approval is that of the newer release."""
    older = older_of(world)
    with pytest.raises(DomainError, match="Withdrawn"):
        releases.publish(older, reason=GOOD, actor=world.cast.publisher)
    worlds.publish(world, "publisher", 0)
    found = Checker().read()
    assert (found.violations, found.publications) == ([], 1)


def test_nothing_that_can_be_done_to_a_release_reaches_its_version_through_an_older_one(world):
    """P3: whatever is refused leaves the newer release and the version as they were."""
    acts = {
        "withdraw": partial(releases.withdraw, actor=world.cast.owner),
        "publish": partial(releases.publish, actor=world.cast.publisher),
        "suspend": partial(endings.suspend, actor=world.cast.risk_officer),
        "deprecate": partial(endings.deprecate, actor=world.cast.owner),
        "retire": partial(endings.retire, actor=world.cast.risk_officer),
        "renew": partial(renewals.renew, actor=world.cast.owner),
    }
    for published in (False, True):
        if published:
            worlds.publish(world, "publisher", 0)
        for name, act in acts.items():
            before = statuses(world)
            with pytest.raises(DomainError):
                act(older_of(world), reason=GOOD)
            assert statuses(world) == before, name
    assert Checker().read().violations == []


def test_a_release_that_was_read_before_it_was_taken_back_is_not_taken_back_again(cast):
    """P3: two browsers with one page: the second withdrawal finds another release before the reviewers, and leaves it."""
    world = World(cast, factories.make_releasable(cast))
    worlds.submit(world, "owner", 0)
    read = world.release
    worlds.withdraw(world, "owner", 0)
    worlds.submit(world, "owner", 0)
    with pytest.raises(DomainError):
        releases.withdraw(read, reason=GOOD, actor=cast.owner)
    assert world.release.status == Release.Status.IN_REVIEW
    assert ModelVersion.objects.get(pk=world.version.pk).status == "in_review"


def test_a_decision_on_a_release_that_was_taken_back_is_refused(world):
    """P3: its review is closed, whatever the newer one is."""
    older = older_of(world)
    with pytest.raises(DomainError):
        reviews.sign_off(
            older.review, duty="approver", decision="approve", reason=GOOD, seen_digest=older.review.subject_digest,
            actor=world.cast.approver,
        )  # fmt: skip


def older_of(world: World) -> Release:
    """The first release of the version."""
    return Release.objects.filter(version=world.version).earliest("created_at")


def statuses(world: World) -> tuple[list[str], str]:
    """Of the releases in their order, and of the version."""
    found = Release.objects.filter(version=world.version).order_by("created_at").values_list("status", flat=True)
    return list(found), ModelVersion.objects.get(pk=world.version.pk).status
