"""One duty of one person: its page, and a second person's yes or no to a powerful one."""

from functools import partial
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access
from registry.actions import people as actions
from registry.forms.acts import ActForm, ReasonForm
from registry.models import AuditEntry, Duty, RoleAssignment, User
from registry.views.engagements import taken

SHOWN: Final = 50


def fetched(person: User, pk: UUID) -> RoleAssignment:
    """The duty with what its page names, or 404."""
    rows = RoleAssignment.objects.visible_to(person)
    return get_object_or_404(rows.select_related("person", "unit", "system", "granted_by", "confirmed_by"), pk=pk)


def duty(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who holds what, where and for how long, who agreed, and what the reader may do about it."""
    return duty_page(request, fetched(request.user, pk))


def duty_page(request: HttpRequest, found: RoleAssignment, status: int = 200, **forms: ActForm) -> HttpResponse:
    """The page with forms that are empty or were refused."""
    here = RoleAssignment.objects.filter(pk=found.pk)
    declined = AuditEntry.objects.filter(object_id=found.pk, action="duty.declined").select_related("actor").first()
    context = {
        "object": found,
        "holds": here.current().exists(),
        "waits": here.waiting().exists(),
        "declined": declined,
        "namesakes": User.objects.filter(name__iexact=found.person.name).exclude(pk=found.person_id),
        "taken": taken(found, reader=request.user)[:SHOWN] if found.duty == Duty.AUDITOR else None,
        "may_confirm": here.to_confirm(request.user).exists(),
        "may_end": access.is_administrator(request.user) and found.person != request.user,
        "confirm_form": ActForm(),
        "decline_form": ReasonForm(),
        **forms,
    }
    return render(request, "registry/duty.html", context, status=status)


@require_POST
def duty_confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Agree that somebody approves, publishes or administers."""
    found, form = fetched(request.user, pk), ActForm(request.POST)
    if form.carry_out(partial(actions.confirm_duty, found, actor=request.user)):
        messages.success(request, _("Confirmed: %s. It holds from now on.") % found)
        return redirect(found)
    return duty_page(request, fetched(request.user, pk), status=422, confirm_form=form)


@require_POST
def duty_decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Refuse that somebody gets the duty, with the reason."""
    found, form = fetched(request.user, pk), ReasonForm(request.POST)
    if form.carry_out(partial(actions.decline_duty, found, actor=request.user)):
        messages.success(request, _("Declined: %s. It never held.") % found)
        return redirect(found)
    return duty_page(request, fetched(request.user, pk), status=422, decline_form=form)


@require_POST
def duty_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a duty."""
    found = fetched(request.user, pk)
    actions.end_duty(found, actor=request.user)
    messages.success(request, _("Ended: %s.") % found)
    return redirect(found.person)
