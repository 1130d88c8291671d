"""Drafts, proposes and audits release policies, and takes opinions before systems move."""

from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation, stages
from registry.actions import proposals, work
from registry.actions.owners import held, require_reason
from registry.audit import log
from registry.audit.followers import follows
from registry.canonical import digest
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, BusinessUnit, Duty, ReviewPolicy, StageOpinion, Task, User
from registry.policies import opinions, reading
from registry.transactions import retried

Status = ReviewPolicy.Status


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
    row = proposals.locked(policy, Status.DRAFT)
    require_author(row, actor)
    require_reason(reason)
    row.reason = reason.strip()
    write(row, source)
    log.record(actor, "policy.edited", row, reason=row.reason)
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
    row = proposals.locked(policy, Status.DRAFT)
    require_author(row, actor)
    require_reason(reason)
    reading.require_readable(row.source)
    row.status, row.proposed_at, row.reason = Status.PROPOSED, timezone.now(), reason.strip()
    row.save()
    log.record(actor, "policy.proposed", row, reason=row.reason)
    proposals.ask_approvers(row, actor=actor)
    return row


@follows("policy.brought_into_force", "policy.audited")
def ask_auditors(actor: Any, row: Any) -> None:
    """A task for each auditor, due on the day of the next audit."""
    for person in proposals.holders(row, {Duty.AUDITOR}):
        proposals.ask(row, Task.Kind.AUDIT_POLICY, person, actor=actor, due_on=row.audit_due_on)


@retried
def audit_policy(policy: ReviewPolicy, *, reason: str, actor: User) -> ReviewPolicy:
    """Record that an auditor looked at how the policy in force is kept, with what was found; the next audit follows."""
    access.require(actor, access.AUDIT_VIEW, policy)
    if not access.holds(actor, Duty.AUDITOR, policy):
        raise NotAllowed(_("An auditor of %s records the audit of a policy.") % policy.unit)
    row = proposals.locked(policy, Status.IN_FORCE)
    require_reason(reason)
    row.audited_on = timezone.localdate()
    row.plan_audit()
    row.save()
    work.close_tasks(row, kind=Task.Kind.AUDIT_POLICY, actor=actor)
    log.record(actor, "policy.audited", row, reason=reason.strip())
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
