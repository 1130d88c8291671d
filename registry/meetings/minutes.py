"""The minutes of a meeting as plain JSON: what is fixed under a digest when it is closed, and printed ever after."""

from typing import Any

from registry.canonical import digest
from registry.models import AgendaItem, Attendance, Meeting, SignOff

FORMAT = 1


def minutes_of(meeting: Meeting) -> dict[str, Any]:
    """Who was there and for which units, and every item with its outcome; codes where a reader's language has a word."""
    seats = list(seats_of(meeting))
    present = [seat for seat in seats if seat.presence == Attendance.Presence.PRESENT]
    return {
        "format": FORMAT,
        "meeting": str(meeting.pk),
        "title": meeting.title,
        "unit": meeting.unit.name,
        "held_on": meeting.held_on.isoformat(),
        "chair": meeting.chair.name,
        "secretary": meeting.secretary.name,
        "attendees": [
            {"name": seat.person.name, "duty": seat.duty, "unit": seat.of_unit.name, "presence": seat.presence}
            for seat in seats
        ],
        "units_present": sorted({seat.of_unit.name for seat in present}),
        "disciplines_present": sorted({seat.duty for seat in present}),
        "items": [item_facts(number, item) for number, item in enumerate(items_of(meeting), 1)],
    }


def fixed(meeting: Meeting) -> tuple[dict[str, Any], str]:
    """The minutes as they are now, and their digest."""
    found = minutes_of(meeting)
    return found, digest(found)


def items_of(meeting: Meeting) -> list[AgendaItem]:
    """The agenda in its order."""
    rows = meeting.items.filter(removed_at__isnull=True)
    return list(rows.select_related("review__release__version__model__system__unit", "review__release__system"))


def seats_of(meeting: Meeting) -> Any:
    """Whoever is invited, with person and unit."""
    rows = meeting.attendances.exclude(presence=Attendance.Presence.REMOVED)
    return rows.select_related("person", "of_unit")


def item_facts(number: int, item: AgendaItem) -> dict[str, Any]:
    """One item: what was asked, what came of it, and which sign-offs the review had at that moment."""
    return {
        "number": number,
        "title": item.label,
        "note": item.note,
        "is_for_information": item.is_for_information,
        "decision": item.decision,
        "rationale": item.rationale,
        "conditions": item.conditions,
        "dissent": item.dissent,
        "decided_at": item.decided_at.isoformat(timespec="seconds") if item.decided_at else "",
        "review": review_facts(item) if item.review else {},
    }


def review_facts(item: AgendaItem) -> dict[str, Any]:
    """The review that an item was about, by what its sign-offs are bound to."""
    assert item.review is not None
    given, missing = sign_offs(item)
    return {
        "id": str(item.review.pk),
        "version": str(item.review.release.version),
        "system": item.review.release.system.name,
        "subject_digest": item.review.subject_digest,
        "given": [{"duty": slot.duty, "name": str(slot.person), "decision": slot.decision} for slot in given],
        "missing": [{"duty": slot.duty, "stage": slot.stage} for slot in missing],
    }


def sign_offs(item: AgendaItem) -> tuple[list[SignOff], list[SignOff]]:
    """The sign-offs of the item's review that were given, and the slots that still wait."""
    rows = SignOff.objects.filter(review=item.review).select_related("person").order_by("stage", "duty", "ordinal")
    return list(rows.standing()), list(rows.waiting())
