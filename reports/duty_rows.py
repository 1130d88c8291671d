"""Duties as facts: who answers for what, since when, and when each person took it on."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from registry.models import AISystem, AuditEntry, RegisterEntry, RoleAssignment
from registry.models.systems import Acceptance
from registry.vocabulary import vocabulary
from reports.facts import ORGANISATION, Fact, Subject
from reports.scope import Scope, fields_of, subject_of, subjects_of


def role_assignments(scope: Scope) -> Iterator[Fact]:
    """One row a duty that holds on the day, and one for each owner whom a system names."""
    accepted, read = ownership_accepted(), roles_read(scope)
    for system in scope.systems.values():
        for role in ("business_owner", "technical_owner"):
            yield scope.fact(role, system, (accepted.get(system.pk),), partial(_owner, system, role, accepted))
    for row in current_duties(scope):
        yield _duty(scope, row, read=read)


def _owner(system: AISystem, role: str, accepted: dict[UUID, str]) -> Fact:
    person = getattr(system, role)
    deputy = getattr(system, f"{role.removesuffix('_owner')}_deputy_id")
    values = {"role": role, "person": str(person.pk), "subject": str(system.pk), "starts_on": system.created_at,
              "acknowledged_at": taken_on(system, role, accepted),
              "deputy": str(deputy) if deputy else None}  # fmt: skip
    return Fact(
        id=f"{system.pk}:{role}",
        label=str(person),
        subject=subject_of(system.pk),
        also=frozenset({("person", str(person.pk))}),
        url=system.get_absolute_url(),
        fields={**dict.fromkeys(vocabulary().entities["role_assignment"].fields), **values},
    )


def ownership_accepted() -> dict[UUID, str]:
    """By system: when somebody last said yes to answering for it."""
    entries = AuditEntry.objects.filter(action="system.ownership_accepted").order_by("seq")
    return dict(entries.values_list("object_id", "ts_utc"))


def taken_on(system: Any, role: str, accepted: dict[UUID, str]) -> Any:
    """When the owner took it on: on a day of his own, or by naming himself; None while it is not accepted."""
    if getattr(system, f"{role.removesuffix('_owner')}_acceptance") != Acceptance.ACCEPTED:
        return None
    return datetime.fromisoformat(accepted[system.pk]) if system.pk in accepted else system.created_at


def roles_read(scope: Scope) -> dict[str, Any]:
    """By person: when he or she last accepted a policy that says what the roles are."""
    rows = scope.rows(RegisterEntry).exclude(status="withdrawn")
    policies = {str(pk) for pk in rows.filter(
        kind="policy_document", fields__policy_type="role_definition"
    ).values_list("pk", flat=True)}  # fmt: skip
    given = rows.filter(kind="policy_acknowledgement").order_by("created_at")
    return {row.fields["person"]: row.created_at for row in given if row.fields.get("policy") in policies}


def current_duties(scope: Scope) -> list[RoleAssignment]:
    """Duties that hold on the day and that the vocabulary knows; an administrator's is a duty of this software only."""
    today = scope.as_of.date()
    rows = scope.rows(RoleAssignment).filter(starts_on__lte=today, duty__in=vocabulary().roles)
    return [row for row in rows.select_related("person", "unit") if row.ends_on is None or row.ends_on >= today]


def systems_of_duty(scope: Scope, row: RoleAssignment) -> list[UUID]:
    """The systems for which a duty is held."""
    return [row.system_id] if row.system_id else scope.beneath(row.unit.path)


def _duty(scope: Scope, row: RoleAssignment, *, read: dict[str, Any]) -> Fact:
    subject: Subject = ORGANISATION if row.unit.parent_id is None else ("business_unit", str(row.unit_id))
    if row.system_id:
        subject = subject_of(row.system_id)
    return Fact(
        id=str(row.pk),
        label=str(row),
        subject=subject,
        also=subjects_of(systems_of_duty(scope, row)) | {("person", str(row.person_id))},
        url=row.get_absolute_url(),
        fields=fields_of(
            row,
            "role_assignment",
            role=str(row.duty),
            subject=str(row.system_id or row.unit_id),
            acknowledged_at=read.get(str(row.person_id)) or row.confirmed_at,
        ),
    )
