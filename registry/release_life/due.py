"""What a policy does by itself, looked at every minute by the web server: only its role may change a release."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from registry import jobs
from registry.actions import later_runs
from registry.decision import overdue
from registry.models import LaterRun
from registry.release_life import approval_ends
from registry.reminders import daily

EVERY: Final = timedelta(seconds=50)
LEASE: Final = 11  # the row of the lease
# What apps above look at, too; each decides itself whether its time has come.
ALSO: Final[list[Callable[[], object]]] = []
logger = logging.getLogger(__name__)


def begin(seconds: float = 60) -> threading.Thread:
    """Look every minute from a thread that ends with its process; a lease decides which process does it."""
    thread = threading.Thread(target=go_on, args=[threading.Event(), seconds], name="due", daemon=True)
    thread.start()
    return thread


def go_on(over: threading.Event, seconds: float) -> None:
    """Look until it is over, on a connection that is given back in between."""
    while not over.wait(seconds):
        try:
            tick()
            daily.tick()
            for look_too in ALSO:
                look_too()
        except Exception:
            logger.warning("What is due by policy could not be looked through; it is tried again.", exc_info=True)
        finally:
            connection.close()


def tick() -> int:
    """One look, whichever process does it; how much was done."""
    return look() if jobs.take_lease(LEASE, EVERY) else 0


def look() -> int:
    """Act on later runs that wait, approvals that end and conditions that are overdue; what was done is not done again."""
    today = timezone.localdate()
    return settle_waiting() + approval_ends.look(today) + overdue.look(today)


def settle_waiting() -> int:
    """Carry out what the policies say of later runs that stand."""
    done = 0
    for row in LaterRun.objects.standing().order_by("created_at"):
        try:
            done += later_runs.settle(row)
        except Exception:  # a border: one release must not keep the others from being looked at
            logger.exception("The later run %s could not be settled; it is tried again.", row.pk)
    return done
