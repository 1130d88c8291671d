"""Data sets and their versions."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from registry import access, refusals
from registry.actions import inventory
from registry.forms.inventory import DatasetForm, DatasetVersionForm
from registry.models import Dataset
from registry.views.paging import page_of


def datasets(request: HttpRequest) -> HttpResponse:
    """The data sets that the reader may see."""
    rows = Dataset.objects.visible_to(request.user).select_related("unit", "steward")
    rows = rows.annotate(version_count=Count("versions"))
    context = {
        "title": _("Data sets"),
        "page": page_of(request, rows, by="name"),
        "may_register": access.may_anywhere(request.user, access.DATASET_UPLOAD),
    }
    return render(request, "registry/datasets.html", context)


def dataset(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One data set with its versions."""
    rows = Dataset.objects.visible_to(request.user).select_related("unit", "steward")
    found = get_object_or_404(rows, pk=pk)
    context = {
        "object": found,
        "versions": found.versions.order_by("-created_at"),
        "may_add": access.allowed(request.user, access.DATASET_UPLOAD, found),
    }
    return render(request, "registry/dataset.html", context)


def dataset_new(request: HttpRequest) -> HttpResponse:
    """Register a data set; whoever does is its steward."""
    access.require_anywhere(request.user, access.DATASET_UPLOAD)
    form = DatasetForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(inventory.register_dataset, actor=request.user)):
        messages.success(request, _("%s is registered. Next, add the version that was used.") % form.result)
        return redirect(form.result)
    context = {
        "form": form,
        "title": _("Register a data set"),
        "submit": _("Register"),
        "why": _("You become its steward. The data themselves may stay where they are; what is kept is their digest."),
        "parent_label": _("Data sets"),
        "parent_url": reverse("datasets"),
        "cancel": reverse("datasets"),
    }
    return refusals.answer(request, "generic/form.html", context, form)


def dataset_version_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a version to a data set, by the digest of its bytes."""
    found = get_object_or_404(Dataset.objects.visible_to(request.user), pk=pk)
    access.require(request.user, access.DATASET_UPLOAD, found)
    form = DatasetVersionForm(request.POST or None)
    act = partial(inventory.register_dataset_version, found, actor=request.user)
    if request.method == "POST" and form.carry_out(act):
        messages.success(request, _("%s is registered.") % form.result)
        return redirect(found)
    context = {
        "form": form,
        "title": _("Add a version of %s") % found.name,
        "submit": _("Add"),
        "why": _("The digest is what “sha256sum FILE” prints, with “sha256:” before it."),
        "parent_label": found.name,
        "parent_url": found.get_absolute_url(),
        "cancel": found.get_absolute_url(),
    }
    return refusals.answer(request, "generic/form.html", context, form)
