"""Gives the owners of entries a task when a date comes near, each date once."""

import logging
from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from registry import jobs
from registry.actions import work
from registry.models import RegisterEntry, Task
from registry.registers.kinds import kinds

EVERY: Final = timedelta(minutes=10)
LEASE: Final = 12  # the row of the lease
BEFORE: Final = timedelta(days=30)
# Statuses in which an entry has come to its end and wants nothing more.
ENDED: Final = frozenset(
    {"closed", "completed", "verified", "decided", "refused", "done", "dropped", "reached", "stopped", "passed"}
)
logger = logging.getLogger(__name__)


def tick_logged() -> None:
    """One look at the dates of which a failure is logged and leaves the worker running."""
    try:
        if jobs.take_lease(LEASE, EVERY):
            remind(timezone.localdate())
    except Exception:
        logger.warning("The dates of registers could not be looked through; it is tried again.", exc_info=True)


def due(today: date) -> list[RegisterEntry]:
    """Standing entries whose date is near or past and of which the owner has not been told for this date."""
    told = Task.objects.filter(kind=Task.Kind.ENTRY_DUE, object_id=OuterRef("pk"), due_on=OuterRef("due_on"))
    rows = RegisterEntry.objects.standing().filter(kind__in=kinds(), due_on__lte=today + BEFORE)
    rows = rows.exclude(status__in=ENDED).exclude(Exists(told)).select_related("owner", "system")
    return [row for row in rows if not row.is_settled]


def remind(today: date) -> int:
    """A task for each; how many."""
    rows = due(today)
    for row in rows:
        with transaction.atomic():
            work.open_task(
                row, kind=Task.Kind.ENTRY_DUE, system=row.system, url=row.get_absolute_url(), person=row.owner,
                due_on=row.due_on, actor=None,
            )  # fmt: skip
    return len(rows)
