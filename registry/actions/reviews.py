"""Signs off a release: one person, one decision, bound to the digest of what was seen."""

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, gates, lifecycle, material, separation
from registry.actions import releases, rounds, work
from registry.actions.cards import set_card_status
from registry.audit import log
from registry.errors import BadInput, GateClosed, NotAllowed
from registry.models import ModelCard, Review, SignOff, Task, User
from registry.transactions import retried

Decision = SignOff.Decision


def sign_off(
    review: Review, *, duty: str, decision: str, reason: str, seen_digest: str, actor: User, auth_level: str = "session"
) -> SignOff:
    """Decide in one's duty. When the material changed meanwhile, earlier sign-offs are voided and this is refused."""
    changed = retried(rounds.void_stale)(
        review.release.system, actor=None, because=_("it was found changed when a reviewer decided")
    )
    if changed:
        raise NotAllowed(_("What you were shown has changed meanwhile. Read the review again and decide then."))
    return decided(
        review, duty=duty, decision=decision, reason=reason.strip(), seen_digest=seen_digest, actor=actor,
        auth_level=auth_level,
    )  # fmt: skip


@retried
def decided(
    review: Review, *, duty: str, decision: str, reason: str, seen_digest: str, actor: User, auth_level: str
) -> SignOff:
    """The decision itself, in one transaction: person, slot, digest, gates, state."""
    rows = Review.objects.select_for_update(of=("self",))
    review = rows.select_related("release__version__model__system").get(pk=review.pk)
    require_may_decide(review, duty=duty, actor=actor)
    require_sound(review, decision=decision, reason=reason, seen_digest=seen_digest)
    slot = next((slot for slot in rounds.open_stage(review) if slot.duty == duty), None)
    if slot is None:
        raise NotAllowed(_("No sign-off of this duty is waiting; it may have been given by somebody else just now."))
    slot.person, slot.decision, slot.reason, slot.decided_at = actor, decision, reason, timezone.now()
    slot.subject_digest, slot.auth_level = review.subject_digest, auth_level
    slot.save()
    log.record(actor, "sign_off.given", slot, reason=reason)
    conclude(review, slot, actor=actor)
    return slot


def require_may_decide(review: Review, *, duty: str, actor: User) -> None:
    """The review is open, the person holds the duty, and nothing separates the person from it."""
    if review.status != Review.Status.OPEN:
        raise NotAllowed(_("This review is closed (%s).") % review.get_status_display())
    access.require(actor, access.APPROVAL_DECIDE, review.release)
    separation.require_duty(actor, duty, review.release)
    separation.require_decider(actor, review.release)
    asked = SignOff.objects.waiting().filter(review=review, duty=duty).order_by("created_at").first()
    separation.require_settled(actor, duty, review.release, pending_since=asked.created_at if asked else None)


def require_sound(review: Review, *, decision: str, reason: str, seen_digest: str) -> None:
    """The decision is one, is reasoned, is about what is frozen, and an approval meets open gates."""
    if decision not in Decision.values:
        raise BadInput(_("“%s” is no decision.") % decision, field="decision")
    if len(reason) < 10:
        raise BadInput(_("Give a reason of at least ten characters; it stands in the report."), field="reason")
    if seen_digest != review.subject_digest:
        raise NotAllowed(_("What you were shown is not what is up for decision now. Read the review again."))
    if decision == Decision.APPROVE:
        closed = [found for found in gates.evaluate(review.release) if not found.is_open]
        if closed:
            raise GateClosed(
                _("The gate “%(gate)s” is closed: %(reason)s") % {"gate": closed[0].title, "reason": closed[0].reason}
            )


def conclude(review: Review, slot: SignOff, *, actor: User) -> None:
    """What follows from a decision: the end of the review, the next stage, or waiting."""
    release = review.release
    if slot.decision == Decision.REJECT:
        lifecycle.move(release, "reject", actor=actor, reason=slot.reason)
        rounds.close_review(release, Review.Status.REJECTED, actor=actor)
    elif slot.decision == Decision.REQUEST_CHANGES:
        lifecycle.move(release, "request_changes", actor=actor, reason=slot.reason)
        rounds.close_review(release, Review.Status.CHANGES_REQUESTED, actor=actor)
        work.open_task(
            release, kind=Task.Kind.MEND, system=release.system, url=release.version.get_absolute_url(),
            person=release.author, actor=actor,
        )  # fmt: skip
    elif SignOff.objects.waiting().filter(review=review).exists():
        if not any(other.duty == slot.duty for other in rounds.open_stage(review)):
            work.close_tasks(review, duty=slot.duty, actor=actor)
        rounds.ask_next_stage(review, actor=actor)
    else:
        approve(review, actor=actor)


def approve(review: Review, *, actor: User) -> None:
    """The last sign-off: the gates are asked again and stored, the version is approved, a publisher is asked."""
    release = review.release
    review.gates_at_decision = [found.as_json() for found in gates.evaluate(release)]
    review.save()
    lifecycle.move(release, "approve", actor=actor)
    rounds.close_review(release, Review.Status.APPROVED, actor=actor)
    set_card_status(release.card, ModelCard.Status.APPROVED, actor=actor, approved_at=timezone.now())
    releases.ask_publisher(release, actor=actor)


def part_digests(review: Review) -> dict[str, str]:
    """The digest of each part of the frozen material, for the page and the pack."""
    return material.part_digests(review.material)
