"""What an approved assessment leaves elsewhere: the tier of the system, and its entry in the register of its kind."""

from collections.abc import Callable
from typing import Any, Final

from django.utils import timezone

from registry.actions.inventory import saved
from registry.actions.registers import next_number
from registry.audit import log
from registry.models import AISystem, RegisterEntry, Tier, User
from registry.registers import kinds
from risk import scoring
from risk.models import Assessment
from risk.questionnaires import Reply
from risk.reading import Said

Fields = dict[str, Any]


def carry_over(assessment: Assessment, *, actor: User) -> None:
    """Take over what was decided, where something else in the registry speaks of it."""
    if assessment.template == "risk_tiering":
        set_tier(assessment.system, assessment.overall_level, reason=assessment.opinion, actor=actor)
    if assessment.form.produces in kinds():
        enter(assessment, actor=actor)


def set_tier(system: AISystem, tier: str, *, reason: str, actor: User) -> None:
    """Give the system the tier; sign-offs that rest on another one are void."""
    row = AISystem.objects.select_for_update().get(pk=system.pk)
    if tier not in Tier.values or row.risk_tier == tier:
        return
    row.risk_tier = system.risk_tier = tier
    saved(row, actor, "system.tiered", reason=reason)


def enter(assessment: Assessment, *, actor: User) -> None:
    """The result as an entry of its register, approved by who signed; an earlier one is superseded by it."""
    kind = assessment.form.produces
    for old in RegisterEntry.objects.filter(kind=kind, system=assessment.system, status="approved"):
        old.status = "superseded"
        old.save()
        log.record(actor, "entry.superseded", old)
    row = RegisterEntry(
        kind=kind, number=next_number(kind), title=str(assessment)[:250], status="approved", unit=assessment.system.unit,
        system=assessment.system, owner=assessment.submitted_by, author=assessment.submitted_by,
        submitted_at=assessment.submitted_at, approved_by=actor, approved_at=timezone.now(),
        due_on=assessment.review_due, fields=fields_of(assessment),
    )  # fmt: skip
    row.save()
    log.record(actor, "entry.added", row, assessment=str(assessment.pk))


def fields_of(assessment: Assessment) -> Fields:
    """The fields of the register's kind that the answers fill, as JSON has them."""
    replies, known = assessment.replies(), kinds()[assessment.form.produces].fields
    found: Fields = {}
    for question in assessment.form.questions:
        if question.field in known and question.id in replies:
            found[question.field] = said(known[question.field].type, Said(question, replies[question.id], True))
    more = MORE.get(assessment.template)
    found |= more(assessment) if more else {}
    return {name: value for name, value in found.items() if name in known and value not in ("", None)}


def said(kind: str, one: Said) -> Any:
    """An answer as a field of this type holds it."""
    if kind == "yes_no":
        return one.reply.answer == "yes"
    if kind == "choice":
        return one.reply.answer
    return one.reply.text or one.answer


def of_tiering(assessment: Assessment) -> Fields:
    """Score, tier and what weighed most."""
    reasons = [reason for found in outcomes(assessment) for reason in found.reasons]
    return {
        "questionnaire_version": assessment.template_version, "tier": assessment.overall_level,
        "score": round(assessment.parts.get().residual_score or 0, 1), "factors": reasons,
    }  # fmt: skip


def of_threats(assessment: Assessment) -> Fields:
    """Each threat that is near, and what stands against each."""
    replies = assessment.replies()
    asked = [(one, replies.get(one.id, Reply())) for one in assessment.form.questions]
    near = [f"{one.text}: {reply.answer}. {reply.text}" for one, reply in asked if one.kind == "risk"]
    against = [f"{one.text}: {reply.answer}. {reply.text}" for one, reply in asked if one.kind == "control"]
    return {
        "components_covered": ["input", "model", "output"], "threats": "\n".join(near),
        "mitigations": "\n".join(against), "reviewed_at": timezone.localdate().isoformat(),
    }  # fmt: skip


def outcomes(assessment: Assessment) -> tuple[scoring.Outcome, ...]:
    """The outcomes of the answers, apart from those of scores."""
    return scoring.outcomes(assessment.form, assessment.replies(), (), assessment.overall_level)


MORE: Final[dict[str, Callable[[Assessment], Fields]]] = {
    "risk_tiering": of_tiering,
    "eu_classification": lambda assessment: {"tier": assessment.overall_level},
    "threat_model": of_threats,
}
