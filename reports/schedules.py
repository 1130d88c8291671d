"""Reports that are made again and again: people set and end a schedule, a worker asks for what is due by night."""

import logging
from calendar import monthrange
from datetime import date, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, jobs
from registry.audit import log
from registry.errors import BadInput, DomainError
from registry.models import AISystem, BusinessUnit, ModelVersion, User, VersionStatus
from registry.transactions import hold
from reports import actions
from reports.catalogue import BOARD_PACK, ON_UNITS, ON_VERSIONS
from reports.models import BoardPack, ReportSchedule

MONTHS: Final = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
LEASE: Final = 18  # the row of the lease
EVERY: Final = timedelta(hours=1)
IN_USE: Final = (VersionStatus.PUBLISHED, VersionStatus.DEPRECATED)
logger = logging.getLogger(__name__)


@transaction.atomic
def set_schedule(
    about: AISystem | BusinessUnit, *, kind: str, cadence: str, begins_on: date, language: str = "en", actor: User
) -> ReportSchedule:
    """Have a report on a system or a unit, or the board pack of a unit, made for oneself at a cadence from a day on."""
    unit = about if isinstance(about, BusinessUnit) else None
    system = about if isinstance(about, AISystem) else None
    if kind not in ({BOARD_PACK.kind, *ON_UNITS} if unit else ON_VERSIONS):
        raise BadInput(_("There is no report called “%s”.") % kind, field="kind")
    if begins_on < timezone.localdate():
        raise BadInput(_("The first day lies in the past; name today or a later day."), field="begins_on")
    actions.require_language(language)
    row = ReportSchedule(
        system=system, of_unit=unit, kind=kind, cadence=cadence,
        begins_on=begins_on, next_on=begins_on, language=language, owner=actor,
    )  # fmt: skip
    access.require(actor, access.REPORT_GENERATE, BoardPack(of_unit=unit) if unit else row)
    row.save()
    log.record(actor, "report_schedule.set", row)
    return row


@transaction.atomic
def end_schedule(row: ReportSchedule, *, reason: str, actor: User) -> ReportSchedule:
    """End it: by whom it is for, or by whoever may ask for such reports there."""
    hold(row)
    if row.owner_id != actor.pk:
        access.require(actor, access.REPORT_GENERATE, BoardPack(of_unit=row.of_unit) if row.of_unit else row)
    return ended(row, reason=reason, actor=actor)


def ended(row: ReportSchedule, *, reason: str, actor: User | None) -> ReportSchedule:
    """The schedule as ended, with its reason."""
    if row.ended_at is not None:
        raise BadInput(_("This schedule has ended already."))
    row.ended_at, row.end_reason = timezone.now(), reason
    row.save(update_fields=["ended_at", "end_reason"])
    log.record(actor, "report_schedule.ended", row, reason=reason)
    return row


# ---- by night


def tick_logged() -> None:
    """One look of which a failure is logged and leaves the worker running."""
    try:
        if jobs.take_lease(LEASE, EVERY):
            ask_due(timezone.localdate())
    except Exception:
        logger.warning("The schedules of reports could not be looked through; it is tried again.", exc_info=True)


def ask_due(today: date) -> int:
    """Ask for every report whose day has come; how many. Of days that were missed one report alone is made."""
    asked = 0
    for pk in ReportSchedule.objects.in_force().filter(next_on__lte=today).values_list("pk", flat=True):
        try:
            with transaction.atomic():
                asked += take(pk, today)
        except Exception:  # a border: one schedule that cannot be kept must not keep the others from it
            logger.exception("The schedule %s could not be kept; it is tried again.", pk)
    return asked


def take(pk: Any, today: date) -> int:
    """Ask for one report and move its day, unless another worker has; a schedule whose owner may no longer ask ends."""
    row = ReportSchedule.objects.select_for_update().get(pk=pk)
    if row.ended_at is not None or row.next_on > today:
        return 0
    row.next_on = day_after(row, today)
    row.save(update_fields=["next_on"])
    log.record(None, "report_schedule.due", row)
    try:
        with transaction.atomic():
            ask(row)
    except DomainError as refusal:
        ended(row, reason=str(refusal), actor=None)
        return 0
    return 1


def ask(row: ReportSchedule) -> None:
    """Ask for the report as its owner would; what the owner may no longer do is refused."""
    if row.of_unit is not None:
        if row.kind in ON_UNITS:
            actions.request_report_of_unit(
                row.of_unit, kind=row.kind, actor=row.owner, language=row.language, schedule=row
            )
        else:
            actions.request_board_pack(row.of_unit, actor=row.owner, language=row.language, schedule=row)
        return
    version = version_of(row.system)
    if version is None:
        raise BadInput(_("The system has no version to report on."))
    actions.request_report(version, kind=row.kind, actor=row.owner, language=row.language, schedule=row)


def version_of(system: Any) -> ModelVersion | None:
    """The newest version in use, else the newest of all."""
    rows = ModelVersion.objects.filter(model__system=system).order_by("-created_at", "-pk")
    return rows.filter(status__in=IN_USE).first() or rows.first()


def day_after(row: ReportSchedule, today: date) -> date:
    """The first day of the schedule after today: whole months from its first day, the last day of shorter months."""
    step, number = MONTHS[row.cadence], 0
    while (day := months_later(row.begins_on, number)) <= today:
        number += step
    return day


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one where the month is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
