"""Many threads act at once on one version, freely or statement by statement as a seed says."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, connection

from registry.errors import DomainError

# How long a turn waits for a thread that does not take it: that one waits for a lock which somebody else holds.
PATIENCE: Final = 0.02
Work = Callable[[], Any]


def at_once(works: list[Work]) -> Counter[str]:
    """All begin at the same moment, each in a thread with a connection of its own; how they ended, counted."""
    start = threading.Barrier(len(works))

    def begin(work: Work) -> str:
        start.wait(timeout=60)
        try:
            return attempt(work)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return Counter(pool.map(begin, works))


def attempt(work: Work) -> str:
    """Done, refused, or given up by a database that was waited for too long; anything else is a fault."""
    try:
        work()
    except (DomainError, ObjectDoesNotExist) as refusal:
        return type(refusal).__name__
    except OperationalError:
        return "given up"
    return "done"


class Turns:
    """Hands the turn from thread to thread before their statements; which one and for how long, a seed says.

    On SQLite a transaction that has begun runs to its end, as the database lets nobody else in.
    """

    def __init__(self, draw: Random, threads: int) -> None:
        self.draw, self.alive = draw, set(range(threads))
        self.change = threading.Condition()
        self.turn, self.left, self.switches = draw.randrange(threads), 5, 0

    @contextmanager
    def taken_by(self, thread: int) -> Iterator[None]:
        """Within this block the statements of this thread wait for its turns."""

        def before(execute: Any, *given: Any) -> Any:
            if connection.vendor != "sqlite" or not connection.in_atomic_block:
                self.wait(thread)
            return execute(*given)

        try:
            with connection.execute_wrapper(before):
                yield
        finally:
            with self.change:
                self.alive.discard(thread)
                self.pass_on()

    def wait(self, thread: int) -> None:
        """Go on while the turn lasts; else pass it on and wait for the next one."""
        with self.change:
            self.left -= 1
            if self.turn == thread and self.left > 0:
                return
            if self.turn == thread:
                self.pass_on()
            if not self.change.wait_for(lambda: self.turn == thread, timeout=PATIENCE):
                self.turn, self.left = thread, self.draw.randrange(1, 40)

    def pass_on(self) -> None:
        """The turn of another thread, or of the same one again."""
        if self.alive:
            self.turn, self.left = self.draw.choice(sorted(self.alive)), self.draw.randrange(1, 40)
            self.switches += 1
        self.change.notify_all()


def interleaved(draw: Random, works: list[Work]) -> Counter[str]:
    """All works in turns; how they ended, counted."""
    turns = Turns(draw, len(works))

    def in_turns(thread: int, work: Work) -> Work:
        def go() -> None:
            with turns.taken_by(thread):
                work()

        return go

    ended = at_once([in_turns(thread, work) for thread, work in enumerate(works)])
    ended["switches"] = turns.switches
    return ended


def later(work: Work, statements: int) -> Work:
    """The same work, begun after so many idle statements: in the midst of what others do."""

    def go() -> None:
        with connection.cursor() as cursor:
            for _statement in range(statements):
                cursor.execute("SELECT 1")
        work()

    return go
