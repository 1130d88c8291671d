"""Approves and rejects what two people bring into force, whatever kind it is of, and asks those who may."""

from datetime import timedelta
from typing import Any, Final, TypeVar

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import delegations, work
from registry.actions.owners import require_reason
from registry.audit import log
from registry.errors import NotAllowed
from registry.models import Proposal, RoleAssignment, User
from registry.transactions import retried

Kind = TypeVar("Kind", bound=Proposal)
Status = Proposal.Status
# So many people, none of them the author, bring a proposal into force.
APPROVERS: Final = 2
DAYS_TO_DECIDE: Final = 14


def locked(proposal: Kind, *wanted: str) -> Kind:
    """The row as it is now, held until the transaction ends, in one of these states."""
    rows: Any = type(proposal)._default_manager
    row: Kind = rows.select_for_update(of=("self",)).select_related("unit", "author").get(pk=proposal.pk)
    if row.status not in wanted:
        told = {"proposal": row, "status": row.get_status_display().lower()}  # type: ignore[attr-defined]
        raise NotAllowed(_("%(proposal)s is %(status)s; this cannot be done to it now.") % told)
    return row


def ask_approvers(row: Proposal, *, actor: User) -> None:
    """A task for each of those who may approve it."""
    approving = access.MATRIX[access.THRESHOLDS_APPROVE]
    duties = {duty for duty, role in access.DUTY_ROLE.items() if approving[role] != "-"}
    for person in holders(row, duties) - {row.author}:
        ask(row, row.task, person, actor=actor, due_on=timezone.localdate() + timedelta(days=DAYS_TO_DECIDE))


def holders(row: Proposal, duties: set[str]) -> set[User]:
    """Who holds one of these duties for the unit of the proposal today."""
    rows = RoleAssignment.objects.current().filter(duty__in=duties, system=None, person__is_active=True)
    return {
        found.person for found in rows.select_related("person", "unit") if row.unit.path.startswith(found.unit.path)
    }


def ask(row: Any, kind: str, person: User, *, actor: Any, **more: Any) -> None:
    """A task about the proposal for one person."""
    work.open_task(row, kind=kind, system=None, url=row.get_absolute_url(), person=person, actor=actor, **more)


@retried
def approve(proposal: Kind, *, reason: str, actor: User) -> Kind:
    """One of two approvals; the second brings it into force and supersedes the one before."""
    separation.require_now(actor, access.THRESHOLDS_APPROVE, proposal)
    row = locked(proposal, Status.PROPOSED)
    log.locked_head()  # two at once are one after the other, also of two proposals for one place
    require_reason(reason)
    require_second(row, actor)
    require_newest(row)
    row.require_sound()
    approval = row.approvals.model(**{row.approvals.field.name: row}, person=actor, reason=reason.strip())
    approval.save()
    log.record(actor, f"{row.noun}.approved", approval, reason=approval.reason)
    delegations.note_act(approval, action=access.THRESHOLDS_APPROVE, actor=actor)
    work.close_tasks(row, person=actor, actor=actor)
    if row.approvals.count() >= APPROVERS:
        bring_into_force(row, actor=actor)
    return row


def require_second(row: Proposal, actor: User) -> None:
    """Not the author, nobody twice, and in a duty that was held before this was asked for."""
    act: dict[str, Any] = {"action": access.THRESHOLDS_APPROVE, "obj": row}
    separation.require_apart(actor, {row.author_id}, _("You proposed %s; two other people approve it.") % row, **act)
    given = separation.decided_by(dict(row.approvals.values_list("pk", "person_id")))
    refusal = _("You have approved %s already; a second person does as well.") % row
    separation.require_apart(actor, given, refusal, **act)
    separation.require_settled_role(actor, access.THRESHOLDS_APPROVE, row, pending_since=row.asked_at)


def require_newest(row: Proposal) -> None:
    """What was proposed before another came into force would take away what that one brought."""
    rows: Any = type(row)._default_manager
    since = rows.filter(**{row.place: getattr(row, row.place)}).aggregate(last=Max("in_force_at"))["last"]
    if since is not None and since > row.asked_at:
        raise NotAllowed(
            _("Another one came into force after %s was proposed. Reject this one, and propose it again.") % row
        )


def bring_into_force(row: Proposal, *, actor: User) -> None:
    """It decides from now on; the one before is kept."""
    before = row.before
    if before is not None:
        ended(before, Status.SUPERSEDED, actor=actor)
    row.begin()
    row.save()
    work.close_tasks(row, actor=actor)
    log.record(actor, f"{row.noun}.brought_into_force", row)


def ended(row: Proposal, status: str, *, actor: User, reason: str = "") -> None:
    """It decides no more, or never will, and nobody has anything to do about it."""
    row.end(status)
    row.save()
    log.record(actor, f"{row.noun}.{status}", row, reason=reason)
    work.close_tasks(row, actor=actor)


@retried
def reject(proposal: Kind, *, reason: str, actor: User) -> Kind:
    """End a proposal: whoever may approve it does, or its author, who takes it back."""
    if proposal.author_id != actor.pk:
        separation.require_now(actor, access.THRESHOLDS_APPROVE, proposal)
    row = locked(proposal, Status.PROPOSED, Status.DRAFT)
    require_reason(reason)
    ended(row, Status.REJECTED, actor=actor, reason=reason.strip())
    return row
