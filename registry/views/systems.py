"""Systems: list, page, registration and change."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from registry import access, refusals
from registry.actions import inventory
from registry.forms.inventory import SYSTEM_FIELDS, NewSystemForm, SystemForm
from registry.models import AISystem, Deployment, ModelVersion, Stage, Tier
from registry.views.paging import page_of

SHOWN: Final = 20


def systems(request: HttpRequest) -> HttpResponse:
    """The systems that the reader may see, by tier and stage where asked."""
    rows = AISystem.objects.visible_to(request.user)
    counts = dict(rows.order_by().values_list("risk_tier").annotate(Count("pk")))
    chosen, stage = request.GET.get("tier", ""), request.GET.get("stage", "")
    if chosen in Tier.values:
        rows = rows.filter(risk_tier=chosen)
    if stage in Stage.values:
        rows = rows.filter(lifecycle_stage=stage)
    rows = rows.select_related("unit", "business_owner").annotate(model_count=Count("models"))
    return render(
        request,
        "registry/systems.html",
        {
            "title": _("Systems"),
            "page": page_of(request, rows, by="name"),
            "tiers": [(tier.value, tier.label, counts.get(tier.value, 0)) for tier in Tier],
            "chosen": chosen,
            "may_register": access.may_anywhere(request.user, access.MODEL_CREATE),
        },
    )


def system(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One system: what it is for, who answers for it, its models and where they run."""
    rows = AISystem.objects.visible_to(request.user).select_related("unit", "business_owner", "technical_owner")
    found = get_object_or_404(rows, pk=pk)
    return render(request, "registry/system.html", {"object": found} | contents(found, request.user))


def contents(found: AISystem, person: Any) -> dict[str, Any]:
    """What belongs to the system, and what this reader may do with it."""
    versions = ModelVersion.objects.filter(model__system=found).select_related("model", "artifact")
    deployments = Deployment.objects.filter(release__system=found).running()
    return {
        "models": found.models.annotate(version_count=Count("versions")),
        "versions": versions.order_by("-created_at")[:SHOWN],
        "deployments": deployments.select_related("release__version__model"),
        "tasks": found.tasks.waiting(),
        "may_edit": access.allowed(person, access.MODEL_EDIT, found),
        "may_add_model": access.allowed(person, access.MODEL_CREATE, found),
    }


def system_new(request: HttpRequest) -> HttpResponse:
    """Register a system."""
    access.require_anywhere(request.user, access.MODEL_CREATE)
    form = NewSystemForm(request.POST or None, person=request.user, initial={"business_owner": request.user.pk})
    if request.method == "POST" and form.carry_out(partial(inventory.register_system, actor=request.user)):
        messages.success(request, _("%s is registered. Next, add its model.") % form.result)
        return redirect(form.result)
    return refusals.answer(
        request,
        "generic/form.html",
        {
            "form": form,
            "title": _("Register a system"),
            "submit": _("Register"),
            "why": _("What may be left open now can be filled later; purpose, tier and owners are needed at once."),
            "parent_label": _("Systems"),
            "parent_url": reverse("systems"),
            "cancel": reverse("systems"),
        },
        form,
    )


def system_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a system."""
    found = get_object_or_404(AISystem.objects.visible_to(request.user), pk=pk)
    access.require(request.user, access.MODEL_EDIT, found)
    form = SystemForm(request.POST or None, initial=model_to_dict(found, fields=SYSTEM_FIELDS))
    if request.method == "POST" and form.carry_out(partial(inventory.edit_system, found, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(found)
    return refusals.answer(
        request,
        "generic/form.html",
        {
            "form": form,
            "title": _("Edit %s") % found.name,
            "submit": _("Save"),
            "why": _("A change of purpose, uses, tier or these facts voids the sign-offs of its releases."),
            "parent_label": found.name,
            "parent_url": found.get_absolute_url(),
            "cancel": found.get_absolute_url(),
        },
        form,
    )
