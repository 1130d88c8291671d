"""One transaction an act, done again where the database broke it off to end a deadlock with another act."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import Model

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 5
# PostgreSQL: deadlock detected; could not serialize access.
BROKEN_OFF = {"40P01", "40001"}


def retried(act: Callable[P, R]) -> Callable[P, R]:
    """The act in a transaction of its own, begun anew when it was broken off: nothing of it was stored then.

    For acts that lock further rows after their first entry in the log: two of them may wait for each other. The act
    reads what it decides on from the database, and takes nothing that can be read only once. Inside another
    transaction it is a part of that one, which is then the one to be done again.
    """

    @functools.wraps(act)
    def done(*args: P.args, **named: P.kwargs) -> R:
        for _try in range(0 if connection.in_atomic_block else TRIES - 1):
            try:
                with transaction.atomic():
                    return act(*args, **named)
            except OperationalError as error:
                if not was_broken_off(error):
                    raise
                time.sleep(random.uniform(0.01, 0.1))
        with transaction.atomic():
            return act(*args, **named)

    return done


def hold(row: Model) -> None:
    """Let the row be as it is stored now, and keep it so until the transaction ends.

    An act that decides on the state of a row, or saves it, begins with this: what it was handed was read before, and
    may tell of what is over; saved as it was, it would take back what others decided since.
    """
    row.refresh_from_db(from_queryset=type(row)._base_manager.select_for_update(of=("self",)))


def was_broken_off(error: Exception) -> bool:
    """Whether the database gave this transaction up for another one."""
    return getattr(error.__cause__, "sqlstate", None) in BROKEN_OFF
