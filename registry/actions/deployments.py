"""Starts and stops deployments; these alone move a system into and out of pilot and production."""

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, Deployment, Release, Stage, User
from registry.transactions import retried

MOVES = {Deployment.Environment.PILOT: Stage.PILOT, Deployment.Environment.PRODUCTION: Stage.PRODUCTION}


@retried
def start_deployment(release: Release, *, environment: str, region: str, actor: User, endpoint: str = "") -> Deployment:
    """Enter a running instance of a published release."""
    access.require(actor, access.DEPLOYMENT_START, release)
    release = Release.objects.select_for_update().get(pk=release.pk)
    if release.status != Release.Status.PUBLISHED:
        raise NotAllowed(_("%(release)s is %(status)s; only a published release is deployed.") % {
            "release": release, "status": release.get_status_display(),
        })  # fmt: skip
    if environment not in Deployment.Environment.values:
        raise BadInput(_("“%s” is no environment.") % environment, field="environment")
    if not region.strip():
        raise BadInput(_("Name the region in which it runs."), field="region")
    running = Deployment(
        release=release, environment=environment, region=region.strip(), endpoint=endpoint, started_at=timezone.now()
    )
    running.save()
    log.record(actor, "deployment.started", running)
    settle_stage(release.system, actor=actor)
    return running


@retried
def stop_deployment(deployment: Deployment, *, reason: str, actor: User) -> None:
    """End a running instance."""
    access.require(actor, access.DEPLOYMENT_STOP, deployment)
    deployment = Deployment.objects.select_for_update().get(pk=deployment.pk)
    if deployment.status != Deployment.Status.RUNNING:
        raise NotAllowed(_("%s does not run.") % deployment)
    deployment.status, deployment.ended_at = Deployment.Status.STOPPED, timezone.now()
    deployment.save()
    log.record(actor, "deployment.stopped", deployment, reason=reason)
    settle_stage(deployment.release.system, actor=actor)


def settle_stage(system: AISystem, *, actor: User) -> None:
    """The stage that follows from what runs: production before pilot; back to validation when nothing does."""
    running = set(Deployment.objects.running().filter(release__system=system).values_list("environment", flat=True))
    stages = [stage for environment, stage in reversed(MOVES.items()) if environment in running]
    system = AISystem.objects.select_for_update().get(pk=system.pk)
    was_in_use = system.lifecycle_stage in set(MOVES.values())
    stage = stages[0] if stages else (Stage.VALIDATION if was_in_use else system.lifecycle_stage)
    if stage != system.lifecycle_stage:
        system.lifecycle_stage = stage
        system.save()
        log.record(actor, "system.moved", system, stage=str(stage))
