"""Vendors: one with its agreements, components and assessment, and the acts open to the reader."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.actions import vendors as actions
from registry.forms.supply import VENDOR_FIELDS, ApproveVendorForm, NewVendorForm, VendorForm
from registry.models import Agreement, User, Vendor
from registry.supply.dependants import systems_on
from registry.views.supply.acts import Verb, done, offered

VERBS: Final = {
    "approve": Verb(
        actions.approve_vendor, gettext_lazy("Approve the vendor"), gettext_lazy("The vendor is approved."),
        ApproveVendorForm,
    ),
    "suspend": Verb(
        actions.suspend_vendor, gettext_lazy("Suspend the vendor"),
        gettext_lazy("The vendor is suspended; releases that use its components are closed."), danger=True,
    ),
    "exit": Verb(
        actions.exit_vendor, gettext_lazy("Part from the vendor"), gettext_lazy("The vendor is parted from."),
        danger=True,
    ),
}  # fmt: skip
OPEN: Final = {
    Vendor.Status.PROPOSED: ["approve", "exit"],
    Vendor.Status.APPROVED: ["suspend", "exit"],
    Vendor.Status.CONDITIONAL: ["suspend", "exit"],
    Vendor.Status.SUSPENDED: ["approve", "exit"],
    Vendor.Status.EXITED: ["approve"],
}
TEMPLATE: Final = "registry/supply/vendor.html"


def fetched(person: User, pk: UUID) -> Vendor:
    """The vendor, or 404."""
    rows = Vendor.objects.visible_to(person).select_related("unit", "owner", "proposed_by")
    return get_object_or_404(rows, pk=pk)


def vendor(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One vendor."""
    return render(request, TEMPLATE, page_context(fetched(request.user, pk), request.user))


def page_context(found: Vendor, person: User, **sent: Any) -> dict[str, Any]:
    """What the page shows; contacts and agreements only to those who read assessments or answer for the vendor."""
    agreements = Agreement.objects.visible_to(person).filter(vendor=found)
    decides = access.allowed(person, access.CATALOGUE_DECIDE, found)
    return {
        "object": found,
        "agreements": agreements.select_related("vendor", "reviewed_by"),
        "components": found.components.visible_to(person).order_by("name", "version"),
        "systems": systems_on(found, person),
        "reads_details": Vendor.objects.read_in_full_by(person).filter(pk=found.pk).exists(),
        "may_edit": access.allowed(person, access.CATALOGUE_EDIT, found),
        "acts": offered(VERBS, OPEN[Vendor.Status(found.status)], found, "vendor", **sent) if decides else [],
    }


def vendor_new(request: HttpRequest) -> HttpResponse:
    """Enter a vendor."""
    access.require_anywhere(request.user, access.MODEL_CREATE)
    form = NewVendorForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(actions.propose_vendor, actor=request.user)):
        messages.success(request, _("%s is entered. Next it is assessed, and somebody else approves it.") % form.result)
        return redirect(form.result)
    why = _("A vendor is assessed before anything of it is used. Its agreements are filed on its page.")
    context = {"form": form, "title": _("Enter a vendor"), "submit": _("Enter"), "why": why}
    return refusals.answer(request, "generic/form.html", context | above(), form)


def vendor_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a vendor."""
    found = fetched(request.user, pk)
    access.require(request.user, access.CATALOGUE_EDIT, found)
    form = VendorForm(request.POST or None, person=request.user, initial=model_to_dict(found, VENDOR_FIELDS))
    if request.method == "POST" and form.carry_out(partial(actions.edit_vendor, found, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(found)
    context = {"form": form, "title": _("Edit %s") % found, "submit": _("Save"), "cancel": found.get_absolute_url()}
    return refusals.answer(request, "generic/form.html", above() | context, form)


def above() -> dict[str, Any]:
    """The way back."""
    return {"parent_label": _("Vendors"), "parent_url": reverse("vendors"), "cancel": reverse("vendors")}


@require_POST
def vendor_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Approve, suspend or part from a vendor."""
    found = fetched(request.user, pk)
    access.require(request.user, access.CATALOGUE_DECIDE, found)
    return done(request, found, VERBS[verb], verb, template=TEMPLATE, context=page_context)
