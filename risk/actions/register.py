"""Enters, rates and treats risks."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import rounds
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, User
from registry.transactions import retried
from risk.catalogue import LEVELS, catalogue
from risk.models import Acceptance, Risk, Treatment

TOLD = frozenset(
    {
        "description", "source", "identified_at", "measurable", "unmeasured_reason", "tracking_method", "benefit_note",
        "residual_disclosed_to",
    }
)  # fmt: skip


@retried
def register_risk(
    system: AISystem, *, title: str, component: str, category: str, likelihood: int, impact: int, actor: User,
    owner: User | None = None, catalogue_ref: str = "", **told: Any,
) -> Risk:  # fmt: skip
    """Enter a risk with its first rating; what is left is the whole of it, and the business owner answers for it.

    `owner` names another person who does.
    """
    access.require(actor, access.RISK_EDIT, system)
    if catalogue_ref and catalogue_ref not in catalogue().risks:
        raise BadInput(_("The catalogue has no risk “%s”.") % catalogue_ref[:20], field="catalogue_ref")
    unknown = sorted(set(told) - TOLD)
    if unknown:
        raise BadInput(_("%s cannot be set here.") % unknown[0], field=unknown[0])
    risk = Risk(
        system=system, title=title.strip(), component=component, category=category,
        owner=owner or system.business_owner, catalogue_ref=catalogue_ref, registered_by=actor, **told,
    )  # fmt: skip
    take_rating(risk, likelihood, impact, likelihood, impact, actor=actor)
    store(risk)
    log.record(actor, "risk.registered", risk)
    rounds.void_stale(system, actor=actor, because=_("the risk “%s” was registered") % risk)
    return risk


@retried
def rate_risk(
    risk: Risk, *, likelihood: int, impact: int, actor: User, residual_likelihood: int | None = None,
    residual_impact: int | None = None, reason: str = "",
) -> Risk:  # fmt: skip
    """Rate a risk anew, before and after treatment; without figures for after, nothing has been lessened.

    Rated upward, or by somebody who has accepted it, it is accepted no more; the sign-offs of releases that knew it
    lower are void.
    """
    access.require(actor, access.RISK_EDIT, risk)
    risk = locked(risk)
    require_live(risk)
    before, was_high = risk.residual_level, risk.is_high
    left = (
        likelihood if residual_likelihood is None else residual_likelihood,
        impact if residual_impact is None else residual_impact,
    )
    take_rating(risk, likelihood, impact, *left, actor=actor)
    if left[0] > likelihood or left[1] > impact:
        raise BadInput(_("What is left cannot be more than the risk before treatment."), field="residual_likelihood")
    if was_high and not risk.is_high:
        require_second_person(risk, actor)
    rose = LEVELS.index(risk.residual_level) > LEVELS.index(before)
    if rose or actor.pk in acceptors(risk):
        because = _("The risk was rated upward.") if rose else _("Whoever accepted the risk has rated it.")
        void_acceptances(risk, because=because, actor=actor)
        risk.status = Risk.Status.OPEN if rose or risk.status == Risk.Status.ACCEPTED else risk.status
    store(risk)
    log.record(actor, "risk.rated", risk, reason=reason)
    rounds.void_stale(risk.system, actor=actor, because=_("the risk “%s” was rated anew") % risk)
    return risk


def locked(risk: Risk) -> Risk:
    """The row as it is now, held until the transaction ends."""
    return Risk.objects.select_for_update(of=("self",)).select_related("system__unit").get(pk=risk.pk)


def store(row: Any) -> None:
    """Save a checked row; a field that does not hold becomes a sentence at its place."""
    try:
        row.full_clean()
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        name = "" if field == NON_FIELD_ERRORS else f"{row._meta.get_field(field).verbose_name}: "
        raise BadInput(f"{name}{sentences[0]}", field=field) from error
    row.save()


def require_live(risk: Risk) -> None:
    """The risk has not been closed."""
    if risk.is_closed:
        raise NotAllowed(_("This risk is closed; open it again first."))


def require_second_person(risk: Risk, person: User) -> None:
    """A high or critical risk is not talked down or closed by those who own the system."""
    refusal = _("You own %s: a high or critical risk of it is lowered or closed by a risk or privacy officer.")
    separation.require_apart(person, risk.system.owner_ids, refusal % risk.system, action=access.RISK_EDIT, obj=risk)


def take_rating(
    risk: Risk, likelihood: int, impact: int, residual_likelihood: int, residual_impact: int, *, actor: User
) -> None:
    """Both ratings with their levels, and who gave them."""
    levels = catalogue()
    risk.likelihood, risk.impact = likelihood, impact
    risk.residual_likelihood, risk.residual_impact = residual_likelihood, residual_impact
    risk.inherent_level = levels.level(likelihood, impact, harms=risk.harms)
    risk.residual_level = levels.level(residual_likelihood, residual_impact, harms=risk.harms)
    risk.rated_by, risk.reviewed_at = actor, timezone.now()


def standing(risk: Risk) -> QuerySet[Acceptance]:
    """Acceptances that were not voided."""
    return Acceptance.objects.filter(risk=risk, voided_at__isnull=True)


def acceptors(risk: Risk) -> set[UUID]:
    """Whose acceptances stand: given by themselves or by a deputy in their place."""
    return separation.decided_by(dict(standing(risk).values_list("pk", "person_id")))


def void_acceptances(risk: Risk, *, because: str, actor: Any, until: date | None = None) -> None:
    """Nobody answers any more for what is left; with `until`, nobody whose last day was before that."""
    rows = standing(risk)
    for row in rows if until is None else rows.filter(expires_on__lt=until):
        row.voided_at, row.void_reason = timezone.now(), because
        row.save()
        log.record(actor, "acceptance.voided", row, reason=because)


@retried
def treat_risk(
    risk: Risk, *, option: str, plan: str, owner: User, due_on: date, actor: User, priority: str = "medium",
    resources: str = "",
) -> Treatment:  # fmt: skip
    """Agree on what is done about a risk, by whom and until when; the risk stays open until it is done."""
    access.require(actor, access.RISK_EDIT, risk)
    risk = locked(risk)
    require_live(risk)
    if len(plan.strip()) < 10:
        raise BadInput(_("Say in at least ten characters what will be done."), field="plan")
    if due_on < timezone.localdate():
        raise BadInput(_("%s lies in the past; name a day that can still be kept.") % due_on, field="due_on")
    treatment = Treatment(
        risk=risk, option=option, plan=plan.strip(), owner=owner, due_on=due_on, priority=priority, resources=resources
    )
    store(treatment)
    log.record(actor, "treatment.planned", treatment)
    return treatment


@retried
def finish_treatment(
    treatment: Treatment, *, outcome_note: str, residual_likelihood: int, residual_impact: int, actor: User
) -> Risk:
    """Say what came of a treatment and what is left; the risk is treated once none is still to be done."""
    access.require(actor, access.RISK_EDIT, treatment.risk)
    risk = locked(treatment.risk)
    require_live(risk)
    treatment = Treatment.objects.select_for_update().get(pk=treatment.pk)
    if not treatment.is_live:
        raise NotAllowed(_("This treatment is %s already.") % treatment.get_status_display().lower())
    if len(outcome_note.strip()) < 10:
        raise BadInput(_("Say in at least ten characters what came of it."), field="outcome_note")
    treatment.status, treatment.finished_at = Treatment.Status.DONE, timezone.now()
    treatment.outcome_note = outcome_note.strip()
    treatment.save()
    log.record(actor, "treatment.finished", treatment)
    if risk.status == Risk.Status.OPEN and not any(row.is_live for row in risk.treatments.all()):
        risk.status = Risk.Status.TREATED
        risk.save()
        log.record(actor, "risk.treated", risk)
    return rate_risk(
        risk, likelihood=risk.likelihood, impact=risk.impact, residual_likelihood=residual_likelihood,
        residual_impact=residual_impact, reason=treatment.outcome_note, actor=actor,
    )  # fmt: skip
