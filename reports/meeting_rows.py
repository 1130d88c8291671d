"""Meetings of boards and their decisions as facts: those whose minutes another person than their writer has approved."""

from collections.abc import Iterator
from uuid import UUID

from registry.models import AgendaItem, Meeting
from reports import register_rows
from reports.facts import ORGANISATION, Fact
from reports.scope import Scope, fields_of, subject_of


def approved(scope: Scope) -> dict[object, Meeting]:
    """The meetings with approved minutes, by their ids."""
    return {row.pk: row for row in scope.rows(Meeting).filter(status=Meeting.Status.APPROVED)}


def meetings(scope: Scope) -> Iterator[Fact]:
    """One row a meeting, as its minutes were fixed."""
    for row in approved(scope).values():
        minutes = row.minutes
        yield Fact(
            id=str(row.pk),
            label=row.title,
            subject=ORGANISATION,
            url=row.get_absolute_url(),
            fields=fields_of(
                row, "board_meeting", agenda=[item["title"] for item in minutes["items"]], minutes=row.minutes_digest,
                attendees=minutes["attendees"], business_units_present=minutes["units_present"],
                disciplines_present=minutes["disciplines_present"],
                decisions=[item["decision"] for item in minutes["items"] if item["decision"]],
            ),
        )  # fmt: skip


def budgets_by_system(scope: Scope) -> dict[UUID | None, list[str]]:
    """The budgets in the registers, by system; those of the organisation under None."""
    found: dict[UUID | None, list[str]] = {}
    for row in register_rows.rows_of(scope, "cost_budget"):
        if row.system_id or row.unit.parent_id is None:
            found.setdefault(row.system_id, []).append(row.title)
    return found


def decisions(scope: Scope) -> Iterator[Fact]:
    """One row an outcome that decides: about the system of its review, or about the organisation."""
    rows = scope.rows(AgendaItem).filter(meeting__in=approved(scope), removed_at__isnull=True).exclude(decision="")
    budgets = budgets_by_system(scope)
    for row in rows.select_related("review__release__version__model"):
        release = row.review.release if row.review else None
        yield Fact(
            id=str(row.pk),
            label=row.label,
            subject=subject_of(release.system_id) if release else ORGANISATION,
            also=frozenset({("release", str(release.pk))} if release else ()),
            url=row.get_absolute_url(),
            fields=fields_of(
                row,
                "board_decision",
                subject=row.label,
                resources_allocated=budgets.get(release.system_id if release else None),
            ),
        )
