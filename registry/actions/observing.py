"""Takes reports on what runs and is kept: bytes that are served, bytes that are stored, marks of what is known to be good."""

import hashlib
import re
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, fallback, serving
from registry.actions import work
from registry.actions.deployments import locked
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import ArtifactVersion, Blob, Deployment, ModelVersion, Release, Task, User, VersionStatus
from registry.transactions import retried

MOST_DIGESTS, CHUNK = 200, 2**20
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@retried
def report_observed(deployment: Deployment, *, digests: list[str], actor: User, note: str = "") -> Deployment:
    """Say which bytes an instance serves. Bytes that were not released raise an alarm at its technical owner.

    An alarm ends when every part of the release was observed and nothing else, or when the instance is replaced.
    """
    access.require(actor, access.DEPLOYMENT_REPORT, deployment)
    require_digests(digests)
    row = locked(deployment)
    strange = serving.strange(row, digests)
    was_drifting = row.drift_since is not None
    row.observed_digests, row.observed_at = digests, timezone.now()
    if strange:
        row.drift_since = row.drift_since or row.observed_at
    elif not serving.unseen(row, digests):
        row.drift_since = None
    row.save()
    log.record(actor, event_of(row, strange, was_drifting), row, reason=note, strange=strange)
    if row.drift_since is None:
        work.close_tasks(row, kind=Task.Kind.DRIFT, actor=actor)
    else:
        alarm(row, row, actor=actor)
    return row


def require_digests(digests: list[str]) -> None:
    """At least one, each well-formed."""
    if not 0 < len(digests) <= MOST_DIGESTS:
        raise BadInput(_("Give between one and %d digests.") % MOST_DIGESTS, field="digests")
    for digest in digests:
        if not DIGEST.fullmatch(digest):
            raise BadInput(
                _("A digest is “sha256:” and 64 hexadecimal digits, not “%s”.") % digest[:80], field="digests"
            )


def event_of(row: Deployment, strange: list[str], was_drifting: bool) -> str:
    """What the report says, as the log names it."""
    if strange:
        return "deployment.drifted"
    return "deployment.matched" if was_drifting and row.drift_since is None else "deployment.observed"


def alarm(about: Deployment | ModelVersion, running: Deployment | None, *, actor: User | None) -> None:
    """A task for whoever answers for the build."""
    system = about.home_system
    owner = running.owners[1] if running else system.technical_owner
    work.open_task(
        about, kind=Task.Kind.DRIFT, system=system, url=about.get_absolute_url(), person=owner, actor=actor,
        due_on=timezone.localdate(),
    )  # fmt: skip


@retried
def verify_write_once(deployment: Deployment, *, note: str, actor: User) -> Deployment:
    """Record that the store of its output was looked at and can be written once only; the note says how."""
    access.require(actor, access.DEPLOYMENT_REPORT, deployment)
    if len(note.strip()) < 10:
        raise BadInput(_("Say in at least ten characters how the store was verified."), field="note")
    row = locked(deployment)
    if not row.log_write_once:
        raise NotAllowed(_("%s names no store that can be written once only.") % row)
    row.write_once_verified_at = timezone.now()
    row.save()
    log.record(actor, "deployment.store_verified", row, reason=note.strip())
    return row


@retried
def mark_known_good(version: ModelVersion, *, good: bool, reason: str, actor: User) -> ModelVersion:
    """Say that a published version has proved itself, or take that back; its stored bytes are then verified in time."""
    access.require(actor, access.DEPLOYMENT_REPORT, version)
    if len(reason.strip()) < 10:
        raise BadInput(_("Give a reason of at least ten characters; it stands in the report."), field="reason")
    version = ModelVersion.objects.select_for_update().get(pk=version.pk)
    if good and version.status not in {VersionStatus.PUBLISHED, VersionStatus.DEPRECATED}:
        raise NotAllowed(_("%s is not published; only what has served is known to be good.") % version)
    version.known_good = good
    version.save()
    log.record(actor, "version.known_good" if good else "version.doubted", version, reason=reason.strip())
    work.close_tasks(version, kind=Task.Kind.VERIFY_BACKUP, actor=actor)
    if good:
        ask_to_verify(version, actor=actor)
    return version


def ask_to_verify(version: ModelVersion, *, actor: User) -> None:
    """A task that is overdue when the warning begins."""
    last = version.backup_verified_at
    due = timezone.localdate(last + fallback.VERIFY_WITHIN) if last else timezone.localdate() + timedelta(days=1)
    work.open_task(
        version, kind=Task.Kind.VERIFY_BACKUP, system=version.home_system, url=version.get_absolute_url(),
        person=version.home_system.technical_owner, due_on=due, actor=actor,
    )  # fmt: skip


@retried
def verify_backup(version: ModelVersion, *, actor: User) -> list[str]:
    """Read the stored bytes of the version and of the artefacts released with it; the names of those that differ."""
    access.require(actor, access.DEPLOYMENT_REPORT, version)
    broken = verified(version, actor)
    if broken:
        return broken
    for kind in (Task.Kind.DRIFT, Task.Kind.VERIFY_BACKUP):
        work.close_tasks(version, kind=kind, actor=actor)
    if version.known_good:
        ask_to_verify(ModelVersion.objects.get(pk=version.pk), actor=actor)
    return []


@retried
def verify_by_night(version: ModelVersion) -> list[str]:
    """The same by a worker, for versions that are known to be good; a worker may open tasks and closes none."""
    return verified(version, None)


def verified(version: ModelVersion, actor: User | None) -> list[str]:
    """Read, compare, and keep when; bytes that differ open a task for whoever answers for the build."""
    version = ModelVersion.objects.select_for_update(of=("self",)).select_related("artifact").get(pk=version.pk)
    broken = [name for name, blob in kept(version) if not is_whole(blob)]
    if broken:
        log.record(actor, "version.backup_failed", version, broken=broken)
        alarm(version, None, actor=actor)
        return broken
    version.backup_verified_at = timezone.now()
    version.save(update_fields=["backup_verified_at"])
    log.record(actor, "version.backup_verified", version)
    return []


def kept(version: ModelVersion) -> list[tuple[str, Blob]]:
    """What would have to be read to let the version serve again."""
    published = Release.objects.filter(version=version, status=Release.Status.PUBLISHED)
    rows = ArtifactVersion.objects.filter(releases__in=published).distinct().select_related("artifact", "content")
    return [(version.artifact_name, version.artifact), *((str(row), row.content) for row in rows)]


def is_whole(blob: Blob) -> bool:
    """The stored bytes are there and have the digest under which they are kept."""
    hashed = hashlib.sha256()
    try:
        with blob.path.open("rb") as file:
            while chunk := file.read(CHUNK):
                hashed.update(chunk)
    except OSError:
        return False
    return hashed.hexdigest() == blob.sha256
