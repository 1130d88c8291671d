"""Starts, replaces and stops deployments; these alone move a system into and out of pilot and production."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, gates, release_notes, serving, stages
from registry.actions import rollouts, work
from registry.actions.inventory import only
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, Deployment, Release, Stage, User
from registry.retirement.in_use import require_in_use
from registry.transactions import retried

MOVES = {Deployment.Environment.PILOT: Stage.PILOT, Deployment.Environment.PRODUCTION: Stage.PRODUCTION}
# What is said of a deployment and may change while it runs; where it runs may not: moving it makes a new one.
FACTS = frozenset(
    {
        "residency", "failover_region", "redundancy", "business_owner", "technical_owner", "rate_limit", "quotas",
        "log_store", "log_write_once",
    }
)  # fmt: skip
QUOTA = ("consumer", "limit")


@retried
def start_deployment(
    release: Release, *, environment: str, region: str, actor: User, endpoint: str = "", **facts: Any
) -> Deployment:
    """Enter a running instance of a published release."""
    access.require(actor, access.DEPLOYMENT_START, release)
    running = entered(release, actor=actor, environment=environment, region=region, endpoint=endpoint, **facts)
    rollouts.first_step(running, actor=actor)
    settle_stage(release.system, actor=actor)
    return running


def entered(
    release: Release, *, actor: User, replaces: Deployment | None = None, is_fallback: bool = False, **where: Any
) -> Deployment:
    """The row of a running instance, checked and recorded; what it takes over from is stopped by the caller.

    What falls back asks no gate: the target was agreed on at publication, and nothing may stand in its way.
    """
    release = Release.objects.select_for_update().get(pk=release.pk)
    require_in_use(release.version, actor)
    if release.system.lifecycle_stage in stages.HELD:
        raise NotAllowed(_("%(system)s is %(stage)s; nothing of it is started.") % {
            "system": release.system, "stage": release.system.get_lifecycle_stage_display().lower(),
        })  # fmt: skip
    if release.status != Release.Status.PUBLISHED:
        raise NotAllowed(_("%(release)s is %(status)s; only a published release is deployed.") % {
            "release": release, "status": release.get_status_display(),
        })  # fmt: skip
    place = {name: where.pop(name).strip() for name in ("environment", "region", "endpoint")}
    running = Deployment(release=release, replaces=replaces, started_at=timezone.now(), **place, **only(where, FACTS))
    require_place(running, actor=actor)
    running.quotas = release_notes.pairs(running.quotas, names=QUOTA, field="quotas")
    if not is_fallback:
        gates.require_open(running, at=f"{gates.DEPLOYMENT}:{running.environment}", actor=actor)
    running.save()
    log.record(actor, "deployment.started", running, replaces=str(replaces.pk) if replaces else "")
    return running


def require_place(running: Deployment, *, actor: User) -> None:
    """An environment that is one, a region, and an endpoint that is not shared between trial and use."""
    if running.environment not in Deployment.Environment.values:
        raise BadInput(_("“%s” is no environment.") % running.environment, field="environment")
    if not running.region:
        raise BadInput(_("Name the region in which it runs."), field="region")
    for other in serving.others_at(running, actor):
        if serving.is_for_trial(other) != serving.is_for_trial(running) and other.pk != running.replaces_id:
            raise BadInput(
                _(
                    "%(other)s runs on this endpoint: what is for trial never serves as production. Use another endpoint."
                )
                % {"other": other},
                field="endpoint",
            )


@retried
def edit_deployment(deployment: Deployment, *, actor: User, **facts: Any) -> Deployment:
    """Change what is said of a running instance; an own owner that is taken away is inherited again."""
    access.require(actor, access.DEPLOYMENT_START, deployment)
    row = locked(deployment)
    for name, value in only(facts, FACTS).items():
        if name in {"log_store", "log_write_once"} and value != getattr(row, name):
            row.write_once_verified_at = None
        setattr(row, name, value)
    row.quotas = release_notes.pairs(row.quotas, names=QUOTA, field="quotas")
    row.save()
    log.record(actor, "deployment.edited", row, fields=sorted(facts))
    return row


@retried
def stop_deployment(deployment: Deployment, *, reason: str, actor: User) -> None:
    """End a running instance."""
    access.require(actor, access.DEPLOYMENT_STOP, deployment)
    row = locked(deployment)
    end(row, "deployment.stopped", reason=reason, actor=actor)
    settle_stage(row.release.system, actor=actor)


def locked(deployment: Deployment) -> Deployment:
    """The row as it is now, held until the transaction ends, if it still runs."""
    rows = Deployment.objects.select_for_update(of=("self",)).select_related("release__system", "release__version")
    row = rows.get(pk=deployment.pk)
    if row.status != Deployment.Status.RUNNING:
        raise NotAllowed(_("%s does not run.") % row)
    return row


def end(row: Deployment, event: str, *, reason: str, actor: User, **data: str) -> None:
    """The last entry of a running instance; what was to be looked into of it is over."""
    row.status, row.ended_at, row.drift_since = Deployment.Status.STOPPED, timezone.now(), None
    row.save()
    log.record(actor, event, row, reason=reason, **data)
    work.close_tasks(row, actor=actor)


@retried
def redeploy(
    deployment: Deployment, *, reason: str, actor: User, environment: str = "", region: str = "", endpoint: str = ""
) -> Deployment:
    """Start the same release anew, in the same place or elsewhere; the instance before it is stopped."""
    access.require(actor, access.DEPLOYMENT_START, deployment)
    row = locked(deployment)
    to = {"environment": environment or row.environment, "region": region or row.region}
    require_no_promotion(row, to["environment"])
    moved = replaced(row, row.release, "deployment.redeployed", reason=reason, actor=actor, endpoint=endpoint, **to)
    if not rollouts.is_complete(row):
        rollouts.first_step(moved, actor=actor)
    settle_stage(row.release.system, actor=actor)
    return moved


def require_no_promotion(row: Deployment, environment: str) -> None:
    """A sandbox never becomes what serves: that is deployed from the published release, as an entry of its own."""
    if row.environment == Deployment.Environment.SANDBOX and environment in set(MOVES):
        raise NotAllowed(
            _("A sandbox never serves as %s. Start a deployment of its own on the page of the release.")
            % Deployment.Environment(environment).label.lower()
        )


@retried
def roll_back(deployment: Deployment, *, reason: str, actor: User) -> Deployment:
    """Fall back: stop the instance and start, in its place, the release that its own names as the one to fall back to.

    Whoever may stop it may do so: the target was agreed on when the release was published.
    """
    access.require(actor, access.DEPLOYMENT_STOP, deployment)
    if len(reason.strip()) < 10:
        raise BadInput(_("Say in at least ten characters why it falls back."), field="reason")
    row = locked(deployment)
    target = row.release.rollback_to
    if target is None:
        raise NotAllowed(_("%s names no release to fall back to: stop it instead.") % row.release)
    back = replaced(
        row, target, "deployment.rolled_back", reason=reason.strip(), actor=actor,
        environment=row.environment, region=row.region,
    )  # fmt: skip
    settle_stage(row.release.system, actor=actor)
    return back


def replaced(row: Deployment, release: Release, event: str, *, reason: str, actor: User, **to: str) -> Deployment:
    """An instance of the release in the place of a running one, which ends; both say so in the log."""
    facts = {name: getattr(row, name) for name in FACTS}
    to["endpoint"] = to.get("endpoint") or row.endpoint
    is_fallback = release.pk != row.release_id
    successor = entered(release, actor=actor, replaces=row, is_fallback=is_fallback, **to, **facts)
    end(
        row, event, reason=reason, actor=actor, replaced_by=str(successor.pk), now_serves=str(successor.release.version)
    )
    return successor


def settle_stage(system: AISystem, *, actor: User) -> None:
    """The stage that follows from what runs: production before pilot; back to validation when nothing does."""
    running = set(Deployment.objects.running().filter(release__system=system).values_list("environment", flat=True))
    follow = [stage for environment, stage in reversed(MOVES.items()) if environment in running]
    system = AISystem.objects.select_for_update().get(pk=system.pk)
    was_in_use = system.lifecycle_stage in set(MOVES.values())
    stage = follow[0] if follow else (Stage.VALIDATION if was_in_use else system.lifecycle_stage)
    if stage != system.lifecycle_stage:
        system.lifecycle_stage = stage
        system.save()
        log.record(actor, "system.moved", system, stage=str(stage))
