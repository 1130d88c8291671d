"""Many people act on one release at the same moment: the checker over the log finds nothing wrong."""

import time
from collections import Counter
from random import Random

import pytest
from django.db import connection

from registry.audit import verification
from registry.models import Release, RoleAssignment
from tests import factories
from tests.reviewing import crowd, tables, world as worlds
from tests.reviewing.checker import Checker
from tests.reviewing.world import ACTS, DUTIES, WHO, World

pytestmark = [pytest.mark.both, pytest.mark.long, pytest.mark.django_db(transaction=True), pytest.mark.timeout(7200)]
# Most lead the story on; one in eight disturbs it.
LEADING = ("proceed", "proceed", "proceed", "sign at sight", "publish")
DISTURBING = (
    "edit system", "edit release", "withdraw", "end duty", "ask for waiver", "accept waiver", "end waiver",
    "withdraw evidence", "enter risk", "suspend", "sign", "hand over", "reach back",
)  # fmt: skip


def test_no_crowd_publishes_what_was_not_decided_on(amount, seed, capsys):
    """P3: approve, reject, edit, withdraw, revoke, waive and publish at once: quorum, order, separation, binding hold."""
    threads, rounds = 64, amount(50)
    said = crowded(threads, rounds, Random(seed))
    with capsys.disabled():
        print(f"\n{said}")


def crowded(threads: int, rounds: int, draw: Random) -> str:
    """So many rounds of so many threads, looked at after each; what was counted."""
    world, checker, told, begun = worlds.make_world(), Checker(), list[str](), time.monotonic()
    for number in range(rounds):
        before_crowd(world, is_waived=number % 3 == 2)
        crowd.at_once([one_of_many(world, Random(draw.random()), told) for _thread in range(threads)])
        assert checker.read().violations == []
        assert tables.unsound(checker) == []
    assert list(verification.findings()) == []
    return (
        f"{connection.vendor}: {threads} threads x {rounds} rounds, 0 violations, {checker.decisions} decisions, "
        f"{checker.publications} publications, {time.monotonic() - begun:.0f} s, {dict(Counter(told))}"
    )


def before_crowd(world: World, *, is_waived: bool) -> None:
    """A new version before its reviewers, who all hold their duties again; its check passes or is waived."""
    for name, duties in DUTIES.items():
        held = RoleAssignment.objects.current().filter(person=getattr(world.cast, name)).values_list("duty", flat=True)
        for duty in set(duties) - set(held):
            worlds.give_duty(world, name, duties.index(duty))
    world.version = factories.make_releasable(world.cast, verdict="fail" if is_waived else "pass")
    if is_waived:
        factories.accept_waiver(world.cast, factories.make_waiver(world.cast, world.version))
    worlds.submit(world, "owner", 0)


def one_of_many(world: World, draw: Random, told: list[str]):
    """Four acts of somebody, one after the other; how each ended goes into `told`."""
    acts = DISTURBING if draw.random() < 1 / 8 else LEADING

    def work() -> None:
        own = World(world.cast, world.version)
        for _act in range(4 if acts is LEADING else 1):
            act = draw.choice(acts)
            told.append(crowd.attempt(lambda act=act: ACTS[act](own, draw.choice(WHO), draw.randrange(12))))

    return work


def test_what_is_published_is_what_was_approved_however_the_acts_interleave(amount, seed, capsys):
    """P3: edit, approve and publish in 500 random interleavings of their statements: never approve-then-swap."""
    said = interleavings(amount(500), Random(seed))
    with capsys.disabled():
        print(f"\n{said}")


def interleavings(cases: int, draw: Random) -> str:
    """So many interleavings, looked at after each; what was counted."""
    world, checker, ended, begun = worlds.make_world(), Checker(), Counter[str](), time.monotonic()
    for case in range(cases):
        nearly_published(world, is_approved=draw.random() < 0.5)
        ended += crowd.interleaved(draw, [edit(world, draw, case), last_sign_off(world), patient_publisher(world)])
        assert checker.read().violations == []
        assert tables.unsound(checker) == []
    return (
        f"{connection.vendor}: {cases} interleavings of edit, approve, publish, 0 approve-then-swap, "
        f"{checker.decisions} decisions, {checker.publications} publications, {time.monotonic() - begun:.0f} s, {dict(ended)}"
    )


def nearly_published(world: World, *, is_approved: bool) -> None:
    """Bring the version to its approval, or to one sign-off before it."""
    if world.version.releases.filter(status=Release.Status.PUBLISHED).exists():
        worlds.suspend(world, "risk_officer", 0)
    while not is_ready(world, is_approved=is_approved):
        worlds.proceed(world, "owner", 0)


def is_ready(world: World, *, is_approved: bool) -> bool:
    """The newest release is approved, or where that is not wanted lacks one sign-off."""
    release = world.version.releases.order_by("created_at").last()
    if release is None or release.status not in {Release.Status.IN_REVIEW, Release.Status.APPROVED}:
        return False
    return release.status == Release.Status.APPROVED or (
        not is_approved and release.review.sign_offs.waiting().count() == 1
    )


def edit(world: World, draw: Random, case: int):
    """A change of what is decided on."""
    acts = [
        lambda: worlds.edit_system(world, "owner", case),
        lambda: worlds.edit_release(world, "owner", case),
        lambda: worlds.enter_risk(world, "risk_officer", 1 + case % 2),
    ]
    return crowd.later(draw.choice(acts), draw.randrange(300))


def last_sign_off(world: World):
    """The approver reads and decides."""
    return lambda: worlds.sign_at_sight(World(world.cast, world.version), "approver", 0)


def patient_publisher(world: World):
    """The publisher presses the button until it is done, or a few times in vain."""

    def work() -> None:
        for _press in range(4):
            if crowd.attempt(lambda: worlds.publish(world, "publisher", 0)) == "done":
                return

    return work
