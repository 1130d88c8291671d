"""Reviews under policies made for a test, and what people do in them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from registry import policy
from registry.actions import releases, reviews
from registry.actions.conditions import Asked
from registry.models import Review, SignOff, User
from tests import factories

GOOD = "Read the card, the limits and the run; nothing stands against it."


def under(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Whatever policy is in force, it says this, too."""
    for name in ("of_tier", "of_system"):
        before = getattr(policy, name)
        monkeypatch.setattr(policy, name, lambda of, before=before: policy.Policy(before(of).body | changes))


def opened(cast: factories.Cast, **system: Any) -> Review:
    """A submitted release that passes every gate."""
    version = factories.make_releasable(cast, **system)
    return releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)


def decide(review: Review, person: User, duty: str, decision: str = "approve", **more: Any) -> SignOff:
    """A decision on what is up now."""
    review.refresh_from_db()
    return reviews.sign_off(
        review,
        duty=duty,
        decision=decision,
        actor=person,
        **{"reason": GOOD, "seen_digest": review.subject_digest, **more},
    )


def asked(owner: User, *, days: int = 30, text: str = "Publish the list of excluded groups.") -> Asked:
    """A condition."""
    return Asked(text, owner, timezone.localdate() + timedelta(days=days))


def approvers(cast: factories.Cast, count: int) -> list[User]:
    """The two approvers of the cast, and as many more as are needed."""
    more = [
        factories.invite(f"board{number}", f"Board {number}", "approver", cast.unit, cast.administrator)
        for number in range(count - 2)
    ]
    return [cast.approver, cast.second_approver, *more][:count]
