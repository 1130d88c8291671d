"""Registers artefacts and their versions, changes drafts, freezes what a release is made of, withdraws."""

import json
import re
from collections.abc import Iterable
from typing import Any

import rfc8785
from django.db import transaction
from django.utils.translation import gettext as _

from registry import access, blobs, fallback, quotas
from registry.actions.inventory import display_name, saved
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Artifact, ArtifactVersion, Blob, BusinessUnit, User
from registry.slugs import short_name
from registry.transactions import retried

Form = ArtifactVersion.Form
MEDIA = {Form.TEXT: "text/plain", Form.JSON: "application/json", Form.BYTES: "application/octet-stream"}


@transaction.atomic
def register_artifact(
    unit: BusinessUnit, *, artifact_type: str, name: str, actor: User, description: str = ""
) -> Artifact:
    """Enter a prompt, guardrail, index or the like; whoever registers it is its owner."""
    access.require(actor, access.ARTIFACT_UPLOAD, unit)
    row = Artifact(
        unit=unit, artifact_type=artifact_type, name=name, description=description, owner=actor,
        slug=short_name(name, kind="artifact", among=Artifact.objects.filter(unit=unit))[:80],
    )  # fmt: skip
    if Artifact.objects.filter(unit=unit, slug=row.slug).exists():
        raise BadInput(
            _("%(unit)s has an artefact “%(slug)s” already.") % {"unit": unit, "slug": row.slug}, field="name"
        )
    return saved(row, actor, "artifact.registered")


@transaction.atomic
def register_artifact_version(
    artifact: Artifact, *, version: str, content: Any, actor: User, form: str = Form.BYTES, file_name: str = "",
    change_note: str = "",
) -> ArtifactVersion:  # fmt: skip
    """Enter a version. `content` is a text, a JSON value or the bytes of a file, as `form` says."""
    access.require(actor, access.ARTIFACT_UPLOAD, artifact)
    if not re.fullmatch(r"[\w.+-]{1,60}", version):
        raise BadInput(_("“%s” is no version: use letters, digits, dots, plus, minus.") % version, field="version")
    if ArtifactVersion.objects.filter(artifact=artifact, version=version).exists():
        raise BadInput(
            _("%(artifact)s has a version %(version)s already.") % {"artifact": artifact, "version": version},
            field="version",
        )
    row = ArtifactVersion(
        artifact=artifact, version=version, form=form, content=kept(artifact, form, content), registered_by=actor,
        file_name=display_name(file_name) if file_name else "", change_note=change_note,
    )  # fmt: skip
    require_new_content(row)
    return saved(row, actor, "artifact_version.registered")


def kept(artifact: Artifact, form: str, content: Any) -> Blob:
    """The content stored under the digest of its canonical bytes."""
    quotas.require_storage(artifact.unit)
    return blobs.store(canonical_bytes(form, content), MEDIA[Form(form)])


def canonical_bytes(form: str, content: Any) -> bytes | Iterable[bytes]:
    """What is hashed: a file as it is, a text in UTF-8 with line feeds, JSON by RFC 8785. Raises BadInput."""
    if form == Form.BYTES:
        return content
    if form == Form.TEXT:
        return str(content).replace("\r\n", "\n").encode()
    try:
        value = json.loads(content) if isinstance(content, str) else content
        return rfc8785.dumps(value)
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise BadInput(_("This is no JSON text: %s") % error, field="content") from error


def require_new_content(row: ArtifactVersion) -> None:
    """Equal bytes are one version."""
    same = ArtifactVersion.objects.filter(artifact=row.artifact, content=row.content).exclude(pk=row.pk).first()
    if same is not None:
        raise BadInput(_("This exact content is registered already, as %s.") % same, field="content")


@transaction.atomic
def edit_artifact_version(
    version: ArtifactVersion, *, actor: User, content: Any, change_note: str = "", file_name: str = ""
) -> ArtifactVersion:
    """Write a draft anew; what a release was submitted with never changes."""
    access.require(actor, access.ARTIFACT_UPLOAD, version)
    version = locked(version)
    if not version.is_draft:
        raise NotAllowed(
            _("%(version)s is %(status)s and stays as it is. Register a new version instead.")
            % {"version": version, "status": version.get_status_display().lower()}
        )
    if bool(file_name) != (version.form == Form.BYTES):
        raise BadInput(_("%s was a text or a file and stays one; register a new version instead.") % version)
    version.content, version.change_note = kept(version.artifact, version.form, content), change_note
    version.file_name = display_name(file_name) if file_name else ""
    require_new_content(version)
    return saved(version, actor, "artifact_version.edited")


@retried
def withdraw_artifact_version(version: ArtifactVersion, *, reason: str, actor: User) -> ArtifactVersion:
    """Take a version off the offer; refused while something that runs, or its fall-back, consists of it."""
    access.require(actor, access.ARTIFACT_UPLOAD, version)
    if len(reason.strip()) < 10:
        raise BadInput(_("Say in at least ten characters why it is withdrawn."), field="reason")
    version = locked(version)
    if version.status == ArtifactVersion.Status.WITHDRAWN:
        raise NotAllowed(_("%s is withdrawn already.") % version)
    fallback.require_dispensable(version)
    version.status = ArtifactVersion.Status.WITHDRAWN
    version.save()
    log.record(actor, "artifact_version.withdrawn", version, reason=reason.strip())
    return version


def locked(version: ArtifactVersion) -> ArtifactVersion:
    """The row as it is now, held until the transaction ends."""
    rows = ArtifactVersion.objects.select_for_update(of=("self",)).select_related("artifact__unit", "content")
    return rows.get(pk=version.pk)


@transaction.atomic
def take_content(version: ArtifactVersion, *, actor: User) -> Blob:
    """The exact bytes of a version; the log knows who took them."""
    access.require(actor, access.ARTIFACT_DOWNLOAD, version)
    log.record(actor, "artifact_version.file_downloaded", version)
    return version.content
