"""Drafts, proposes, approves, rejects and audits release policies, and takes opinions before systems move."""

from datetime import timedelta
from typing import Any, Final

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation, stages
from registry.actions import delegations, work
from registry.actions.owners import held, require_reason
from registry.audit import log
from registry.canonical import digest
from registry.errors import BadInput, NotAllowed
from registry.models import (
    AISystem,
    BusinessUnit,
    Duty,
    PolicyApproval,
    ReviewPolicy,
    RoleAssignment,
    StageOpinion,
    Task,
    User,
)
from registry.policies import opinions, reading
from registry.transactions import retried

Status = ReviewPolicy.Status
# So many people, none of them the author, bring a policy into force.
APPROVERS: Final = 2
AUDIT_DAYS: Final = 365


@retried
def draft_policy(*, source: str, reason: str, actor: User) -> ReviewPolicy:
    """Write the next version of the release policy; nothing changes until two others have approved it."""
    unit = BusinessUnit.objects.get(parent=None)
    access.require(actor, access.THRESHOLDS_EDIT, unit)
    require_reason(reason)
    log.locked_head()  # two drafts at once get two numbers
    last = ReviewPolicy.objects.filter(unit=unit).aggregate(last=Max("number"))["last"]
    row = ReviewPolicy(unit=unit, number=(last or 0) + 1, author=actor, reason=reason.strip())
    write(row, source)
    log.record(actor, "policy.drafted", row, reason=row.reason)
    return row


def write(row: ReviewPolicy, source: str) -> None:
    """Put a text into a draft; what is wrong with it is refused line by line."""
    row.source = source.replace("\r\n", "\n")
    row.body = reading.require_readable(row.source)
    row.digest = digest(row.body)
    row.save()


@retried
def edit_policy(policy: ReviewPolicy, *, source: str, reason: str, actor: User) -> ReviewPolicy:
    """Change the text of a draft; only its author does."""
    access.require(actor, access.THRESHOLDS_EDIT, policy)
    row = locked(policy, Status.DRAFT)
    require_author(row, actor)
    require_reason(reason)
    row.reason = reason.strip()
    write(row, source)
    log.record(actor, "policy.edited", row, reason=row.reason)
    return row


def locked(policy: ReviewPolicy, *wanted: str) -> ReviewPolicy:
    """The row as it is now, held until the transaction ends, in one of these states."""
    row = ReviewPolicy.objects.select_for_update(of=("self",)).select_related("unit", "author").get(pk=policy.pk)
    if row.status not in wanted:
        raise NotAllowed(_("%(policy)s is %(status)s; this cannot be done to it now.") % {
            "policy": row, "status": row.get_status_display().lower(),
        })  # fmt: skip
    return row


def require_author(row: ReviewPolicy, actor: User) -> None:
    """A draft is its author's until it is proposed."""
    if row.author_id != actor.pk:
        raise NotAllowed(
            _("%s wrote this draft. Write one of your own, or approve it once it is proposed.") % row.author
        )


@retried
def propose_policy(policy: ReviewPolicy, *, reason: str, actor: User) -> ReviewPolicy:
    """Put a draft before those who approve policies; from now on its text stays as it is."""
    access.require(actor, access.THRESHOLDS_EDIT, policy)
    row = locked(policy, Status.DRAFT)
    require_author(row, actor)
    require_reason(reason)
    reading.require_readable(row.source)
    row.status, row.proposed_at, row.reason = Status.PROPOSED, timezone.now(), reason.strip()
    row.save()
    log.record(actor, "policy.proposed", row, reason=row.reason)
    approvers = {
        duty for duty, role in access.DUTY_ROLE.items() if access.MATRIX[access.THRESHOLDS_APPROVE][role] != "-"
    }
    for person in holders(row, approvers) - {actor}:
        ask(row, Task.Kind.APPROVE_POLICY, person, actor=actor)
    return row


def holders(row: ReviewPolicy, duties: set[str]) -> set[User]:
    """Who holds one of these duties for the unit of the policy today."""
    rows = RoleAssignment.objects.current().filter(duty__in=duties, system=None, person__is_active=True)
    return {
        found.person for found in rows.select_related("person", "unit") if row.unit.path.startswith(found.unit.path)
    }


def ask(row: ReviewPolicy, kind: str, person: User, *, actor: Any, **more: Any) -> None:
    """A task about the policy for one person."""
    work.open_task(row, kind=kind, system=None, url=row.get_absolute_url(), person=person, actor=actor, **more)


@retried
def approve_policy(policy: ReviewPolicy, *, reason: str, actor: User) -> ReviewPolicy:
    """One of two approvals; the second brings it into force and supersedes the one before."""
    separation.require_now(actor, access.THRESHOLDS_APPROVE, policy)
    row = locked(policy, Status.PROPOSED)
    require_reason(reason)
    act: dict[str, Any] = {"action": access.THRESHOLDS_APPROVE, "obj": row}
    separation.require_apart(actor, {row.author_id}, _("You wrote this policy; two other people approve it."), **act)
    given = separation.decided_by(dict(PolicyApproval.objects.filter(policy=row).values_list("pk", "person_id")))
    refusal = _("You have approved this policy already; a second person does as well.")
    separation.require_apart(actor, given, refusal, **act)
    separation.require_settled_role(
        actor, access.THRESHOLDS_APPROVE, row, pending_since=row.proposed_at or row.created_at
    )
    reading.require_readable(row.source)
    approval = PolicyApproval(policy=row, person=actor, reason=reason.strip())
    approval.save()
    log.record(actor, "policy.approved", approval, reason=approval.reason)
    delegations.note_act(approval, action=access.THRESHOLDS_APPROVE, actor=actor)
    work.close_tasks(row, person=actor, actor=actor)
    if PolicyApproval.objects.filter(policy=row).count() >= APPROVERS:
        bring_into_force(row, actor=actor)
    return row


def bring_into_force(row: ReviewPolicy, *, actor: User) -> None:
    """Reviews that are opened from now on freeze this one; those that are open keep theirs."""
    for before in ReviewPolicy.objects.select_for_update().in_force().filter(unit=row.unit):
        before.status, before.ended_at = Status.SUPERSEDED, timezone.now()
        before.save()
        log.record(actor, "policy.superseded", before)
        work.close_tasks(before, actor=actor)
    row.status, row.in_force_at = Status.IN_FORCE, timezone.now()
    row.audit_due_on = timezone.localdate() + timedelta(days=audit_days(row))
    row.save()
    log.record(actor, "policy.brought_into_force", row)
    work.close_tasks(row, actor=actor)
    ask_auditors(row, actor=actor)


def audit_days(row: ReviewPolicy) -> int:
    """In how many days a policy is audited."""
    return int(row.body.get("audit_days", AUDIT_DAYS))


def ask_auditors(row: ReviewPolicy, *, actor: User) -> None:
    """A task for each auditor, due on the day of the next audit."""
    for person in holders(row, {Duty.AUDITOR}):
        ask(row, Task.Kind.AUDIT_POLICY, person, actor=actor, due_on=row.audit_due_on)


@retried
def reject_policy(policy: ReviewPolicy, *, reason: str, actor: User) -> ReviewPolicy:
    """End a proposal: whoever may approve it does, or its author, who takes it back."""
    row = locked(policy, Status.PROPOSED, Status.DRAFT)
    if row.author_id != actor.pk:
        separation.require_now(actor, access.THRESHOLDS_APPROVE, row)
    require_reason(reason)
    row.status, row.ended_at = Status.REJECTED, timezone.now()
    row.save()
    log.record(actor, "policy.rejected", row, reason=reason.strip())
    work.close_tasks(row, actor=actor)
    return row


@retried
def audit_policy(policy: ReviewPolicy, *, reason: str, actor: User) -> ReviewPolicy:
    """Record that an auditor looked at how the policy in force is kept, with what was found; the next audit follows."""
    access.require(actor, access.AUDIT_VIEW, policy)
    if not access.holds(actor, Duty.AUDITOR, policy):
        raise NotAllowed(_("An auditor of %s records the audit of a policy.") % policy.unit)
    row = locked(policy, Status.IN_FORCE)
    require_reason(reason)
    row.audited_on = timezone.localdate()
    row.audit_due_on = row.audited_on + timedelta(days=audit_days(row))
    row.save()
    log.record(actor, "policy.audited", row, reason=reason.strip())
    work.close_tasks(row, kind=Task.Kind.AUDIT_POLICY, actor=actor)
    ask_auditors(row, actor=actor)
    return row


@retried
def give_opinion(
    system: AISystem, *, verb: str, duty: str, is_favourable: bool, reason: str, actor: User
) -> StageOpinion:
    """Say in one's duty, before a system moves on, whether anything stands against it; not on a system of one's own."""
    separation.require_now(actor, access.APPROVAL_DECIDE, system)
    separation.require_duty(actor, duty, system)
    if verb not in stages.MOVES:
        raise BadInput(_("“%s” is no move of a system.") % verb, field="verb")
    require_reason(reason)
    row = held(system)
    refusal = _("You own %s, so somebody else gives the opinion.") % row
    act: dict[str, Any] = {"action": access.APPROVAL_DECIDE, "obj": row, "duty": duty}
    separation.require_apart(actor, row.owner_ids, refusal, **act)
    opinion = StageOpinion(
        system=row, verb=verb, duty=duty, person=actor, is_favourable=is_favourable, reason=reason.strip(),
        facts_digest=opinions.facts_digest(row),
    )  # fmt: skip
    opinion.save()
    log.record(actor, "stage_opinion.given", opinion, reason=opinion.reason)
    work.close_tasks(row, kind=Task.Kind.STAGE_OPINION, duty=duty, actor=actor)
    return opinion
