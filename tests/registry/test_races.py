"""Sign-offs and publications at the same moment: one decision a slot, one sentence for whoever came second."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from registry.actions import inventory, releases
from registry.audit import verification
from registry.models import AuditEntry, ModelVersion, Release, Review, SignOff, VersionStatus
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]
GOOD = "Read the card, the limits and the run; nothing stands against it."


@pytest.fixture
def people(transactional_db) -> factories.Cast:
    """The people of every story, in a database that all threads see."""
    return factories.make_cast()


def submitted(people: factories.Cast, **system) -> Review:
    """A release before its reviewers that passes every gate."""
    version = factories.make_releasable(people, **system)
    return releases.submit_for_review(version, notes="First release of the model.", actor=people.owner)


def browser(person) -> Client:
    """A signed-in browser."""
    client = Client()
    client.force_login(person)
    return client


def decide(client: Client, review: Review, duty: str, decision: str = "approve") -> Callable[[], str]:
    """A press on the button of the review's page; the answer is what the page says then."""
    form = {"duty": duty, "decision": decision, "reason": GOOD, "seen_digest": review.subject_digest}
    address = f"{review.get_absolute_url()}sign-off/"

    def press() -> str:
        answer = client.post(address, form, follow=True)
        assert answer.status_code in {200, 422}, answer.content[:500]
        return answer.content.decode()

    return press


def at_once(*acts: Callable[[], str]) -> list[str]:
    """All acts begin at the same moment, each in a thread with a connection of its own."""
    start = threading.Barrier(len(acts))

    def begin(act: Callable[[], str]) -> str:
        start.wait(timeout=30)
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def given(review: Review) -> list[str]:
    """The decisions that stand, by duty."""
    rows = SignOff.objects.standing().filter(review=review)
    return sorted(rows.values_list("duty", flat=True))


def entries(action: str) -> int:
    """How often the log says so."""
    return AuditEntry.objects.filter(action=action).count()


def recorded(pages: list[str]) -> int:
    """How many pages say that a decision is recorded."""
    return sum("Your decision is recorded" in page for page in pages)


def require_sound_log() -> None:
    """The log verifies, and all rows agree with it."""
    assert list(verification.findings()) == []


@pytest.fixture
def rounds(amount) -> range:
    """How often a race is run."""
    return range(amount(20))


def test_a_double_click_on_approve_decides_once(people, rounds):
    """R4: of presses at one moment one counts, and every other page says that this person has decided."""
    for _round in rounds:
        review, before = submitted(people), entries("sign_off.given")
        tabs = [browser(people.risk_officer) for _tab in range(4)]
        pages = at_once(*(decide(tab, review, "risk_officer") for tab in tabs))
        assert recorded(pages) == 1
        assert all("You have decided on this release already" in page for page in pages if not recorded([page]))
        assert (given(review), entries("sign_off.given") - before) == (["risk_officer"], 1)
    require_sound_log()


def test_of_two_approvers_at_once_one_closes_the_review_and_the_other_is_told_so(people, rounds):
    """P3: a slot holds one decision, and the version is approved once."""
    for _round in rounds:
        review = submitted(people)
        decide(browser(people.risk_officer), review, "risk_officer")()
        both = [browser(person) for person in (people.approver, people.second_approver)]
        pages = at_once(*(decide(one, review, "approver") for one in both))
        assert recorded(pages) == 1
        assert sum("This review is closed (Approved)" in page for page in pages) == 1
        assert given(review) == ["approver", "risk_officer"]
        assert AuditEntry.objects.filter(action="version.approved", object_id=review.release.version_id).count() == 1
    require_sound_log()


def test_two_approvers_of_a_high_risk_release_both_count(people, rounds):
    """Four eyes: each fills a slot of his own, and the last one approves."""
    for _round in rounds:
        review = high_risk(people)
        both = [browser(person) for person in (people.approver, people.second_approver)]
        pages = at_once(*(decide(one, review, "approver") for one in both))
        assert recorded(pages) == 2, pages
        assert given(review) == ["approver", "approver", "privacy_officer", "risk_officer"]
        assert ModelVersion.objects.get(pk=review.release.version_id).status == VersionStatus.APPROVED
    require_sound_log()


def high_risk(people: factories.Cast) -> Review:
    """A release of a high-risk system of which the first stage is signed."""
    review = submitted(people, risk_tier="high", affects_people=False)
    for person, duty in ((people.risk_officer, "risk_officer"), (people.privacy_officer, "privacy_officer")):
        assert recorded([decide(browser(person), review, duty)()]) == 1
    return review


def test_an_approval_and_a_rejection_at_once_leave_one_end(people, rounds):
    """Whichever comes first, the review ends once and the other reviewer is told how."""
    for _round in rounds:
        review = high_risk(people)
        acts = (
            decide(browser(people.approver), review, "approver"),
            decide(browser(people.second_approver), review, "approver", "reject"),
        )
        pages = at_once(*acts)
        review.refresh_from_db()
        assert review.status == Review.Status.REJECTED
        assert recorded(pages) in {1, 2}
        assert ModelVersion.objects.get(pk=review.release.version_id).status == VersionStatus.REJECTED
    require_sound_log()


def test_an_approval_never_lands_on_material_that_changed_at_that_moment(people, rounds):
    """P3: what stands is bound to the digest that is up for decision, whichever came first."""
    for _round in rounds:
        review = submitted(people)
        system = review.release.system

        def edit(system=system) -> str:
            inventory.edit_system(system, purpose="Chooses who is offered a loan, too.", actor=people.owner)
            return ""

        at_once(decide(browser(people.risk_officer), review, "risk_officer"), edit)
        review.refresh_from_db()
        standing = SignOff.objects.standing().filter(review=review)
        assert {slot.subject_digest for slot in standing} <= {review.subject_digest}
        assert review.round == 2
    require_sound_log()


def test_a_double_click_on_publish_publishes_once(people, rounds):
    """R2, R3: one publication, and the other page says where the version is."""
    for _round in rounds:
        review = submitted(people)
        decide(browser(people.risk_officer), review, "risk_officer")()
        decide(browser(people.approver), review, "approver")()
        pages = at_once(*(publish(browser(people.publisher), review.release) for _tab in range(3)))
        assert sum("is published." in page for page in pages) == 1
        assert sum("this cannot be done to it now" in page for page in pages) == 2
        assert Release.objects.get(pk=review.release_id).status == Release.Status.PUBLISHED
        assert AuditEntry.objects.filter(action="release.published", object_id=review.release_id).count() == 1
    require_sound_log()


def publish(client: Client, release: Release) -> Callable[[], str]:
    """A press on the button that publishes."""

    def press() -> str:
        form = {"reason": "Marketing waits for it; both reviewers agree."}
        return client.post(f"{release.get_absolute_url()}publish/", form, follow=True).content.decode()

    return press
