"""Rolls a release out step by step: each step begun by a person, each asking the gates anew, stopped by an alarm."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, gates
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Deployment, Release, RolloutStep, User
from registry.release_life import rollouts
from registry.transactions import hold, retried


def first_step(deployment: Deployment, *, actor: User) -> None:
    """The first step of a deployment that was just entered, where the policy gives production step by step."""
    planned = rollouts.planned_for(deployment)
    if planned:
        begun(deployment, 1, planned[0], reason="", actor=actor)


def is_complete(deployment: Deployment) -> bool:
    """It serves production in full already: what is started in its place need not begin anew."""
    if deployment.environment != Deployment.Environment.PRODUCTION:
        return False
    rollout = rollouts.of(deployment)
    return rollout is None or (rollout.next_share is None and not rollout.last.is_halted)


@retried
def begin_step(deployment: Deployment, *, reason: str, actor: User) -> RolloutStep:
    """Give the next share, or go on after a stop; the step before has baked, and the gates are asked anew."""
    access.require(actor, access.DEPLOYMENT_START, deployment)
    row, rollout = held(deployment)
    if len(reason.strip()) < 10:
        raise BadInput(_("Say in at least ten characters why it goes on."), field="reason")
    if rollout.next_share is None:
        raise NotAllowed(_("%s has reached its last step.") % row)
    if rollout.waits_for:
        raise NotAllowed(_("%s The next one begins after that.") % rollout.waits_for)
    require_published(row)
    gates.require_open(row, at=f"{gates.DEPLOYMENT}:{row.environment}", actor=actor)
    number = rollout.next_number
    return begun(row, number, rollout.planned[number - 1], reason=reason.strip(), actor=actor)


@retried
def halt_rollout(deployment: Deployment, *, reason: str, actor: User) -> RolloutStep:
    """Stop the roll-out: the step gives nothing any more until a person goes on."""
    access.require(actor, access.DEPLOYMENT_STOP, deployment)
    _row, rollout = held(deployment)
    if len(reason.strip()) < 10:
        raise BadInput(_("Say in at least ten characters why it is stopped."), field="reason")
    if rollout.last.is_halted:
        raise NotAllowed(_("It is stopped already."))
    return halted(rollout.last, because=reason.strip(), actor=actor)


def halt_all(release: Release, *, because: str, actor: Any) -> int:
    """Stop every roll-out of a release that still goes on; one at its last step is rolled out, and goes on serving."""
    count = 0
    for deployment in rollouts.in_progress(release):
        rollout = rollouts.of(deployment)
        if rollout is not None and not rollout.last.is_halted and rollout.next_share is not None:
            halted(rollout.last, because=because, actor=actor)
            count += 1
    return count


def held(deployment: Deployment) -> tuple[Deployment, rollouts.Rollout]:
    """The running row, held until the transaction ends, and its roll-out."""
    rows = Deployment.objects.select_for_update(of=("self",)).select_related("release__system", "release__version")
    row = rows.get(pk=deployment.pk)
    if row.status != Deployment.Status.RUNNING:
        raise NotAllowed(_("%s does not run.") % row)
    rollout = rollouts.of(row)
    if rollout is None:
        raise NotAllowed(_("%s is not rolled out step by step.") % row)
    return row, rollout


def require_published(row: Deployment) -> None:
    """What was suspended or rolled back meanwhile is not given any further."""
    hold(row.release)
    if row.release.status != Release.Status.PUBLISHED:
        raise NotAllowed(_("%(release)s is %(status)s; only a published release is rolled out.") % {
            "release": row.release, "status": row.release.get_status_display(),
        })  # fmt: skip


def begun(deployment: Deployment, number: int, step: dict[str, int], *, reason: str, actor: User) -> RolloutStep:
    """The row of a step that begins now."""
    row = RolloutStep(
        deployment=deployment, number=number, share=step["share"], days=step.get("days", 0), person=actor, reason=reason
    )
    row.save()
    log.record(actor, "rollout.step_begun", row, reason=reason, share=row.share)
    return row


def halted(step: RolloutStep, *, because: str, actor: Any) -> RolloutStep:
    """The step as stopped."""
    step.halted_at, step.halted_because = timezone.now(), because
    step.save()
    log.record(actor, "rollout.halted", step, reason=because)
    return step
