"""One meeting: planning it, its page with agenda, attendance and minutes, and what is done to the meeting as a whole."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.actions import meetings, minutes as writing
from registry.forms.acts import ActForm, ReasonForm
from registry.forms.meetings import ApproveForm, InviteForm, ItemForm, MeetingForm, NewMeetingForm, PresenceForm
from registry.meetings import minutes
from registry.models import Meeting, User

Status = Meeting.Status
# Verb: the act, its form, the heading, and what is said when it is done.
VERBS: Final[dict[str, tuple[Any, type[ActForm], Any, Any]]] = {
    "start": (writing.start, ActForm, gettext_lazy("Begin the meeting"), gettext_lazy("The meeting runs.")),
    "close": (writing.close, ActForm, gettext_lazy("Close and fix the minutes"), gettext_lazy("The minutes are fixed.")),
    "approve": (writing.approve, ApproveForm, gettext_lazy("Approve the minutes"), gettext_lazy("The minutes are approved.")),
    "return": (writing.send_back, ReasonForm, gettext_lazy("Send them back"), gettext_lazy("The secretary mends them.")),
}  # fmt: skip


def meeting_new(request: HttpRequest) -> HttpResponse:
    """Plan a meeting."""
    access.require_anywhere(request.user, access.MEETING_HOLD)
    form = NewMeetingForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(meetings.plan_meeting, actor=request.user)):
        messages.success(request, _("Planned. Add items and invite people."))
        return redirect(form.result)
    return form_page(request, form, _("Plan a meeting"), back=reverse("meetings"), parent=_("Meetings"))


def meeting_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the day, the chair or the secretary before it begins."""
    found = fetched(request.user, pk)
    access.require(request.user, access.MEETING_HOLD, found)
    begun = {name: getattr(found, name) for name in ("title", "held_on", "chair", "secretary")}
    form = MeetingForm(request.POST or None, person=request.user, initial=begun)
    if request.method == "POST" and form.carry_out(partial(meetings.edit_meeting, found, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(found)
    return form_page(request, form, _("Edit the meeting"), back=found.get_absolute_url(), parent=str(found))


def form_page(request: HttpRequest, form: ActForm, title: str, *, back: str, parent: str) -> HttpResponse:
    """A form on a page of its own."""
    context = {"form": form, "title": title, "submit": _("Save"), "cancel": back, "parent_label": parent,
               "parent_url": back}  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)


def fetched(person: User, pk: UUID) -> Meeting:
    """The meeting with what its page names, or 404."""
    rows = Meeting.objects.visible_to(person).select_related("unit", "chair", "secretary", "approved_by")
    return get_object_or_404(rows, pk=pk)


def meeting(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Agenda, attendance, minutes, and what the reader may do."""
    return meeting_page(request, fetched(request.user, pk))


def meeting_page(request: HttpRequest, found: Meeting, **sent: ActForm) -> HttpResponse:
    """The page with forms that are empty or were refused; `sent` replace those sent back, by their names."""
    may_write = may_write_in(found, request.user)
    seats = list(minutes.seats_of(found))
    forms = page_forms(found, request.user) if may_write else {}
    context = {
        "object": found,
        "items": minutes.items_of(found),
        "seats": seats,
        "units_present": sorted({str(seat.of_unit) for seat in seats if seat.presence == "present"}),
        "may_write": may_write,
        "is_secretary": found.secretary_id == request.user.pk,
        "acts": [(verb, VERBS[verb][2], sent.get(verb) or act_form(verb, found)) for verb in verbs(found, request.user)],
        **forms, **sent,
        "sent": list(sent.values()),
    }  # fmt: skip
    return refusals.marked(render(request, "registry/meetings/meeting.html", context), *sent.values())


def page_forms(found: Meeting, person: User) -> dict[str, ActForm]:
    """The forms of who may write in it now."""
    return {
        "item_form": ItemForm(meeting=found, person=person, auto_id="item_%s"),
        "invite_form": InviteForm(meeting=found, person=person, auto_id="invite_%s"),
        "presence_form": PresenceForm(meeting=found),
    }


def act_form(verb: str, found: Meeting) -> ActForm:
    """The empty form of an act; an approval carries the digest of what is shown."""
    initial = {"seen_digest": found.minutes_digest} if verb == "approve" else {}
    return VERBS[verb][1](auto_id=f"{verb}_%s", initial=initial)


def may_write_in(found: Meeting, person: User) -> bool:
    """Agenda and attendance are open to the person now."""
    if not found.is_open or not access.allowed(person, access.MEETING_HOLD, found):
        return False
    return found.status == Status.PLANNED or found.secretary_id == person.pk


def verbs(found: Meeting, person: User) -> list[str]:
    """What this person may do to the meeting now."""
    if found.status == Status.CLOSED:
        return ["approve", "return"] if writing.may_approve(found, person) else []
    if found.secretary_id != person.pk or not may_write_in(found, person):
        return []
    return {Status.PLANNED: ["start"], Status.RUNNING: ["close"]}.get(found.status, [])  # type: ignore[call-overload]


@require_POST
def meeting_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Begin, close, approve or send back."""
    found = fetched(request.user, pk)
    act, form_class, _title, said = VERBS[verb]
    form = form_class(request.POST, auto_id=f"{verb}_%s")
    if form.carry_out(partial(act, found, actor=request.user)):
        messages.success(request, str(said))
        first = minutes.items_of(found)[0] if verb == "start" else None
        return redirect(first or found)
    return meeting_page(request, fetched(request.user, pk), **{verb: form})


@require_POST
def meeting_item_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One more item on the agenda."""
    found = fetched(request.user, pk)
    form = ItemForm(request.POST, meeting=found, person=request.user, auto_id="item_%s")
    if form.carry_out(partial(meetings.add_item, found, actor=request.user)):
        messages.success(request, _("On the agenda: %s.") % form.result)
        return redirect(found)
    return meeting_page(request, found, item_form=form)


@require_POST
def meeting_invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One more person."""
    found = fetched(request.user, pk)
    form = InviteForm(request.POST, meeting=found, person=request.user, auto_id="invite_%s")
    if form.carry_out(partial(meetings.invite, found, actor=request.user)):
        messages.success(request, _("Invited: %s.") % form.result)
        return redirect(found)
    return meeting_page(request, found, invite_form=form)


@require_POST
def meeting_presence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who was there."""
    found = fetched(request.user, pk)
    form = PresenceForm(request.POST, meeting=found)
    if form.carry_out(partial(meetings.note_presence, found, actor=request.user)):
        messages.success(request, _("Written down."))
        return redirect(found)
    return meeting_page(request, found, presence_form=form)
