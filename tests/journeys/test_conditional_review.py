"""A two-stage review that five people walk in their browsers: a condition, its end, a change, the void, the re-approval."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from registry.models import Condition, Release, Review, SignOff
from tests import factories
from tests.journeys.walking import Walker
from tests.registry.reviews.scenes import under

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

REASON = "Read the card, the limits and the run; nothing stands against it."
STAGES = [
    {"name": "look", "ask": [{"duty": "risk_officer", "count": 1}], "due_days": 5},
    {"name": "decide", "ask": [{"duty": "approver", "count": 2}]},
]
CONDITION = "Publish the list of groups that are left out."


def offers(walker: Walker, path: str, words: str) -> bool:
    """Whether the page shows this button to this person."""
    walker.go(path)
    return walker.page.locator("main").get_by_role("button", name=words, exact=True).count() > 0


def only(path: str, words: str, *, may: list[Walker], not_: list[Walker]) -> None:
    """The button stands before those whom it obeys, and before nobody else."""
    assert {str(one.person): offers(one, path, words) for one in [*may, *not_]} == {
        **{str(one.person): True for one in may}, **{str(one.person): False for one in not_},
    }  # fmt: skip


def decide(reviewer: Walker, review: str, duty: str, decision: str = "approve", **more: str) -> None:
    """A decision as the page asks for it."""
    reviewer.go(review)
    reviewer.fill(duty=duty, reason=REASON)
    reviewer.page.locator(f"input[name=decision][value={decision}]").check()
    if more:
        reviewer.page.get_by_text("Conditions, for an approval with conditions").click()
        reviewer.fill(**more)
    reviewer.press("Sign")
    reviewer.told("Your decision is recorded")


def act(walker: Walker, path: str, button: str, note: str) -> None:
    """One of the acts of a condition, with its reason."""
    walker.go(path)
    section = walker.page.locator("section.panel", has=walker.page.get_by_role("button", name=button, exact=True))
    section.locator("[name=reason]").fill(note)
    walker.press(button)


def publish(publisher: Walker, release: Release) -> None:
    """A further person publishes."""
    publisher.go(release.get_absolute_url())
    publisher.fill(reason="All have signed, and the mailing is ready for it.")
    publisher.press("Publish")


def test_five_people_approve_with_a_condition_publish_and_decide_again_after_a_change(people, walk, monkeypatch):
    """S-026, S-033, S-035, P3: every button stands only before the person whom it obeys."""
    under(monkeypatch, stages=STAGES)
    version = factories.make_releasable(people)
    owner, officer, first = walk(people.owner), walk(people.risk_officer), walk(people.approver)
    second, publisher = walk(people.second_approver), walk(people.publisher)
    owner.go(version.get_absolute_url())
    owner.fill(notes="First release of the model.")
    owner.press("Submit for review")
    owner.told("is submitted")
    row = Review.objects.get()
    review, release = row.get_absolute_url(), row.release
    only(review, "Sign", may=[officer], not_=[owner, first, second, publisher])
    due = (timezone.localdate() + timedelta(days=20)).isoformat()
    decide(
        officer, review, "risk_officer", "approve_with_conditions",
        condition_1=CONDITION, owner_1=str(people.owner.pk), due_1=due,
    )  # fmt: skip
    only(review, "Sign", may=[first, second], not_=[owner, officer, publisher])
    first.sees(CONDITION)
    decide(first, review, "approver")
    decide(second, review, "approver")

    publisher.refused("met and verified before the publication", lambda: publish(publisher, release))
    condition = Condition.objects.get().get_absolute_url()
    only(condition, "Say that it is met", may=[owner], not_=[officer, first, publisher])
    act(owner, condition, "Say that it is met", "The list stands on our pages.")
    only(condition, "Verify it", may=[officer], not_=[owner, publisher])
    act(officer, condition, "Verify it", "Seen there this morning.")
    only(release.get_absolute_url(), "Publish", may=[publisher], not_=[owner, officer, first])
    publish(publisher, release)
    publisher.told("is published")

    owner.go(f"{release.system.get_absolute_url()}edit/")
    owner.fill(purpose="Chooses who is offered a card, and now also at which price.")
    owner.press("Save")
    officer.go(review)
    officer.sees("context changed: the description of")
    officer.sees("now also at which price")
    expect(officer.page.locator("#panel-dissent + .brief-lines li")).to_have_count(3)
    assert SignOff.objects.filter(voided_at__isnull=False).exclude(decision="").count() == 3
    only(release.get_absolute_url(), "Publish", may=[], not_=[publisher, owner])
    for reviewer, duty in ((officer, "risk_officer"), (first, "approver"), (second, "approver")):
        decide(reviewer, review, duty)
    publish(publisher, release)
    publisher.told("is published")
    assert Release.objects.get().status == "published"
    assert Review.objects.get().round == 2
