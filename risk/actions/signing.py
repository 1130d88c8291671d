"""The privacy officer's decision on an assessment: approve or reject, by a person who did not write it."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import rounds, work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Task, User
from registry.transactions import retried
from registry.vocabulary import vocabulary
from risk import scoring
from risk.actions import results
from risk.actions.assessments import locked, rescore
from risk.models import Assessment

LEAST_OPINION = 20


@retried
def approve_assessment(
    assessment: Assessment, *, opinion: str, actor: User, authority_consultation: str = "", seen_digest: str = ""
) -> None:
    """Approve what was submitted. The opinion is needed when the answers call for one; blocked answers cannot pass.

    `seen_digest` is the digest of the answers that the signer was shown; another one refuses.
    """
    assessment = signable(assessment, seen_digest=seen_digest, actor=actor)
    found = rescore(assessment, actor=actor)
    require_passable(
        found, opinion=opinion, authority_consultation=authority_consultation, is_privacy=assessment.form.is_privacy
    )
    assessment.authority_consultation = authority_consultation.strip()
    assessment.approved_at = timezone.now()
    days = vocabulary().cadences["review_cadence"][assessment.system.risk_tier]
    assessment.review_due = timezone.localdate() + timedelta(days=days)
    decide(assessment, Assessment.Status.APPROVED, opinion=opinion, actor=actor)
    supersede_others(assessment, actor=actor)
    results.carry_over(assessment, actor=actor)
    because = _("%s was approved") % assessment
    rounds.void_stale(assessment.system, actor=actor, because=because)


@retried
def reject_assessment(assessment: Assessment, *, opinion: str, actor: User, seen_digest: str = "") -> None:
    """Send it back with the reason; who submitted it gets a task."""
    assessment = signable(assessment, seen_digest=seen_digest, actor=actor)
    require_length(opinion)
    decide(assessment, Assessment.Status.REJECTED, opinion=opinion, actor=actor)
    work.open_task(
        assessment, kind=Task.Kind.MEND, system=assessment.system, url=assessment.get_absolute_url(),
        person=assessment.submitted_by, actor=actor,
    )  # fmt: skip


def sign_action(assessment: Assessment) -> str:
    """The action that deciding on it is: the privacy officer's, or that of those who answer for risks."""
    return access.PIA_SIGN_OFF if assessment.form.is_privacy else access.RISK_ACCEPT


def signable(assessment: Assessment, *, seen_digest: str, actor: User) -> Assessment:
    """The locked row when this person may decide on it now."""
    separation.require_now(actor, sign_action(assessment), assessment)
    assessment = locked(assessment)
    if assessment.status != Assessment.Status.IN_REVIEW:
        raise NotAllowed(
            _("Only an assessment in review can be decided on; this one is %s.")
            % assessment.get_status_display().lower()
        )
    if seen_digest and seen_digest != assessment.answers_digest:
        raise NotAllowed(_("The answers have changed since you were shown them. Read them again and decide then."))
    require_independent(assessment, actor)
    return assessment


def require_independent(assessment: Assessment, person: User) -> None:
    """R1: who started, answered or submitted it, or owns the system, does not sign it."""
    wrote = set(assessment.answers.values_list("answered_by", flat=True))
    barred = wrote | {assessment.started_by_id, assessment.submitted_by_id} | assessment.system.owner_ids
    refusal = _("You wrote part of this assessment or own the system, so somebody else must sign it.")
    separation.require_apart(person, barred, refusal, action=sign_action(assessment), obj=assessment)


def require_passable(found: scoring.Result, *, opinion: str, authority_consultation: str, is_privacy: bool) -> None:
    """No outcome forbids approval, and what an outcome asks for is there; other decisions always have a reason."""
    blocked = found.outcome("blocked")
    if blocked is not None:
        raise NotAllowed(_("This cannot be approved until the answers change. %s") % " ".join(blocked.reasons))
    if found.outcome("dpo_review") is not None or opinion.strip() or not is_privacy:
        require_length(opinion)
    if found.outcome("prior_consultation") is not None and len(authority_consultation.strip()) < LEAST_OPINION:
        raise BadInput(
            _("The risk that is left is high: lower it, or say in at least %d characters when the supervisory "
              "authority was consulted and what it answered.") % LEAST_OPINION,
            field="authority_consultation",
        )  # fmt: skip


def require_length(opinion: str) -> None:
    """The opinion says something."""
    if len(opinion.strip()) < LEAST_OPINION:
        raise BadInput(
            _("Write your opinion in at least %(least)d characters; there are %(now)d. It stands in the report.")
            % {"least": LEAST_OPINION, "now": len(opinion.strip())},
            field="opinion",
        )


def decide(assessment: Assessment, status: str, *, opinion: str, actor: User) -> None:
    """Store the decision with its person, and close the tasks about it."""
    assessment.status, assessment.opinion = status, opinion.strip()
    assessment.opinion_by, assessment.decided_at = actor, timezone.now()
    assessment.save()
    log.record(actor, f"assessment.{status}", assessment, reason=assessment.opinion)
    work.close_tasks(assessment, actor=actor)


def supersede_others(assessment: Assessment, *, actor: User) -> None:
    """One approved assessment at a time for the same subject."""
    others = Assessment.objects.approved().filter(
        system=assessment.system, version=assessment.version, template=assessment.template
    )
    for other in others.exclude(pk=assessment.pk).select_for_update(of=("self",)):
        other.status = Assessment.Status.SUPERSEDED
        other.save()
        log.record(actor, "assessment.superseded", other)
