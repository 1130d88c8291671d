"""Ends of a risk: accepted by those who may answer for its level, closed, or opened again."""

from datetime import date, timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import delegations, rounds, work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Task, User
from registry.transactions import retried
from risk.actions.register import acceptors, locked, require_second_person, standing, void_acceptances
from risk.models import Acceptance, Risk
from risk.words import level_word

LEAST_REASON = 10
APPROVERS_FOR_HIGH = 2
# For how many days what is left of a level is accepted at most; after that somebody answers for it anew.
LONGEST: Final = {"low": 730, "medium": 365, "high": 180, "critical": 90}


@retried
def accept_risk(risk: Risk, *, reason: str, actor: User, expires_on: date | None = None) -> Risk:
    """Answer for what is left of a risk until a day. A high or critical one is accepted once two approvers have done so.

    Without a day it holds as long as its level allows.
    """
    separation.require_now(actor, access.RISK_ACCEPT, risk)
    risk = locked(risk)
    if risk.status not in {Risk.Status.OPEN, Risk.Status.TREATED}:
        raise NotAllowed(
            _("Only an open or treated risk can be accepted; this one is %s.") % risk.get_status_display().lower()
        )
    require_reason(reason)
    void_acceptances(risk, because=_("the acceptance is over"), until=timezone.localdate(), actor=actor)
    require_acceptor(risk, actor)
    last = last_day(risk, expires_on)
    row = Acceptance(risk=risk, person=actor, level=risk.residual_level, reason=reason.strip(), expires_on=last)
    row.save()
    log.record(actor, "acceptance.given", row, reason=row.reason)
    delegations.note_act(row, action=access.RISK_ACCEPT, role=role_asked(risk), actor=actor)
    if standing(risk).count() >= asked_for(risk):
        risk.status = Risk.Status.ACCEPTED
        risk.save()
        log.record(actor, "risk.accepted", risk, reason=row.reason)
        rounds.void_stale(risk.system, actor=actor, because=_("the risk “%s” was accepted") % risk)
    return risk


def last_day(risk: Risk, wanted: date | None) -> date:
    """The last day of an acceptance: the one that is wanted, where the level of the risk allows it."""
    today = timezone.localdate()
    latest = today + timedelta(days=LONGEST[risk.residual_level])
    if wanted is not None and not today <= wanted <= latest:
        raise BadInput(
            _("A risk of the level “%(level)s” is accepted until %(day)s at most, and not for days that are over.")
            % {"level": level_word(risk.residual_level), "day": latest}, field="expires_on",
        )  # fmt: skip
    return wanted or latest


def lapse(today: date) -> int:
    """Open again what was accepted until a day that is over; its owner has it to do. How many."""
    rows = Risk.objects.filter(status=Risk.Status.ACCEPTED, acceptances__in=past(today)).distinct()
    return sum(lapse_one(row) for row in rows)


def past(today: date) -> QuerySet[Acceptance]:
    """Acceptances whose last day is over and that nobody voided."""
    return Acceptance.objects.filter(voided_at__isnull=True, expires_on__lt=today)


@retried
def lapse_one(risk: Risk) -> int:
    """The software opens a risk again of which an acceptance is over."""
    risk = locked(risk)
    if risk.status != Risk.Status.ACCEPTED:
        return 0
    because = _("the acceptance is over")
    risk.status = Risk.Status.OPEN
    risk.save()
    log.record(None, "risk.reopened", risk, reason=because)
    void_acceptances(risk, because=because, actor=None)
    work.open_task(
        risk, kind=Task.Kind.ALARM, system=risk.system, url=risk.get_absolute_url(), person=risk.owner, actor=None
    )
    rounds.void_stale(risk.system, actor=None, because=_("the acceptance of the risk “%s” is over") % risk)
    return 1


def asked_for(risk: Risk) -> int:
    """How many persons must accept it."""
    return APPROVERS_FOR_HIGH if risk.is_high else 1


def require_reason(reason: str) -> None:
    """The reason says something."""
    if len(reason.strip()) < LEAST_REASON:
        raise BadInput(_("Give a reason of at least ten characters; it stands in the report."), field="reason")


def require_acceptor(risk: Risk, person: User) -> None:
    """R7: not who wrote or rated it or owns the system; for high and critical ones an approver; everybody once."""
    wrote = {pk for pk in (risk.registered_by_id, risk.rated_by_id) if pk is not None}
    separation.require_risk_acceptor(person, risk, wrote=wrote, is_high=risk.is_high)
    refusal = _("You have accepted this risk already; a second approver is needed.")
    separation.require_apart(
        person, acceptors(risk), refusal, action=access.RISK_ACCEPT, obj=risk, role=role_asked(risk)
    )


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
