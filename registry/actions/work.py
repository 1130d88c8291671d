"""Opens and closes tasks; called by other actions, inside their transactions."""

from datetime import date
from typing import Any

from django.utils import timezone

from registry.audit import log
from registry.models import AISystem, Audited, Task


def open_task(
    about: Audited,
    *,
    kind: str,
    system: AISystem | None,
    url: str,
    actor: Any,
    person: Any = None,
    duty: str = "",
    due_on: date | None = None,
) -> Task:
    """Give a person, or whoever holds a duty, something to do; an equal task that waits already is kept."""
    waiting = Task.objects.waiting().filter(kind=kind, object_id=about.pk, person=person, duty=duty).first()
    if waiting is not None:
        return waiting
    task = Task(
        kind=kind, system=system, object_type=about._meta.label, object_id=about.pk, label=about.task_label[:255], url=url,
        person=person, duty=duty, due_on=due_on,
    )  # fmt: skip
    task.save()
    log.record(actor, "task.opened", task)
    return task


def close_tasks(about: Audited, *, actor: Any, kind: str = "", duty: str = "", person: Any = None) -> None:
    """Mark the tasks about a row as done, all of them or those of a kind, a duty or a person."""
    tasks = Task.objects.waiting().filter(object_id=about.pk)
    tasks = tasks if person is None else tasks.filter(person=person)
    tasks = tasks.filter(kind=kind) if kind else tasks
    for task in tasks.filter(duty=duty) if duty else tasks:
        task.done_at = timezone.now()
        task.save(update_fields=["done_at"])
        log.record(actor, "task.closed", task)
        close_tasks(task, actor=actor)  # what was handed up because this was overdue
