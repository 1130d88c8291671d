"""The page of a use: what ends and when, read and acknowledged by whoever answers for the use."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.actions import consumers as actions
from registry.forms.retirement import AnswerForm
from registry.models import Consumer, ModelVersion, User


def fetched(person: User, pk: UUID) -> Consumer:
    """The use as this person may see it, or 404."""
    rows = Consumer.objects.visible_to(person).select_related(
        "version__model__system__unit", "version__successor__model", "person", "of_unit", "system__business_owner",
        "acknowledged_by",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def consumer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What ends, when, what takes its place, and the form to acknowledge it."""
    return page(request, fetched(request.user, pk), AnswerForm())


def page(request: HttpRequest, found: Consumer, form: AnswerForm) -> HttpResponse:
    """The page with a form that is empty or was refused."""
    answers, uses = found.is_answered_by(request.user), found.ended_at is None
    seen = ModelVersion.objects.visible_to(request.user).filter(pk=found.version_id).exists()
    context = {
        "object": found, "version": found.version, "may_see_version": seen,
        "form": form if answers and uses and found.version.retirement_date else None,
        "may_end": uses and (answers or access.allowed(request.user, access.MODEL_RETIRE_REQUEST, found.version)),
    }  # fmt: skip
    return refusals.answer(request, "registry/consumer.html", context, form)


@require_POST
def consumer_acknowledge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Acknowledge the end."""
    found, form = fetched(request.user, pk), AnswerForm(request.POST)
    if form.carry_out(partial(actions.acknowledge_end, found, actor=request.user)):
        messages.success(request, _("Thank you. The owners see your answer."))
        return redirect(found)
    return page(request, found, form)


@require_POST
def consumer_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that it is used no more."""
    found = fetched(request.user, pk)
    actions.end_use(found, actor=request.user)
    messages.success(request, _("Noted: %s uses it no more.") % found.name)
    return redirect(found)
