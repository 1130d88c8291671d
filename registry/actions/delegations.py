"""Hands a duty to a deputy for a time, takes the deputy's yes and the second person's, and ends it."""

from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Audited, DelegatedAct, Delegation, RoleAssignment, Task, User
from registry.transactions import retried

LEAST: Final = 10
MOST_DAYS: Final = 92


@retried
def delegate(
    held: RoleAssignment, *, to_person: User, starts_on: date, ends_on: date, reason: str, actor: User
) -> Delegation:
    """Hand one of one's own duties to a deputy for a time; it gives no right until the deputy has accepted."""
    require_own(held, actor)
    require_reason(reason)
    require_period(held, starts_on, ends_on)
    require_deputy(held, to_person)
    # Held until the end, so that of two at once the second finds the first.
    list(User.objects.select_for_update(no_key=True).filter(pk=actor.pk))
    same = Delegation.objects.standing().filter(from_person=actor, duty=held.duty, unit=held.unit, system=held.system)
    if same.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
        raise NotAllowed(_("This duty has a deputy in these days already; end that delegation first."))
    row = Delegation(
        from_person=actor, to_person=to_person, duty=held.duty, unit=held.unit, system=held.system,
        starts_on=starts_on, ends_on=ends_on, reason=reason.strip(),
        needs_confirmation=access.DUTY_ROLE.get(held.duty) in access.CONFIRMED_ROLES,
    )  # fmt: skip
    row.save()
    log.record(actor, "delegation.requested", row, reason=row.reason)
    work.open_task(
        row, kind=Task.Kind.DELEGATED, system=None, url=row.get_absolute_url(), person=to_person, due_on=starts_on,
        actor=actor,
    )  # fmt: skip
    return row


def require_own(held: RoleAssignment, actor: User) -> None:
    """Only a duty that one holds oneself is handed over, so never one that somebody handed over."""
    current = RoleAssignment.objects.current().filter(pk=held.pk, person=actor.pk)
    if not current.exists():
        raise NotAllowed(_("You can only hand over a duty that you hold yourself; a deputy does not hand it on."))


def require_reason(reason: str) -> None:
    """The reason says something."""
    if len(reason.strip()) < LEAST:
        raise BadInput(_("Say why in at least ten characters; it stands in the log."), field="reason")


def require_period(held: RoleAssignment, starts_on: date, ends_on: date) -> None:
    """From today on at the earliest, for three months at most, and no longer than the duty itself."""
    if starts_on < timezone.localdate():
        raise BadInput(_("The first day lies in the past; choose today or a later day."), field="starts_on")
    if ends_on < starts_on:
        raise BadInput(_("The last day lies before the first one."), field="ends_on")
    if ends_on > starts_on + timedelta(days=MOST_DAYS):
        raise BadInput(
            _("A deputy stands in for %d days at most; for longer, have an administrator grant the duty.") % MOST_DAYS,
            field="ends_on",
        )
    if held.ends_on is not None and ends_on > held.ends_on:
        raise BadInput(_("Your duty itself ends on %s; choose no later day.") % held.ends_on, field="ends_on")


def require_deputy(held: RoleAssignment, person: User) -> None:
    """The deputy is somebody else, with an account, who gains by it and nothing that R10 forbids."""
    if person.pk == held.person_id:
        raise BadInput(_("Nobody is his or her own deputy; choose somebody else."), field="to_person")
    if not person.is_active:
        raise BadInput(_("%s is no longer active; name somebody who is.") % person, field="to_person")
    own = [grant for grant in access.grants(person) if grant.duty == held.duty and grant.behalf is None]
    if any(held.unit.path.startswith(grant.unit.path) and grant.system_id in {None, held.system_id} for grant in own):
        raise BadInput(_("%s holds this duty already and decides in his or her own name.") % person, field="to_person")
    separation.require_no_mix(person, held.duty)


@retried
def accept(delegation: Delegation, *, actor: User) -> Delegation:
    """Say yes to standing in for somebody; the deputy alone can."""
    row = locked(delegation)
    if row.to_person_id != actor.pk:
        raise NotAllowed(_("Only %s can accept this.") % row.to_person)
    if row.accepted_at is not None:
        raise NotAllowed(_("This is accepted already."))
    separation.require_no_mix(actor, row.duty)
    row.accepted_at = timezone.now()
    row.save()
    log.record(actor, "delegation.accepted", row)
    work.close_tasks(row, actor=actor)
    return row


@retried
def confirm(delegation: Delegation, *, actor: User) -> Delegation:
    """Agree, as a third person, that a deputy approves, publishes or administers for a time."""
    separation.require_now(actor, access.GRANT_CONFIRM, delegation)
    row = locked(delegation)
    separation.require_confirmer(actor, row)
    if not Delegation.objects.to_confirm(actor).filter(pk=row.pk).exists():
        raise NotAllowed(_("This delegation waits for nobody's confirmation."))
    separation.require_no_mix(row.to_person, row.duty)
    row.confirmed_by, row.confirmed_at = actor, timezone.now()
    row.save()
    log.record(actor, "delegation.confirmed", row)
    return row


@retried
def end(delegation: Delegation, *, reason: str, actor: User) -> Delegation:
    """Decline it, take it back or end it: by either of the two, or by an administrator of the unit."""
    if actor.pk not in {delegation.from_person_id, delegation.to_person_id}:
        access.require(actor, access.PEOPLE_MANAGE, delegation)
    require_reason(reason)
    row = locked(delegation)
    declines = row.accepted_at is None and actor.pk == row.to_person_id
    close(row, "delegation.declined" if declines else "delegation.ended", reason=reason.strip(), actor=actor)
    return row


def close(row: Delegation, event: str, *, reason: str, actor: Any) -> None:
    """The end of a delegation, and of the task that asked for the deputy's yes."""
    row.ended_at = timezone.now()
    row.save()
    log.record(actor, event, row, reason=reason)
    work.close_tasks(row, actor=actor)


def end_lapsed(today: date) -> int:
    """Write down the end of those whose last day is over; they gave no right from that day on."""
    lapsed = list(Delegation.objects.filter(ended_at__isnull=True, ends_on__lt=today).select_for_update(of=("self",)))
    for row in lapsed:
        close(row, "delegation.ended", reason="", actor=None)
    return len(lapsed)


def locked(delegation: Delegation) -> Delegation:
    """The row as it is now, held until the transaction ends, while it stands."""
    rows = Delegation.objects.standing().select_for_update(of=("self",))
    row = rows.select_related("from_person", "to_person", "unit", "system").filter(pk=delegation.pk).first()
    if row is None:
        raise NotAllowed(_("This delegation is over."))
    return row


def note_act(decision: Audited, *, action: str, actor: User, duty: str = "", role: str = "") -> None:
    """Write down that a decision was taken by a deputy, in whose place; nothing for a decision in one's own duty."""
    behind = access.stands_for(actor, action, decision, duty=duty, role=role)
    if not behind:
        return
    rows = Delegation.objects.in_force().filter(to_person=actor.pk, from_person__in=behind)
    rows = rows.filter(duty=duty) if duty else rows
    act = DelegatedAct(
        delegation=rows.order_by("created_at")[0], object_type=decision.type_label, object_id=decision.pk
    )
    act.save()
    log.record(actor, "delegated_act.noted", act)
