"""The run that goes through the tasks, duties and delegations of a day; run twice, it tells nobody twice."""

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from registry import jobs
from registry.actions import delegations, owners, work
from registry.audit import log
from registry.models import Duty, Reminder, RoleAssignment, Task, User
from registry.reminders import rules

EVERY: Final = timedelta(minutes=10)
LEASE: Final = 13  # the row of the lease
# What is told of an end that comes by itself is not handed up, nor what was handed up already.
STAYS: Final = (Task.Kind.ESCALATED, Task.Kind.DUTY_ENDS)
KEPT: Final = timedelta(days=14)  # how long after its end a duty is told of
logger = logging.getLogger(__name__)


def tick(today: date | None = None) -> int:
    """Go through it every ten minutes, whichever process does it."""
    return run(today or timezone.localdate()) if jobs.take_lease(LEASE, EVERY) else 0


def run(today: date) -> int:
    """Remind, hand up, tell of ends; how much was done."""
    with transaction.atomic():
        done = delegations.end_lapsed(today)
    done += sum(guarded(tell_of_end, row, today) for row in ending(today))
    due = Task.objects.waiting().filter(due_on__lte=today + timedelta(days=rules.LONGEST))
    due = due.exclude(kind=Task.Kind.ESCALATED).select_related("system__unit", "person").prefetch_related("reminders")
    return done + sum(guarded(remind, task, today) for task in due)


def guarded(act: Callable[[Any, date], int], row: Any, today: date) -> int:
    """One row in a transaction of its own; one that fails does not keep the others from it."""
    try:
        with transaction.atomic():
            return act(row, today)
    except IntegrityError:
        logger.info("%s was told of by another process.", row.pk)
    except Exception:  # a border
        logger.exception("Nobody could be told of %s; it is tried again.", row.pk)
    return 0


def remind(task: Task, today: date) -> int:
    """Take every step that has begun and was not taken; how many."""
    assert task.due_on is not None  # it was found by this day
    asked = rules.of_task(task)
    taken = {(row.step, row.days) for row in task.reminders.all() if row.due_on == task.due_on}
    new = [step for step in rules.steps(task, asked, today) if step not in taken]
    for step, days in new:
        row = Reminder(task=task, due_on=task.due_on, step=step, days=days)
        row.told = hand_up(task, asked.escalate_to) if step == rules.Step.ESCALATED else told(task)
        row.save()
        log.record(None, "reminder.sent", row)
    return len(new)


def told(task: Task) -> list[str]:
    """Whose task it is, by id or by duty."""
    return [str(task.person_id or task.duty)]


def hand_up(task: Task, duty: str) -> list[str]:
    """Give the duty that the policy names a task that leads to the same place; risk officers, where nobody holds it."""
    unit = task.unit
    if task.kind in STAYS or unit is None:
        return []
    for name in dict.fromkeys((duty, Duty.RISK_OFFICER)):
        people = set() if name == task.duty else holders(name, unit, task.system) - {task.person_id}
        if people:
            return [open_above(task, person) for person in sorted(people, key=str)]
    return []


def holders(duty: str, unit: Any, system: Any) -> set[Any]:
    """The ids of the people who hold the duty there today by an assignment of their own."""
    above = [pk for pk in unit.path.split("/") if pk]
    rows = RoleAssignment.objects.current().filter(duty=duty, unit__in=above, person__is_active=True)
    return {row.person_id for row in rows if row.system_id in {None, getattr(system, "pk", None)}}


def open_above(task: Task, person_id: Any) -> str:
    """The task of one person above; it ends with the one that is overdue."""
    work.open_task(
        task, kind=Task.Kind.ESCALATED, system=task.system, url=task.url, due_on=task.due_on, actor=None,
        person=User.objects.get(pk=person_id),
    )  # fmt: skip
    return str(person_id)


def ending(today: date) -> Any:
    """Duties that end soon, or ended by their date within the last days."""
    soon = today + timedelta(days=max(rules.Rules().days_before))
    rows = RoleAssignment.objects.filter(ends_on__lte=soon, ends_on__gte=today - KEPT - timedelta(days=1))
    rows = rows.exclude(needs_confirmation=True, confirmed_at__isnull=True)  # it never began
    return rows.select_related("person", "unit", "granted_by", "system").order_by("ends_on", "pk")


def tell_of_end(held: RoleAssignment, today: date) -> int:
    """Before the day a task for the holder and whoever gave the duty; after it, what the person no longer answers for.

    The task ends when the duty is given anew, or two weeks after its end.
    """
    assert held.ends_on is not None  # it was found by this day
    before = Task.objects.waiting().filter(object_id=held.pk).count()
    if is_held_on(held) or held.ends_on < today - KEPT:
        work.close_tasks(held, actor=None)
        return 0
    if held.ends_on >= today:
        for person in {held.person, held.granted_by or held.person}:
            work.open_task(
                held, kind=Task.Kind.DUTY_ENDS, system=held.system, url=held.get_absolute_url(), person=person,
                due_on=held.ends_on, actor=None,
            )  # fmt: skip
        return int(before == 0)
    known = Task.objects.waiting().filter(kind=Task.Kind.NAME_OWNER).count()
    owners.note_lost(held.person, actor=None)
    return Task.objects.waiting().filter(kind=Task.Kind.NAME_OWNER).count() - known


def is_held_on(held: RoleAssignment) -> bool:
    """The person has the same duty for longer by another assignment."""
    rows = RoleAssignment.objects.current().filter(
        person=held.person, duty=held.duty, unit=held.unit, system=held.system
    )
    return rows.exclude(pk=held.pk).exclude(ends_on__lte=held.ends_on).exists()
