"""Ends of a risk: accepted by those who may answer for its level, closed, or opened again."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import delegations, rounds
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import User
from registry.transactions import retried
from risk.actions.register import locked, require_second_person, void_acceptances
from risk.models import Acceptance, Risk

LEAST_REASON = 10
APPROVERS_FOR_HIGH = 2


@retried
def accept_risk(risk: Risk, *, reason: str, actor: User) -> Risk:
    """Answer for what is left of a risk. A high or critical one is accepted once two approvers have done so."""
    access.require(actor, access.RISK_ACCEPT, risk)
    risk = locked(risk)
    if risk.status not in {Risk.Status.OPEN, Risk.Status.TREATED}:
        raise NotAllowed(
            _("Only an open or treated risk can be accepted; this one is %s.") % risk.get_status_display().lower()
        )
    require_reason(reason)
    require_acceptor(risk, actor)
    row = Acceptance(risk=risk, person=actor, level=risk.residual_level, reason=reason.strip())
    row.save()
    log.record(actor, "acceptance.given", row, reason=row.reason)
    delegations.note_act(row, action=access.RISK_ACCEPT, role=role_asked(risk), actor=actor)
    if standing(risk).count() >= asked_for(risk):
        risk.status = Risk.Status.ACCEPTED
        risk.save()
        log.record(actor, "risk.accepted", risk, reason=row.reason)
        rounds.void_stale(risk.system, actor=actor, because=_("the risk “%s” was accepted") % risk)
    return risk


def standing(risk: Risk) -> QuerySet[Acceptance]:
    """Acceptances that were not voided."""
    return Acceptance.objects.filter(risk=risk, voided_at__isnull=True)


def asked_for(risk: Risk) -> int:
    """How many persons must accept it."""
    return APPROVERS_FOR_HIGH if risk.is_high else 1


def require_reason(reason: str) -> None:
    """The reason says something."""
    if len(reason.strip()) < LEAST_REASON:
        raise BadInput(_("Give a reason of at least ten characters; it stands in the report."), field="reason")


def require_acceptor(risk: Risk, person: User) -> None:
    """R7: not who wrote or rated it or owns the system; for high and critical ones an approver; everybody once."""
    wrote = {risk.registered_by_id, risk.rated_by_id}
    separation.require_risk_acceptor(person, risk, wrote=wrote, is_high=risk.is_high)
    accepted = separation.decided_by(dict(standing(risk).values_list("pk", "person_id")))
    refusal = _("You have accepted this risk already; a second approver is needed.")
    separation.require_apart(person, accepted, refusal, action=access.RISK_ACCEPT, obj=risk, role=role_asked(risk))


def role_asked(risk: Risk) -> str:
    """The role that alone accepts it; empty where several may."""
    return "APPR" if risk.is_high else ""


@retried
def close_risk(risk: Risk, *, reason: str, actor: User) -> Risk:
    """Say that the risk is none any more, and why."""
    access.require(actor, access.RISK_EDIT, risk)
    risk = locked(risk)
    if risk.is_closed:
        raise NotAllowed(_("This risk is closed already."))
    require_reason(reason)
    if risk.is_high:
        require_second_person(risk, actor)
    risk.status = Risk.Status.CLOSED
    risk.save()
    log.record(actor, "risk.closed", risk, reason=reason.strip())
    rounds.void_stale(risk.system, actor=actor, because=_("the risk “%s” was closed") % risk)
    return risk


@retried
def reopen_risk(risk: Risk, *, reason: str, actor: User) -> Risk:
    """Open a treated, accepted or closed risk again; what was accepted is so no longer."""
    access.require(actor, access.RISK_EDIT, risk)
    risk = locked(risk)
    if risk.status == Risk.Status.OPEN:
        raise NotAllowed(_("This risk is open."))
    require_reason(reason)
    risk.status = Risk.Status.OPEN
    risk.save()
    log.record(actor, "risk.reopened", risk, reason=reason.strip())
    void_acceptances(risk, because=reason.strip(), actor=actor)
    rounds.void_stale(risk.system, actor=actor, because=_("the risk “%s” was opened again") % risk)
    return risk
