"""Models: page, and how a model is added to its system."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from registry import access, refusals
from registry.actions import inventory
from registry.forms.inventory import ModelForm
from registry.models import AISystem, Model


def model(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One model with its versions."""
    rows = Model.objects.visible_to(request.user).select_related("system__unit")
    found = get_object_or_404(rows, pk=pk)
    return render(
        request,
        "registry/model.html",
        {
            "object": found,
            "versions": found.versions.select_related("model", "artifact").order_by("-created_at"),
            "may_upload": access.allowed(request.user, access.ARTIFACT_UPLOAD, found),
        },
    )


def model_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a model to a system."""
    system = get_object_or_404(AISystem.objects.visible_to(request.user), pk=pk)
    access.require(request.user, access.MODEL_CREATE, system)
    form = ModelForm(request.POST or None)
    if request.method == "POST" and form.carry_out(partial(inventory.register_model, system, actor=request.user)):
        messages.success(request, _("%s is registered. Next, register the version that is to serve.") % form.result)
        return redirect(form.result)
    return refusals.answer(
        request,
        "generic/form.html",
        {
            "form": form,
            "title": _("Add a model to %s") % system.name,
            "submit": _("Add"),
            "parent_label": system.name,
            "parent_url": system.get_absolute_url(),
            "cancel": system.get_absolute_url(),
        },
        form,
    )
