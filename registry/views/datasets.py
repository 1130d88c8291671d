"""Data sets: the page with the data card, and the forms that register one, write its card and hand it over."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from registry import access, refusals
from registry.actions import datasets as acts
from registry.datasets import standard
from registry.forms.datasets import DataCardForm, DatasetForm, DatasetVersionForm, StewardForm
from registry.models import DataAccess, Dataset, DatasetVersion, User

# Lines of the card that are short enough to stand beside each other.
SHORT: Final = frozenset(
    {"special_categories", "format", "collected_from", "collected_until", "residency", "kind", "is_offered"}
)


def fetched(person: User, pk: UUID) -> Dataset:
    """The data set as the person may see it, or 404."""
    return get_object_or_404(Dataset.objects.visible_to(person).select_related("unit", "steward"), pk=pk)


def dataset(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One data set with its card and its versions."""
    found = fetched(request.user, pk)
    may_edit = access.allowed(request.user, access.DATASET_UPLOAD, found)
    context = {
        "object": found,
        "label": standard.label_of(found.classification),
        "card": card_of(found),
        "versions": found.versions.order_by("-created_at"),
        "accesses": DataAccess.objects.visible_to(request.user).filter(dataset=found).select_related("system"),
        "may_add": may_edit,
        "may_hand_over": may_edit or access.allowed(request.user, access.MODEL_ASSIGN_OWNER, found),
    }
    return render(request, "registry/dataset.html", context)


def card_of(found: Dataset) -> list[dict[str, Any]]:
    """The lines of the card with what they say; a line that says nothing keeps its place."""
    return [
        {"label": Dataset._meta.get_field(name).verbose_name, "is_wide": name not in SHORT,
         "value": found.get_kind_display() if name == "kind" else getattr(found, name),
         "is_truth": name in {"special_categories", "is_offered"}, "is_day": name.startswith("collected_")}
        for name in acts.CARD
    ]  # fmt: skip


def form_page(request: HttpRequest, form: Any, found: Dataset | None, **words: str) -> HttpResponse:
    """A form about a data set, or about one that is to be."""
    parent = {"parent_label": _("Data sets"), "parent_url": reverse("datasets")}
    if found is not None:
        parent = {"parent_label": found.name, "parent_url": found.get_absolute_url()}
    context = {"form": form, **words, **parent, "cancel": parent["parent_url"]}
    return refusals.answer(request, "generic/form.html", context, form)


def dataset_new(request: HttpRequest) -> HttpResponse:
    """Register a data set; whoever does is its steward."""
    access.require_anywhere(request.user, access.DATASET_UPLOAD)
    form = DatasetForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(acts.register_dataset, actor=request.user)):
        messages.success(request, _("%s is registered. Next, add the version that was used.") % form.result)
        return redirect(form.result)
    why = _("You become its steward. The data themselves may stay where they are; what is kept is their digest.")
    return form_page(request, form, None, title=_("Register a data set"), submit=_("Register"), why=why)


def dataset_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write the data card."""
    found = fetched(request.user, pk)
    access.require(request.user, access.DATASET_UPLOAD, found)
    begun = {name: getattr(found, name) for name in ("name", *acts.CARD)}
    form = DataCardForm(request.POST or None, initial=begun)
    if request.method == "POST" and form.carry_out(partial(acts.edit_dataset, found, actor=request.user)):
        messages.success(request, _("The data card is saved."))
        return redirect(found)
    return form_page(request, form, found, title=_("Data card of %s") % found.name, submit=_("Save"))


def dataset_steward(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand the data set to another steward."""
    found = fetched(request.user, pk)
    if not access.allowed(request.user, access.MODEL_ASSIGN_OWNER, found):
        access.require(request.user, access.DATASET_UPLOAD, found)
    form = StewardForm(request.POST or None, dataset=found, person=request.user)
    if request.method == "POST" and form.carry_out(partial(acts.change_steward, found, actor=request.user)):
        messages.success(request, _("%(person)s is the data steward now.") % {"person": form.result.steward})
        return redirect(found)
    title = _("Another data steward for %s") % found.name
    return form_page(request, form, found, title=title, submit=_("Hand over"))


def dataset_version_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a version to a data set, by the digest of its bytes."""
    found = fetched(request.user, pk)
    access.require(request.user, access.DATASET_UPLOAD, found)
    form = DatasetVersionForm(request.POST or None, person=request.user)
    act = partial(acts.register_dataset_version, found, actor=request.user)
    if request.method == "POST" and form.carry_out(act):
        messages.success(request, _("%s is registered.") % form.result)
        return redirect(form.result)
    why = _("The digest is what “sha256sum FILE” prints, with “sha256:” before it.")
    return form_page(request, form, found, title=_("Add a version of %s") % found.name, submit=_("Add"), why=why)


def dataset_version_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say more of a version: terms, labels, consent."""
    rows = DatasetVersion.objects.visible_to(request.user).select_related("dataset__unit")
    found = get_object_or_404(rows, pk=pk)
    access.require(request.user, access.DATASET_UPLOAD, found)
    begun = {name: getattr(found, name) for name in acts.VERSION_FIELDS}
    form = DatasetVersionForm(request.POST or None, person=request.user, is_new=False, initial=begun)
    act = partial(acts.edit_dataset_version, found, actor=request.user)
    if request.method == "POST" and form.carry_out(act):
        messages.success(request, _("%s is saved.") % found)
        return redirect(found)
    why = _(
        "An approval rests on what stands here: a version that is approved becomes a draft again when it is changed."
    )
    parent = {"parent_label": str(found), "parent_url": found.get_absolute_url(), "cancel": found.get_absolute_url()}
    context = {"form": form, "title": _("What is said of %s") % found, "submit": _("Save"), "why": why, **parent}
    return refusals.answer(request, "generic/form.html", context, form)
