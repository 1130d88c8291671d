"""Tags and custom fields of one thing, and the fields that administrators define."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, refusals
from registry.actions import labels as actions
from registry.forms.labels import CustomFieldForm, LabelsForm
from registry.models import AISystem, BusinessUnit, CustomField, Dataset, Labels, Model, ModelVersion, RegisterEntry

TABLES: Final[dict[str, Any]] = {
    "system": AISystem, "model": Model, "version": ModelVersion, "dataset": Dataset, "entry": RegisterEntry,
}  # fmt: skip


def labels(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """Write the tags and custom fields of a thing."""
    if kind not in TABLES:
        raise Http404
    bearer = get_object_or_404(TABLES[kind].objects.visible_to(request.user), pk=pk)
    fields, action = actions.BEARERS[TABLES[kind]]
    access.require(request.user, action, bearer)
    kept = Labels.objects.filter(object_id=bearer.pk).first()
    form = LabelsForm(request.POST or None, kind=fields, kept=kept)
    if request.method == "POST" and form.carry_out(partial(actions.write_labels, bearer, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(bearer)
    context = {
        "form": form,
        "title": _("Tags and fields of %s") % bearer,
        "submit": _("Save"),
        "why": _("Lists filter by them and exports carry them."),
        "parent_label": str(bearer),
        "parent_url": bearer.get_absolute_url(),
        "cancel": bearer.get_absolute_url(),
    }
    return refusals.answer(request, "generic/form.html", context, form)


def custom_fields(request: HttpRequest) -> HttpResponse:
    """The fields that the organisation added."""
    rows = CustomField.objects.visible_to(request.user)
    may_add = access.may_anywhere(request.user, access.SETTINGS_CHANGE)
    return render(
        request, "registry/custom_fields.html", {"title": _("Custom fields"), "rows": rows, "may_add": may_add}
    )


def custom_field_add(request: HttpRequest) -> HttpResponse:
    """Add a field."""
    access.require(request.user, access.SETTINGS_CHANGE, BusinessUnit.objects.get(parent=None))
    form = CustomFieldForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(actions.define_field, actor=request.user)):
        messages.success(request, _("%s is asked for from now on.") % form.result)
        return redirect("custom-fields")
    context = {
        "form": form,
        "title": _("Add a custom field"),
        "submit": _("Add"),
        "why": _("It is shown, filtered by and exported with every row of its kind."),
        "parent_label": _("Custom fields"),
        "parent_url": reverse("custom-fields"),
        "cancel": reverse("custom-fields"),
    }
    return refusals.answer(request, "generic/form.html", context, form)


@require_POST
def custom_field_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a field no more."""
    row = get_object_or_404(CustomField.objects.visible_to(request.user), pk=pk)
    actions.end_field(row, actor=request.user)
    messages.success(request, _("%s is asked for no more.") % row)
    return redirect("custom-fields")
