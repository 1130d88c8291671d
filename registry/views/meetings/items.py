"""One agenda item a page, as the board goes through them, and the small acts on items and seats."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import refusals
from registry.actions import meetings, minutes as writing
from registry.decision import facts
from registry.decision.panels import Dossier
from registry.forms.meetings import OutcomeForm
from registry.meetings import minutes
from registry.models import AgendaItem, Attendance, Meeting, Review, User


def fetched(person: User, pk: UUID) -> AgendaItem:
    """The item with its meeting and review, or 404."""
    rows = AgendaItem.objects.visible_to(person).select_related(
        "meeting__unit", "meeting__chair", "meeting__secretary", "review__release__version__model__system__unit",
        "review__release__system__unit",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def agenda_item(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is asked, the decision's summary, who has signed, and the outcome."""
    return item_page(request, fetched(request.user, pk))


def item_page(request: HttpRequest, found: AgendaItem, form: OutcomeForm | None = None) -> HttpResponse:
    """The page with the secretary's form while the meeting runs."""
    items = minutes.items_of(found.meeting)
    place = next((at for at, each in enumerate(items) if each.pk == found.pk), None)
    runs = found.meeting.status == Meeting.Status.RUNNING and found.meeting.secretary_id == request.user.pk
    context: dict[str, Any] = {
        "object": found,
        "meeting": found.meeting,
        "number": None if place is None else place + 1,
        "count": len(items),
        "before": items[place - 1] if place else None,
        "after": items[place + 1] if place is not None and place + 1 < len(items) else None,
        "form": (form or OutcomeForm(item=found)) if runs and place is not None else None,
        "refused": form,
        **review_context(found, request.user),
    }
    page = render(request, "registry/meetings/item.html", context)
    return refusals.marked(page, form) if form else page


def review_context(found: AgendaItem, reader: User) -> dict[str, Any]:
    """The question of the item's review and its sign-offs, for those who may see the review."""
    if found.review is None or not Review.objects.visible_to(reader).filter(pk=found.review.pk).exists():
        return {"review": None}
    given, missing = minutes.sign_offs(found)
    since = [slot for slot in given if found.decided_at and slot.decided_at and slot.decided_at > found.decided_at]
    return {
        "review": found.review,
        "question": facts.question(Dossier(found.review)),
        "given": [slot for slot in given if slot not in since],
        "since": since,
        "missing": missing,
    }


@require_POST
def agenda_item_record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write the outcome down and go on to the next item."""
    found = fetched(request.user, pk)
    form = OutcomeForm(request.POST, item=found)
    if form.carry_out(partial(writing.record_outcome, found, actor=request.user)):
        messages.success(request, _("Recorded: %s.") % found)
        later = [each for each in minutes.items_of(found.meeting) if not each.is_dealt_with]
        return redirect(later[0] if later else found.meeting)
    return item_page(request, fetched(request.user, pk), form)


@require_POST
def agenda_item_move(request: HttpRequest, pk: UUID, direction: str) -> HttpResponse:
    """One place up or down."""
    found = fetched(request.user, pk)
    meetings.move_item(found, direction=direction, actor=request.user)
    return redirect(found.meeting)


@require_POST
def agenda_item_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Off the agenda."""
    found = fetched(request.user, pk)
    meetings.remove_item(found, actor=request.user)
    messages.success(request, _("Taken off the agenda: %s.") % found)
    return redirect(found.meeting)


@require_POST
def attendance_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Not invited any more."""
    rows = Attendance.objects.visible_to(request.user).select_related("meeting__unit", "person")
    found = get_object_or_404(rows, pk=pk)
    meetings.uninvite(found, actor=request.user)
    messages.success(request, _("%s is not invited any more.") % found.person)
    return redirect(found.meeting)
