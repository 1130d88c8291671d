"""The past: every object on every day is as the log says it was, and a version comes with all that surrounded it."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from registry.actions import inventory, releases, reviews
from registry.audit import as_of
from registry.canonical import plain
from registry.models import AuditBody, ModelCard, Review
from tests import factories

FIRST = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
GOOD = "Read the card, the limits and the run; nothing stands against it."


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told the day: `clock(3)` is the morning of day 3."""
    at = [FIRST]
    monkeypatch.setattr(timezone, "now", lambda: at[0])

    def to(day: int, minutes: int = 0) -> date:
        at[0] = FIRST + timedelta(days=day, minutes=minutes)
        return at[0].date()

    return to


def snapshot(row) -> dict:
    """The row as it is stored now, in the log's terms."""
    return plain(type(row)._base_manager.get(pk=row.pk).snapshot())


def test_random_edits_over_days_are_rebuilt_exactly(clock, cast, amount, seed):
    """P1: 400 edits of systems, versions and cards over 60 days; the state on each day is the one that was there."""
    rng = random.Random(seed)
    versions = [factories.make_version(cast) for _ in range(3)]
    rows = [*versions, *(version.home_system for version in versions)]
    truth: dict[int, dict] = {-1: {}}
    for day in range(60):
        for number in range(rng.randrange(amount(400) // 30 + 2)):
            clock(day, number)
            edit(rng, cast, rng.choice(versions), number)
        cards = ModelCard.objects.filter(version__in=versions)
        truth[day] = {(row._meta.label, row.pk): snapshot(row) for row in [*rows, *cards]}
    known = truth[59]
    wrong = [
        (day, key)
        for day in range(60)
        for key in known
        if as_of.state_of(key, FIRST.date() + timedelta(days=day)) != truth[day].get(key)
    ]
    assert not wrong
    assert as_of.state_of(versions[0], FIRST - timedelta(seconds=1)) is None


def edit(rng: random.Random, cast, version, number: int) -> None:
    """One of the changes that an owner makes."""
    kind = rng.randrange(3)
    text = f"Text {rng.randrange(10**6)} that an owner wrote on this day, long enough."
    if kind == 0:
        inventory.edit_system(version.home_system, purpose=text, actor=cast.owner)
    elif kind == 1:
        version.refresh_from_db()
        inventory.edit_version(version, change_note=text, actor=cast.owner)
    else:
        factories.cards.save_card(version, fields={"overview": text}, actor=cast.owner)


def test_a_version_on_a_day_comes_with_card_owners_approvals_and_policy(clock, cast):
    """A release that passes on day 10, is signed in part on day 12 and fully on day 14."""
    clock(0)
    version = factories.make_releasable(cast)
    clock(10)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    clock(12)
    sign(review, cast.risk_officer, "risk_officer")
    clock(14)
    sign(review, cast.approver, "approver")
    days = {day: as_of.version_as_of(version, FIRST.date() + timedelta(days=day)) for day in (0, 9, 10, 12, 14, 30)}
    assert [days[day].version.says("status") for day in days] == [
        "draft", "draft", "in_review", "in_review", "approved", "approved",
    ]  # fmt: skip
    assert [sum(one.decision == "approve" for one in days[day].approvals) for day in days] == [0, 0, 0, 1, 2, 2]
    assert days[9].review is None and days[9].policy is None
    assert days[10].policy == plain(Review.objects.get(pk=review.pk).policy)
    assert days[10].card.says("status") == "in_review" and days[14].card.says("status") == "approved"
    assert days[12].business_owner.name == "Olga Owner"
    assert [one.person and one.person.name for one in days[12].approvals] == ["Rita Risk", None]
    assert days[30].unit.says("name") == "Lending" and len(days[30].evidence) == 1


def sign(review: Review, person, duty: str) -> None:
    """An approval of what is up for decision now."""
    review.refresh_from_db()
    reviews.sign_off(
        review, duty=duty, decision="approve", reason=GOOD, seen_digest=review.subject_digest, actor=person
    )


def test_a_version_was_not_there_before_it_was_registered(clock, cast):
    clock(5)
    version = factories.make_version(cast)
    assert as_of.version_as_of(version, FIRST.date() + timedelta(days=4)) is None
    assert as_of.version_as_of(version.pk, FIRST.date() + timedelta(days=5)) is not None


def test_owners_carry_the_names_that_they_had(clock, cast):
    clock(0)
    version = factories.make_version(cast)
    clock(3)
    cast.owner.name = "Olga Newname"
    factories.inventory.saved(cast.owner, cast.administrator, "person.edited")
    before, after = (as_of.version_as_of(version, FIRST.date() + timedelta(days=day)) for day in (2, 3))
    assert (before.technical_owner.name, after.technical_owner.name) == ("Olga Owner", "Olga Newname")


def test_an_erased_state_says_so_and_the_others_stay(clock, cast):
    """P13."""
    clock(0)
    version = factories.make_version(cast)
    clock(1)
    inventory.edit_version(version, change_note="Written by a person who asks to be forgotten.", actor=cast.owner)
    today = FIRST.date() + timedelta(days=1)
    last = as_of.recorded(version, today)
    AuditBody.objects.filter(pk=last.entry).update(body=None, salt=None, erased_at=timezone.now())
    assert as_of.recorded(version, today).is_erased and as_of.state_of(version, today) is None
    assert as_of.state_of(version, FIRST.date())["change_note"] == ""
    assert as_of.version_as_of(version, today).version.is_erased


def test_the_last_moment_of_a_day_belongs_to_it(clock, cast):
    day = clock(0)
    version = factories.make_version(cast)
    clock(0, 14 * 60 + 29)  # 23:59
    inventory.edit_version(version, change_note="At the last minute of the day.", actor=cast.owner)
    assert as_of.state_of(version, day)["change_note"] == "At the last minute of the day."
