"""Tells owners and users of a version that it ends, at set intervals before the day, each of them once."""

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from registry import jobs
from registry.actions import consumers, work
from registry.audit import log
from registry.models import Duty, ModelVersion, RetirementNotice, Task, VersionStatus
from registry.retirement import readiness
from registry.retirement.rules import rules

EVERY: Final = timedelta(minutes=10)
LEASE: Final = 7  # the row of the lease
IN_USE: Final = (VersionStatus.APPROVED, VersionStatus.PUBLISHED, VersionStatus.SUSPENDED, VersionStatus.DEPRECATED)
logger = logging.getLogger(__name__)


def tick_logged() -> None:
    """One look at the dates of which a failure is logged and leaves the worker running."""
    try:
        tick()
    except Exception:
        logger.warning("The dates of retirement could not be looked through; it is tried again.", exc_info=True)


def tick(today: date | None = None) -> int:
    """Tell of what ends, every ten minutes whichever worker does it; the number of notices."""
    return tell_due(today or timezone.localdate()) if jobs.take_lease(LEASE, EVERY) else 0


def tell_due(today: date) -> int:
    """Tell of every end for which an interval has begun and nobody was told. After missed days the latest alone counts.

    Two of these at once tell once: the interval is taken by a unique row.
    """
    told = 0
    for version, days in due(today):
        try:
            with transaction.atomic():
                told += tell(version, days)
        except IntegrityError:
            logger.info("%s was told of by another worker.", version)
        except Exception:  # a border: one version that cannot be told of must not keep the others from it
            logger.exception("Nobody could be told of the end of %s; it is tried again.", version.pk)
    return told


def due(today: date) -> Iterator[tuple[ModelVersion, int]]:
    """Versions in use within an interval of which there is no notice yet, with its days; what is overdue in the last."""
    intervals = rules().reminders
    versions = ModelVersion.objects.filter(status__in=IN_USE).select_related("model__system__unit")
    for days, later in zip(intervals, (*intervals[1:], None), strict=True):
        rows = versions.filter(retirement_date__lte=today + timedelta(days=days))
        if later is not None:
            rows = rows.filter(retirement_date__gt=today + timedelta(days=later))
        told = RetirementNotice.objects.filter(
            version=OuterRef("pk"), retirement_date=OuterRef("retirement_date"), days=days
        )
        yield from ((version, days) for version in rows.exclude(Exists(told)).order_by("retirement_date", "pk"))


def tell(version: ModelVersion, days: int) -> int:
    """One notice: tasks for the owners, for everybody who uses it and has not acknowledged, and for the risk officers
    where a plan should stand and does not; 1 when it was told."""
    plan = readiness.plan_of(version)
    end = version.retirement_date
    assert end is not None  # it was found by this day
    notice = RetirementNotice(version=version, retirement_date=end, days=days, has_plan=plan is not None)
    notice.told = told_people(version, days, has_plan=plan is not None)
    notice.save()
    log.record(None, "retirement.told", notice)
    return 1


def told_people(version: ModelVersion, days: int, *, has_plan: bool) -> list[str]:
    """Give everybody concerned the task, and say by id or duty who they are."""
    system = version.home_system
    owners = list(dict.fromkeys((system.business_owner, system.technical_owner)))
    for owner in owners:
        open_task(version, Task.Kind.PLAN_RETIREMENT, person=owner)
    consumers.enter_known(version, actor=None)
    unaware = consumers.unaware(version)
    for row in unaware:
        consumers.ask(row, actor=None)
    told = [str(person.pk) for person in (*owners, *(row.answers for row in unaware))]
    if not has_plan and days <= rules().plan_by:
        open_task(version, Task.Kind.NO_PLAN, duty=Duty.RISK_OFFICER)
        told.append(str(Duty.RISK_OFFICER))
    return list(dict.fromkeys(told))


def open_task(version: ModelVersion, kind: str, **to: object) -> Task:
    """A task that leads to the page of the retirement, due by its day."""
    return work.open_task(
        version, kind=kind, system=version.home_system, url=reverse("version-retirement", args=[version.pk]),
        due_on=version.retirement_date, actor=None, **to,  # type: ignore[arg-type]
    )  # fmt: skip
