"""Releases and the deployments that follow from them."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, fallback, gates, parts, refusals, release_notes, separation
from registry.actions import deployments as deploying, releases as actions
from registry.errors import NotAllowed
from registry.forms.deployments import PlaceForm
from registry.forms.releases import ContentsForm, FallbackForm
from registry.models import Release, User
from registry.views import release_life
from registry.views.paging import page_of


def releases(request: HttpRequest) -> HttpResponse:
    """The releases that the reader may see, the newest first."""
    rows = Release.objects.visible_to(request.user).select_related("system", "version__model", "author", "publisher")
    page = page_of(request, rows, by="-created_at")
    return render(request, "registry/releases.html", {"title": _("Releases"), "page": page})


def fetched(person: User, pk: UUID) -> Release:
    """The release with what its page names, or 404."""
    rows = Release.objects.visible_to(person).select_related(
        "system__unit", "version__model__system__unit", "version__artifact", "author", "publisher", "card", "review",
        "rollback_to__version__model",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def release(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One release: what it consists of, who agreed, where it runs, and the next act."""
    found = fetched(request.user, pk)
    return render(request, "registry/release.html", page_context(found, request.user))


def page_context(found: Release, person: User) -> dict[str, Any]:
    """What the page shows, and which acts this person is offered."""
    approved, published = found.status == Release.Status.APPROVED, found.status == Release.Status.PUBLISHED
    may_deploy = published and access.allowed(person, access.DEPLOYMENT_START, found)
    in_hand = found.status == Release.Status.IN_REVIEW or approved
    return {
        "object": found,
        "gates": gates.evaluate(found, gates.PUBLICATION) if approved else [],
        "parts": [part | {"label": parts.KINDS.get(part["kind"], part["kind"])} for part in found.components],
        "thresholds": release_notes.thresholds(found),
        "documents": release_notes.documents(found),
        "may_edit": in_hand and access.allowed(person, access.APPROVAL_SUBMIT, found.version),
        "evidence": found.evidence.all(),
        "deployments": found.deployments.all(),
        "publish": publishing(found, person) if approved else "",
        "may_publish": approved and not publishing(found, person),
        "deploy_form": PlaceForm() if may_deploy else None,
        "fallback_form": FallbackForm(release=found) if may_deploy and fallback.targets(found).exists() else None,
        "publish_form": FallbackForm(release=found) if approved else None,
    } | release_life.told(found, person)


def publishing(found: Release, person: User) -> str:
    """Why this person does not publish the release, or an empty string."""
    if not access.allowed(person, access.PUBLISH, found):
        return _("Waiting for a publisher of %s.") % found.system.unit
    try:
        separation.require_publisher(person, found)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


@require_POST
def release_publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Publish an approved release."""
    found = fetched(request.user, pk)
    form = FallbackForm(request.POST, release=found)
    if form.carry_out(partial(actions.publish, found, actor=request.user)):
        messages.success(request, _("%s is published.") % found.version)
        return redirect(found)
    context = page_context(fetched(request.user, pk), request.user) | {"publish_form": form}
    return render(request, "registry/release.html", context, status=422)


@require_POST
def release_deploy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter a running instance of a published release."""
    found = fetched(request.user, pk)
    form = PlaceForm(request.POST)
    if form.carry_out(partial(deploying.start_deployment, found, actor=request.user)):
        messages.success(request, _("%s is entered as running.") % form.result)
        return redirect(form.result)
    context = page_context(found, request.user) | {"deploy_form": form}
    return render(request, "registry/release.html", context, status=422)


@require_POST
def release_fallback(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a published release fall back to another one."""
    found = fetched(request.user, pk)
    form = FallbackForm(request.POST, release=found)
    if form.carry_out(partial(actions.choose_fallback, found, actor=request.user)):
        messages.success(request, _("It falls back to %s.") % form.result.rollback_to.version)
        return redirect(found)
    context = page_context(found, request.user) | {"fallback_form": form}
    return refusals.answer(request, "registry/release.html", context, form)


def release_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what a release in review consists of, or what its notes say."""
    found = fetched(request.user, pk)
    access.require(request.user, access.APPROVAL_SUBMIT, found.version)
    form = ContentsForm(request.POST or None, version=found.version, person=request.user, release=found)
    if request.method == "POST" and form.carry_out(partial(actions.edit_release, found, actor=request.user)):
        messages.success(request, _("Saved. What was signed off before is void where it changed."))
        return redirect(found)
    context = {
        "form": form, "title": _("Edit the release of %s") % found.version, "submit": _("Save"),
        "parent_label": str(found), "parent_url": found.get_absolute_url(), "cancel": found.get_absolute_url(),
        "why": _("Sign-offs are bound to parts and notes: a change voids them and they are asked for again."),
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)
