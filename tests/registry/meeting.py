"""Steps of meetings that several tests share."""

from django.utils import timezone

from registry.actions import meetings, minutes
from registry.models import AgendaItem, Meeting, RoleAssignment
from tests import factories

WHY = "The figures hold and every complaint is read by a person."


def planned(cast: factories.Cast, **changes) -> Meeting:
    """A meeting of the lending unit: the approver leads, the risk officer writes."""
    fields = {
        "title": "AI board", "held_on": timezone.localdate(), "chair": cast.approver, "secretary": cast.risk_officer,
    }  # fmt: skip
    return meetings.plan_meeting(cast.unit, **{**fields, **changes}, actor=cast.risk_officer)


def invited(cast: factories.Cast, meeting: Meeting, person, *, unit=None):
    """One more seat, in the person's first duty."""
    held = RoleAssignment.objects.current().filter(person=person).first()
    return meetings.invite(meeting, seat_of=held, actor=cast.risk_officer)


def item(
    cast: factories.Cast, meeting: Meeting, *, review=None, title="", note="", for_information=False
) -> AgendaItem:
    """One more item."""
    return meetings.add_item(
        meeting, review=review, title=title or ("" if review else "Budget"), note=note,
        is_for_information=for_information, actor=cast.risk_officer,
    )  # fmt: skip


def there(cast: factories.Cast, meeting: Meeting, *people, regrets=()) -> None:
    """These were there, the others did not come."""
    presences = {
        seat.pk: "present" if seat.person in people else "regrets" if seat.person in regrets else "absent"
        for seat in meeting.attendances.all()
    }
    meetings.note_presence(meeting, presences=presences, actor=cast.risk_officer)


def recorded(cast: factories.Cast, row: AgendaItem, decision="go", **more) -> AgendaItem:
    """An outcome."""
    fields = {"rationale": WHY, "conditions": "", "dissent": ""}
    return minutes.record_outcome(row, decision=decision, **{**fields, **more}, actor=cast.risk_officer)


def closed(cast: factories.Cast, *, review=None) -> Meeting:
    """A meeting with one item that was held and whose minutes are fixed."""
    meeting = planned(cast)
    row = item(cast, meeting, review=review)
    minutes.start(meeting, actor=cast.risk_officer)
    there(cast, meeting, cast.approver, cast.risk_officer)
    recorded(cast, row)
    return minutes.close(meeting, actor=cast.risk_officer)
