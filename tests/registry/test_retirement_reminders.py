"""Reminders of ends: at their intervals, to everybody concerned, each once, also after days on which nothing ran."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry import jobs
from registry.actions import consumers, inventory
from registry.models import ModelVersion, RetirementNotice, Task, VersionStatus
from registry.retirement import reminders
from registry.retirement.rules import rules
from tests import factories
from tests.registry import ending

TODAY = timezone.localdate


@pytest.fixture
def version(cast):
    """A version in use that ends in 200 days."""
    row = factories.make_version(cast, retirement_date=TODAY() + timedelta(days=200))
    row.status = VersionStatus.PUBLISHED
    row.save()
    return row


def look(version: ModelVersion, days_left: int) -> int:
    """What the worker does on the day when so many are left."""
    return reminders.tell_due(version.retirement_date - timedelta(days=days_left))


def waiting(kind: str, **of: object) -> int:
    """How many such tasks wait."""
    return Task.objects.waiting().filter(kind=kind, **of).count()


@pytest.mark.both
def test_each_interval_is_told_once_on_its_first_day(version):
    """S-158: 180, 90, 30 and 7 days before, day after day without one missed or repeated."""
    told = [left for left in range(200, -3, -1) if look(version, left)]
    assert told == list(rules().reminders) == [180, 90, 30, 7]
    assert RetirementNotice.objects.filter(version=version).count() == 4


def test_days_on_which_nothing_ran_are_made_up_by_the_latest_interval_alone(version):
    """S-158: the worker stood still from day 100 to day 20."""
    assert [look(version, 100), look(version, 20), look(version, 20), look(version, 5)] == [1, 1, 0, 1]
    assert [row.days for row in RetirementNotice.objects.order_by("days")] == [7, 30, 180]


def test_owners_and_users_get_a_task_due_on_the_day(version, cast):
    row = consumers.register_consumer(version, person=cast.auditor, actor=cast.auditor)
    look(version, 180)
    assert waiting("plan_retirement", person=cast.owner, due_on=version.retirement_date) == 1
    assert waiting("acknowledge_end", person=cast.auditor, object_id=row.pk) == 1
    assert str(cast.auditor.pk) in RetirementNotice.objects.get().told


def test_who_has_acknowledged_is_not_asked_again(version, cast):
    row = consumers.register_consumer(version, person=cast.auditor, actor=cast.auditor)
    consumers.acknowledge_end(row, answer="We have moved to another version.", actor=cast.auditor)
    look(version, 90)
    assert waiting("acknowledge_end") == 0


def test_whoever_comes_to_use_it_later_is_asked_at_once(version, cast):
    look(version, 180)
    consumers.register_consumer(version, person=cast.auditor, actor=cast.auditor)
    assert waiting("acknowledge_end", person=cast.auditor) == 1


def test_a_missing_plan_is_told_to_the_risk_officers_before_the_last_reminder(version, cast):
    """S-158: the plan is required before the last warning; until then its absence is the owners' matter alone."""
    look(version, 90)
    assert waiting("no_plan") == 0
    look(version, 30)
    assert waiting("no_plan", duty="risk_officer") == 1
    ending.planned(cast, version)
    assert waiting("no_plan") == 0
    look(version, 7)
    assert waiting("no_plan") == 0


def test_a_moved_day_ends_the_old_tasks_and_is_told_of_anew(version, cast):
    look(version, 30)
    inventory.edit_version(version, retirement_date=version.retirement_date + timedelta(days=60), actor=cast.owner)
    assert waiting("plan_retirement") == waiting("no_plan") == 0
    assert look(version, 90) == 1
    assert waiting("plan_retirement", due_on=version.retirement_date) == 1


@pytest.mark.parametrize("status", [VersionStatus.DRAFT, VersionStatus.RETIRED, VersionStatus.REJECTED])
def test_what_is_not_in_use_reminds_nobody(status, version):
    version.status = status
    version.save()
    assert look(version, 7) == 0


def test_one_version_that_cannot_be_told_of_does_not_keep_the_others(version, cast, monkeypatch, caplog):
    other = factories.make_version(cast, retirement_date=version.retirement_date)
    other.status = VersionStatus.PUBLISHED
    other.save()
    honest = reminders.told_people

    def told(row, *args, **kwargs):
        if row.pk == version.pk:
            raise RuntimeError("planted")
        return honest(row, *args, **kwargs)

    monkeypatch.setattr(reminders, "told_people", told)
    assert look(version, 7) == 1
    assert RetirementNotice.objects.get().version == other


def test_the_workers_timer_looks_every_ten_minutes_whichever_worker_does(version, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: version.retirement_date - timedelta(days=7))
    assert [reminders.tick(), reminders.tick()] == [1, 0]
    assert jobs.SweepLease.objects.filter(pk=reminders.LEASE).exists()
