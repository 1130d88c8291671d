"""What a worker does when a plan is due: takes the newest rows of each kind, asks for the checks, or tells what is missing."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rai.actions.checks import chosen_parameters
from rai.actions.plans import check_of
from rai.catalogue import CHECKS
from rai.models import MONITORING, ROWS_ARE, CheckRun, PlannedCheck, PlanRun, Predictions, TestPlan
from registry import jobs
from registry.actions import work
from registry.audit import log
from registry.errors import BadInput
from registry.models import AISystem, JobStatus, ModelVersion, Release, Stage, Task, VersionStatus

EVERY: Final = timedelta(seconds=55)
LEASE: Final = 3  # the row of the lease; 1 is that of the sweep, 2 that of checkpoints
OVER: Final = (Stage.RETIRED, Stage.SUSPENDED)
NEVER: Final = (VersionStatus.REJECTED, VersionStatus.RETIRED)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Want:
    """A check of a plan that a version still owes: with the table to run it on, or with what is missing."""

    planned: PlannedCheck
    version: ModelVersion
    table: Predictions | None
    missing: str = ""


def tick_logged() -> None:
    """One look at the plans of which a failure is logged and leaves the worker running."""
    try:
        tick()
    except Exception:
        logger.warning("The plans could not be looked through; it is tried again in a minute.", exc_info=True)


def tick(today: date | None = None) -> int:
    """Ask for what is due, once a minute whichever worker does it; the number of checks asked for."""
    if not jobs.take_lease(LEASE, EVERY):
        return 0
    return run_due(today or timezone.localdate())


def run_due(today: date) -> int:
    """Ask for what is due on a day. Two of these at once ask once: the day of a system is taken by a unique row."""
    plans = TestPlan.objects.in_force().exclude(system__lifecycle_stage__in=OVER)
    asked = 0
    for plan in plans.select_related("system__unit", "system__technical_owner", "owner"):
        try:
            with transaction.atomic():
                run = run_of(plan, today)
                asked += ask(run) if run else 0
        except IntegrityError:
            logger.info("%s was asked for by another worker.", plan)
        except Exception:  # a border: one plan that cannot be run must not keep the others from being run
            logger.exception("The plan %s could not be run; it is tried again in a minute.", plan.pk)
    return asked


def run_of(plan: TestPlan, today: date) -> PlanRun | None:
    """The run that is due now, or the last one of this plan, which may still wait for rows."""
    last = last_due(plan.system)
    day = due_day(plan, last, today)
    if day is None:
        return last if last is not None and last.plan_id == plan.pk else None
    run = PlanRun(plan=plan, system=plan.system, due_on=day)
    run.save()
    log.record(None, "plan.due", run)
    return run


def last_due(system: AISystem) -> PlanRun | None:
    """The latest run of a system that a calendar asked for."""
    rows = PlanRun.objects.filter(system=system, due_on__isnull=False).select_related("plan__system", "plan__owner")
    return rows.order_by("-due_on").first()


def due_day(plan: TestPlan, last: PlanRun | None, today: date) -> date | None:
    """The day to run for: of days that were missed the latest alone; None when nothing is due."""
    day = next_day(plan, last)
    return day + timedelta(days=(today - day).days // plan.days * plan.days) if day <= today else None


def next_day(plan: TestPlan, last: PlanRun | None) -> date:
    """The first day on which the plan is due after its last run; the day of its approval where there was none."""
    if last is None or last.due_on is None:
        return timezone.localdate(plan.approved_at)
    return last.due_on + timedelta(days=plan.days)


def ask(run: PlanRun) -> int:
    """Ask for every check of a run whose rows are there; the owner gets a task for the others."""
    wants = list(wanted(run))
    ready = [(want.planned, want.table) for want in wants if want.table is not None]
    for planned, table in ready:
        check_of(run, planned, table, tables=Predictions.objects.all(), requested_by=run.plan.owner, actor=None)
    if len(ready) < len(wants):
        work.open_task(
            run, kind=Task.Kind.DATA_NEEDED, system=run.system, url=run.get_absolute_url(), person=run.plan.owner,
            due_on=run.due_on, actor=None,
        )  # fmt: skip
    return len(ready)


def wanted(run: PlanRun) -> Iterator[Want]:
    """What the versions in force still owe to a run."""
    asked = set(run.checks.values_list("planned", "version_id"))
    versions = in_force(run.system)
    for planned in run.plan.planned:
        for version in versions:
            if (planned.key, version.pk) not in asked:
                yield want_of(planned, version)


def want_of(planned: PlannedCheck, version: ModelVersion) -> Want:
    """The table that a check is to be run on, or why there is none."""
    if planned.slug not in CHECKS:
        return Want(planned, version, None, _("This installation no longer offers the check “%s”.") % planned.slug)
    table = newest_table(planned, version)
    if table is None:
        return Want(planned, version, None, missing_words(planned, version))
    try:
        chosen_parameters(CHECKS[planned.slug], planned.parameters, table, tables=Predictions.objects.all())
    except BadInput as refusal:
        return Want(planned, version, None, f"{table}: {refusal}")
    return Want(planned, version, table)


def missing_words(planned: PlannedCheck, version: ModelVersion) -> str:
    """What to upload."""
    label = dict(ROWS_ARE)[planned.role]
    if planned.role == MONITORING:
        return _("No %(kind)s of %(version)s came since the last look. Upload them, or let a pipeline post them.") % {
            "kind": label, "version": version,
        }  # fmt: skip
    return _("There are no %(kind)s of %(version)s. Upload them.") % {"kind": label, "version": version}


def newest_table(planned: PlannedCheck, version: ModelVersion) -> Predictions | None:
    """The newest table of the kind; of the running system one that no earlier due run of this check has looked at."""
    rows = Predictions.objects.filter(version=version, role=planned.role, status=JobStatus.FINISHED)
    if planned.role == MONITORING:
        seen = CheckRun.objects.filter(plan_run__due_on__isnull=False, planned=planned.key, version=version)
        rows = rows.exclude(pk__in=seen.values("predictions_id"))
    return rows.select_related("version__model__system__unit", "blob").order_by("-created_at").first()


def in_force(system: AISystem) -> list[ModelVersion]:
    """The published versions that serve the system; where there is none, the newest that may still be used."""
    served = Release.objects.filter(system=system, status=Release.Status.PUBLISHED).values("version_id")
    versions = ModelVersion.objects.select_related("model__system__unit")
    published = list(versions.filter(pk__in=served).order_by("created_at"))
    if published:
        return published
    return list(versions.filter(model__system=system).exclude(status__in=NEVER).order_by("-created_at")[:1])


def raise_alarm(job: CheckRun) -> None:
    """An alarm is a look whose limit is surely broken: its owner and the risk officers look into it. A watch acts not."""
    owner = job.plan_run.plan.owner if job.plan_run else job.version.home_system.technical_owner
    told: dict[str, Any] = {"kind": Task.Kind.ALARM, "system": job.version.home_system, "url": job.get_absolute_url()}
    work.open_task(job, person=owner, actor=None, **told)
    work.open_task(job, duty="risk_officer", actor=None, **told)
    log.record(None, "alarm.raised", job)
