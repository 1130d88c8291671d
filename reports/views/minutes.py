"""Minutes of a meeting as PDFs: those that were built, a form for one more, and the file."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from registry import refusals
from registry.models import Meeting
from reports.forms import PackForm
from reports.minutes import may_ask, request_minutes
from reports.models import Minutes
from reports.views.downloads import download

SHOWN = 20


def meeting_minutes(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The files of one meeting's minutes; posted, ask for another."""
    found = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("unit"), pk=pk)
    form = PackForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(request_minutes, found, actor=request.user)):
        messages.success(request, _("The minutes are queued. You may leave this page; they will stand in the list."))
        return redirect("meeting-minutes", pk=found.pk)
    files = Minutes.objects.visible_to(request.user).filter(meeting=found).select_related("blob", "requested_by")
    context = {
        "title": _("Minutes"), "meeting": found, "files": files[:SHOWN], "job": files.first(),
        "form": form if found.minutes_digest and may_ask(request.user, found) else None, "sent": form,
    }  # fmt: skip
    return refusals.answer(request, "reports/pages/minutes.html", context, form)


def minutes_file(request: HttpRequest, pk: UUID) -> FileResponse:
    """The PDF."""
    rows = Minutes.objects.visible_to(request.user).select_related("meeting__unit", "blob")
    found = get_object_or_404(rows, pk=pk)
    return download(request, found, found.blob, ending="pdf")
