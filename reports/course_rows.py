"""Courses of things that end in a decision without a table of their own: intakes, changes, validations, appeals."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from registry.models import Intake, Release, Review, Stage
from reports import document_rows, register_rows
from reports.data_rows import duties_in
from reports.facts import Subject, WorkflowFact
from reports.inventory_rows import review_of
from reports.scope import Scope, subject_of, subjects_of
from reports.supply_rows import systems_by_vendor
from risk.models import Treatment, VendorAssessment

FIT = ("fit", "fit_with_conditions")
ANSWERED = ("decided", "closed")


def of_day(text: str) -> datetime:
    """A day of a register as a moment."""
    return datetime.combine(date.fromisoformat(text), time.min, UTC)


def intakes(scope: Scope) -> Iterator[WorkflowFact]:
    """Systems that were proposed with answers and went on to be assessed."""
    for row in scope.rows(Intake):
        system = scope.systems.get(row.system_id)
        if system is not None and system.lifecycle_stage != Stage.INTAKE:
            yield WorkflowFact(
                id=str(row.pk), label=str(system), subject=subject_of(row.system_id), url=system.get_absolute_url(),
                workflow="intake", outcome="approved", ended_at=row.created_at,
                steps={"author": frozenset({str(row.asked_by_id)})},
            )  # fmt: skip


def changes(scope: Scope) -> Iterator[WorkflowFact]:
    """Approved releases of systems of which another version was published before, and the feedback that led to them."""
    first = first_published(scope)
    reviews = {run.id: run for run in document_rows.release_reviews(scope) if run.outcome == Review.Status.APPROVED}
    led = feedback_by_change(scope)
    for release in scope.releases.values():
        review, before = review_of(release), first.get(release.system_id)
        run = reviews.get(str(review.pk)) if review else None
        if run is not None and is_later(release, run.ended_at, than=before):
            yield WorkflowFact(
                id=run.id, label=run.label, subject=run.subject,
                also=run.also | led.get(str(release.version_id), frozenset()) | led.get(str(release.version), frozenset()),
                url=run.url, workflow="change", outcome="approved", ended_at=run.ended_at, approvers=run.approvers,
                steps=run.steps,
            )  # fmt: skip


def is_later(release: Release, ended: datetime, *, than: Release | None) -> bool:
    """It was decided after another version of the system had been published."""
    if than is None or than.published_at is None or than.version_id == release.version_id:
        return False
    return ended >= than.published_at


def first_published(scope: Scope) -> dict[UUID, Release]:
    """By system: the release that was published first."""
    found: dict[UUID, Release] = {}
    for release in scope.releases.values():
        when = release.published_at
        if when is not None and when < scope.until:
            known = found.get(release.system_id)
            if known is None or known.published_at is None or when < known.published_at:
                found[release.system_id] = release
    return found


def feedback_by_change(scope: Scope) -> dict[str, frozenset[Subject]]:
    """Items of feedback by the change that they name: the id or the name of a version."""
    found: dict[str, frozenset[Subject]] = {}
    for row in register_rows.rows_of(scope, "feedback_item"):
        named = str(row.fields.get("linked_change") or "").strip()
        if named:
            found[named] = found.get(named, frozenset()) | {("feedback_item", str(row.pk))}
    return found


def validations(scope: Scope) -> Iterator[WorkflowFact]:
    """Validations by independent people that found the system fit; its builder is its technical owner."""
    for row in register_rows.rows_of(scope, "validation_report"):
        said = row.fields
        if said.get("conclusion") in FIT and said.get("issued_at"):
            validator = str(said["validator"])
            owner = scope.systems[row.system_id].technical_owner_id if row.system_id in scope.systems else None
            yield WorkflowFact(
                **about(scope, row), workflow="validation", outcome="approved", ended_at=of_day(said["issued_at"]),
                approvers=((validator, "validator"),),
                steps={
                    "validator": frozenset({validator}), "technical_owner": frozenset({str(owner)} if owner else ())
                },
            )  # fmt: skip


def appeals(scope: Scope) -> Iterator[WorkflowFact]:
    """Appeals and complaints that were decided and answered."""
    rows = register_rows.rows_of(scope, "feedback_item").filter(status__in=ANSWERED)
    for row in rows:
        if row.fields.get("feedback_type") in ("appeal", "complaint") and row.fields.get("decided_at"):
            yield WorkflowFact(
                **about(scope, row), workflow="appeal", outcome="completed", ended_at=of_day(row.fields["decided_at"])
            )


def about(scope: Scope, row: Any) -> dict[str, Any]:
    """What every course that a register keeps says of its entry."""
    return {
        "id": str(row.pk), "label": register_rows.label_of(row), "subject": register_rows.subject(row),
        "also": register_rows.also(scope, row) | {(row.kind, str(row.pk))}, "url": row.get_absolute_url(),
    }  # fmt: skip


def treated_risks(scope: Scope) -> Iterator[WorkflowFact]:
    """Treatments that were agreed and done, about their risk."""
    for row in (
        scope.rows(Treatment).filter(status=Treatment.Status.DONE, finished_at__isnull=False).select_related("risk")
    ):
        if row.risk.system_id in scope.system_ids and row.finished_at is not None:
            yield WorkflowFact(
                id=str(row.pk), label=str(row), subject=subject_of(row.risk.system_id),
                also=frozenset({("risk", str(row.risk_id))}), url=row.risk.get_absolute_url(),
                workflow="risk_treatment", outcome="approved", ended_at=row.finished_at,
            )  # fmt: skip


def onboardings(scope: Scope) -> Iterator[WorkflowFact]:
    """Vendors that were let in after an assessment, with the duties of who decided."""
    served = systems_by_vendor(scope)
    for row in (
        scope.rows(VendorAssessment)
        .filter(status="decided", result__startswith="accepted")
        .select_related("vendor__unit")
    ):
        if row.assessed_at is not None:
            yield WorkflowFact(
                id=str(row.pk), label=str(row.vendor), subject=("vendor", str(row.vendor_id)),
                also=subjects_of(served.get(row.vendor_id, set())), url=row.get_absolute_url(),
                workflow="vendor_onboarding", outcome="approved", ended_at=of_day(row.assessed_at.isoformat()),
                approvers=tuple(duties_in(scope, row.decided_by_id, row.unit)),
                steps={"author": frozenset({str(row.filled_by_id)}), "approver": frozenset({str(row.decided_by_id)})},
            )  # fmt: skip
