"""Intake: the questionnaire by which a use of AI enters the inventory, and uses that were found outside of it."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from registry import access, duplicates, refusals
from registry.actions import intake as actions
from registry.forms.acts import ReasonForm
from registry.forms.systems import IntakeForm, NoteForm
from registry.intake import questionnaire
from registry.models import FoundUse
from registry.views.paging import page_of


def intake(request: HttpRequest) -> HttpResponse:
    """Propose a use of AI; likely duplicates are shown before anything is stored."""
    access.require_anywhere(request.user, access.MODEL_CREATE)
    found = found_use_of(request)
    form = IntakeForm(request.POST or None, person=request.user, initial=begun(request, found))
    if request.method == "POST" and form.carry_out(partial(actions.take_in, actor=request.user, found=found)):
        messages.success(request, _("%s is in the inventory, in the stage of intake.") % form.result)
        return redirect(form.result)
    alike = alike_of(form, request)
    if not alike:
        del form.fields["is_none_of_these"]
    context = {
        "form": form, "alike": alike, "found": found, "questionnaire": questionnaire(), "submit": _("Propose"),
        "cancel": reverse("found-uses" if found else "systems"),
    }  # fmt: skip
    return refusals.answer(request, "registry/intake.html", context, form)


def found_use_of(request: HttpRequest) -> FoundUse | None:
    """The open finding that the intake is about, where the address names one that the person may see."""
    given = request.GET.get("found", "")
    try:
        return FoundUse.objects.visible_to(request.user).filter(pk=UUID(given), status=FoundUse.Status.OPEN).first()
    except ValueError:
        return None


def begun(request: HttpRequest, found: FoundUse | None) -> dict[str, Any]:
    """What stands in the form at first."""
    told = {"name": found.name, "purpose": found.note, "unit": found.unit_id} if found else {}
    return {"business_owner": request.user.pk} | told


def alike_of(form: IntakeForm, request: HttpRequest) -> list[duplicates.Likely]:
    """The systems that look like the proposed one, once name and purpose were sent."""
    if not form.is_bound:
        return []
    name, purpose = str(form.data.get("name", "")), str(form.data.get("purpose", ""))
    return duplicates.likely(name[:160], purpose, person=request.user)


def found_uses(request: HttpRequest) -> HttpResponse:
    """Uses of AI found outside the inventory, and the form to note more."""
    may_note = access.may_anywhere(request.user, access.MODEL_CREATE)
    if request.method == "POST":
        access.require_anywhere(request.user, access.MODEL_CREATE)
    form = NoteForm(request.POST or None, person=request.user) if may_note else None
    if request.method == "POST" and form and form.carry_out(partial(actions.note_uses, actor=request.user)):
        messages.success(request, _("Noted: %d.") % len(form.result))
        return redirect("found-uses")
    shown = "settled" if request.GET.get("show") == "closed" else "open"
    rows = FoundUse.objects.visible_to(request.user).select_related("unit", "found_by", "decided_by", "system")
    is_open = {"status": FoundUse.Status.OPEN}
    rows = rows.filter(**is_open) if shown == "open" else rows.exclude(**is_open)
    context = {
        "title": _("Found outside the inventory"), "page": page_of(request, rows, by="-created_at"), "shown": shown,
        "form": form,
    }  # fmt: skip
    return refusals.answer(request, "registry/found_uses.html", context, *([form] if form else []))


def found_use_dismiss(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say why what was found is no use of AI to be listed."""
    found = get_object_or_404(FoundUse.objects.visible_to(request.user).select_related("unit"), pk=pk)
    access.require(request.user, access.MODEL_ASSIGN_OWNER, found)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.dismiss, found, actor=request.user)):
        messages.success(request, _("Dismissed."))
        return redirect("found-uses")
    context = {
        "form": form, "title": _("Dismiss “%s”") % found, "submit": _("Dismiss"), "cancel": found.get_absolute_url(),
        "why": _("For example because no AI is in it, or because it is listed under another name."),
        "parent_label": _("Found outside the inventory"), "parent_url": found.get_absolute_url(), "danger": True,
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)
