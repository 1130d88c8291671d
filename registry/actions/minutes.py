"""Runs a meeting: begins it, records outcomes, fixes the minutes and has them approved by another than their writer."""

from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from registry.actions import work
from registry.actions.meetings import held, open_meeting
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.meetings import minutes
from registry.models import AgendaItem, Attendance, Meeting, Task, User
from registry.transactions import retried

Decision, Status, Presence = AgendaItem.Decision, Meeting.Status, Attendance.Presence
LEAST: Final = 10


@retried
def start(meeting: Meeting, *, actor: User) -> Meeting:
    """Begin: from now on the secretary alone writes, and every item gets an outcome."""
    meeting = open_meeting(meeting, actor=actor)
    require_secretary(meeting, actor)
    if meeting.status == Status.RUNNING:
        raise NotAllowed(_("The meeting has begun already."))
    if not minutes.items_of(meeting):
        raise NotAllowed(_("There is nothing on the agenda; add an item first."))
    meeting.status = Status.RUNNING
    meeting.save()
    log.record(actor, "meeting.started", meeting)
    return meeting


def require_secretary(meeting: Meeting, actor: User) -> None:
    """Only the secretary writes the minutes."""
    if actor.pk != meeting.secretary_id:
        raise NotAllowed(_("Only %s, the secretary of this meeting, does this.") % meeting.secretary)


@retried
def record_outcome(
    item: AgendaItem, *, decision: str, rationale: str, conditions: str, dissent: str, actor: User
) -> AgendaItem:
    """Write down what the board holds of an item; it signs for nobody, sign-offs are given on the review."""
    meeting = open_meeting(item.meeting, actor=actor)
    if meeting.status != Status.RUNNING:
        raise NotAllowed(_("Outcomes are recorded while the meeting runs; begin it first."))
    row = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    require_outcome(row, decision=decision, rationale=rationale.strip(), conditions=conditions.strip())
    row.decision, row.rationale = decision, rationale.strip()
    row.conditions, row.dissent, row.decided_at = conditions.strip(), dissent.strip(), timezone.now()
    row.save()
    log.record(actor, "agenda_item.decided", row, reason=row.rationale)
    return row


def require_outcome(item: AgendaItem, *, decision: str, rationale: str, conditions: str) -> None:
    """An outcome of the list with a reason; conditions where there are some, and only there."""
    if item.removed_at is not None:
        raise NotAllowed(_("This item was taken off the agenda."))
    if item.is_for_information:
        if decision:
            raise BadInput(_("This item is for information; nothing is decided on it."), field="decision")
        return
    if decision not in Decision.values:
        raise BadInput(_("Choose one of the outcomes."), field="decision")
    if len(rationale) < LEAST:
        raise BadInput(_("Give the board's reason in at least ten characters."), field="rationale")
    if (decision == Decision.GO_WITH_CONDITIONS) != bool(conditions):
        raise BadInput(_("Conditions belong to “go with conditions”, and that outcome has some."), field="conditions")


@retried
def close(meeting: Meeting, *, actor: User) -> Meeting:
    """Fix the minutes under their digest; the chair is asked to approve them."""
    meeting = open_meeting(meeting, actor=actor)
    require_secretary(meeting, actor)
    require_complete(meeting)
    meeting.minutes, meeting.minutes_digest = minutes.fixed(meeting)
    meeting.status, meeting.closed_at = Status.CLOSED, timezone.now()
    meeting.save()
    log.record(actor, "meeting.closed", meeting)
    for person in asked_to_approve(meeting):
        work.open_task(
            meeting, kind=Task.Kind.APPROVE_MINUTES, system=None, url=meeting.get_absolute_url(), person=person,
            actor=actor,
        )  # fmt: skip
    return meeting


def require_complete(meeting: Meeting) -> None:
    """It ran, everybody's presence is said, somebody besides the secretary was there, every item has its outcome."""
    if meeting.status != Status.RUNNING:
        raise NotAllowed(_("The meeting has not begun; there is nothing to fix."))
    seats = list(minutes.seats_of(meeting))
    unsaid = [str(seat.person) for seat in seats if seat.presence == Presence.INVITED]
    if unsaid:
        raise NotAllowed(_("Say first whether these were there: %s.") % ", ".join(unsaid))
    if not asked_to_approve(meeting):
        raise NotAllowed(_("Nobody but the secretary was there, so nobody can approve the minutes."))
    open_items = [item.label for item in minutes.items_of(meeting) if not item.is_dealt_with]
    if open_items:
        raise NotAllowed(_("These items have no outcome yet; “defer” is one: %s.") % ", ".join(open_items))


def asked_to_approve(meeting: Meeting) -> list[User]:
    """The chair when present; else everybody else who was."""
    there = [seat.person for seat in minutes.seats_of(meeting).filter(presence=Presence.PRESENT)]
    others = [person for person in there if person.pk != meeting.secretary_id]
    return [person for person in others if person.pk == meeting.chair_id] or others


@retried
def approve(meeting: Meeting, *, seen_digest: str, actor: User) -> Meeting:
    """Agree, as chair or as somebody who was there, that the minutes tell what happened."""
    meeting = closed(meeting, actor)
    if seen_digest != meeting.minutes_digest:
        raise NotAllowed(_("What you were shown are not these minutes; read them again."))
    meeting.status, meeting.approved_by, meeting.approved_at = Status.APPROVED, actor, timezone.now()
    meeting.save()
    log.record(actor, "meeting.approved", meeting)
    work.close_tasks(meeting, actor=actor)
    return meeting


@retried
def send_back(meeting: Meeting, *, reason: str, actor: User) -> Meeting:
    """Say what the minutes have wrong; the secretary mends them, and they are fixed anew."""
    meeting = closed(meeting, actor)
    if len(reason.strip()) < LEAST:
        raise BadInput(_("Say in at least ten characters what is wrong; the secretary reads it."), field="reason")
    meeting.status, meeting.closed_at, meeting.minutes, meeting.minutes_digest = Status.RUNNING, None, {}, ""
    meeting.save()
    log.record(actor, "meeting.returned", meeting, reason=reason.strip())
    work.close_tasks(meeting, actor=actor)
    return meeting


def closed(meeting: Meeting, actor: User) -> Meeting:
    """The row of a meeting whose minutes wait, held until the transaction ends, for somebody who may approve them."""
    meeting = held(meeting)
    if meeting.status != Status.CLOSED:
        raise NotAllowed(_("The minutes of this meeting do not wait for approval."))
    if actor.pk == meeting.secretary_id:
        raise NotAllowed(_("You wrote these minutes, so the chair or somebody else who was there approves them."))
    if not may_approve(meeting, actor):
        raise NotAllowed(_("Minutes are approved by the chair or by somebody who was there."))
    return meeting


def may_approve(meeting: Meeting, person: User) -> bool:
    """The chair, or an attendee who was there; never the secretary who wrote them."""
    there = meeting.attendances.filter(person=person.pk, presence=Presence.PRESENT).exists()
    return person.pk != meeting.secretary_id and (person.pk == meeting.chair_id or there)
