"""Schedules of reports, and the letterhead of the organisation's documents."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from registry import access, refusals
from registry.forms.acts import ReasonForm
from registry.models import BusinessUnit, User
from registry.views.paging import page_of
from reports import letterhead as heads, schedules
from reports.forms import LetterheadForm, ScheduleForm
from reports.models import Letterhead, ReportSchedule


def report_schedules(request: HttpRequest) -> HttpResponse:
    """The schedules that the reader may see, and a form for one more."""
    form = ScheduleForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(set_from_form, request.user)):
        messages.success(request, _("It is made on %s for the first time.") % form.result.next_on)
        return redirect("report-schedules")
    rows = ReportSchedule.objects.visible_to(request.user).in_force().select_related("system", "of_unit", "owner")
    context = {
        "title": _("Reports by schedule"),
        "page": page_of(request, rows, by="next_on"),
        "form": form,
        "may_request": bool(form.systems or form.units),
        "person": request.user,
    }
    return refusals.answer(request, "reports/pages/schedules.html", context, form)


def set_from_form(actor: User, *, about: Any, **fields: Any) -> ReportSchedule:
    """What the schedule is about, as the action takes it."""
    return schedules.set_schedule(about, actor=actor, **fields)


def report_schedule_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a schedule."""
    row = get_object_or_404(
        ReportSchedule.objects.visible_to(request.user).select_related("system__unit", "of_unit"), pk=pk
    )
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(schedules.end_schedule, row, actor=request.user)):
        messages.success(request, _("It is made no more."))
        return redirect("report-schedules")
    context = form_page(_("End the schedule of %s") % (row.system or row.of_unit), _("End it"), "report-schedules")
    why = _("Nothing is made by it any more; what was made stays.")
    return refusals.answer(request, "generic/form.html", context | {"form": form, "why": why}, form)


def letterhead(request: HttpRequest) -> HttpResponse:
    """How documents look from now on; administrators alone."""
    access.require(request.user, access.SETTINGS_CHANGE, BusinessUnit.objects.get(parent=None))
    row = Letterhead.objects.first()
    known = {"colour": row.colour, "cover_text": row.cover_text} if row else {}
    form = LetterheadForm(request.POST or None, request.FILES or None, initial=known)
    if request.method == "POST" and form.carry_out(partial(heads.set_letterhead, actor=request.user)):
        messages.success(request, _("Documents that are built from now on look like this."))
        return redirect("letterhead")
    why = _("Logo, colour and words of reports and board packs. What is built already stays as it is.")
    context = form_page(_("Letterhead"), _("Save"), "reports") | {"form": form, "why": why}
    return refusals.answer(request, "generic/form.html", context, form)


def form_page(title: str, submit: str, parent: str) -> dict[str, str]:
    """What the generic page of a form says beside the form: it leads back to its parent."""
    address = reverse(parent)
    labels = {"reports": _("Reports"), "report-schedules": _("Reports by schedule")}
    return {"title": title, "submit": submit, "parent_label": labels[parent], "parent_url": address, "cancel": address}
