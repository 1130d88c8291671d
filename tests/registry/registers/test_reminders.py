"""Owners are told of dates that come near, each once."""

from datetime import timedelta

from django.utils import timezone

from registry.models import Task
from registry.registers import kind_named, reminders
from tests.registry.registers import samples
from tests.registry.registers.test_verbs import edited


def drill(cast, days):
    """A drill of restoring data whose next one is due in so many days."""
    day = (timezone.localdate() + timedelta(days=days)).isoformat()
    said = {
        "exercise_type": "dr_restore",
        "due_on": day,
        "took_minutes": "35",
        "target_minutes": "60",
        "with_data": "yes",
    }
    return samples.written(kind_named("exercise"), cast, cast.unit, actor=cast.owner, **said)


def told(row):
    """The tasks about an entry that wait."""
    return list(Task.objects.waiting().filter(kind=Task.Kind.ENTRY_DUE, object_id=row.pk))


def test_a_drill_is_recorded_with_its_times_and_the_owner_is_told_of_the_next_one(cast):
    """S-109, S-172: what was restored in which time, and when it is done again."""
    near, far = drill(cast, 20), drill(cast, 60)
    assert (near.fields["took_minutes"], near.fields["with_data"]) == (35, True)
    assert reminders.remind(timezone.localdate()) == 1
    assert [(task.person, task.due_on) for task in told(near)] == [(cast.owner, near.due_on)]
    assert told(far) == []


def test_nobody_is_told_twice_of_one_date_and_a_new_date_closes_the_task(cast):
    row, today = drill(cast, 5), timezone.localdate()
    assert [reminders.remind(today), reminders.remind(today)] == [1, 0]
    edited(row, cast, due_on=today + timedelta(days=200))
    assert told(row) == []
    assert reminders.remind(today) == 0
    assert reminders.remind(today + timedelta(days=180)) == 1
