"""Tells the person for whom a schedule makes a document that it is there; the daily mail carries the link."""

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from registry.actions import work
from registry.models import Task, User
from reports.models import BoardPack, Minutes, Report

DAYS_TO_READ: Final = 14


def tell_owner(job: Report | BoardPack | Minutes) -> None:
    """A task for the owner of the schedule; a document that somebody asked for is told to nobody."""
    schedule = getattr(job, "schedule", None)
    if schedule is None:
        return
    work.open_task(
        job, kind=Task.Kind.READ_REPORT, system=getattr(job, "system", None), url=job.get_absolute_url(), actor=None,
        person=schedule.owner, due_on=timezone.localdate() + timedelta(days=DAYS_TO_READ),
    )  # fmt: skip


def has_read(document: Any, *, actor: User) -> None:
    """Whoever takes the file has been told."""
    work.close_tasks(document, actor=actor, kind=Task.Kind.READ_REPORT, person=actor)
