"""Signs off a release: one person, one decision, bound to the digest of what was seen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry import access, gates, lifecycle, material, policy, separation
from registry.actions import delegations, releases, renewals, rounds, work
from registry.actions.cards import set_card_status
from registry.actions.conditions import Asked, require_conditions, set_conditions
from registry.actions.texts import required_text
from registry.audit import log
from registry.decision import difference
from registry.decision.signing import signed_by
from registry.errors import BadInput, GateClosed, NotAllowed
from registry.models import (
    BusinessUnit,
    ModelCard,
    Release,
    Review,
    RoleAssignment,
    SignOff,
    Task,
    User,
    Waiver,
)
from registry.release_life.gates import APPROVAL
from registry.transactions import retried

Decision = SignOff.Decision


def sign_off(
    review: Review, *, duty: str, decision: str, reason: str, seen_digest: str, actor: User,
    conditions: Sequence[Asked] = (),
) -> SignOff:  # fmt: skip
    """Decide in one's duty. When the material changed meanwhile, earlier sign-offs are voided and this is refused."""
    changed = retried(rounds.void_stale)(
        review.release.system, actor=None, because=_("it was found changed when a reviewer decided")
    )
    if changed:
        review.refresh_from_db()
        raise NotAllowed(
            _("What you were shown has changed meanwhile: %s Read the review again and decide then.")
            % difference.since(review, seen_digest)
        )
    return decided(
        review, duty=duty, decision=decision, reason=reason.strip(), seen_digest=seen_digest, actor=actor,
        conditions=conditions,
    )  # fmt: skip


@retried
def decided(review: Review, *, actor: User, **given: Any) -> SignOff:
    """The decision itself, in one transaction; the duties that it is taken in are held, so they are read once."""
    separation.keep_duties(actor)
    with access.read_once(actor):
        return taken(review, actor=actor, **given)


def taken(
    review: Review, *, duty: str, decision: str, reason: str, seen_digest: str, actor: User,
    conditions: Sequence[Asked],
) -> SignOff:  # fmt: skip
    """Person, slot, digest, gates, state."""
    [review] = rounds.held(Review.objects.filter(pk=review.pk))
    require_may_decide(review, duty=duty, actor=actor)
    require_sound(review, decision=decision, reason=reason, seen_digest=seen_digest)
    if decision == Decision.CONDITIONAL:
        require_conditions(review, conditions)
    elif conditions:
        raise BadInput(_("Only an approval with conditions has any."), field="conditions")
    slot = open_slot(review, duty)
    if decision in SignOff.YES:
        slot.represents = represented(slot, actor)
    slot.auth_level = signed_by(actor, policy.Policy(review.policy))
    slot.person, slot.decision, slot.reason, slot.decided_at = actor, decision, reason, timezone.now()
    slot.subject_digest = review.subject_digest
    slot.save()
    log.record(actor, "sign_off.given", slot, reason=reason)
    separation.require_no_part(actor, separation.as_logged(review.release.version), duty=duty)
    delegations.note_act(slot, action=access.APPROVAL_DECIDE, duty=duty, actor=actor)
    set_conditions(slot, conditions, actor=actor)
    conclude(review, slot, actor=actor)
    return slot


def open_slot(review: Review, duty: str) -> SignOff:
    """The slot of the duty that waits in the stage whose turn it is."""
    slot = next((slot for slot in rounds.open_stage(review) if slot.duty == duty), None)
    if slot is None:
        raise NotAllowed(_("No sign-off of this duty is waiting; it may have been given by somebody else just now."))
    slot.review = review
    return slot


def represented(slot: SignOff, actor: User) -> list[str]:
    """The units of the stage for which the person speaks; the last slots are kept for units that nobody speaks for."""
    stage = rounds.stage_of(slot)
    mine = [slug for slug in stage.units if speaks_for(actor, slot.duty, slug)]
    here = SignOff.objects.filter(review=slot.review, round=slot.round, stage=slot.stage)
    missing = rounds.unspoken(list(here.approving()), stage)
    if missing and missing.isdisjoint(mine) and here.waiting().count() <= len(missing):
        raise NotAllowed(
            _("The sign-offs that are left in this stage are for people of %s: the policy wants their word.")
            % ", ".join(str(unit) for unit in BusinessUnit.objects.filter(slug__in=missing))
        )
    return mine


def speaks_for(person: User, duty: str, slug: str) -> bool:
    """The person holds the duty in the unit, or in one below it."""
    paths = list(BusinessUnit.objects.filter(slug=slug).values_list("path", flat=True))
    return any(
        grant.duty == duty and grant.unit.path.startswith(path) for grant in access.grants(person) for path in paths
    )


def require_may_decide(review: Review, *, duty: str, actor: User) -> None:
    """The review is open, the person holds the duty, and nothing separates the person from it."""
    if review.status != Review.Status.OPEN:
        raise NotAllowed(_("This review is closed (%s).") % review.get_status_display())
    require_not_ended(actor, duty, review.release)
    access.require(actor, access.APPROVAL_DECIDE, review.release)
    separation.require_duty(actor, duty, review.release)
    separation.require_decider(actor, review.release, duty=duty)
    separation.require_settled(actor, duty, review.release, pending_since=first_asked(review))


def first_asked(review: Review) -> datetime:
    """Since when the version waits for a decision: an edit, or a withdrawal, lets nothing begin anew for a fresh duty."""
    rows = Review.objects.filter(release__version=review.release.version).order_by("created_at")
    return rows.values_list("created_at", flat=True)[0]


def require_not_ended(person: User, duty: str, release: Release) -> None:
    """Tell whoever held the duty until lately since when it is over."""
    if access.holds(person, duty, release):
        return
    today = timezone.localdate()
    ended = RoleAssignment.objects.filter(person=person, duty=duty, ends_on__lte=today).order_by("-ends_on").first()
    if ended is not None and ended.ends_on is not None and release.unit.path.startswith(ended.unit.path):
        raise NotAllowed(
            _("Your duty as %(duty)s ended on %(day)s. Whoever holds it now decides; nothing was recorded.")
            % {"duty": ended.get_duty_display(), "day": date_format(ended.ends_on)}
        )


def require_sound(review: Review, *, decision: str, reason: str, seen_digest: str) -> None:
    """The decision is one, is reasoned, is about what is frozen, and an approval meets open gates."""
    if decision not in Decision.values:
        raise BadInput(_("“%s” is no decision.") % decision, field="decision")
    if len(reason) < 10:
        raise BadInput(_("Give a reason of at least ten characters; it stands in the report."), field="reason")
    required_text(reason)
    if seen_digest != review.subject_digest:
        raise NotAllowed(
            _("What you were shown is not what is up for decision now. %s Read the review again.")
            % difference.since(review, seen_digest)
        )
    if decision in SignOff.YES:
        require_open(review)


def require_open(review: Review) -> None:
    """Refuse with the first closed gate's reason, and with the end of a waiver that carried it until lately.

    Whether the approval holds is not asked of who renews it.
    """
    asked = (found for found in gates.evaluate(review.release) if found.slug != APPROVAL)
    closed = next((found for found in asked if not found.is_open), None)
    if closed is None:
        return
    past = Waiver.objects.accepted().filter(version=review.release.version_id, gate=closed.slug)
    over = past.filter(expires_on__lt=timezone.localdate()).order_by("-expires_on").first()
    raise GateClosed(
        _("The gate “%(gate)s” is closed: %(reason)s") % {"gate": closed.title, "reason": closed.reason}
        + (" " + _("The waiver of it ended with %s.") % date_format(over.expires_on) if over else "")
    )


def conclude(review: Review, slot: SignOff, *, actor: User) -> None:
    """What follows from a decision: the end of the review, the next stage, or waiting."""
    release = review.release
    if slot.decision in {Decision.REJECT, Decision.REQUEST_CHANGES}:
        renewals.refuse(review, reason=slot.reason, actor=actor)
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
    elif slot.decision == Decision.ABSTAIN:
        rounds.open_another(slot, actor=actor)
    else:
        go_on(review, slot, actor=actor)


def go_on(review: Review, slot: SignOff, *, actor: User) -> None:
    """After a yes: an agreed stage closes what is left of it, the next one is asked, and the last one approves."""
    stage = rounds.stage_of(slot)
    if rounds.is_agreed(review, stage):
        rounds.close_rest(review, stage, actor=actor)
    waiting = rounds.open_stage(review)
    if not waiting:
        approve(review, actor=actor)
        return
    for duty in {ask.duty for ask in stage.asks} - {other.duty for other in waiting}:
        work.close_tasks(review, duty=duty, actor=actor)
    rounds.ask_next_stage(review, actor=actor)


def approve(review: Review, *, actor: User) -> None:
    """The last sign-off: the gates are asked again and stored, the version is approved, a publisher is asked."""
    release, is_renewal = review.release, renewals.is_renewal(review)
    found = gates.evaluate(release) if is_renewal else lifecycle.move(release, "approve", actor=actor)
    review.gates_at_decision = [answer.as_json() for answer in found]
    review.save()
    if is_renewal:
        renewals.renewed(review, actor=actor)
        return
    rounds.close_review(release, Review.Status.APPROVED, actor=actor)
    set_card_status(release.card, ModelCard.Status.APPROVED, actor=actor, approved_at=timezone.now())
    releases.ask_publisher(release, actor=actor)


def part_digests(review: Review) -> dict[str, str]:
    """The digest of each part of the frozen material, for the page and the pack."""
    return material.part_digests(review.material)
