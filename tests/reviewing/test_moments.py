"""A duty taken away in mid-review, a decision sent twice, and acts that meet in one moment."""

import time
from collections import Counter
from functools import partial
from random import Random
from threading import Event, Timer
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from registry import material
from registry.actions import people, releases, reviews, rounds
from registry.errors import NotAllowed
from registry.models import Release, Review, RoleAssignment, SignOff
from registry.transactions import retried
from tests import factories
from tests.registry import releasing
from tests.reviewing import crowd, world as worlds
from tests.reviewing.checker import Checker
from tests.reviewing.world import GOOD, World

both = [pytest.mark.both, pytest.mark.long, pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]


@pytest.fixture
def review(cast) -> Review:
    """A release before its reviewers."""
    version = factories.make_releasable(cast)
    return releases.submit_for_review(version, notes="A release of the model.", actor=cast.owner)


def test_a_duty_that_ends_in_mid_review_decides_no_more_and_what_it_decided_stands(cast, review):
    """R12, P3: the risk officer's word of yesterday counts, the approver without a duty is refused, another one decides."""
    world = World(cast, review.release.version)
    worlds.proceed(world, "owner", 0)
    for person in (cast.risk_officer, cast.approver):
        people.end_duty(person.role_assignments.get(), actor=cast.administrator)
    with pytest.raises(NotAllowed):
        worlds.sign_at_sight(world, "approver", 0)
    worlds.sign_at_sight(world, "second_approver", 0)
    worlds.publish(world, "publisher", 0)
    found = Checker().read()
    assert (found.violations, found.publications) == ([], 1)


def test_a_duty_is_given_and_taken_again_and_again_within_a_day(cast):
    """R12: a duty can be taken away whenever it is held."""
    for _time in range(3):
        people.end_duty(cast.approver.role_assignments.current().get(), actor=cast.administrator)
        factories.grant(cast, cast.approver, "approver")
    assert RoleAssignment.objects.filter(person=cast.approver, duty="approver").count() == 4


def test_who_edited_the_release_does_not_decide_on_it_though_owning_nothing_any_more(db):
    """R1, P3: release notes are a contribution, and the log remembers it after the ownership is over."""
    world = worlds.make_world()
    worlds.submit(world, "owner", 0)
    worlds.hand_over(world, "privacy_officer", 1)
    worlds.edit_release(world, "privacy_officer", 1)
    worlds.hand_over(world, "owner", 1)
    worlds.proceed(world, "owner", 0)
    with pytest.raises(NotAllowed, match="helped to make"):
        worlds.sign_at_sight(world, "privacy_officer", 0)


def test_who_published_does_not_decide_on_the_renewal(db):
    """R2, P3: approver and publisher stay apart when what is published is approved anew."""
    world = worlds.make_world()
    for _step in range(3):
        worlds.proceed(world, "owner", 0)
    worlds.publish(world, "publisher", 0)
    factories.grant(world.cast, world.cast.publisher, "risk_officer")
    worlds.renew(world, "owner", 0)
    with pytest.raises(NotAllowed, match="You published this release"):
        worlds.sign_at_sight(world, "publisher", 1)
    worlds.proceed(world, "owner", 0)
    worlds.proceed(world, "owner", 1)
    found = Checker().read()
    assert (found.violations, found.publications, world.review.status) == ([], 1, "approved")


def post(client: Client, review: Review, **headers: str):
    """A decision over the API on what is up now, as the risk officer's browser sends it."""
    return client.post(
        f"/api/v1/reviews/{review.pk}/sign-offs/",
        {"duty": "risk_officer", "decision": "approve", "reason": GOOD, "subject_digest": review.subject_digest},
        content_type="application/json", headers=headers,
    )  # fmt: skip


def test_a_decision_sent_twice_under_one_key_is_taken_once(cast, review):
    """P3: the second answer is the kept first one, also after the decision was voided: nothing is decided anew by it."""
    client = Client()
    client.force_login(cast.risk_officer)
    key = {"Idempotency-Key": "decision-1"}
    first, again = post(client, review, **key), post(client, review, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), again["Idempotent-Replay"]) == (first.json(), "true")
    worlds.edit_system(World(cast, review.release.version), "owner", 1)
    assert post(client, review, **key).json() == first.json()
    assert SignOff.objects.filter(review=review).exclude(decision="").count() == 1
    assert not SignOff.objects.standing().filter(review=review).exists()


def test_a_decision_sent_twice_without_a_key_is_refused_the_second_time(cast, review):
    """P3, R4: the same bytes sent again decide nothing; nor do they on a page that has changed since."""
    client = Client()
    client.force_login(cast.risk_officer)
    assert [post(client, review).status_code for _time in range(2)] == [201, 403]
    worlds.edit_system(World(cast, review.release.version), "owner", 1)
    assert post(client, review).status_code in {403, 409}
    assert not SignOff.objects.standing().filter(review=review).exists()
    assert Checker().read().violations == []


def told(name: str, cases: int, checker: Checker, ended: Counter[str], begun: float) -> str:
    """The line that a test prints."""
    return (
        f"\n{connection.vendor}: {name}, {cases} times, {len(checker.violations)} violations, "
        f"{checker.decisions} decisions, {checker.publications} publications, {time.monotonic() - begun:.0f} s, {dict(ended)}"
    )  # fmt: skip


class TestMeeting:
    """Two acts, statement by statement in turns."""

    pytestmark = both

    def test_a_decision_and_the_end_of_its_duty(self, transactional_db, times, seed, capsys):
        """P3: a decision is taken in a duty that is held then, or it is not taken, whichever the log has first."""
        cases, draw, ended, begun = times(100, 2), Random(seed), Counter[str](), time.monotonic()
        world, checker = worlds.make_world(), Checker()
        for _case in range(cases):
            give_back(world, "risk_officer", "risk_officer")
            anew(world)
            duty = RoleAssignment.objects.current().get(person=world.cast.risk_officer, duty="risk_officer")
            ended += crowd.interleaved(draw, [
                lambda: worlds.sign_at_sight(World(world.cast, world.version), "risk_officer", 1),
                crowd.later(lambda duty=duty: people.end_duty(duty, actor=world.cast.administrator), draw.randrange(400)),
            ])  # fmt: skip
            checker.read()
        with capsys.disabled():
            print(told("decision and end of duty", cases, checker, ended, begun))
        assert checker.violations == []

    @pytest.mark.parametrize(("act", "module", "before"), [
        (worlds.sign_at_sight, reviews, "signed_by"), (worlds.publish, releases, "fallback_of"),
    ])  # fmt: skip
    def test_who_is_made_an_owner_in_the_moment_of_the_act(self, transactional_db, monkeypatch, act, module, before):
        """R1, R3, P3: between the question of who owns it and the entry in the log the person becomes an owner."""
        if connection.vendor == "sqlite":
            pytest.skip("on SQLite a transaction that has begun lets nobody else in")
        world = worlds.make_world()
        for _step in range(2 if act is worlds.sign_at_sight else 3):
            worlds.proceed(world, "owner", 0)
        who = "approver" if act is worlds.sign_at_sight else "publisher"
        asked = getattr(module, before)

        def handed_over_first(*given: Any) -> Any:
            hand_over = partial(worlds.hand_over, world, who, 1)
            assert crowd.at_once([hand_over]) == Counter(done=1)
            return asked(*given)

        monkeypatch.setattr(module, before, handed_over_first)
        with pytest.raises(NotAllowed, match="You own or helped to make"):
            act(World(world.cast, world.version), who, 0)
        assert Checker().read().violations == []

    def test_whoever_waited_for_a_review_freezes_the_release_as_it_is_then(self, transactional_db):
        """P3: an edit holds the review while somebody else looks whether it is stale: it is bound to the edited notes."""
        if connection.vendor == "sqlite":
            pytest.skip("on SQLite a transaction that has begun lets nobody else in")
        world, edited, waited_for = worlds.make_world(), Event(), Event()
        worlds.submit(world, "owner", 0)

        def edit() -> None:
            with transaction.atomic():
                worlds.edit_release(World(world.cast, world.version), "owner", 1)
                edited.set()
                waited_for.wait(10)

        def look() -> None:
            edited.wait(10)
            Timer(0.5, waited_for.set).start()
            retried(rounds.void_stale)(world.system, actor=None, because="somebody looked")

        assert crowd.at_once([edit, look]) == Counter(done=2)
        assert world.review.material == material.values(world.release)

    def test_two_last_sign_offs(self, transactional_db, times, seed, capsys):
        """P3: of two approvers at the last slot one decides; the version is approved once."""
        cases, draw, ended, begun = times(100, 2), Random(seed), Counter[str](), time.monotonic()
        world, checker = worlds.make_world(), Checker()
        for _case in range(cases):
            anew(world)
            worlds.proceed(world, "owner", 0)
            ended += crowd.interleaved(draw, [
                lambda who=who: worlds.sign_at_sight(World(world.cast, world.version), who, 0)
                for who in ("approver", "second_approver")
            ])  # fmt: skip
            checker.read()
            assert world.release.status == Release.Status.APPROVED
        with capsys.disabled():
            print(told("two last sign-offs", cases, checker, ended, begun))
        assert (checker.violations, checker.decisions) == ([], 2 * cases)

    def test_a_publication_and_a_void(self, transactional_db, times, seed, capsys):
        """P3: what was edited in the moment of its publication is not published, or suspended at once."""
        cases, draw, ended, begun = times(100, 2), Random(seed), Counter[str](), time.monotonic()
        world, checker = worlds.make_world(), Checker()
        for _case in range(cases):
            anew(world)
            releasing.decide(world.cast, world.review)
            ended += crowd.interleaved(draw, [
                lambda: worlds.publish(World(world.cast, world.version), "publisher", 0),
                crowd.later(lambda: worlds.edit_system(world, "owner", next(factories.numbers)), draw.randrange(200)),
            ])  # fmt: skip
            checker.read()
            assert world.version.releases.latest("created_at").status != Release.Status.PUBLISHED
        with capsys.disabled():
            print(told("publication and void", cases, checker, ended, begun))
        assert checker.violations == []


def anew(world: World) -> None:
    """The same version before its reviewers, all slots asked this moment, nothing of it signed."""
    if not world.version.releases.exists():
        worlds.submit(world, "owner", 0)
    worlds.edit_system(world, "owner", next(factories.numbers))


def give_back(world: World, who: str, duty: str) -> None:
    """The person holds the duty again."""
    person = world.person(who)
    if not RoleAssignment.objects.current().filter(person=person, duty=duty).exists():
        factories.grant(world.cast, person, duty)
