"""When a task is reminded of and handed up, by the policy of its system, and which step is due on a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from registry import policy
from registry.models import Reminder, Review, Task

Step = Reminder.Step
LONGEST: Final = 90  # days before; the schema of policies allows no more


@dataclass(frozen=True)
class Rules:
    """Days before the day on which people are reminded; after how many overdue days whose duty is told."""

    days_before: tuple[int, ...] = (7, 2)
    escalate_after_days: int = 3
    escalate_to: str = "executive"


def of_policy(asked: policy.Policy) -> Rules:
    """What the policy says; what it leaves open is as usual."""
    said = asked.reminders
    usual = Rules()
    return Rules(
        tuple(sorted(said.get("days_before", usual.days_before), reverse=True)),
        int(said.get("escalate_after_days", usual.escalate_after_days)),
        str(said.get("escalate_to", usual.escalate_to)),
    )


def of_task(task: Task) -> Rules:
    """By the policy frozen in the review that it is about, or the one in force for its system; else as usual."""
    if task.object_type == Review._meta.label:
        review = Review.objects.filter(pk=task.object_id).first()
        if review is not None:
            return of_policy(policy.Policy(review.policy))
    return of_policy(policy.of_system(task.system)) if task.system is not None else Rules()


def steps(task: Any, rules: Rules, today: date) -> Iterator[tuple[str, int]]:
    """The steps that have begun by a day: of those before the day the latest alone, so that missed days are made up."""
    left = (task.due_on - today).days
    if left >= 0:
        begun = [days for days in rules.days_before if left <= days]
        yield from [(Step.BEFORE, min(begun))] if begun else []
        return
    yield Step.OVERDUE, 1
    if -left >= max(1, rules.escalate_after_days):
        yield Step.ESCALATED, rules.escalate_after_days
