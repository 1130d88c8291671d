"""Opens a review and its rounds: slots and their turn, the frozen material, and the voiding when that changes."""

from datetime import timedelta
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import lifecycle, material, policy
from registry.actions import conditions, immaterial, rollouts, work
from registry.actions.cards import set_card_status
from registry.audit import log
from registry.decision.stages import Stage
from registry.models import (
    AISystem,
    ModelCard,
    Release,
    Review,
    SignOff,
    Task,
    User,
)

ABSTAIN = SignOff.Decision.ABSTAIN
# The releases that people decide on, or have decided on.
SIGNED = (Release.Status.IN_REVIEW, Release.Status.APPROVED, Release.Status.PUBLISHED)


def opened_review(release: Release, *, actor: User) -> Review:
    """The review with the policy of the tier, the frozen material, and its slots."""
    asked = policy.of_system(release.system)
    review = Review(release=release, policy=asked.body, policy_digest=asked.digest)
    review.due_on = timezone.localdate() + timedelta(days=asked.body["due_days"])
    review.save()
    freeze(review, actor=actor)
    open_slots(review, actor=actor)
    return review


def freeze(review: Review, *, actor: Any, because: str = "") -> None:
    """Take the material as it is now as what the sign-offs of this round are bound to.

    The log keeps each of them, with what made it necessary: whoever decides on an older one is shown the difference.
    """
    review.material = material.values(review.release)
    review.subject_digest = material.subject_digest(review.material)
    review.save()
    log.record(actor, "review.frozen", review, reason=because)


def open_slots(review: Review, *, actor: Any) -> None:
    """One slot per sign-off that the policy asks for, and a task for each duty of the first stage."""
    for stage, duty, ordinal in policy.Policy(review.policy).slots:
        open_slot(review, stage=stage, duty=duty, ordinal=ordinal, actor=actor)
    ask_next_stage(review, actor=actor)


def open_slot(review: Review, *, stage: int, duty: str, ordinal: int, actor: Any, due_on: Any = None) -> SignOff:
    """One slot that waits for somebody."""
    slot = SignOff(review=review, round=review.round, stage=stage, duty=duty, ordinal=ordinal, due_on=due_on)
    slot.save()
    log.record(actor, "sign_off.asked", slot)
    return slot


def open_another(slot: SignOff, *, actor: Any) -> SignOff:
    """A slot like one that was given up, for somebody else."""
    same = SignOff.objects.filter(review=slot.review, round=slot.round, stage=slot.stage, duty=slot.duty)
    last = same.aggregate(last=Max("ordinal"))["last"]
    return open_slot(slot.review, stage=slot.stage, duty=slot.duty, ordinal=last + 1, due_on=slot.due_on, actor=actor)


def ask_next_stage(review: Review, *, actor: Any) -> None:
    """The days and the tasks of the slots whose turn it is."""
    for slot in open_stage(review):
        set_due(slot, actor=actor)
        work.open_task(
            review, kind=Task.Kind.SIGN_OFF if review.round == 1 else Task.Kind.LOOK_AGAIN,
            system=review.release.system, url=review.get_absolute_url(), duty=slot.duty,
            due_on=slot.due_on or review.due_on, actor=actor,
        )  # fmt: skip


def set_due(slot: SignOff, *, actor: Any) -> None:
    """The day of a slot whose stage has days of its own, counted from the day on which its turn comes."""
    days = stage_of(slot).due_days
    if days is None or slot.due_on is not None:
        return
    slot.due_on = timezone.localdate() + timedelta(days=days)
    slot.save()
    log.record(actor, "sign_off.due", slot)


def stage_of(slot: SignOff) -> Stage:
    """What the policy says of the stage of a slot."""
    return policy.Policy(slot.review.policy).stages[slot.stage - 1]


def is_agreed(review: Review, stage: Stage) -> bool:
    """Enough people of the stage said yes, and for every business unit that it names."""
    said_yes = list(SignOff.objects.approving().filter(review=review, round=review.round, stage=stage.number))
    return len(said_yes) >= stage.quorum and not unspoken(said_yes, stage)


def unspoken(said_yes: list[SignOff], stage: Stage) -> set[str]:
    """The units of the stage for which none of these speaks."""
    return set(stage.units) - {slug for slot in said_yes for slug in slot.represents}


def close_rest(review: Review, stage: Stage, *, actor: Any) -> None:
    """Close what is left of an agreed stage as not needed."""
    for slot in SignOff.objects.waiting().filter(review=review, stage=stage.number):
        slot.not_needed_at = timezone.now()
        slot.save()
        log.record(actor, "sign_off.not_needed", slot)


def open_stage(review: Review) -> list[SignOff]:
    """The slots that wait in the earliest stage."""
    waiting = list(SignOff.objects.waiting().filter(review=review).order_by("stage", "duty", "ordinal"))
    return [slot for slot in waiting if slot.stage == waiting[0].stage]


def close_review(release: Release, status: str, *, actor: Any) -> None:
    """End the review of a release and its tasks; the card goes back to draft unless it was approved."""
    review = Review.objects.select_for_update().get(release=release)
    review.status, review.closed_at = status, timezone.now()
    review.save()
    log.record(actor, f"review.{status}", review)
    work.close_tasks(review, actor=actor)
    conditions.close_questions(review, actor=actor)
    if status != Review.Status.APPROVED:
        conditions.lapse(review, actor=actor)
        set_card_status(release.card, ModelCard.Status.DRAFT, actor=actor)


def void_stale(system: AISystem, *, actor: Any, because: str) -> list[Review]:
    """Void the sign-offs of every release of the system whose material changed; the reviews that were reopened.

    Call it inside the transaction of the change. `because` names the change and ends up, with the actor, in what the
    reviewers read.
    """
    if not Release.objects.filter(system=system, status__in=SIGNED).exists():
        return []  # most edits: spared the wide query below
    reopened = []
    for review in held(Review.objects.filter(release__system=system, release__status__in=SIGNED)):
        changed = material.changed_parts(review.release, review.material)
        if not changed:
            immaterial.note(review, because=because, actor=actor)
        else:
            reopen(review, reason=named(changed, because=because, actor=actor), actor=actor)
            reopened.append(review)
    return reopened


def held(reviews: QuerySet[Review]) -> list[Review]:
    """Reviews, held until the transaction ends, each with the release and all that it leads to as they are then.

    In two queries: what one joins to a row that it had to wait for may be older than the row itself.
    """
    keys = list(reviews.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    rows = Review.objects.filter(pk__in=keys).order_by("pk")
    return list(rows.select_related("release__version__model__system", "release__card"))


def named(changed: list[str], *, because: str, actor: Any) -> str:
    """Which parts changed, why and by whom, as reviewers read it."""
    who = actor if actor is not None else _("the software")
    return _("%(parts)s changed: %(because)s, by %(who)s.") % {
        "parts": ", ".join(changed), "because": because, "who": who,
    }  # fmt: skip


def reopen(review: Review, *, reason: str, actor: Any) -> None:
    """Void what was signed, freeze the material anew, and ask again; a published version is suspended.

    An abstention stands: a conflict of interest is about the person, not about the material. What was withdrawn or has
    ended meanwhile is asked of nobody.
    """
    if review.release.status not in SIGNED:
        return
    signed = list(SignOff.objects.filter(review=review, voided_at__isnull=True).exclude(decision=ABSTAIN))
    for slot in signed:
        slot.voided_at, slot.void_reason = timezone.now(), reason
        slot.save()
        log.record(actor, "sign_off.voided", slot, reason=reason)
    back: dict[str, str] = {Release.Status.APPROVED: "reopen", Release.Status.PUBLISHED: "suspend"}
    verb = back.get(review.release.status)
    if verb:
        lifecycle.move(review.release, verb, actor=actor, reason=reason)
    rollouts.halt_all(review.release, because=reason, actor=actor)
    review.round, review.status, review.closed_at = review.round + 1, Review.Status.OPEN, None
    freeze(review, actor=actor, because=reason)
    conditions.lapse(review, actor=actor)
    work.close_tasks(review, actor=actor)
    work.close_tasks(review.release, actor=actor)
    open_slots(review, actor=actor)
