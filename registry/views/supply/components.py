"""Components: the entry of the catalogue with the acts open to the reader, and what a version uses."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from registry import access, refusals
from registry.actions import components as actions
from registry.datasets import standard
from registry.forms.acts import ReasonForm
from registry.forms.supply import (
    COMPONENT_FIELDS,
    NEWS_FIELDS,
    ApproveComponentForm,
    ComponentForm,
    NewComponentForm,
    NewsForm,
    RestrictComponentForm,
    UseForm,
)
from registry.models import Component, ComponentUse, ModelVersion, Use, User
from registry.release_gates import preview
from registry.supply import allowed, ml_bom
from registry.supply.dependants import systems_on
from registry.views.supply.acts import Verb, done, offered
from registry.views.versions import fetched as version_of

VERBS: Final = {
    "approve": Verb(
        actions.approve_component, gettext_lazy("Approve the component"), gettext_lazy("The component is approved."),
        ApproveComponentForm,
    ),
    "restrict": Verb(
        actions.restrict_component, gettext_lazy("Approve under conditions"),
        gettext_lazy("The component is approved under conditions."), RestrictComponentForm,
    ),
    "forbid": Verb(
        actions.forbid_component, gettext_lazy("Forbid the component"),
        gettext_lazy("The component is forbidden; owners of systems that use it have a task."), danger=True,
    ),
    "end": Verb(
        actions.end_component, gettext_lazy("Take it off the list"), gettext_lazy("The component is off the list."),
        danger=True,
    ),
}  # fmt: skip
TEMPLATE: Final = "registry/supply/component.html"


def fetched(person: User, pk: UUID) -> Component:
    """The component, or 404."""
    rows = Component.objects.visible_to(person).select_related("unit", "vendor", "proposed_by", "reviewed_by")
    return get_object_or_404(rows, pk=pk)


def component(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One entry of the catalogue."""
    return render(request, TEMPLATE, page_context(fetched(request.user, pk), request.user))


def page_context(found: Component, person: User, **sent: Any) -> dict[str, Any]:
    """What the page shows."""
    decides = access.allowed(person, access.CATALOGUE_DECIDE, found)
    return {
        "object": found,
        "uses": [Use(use).label for use in found.uses if use in Use.values],
        "data_classes": [standard.label_of(slug) for slug in found.data_classes],
        "newer": Component.objects.visible_to(person).newer_than(found)[:5],
        "systems": systems_on(found, person),
        "may_edit": access.allowed(person, access.CATALOGUE_EDIT, found),
        "acts": offered(VERBS, list(VERBS), found, "component", **sent) if decides else [],
    }


def component_new(request: HttpRequest) -> HttpResponse:
    """Propose a component."""
    access.require_anywhere(request.user, access.MODEL_CREATE)
    form = NewComponentForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(actions.propose_component, actor=request.user)):
        messages.success(request, _("%s is proposed. Somebody else decides for what it may be used.") % form.result)
        return redirect(form.result)
    why = _("Say what it is and for what you want it. A risk officer decides for which uses and data it is allowed.")
    context = {"form": form, "title": _("Propose a component"), "submit": _("Propose"), "why": why}
    return refusals.answer(request, "generic/form.html", context | above(), form)


def component_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a component; what a decision was taken on stays."""
    found = fetched(request.user, pk)
    access.require(request.user, access.CATALOGUE_EDIT, found)
    is_proposed = found.status == Component.Status.PROPOSED
    names = (*COMPONENT_FIELDS, "vendor", *actions.SCOPE) if is_proposed else NEWS_FIELDS
    said = {name: getattr(found, name) for name in actions.SCOPE} | model_to_dict(found, names)
    form = (ComponentForm if is_proposed else NewsForm)(request.POST or None, person=request.user, initial=said)
    if request.method == "POST" and form.carry_out(partial(actions.edit_component, found, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(found)
    why = "" if is_proposed else _("It was decided on, so only what is new of it can be noted here.")
    context = {"form": form, "title": _("Edit %s") % found, "submit": _("Save"), "why": why}
    return refusals.answer(request, "generic/form.html", above() | context | {"cancel": found.get_absolute_url()}, form)


def above() -> dict[str, Any]:
    """The way back."""
    return {"parent_label": _("Components"), "parent_url": reverse("components"), "cancel": reverse("components")}


@require_POST
def component_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Approve, restrict, forbid or end."""
    found = fetched(request.user, pk)
    access.require(request.user, access.CATALOGUE_DECIDE, found)
    return done(request, found, VERBS[verb], verb, template=TEMPLATE, context=page_context)


def version_components(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a version uses of others and whether each is allowed, with a form for one more."""
    found = version_of(request.user, pk)
    return uses_page(request, found, UseForm(person=request.user, version=found))


def uses_page(request: HttpRequest, found: ModelVersion, form: UseForm, status: int = 200) -> HttpResponse:
    """The page with a form that is empty or was refused."""
    may_edit = access.allowed(request.user, access.LINEAGE_EDIT, found)
    uses = allowed.uses_of(preview(found))
    rows = [
        {"use": row, "problems": list(allowed.problems(row)), "data_class": standard.label_of(row.data_class),
         "end_form": ReasonForm(auto_id=f"{row.pk}_%s") if may_edit else None}
        for row in uses
    ]  # fmt: skip
    silence = allowed.unnamed(found, uses)
    context = {"version": found, "rows": rows, "silence": silence, "form": form if may_edit else None}
    return render(request, "registry/supply/version_components.html", context, status=status)


@require_POST
def version_component_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that the version, or its system as a whole, uses a component."""
    found = version_of(request.user, pk)
    form = UseForm(request.POST, person=request.user, version=found)
    if form.carry_out(partial(added, found, request.user)):
        messages.success(request, _("Added: %s.") % form.result.component)
        return redirect("version-components", pk=found.pk)
    return uses_page(request, found, form, status=422)


def added(found: ModelVersion, person: User, *, scope: str, **fields: Any) -> ComponentUse:
    """The use, by the version or by its system."""
    return actions.add_use(found if scope == "version" else found.home_system, actor=person, **fields)


@require_POST
def component_use_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that something is used no longer."""
    rows = ComponentUse.objects.visible_to(request.user).select_related("system__unit", "version", "component")
    use = get_object_or_404(rows, pk=pk)
    form = ReasonForm(request.POST)
    if form.carry_out(partial(actions.end_use, use, actor=request.user)):
        messages.success(request, _("%s is used no longer.") % use.component)
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect(back_to(use))


def back_to(use: ComponentUse) -> str:
    """The page of the version, or of the system where all of it used the component."""
    return reverse("version-components", args=[use.version_id]) if use.version_id else use.system.get_absolute_url()


@require_safe
def version_ml_bom(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The bill of materials of a version, as a file."""
    found = version_of(request.user, pk)
    answer = HttpResponse(ml_bom.written(found, request.user), content_type=ml_bom.MEDIA_TYPE)
    name = get_valid_filename(f"{found.model.slug}-{found.version}.cdx.json")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
