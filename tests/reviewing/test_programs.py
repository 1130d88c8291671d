"""No program of acts leads to a published version that lacks a valid decision over exactly its bytes and evidence."""

import time

import pytest

from registry import gates, lifecycle, material, policy, separation
from registry.actions import reviews, rounds
from registry.models import Release, SignOff
from tests.reviewing import machine, world as worlds

pytestmark = pytest.mark.django_db
movable = lifecycle.require_movable


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("many", [20, pytest.param(2000, marks=pytest.mark.long)])
def test_no_program_of_acts_publishes_what_was_not_decided_on(many, amount, seed, capsys):
    """P3: 2,000 programs of 30 acts, looked at in log and tables after each act; a tenth of them by default."""
    programs, begun = amount(many), time.monotonic()
    counts = machine.run(programs=programs, number=seed)
    with capsys.disabled():
        print(
            f"\n{counts['programs']} programs x {machine.STEPS} steps ({counts['steps']} acts), 0 violations, "
            f"{counts['publications']} publications, {time.monotonic() - begun:.0f} s, {dict(counts)}"
        )


def open_gates(monkeypatch):
    """Every gate says yes."""
    for slug in gates.GATES:
        monkeypatch.setitem(gates.GATES, slug, lambda _release: gates.GateResult.passed("Planted."))


def no_voiding(monkeypatch):
    """Nothing is voided by a change."""
    monkeypatch.setattr(rounds, "void_stale", lambda *_args, **_named: [])


def no_separation(monkeypatch):
    """Nobody counts as having made anything."""
    monkeypatch.setattr(separation, "contributors", lambda _version: set())


def no_comparison(monkeypatch):
    """The material is never compared with what was frozen."""
    monkeypatch.setattr(material, "changed_parts", lambda *_args: [])


def no_order(monkeypatch):
    """Every slot that waits may be filled, whatever its stage."""
    monkeypatch.setattr(rounds, "open_stage", lambda review: list(SignOff.objects.waiting().filter(review=review)))


def one_stage_suffices(monkeypatch):
    """Only the sign-offs of the first stage are asked for."""
    monkeypatch.setattr(policy.Policy, "slots", property(lambda asked: asked.stages[0].slots))


def no_duty_needed(monkeypatch):
    """A duty that has ended is taken for held."""
    monkeypatch.setattr(separation, "require_duty", lambda *_args: None)


def signed_unseen(monkeypatch):
    """What a person was shown is not compared with what is up for decision."""
    sound = reviews.require_sound

    def require_sound(review, **given):
        sound(review, **{**given, "seen_digest": review.subject_digest})

    monkeypatch.setattr(reviews, "require_sound", require_sound)


def older_releases_move(monkeypatch):
    """A release is moved by what its version is, whatever it is itself."""
    monkeypatch.setattr(
        lifecycle, "require_movable", lambda row, is_movable: isinstance(row, Release) or movable(row, is_movable)
    )


# What is planted, what the checker says then, how many steps of a sound story come first, and the acts drawn after them.
PLANTED = (
    (open_gates, "neither passes nor is waived", 0, ("proceed", "proceed", "record evidence", "let evidence expire")),
    (no_voiding, "not what was decided on", 4, ("edit system", "enter risk")),
    (no_separation, "who made or owns it", 1, ("sign at sight", "publish")),
    (no_comparison, "not what was decided on", 3, ("edit system", "enter risk", "publish")),
    (no_order, "stage 1 has 0 approvals of 1", 1, ("sign at sight",)),
    (one_stage_suffices, "stage 2 has 0 approvals of 1", 2, ("proceed",)),
    (no_duty_needed, "held no duty", 1, ("sign at sight",)),
    (signed_unseen, "was shown", 1, ("look", "edit system", "sign late")),
    (
        older_releases_move,
        "nothing was ever approved",
        1,
        ("proceed", "proceed", "reach back", "reach back", "reach back"),
    ),
)


@pytest.mark.long
def test_a_bug_planted_in_each_of_nine_places_is_found(seed, monkeypatch, capsys):
    """P3: with one rule taken out, some program leads to a violation, and the checker names it."""
    world, missed = worlds.make_world(), []
    for plant, sentence, begin, acts in PLANTED:
        with monkeypatch.context() as patched:
            plant(patched)
            found, counts = machine.first_unsound(world, acts, begin=begin, programs=60, number=seed)
        told = [problem for problem in found if sentence in problem]
        missed += [] if told else [(plant.__name__, found)]
        with capsys.disabled():
            print(f"\nplanted {plant.__name__}: found after {counts['steps']} acts: {told[:1]}", end="")
    assert missed == []
