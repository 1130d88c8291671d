"""The form that brings a bill of materials or advisories, and what is there already."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rai import actions, dependencies
from rai.forms import SupplyFileForm
from registry import access, quotas, refusals
from registry.models import Attachment, ModelVersion, User
from registry.views.versions import fetched


def supply_upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring one of the two files."""
    version = fetched(request.user, pk)
    access.require(request.user, access.DATASET_UPLOAD, version)
    form = SupplyFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.carry_out(partial(kept, version, request.user)):
        messages.success(request, _("%s is stored under the digest of its bytes.") % form.result)
        return redirect("supply-upload", pk=version.pk)
    context = {
        "form": form,
        "title": _("Packages of %s") % version,
        "submit": _("Upload"),
        "why": _("What it is built from, and what is publicly known of that. The check itself stands under “Ask the records”."),
        "files": [one for one in (dependencies.newest(version, dependencies.BILL), dependencies.newest(version.home_system, dependencies.ADVISORIES)) if one],
        "parent_label": str(version),
        "parent_url": reverse("version-evidence", args=[version.pk]),
        "cancel": reverse("version-evidence", args=[version.pk]),
    }  # fmt: skip
    return refusals.answer(request, "rai/supply_upload.html", context, form)


def kept(version: ModelVersion, actor: User, *, kind: str, file: Any) -> Attachment:
    """The uploaded file as name and chunks, as the action takes it."""
    quotas.require_upload(actor)
    return actions.keep_supply_file(version, kind=kind, content=file.chunks(), name=file.name, actor=actor)
