"""The answer to an alarm of monitoring: what was found, and what is done about it."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from rai import actions
from rai.views.checks import found_run
from registry import access
from registry.forms.acts import ReasonForm


def alarm_answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what was found; the tasks of the alarm are done."""
    run = found_run(request.user, pk)
    access.require(request.user, access.CHECK_RUN, run)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.answer_alarm, run, actor=request.user)):
        messages.success(request, _("The alarm is answered. Your words stand in the log."))
        return redirect(run)
    context = {
        "form": form,
        "object": run,
        "consequence": _("The alarm itself stays: the run is listed with its verdict wherever runs are listed."),
        "title": _("Answer the alarm"),
        "submit": _("Answer"),
        "parent_label": str(run),
        "parent_url": run.get_absolute_url(),
        "cancel": run.get_absolute_url(),
    }
    return render(request, "generic/confirm.html", context, status=422 if form.errors else 200)
