"""Agreements with vendors: what is filed, who read it when, and when it is read again."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.actions import vendors as actions
from registry.forms.supply import AGREEMENT_FIELDS, AgreementForm, ReadForm
from registry.models import Agreement, User
from registry.views.supply import vendors
from registry.views.supply.acts import Verb, done, offered

VERBS: Final = {
    "read": Verb(
        actions.read_terms, gettext_lazy("I have read these terms"), gettext_lazy("Kept: the terms are read."), ReadForm
    ),
    "end": Verb(
        actions.end_agreement, gettext_lazy("End the agreement"), gettext_lazy("The agreement is ended."), danger=True
    ),
}
OPEN: Final = {Agreement.Status.DRAFT: ["read", "end"], Agreement.Status.ACTIVE: ["read", "end"]}
TEMPLATE: Final = "registry/supply/agreement.html"


def fetched(person: User, pk: UUID) -> Agreement:
    """The agreement, or 404."""
    rows = Agreement.objects.visible_to(person).select_related("vendor__unit", "vendor__owner", "reviewed_by")
    return get_object_or_404(rows, pk=pk)


def agreement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One agreement with its clauses."""
    return render(request, TEMPLATE, page_context(fetched(request.user, pk), request.user))


def page_context(found: Agreement, person: User, **sent: Any) -> dict[str, Any]:
    """What the page shows."""
    may_edit = access.allowed(person, access.CATALOGUE_EDIT, found)
    clauses = [(Agreement._meta.get_field(name).verbose_name, getattr(found, name)) for name in actions.CLAUSES]
    open_verbs = OPEN.get(Agreement.Status(found.status), [])
    return {
        "object": found,
        "clauses": [(label, text) for label, text in clauses if text],
        "silent": [label for label, text in clauses if not text],
        "may_edit": may_edit,
        "acts": offered(VERBS, open_verbs, found, "agreement", **sent) if may_edit else [],
    }


def agreement_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """File an agreement of a vendor."""
    vendor = vendors.fetched(request.user, pk)
    access.require(request.user, access.CATALOGUE_EDIT, vendor)
    form = AgreementForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.add_agreement, vendor, actor=request.user)):
        messages.success(request, _("Filed as a draft. It counts once somebody says that it was read."))
        return redirect(form.result)
    why = _("Say in a sentence or two what each clause means for AI; the text itself stays where it is.")
    return refusals.answer(request, "generic/form.html", {
        "form": form, "title": _("File an agreement of %s") % vendor, "submit": _("File"), "why": why,
        "parent_label": vendor.name, "parent_url": vendor.get_absolute_url(), "cancel": vendor.get_absolute_url(),
    }, form)  # fmt: skip


def agreement_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what is filed; other terms open a task to read them."""
    found = fetched(request.user, pk)
    access.require(request.user, access.CATALOGUE_EDIT, found)
    form = AgreementForm(request.POST or None, initial=model_to_dict(found, AGREEMENT_FIELDS))
    if request.method == "POST" and form.carry_out(partial(actions.edit_agreement, found, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(found)
    why = _("Where version, date or place of the text change, the terms count as unread until somebody has read them.")
    return refusals.answer(request, "generic/form.html", {
        "form": form, "title": _("Edit %s") % found.title, "submit": _("Save"), "why": why,
        "parent_label": found.vendor.name, "parent_url": found.vendor.get_absolute_url(),
        "cancel": found.get_absolute_url(),
    }, form)  # fmt: skip


@require_POST
def agreement_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Say that one read it, or end it."""
    found = fetched(request.user, pk)
    access.require(request.user, access.CATALOGUE_EDIT, found)
    return done(request, found, VERBS[verb], verb, template=TEMPLATE, context=page_context)
