"""The lists of what people decide together: meetings."""

from django.utils.translation import gettext_lazy as _

from registry import access
from registry.lists.declared import Column, FirstStep, Listed, register
from registry.lists.entries import ID
from registry.lists.filters import by_choice, by_person, by_unit
from registry.models import Meeting

MEETINGS = register(Listed(
    "meetings", Meeting, _("Meetings"), _("Meetings of your units’ boards, and those you are invited to"),
    (
        Column("title", _("Meeting")),
        Column("held_on", _("Day"), draw="moment", sorts=True),
        Column("status", _("Status"), draw="choice"),
        Column("unit", _("Unit"), "unit.name"),
        Column("chair", _("Chair"), "chair.name"),
        Column("secretary", _("Secretary"), "secretary.name"),
        Column("minutes", _("Digest of the minutes"), "minutes_digest", "digest", on_page=False),
        ID,
    ),
    (by_choice("status", _("Status"), Meeting.Status), by_unit(), by_person("person", _("Chair or secretary"), "chair", "secretary")),
    fetched=("unit", "chair", "secretary"),
    order="-held_on",
    nothing=_("No meeting yet"),
    why=_("A meeting has a chair, a secretary, an agenda of open reviews and other items, and minutes that are fixed under a digest. It records what the board holds; sign-offs are still given by each person on the review."),
    step=FirstStep(_("Plan a meeting"), "meeting-new", access.MEETING_HOLD),
))  # fmt: skip
