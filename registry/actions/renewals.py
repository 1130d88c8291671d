"""Renews approvals before they end: a new round of the same review, while the approval before it holds to its end."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, lifecycle
from registry.actions import conditions, rounds, work
from registry.actions.endings import required
from registry.audit import log
from registry.errors import NotAllowed
from registry.models import Release, Review, SignOff, User
from registry.release_gates import newest_evidence
from registry.retirement.in_use import require_in_use
from registry.transactions import retried


@retried
def renew(release: Release, *, reason: str, actor: User) -> Review:
    """Ask for everybody's sign-off anew, on the newest runs; what is published stays in use until its approval ends.

    A renewal that waits already begins anew: what was signed in it is voided.
    """
    access.require(actor, access.APPROVAL_SUBMIT, release.version)
    reason = required(reason)
    release = Release.objects.select_for_update().get(pk=release.pk)
    require_in_use(release.version, actor)
    if release.status != Release.Status.PUBLISHED:
        raise NotAllowed(_("%(release)s is %(status)s; only what is published is renewed.") % {
            "release": release, "status": release.get_status_display(),
        })  # fmt: skip
    [review] = rounds.held(Review.objects.filter(release=release))
    if is_renewal(review):
        void(review, SignOff.objects.filter(round=review.round), because=_("asked anew: %s") % reason, actor=actor)
    release.evidence.set(newest_evidence(release.version))
    log.record(actor, "release.renewal_asked", release, reason=reason)
    begin_round(review, reason=reason, actor=actor)
    return review


def begin_round(review: Review, *, reason: str, actor: Any) -> None:
    """The next round of a review that was closed, with slots of its own; the sign-offs before it stand."""
    review.round, review.status, review.closed_at = review.round + 1, Review.Status.OPEN, None
    review.due_on = timezone.localdate() + timedelta(days=review.policy["due_days"])
    rounds.freeze(review, actor=actor, because=reason)
    work.close_tasks(review, actor=actor)
    rounds.open_slots(review, actor=actor)


def is_renewal(review: Review) -> bool:
    """People decide anew on what is published."""
    return review.status == Review.Status.OPEN and review.release.status == Release.Status.PUBLISHED


def renewed(review: Review, *, actor: User) -> None:
    """The last sign-off of a renewal: the approval gets a new end, and the sign-offs of the rounds before it step back."""
    release = Release.objects.select_for_update().get(pk=review.release_id)
    release.approval_ends_on = lifecycle.approval_end(release)
    release.save()
    log.record(actor, "release.renewed", release)
    before = SignOff.objects.filter(round__lt=review.round)
    void(review, before, because=_("renewed in round %d") % review.round, actor=actor)
    review.status, review.closed_at = Review.Status.APPROVED, timezone.now()
    review.save()
    log.record(actor, "review.approved", review)
    work.close_tasks(review, actor=actor)
    work.close_tasks(release, actor=actor)
    conditions.close_questions(review, actor=actor)


def void(review: Review, slots: Any, *, because: str, actor: Any) -> None:
    """Let sign-offs of the review stand no more; an abstention is about the person and stays."""
    for slot in slots.filter(review=review, voided_at__isnull=True).exclude(decision=SignOff.Decision.ABSTAIN):
        slot.voided_at, slot.void_reason = timezone.now(), because
        slot.save()
        log.record(actor, "sign_off.voided", slot, reason=because)


def refuse(review: Review, *, reason: str, actor: User) -> None:
    """A renewal that is refused takes the release out of use first; the refusal then goes its usual way."""
    if is_renewal(review):
        lifecycle.move(review.release, "suspend", actor=actor, reason=reason)
