"""Opens approved assessments again by itself: when what was assessed changes, on incidents, and on their date."""

import logging
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_noop

from registry import jobs
from registry.actions import work
from registry.audit import log
from registry.audit.followers import follows
from registry.models import AISystem, Dataset, Deployment, Duty, LineageLink, ModelVersion, Task
from risk import living
from risk.actions.assessments import reopen, rescore
from risk.living import Change
from risk.models import Answer, Assessment, Incident

EVERY: Final = timedelta(hours=1)
LEASE: Final = 17  # the row of the lease
logger = logging.getLogger(__name__)


@follows("system.edited")
def after_system(actor: Any, system: AISystem) -> None:
    """Its purpose may be another."""
    look(system, actor=actor)


@follows("link.added")
def after_link(actor: Any, link: LineageLink) -> None:
    """A version may use data that nobody has assessed."""
    if link.source_type == ModelVersion._meta.label:
        look(ModelVersion.objects.get(pk=link.source_id).home_system, actor=actor)


@follows("deployment.started", "deployment.edited")
def after_deployment(actor: Any, deployment: Deployment) -> None:
    """It may run where nobody expected it."""
    look(deployment.home_system, actor=actor)


@follows("incident.reported", "incident.managed")
def after_incident(actor: Any, incident: Incident) -> None:
    """Personal data were concerned: what was assessed did not hold."""
    if incident.is_privacy:
        words = gettext_noop("Incident with personal data: %(incident)s")
        happened([incident.system], Change("incident", words, {"incident": str(incident)}), actor=actor)


@follows("dataset.class_changed")
def after_class(actor: Any, dataset: Dataset) -> None:
    """Data that a version uses have another class."""
    named = {"data": str(dataset), "class": dataset.classification}
    change = Change("reclassification", gettext_noop("%(data)s is %(class)s now."), named)
    happened(living.systems_using([dataset]), change, actor=actor)


def standing(system: AISystem) -> Iterable[Assessment]:
    """The approved assessments of a system."""
    return Assessment.objects.approved().filter(system=system).select_related("system__unit", "version__artifact")


def look(system: AISystem, *, actor: Any) -> None:
    """Take up again every approved assessment of which something differs now."""
    for row in standing(system):
        for change in living.changes(row):
            take_up(row, change, actor=actor)


def happened(systems: Iterable[AISystem], event: Change, *, actor: Any) -> None:
    """Take up again the approved assessments whose questionnaire asks about such events."""
    for system in systems:
        for row in standing(system):
            if event.kind in row.form.reopens_on:
                take_up(row, event, actor=actor)


def take_up(row: Assessment, change: Change, *, actor: Any) -> None:
    """Open the questionnaire again beside the approved one, with its answers and the cause; one cause counts once.

    The approved one stays readable as it was signed. What waits for a signature goes back to whoever writes it.
    """
    fresh = Assessment.objects.open().filter(system=row.system, version=row.version, template=row.template).first()
    if fresh is not None and change.said in map(living.cause_said, fresh.causes):
        return
    fresh = fresh or begun_again(row, actor=actor)
    reopen(fresh, actor=actor, because=change.said)
    by = str(actor.pk) if actor is not None else ""
    on = timezone.now().isoformat(timespec="seconds")
    fresh.causes = [*fresh.causes, change.as_cause(by=by, on=on)]
    fresh.reopens = row
    fresh.save()
    log.record(actor, "assessment.taken_up", fresh, reason=change.said)
    ask(fresh, row, actor=actor)


def begun_again(row: Assessment, *, actor: Any) -> Assessment:
    """A draft with the earlier answers, each still by who gave it."""
    fresh = Assessment(
        template=row.template, template_version=row.template_version, system=row.system, version=row.version,
        started_by=row.submitted_by or row.started_by, bound_digest=row.bound_digest, bound=row.bound, reopens=row,
    )  # fmt: skip
    fresh.save()
    log.record(actor, "assessment.started", fresh)
    for old in row.answers.all():
        copy = Answer(
            assessment=fresh, question=old.question, answer=old.answer, text=old.text, answered_by=old.answered_by,
            answered_at=old.answered_at,
        )  # fmt: skip
        copy.save()
        log.record(actor, "answer.taken_over", copy)
    rescore(fresh, actor=actor)
    return fresh


def ask(fresh: Assessment, row: Assessment, *, actor: Any) -> None:
    """Who submitted the earlier one looks at it; the privacy officers where that person has left."""
    person = row.submitted_by if row.submitted_by and row.submitted_by.is_active else None
    work.open_task(
        fresh, kind=Task.Kind.ASSESS_AGAIN, system=fresh.system, url=fresh.get_absolute_url(), person=person,
        duty="" if person else Duty.PRIVACY_OFFICER, actor=actor,
    )  # fmt: skip


def tick_logged() -> None:
    """One look at the dates, of which a failure is logged and leaves the worker running."""
    try:
        if jobs.take_lease(LEASE, EVERY):
            run(timezone.localdate())
    except Exception:
        logger.warning("Assessments that are due could not be opened again; it is tried again.", exc_info=True)


def run(today: date) -> int:
    """Ask for every approved assessment whose review date has come, or whose data outlived their time; how many.

    The worker asks and writes no assessment: it may not approve one, and its role in the database cannot tell the two
    apart. The gate is closed by the dates themselves, and the draft begins when somebody takes up the task.
    """
    rows = Assessment.objects.approved().select_related("system__unit", "version__artifact", "submitted_by")
    late = [row for row in rows if is_late(row, today)]
    for row in late:
        ask(row, row, actor=None)
    return len(late)


def is_late(row: Assessment, today: date) -> bool:
    """Its review date has come, or a change that only the calendar brings."""
    is_due = "date" in row.form.reopens_on and row.review_due is not None and row.review_due <= today
    return is_due or any(change.kind == "retention" for change in living.changes(row))
