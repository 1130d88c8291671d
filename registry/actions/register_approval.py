"""Approves entries of registers: submitted by who wrote them, approved or sent back by another who holds the duty."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import work
from registry.actions.inventory import saved
from registry.actions.vendors import require_text
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Duty, RegisterEntry, RoleAssignment, Task, User
from registry.registers import acceptance, rights
from registry.registers.kinds import WAITING, Approval
from registry.transactions import retried

WRITTEN = ("entry.added", "entry.edited", "entry.revised", "entry.submitted")


def approval_of(row: RegisterEntry) -> Approval:
    """Who approves its kind; kinds that nobody approves are refused."""
    found: Approval | None = row.of.approve
    if found is None:
        raise NotAllowed(_("%s is not approved by anybody; it counts as it is written.") % row.of.label)
    return found


def require_one_of(row: RegisterEntry, duties: tuple[str, ...], actor: User) -> None:
    """The person holds one of the duties for what the entry is about."""
    if not any(access.holds(actor, duty, row) for duty in duties):
        known = dict(Duty.choices)
        named = ", ".join(str(known[duty]) for duty in duties)
        raise NotAllowed(_("This is done by one of these duties, and you hold none of them here: %s.") % named)


def require_duty(row: RegisterEntry, *, actor: User) -> None:
    """Who may approve the entry."""
    separation.require_now(actor, access.REGISTER_APPROVE, row)
    require_one_of(row, approval_of(row).duties, actor)


def locked(row: RegisterEntry, *statuses: str) -> RegisterEntry:
    """The entry as it is stored, held until the act ends; NotAllowed unless it is in one of the statuses."""
    log.locked_head()
    found = RegisterEntry.objects.get(pk=row.pk)
    if found.status not in statuses:
        raise NotAllowed(_("%(entry)s is %(status)s; this cannot be done now.") % {
            "entry": found, "status": found.get_status_display().lower(),
        })  # fmt: skip
    return found


@retried
def submit_entry(row: RegisterEntry, *, reason: str = "", actor: User) -> None:
    """Ask for approval: everybody who may give it gets a task."""
    rights.require_write(row.of, actor, row)
    approval = approval_of(row)
    row = locked(row, row.of.begins)
    people = deciders(row, approval, actor)
    if not people:
        raise BadInput(_("Nobody who could approve it holds one of these duties here: %s. Have one granted first.") % ", ".join(
            str(dict(Duty.choices)[duty]) for duty in approval.duties
        ))  # fmt: skip
    row.status, row.submitted_at = WAITING, timezone.now()
    saved(row, actor, "entry.submitted", reason=reason.strip())
    for person in people:
        work.open_task(
            row, kind=Task.Kind.APPROVE_ENTRY, system=row.system, url=row.get_absolute_url(), person=person, actor=actor
        )


def deciders(row: RegisterEntry, approval: Approval, author: User) -> list[User]:
    """The people who hold one of the duties for what it is about, without its author."""
    above = [UUID(pk) for pk in row.unit.path.split("/") if pk]
    held = RoleAssignment.objects.current().filter(duty__in=approval.duties, unit__in=above, person__is_active=True)
    held = (
        held.filter(system__isnull=True) | held.filter(system=row.system_id)
        if row.system_id
        else held.filter(system=None)
    )
    found: dict[Any, User] = {one.person_id: one.person for one in held.select_related("person")}
    if approval.distinct_from_author:
        found.pop(author.pk, None)
    return sorted(found.values(), key=lambda person: person.name)


@retried
def approve_entry(row: RegisterEntry, *, reason: str, actor: User) -> None:
    """Approve a submitted entry: by duty, by another than its author, with a reason. The revision before is replaced."""
    approval = approval_of(row)
    require_duty(row, actor=actor)
    require_text(reason, "reason")
    row = locked(row, WAITING)
    if approval.distinct_from_author:
        separation.require_not_written(actor, row, acts=WRITTEN, action=access.REGISTER_APPROVE)
    separation.require_settled_role(
        actor, access.REGISTER_APPROVE, row, pending_since=row.submitted_at or row.created_at
    )
    replace_former(row, actor)
    row.status, row.approved_by, row.approved_at = "approved", actor, timezone.now()
    saved(row, actor, "entry.approved", reason=reason.strip())
    work.close_tasks(row, actor=actor, kind=Task.Kind.APPROVE_ENTRY)
    for person in acceptance.missing(row) if acceptance.is_asked(row) else ():
        work.open_task(
            row, kind=Task.Kind.ACCEPT_POLICY, system=row.system, url=row.get_absolute_url(), person=person, actor=actor
        )


def replace_former(row: RegisterEntry, actor: User) -> None:
    """The revision that was in force is so no longer; nobody is asked to accept it any more."""
    for former in RegisterEntry.objects.filter(kind=row.kind, number=row.number, status="approved"):
        former.status = former.of.replaced
        saved(former, actor, "entry.superseded")
        work.close_tasks(former, actor=actor)


@retried
def send_back_entry(row: RegisterEntry, *, reason: str, actor: User) -> None:
    """Give a submitted entry back to its author, who reads why."""
    require_duty(row, actor=actor)
    require_text(reason, "reason")
    row = locked(row, WAITING)
    row.status = row.of.begins
    saved(row, actor, "entry.sent_back", reason=reason.strip())
    work.close_tasks(row, actor=actor, kind=Task.Kind.APPROVE_ENTRY)
