"""What is said in the open reviews: a question to an owner, an abstention, an approval with a condition."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.company.story import Company, Story, texts
from registry.actions import questions, reviews
from registry.actions.conditions import Asked
from registry.models import Review


def discuss(company: Company, stories: list[Story]) -> None:
    """Two reviews that wait, each with something that keeps it from being a mere formality."""
    told, by_name = texts()["reviewing"], {story.told["name"]: story for story in stories}
    asked = by_name[told["question"]["system"]]
    questions.say(
        review_of(asked), text=told["question"]["text"], asked_of=asked.system.technical_owner,
        actor=company.people["second_risk"],
    )  # fmt: skip
    watched = by_name[told["conditional"]["system"]]
    sign(company, watched, "risk", decision="abstain", reason=told["conditional"]["abstained"])
    condition = Asked(
        told["conditional"]["condition"], watched.system.technical_owner, timezone.localdate() + timedelta(days=30)
    )
    sign(
        company, watched, "second_risk", decision="approve_with_conditions", reason=told["conditional"]["reason"],
        conditions=[condition],
    )  # fmt: skip


def review_of(story: Story) -> Review:
    """The open review of the system's version."""
    return Review.objects.get(release__version=story.version)


def sign(company: Company, story: Story, who: str, **decision: Any) -> None:
    """A decision of a risk officer."""
    review = review_of(story)
    reviews.sign_off(
        review, duty="risk_officer", seen_digest=review.subject_digest, actor=company.people[who], **decision
    )
