"""The page on which a report from outside is taken up as an incident."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from registry import access, refusals
from registry.models import RegisterEntry
from risk.actions import outside as actions
from risk.response.forms import TakeUpForm


def report_take_up(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The report of an incident, filled with what was said; sending it ties both together."""
    row = get_object_or_404(RegisterEntry.objects.visible_to(request.user).filter(kind=actions.KIND), pk=pk)
    access.require(request.user, access.INCIDENT_MANAGE, row)
    if actions.MOVE not in [move.name for move in row.of.moves_from(row.status)]:
        raise Http404
    form = TakeUpForm(request.POST or None, report=row, person=request.user)
    if request.method == "POST" and form.carry_out(partial(actions.take_up_report, row, actor=request.user)):
        messages.success(request, _("It is an incident now. Whoever reported it reads that it is taken up."))
        return redirect(form.result)
    context = {
        "form": form, "title": _("Take up as an incident: %s") % row, "submit": _("Take it up"),
        "why": _("What was said stands here already. Say which system it is about and how grave it is."),
        "parent_label": row.of.label, "parent_url": row.of.url, "cancel": row.get_absolute_url(),
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)
