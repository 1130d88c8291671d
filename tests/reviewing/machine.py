"""Programs of random acts, drawn by Hypothesis; after each act log and tables are looked at by the checker."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar, Final

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from hypothesis import HealthCheck, Phase, seed, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from registry.errors import DomainError
from registry.models import ModelVersion
from tests.reviewing import tables, world as worlds
from tests.reviewing.checker import Checker
from tests.reviewing.world import ACTS, WHO, World

STEPS: Final = 30
# What leads on is drawn as often as all else together, so that many programs come to a publication.
DRAWN: Final = (*["proceed"] * len(ACTS), "sign at sight", "sign at sight", "publish", *ACTS)


class Program:
    """One program of acts on the world of this test, each looked at in log and tables; `end` takes all of it back."""

    def __init__(self, world: World, base: Checker, counts: Counter[str]) -> None:
        self.before = transaction.savepoint()
        self.world = World(world.cast, ModelVersion.objects.get(pk=world.version.pk))
        self.checker, self.counts = base.copy(), counts
        counts["programs"] += 1

    def do(self, act: str, who: str, pick: int) -> list[str]:
        """One act, which may well be refused; what is unsound after it."""
        self.counts["steps"] += 1
        try:
            ACTS[act](self.world, who, pick)
        except (DomainError, ObjectDoesNotExist) as refusal:
            self.counts[f"refused: {type(refusal).__name__}"] += 1
        before = self.checker.publications
        self.checker.read()
        self.counts["publications"] += self.checker.publications - before
        return [*self.checker.violations, *self.world.shown, *tables.unsound(self.checker)]

    def end(self) -> None:
        """Take it all back."""
        transaction.savepoint_rollback(self.before)


class Publishing(RuleBasedStateMachine):
    """Programs as Hypothesis draws them, so that an unsound one is cut down to its shortest form."""

    world: ClassVar[World]
    base: ClassVar[Checker]
    counts: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.program = Program(self.world, self.base, self.counts)

    @rule(act=strategies.sampled_from(DRAWN), who=strategies.sampled_from(WHO), pick=strategies.integers(0, 11))
    def do(self, act: str, who: str, pick: int) -> None:
        """Nothing unsound is reachable by one more act."""
        assert self.program.do(act, who, pick) == []

    def teardown(self) -> None:
        """Take it all back."""
        self.program.end()


def run(*, programs: int, number: int) -> Counter[str]:
    """Run so many programs of thirty acts, drawn from a seed; AssertionError shows the shortest unsound one.

    Call it inside a transaction of the test. Returns what was counted.
    """
    Publishing.world, Publishing.counts = worlds.make_world(), Counter()
    Publishing.base = Checker().read()
    wishes: dict[str, Any] = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
    phases = [Phase.generate, Phase.shrink]
    seed(number)(Publishing)
    run_state_machine_as_test(
        Publishing, settings=settings(max_examples=programs, stateful_step_count=STEPS, phases=phases, **wishes)
    )
    return Publishing.counts


def first_unsound(
    world: World, acts: Sequence[str], *, begin: int, programs: int, number: int
) -> tuple[list[str], Counter[str]]:
    """The first unsound thing that programs of some acts, drawn plainly from a seed, come to; and what was counted.

    Each program begins with so many acts of a sound story.
    """
    draw, counts, base = Random(number), Counter[str](), Checker().read()
    for _program in range(programs):
        program = Program(world, base, counts)
        try:
            for step in range(STEPS):
                act = "proceed" if step < begin else draw.choice(acts)
                found = program.do(act, draw.choice(WHO), draw.randrange(12))
                if found:
                    return found, counts
        finally:
            program.end()
    return [], counts
