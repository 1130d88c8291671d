"""The checker over the log finds a sound story sound, and each kind of fault by its name."""

import pytest

from registry.actions import inventory
from tests.registry import releasing
from tests.reviewing.checker import Checker

pytestmark = pytest.mark.django_db


def test_a_story_as_it_should_be_has_no_violation(cast):
    """P3: published, edited, decided on anew and published again."""
    release = releasing.published(cast)
    inventory.edit_system(release.system, purpose="Chooses who is offered a loan, too.", actor=cast.owner)
    releasing.decide(cast, release.review)
    from registry.actions import releases

    releases.publish(release, reason=releasing.GOOD, actor=cast.publisher)
    found = Checker().read()
    assert (found.violations, found.publications, found.decisions) == ([], 2, 4)
