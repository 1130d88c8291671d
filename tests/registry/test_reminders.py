"""Tasks are reminded of before their day and handed up after it, by the policy, each step once, also after days of standstill."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry import access, jobs
from registry.actions import delegations, people, work
from registry.models import AuditEntry, Delegation, Duty, ModelVersion, Reminder, RoleAssignment, Task
from registry.policy import Policy
from registry.reminders import daily, rules
from tests import factories
from tests.authz.test_delegation import asked as delegation_asked

TODAY = timezone.localdate


@pytest.fixture
def executive(cast):
    """Whom the usual policy tells of what is overdue."""
    return factories.invite("executive", "Elsa Executive", Duty.EXECUTIVE, cast.unit, cast.administrator)


@pytest.fixture
def task(cast):
    """Something that the owner has to do in twenty days."""
    version = factories.make_version(cast)
    return work.open_task(
        version, kind=Task.Kind.MEND, system=version.home_system, url=version.get_absolute_url(), person=cast.owner,
        due_on=TODAY() + timedelta(days=20), actor=None,
    )  # fmt: skip


def look(task: Task, left: int) -> list[tuple[str, int]]:
    """The steps that the run takes on the day when so many are left."""
    known = set(Reminder.objects.values_list("pk", flat=True))
    daily.run(task.due_on - timedelta(days=left))
    return list(Reminder.objects.exclude(pk__in=known).order_by("created_at").values_list("step", "days"))


@pytest.mark.both
def test_each_step_is_taken_once_on_its_day(task, executive):
    """Day after day: seven and two days before, on the first day over, and three days later it is handed up."""
    found = {left: look(task, left) for left in range(12, -8, -1)}
    assert {left: steps for left, steps in found.items() if steps} == {
        7: [("before", 7)], 2: [("before", 2)], -1: [("overdue", 1)], -3: [("escalated", 3)],
    }  # fmt: skip


def test_a_run_that_is_repeated_on_a_day_tells_nobody_twice(task, executive):
    assert [look(task, -4), look(task, -4)] == [[("overdue", 1), ("escalated", 3)], []]
    assert Task.objects.waiting().filter(kind=Task.Kind.ESCALATED).count() == 1


def test_days_on_which_nothing_ran_are_made_up_by_the_latest_step_alone(task, executive):
    assert look(task, 1) == [("before", 2)]


def test_what_is_overdue_is_handed_up_to_the_duty_of_the_policy(task, executive, cast):
    look(task, -3)
    above = Task.objects.waiting().get(kind=Task.Kind.ESCALATED)
    assert (above.person, above.url, above.label, above.due_on) == (executive, task.url, task.label, task.due_on)
    assert Reminder.objects.get(step="escalated").told == [str(executive.pk)]
    assert AuditEntry.objects.filter(action="reminder.sent", about_id=task.object_id).count() == 2


def test_it_goes_to_the_risk_officers_where_nobody_holds_that_duty(task, cast):
    look(task, -3)
    assert Task.objects.waiting().get(kind=Task.Kind.ESCALATED).person == cast.risk_officer


def test_what_was_handed_up_ends_with_the_task(task, executive, cast):
    look(task, -3)
    work.close_tasks(ModelVersion.objects.get(pk=task.object_id), kind=Task.Kind.MEND, actor=cast.owner)
    assert not Task.objects.waiting().filter(kind=Task.Kind.ESCALATED).exists()


def test_what_is_done_reminds_nobody(task, cast):
    work.close_tasks(ModelVersion.objects.get(pk=task.object_id), actor=cast.owner)
    assert look(task, 2) == []


def test_a_task_that_gets_another_day_is_reminded_of_anew(task, cast):
    look(task, 2)
    task.due_on += timedelta(days=30)
    task.save()
    assert look(task, 2) == [("before", 2)]


@pytest.mark.parametrize(("said", "left", "steps"), [
    ({"days_before": [10]}, 9, [("before", 10)]), ({"days_before": []}, 1, []),
    ({"escalate_after_days": 0}, -1, [("overdue", 1), ("escalated", 0)]),
    ({"escalate_after_days": 10}, -9, [("overdue", 1)]),
])  # fmt: skip
def test_the_policy_of_the_system_says_when(task, said, left, steps, monkeypatch):
    monkeypatch.setattr(rules.policy, "of_system", lambda system: Policy({"reminders": said}))
    assert look(task, left) == steps


def test_a_policy_that_says_nothing_is_as_usual():
    assert rules.of_policy(Policy({})) == rules.Rules((7, 2), 3, "executive")


def test_one_task_that_cannot_be_told_of_does_not_keep_the_others(task, cast, monkeypatch, caplog):
    other = work.open_task(
        factories.make_version(cast), kind=Task.Kind.MEND, system=task.system, url="/", person=cast.owner,
        due_on=task.due_on, actor=None,
    )  # fmt: skip
    honest = rules.of_task

    def planted(row):
        if row.pk == task.pk:
            raise RuntimeError("planted")
        return honest(row)

    monkeypatch.setattr(rules, "of_task", planted)
    assert look(task, 2) == [("before", 2)]
    assert Reminder.objects.get().task == other


# ---- duties and delegations that end by their day


@pytest.fixture
def held(cast):
    """A duty of the auditor that ends in twenty days."""
    return people.grant_duty(
        cast.auditor,
        duty=Duty.VALIDATOR,
        unit=cast.unit,
        ends_on=TODAY() + timedelta(days=20),
        actor=cast.administrator,
    )


def on_day(held: RoleAssignment, left: int, monkeypatch) -> int:
    """The run on the day when so many days of the duty are left."""
    day = held.ends_on - timedelta(days=left)
    monkeypatch.setattr(timezone, "localdate", lambda *args: day)
    return daily.run(day)


def test_a_duty_that_ends_by_its_date_opens_a_task_for_its_holder_and_whoever_gave_it(held, cast, monkeypatch):
    assert [on_day(held, left, monkeypatch) for left in (8, 7, 7, 6)] == [0, 3, 0, 0]
    tasks = Task.objects.waiting().filter(kind=Task.Kind.DUTY_ENDS)
    assert {task.person for task in tasks} == {cast.auditor, cast.administrator}
    assert {task.due_on for task in tasks} == {held.ends_on}


def test_it_ends_when_the_duty_is_given_anew_or_two_weeks_after_its_end(held, cast, monkeypatch):
    waiting = Task.objects.waiting().filter(kind=Task.Kind.DUTY_ENDS)
    on_day(held, 5, monkeypatch)
    on_day(held, -14, monkeypatch)
    assert waiting.count() == 2
    on_day(held, -15, monkeypatch)
    assert waiting.count() == 0
    on_day(held, 5, monkeypatch)
    longer = RoleAssignment(
        person=cast.auditor, duty=Duty.VALIDATOR, unit=cast.unit, granted_by=cast.administrator,
        starts_on=held.ends_on - timedelta(days=6),
    )  # fmt: skip
    longer.save()
    on_day(held, 4, monkeypatch)
    assert waiting.count() == 0


def test_a_duty_that_lapsed_by_its_date_leaves_no_system_without_somebody_to_name_an_owner(cast, monkeypatch):
    """A duty that is ended by hand did this already; one that ends by its date was noticed by nobody."""
    owner = factories.invite("leaver", "Lea Leaver", Duty.END_USER, cast.unit, cast.administrator)
    last = people.grant_duty(
        owner, duty=Duty.BUSINESS_OWNER, unit=cast.unit, ends_on=TODAY() + timedelta(days=3), actor=cast.administrator
    )
    system = factories.make_system(cast, business_owner=owner)
    waiting = Task.objects.waiting().filter(kind=Task.Kind.NAME_OWNER, system=system)
    on_day(last, 0, monkeypatch)
    assert waiting.count() == 0
    on_day(last, -1, monkeypatch)
    assert waiting.count() == 2
    on_day(last, -2, monkeypatch)
    assert waiting.count() == 2


def test_a_delegation_that_is_over_is_written_down_once(cast, monkeypatch):
    deputy = factories.invite("deputy", "Dora Deputy", Duty.END_USER, cast.unit, cast.administrator)
    row = delegations.accept(delegation_asked(cast.risk_officer, deputy, last=5), actor=deputy)
    after = row.ends_on + timedelta(days=1)
    assert access.holds(deputy, "risk_officer", cast.unit)
    assert daily.run(row.ends_on) == 0
    monkeypatch.setattr(timezone, "localdate", lambda *args: after)
    assert not access.holds(deputy, "risk_officer", cast.unit)
    assert [daily.run(after), daily.run(after)] == [1, 0]
    entry = AuditEntry.objects.get(object_id=row.pk, action="delegation.ended")
    assert entry.actor is None
    assert not Delegation.objects.standing().exists()


def test_the_web_servers_timer_looks_every_ten_minutes_whichever_process_does(task, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: task.due_on - timedelta(days=2))
    assert [daily.tick(), daily.tick()] == [1, 0]
    assert jobs.SweepLease.objects.filter(pk=daily.LEASE).exists()
