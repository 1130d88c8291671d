"""Systems in use about which nobody has reported anything in the period of their review: either all is well, or nobody asks."""

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from registry.actions import work
from registry.models import AISystem, RegisterEntry, Stage, Task
from registry.vocabulary import vocabulary
from risk.models import Incident

IN_USE: Final = (Stage.PILOT, Stage.PRODUCTION)
# A register in which something about the use is written down; the last is the one that says that somebody looked.
VOICES: Final = ("feedback_item", "concern", "oversight_event", "silence_review")


def silent(systems: Any = None) -> list[AISystem]:
    """Systems in use, registered longer ago than their period, without incident, feedback or a look within it."""
    rows = AISystem.objects.all() if systems is None else systems
    rows = list(rows.filter(lifecycle_stage__in=IN_USE).select_related("unit", "business_owner"))
    periods = vocabulary().cadences["review_cadence"]
    longest = timezone.now() - timedelta(days=max(periods.values()))
    heard = last_heard(longest, rows)
    now = timezone.now()
    return [
        row for row in rows
        if heard.get(row.pk, row.created_at) < now - timedelta(days=periods[row.risk_tier])
    ]  # fmt: skip


def last_heard(since: Any, systems: list[AISystem]) -> dict[Any, Any]:
    """When something was last reported about each system, since a moment."""
    keys = [row.pk for row in systems]
    spoken = RegisterEntry.objects.filter(system__in=keys, kind__in=VOICES, created_at__gte=since)
    found = list(spoken.values_list("system", "created_at"))
    found += Incident.objects.filter(system__in=keys, created_at__gte=since).values_list("system", "created_at")
    heard: dict[Any, Any] = {}
    for pk, moment in found:
        heard[pk] = max(moment, heard.get(pk, moment))
    return heard


def ask() -> int:
    """Give the business owner of each silent system a task, and end the tasks of those that are silent no more."""
    quiet = {row.pk: row for row in silent()}
    asked = Task.objects.waiting().filter(kind=Task.Kind.SILENT)
    waiting = set(asked.values_list("object_id", flat=True))
    for row in AISystem.objects.filter(pk__in=waiting - set(quiet)):
        work.close_tasks(row, actor=None, kind=Task.Kind.SILENT)
    new = [row for row in quiet.values() if row.pk not in waiting and row.business_owner_id]
    for row in new:
        work.open_task(
            row, kind=Task.Kind.SILENT, system=row, url=row.get_absolute_url(), person=row.business_owner,
            due_on=timezone.localdate() + timedelta(days=30), actor=None,
        )  # fmt: skip
    return len(new)
