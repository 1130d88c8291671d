"""What people state instead of evidence: signed statements as attestations, and overrides of a status for a time."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from registry.models import Attachment, RegisterEntry, RoleAssignment
from registry.vocabulary import vocabulary
from reports import register_rows
from reports.facts import AttestationFact, Fact
from reports.scope import Scope

KIND = "signed_statement"


def topics() -> dict[str, Callable[[Scope], Iterator[AttestationFact]]]:
    """Every topic of the vocabulary with its statements."""
    return {topic: statements(topic) for topic in vocabulary().topics}


def statements(topic: str) -> Callable[[Scope], Iterator[AttestationFact]]:
    """The statements on a topic that stand, once for each duty that who signed held on the day."""

    def found(scope: Scope) -> Iterator[AttestationFact]:
        for row in rows(scope, topic):
            has_file = Attachment.objects.of(row).exists()
            if has_file or str(row.fields.get("signed_by")) in {str(row.author_id), str(row.approved_by_id)}:
                for duty in duties_of_signatory(row):
                    yield statement(scope, row, duty=duty, has_file=has_file)

    return found


def rows(scope: Scope, topic: str) -> Any:
    """Statements that another than their writer looked at, on the day or before."""
    return register_rows.rows_of(scope, KIND).filter(
        status="approved", fields__topic=topic, approved_at__lt=scope.until
    )


def statement(scope: Scope, row: RegisterEntry, *, duty: str, has_file: bool) -> AttestationFact:
    """One statement in one duty."""
    return AttestationFact(
        id=str(row.pk), label=register_rows.label_of(row), subject=register_rows.subject(row),
        also=register_rows.also(scope, row), url=row.get_absolute_url(), topic=row.fields["topic"], role=duty,
        signed_at=row.approved_at or row.created_at, has_file=has_file,
    )  # fmt: skip


def duties_of_signatory(row: RegisterEntry) -> list[str]:
    """What the person held on the day for what the statement is about: for the organisation, in any part of it."""
    signed, day = UUID(str(row.fields["signed_by"])), (row.approved_at or row.created_at).date()
    held = {duty.duty for duty in held_on(signed, day) if covers(duty, row)}
    owners = {} if row.system is None else {
        "business_owner": row.system.business_owner_id, "technical_owner": row.system.technical_owner_id,
    }  # fmt: skip
    return sorted(held | {duty for duty, person in owners.items() if person == signed})


def held_on(person: UUID, day: date) -> Iterator[RoleAssignment]:
    """Duties that a person held on a day, confirmed where that is needed."""
    for row in RoleAssignment.objects.filter(person=person, starts_on__lte=day).select_related("unit"):
        is_settled = not row.needs_confirmation or row.confirmed_at is not None
        if is_settled and (row.ends_on is None or row.ends_on >= day):
            yield row


def covers(duty: RoleAssignment, row: RegisterEntry) -> bool:
    """The duty is for what the statement is about."""
    if row.system_id is None and row.unit.parent_id is None:
        return True
    return duty.system_id in (None, row.system_id) and row.unit.path.startswith(duty.unit.path)


def overrides(scope: Scope) -> Iterator[Fact]:
    """Statuses that people set for a time, each approved by another than who wrote it."""
    rows = register_rows.rows_of(scope, "status_override").filter(status="approved", approved_at__lt=scope.until)
    for row in rows.select_related("owner"):
        yield Fact(
            id=str(row.pk), label=row.title, subject=register_rows.subject(row), url=row.get_absolute_url(),
            fields={**row.fields, "owner": str(row.owner), "expires_on": row.due_on},
        )  # fmt: skip
