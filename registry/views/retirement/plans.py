"""The retirement of one version: dates and successor, plan, checklist, who uses it, and what was told when."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.actions import consumers as consumer_actions, inventory, retirement
from registry.forms.acts import ReasonForm
from registry.forms.retirement import ConsumerForm, EndDatesForm, LineForm, PlanForm
from registry.models import ModelVersion, PlanItem, VendorEndMatch, VersionStatus
from registry.retirement import readiness
from registry.retirement.rules import rules
from registry.views.versions import fetched


def version_retirement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How and when the version ends, and what is still to be done before."""
    found = fetched(request.user, pk)
    return render(request, "registry/version_retirement.html", page_context(found, request.user))


def page_context(found: ModelVersion, person: Any, dates_form: EndDatesForm | None = None) -> dict[str, Any]:
    """What the page shows to this person."""
    is_open = found.status != VersionStatus.RETIRED
    may_date = is_open and access.allowed(person, access.MODEL_EDIT, found)
    uses = found.consumers.standing().select_related("person", "of_unit", "system__business_owner", "acknowledged_by")
    return {
        "version": found,
        "plan": readiness.plan_of(found),
        "lines": readiness.checklist(found),
        "uses": uses.select_related("version"),
        "notices": found.retirement_notices.order_by("-created_at"),
        "vendor_ends": VendorEndMatch.objects.filter(version=found).select_related("end"),
        "reminders": rules().reminders,
        "plan_by": rules().plan_by,
        "may_plan": is_open and access.allowed(person, access.MODEL_RETIRE_REQUEST, found),
        "dates_form": (dates_form or EndDatesForm(version=found)) if may_date else None,
    }


@require_POST
def version_end_dates(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set the dates and the successor."""
    found = fetched(request.user, pk)
    form = EndDatesForm(request.POST, version=found)
    if form.carry_out(partial(inventory.edit_version, found, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect("version-retirement", pk=found.pk)
    context = page_context(fetched(request.user, pk), request.user, form)
    return refusals.answer(request, "registry/version_retirement.html", context, form)


def form_page(request: HttpRequest, found: ModelVersion, form: Any, title: str, **more: Any) -> HttpResponse:
    """A form of the version's retirement on a page of its own."""
    back = found_page(found)
    context = {"form": form, "title": title, "submit": _("Save"), "parent_label": str(found), "parent_url": back,
               "cancel": back, **more}  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)


def found_page(found: ModelVersion) -> str:
    """The address of the retirement of a version."""
    return reverse("version-retirement", args=[found.pk])


def version_plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write the plan, or write it anew."""
    found = fetched(request.user, pk)
    access.require(request.user, access.MODEL_RETIRE_REQUEST, found)
    form = PlanForm(request.POST or None, plan=readiness.plan_of(found))
    if request.method == "POST" and form.carry_out(partial(retirement.write_plan, found, actor=request.user)):
        messages.success(request, _("The plan is written. The checklist waits below it."))
        return redirect(found_page(found))
    why = _("It is needed before the last reminder, and nothing is retired without it.")
    return form_page(request, found, form, _("Plan the retirement of %s") % found, why=why)


def version_line(request: HttpRequest, pk: UUID, line: str) -> HttpResponse:
    """One line of the checklist: say what shows it, sign it off or send it back."""
    found = fetched(request.user, pk)
    access.require(request.user, access.MODEL_RETIRE_REQUEST, found)
    standing = next((each for each in readiness.checklist(found) if each.line.id == line), None)
    if standing is None:
        raise Http404
    form = LineForm(request.POST or None, initial={"evidence": standing.item.evidence if standing.item else ""})
    if request.method == "POST" and form.carry_out(partial(retirement.do_line, found, key=line, actor=request.user)):
        messages.success(request, _("Written down. Another person signs it off."))
        return redirect(found_page(found))
    return line_page(request, found, standing, form)


def line_page(
    request: HttpRequest, found: ModelVersion, standing: readiness.Standing, form: Any, back: Any = None
) -> HttpResponse:
    """The page of a line with the forms open to this person."""
    item = standing.item
    context = {
        "version": found, "standing": standing, "form": form, "plan": readiness.plan_of(found),
        "may_sign": standing.waits_for_signature and item is not None and item.done_by_id != request.user.pk,
        "back_form": back or ReasonForm(auto_id="back_%s"),
    }  # fmt: skip
    return refusals.answer(request, "registry/retirement_line.html", context, form, *([back] if back else []))


def item_of(found: ModelVersion, line: str) -> PlanItem:
    """What somebody did for a line, or 404."""
    return get_object_or_404(PlanItem.objects.select_related("plan__version"), plan__version=found, key=line)


@require_POST
def version_line_sign(request: HttpRequest, pk: UUID, line: str) -> HttpResponse:
    """Sign off what another person did."""
    found = fetched(request.user, pk)
    access.require(request.user, access.MODEL_RETIRE_REQUEST, found)
    retirement.sign_line(item_of(found, line), actor=request.user)
    messages.success(request, _("Signed off."))
    return redirect(found_page(found))


@require_POST
def version_line_back(request: HttpRequest, pk: UUID, line: str) -> HttpResponse:
    """Send a line back with what is missing."""
    found = fetched(request.user, pk)
    access.require(request.user, access.MODEL_RETIRE_REQUEST, found)
    item, form = item_of(found, line), ReasonForm(request.POST, auto_id="back_%s")
    if form.carry_out(partial(retirement.send_line_back, item, actor=request.user)):
        messages.success(request, _("Sent back."))
        return redirect(found_page(found))
    standing = next(each for each in readiness.checklist(found) if each.line.id == line)
    return line_page(request, found, standing, LineForm(initial={"evidence": item.evidence}), form)


def version_consumer_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter somebody who uses the version."""
    found = fetched(request.user, pk)
    form = ConsumerForm(request.POST or None, viewer=request.user, initial={"person": request.user.pk})
    if request.method == "POST" and form.carry_out(
        partial(consumer_actions.register_consumer, found, actor=request.user)
    ):
        messages.success(request, _("Entered. They are told when the version ends."))
        return redirect(found_page(found))
    why = _("Whoever uses a version is told of its end, and acknowledges it. Systems with a release of it are known.")
    return form_page(request, found, form, _("Who uses %s") % found, why=why)
