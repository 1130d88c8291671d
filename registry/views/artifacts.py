"""Artefacts beside models: register, versions, their content, what differs between two, where they are used."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry import access, fallback, line_diff, quotas, refusals
from registry.actions import artifacts as actions, inventory
from registry.forms.acts import ReasonForm
from registry.forms.artifacts import ArtifactForm, ContentForm, NewArtifactVersionForm
from registry.forms.inventory import LinkForm
from registry.models import Artifact, ArtifactVersion, LineageLink, Release, User
from registry.views.downloads import saved

# Longer texts are downloaded, not drawn; comparing many more lines would keep the server busy.
LONGEST_SHOWN: Final = 200_000
MOST_LINES: Final = 4_000


def fetched(person: User, pk: UUID) -> ArtifactVersion:
    """The version with what its page names, or 404."""
    rows = ArtifactVersion.objects.visible_to(person).select_related("artifact__unit", "content", "registered_by")
    return get_object_or_404(rows, pk=pk)


def artifact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One artefact with its versions."""
    found = get_object_or_404(Artifact.objects.visible_to(request.user).select_related("unit", "owner"), pk=pk)
    versions = found.versions.select_related("content", "registered_by").order_by("-created_at")
    context = {
        "object": found,
        "versions": versions,
        "comparable": [row for row in versions if row.form != ArtifactVersion.Form.BYTES],
        "may_add": access.allowed(request.user, access.ARTIFACT_UPLOAD, found),
    }
    return render(request, "registry/artifact.html", context)


def artifact_new(request: HttpRequest) -> HttpResponse:
    """Register an artefact; whoever does is its owner."""
    access.require_anywhere(request.user, access.ARTIFACT_UPLOAD)
    form = ArtifactForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.carry_out(partial(actions.register_artifact, actor=request.user)):
        messages.success(request, _("%s is registered. Next, add a version of it.") % form.result)
        return redirect(form.result)
    context = {
        "form": form, "title": _("Register an artefact"), "submit": _("Register"), "cancel": reverse("artifacts"),
        "why": _("A prompt, guardrail, index, tool or setting that shapes what a system answers. You become its owner."),
        "parent_label": _("Artefacts"), "parent_url": reverse("artifacts"),
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)


def artifact_version_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a version: a text, JSON or a file."""
    found = get_object_or_404(Artifact.objects.visible_to(request.user), pk=pk)
    access.require(request.user, access.ARTIFACT_UPLOAD, found)
    newest = found.versions.order_by("-created_at").first()
    form = NewArtifactVersionForm(request.POST or None, request.FILES or None, initial=begun(newest))
    act = partial(uploaded, partial(actions.register_artifact_version, found), actor=request.user)
    if request.method == "POST" and form.carry_out(act):
        messages.success(request, _("%s is registered under the digest of its bytes.") % form.result)
        return redirect(form.result)
    return form_page(request, form, title=_("Add a version of %s") % found.name, parent=found)


def begun(newest: ArtifactVersion | None) -> dict[str, Any]:
    """A new version begins with the words of the one before it."""
    return {} if newest is None or newest.text is None else {"text": newest.text, "form": newest.form}


def uploaded(act: Any, *, actor: User, **given: Any) -> ArtifactVersion:
    """The act with what was typed or sent, within what the installation takes from a person."""
    if given.get("file_name"):
        quotas.require_upload(actor)
    return act(actor=actor, **given)


def form_page(request: HttpRequest, form: Any, *, title: str, parent: Any) -> HttpResponse:
    """A form about an artefact or a version of it."""
    context = {
        "form": form, "title": title, "submit": _("Save"), "parent_label": str(parent),
        "parent_url": parent.get_absolute_url(), "cancel": parent.get_absolute_url(),
        "why": _("It stays a draft until a release that lists it is submitted; from then on it never changes."),
    }  # fmt: skip
    return refusals.answer(request, "generic/form.html", context, form)


def artifact_version(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version: content, digest, releases, links."""
    found = fetched(request.user, pk)
    return render(request, "registry/artifact_version.html", page_context(found, request.user))


def page_context(found: ArtifactVersion, person: User) -> dict[str, Any]:
    """What the page of a version shows, and the acts that are offered."""
    may_upload = access.allowed(person, access.ARTIFACT_UPLOAD, found)
    is_withdrawn = found.status == ArtifactVersion.Status.WITHDRAWN
    releases = Release.objects.visible_to(person).filter(artifact_versions=found)
    text = found.text if found.content.size <= LONGEST_SHOWN else None
    return {
        "object": found,
        "text": text,
        "before": found.artifact.versions.filter(created_at__lt=found.created_at).order_by("-created_at").first(),
        "releases": releases.select_related("system", "version__model", "author", "publisher", "review"),
        "running": fallback.needing(found).filter(release__in=releases),
        "links": LineageLink.objects.visible_to(person).of(found),
        "may_edit": may_upload and found.is_draft,
        "may_download": access.allowed(person, access.ARTIFACT_DOWNLOAD, found),
        "withdraw_form": ReasonForm(auto_id="withdraw_%s") if may_upload and not is_withdrawn else None,
        "link_form": LinkForm(person=person, source=found)
        if access.allowed(person, access.LINEAGE_EDIT, found) else None,
    }  # fmt: skip


def artifact_version_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a draft anew."""
    found = fetched(request.user, pk)
    access.require(request.user, access.ARTIFACT_UPLOAD, found)
    initial = {"text": found.text or "", "change_note": found.change_note}
    form = ContentForm(request.POST or None, request.FILES or None, initial=initial)
    act = partial(uploaded, partial(actions.edit_artifact_version, found), actor=request.user)
    if request.method == "POST" and form.carry_out(act):
        messages.success(request, _("Saved."))
        return redirect(form.result)
    return form_page(request, form, title=_("Edit %s") % found, parent=found)


@require_POST
def artifact_version_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a version off the offer."""
    found = fetched(request.user, pk)
    form = ReasonForm(request.POST, auto_id="withdraw_%s")
    if form.carry_out(partial(actions.withdraw_artifact_version, found, actor=request.user)):
        messages.success(request, _("%s is withdrawn.") % found)
        return redirect(found)
    context = page_context(found, request.user) | {"withdraw_form": form}
    return refusals.answer(request, "registry/artifact_version.html", context, form)


@require_POST
def artifact_link_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what the version came from or what it reads."""
    found = fetched(request.user, pk)
    form = LinkForm(request.POST, person=request.user, source=found)
    if form.carry_out(partial(inventory.add_link, found, actor=request.user)):
        messages.success(request, _("Link added: %s.") % form.result)
        return redirect(found)
    context = page_context(found, request.user) | {"link_form": form}
    return refusals.answer(request, "registry/artifact_version.html", context, form)


@require_safe
def artifact_version_file(request: HttpRequest, pk: UUID) -> FileResponse:
    """The exact bytes of a version."""
    found = fetched(request.user, pk)
    blob = actions.take_content(found, actor=request.user)
    return saved(blob, name=found.file_name or f"{found.artifact.slug}-{found.version}")


def artifact_compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Two versions of one artefact, line by line; the newest and the one before it where none is named."""
    found = get_object_or_404(Artifact.objects.visible_to(request.user), pk=pk)
    texts = found.versions.exclude(form=ArtifactVersion.Form.BYTES).select_related("artifact", "content")
    newest = list(texts.order_by("-created_at")[:2])
    if not newest:
        raise Http404
    one = chosen(texts, request.GET.get("from"), newest[-1])
    other = chosen(texts, request.GET.get("to"), newest[0])
    rows = compared(one, other)
    context = {"object": found, "one": one, "other": other, "lines": rows, "is_long": rows is None}
    return render(request, "registry/artifact_compare.html", context)


def chosen(texts: Any, pk: str | None, otherwise: ArtifactVersion) -> ArtifactVersion:
    """The version that the address names, or 404 where it names none of these."""
    try:
        return otherwise if pk is None else get_object_or_404(texts, pk=UUID(pk))
    except ValueError as error:
        raise Http404 from error


def compared(one: ArtifactVersion, other: ArtifactVersion) -> list[line_diff.Line] | None:
    """The lines that differ with three around them; None where the texts are too long to compare here."""
    if max(one.content.size, other.content.size) > LONGEST_SHOWN:
        return None
    before, after = (version.text or "" for version in (one, other))
    if max(len(text.splitlines()) for text in (before, after)) > MOST_LINES:
        return None
    return line_diff.differing(before, after)
