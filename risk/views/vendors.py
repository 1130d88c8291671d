"""Assessments of vendors: those of one vendor, the questionnaire on one page, its result and the decision."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.errors import BadInput, DomainError
from registry.models import User, Vendor
from risk import actions, questionnaires
from risk.models import VendorAssessment
from risk.questionnaires import BLANK
from risk.reading import Said
from risk.vendor_forms import DecideForm, StartForm, WholeForm


def vendor_of(person: User, pk: UUID) -> Vendor:
    """A vendor that the person may read in full, or 404."""
    rows = Vendor.objects.visible_to(person) & Vendor.objects.read_in_full_by(person)
    return get_object_or_404(rows.select_related("unit", "owner"), pk=pk)


def fetched(person: User, pk: UUID) -> VendorAssessment:
    """The assessment, or 404."""
    rows = VendorAssessment.objects.visible_to(person)
    rows = rows.select_related("vendor__unit", "vendor__owner", "filled_by", "decided_by")
    return get_object_or_404(rows, pk=pk)


def vendor_assessments(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The assessments of a vendor, the newest first."""
    vendor = vendor_of(request.user, pk)
    rows = VendorAssessment.objects.visible_to(request.user).filter(vendor=vendor)
    context = {"vendor": vendor, "rows": rows.select_related("filled_by", "decided_by")}
    return render(request, "risk/vendor_assessments.html", context)


def vendor_assess(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin an assessment, or go on with the one that is open."""
    vendor = vendor_of(request.user, pk)
    access.require(request.user, access.CATALOGUE_EDIT, vendor)
    rows = VendorAssessment.objects.visible_to(request.user).filter(vendor=vendor)
    begun = rows.exclude(status=VendorAssessment.Status.DECIDED).first()
    if begun is not None:
        return redirect(begun)
    form = StartForm(request.POST or None)
    act = partial(actions.start_vendor_assessment, vendor, actor=request.user)
    if request.method == "POST" and form.carry_out(act):
        return redirect("vendor-assessment-answers", pk=form.result.pk)
    return refusals.answer(request, "generic/form.html", {
        "form": form, "title": _("Assess %s") % vendor, "submit": _("Begin"),
        "why": _("Some twenty questions on data, terms, leaks, weaknesses and practice. You may stop and go on later."),
        "parent_label": vendor.name, "parent_url": vendor.get_absolute_url(), "cancel": vendor.get_absolute_url(),
    }, form)  # fmt: skip


def vendor_assessment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One assessment: the answers, the score, and the acts open to the reader."""
    return render(request, "risk/vendor_assessment.html", page_context(fetched(request.user, pk), request.user))


def page_context(found: VendorAssessment, person: User, form: DecideForm | None = None) -> dict[str, Any]:
    """What the page shows."""
    replies = found.replies()
    decides = access.allowed(person, access.CATALOGUE_DECIDE, found.vendor)
    edits = access.allowed(person, access.CATALOGUE_EDIT, found.vendor) and found.is_open
    is_waiting = found.status == VendorAssessment.Status.IN_REVIEW
    return {
        "object": found,
        "sections": [
            (part.title, [Said(one, replies.get(one.id, BLANK), True) for one in part.questions])
            for part in found.form.sections
        ],
        "gaps": questionnaires.gaps(found.form, replies),
        "may_edit": edits,
        "may_submit": edits and found.status == VendorAssessment.Status.DRAFT,
        "form": (form or DecideForm()) if decides and is_waiting else None,
    }


def vendor_assessment_answers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fill the questionnaire; it may be kept half filled."""
    found = fetched(request.user, pk)
    access.require(request.user, access.CATALOGUE_EDIT, found.vendor)
    form = WholeForm(request.POST or None, assessment=found)
    if request.method == "POST" and kept(found, form, request):
        messages.success(request, _("Saved."))
        return redirect(found)
    context = {"object": found, "form": form}
    return refusals.answer(request, "risk/vendor_assessment_answers.html", context, form)


def kept(found: VendorAssessment, form: WholeForm, request: HttpRequest) -> bool:
    """Keep what was typed; False when it was refused, with the sentence at its question."""
    if not form.is_valid():
        return False
    try:
        actions.answer_vendor_assessment(found, answers=form.replies(), actor=request.user)
    except BadInput as refusal:
        form.take_refusal(refusal)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
    return not form.errors


@require_POST
def vendor_assessment_submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put it before a risk officer."""
    found = fetched(request.user, pk)
    try:
        actions.submit_vendor_assessment(found, actor=request.user)
    except DomainError as refusal:
        context = page_context(found, request.user) | {"refusal": str(refusal)}
        return render(request, "risk/vendor_assessment.html", context, status=422)
    messages.success(request, _("Submitted. A risk officer who did not fill it decides on it."))
    return redirect(found)


@require_POST
def vendor_assessment_decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept, accept with conditions or reject."""
    found = fetched(request.user, pk)
    access.require(request.user, access.CATALOGUE_DECIDE, found.vendor)
    form = DecideForm(request.POST)
    if form.carry_out(partial(actions.decide_vendor_assessment, found, actor=request.user)):
        messages.success(request, _("Decided. The vendor's entry shows the result."))
        return redirect(found)
    context = page_context(found, request.user, form)
    context |= {} if context["form"] else {"refusal": " ".join(form.non_field_errors())}
    return render(request, "risk/vendor_assessment.html", context, status=422)
