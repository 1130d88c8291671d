"""Waivers and incidents as facts, with the workflows that led to them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from registry.models import Waiver
from reports.duty_rows import current_duties, systems_of_duty
from reports.facts import Fact, Member, WorkflowFact
from reports.scope import Scope, fields_of, subject_of
from risk.models import Incident

OPEN_FOR = timedelta(days=30)
"""For so long an incident that is still open is not held against anybody, unless it is serious."""
YEAR = timedelta(days=366)


def waivers_in(scope: Scope) -> list[Waiver]:
    """The waivers of versions of the systems."""
    rows = scope.rows(Waiver).select_related("version__model")
    return [row for row in rows if row.version.model.system_id in scope.system_ids]


def exceptions(scope: Scope) -> Iterator[Fact]:
    """One row a waiver, about its system and the releases of its version; one past its last day counts as expired."""
    for row in waivers_in(scope):
        releases = {("release", str(pk)) for pk, one in scope.releases.items() if one.version_id == row.version_id}
        yield Fact(
            id=str(row.pk),
            label=str(row),
            subject=subject_of(row.version.model.system_id),
            also=frozenset(releases),
            url=row.get_absolute_url(),
            fields=fields_of(row, "exception", status=str(row.status_today)),
        )


def granted_exceptions(scope: Scope) -> Iterator[WorkflowFact]:
    """Waivers that were accepted, by whom, and who asked for them."""
    duties = duties_of(scope)
    for row in waivers_in(scope):
        if row.accepted_at is not None and row.accepted_by_id is not None:
            system = row.version.model.system_id
            yield WorkflowFact(
                id=str(row.pk),
                label=str(row),
                subject=subject_of(system),
                url=row.get_absolute_url(),
                workflow="exception",
                outcome="approved",
                ended_at=row.accepted_at,
                approvers=held(duties, {row.accepted_by_id}, system),
                steps={
                    "author": frozenset({str(row.requested_by_id)}),
                    "approver": frozenset({str(row.accepted_by_id)}),
                },
            )


def duties_of(scope: Scope) -> list[tuple[Any, str, set[UUID]]]:
    """Who holds which duty for which systems."""
    return [(row.person_id, str(row.duty), set(systems_of_duty(scope, row))) for row in current_duties(scope)]


def held(duties: list[tuple[Any, str, set[UUID]]], people: set[Any], system: UUID) -> tuple[tuple[str, str], ...]:
    """These people with the duties that they hold for the system."""
    return tuple((str(person), duty) for person, duty, systems in duties if person in people and system in systems)


def incidents_in(scope: Scope) -> list[Incident]:
    """The incidents with the systems."""
    return [row for row in scope.rows(Incident) if row.system_id in scope.system_ids]


def label_of(row: Incident) -> str:
    """An incident by its kind and day: readers of a report are more people than readers of incidents."""
    return f"{row.get_kind_display()}, {row.detected_at:%Y-%m-%d}"


def incidents(scope: Scope) -> Iterator[Fact]:
    """One row an incident."""
    for row in incidents_in(scope):
        yield Fact(
            id=str(row.pk),
            label=label_of(row),
            subject=subject_of(row.system_id),
            url=row.get_absolute_url(),
            fields=fields_of(row, "incident"),
        )


def closed_incidents(scope: Scope) -> Iterator[WorkflowFact]:
    """Incidents that were taken to closure with their cause, by whom."""
    duties = duties_of(scope)
    for row in incidents_in(scope):
        if row.closed_at is not None and row.closed_by_id is not None:
            yield WorkflowFact(
                id=str(row.pk),
                label=label_of(row),
                subject=subject_of(row.system_id),
                also=frozenset({("incident", str(row.pk))}),
                url=row.get_absolute_url(),
                workflow="incident",
                outcome="completed",
                ended_at=row.closed_at,
                approvers=held(duties, {row.closed_by_id}, row.system_id),
                steps={
                    "author": frozenset({str(row.reporter_id)}),
                    "approver": frozenset({str(row.closed_by_id)}),
                },
            )


def of_the_year(scope: Scope, which: Q) -> list[tuple[Member, frozenset[UUID]]]:
    """Incidents noticed within a year, as members of a population."""
    rows = scope.rows(Incident).filter(which, detected_at__gte=scope.until - YEAR, detected_at__lt=scope.until)
    return [
        (Member("incident", str(row.pk), label_of(row), scope.tiers[row.system_id]),
         frozenset({row.system_id}))
        for row in rows
        if row.system_id in scope.system_ids
    ]  # fmt: skip


def settled(scope: Scope) -> Q:
    """Closed, or noticed so long ago that it should be."""
    return Q(status=Incident.Status.CLOSED) | Q(detected_at__lt=scope.as_of - OPEN_FOR)


def incidents_of_the_year(scope: Scope) -> list[tuple[Member, frozenset[UUID]]]:
    """Incidents of a year, those left out that are open for less than thirty days."""
    return of_the_year(scope, settled(scope))


def serious_incidents_of_the_year(scope: Scope) -> list[tuple[Member, frozenset[UUID]]]:
    """Serious incidents of a year, from the first day."""
    return of_the_year(scope, Q(serious=True))


def third_party_incidents_of_the_year(scope: Scope) -> list[tuple[Member, frozenset[UUID]]]:
    """Incidents of a year that came from a supplier."""
    return of_the_year(scope, settled(scope) & Q(third_party_origin=True))
