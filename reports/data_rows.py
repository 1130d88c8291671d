"""Approvals of data sources and reclassifications as facts, with the workflows that led to them."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from registry.models import BusinessUnit, DatasetVersion
from reports.duty_rows import current_duties
from reports.facts import Fact, Member, Subject, WorkflowFact
from reports.scope import Scope, fields_of, subjects_of
from risk.models import AffectedVersion, Reclassification

YEAR = timedelta(days=366)


def approved_sources(scope: Scope) -> Iterator[WorkflowFact]:
    """Versions of data that stand as approved, for all uses asked for or for some, by whom in which duty."""
    stand = (DatasetVersion.Status.APPROVED, DatasetVersion.Status.RESTRICTED)
    for row in scope.rows(DatasetVersion).filter(status__in=stand).select_related("dataset__unit"):
        if row.approved_at is not None:
            yield WorkflowFact(
                id=str(row.pk),
                label=str(row),
                subject=("dataset_version", str(row.pk)),
                also=subjects_of(scope.systems_of_data.get(row.pk, set())),
                url=row.get_absolute_url(),
                workflow="data_source",
                outcome="approved",
                ended_at=row.approved_at,
                approvers=tuple(duties_in(scope, row.approver_id, row.unit)),
                steps={
                    "author": frozenset({str(row.registered_by_id)}),
                    "approver": frozenset({str(row.approver_id)}),
                },
            )


def duties_in(scope: Scope, person: UUID | None, unit: BusinessUnit) -> Iterator[tuple[str, str]]:
    """The duties that a person holds for a unit as a whole."""
    for row in current_duties(scope):
        if row.person_id == person and row.system_id is None and unit.path.startswith(row.unit.path):
            yield str(person), str(row.duty)


def touched(scope: Scope, row: Reclassification) -> set[UUID]:
    """The systems of the versions that a reclassification touched."""
    rows = scope.rows(AffectedVersion).filter(reclassification=row)
    return set(rows.values_list("version__model__system", flat=True))


def own(row: Reclassification) -> Subject:
    """A reclassification as the subject of facts."""
    return ("reclassification", str(row.pk))


def reclassifications(scope: Scope) -> Iterator[Fact]:
    """One row a change of class, with what was decided about the versions that it touched."""
    for row in scope.rows(Reclassification).select_related("dataset"):
        decided = scope.rows(AffectedVersion).filter(reclassification=row).exclude(disposition="")
        yield Fact(
            id=str(row.pk),
            label=str(row),
            subject=own(row),
            also=subjects_of(touched(scope, row)),
            url=row.get_absolute_url(),
            fields=fields_of(
                row,
                "reclassification",
                affected_systems=row.counts.get("systems"),
                disposition=", ".join(sorted(set(decided.values_list("disposition", flat=True)))) or None,
            ),
        )


def reclassifications_done(scope: Scope) -> Iterator[WorkflowFact]:
    """Changes of class that were worked through to the last version."""
    for row in scope.rows(Reclassification).filter(completed_at__isnull=False).select_related("dataset__unit"):
        yield WorkflowFact(
            id=str(row.pk),
            label=str(row),
            subject=own(row),
            also=subjects_of(touched(scope, row)),
            url=row.get_absolute_url(),
            workflow="reclassification",
            outcome="completed",
            ended_at=row.completed_at,
            approvers=tuple(duties_in(scope, row.requested_by_id, row.unit)),
            steps={"author": frozenset({str(row.requested_by_id)})},
        )


def reclassifications_of_the_year(scope: Scope) -> list[tuple[Member, frozenset[UUID]]]:
    """Changes of class within a year, with the systems that they touched, as members of a population."""
    rows = scope.rows(Reclassification).filter(effective_at__gte=scope.until - YEAR).select_related("dataset")
    found = [(row, touched(scope, row)) for row in rows]
    return [
        (Member("reclassification", str(row.pk), str(row), scope.highest_tier(systems)), frozenset(systems))
        for row, systems in found
    ]
