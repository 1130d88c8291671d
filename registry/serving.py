"""What a running instance should serve and whom it shares an endpoint with, and where the two disagree."""

from datetime import timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from registry import moment, parts
from registry.models import ArtifactType, ArtifactVersion, Deployment, ModelVersion

TRIAL: Final = (Deployment.Environment.SANDBOX, Deployment.Environment.DEVELOPMENT, Deployment.Environment.TEST)
# A store that is written once only is looked at again within this time, or a warning shows.
LOOK_WITHIN: Final = timedelta(days=90)


def is_for_trial(deployment: Deployment) -> bool:
    """Nobody relies on what it answers."""
    return deployment.environment in TRIAL


def others_at(deployment: Deployment, person: Any) -> QuerySet[Deployment]:
    """What else runs on its endpoint, as far as the person may see it; nothing where none is named."""
    rows = Deployment.objects.visible_to(person).running().filter(endpoint=deployment.endpoint).exclude(endpoint="")
    return rows.exclude(pk=deployment.pk).select_related("release__version__model", "release__system")


def differences(sharing: list[Deployment]) -> list[str]:
    """In what the applications behind one endpoint differ though they should not: tier, guardrails, configuration."""
    found = []
    if len({row.release.system.risk_tier for row in sharing}) > 1:
        tiers = sorted({str(row.release.system.get_risk_tier_display()) for row in sharing})
        found.append(_("Their tiers differ: %s.") % ", ".join(tiers))
    for kind in parts.RULES:
        named = {tuple(sorted(parts.digests(row.release, of=(kind,)).items())) for row in sharing}
        if len(named) > 1:
            said = sorted(", ".join(name for _digest, name in one) or _("none") for one in named)
            found.append(_("%(kind)s: they differ (%(versions)s).") % {
                "kind": ArtifactType(kind).label, "versions": " / ".join(said),
            })  # fmt: skip
    return found


def strange(deployment: Deployment, digests: list[str]) -> list[str]:
    """The digests that no part of its release has."""
    known = parts.digests(deployment.release)
    return [digest for digest in digests if digest not in known]


def unseen(deployment: Deployment, digests: list[str]) -> list[str]:
    """The parts that it should load and that were not observed, by name."""
    return [name for digest, name in parts.served(deployment.release).items() if digest not in digests]


def whose(digest: str, person: Any) -> Any:
    """The registered version that has these bytes, as far as the person may see it, or None."""
    bare = digest.removeprefix("sha256:")
    versions = ModelVersion.objects.visible_to(person).filter(artifact=bare)
    return versions.first() or ArtifactVersion.objects.visible_to(person).filter(content=bare).first()


def is_overdue(deployment: Deployment) -> bool:
    """Its output should lie in a store that is written once only, and that was not verified in time."""
    last = deployment.write_once_verified_at
    return deployment.log_write_once and (last is None or last < moment.now() - LOOK_WITHIN)
