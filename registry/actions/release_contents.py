"""Puts together what a release consists of: the chosen versions, frozen from then on, and their list with digests."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import parts, release_notes
from registry.audit import log
from registry.errors import BadInput
from registry.models import ArtifactVersion, DatasetVersion, ModelVersion, Release, User

CLIENT = ("client", "versions")
NOTES = frozenset({"notes", "quality_thresholds", "rai_documents", "clients"})


def choice_of(
    version: ModelVersion, *, actor: User, artifact_versions: Any = None, dataset_versions: Any = None
) -> parts.Choice:
    """What was named, or where nothing was said what the version's links and the last release suggest."""
    usual = parts.suggested(version, actor) if artifact_versions is None or dataset_versions is None else parts.Choice()
    return parts.Choice(
        usual.artifact_versions if artifact_versions is None
        else offered(ArtifactVersion, artifact_versions, actor=actor, field="artifact_versions"),
        usual.dataset_versions if dataset_versions is None
        else offered(DatasetVersion, dataset_versions, actor=actor, field="dataset_versions"),
    )  # fmt: skip


def offered(table: Any, rows: Any, *, actor: User, field: str) -> tuple[Any, ...]:
    """The rows as they are now. Raises BadInput for one that is withdrawn or that the actor may not see."""
    wanted = {row.pk for row in rows}
    fetched = ("artifact", "content") if table is ArtifactVersion else ("dataset",)
    found = tuple(table.objects.visible_to(actor).filter(pk__in=wanted).select_related(*fetched))
    gone = [str(row) for row in found if row.status == table.Status.WITHDRAWN]
    if gone:
        raise BadInput(_("%s is withdrawn; choose another version.") % gone[0], field=field)
    if len(found) < len(wanted):
        raise BadInput(_("One of the chosen versions is not there."), field=field)
    return found


def compose(release: Release, choice: parts.Choice, *, actor: User) -> None:
    """Make the release consist of these; artefacts that were drafts are frozen. The caller records the release."""
    artifacts = tuple(frozen(row, actor=actor) for row in choice.artifact_versions)
    release.components = parts.listed(release.version, parts.Choice(artifacts, choice.dataset_versions))
    release.save()
    release.artifact_versions.set(artifacts)
    release.dataset_versions.set(choice.dataset_versions)


def frozen(version: ArtifactVersion, *, actor: User) -> ArtifactVersion:
    """The version as it is now; from now on it is part of something that people decide on."""
    rows = ArtifactVersion.objects.select_for_update(of=("self",)).select_related("artifact", "content")
    row = rows.get(pk=version.pk)
    if row.is_draft:
        row.status, row.frozen_at = ArtifactVersion.Status.FROZEN, timezone.now()
        row.save()
        log.record(actor, "artifact_version.frozen", row)
    return row


def write_notes(release: Release, notes: dict[str, Any]) -> None:
    """Set what the notes say on a row that is not saved yet. Raises BadInput."""
    unknown = sorted(set(notes) - NOTES)
    if unknown:
        raise BadInput(_("%s cannot be set here.") % ", ".join(unknown), field=unknown[0])
    for name, value in notes.items():
        setattr(release, name, value.strip() if isinstance(value, str) else value)
    if len(release.notes) < 10:
        raise BadInput(_("Release notes of at least ten characters say what is new and for whom."), field="notes")
    for line in release_notes.lines(release.rai_documents):
        release_notes.document(line)
    release.clients = release_notes.pairs(release.clients, names=CLIENT, field="clients")
