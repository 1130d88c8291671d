"""Auditors' engagements: who audits which unit until when, with raw data or without, and what they took."""

from functools import partial
from typing import Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access
from registry.actions import people as actions
from registry.forms.people import EngagementForm
from registry.models import AuditEntry, Duty, RoleAssignment, User
from registry.views.paging import page_of

# What an auditor carries away stands in the log; pages that only show are not counted.
TAKEN: Final = ("pack.downloaded", "report.downloaded", "version.file_downloaded", "predictions.downloaded")


def taken(duty: RoleAssignment, *, reader: User) -> QuerySet[AuditEntry]:
    """What the holder of a duty took in its units while it held, as far as the reader may see the log."""
    rows = AuditEntry.objects.visible_to(reader).filter(actor=duty.person, action__in=TAKEN)
    rows = rows.filter(unit__path__startswith=duty.unit.path, ts_utc__gte=duty.created_at)
    return rows.select_related("actor").order_by("-seq")


def engagements(request: HttpRequest) -> HttpResponse:
    """The auditors' duties that the reader may see, the newest first, and the form for one more."""
    return engagements_page(request, EngagementForm(person=request.user))


def engagements_page(request: HttpRequest, form: EngagementForm, status: int = 200) -> HttpResponse:
    """The list with a form that is empty or was refused."""
    rows = RoleAssignment.objects.visible_to(request.user).filter(duty=Duty.AUDITOR)
    context = {
        "title": _("Auditors"),
        "page": page_of(request, rows.select_related("person", "unit", "system", "granted_by"), by="-starts_on"),
        "current": set(rows.current().values_list("pk", flat=True)),
        "form": form if access.is_administrator(request.user) else None,
    }
    return render(request, "registry/engagements.html", context, status=status)


@require_POST
def engagement_add(request: HttpRequest) -> HttpResponse:
    """Let somebody audit a unit until a day."""
    access.require_anywhere(request.user, access.PEOPLE_MANAGE)
    form = EngagementForm(request.POST, person=request.user)
    if form.carry_out(partial(actions.engage_auditor, actor=request.user)):
        messages.success(request, _("Engaged: %s.") % form.result)
        return redirect("engagements")
    return engagements_page(request, form, status=422)
