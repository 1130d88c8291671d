"""Releases and the deployments that follow from them."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import access, gates, separation
from registry.actions import deployments as deploying, releases as actions
from registry.errors import NotAllowed
from registry.forms.acts import ReasonForm
from registry.forms.decisions import DeploymentForm
from registry.models import Deployment, Release, User
from registry.views.paging import page_of


def releases(request: HttpRequest) -> HttpResponse:
    """The releases that the reader may see, the newest first."""
    rows = Release.objects.visible_to(request.user).select_related("system", "version__model", "author", "publisher")
    page = page_of(request, rows, by="-created_at")
    return render(request, "registry/releases.html", {"title": _("Releases"), "page": page})


def deployments(request: HttpRequest) -> HttpResponse:
    """What runs or ran where, the newest first."""
    rows = Deployment.objects.visible_to(request.user).select_related("release__version__model", "release__system")
    page = page_of(request, rows, by="-created_at")
    return render(request, "registry/deployments.html", {"title": _("Deployments"), "page": page})


def fetched(person: User, pk: UUID) -> Release:
    """The release with what its page names, or 404."""
    rows = Release.objects.visible_to(person).select_related(
        "system__unit", "version__model__system__unit", "version__artifact", "author", "publisher", "card", "review",
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
    return {
        "object": found,
        "gates": gates.evaluate(found) if approved else [],
        "evidence": found.evidence.all(),
        "deployments": found.deployments.all(),
        "publish": publishing(found, person) if approved else "",
        "may_publish": approved and not publishing(found, person),
        "deploy_form": DeploymentForm() if may_deploy else None,
        "may_stop": access.allowed(person, access.DEPLOYMENT_STOP, found),
        "stop_form": ReasonForm(auto_id="stop_%s"),
        "publish_form": ReasonForm(),
    }


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
    form = ReasonForm(request.POST)
    if form.carry_out(partial(actions.publish, found, actor=request.user)):
        messages.success(request, _("%s is published.") % found.version)
        return redirect(found)
    context = page_context(fetched(request.user, pk), request.user) | {"publish_form": form}
    return render(request, "registry/release.html", context, status=422)


@require_POST
def release_deploy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter a running instance of a published release."""
    found = fetched(request.user, pk)
    form = DeploymentForm(request.POST)
    if form.carry_out(partial(deploying.start_deployment, found, actor=request.user)):
        messages.success(request, _("%s is entered as running.") % form.result)
        return redirect(found)
    context = page_context(found, request.user) | {"deploy_form": form}
    return render(request, "registry/release.html", context, status=422)


@require_POST
def deployment_stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a running instance."""
    rows = Deployment.objects.visible_to(request.user).select_related("release")
    found = get_object_or_404(rows, pk=pk)
    form = ReasonForm(request.POST)
    if form.carry_out(partial(deploying.stop_deployment, found, actor=request.user)):
        messages.success(request, _("%s is stopped.") % found)
        return redirect(found)
    shown = fetched(request.user, found.release_id)
    context = page_context(shown, request.user) | {"stop_form": form, "stopping": found.pk}
    return render(request, "registry/release.html", context, status=422)
