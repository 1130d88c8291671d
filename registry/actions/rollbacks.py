"""Rolls a whole release back: everything of it that runs falls back in one act, and it is published no more."""

from django.utils.translation import gettext as _

from registry import access, lifecycle
from registry.actions import later_runs, rounds, work
from registry.actions.deployments import replaced, settle_stage
from registry.actions.endings import required
from registry.audit import log
from registry.errors import NotAllowed
from registry.models import Deployment, Release, Review, User
from registry.transactions import retried


@retried
def roll_back_release(release: Release, *, reason: str, actor: User) -> Release:
    """Let all that runs of it fall back to the release that was named, and take it out of publication.

    Whoever may stop its deployments may do so: the target was agreed on at publication. The version goes back to its
    author; it returns only by a release of its own. What names it to fall back to takes its target instead.
    """
    access.require(actor, access.DEPLOYMENT_STOP, release)
    reason = required(reason)
    release = Release.objects.select_for_update().get(pk=release.pk)
    target = target_of(release)
    lifecycle.move(release, "roll_back", actor=actor, reason=reason)
    for running in Deployment.objects.running().filter(release=release).order_by("pk").select_for_update():
        replaced(
            running, target, "deployment.rolled_back", reason=reason, actor=actor,
            environment=running.environment, region=running.region,
        )  # fmt: skip
    lead_elsewhere(release, target, reason=reason, actor=actor)
    if Review.objects.open().filter(release=release).exists():
        rounds.close_review(release, Review.Status.WITHDRAWN, actor=actor)
    later_runs.overtake(release.later_runs.waiting(), actor=actor)
    work.close_tasks(release, actor=actor)
    settle_stage(release.system, actor=actor)
    return release


def target_of(release: Release) -> Release:
    """The release that is named to fall back to, where it can take over."""
    if release.status == Release.Status.ROLLED_BACK:
        raise NotAllowed(_("%s is rolled back already.") % release)
    target = release.rollback_to
    if target is None:
        raise NotAllowed(
            _("%s names no release to fall back to: suspend it, and stop its deployments instead.") % release
        )
    if target.status != Release.Status.PUBLISHED:
        raise NotAllowed(
            _("%(target)s is %(status)s and cannot take over. Choose another release to fall back to first.")
            % {"target": target, "status": target.get_status_display()}
        )
    return target


def lead_elsewhere(release: Release, target: Release, *, reason: str, actor: User) -> None:
    """Releases that would have fallen back to this one fall back to where it fell; the target itself to nothing."""
    for other in Release.objects.filter(rollback_to=release, status=Release.Status.PUBLISHED).select_for_update():
        other.rollback_to = None if other.pk == target.pk else target
        other.save()
        log.record(actor, "release.fallback_chosen", other, reason=reason)
