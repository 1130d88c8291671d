"""Versions: registration, the release path and what a reader may do next, and change of what is said of them."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, gates, lifecycle, quotas, refusals
from registry.actions import inventory, releases, training
from registry.forms.acts import ReasonForm
from registry.forms.inventory import DATE_FIELDS, VERSION_FIELDS, EditVersionForm, NewVersionForm
from registry.forms.releases import ContentsForm
from registry.forms.waivers import closed_gates
from registry.models import Model, ModelVersion, Release, User, VersionStatus
from registry.release_gates import preview


def fetched(person: User, pk: UUID) -> ModelVersion:
    """The version with everything that its frame shows, or 404 when this person may not see it."""
    rows = ModelVersion.objects.visible_to(person).select_related(
        "model__system__unit", "model__system__business_owner", "model__system__technical_owner", "artifact",
        "registered_by", "successor__model",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def version(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The release path: what blocks the release, where to mend it, and the next act."""
    found = fetched(request.user, pk)
    return render(request, "registry/version_path.html", path_context(found, request.user))


def path_context(found: ModelVersion, person: User) -> dict[str, Any]:
    """What the page shows: gates, the closed ones first, and a form for each act that this person is offered."""
    release = preview(found)
    verbs = {transition.verb for transition in lifecycle.available(found, person)}
    answers = sorted(gates.evaluate(release), key=lambda answer: answer.is_open)
    return {
        "version": found,
        "release": None if release._state.adding else release,
        "review": None if release._state.adding else getattr(release, "review", None),
        "gates": answers,
        "waivers": found.waivers.standing().select_related("owner"),
        "may_ask_waiver": access.allowed(person, access.EXCEPTION_REQUEST, found) and bool(closed_gates(release)),
        "closed": [answer for answer in answers if not answer.is_open],
        "may_edit": access.allowed(person, access.MODEL_EDIT, found),
        "training_digest": training.digest_of(found),
        **keeping(found, person),
        "may_download": access.allowed(person, access.ARTIFACT_DOWNLOAD, found),
        "submit_form": ContentsForm(version=found, person=person) if "submit" in verbs else None,
        "withdraw_form": ReasonForm() if "withdraw" in verbs else None,
        "may_publish": "publish" in verbs,
        "endings": {
            verb: ReasonForm(auto_id=f"{verb}_%s") for verb in ("suspend", "deprecate", "retire") if verb in verbs
        },
    }


def keeping(found: ModelVersion, person: User) -> dict[str, Any]:
    """What the page offers on a version that others may fall back to."""
    has_served = found.status in {VersionStatus.PUBLISHED, VersionStatus.DEPRECATED}
    may_keep = access.allowed(person, access.DEPLOYMENT_REPORT, found)
    return {
        "has_served": has_served or found.known_good,
        "may_keep": may_keep,
        "good_form": ReasonForm(auto_id="good_%s") if may_keep and (has_served or found.known_good) else None,
    }


def version_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Register a version by uploading its file."""
    model = get_object_or_404(Model.objects.visible_to(request.user).select_related("system"), pk=pk)
    access.require(request.user, access.ARTIFACT_UPLOAD, model)
    form = NewVersionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.carry_out(partial(registered, model, request.user)):
        messages.success(request, _("%s is registered under the digest of its bytes.") % form.result)
        return redirect(form.result)
    return refusals.answer(
        request,
        "generic/form.html",
        {
            "form": form,
            "title": _("Register a version of %s") % model.name,
            "submit": _("Upload and register"),
            "why": _("The bytes are hashed and kept as they are. Checks, approvals and reports refer to their digest."),
            "parent_label": model.name,
            "parent_url": model.get_absolute_url(),
            "cancel": model.get_absolute_url(),
        },
        form,
    )


def registered(model: Model, actor: User, *, artifact: Any, **fields: Any) -> ModelVersion:
    """The uploaded file as chunks and name, as the action takes it."""
    quotas.require_upload(actor)
    return inventory.register_version(
        model, artifact=artifact.chunks(), artifact_name=artifact.name, actor=actor, **fields
    )


def version_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a version, or its dates once it is submitted."""
    found = fetched(request.user, pk)
    access.require(request.user, access.MODEL_EDIT, found)
    names = VERSION_FIELDS if found.is_draft else DATE_FIELDS
    initial = model_to_dict(found, fields=names)
    form = EditVersionForm(request.POST or None, is_draft=found.is_draft, initial=initial)
    if request.method == "POST" and form.carry_out(partial(inventory.edit_version, found, actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect(found)
    return refusals.answer(
        request,
        "generic/form.html",
        {
            "form": form,
            "title": _("Edit %s") % found,
            "submit": _("Save"),
            "parent_label": str(found),
            "parent_url": found.get_absolute_url(),
            "cancel": found.get_absolute_url(),
        },
        form,
    )


@require_POST
def version_submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put the version before reviewers."""
    found = fetched(request.user, pk)
    form = ContentsForm(request.POST, version=found, person=request.user)
    if form.carry_out(partial(releases.submit_for_review, found, actor=request.user)):
        messages.success(request, _("%s is submitted; the reviewers find it in their work.") % found)
        return redirect(form.result)
    context = path_context(found, request.user) | {"submit_form": form}
    return render(request, "registry/version_path.html", context, status=422)


@require_POST
def version_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the version back from its reviewers."""
    found = fetched(request.user, pk)
    release = get_object_or_404(Release, pk=getattr(found.release, "pk", None))
    form = ReasonForm(request.POST)
    if form.carry_out(partial(releases.withdraw, release, actor=request.user)):
        messages.success(request, _("%s is withdrawn from review.") % found)
        return redirect(found)
    context = path_context(found, request.user) | {"withdraw_form": form}
    return render(request, "registry/version_path.html", context, status=422)
