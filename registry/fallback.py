"""What a running release falls back to, and what must stay because it serves or would have to serve."""

from datetime import timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from registry import moment
from registry.errors import NotAllowed
from registry.models import ArtifactVersion, DatasetVersion, Deployment, ModelVersion, Release

# The stored bytes of a version that is known to be good are read again within this time, or a warning shows.
VERIFY_WITHIN: Final = timedelta(days=30)
# How a release names what it consists of.
PLACE: Final = {
    ModelVersion: "version",
    ArtifactVersion: "artifact_versions",
    DatasetVersion: "dataset_versions",
}


def targets(release: Release) -> QuerySet[Release]:
    """The releases that it could fall back to: published ones of its system, those known to be good first."""
    rows = Release.objects.filter(system=release.system, status=Release.Status.PUBLISHED)
    rows = rows.exclude(version=release.version).select_related("version__model")
    return rows.order_by("-version__known_good", "-published_at")


def can_take_over(release: Release) -> bool:
    """It names a release to fall back to, and that one is published."""
    return release.rollback_to is not None and release.rollback_to.status == Release.Status.PUBLISHED


def needing(thing: Any) -> QuerySet[Deployment]:
    """What runs and consists of the version of a model, artefact or data set, or would fall back to it."""
    place = PLACE[type(thing)]
    where = Q(**{f"release__{place}": thing}) | Q(**{f"release__rollback_to__{place}": thing})
    return Deployment.objects.running().filter(where).select_related("release__version__model").distinct()


def require_dispensable(thing: Any) -> None:
    """Refuse to take away what runs or what it falls back to."""
    running = needing(thing).first()
    if running is not None:
        raise NotAllowed(
            _("%(running)s needs %(thing)s, to serve or to fall back to. Stop it or let it fall back elsewhere first.")
            % {"running": running, "thing": thing}
        )


def is_overdue(version: ModelVersion) -> bool:
    """It is known to be good, and its stored bytes were not read again in time."""
    last = version.backup_verified_at
    return version.known_good and (last is None or last < moment.now() - VERIFY_WITHIN)
