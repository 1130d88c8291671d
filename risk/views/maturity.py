"""Maturity of units: the list, one assessment with its radar and table, its questions on one page, and its confirmation."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.errors import BadInput, DomainError
from registry.forms.acts import ReasonForm
from registry.models import User
from registry.views.paging import page_of
from risk import maturity as shown, questionnaires
from risk.actions import maturity as actions
from risk.models import MaturityAssessment
from risk.vendor_forms import UnitForm, WholeForm

COMPARED = 3


def fetched(person: User, pk: UUID) -> MaturityAssessment:
    """The assessment, or 404."""
    rows = MaturityAssessment.objects.visible_to(person).select_related("unit", "filled_by", "confirmed_by")
    return get_object_or_404(rows, pk=pk)


def maturity_assessments(request: HttpRequest) -> HttpResponse:
    """Those of the reader's units, the newest first."""
    rows = MaturityAssessment.objects.visible_to(request.user).select_related("unit", "filled_by", "confirmed_by")
    context = {
        "title": _("Maturity"), "page": page_of(request, rows, by="-created_at"),
        "may_start": access.may_anywhere(request.user, access.RISK_EDIT),
    }  # fmt: skip
    return render(request, "risk/maturity_assessments.html", context)


def maturity_new(request: HttpRequest) -> HttpResponse:
    """Choose the unit, and begin."""
    access.require_anywhere(request.user, access.RISK_EDIT)
    form = UnitForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(actions.start_maturity, actor=request.user)):
        return redirect("maturity-answers", pk=form.result.pk)
    context = {
        "form": form, "title": _("Assess the maturity of a unit"), "submit": _("Begin"),
        "parent_label": _("Maturity"), "parent_url": reverse("maturity-assessments"),
        "why": _("Two questions for each perspective, and one on the stage of adoption. Somebody else confirms it."),
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)


def maturity_assessment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One assessment beside the confirmed ones before it."""
    return render(request, "risk/maturity_assessment.html", page_context(fetched(request.user, pk), request.user))


def page_context(found: MaturityAssessment, person: User, form: ReasonForm | None = None) -> dict[str, Any]:
    """What the page shows."""
    earlier = MaturityAssessment.objects.visible_to(person).confirmed().filter(unit=found.unit)
    rows = [found, *earlier.filter(created_at__lt=found.created_at)[: COMPARED - 1]]
    confirms = found.is_open and access.allowed(person, access.RISK_ACCEPT, found)
    return {
        "object": found,
        "radar": shown.radar(rows),
        "days": [shown.dated(row) for row in rows],
        "gaps": questionnaires.gaps(found.form, found.replies()),
        "may_edit": found.is_open and access.allowed(person, access.RISK_EDIT, found),
        "form": (form or ReasonForm()) if confirms else None,
    }


def maturity_answers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fill the questionnaire; it may be kept half filled."""
    found = fetched(request.user, pk)
    access.require(request.user, access.RISK_EDIT, found)
    form = WholeForm(request.POST or None, assessment=found)
    if request.method == "POST" and kept(found, form, request):
        messages.success(request, _("Saved."))
        return redirect(found)
    context = {"object": found, "form": form}
    return refusals.answer(request, "risk/maturity_answers.html", context, form)


def kept(found: MaturityAssessment, form: WholeForm, request: HttpRequest) -> bool:
    """Keep what was typed; False when it was refused, with the sentence at its question."""
    if not form.is_valid():
        return False
    try:
        actions.answer_maturity(found, answers=form.replies(), actor=request.user)
    except BadInput as refusal:
        form.take_refusal(refusal)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
    return not form.errors


@require_POST
def maturity_confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that it is so."""
    found = fetched(request.user, pk)
    form = ReasonForm(request.POST)
    if form.carry_out(partial(actions.confirm_maturity, found, actor=request.user)):
        messages.success(request, _("Confirmed. Later assessments are compared with it."))
        return redirect(found)
    context = page_context(found, request.user, form)
    context |= {} if context["form"] else {"refusal": " ".join(form.non_field_errors())}
    return render(request, "risk/maturity_assessment.html", context, status=422)
