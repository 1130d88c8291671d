"""Entries of registers as facts: each kind under the name that the vocabulary has for it, and approvals as workflows."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from registry import access
from registry.models import AuditEntry, RegisterEntry, RoleAssignment
from registry.registers import Kind, kinds
from registry.registers.kinds import RECORDED, WAITING, WITHDRAWN
from registry.vocabulary import vocabulary
from reports.facts import ORGANISATION, Basis, Fact, Member, Subject, WorkflowFact
from reports.scope import Scope, subjects_of

YEAR = timedelta(days=365)
ACCEPTANCE = "policy_acknowledgement"


def entities() -> list[str]:
    """The kinds that the vocabulary knows."""
    return [name for name in kinds() if name in vocabulary().entities]


def entries(kind: str) -> Callable[[Scope], Iterator[Fact]]:
    """The entries of a kind, as a source of facts."""

    def found(scope: Scope) -> Iterator[Fact]:
        for row in rows_of(scope, kind):
            yield Fact(
                id=str(row.pk), label=label_of(row), subject=subject(row), also=also(scope, row), url=row.get_absolute_url(),
                basis=basis(row), fields=fields(row),
            )  # fmt: skip

    return found


def newest_about(scope: Scope, kind: str, column: str) -> dict[UUID | None, dict[str, Any]]:
    """The fields of the newest standing entry of a kind, by what it is about."""
    rows = rows_of(scope, kind).exclude(status__in=("draft", WAITING, "superseded")).order_by("created_at")
    return {getattr(row, column): row.fields for row in rows}


def rows_of(scope: Scope, kind: str) -> Any:
    """The entries of a kind that were not withdrawn."""
    rows = scope.rows(RegisterEntry).filter(kind=kind).exclude(status=WITHDRAWN)
    return rows.select_related("unit")


def label_of(row: RegisterEntry) -> str:
    """The title; of registers that not everybody reads, kind and number: readers of a report are more people."""
    return row.title if row.of.view == access.MODEL_VIEW else f"{gettext(row.of.one)} {row.number}"


def basis(row: RegisterEntry) -> Basis:
    """What people accept themselves, and what the software wrote, was logged as it happened; the rest was written down."""
    accepted = row.kind == ACCEPTANCE and row.fields.get("person") == str(row.author_id)
    return "process" if accepted or row.author_id is None else "documented"


def subject(row: RegisterEntry) -> Subject:
    """What an entry speaks about."""
    if row.model_version_id:
        return ("model_version", str(row.model_version_id))
    for column, kind in (("system_id", "system"), ("vendor_id", "vendor"), ("dataset_id", "dataset")):
        if getattr(row, column):
            return (kind, str(getattr(row, column)))
    return ORGANISATION if row.unit.parent_id is None else ("business_unit", str(row.unit_id))


def also(scope: Scope, row: RegisterEntry) -> frozenset[Subject]:
    """The rows and people that its fields name, its system, and of a unit all systems in it."""
    named: set[Subject] = set()
    for each in row.of.fields.values():
        value = row.fields.get(each.name)
        if value and each.type == "person":
            named.add(("person", str(value)))
        if value and each.type == "row":
            named.add((each.of.rpartition(".")[2].lower(), str(value)))
    systems = [row.system_id] if row.system_id else []
    if not systems and not row.vendor_id and not row.dataset_id and row.unit.parent_id is not None:
        systems = scope.beneath(row.unit.path)
    return frozenset(named) | subjects_of(systems)


def fields(row: RegisterEntry) -> dict[str, Any]:
    """The fields by the vocabulary's names; days as days."""
    kind = row.of
    columns: dict[str, Any] = {
        "owner": str(row.owner_id), "status": status(kind, row.status), "title": row.title, "name": row.title,
        "subject": ":".join(subject(row)), "version": str(row.revision), "approved_at": row.approved_at,
        "approved_by": str(row.approved_by_id) if row.approved_by_id else None,
    }  # fmt: skip
    if kind.due is not None:
        columns[kind.due.name] = row.due_on
    said = {name: value(kind.fields[name].type, row.fields.get(name)) for name in kind.fields}
    return {name: said.get(name, columns.get(name)) for name in vocabulary().entities[kind.name].fields}


def value(type: str, stored: Any) -> Any:
    """A value as rules compare it."""
    return date.fromisoformat(stored) if type == "day" and stored else stored


def status(kind: Kind, stored: str) -> str | None:
    """The status by the vocabulary's names: what waits for approval is still a draft where it has no word for that."""
    if stored == WAITING and WAITING not in kind.statuses:
        return kind.begins
    return None if stored == RECORDED else stored


def workflows() -> dict[str, Callable[[Scope], Iterable[WorkflowFact]]]:
    """Workflows that end in an approval or in a guarded move of an entry, by their names."""
    found = {
        kind.approve.workflow: approved(kind.name)
        for kind in kinds().values()
        if kind.approve and kind.approve.workflow
    }
    moved = {
        move.workflow: ended(kind.name, move.to, "entry.moved")
        for kind in kinds().values() for move in kind.moves.values() if move.workflow
    }  # fmt: skip
    return found | moved


def approved(kind: str) -> Callable[[Scope], Iterable[WorkflowFact]]:
    """Approvals that stand."""
    return ended(kind, "approved", "entry.approved")


def ended(kind: str, reached: str, event: str) -> Callable[[Scope], Iterable[WorkflowFact]]:
    """Entries of a kind that reached a status, with who took the last step, in which duties."""

    def found(scope: Scope) -> Iterator[WorkflowFact]:
        rows = list(rows_of(scope, kind).filter(status=reached))
        steps = AuditEntry.objects.filter(object_id__in=[row.pk for row in rows], action=event).order_by("seq")
        last = {step.object_id: step for step in steps}
        for row in rows:
            if row.pk in last:
                yield workflow(scope, row, last[row.pk], name_of(kind, reached))

    return found


def name_of(kind: str, reached: str) -> str:
    """The workflow that ends in a status of a kind."""
    found = kinds()[kind]
    if found.approve and reached == "approved":
        return found.approve.workflow
    return next(move.workflow for move in found.moves.values() if move.to == reached and move.workflow)


def workflow(scope: Scope, row: RegisterEntry, step: AuditEntry, name: str) -> WorkflowFact:
    """The step as the end of a workflow."""
    person = str(step.actor_id)
    at = row.approved_at if name and row.status == "approved" and row.approved_at else moment(step)
    return WorkflowFact(
        id=str(row.pk), label=label_of(row), subject=subject(row), also=also(scope, row) | {(row.kind, str(row.pk))},
        url=row.get_absolute_url(), workflow=name, outcome="approved" if row.of.approve else "completed", ended_at=at, approvers=tuple((person, duty) for duty in duties(row, step)),
        steps={"author": frozenset({str(row.author_id)}), "approver": frozenset({person})},
    )  # fmt: skip


def moment(step: AuditEntry) -> datetime:
    """When an entry of the log was made."""
    found = datetime.fromisoformat(str(step.ts_utc))
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def duties(row: RegisterEntry, step: AuditEntry) -> Iterable[str]:
    """The duties by which the person decided: those of the kind that he or she holds for it."""
    asked = set(row.of.approve.duties) if row.of.approve else {
        duty for move in row.of.moves.values() for duty in move.duties
    }  # fmt: skip
    above = [UUID(pk) for pk in row.unit.path.split("/") if pk]
    held = RoleAssignment.objects.current().filter(person=step.actor_id, duty__in=asked, unit__in=above)
    return sorted(set(held.values_list("duty", flat=True)))


def members(
    kind: str, *, unless_open: tuple[str, ...] = (), grace: int = 0, dated: str = "", **where: Any
) -> Callable[[Scope], list[Any]]:
    """Entries of a kind as members of a population. With `dated` those of the last year by that day; one that is still in
    a status of `unless_open` is left out for its first `grace` days."""

    def found(scope: Scope) -> list[Any]:
        rows = rows_of(scope, kind).filter(**where)
        kept = [row for row in rows if not dated or is_of_year(row, scope, dated, unless_open, grace)]
        return [(member(scope, row), systems_of(scope, row)) for row in kept]

    return found


def is_of_year(row: RegisterEntry, scope: Scope, dated: str, open_: tuple[str, ...], grace: int) -> bool:
    """It happened within a year, and is over or open for longer than its grace."""
    day, today = row.fields.get(dated), scope.as_of.date()
    if not day or not today - YEAR <= date.fromisoformat(day) <= today:
        return False
    return row.status not in open_ or date.fromisoformat(day) + timedelta(days=grace) < today


def systems_of(scope: Scope, row: RegisterEntry) -> frozenset[UUID]:
    """The systems to which an entry belongs."""
    return frozenset([row.system_id] if row.system_id else scope.beneath(row.unit.path))


def member(scope: Scope, row: RegisterEntry) -> Member:
    """An entry as a member, with the highest tier among its systems."""
    return Member(row.kind, str(row.pk), label_of(row), scope.highest_tier(systems_of(scope, row)))


def corrective_actions_due(scope: Scope) -> list[Any]:
    """Corrective actions whose day has passed."""
    return members("corrective_action", due_on__lt=scope.as_of.date())(scope)


OPEN_FEEDBACK = ("received", "triaged")
POPULATIONS: dict[str, Callable[[Scope], list[Any]]] = {
    "approved_policies": members("policy_document", status="approved"),
    "feedback_365": members("feedback_item", dated="received_at", unless_open=OPEN_FEEDBACK, grace=30),
    "appeals_365": members(
        "feedback_item", dated="received_at", unless_open=OPEN_FEEDBACK, grace=30, fields__feedback_type="appeal"
    ),
    "erasure_requests_365": members(
        "erasure_request", dated="received_at", unless_open=("received", "in_progress"), grace=30
    ),
    "corrective_actions_due": corrective_actions_due,
}
