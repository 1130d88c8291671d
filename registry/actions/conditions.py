"""Sets conditions of an approval and follows them to their end: met as their owner says, verified by somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry import access, policy, separation
from registry.actions import work
from registry.actions.texts import required_text
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Condition, Question, Review, SignOff, Task, User
from registry.transactions import retried


@dataclass(frozen=True)
class Asked:
    """A condition as a reviewer writes it down: what is to be done, by whom, until when."""

    text: str
    owner: User
    due_on: date


def require_conditions(review: Review, asked: Sequence[Asked]) -> None:
    """Each says something, has an owner who may see it, and a day that the policy allows."""
    if not asked:
        raise BadInput(_("An approval with conditions needs at least one: text, owner and day."), field="conditions")
    today, days = timezone.localdate(), policy.Policy(review.policy).approval_conditions["most_days"]
    for one in asked:
        required_text(one.text, field="conditions")
        if not access.allowed(one.owner, access.MODEL_VIEW, review.release):
            raise BadInput(_("%s may not see this release; choose an owner who may.") % one.owner, field="conditions")
        if not today <= one.due_on <= today + timedelta(days=days):
            raise BadInput(
                _("Choose a day for “%(text)s” from today to %(last)s: the policy gives a condition %(days)d days.")
                % {"text": one.text[:60], "last": date_format(today + timedelta(days=days)), "days": days},
                field="conditions",
            )


def set_conditions(slot: SignOff, asked: Sequence[Asked], *, actor: User) -> None:
    """Write down the conditions of an approval and give their owners something to do."""
    for one in asked:
        condition = Condition(
            review=slot.review, sign_off=slot, text=one.text.strip(), owner=one.owner, due_on=one.due_on
        )
        condition.save()
        log.record(actor, "condition.set", condition, reason=condition.text)
        ask_owner(condition, actor=actor)


def ask_owner(condition: Condition, *, actor: Any) -> None:
    """A task for the owner."""
    work.open_task(
        condition, kind=Task.Kind.MEET_CONDITION, system=condition.home_system, url=condition.get_absolute_url(),
        person=condition.owner, due_on=condition.due_on, actor=actor,
    )  # fmt: skip


@retried
def say_met(condition: Condition, *, reason: str, actor: User) -> Condition:
    """The owner says how it was met; whoever holds the duty of the reviewer is asked to verify it."""
    condition = locked(condition)
    if condition.owner_id != actor.pk or not access.allowed(actor, access.MODEL_VIEW, condition):
        raise NotAllowed(_("Only its owner, %s, says that this condition is met.") % condition.owner)
    require_status(condition, Condition.Status.OPEN)
    condition.status, condition.note, condition.met_at = Condition.Status.MET, required_text(reason), timezone.now()
    condition.save()
    log.record(actor, "condition.met", condition, reason=condition.note)
    work.close_tasks(condition, actor=actor)
    work.open_task(
        condition, kind=Task.Kind.VERIFY_CONDITION, system=condition.home_system, url=condition.get_absolute_url(),
        duty=condition.sign_off.duty, due_on=condition.due_on, actor=actor,
    )  # fmt: skip
    return condition


@retried
def verify(condition: Condition, *, reason: str, actor: User) -> Condition:
    """Somebody else than the owner has seen that it is met."""
    condition = verifiable(condition, actor=actor)
    condition.status, condition.verified_by, condition.verified_at = Condition.Status.VERIFIED, actor, timezone.now()
    condition.verdict_reason = required_text(reason)
    condition.save()
    log.record(actor, "condition.verified", condition, reason=condition.verdict_reason)
    work.close_tasks(condition, actor=actor)
    return condition


@retried
def send_back(condition: Condition, *, reason: str, actor: User) -> Condition:
    """It is not met yet: its owner goes on."""
    condition = verifiable(condition, actor=actor)
    condition.status, condition.met_at = Condition.Status.OPEN, None
    condition.verdict_reason = required_text(reason)
    condition.save()
    log.record(actor, "condition.sent_back", condition, reason=condition.verdict_reason)
    work.close_tasks(condition, actor=actor)
    ask_owner(condition, actor=actor)
    return condition


def verifiable(condition: Condition, *, actor: User) -> Condition:
    """The locked row of a condition that is said to be met, for somebody who may judge that."""
    separation.require_now(actor, access.APPROVAL_DECIDE, condition)
    condition = locked(condition)
    require_verifier(condition, actor)
    require_status(condition, Condition.Status.MET)
    return condition


def require_verifier(condition: Condition, person: User) -> None:
    """Neither its owner nor whoever helped to make what was approved, nor who has a conflict of interest."""
    refusal = _("This condition is yours, so somebody else must verify it.")
    act: dict[str, Any] = {"action": access.APPROVAL_DECIDE, "obj": condition}
    separation.require_apart(person, {condition.owner_id}, refusal, **act)
    version = condition.review.release.version
    separation.require_no_conflict(person, version, action=access.APPROVAL_DECIDE)
    separation.require_no_part(person, version)


def require_status(condition: Condition, status: str) -> None:
    """It stands where this act begins."""
    if condition.status != status:
        raise NotAllowed(_("This condition is now: %s. Look at it again.") % condition.get_status_display())


def locked(condition: Condition) -> Condition:
    """The row as it is now, held until the transaction ends."""
    rows = Condition.objects.select_for_update(of=("self",))
    return rows.select_related("review__release__version__model__system__unit", "sign_off", "owner").get(
        pk=condition.pk
    )


def lapse(review: Review, *, actor: Any) -> None:
    """Conditions of approvals that are void, or of a review that came to nothing, are asked for no more."""
    for condition in Condition.objects.unmet().filter(review=review).select_for_update(of=("self",)):
        condition.status = Condition.Status.LAPSED
        condition.save()
        log.record(actor, "condition.lapsed", condition)
        work.close_tasks(condition, actor=actor)


def close_questions(review: Review, *, actor: Any) -> None:
    """Nobody has to answer any more once the review is closed."""
    for question in Question.objects.unanswered().filter(review=review):
        work.close_tasks(question, actor=actor)
