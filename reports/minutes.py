"""The minutes of a meeting as a PDF: printed from what was fixed when it was closed, with who has approved it since."""

from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry import access, jobs, quotas
from registry.audit import log
from registry.errors import NotAllowed
from registry.models import AgendaItem, Attendance, Duty, Meeting, SignOff, User
from reports import glossary, printing
from reports.actions import require_language
from reports.building import hand_over
from reports.catalogue import MINUTES
from reports.kinds.blocks import limit
from reports.models import Minutes
from reports.printing import Printed

PRESENCES: Final = (Attendance.Presence.PRESENT, Attendance.Presence.REGRETS, Attendance.Presence.ABSENT)


@transaction.atomic
def request_minutes(meeting: Meeting, *, actor: User, language: str = "en") -> Minutes:
    """Ask for the minutes as a PDF, by whoever may see the meeting; they are fixed first."""
    if not Meeting.objects.visible_to(actor).filter(pk=meeting.pk).exists() or not may_ask(actor, meeting):
        raise NotAllowed(_("Minutes are for those who may see the meeting."))
    if not meeting.minutes_digest:
        raise NotAllowed(_("The minutes are not fixed yet; the secretary closes the meeting first."))
    require_language(language)
    quotas.require_room(actor, meeting.unit)
    row = Minutes(meeting=meeting, language=language, requested_by=actor)
    row.save()
    log.record(actor, "minutes.requested", row)
    jobs.enqueue(row)
    return row


def may_ask(person: User, meeting: Meeting) -> bool:
    """A duty lets the person read in the unit, or the person has a seat."""
    return access.allowed(person, access.MODEL_VIEW, meeting) or meeting.attendances.filter(person=person.pk).exists()


def build_minutes(job: Minutes) -> None:
    """Build the document and finish the job in one transaction."""
    jobs.report_progress(job, 10, _("gathering evidence"))
    as_of = timezone.now()
    hand_over(job, document_of(job, as_of=as_of), as_of=as_of)


def document_of(job: Minutes, *, as_of: datetime) -> Printed:
    """The document in the language that was asked for."""
    with translation.override(job.language):
        data = minutes_facts(job.meeting, as_of=as_of)
        data |= {"title": str(MINUTES.title), "glossary": glossary.words(MINUTES.kind)}
    return printing.printed(MINUTES, data, language=job.language, serial=str(job.pk))


def minutes_facts(meeting: Meeting, *, as_of: datetime) -> dict[str, Any]:
    """The fixed minutes in the reader's words; the digest beside them is that of the fixed ones, free of any language."""
    fixed = meeting.minutes
    items = [item_words(item) for item in fixed["items"]]
    return {
        **fixed,
        "installation": settings.INSTALLATION_NAME,
        "as_of": as_of.isoformat(timespec="seconds"),
        "held_on": date_format(date.fromisoformat(fixed["held_on"]), "DATE_FORMAT"),
        "digest": meeting.minutes_digest,
        "system": {"name": fixed["title"]},  # what stands at the foot of each page
        "status": meeting.get_status_display(),
        "approved_by": meeting.approved_by.name if meeting.approved_by else "",
        "approved_at": meeting.approved_at.isoformat(timespec="seconds") if meeting.approved_at else "",
        "attendance": [in_words(fixed, presence) for presence in PRESENCES],
        "disciplines": [str(Duty(duty).label) for duty in fixed["disciplines_present"]],
        "items": items,
        "summary": [[item["title"], summed(item), ""] for item in items],
        "not_checked": not_checked(),
    }


def summed(item: dict[str, Any]) -> str:
    """What became of an item, with what was asked for."""
    return ". ".join(part for part in (item["outcome"], item["conditions"]) if part)


def not_checked() -> list[dict[str, str]]:
    """What a reader must not take for shown."""
    return [
        limit(_("What was said"), _("Minutes hold outcomes and reasons as the secretary wrote and the chair approved them; nothing was recorded.")),
        limit(_("Approval of releases"), _("An outcome of a meeting approves nothing by itself: each person signs off on the review.")),
    ]  # fmt: skip


def in_words(fixed: dict[str, Any], presence: str) -> dict[str, Any]:
    """Those of one kind of presence."""
    people = [row | {"duty": str(Duty(row["duty"]).label)} for row in fixed["attendees"] if row["presence"] == presence]
    return {"label": str(Attendance.Presence(presence).label), "people": people}


def item_words(item: dict[str, Any]) -> dict[str, Any]:
    """One item with its outcome and the sign-offs of its review in words."""
    review = item["review"]
    given = [
        {
            "duty": str(Duty(row["duty"]).label),
            "name": row["name"],
            "decision": str(SignOff.Decision(row["decision"]).label),
        }
        for row in review.get("given", [])
    ]
    missing = [str(Duty(row["duty"]).label) for row in review.get("missing", [])]
    outcome = str(AgendaItem.Decision(item["decision"]).label) if item["decision"] else _("For information")
    return item | {"outcome": outcome, "review": review and {**review, "given": given, "missing": missing}}
