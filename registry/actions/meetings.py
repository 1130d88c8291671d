"""Plans a meeting: its people, its agenda and who comes."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AgendaItem, Attendance, BusinessUnit, Meeting, Review, RoleAssignment, User
from registry.transactions import retried

Presence = Attendance.Presence
UP: Final = "up"


@retried
def plan_meeting(
    unit: BusinessUnit, *, title: str, held_on: date, chair: User, secretary: User, actor: User
) -> Meeting:
    """Plan a meeting of a unit's board; chair and secretary are invited with it."""
    access.require(actor, access.MEETING_HOLD, unit)
    meeting = Meeting(unit=unit, title=title.strip(), held_on=held_on, chair=chair, secretary=secretary)
    require_leaders(meeting)
    meeting.full_clean()
    meeting.save()
    log.record(actor, "meeting.planned", meeting)
    seat_leaders(meeting, actor=actor)
    return meeting


@retried
def edit_meeting(meeting: Meeting, *, title: str, held_on: date, chair: User, secretary: User, actor: User) -> Meeting:
    """Change a meeting that has not begun."""
    meeting = planned(meeting, actor=actor)
    meeting.title, meeting.held_on, meeting.chair, meeting.secretary = title.strip(), held_on, chair, secretary
    require_leaders(meeting)
    meeting.full_clean()
    meeting.save()
    log.record(actor, "meeting.edited", meeting)
    seat_leaders(meeting, actor=actor)
    return meeting


def require_leaders(meeting: Meeting) -> None:
    """Chair and secretary are two people, the secretary may hold meetings of the unit, the chair may read in it."""
    if meeting.chair_id == meeting.secretary_id:
        raise BadInput(_("Chair and secretary are two people: one writes the minutes, another approves them."),
                       field="secretary")  # fmt: skip
    if not access.allowed(meeting.secretary, access.MEETING_HOLD, meeting):
        raise BadInput(
            _("%(person)s holds no duty in %(unit)s that writes minutes: a risk officer, board member or approver does.")
            % {"person": meeting.secretary, "unit": meeting.unit}, field="secretary",
        )  # fmt: skip
    if not access.allowed(meeting.chair, access.MODEL_VIEW, meeting):
        raise BadInput(
            _("%(person)s holds no duty in %(unit)s by which to read what is decided on.")
            % {"person": meeting.chair, "unit": meeting.unit}, field="chair",
        )  # fmt: skip


def seat_leaders(meeting: Meeting, *, actor: User) -> None:
    """Chair and secretary have a seat, for the unit and in the duty by which they come."""
    for person in (meeting.chair, meeting.secretary):
        taken = meeting.attendances.filter(person=person).exclude(presence=Presence.REMOVED)
        grant = next(grant for grant in access.grants(person) if grant.role and grant.reaches(meeting))
        if not taken.exists():
            seat(meeting, person, duty=grant.duty, of_unit=grant.unit, actor=actor)


@retried
def invite(meeting: Meeting, *, seat_of: RoleAssignment, actor: User) -> Attendance:
    """Invite a person in a duty that he or she holds, for its unit: it decides which units and disciplines were there."""
    meeting = open_meeting(meeting, actor=actor)
    if not RoleAssignment.objects.visible_to(actor).current().filter(pk=seat_of.pk).exists():
        raise BadInput(_("This duty is held no more; choose another."), field="seat_of")
    there = meeting.attendances.filter(person=seat_of.person).exclude(presence=Presence.REMOVED)
    if there.exists():
        raise BadInput(_("%s is invited already.") % seat_of.person, field="seat_of")
    return seat(meeting, seat_of.person, duty=seat_of.duty, of_unit=seat_of.unit, actor=actor)


def seat(meeting: Meeting, person: User, *, duty: str, of_unit: BusinessUnit, actor: User) -> Attendance:
    """The row of one seat, new or taken up again."""
    row = meeting.attendances.filter(person=person).first() or Attendance(meeting=meeting, person=person)
    row.duty, row.of_unit, row.presence = duty, of_unit, Presence.INVITED
    row.save()
    log.record(actor, "attendance.invited", row)
    return row


@retried
def uninvite(attendance: Attendance, *, actor: User) -> None:
    """Take an invitation back."""
    meeting = open_meeting(attendance.meeting, actor=actor)
    if attendance.person_id in {meeting.chair_id, meeting.secretary_id}:
        raise NotAllowed(_("Chair and secretary stay invited; name another one first."))
    row = Attendance.objects.select_for_update(of=("self",)).get(pk=attendance.pk)
    row.presence = Presence.REMOVED
    row.save()
    log.record(actor, "attendance.removed", row)


@retried
def note_presence(meeting: Meeting, *, presences: Mapping[Any, str], actor: User) -> None:
    """Write down who came, who sent regrets and who did not come; before the meeting regrets alone make sense."""
    meeting = open_meeting(meeting, actor=actor)
    for row in meeting.attendances.exclude(presence=Presence.REMOVED):
        said = presences.get(row.pk, row.presence)
        if said not in {Presence.INVITED, Presence.PRESENT, Presence.REGRETS, Presence.ABSENT}:
            raise BadInput(_("“%s” says nothing about who was there.") % said)
        if said != row.presence:
            row.presence = said
            row.save()
            log.record(actor, "attendance.noted", row)


@retried
def add_item(
    meeting: Meeting, *, review: Review | None, title: str, note: str, is_for_information: bool, actor: User
) -> AgendaItem:
    """Put an open review, or something else under a title, at the end of the agenda."""
    meeting = open_meeting(meeting, actor=actor)
    if review is None and not title.strip():
        raise BadInput(_("Choose a review or write what the item is about."), field="title")
    if review is not None:
        require_review(meeting, review, actor)
    last = meeting.items.aggregate(last=Max("position"))["last"] or 0
    item = AgendaItem(meeting=meeting, position=last + 1, review=review, title=title.strip(), note=note.strip(),
                      is_for_information=is_for_information)  # fmt: skip
    item.save()
    log.record(actor, "agenda_item.added", item)
    return item


def require_review(meeting: Meeting, review: Review, actor: User) -> None:
    """The review is open, lies in the unit, is seen by who offers it, and is not on the agenda yet."""
    here = Review.objects.visible_to(actor).open().filter(release__system__unit__path__startswith=meeting.unit.path)
    if not here.filter(pk=review.pk).exists():
        raise BadInput(_("This review is not open, or not one of %s.") % meeting.unit, field="review")
    if meeting.items.filter(review=review, removed_at__isnull=True).exists():
        raise BadInput(_("This review stands on the agenda already."), field="review")


@retried
def move_item(item: AgendaItem, *, direction: str, actor: User) -> None:
    """Change places with the item above or below."""
    meeting = open_meeting(item.meeting, actor=actor)
    others = meeting.items.filter(removed_at__isnull=True)
    item = others.get(pk=item.pk)
    above = others.filter(position__lt=item.position).order_by("-position").first()
    below = others.filter(position__gt=item.position).order_by("position").first()
    other = above if direction == UP else below
    if other is None:
        return
    item.position, other.position = other.position, item.position
    for row in (item, other):
        row.save()
        log.record(actor, "agenda_item.moved", row)


@retried
def remove_item(item: AgendaItem, *, actor: User) -> None:
    """Take an item off the agenda that was not dealt with."""
    open_meeting(item.meeting, actor=actor)
    row = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if row.is_dealt_with:
        raise NotAllowed(_("An outcome is recorded for this item; it stays in the minutes."))
    row.removed_at = timezone.now()
    row.save()
    log.record(actor, "agenda_item.removed", row)


def planned(meeting: Meeting, *, actor: User) -> Meeting:
    """The row as it is now, held until the transaction ends, while the meeting has not begun."""
    row = open_meeting(meeting, actor=actor)
    if row.status != Meeting.Status.PLANNED:
        raise NotAllowed(_("The meeting has begun; its day, chair and secretary stay."))
    return row


def open_meeting(meeting: Meeting, *, actor: User) -> Meeting:
    """The same while its minutes are not fixed; once it runs, only the secretary writes."""
    access.require(actor, access.MEETING_HOLD, meeting)
    row = held(meeting)
    if not row.is_open:
        raise NotAllowed(_("The minutes of this meeting are fixed; nothing in it changes any more."))
    if row.status == Meeting.Status.RUNNING and row.secretary_id != actor.pk:
        raise NotAllowed(_("The meeting is running; only %s, its secretary, writes.") % row.secretary)
    return row


def held(meeting: Meeting) -> Meeting:
    """The row as it is now, held until the transaction ends."""
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("unit", "chair", "secretary")
    return rows.get(pk=meeting.pk)
