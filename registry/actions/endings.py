"""Ends of a version: suspended for cause, deprecated while others move on, retired for good."""

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, fallback, lifecycle, separation
from registry.actions import retirement, rounds, work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Deployment, Release, Review, User
from registry.retirement import readiness
from registry.transactions import retried


@retried
def suspend(release: Release, *, reason: str, actor: User) -> None:
    """Take a published version out of use until it is decided on anew: its sign-offs are voided and asked for again."""
    access.require(actor, access.APPROVAL_REVOKE, release.version)
    reason = required(reason)
    [review] = rounds.held(Review.objects.filter(release=release))
    if review.release.status != Release.Status.PUBLISHED:
        raise NotAllowed(
            _("%(release)s is %(status)s; only what is published can be suspended.")
            % {"release": review.release, "status": review.release.get_status_display()}
        )
    why = _("suspended by %(who)s: %(reason)s") % {"who": actor, "reason": reason}
    rounds.reopen(review, reason=why, actor=actor)


@retried
def deprecate(release: Release, *, reason: str, actor: User) -> None:
    """Say that a published version should no longer be chosen; it goes on working, and a date ahead becomes today."""
    access.require(actor, access.MODEL_RETIRE_REQUEST, release.version)
    release = Release.objects.select_for_update().get(pk=release.pk)
    lifecycle.move(release, "deprecate", actor=actor, reason=required(reason))


@retried
def retire(release: Release, *, reason: str, actor: User) -> None:
    """End a version for good. Nothing of it may run any more; whoever made it or deprecated it does not retire it."""
    separation.require_now(actor, access.MODEL_RETIRE_CONFIRM, release.version)
    reason = required(reason)
    release = Release.objects.select_for_update().get(pk=release.pk)
    separation.require_retirer(actor, release.version)
    running = Deployment.objects.running().filter(release__version=release.version).first()
    if running is not None:
        raise NotAllowed(_("%s still serves. Stop it on the page of its release, then retire the version.") % running)
    readiness.require_ready(release.version)
    fallback.require_dispensable(release.version)
    lifecycle.move(release, "retire", actor=actor, reason=reason)
    retirement.complete(release.version, actor=actor)
    close_open_review(release, actor=actor)
    work.close_tasks(release, actor=actor)


def close_open_review(release: Release, *, actor: User) -> None:
    """Nobody decides on what has ended; the card keeps what was last said."""
    review = Review.objects.open().select_for_update(of=("self",)).filter(release=release).first()
    if review is None:
        return
    review.status, review.closed_at = Review.Status.WITHDRAWN, timezone.now()
    review.save()
    log.record(actor, "review.withdrawn", review)
    work.close_tasks(review, actor=actor)


def required(reason: str) -> str:
    """The reason, when it says something."""
    if len(reason.strip()) < 10:
        raise BadInput(_("Give a reason of at least ten characters; it stands in the report."), field="reason")
    return reason.strip()
