"""Submits, withdraws and publishes releases, and voids sign-offs when what they cover has changed."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, cards, fallback, lifecycle, material, policy, separation
from registry.actions import release_contents, work
from registry.actions.cards import set_card_status
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import (
    AISystem,
    Duty,
    ModelCard,
    ModelVersion,
    Release,
    Review,
    SignOff,
    Task,
    User,
    VersionStatus,
)
from registry.parts import Choice
from registry.release_gates import newest_evidence
from registry.retirement.in_use import require_in_use
from registry.transactions import retried

LEAST_TO_SUBMIT = 0.8


@retried
def submit_for_review(
    version: ModelVersion, *, notes: str, actor: User, artifact_versions: Any = None, dataset_versions: Any = None,
    **more_notes: Any,
) -> Review:  # fmt: skip
    """Put a version before reviewers: pin card and parts, freeze evidence and policy, open one slot per sign-off.

    `more_notes` are quality_thresholds, rai_documents and clients. Parts that are not named are those that the links
    of the version and the last release suggest.
    """
    access.require(actor, access.APPROVAL_SUBMIT, version)
    version = ModelVersion.objects.select_for_update().get(pk=version.pk)
    require_in_use(version, actor)
    if version.status not in lifecycle.TRANSITIONS["submit"].sources:
        raise NotAllowed(
            _("%(version)s is %(status)s and cannot be submitted now.")
            % {"version": version, "status": version.get_status_display()}
        )
    found = cards.completeness(version, version.card)
    if found.share < LEAST_TO_SUBMIT:
        raise BadInput(
            _(
                "The card fills %(filled)d of %(required)d required fields; 80 %% are needed to submit. Missing: %(missing)s."
            )
            % {"filled": found.filled, "required": found.required, "missing": ", ".join(found.missing[:8])},
            field="card",
        )
    choice = release_contents.choice_of(
        version, actor=actor, artifact_versions=artifact_versions, dataset_versions=dataset_versions
    )
    release = created_release(version, choice=choice, notes={"notes": notes, **more_notes}, actor=actor)
    review = opened_review(release, actor=actor)
    lifecycle.move(release, "submit", actor=actor)
    log.record(actor, "review.opened", review)
    return review


def created_release(version: ModelVersion, *, choice: Choice, notes: dict[str, Any], actor: User) -> Release:
    """The release row with its parts, its pinned card and frozen evidence."""
    release = Release(system=version.home_system, version=version, author=actor, card=version.card)
    release_contents.write_notes(release, notes)
    release_contents.compose(release, choice, actor=actor)
    release.evidence.set(newest_evidence(version))
    log.record(actor, "release.created", release)
    set_card_status(release.card, ModelCard.Status.IN_REVIEW, actor=actor)
    return release


@retried
def edit_release(
    release: Release, *, actor: User, artifact_versions: Any = None, dataset_versions: Any = None, **notes: Any
) -> Release:
    """Change the parts or the notes of what people decide on, or have approved; their sign-offs are then void."""
    access.require(actor, access.APPROVAL_SUBMIT, release.version)
    release = Release.objects.select_for_update().get(pk=release.pk)
    if release.status not in {Release.Status.IN_REVIEW, Release.Status.APPROVED}:
        raise NotAllowed(_("%(release)s is %(status)s; what it consists of stays as it is.") % {
            "release": release, "status": release.get_status_display(),
        })  # fmt: skip
    choice = release_contents.choice_of(
        release.version, actor=actor,
        artifact_versions=release.artifact_versions.all() if artifact_versions is None else artifact_versions,
        dataset_versions=release.dataset_versions.all() if dataset_versions is None else dataset_versions,
    )  # fmt: skip
    release_contents.write_notes(release, notes)
    release_contents.compose(release, choice, actor=actor)
    log.record(actor, "release.edited", release)
    void_stale(release.system, actor=actor, because=_("the release of %s was edited") % release.version)
    return release


def opened_review(release: Release, *, actor: User) -> Review:
    """The review with the policy of the tier, the frozen material, and its slots."""
    asked = policy.of_tier(release.system.risk_tier)
    review = Review(release=release, policy=asked.body, policy_digest=asked.digest)
    review.due_on = timezone.localdate() + timedelta(days=asked.body["due_days"])
    review.save()
    freeze(review, actor=actor)
    open_slots(review, actor=actor)
    return review


def freeze(review: Review, *, actor: Any) -> None:
    """Take the material as it is now as what the sign-offs of this round are bound to."""
    review.material = material.values(review.release)
    review.subject_digest = material.subject_digest(review.material)
    review.save()
    log.record(actor, "review.frozen", review)


def open_slots(review: Review, *, actor: Any) -> None:
    """One slot per sign-off that the policy asks for, and a task for each duty of the first stage."""
    for stage, duty, ordinal in policy.Policy(review.policy).slots:
        slot = SignOff(review=review, round=review.round, stage=stage, duty=duty, ordinal=ordinal)
        slot.save()
        log.record(actor, "sign_off.asked", slot)
    ask_next_stage(review, actor=actor)


def ask_next_stage(review: Review, *, actor: Any) -> None:
    """Tasks for the duties whose turn it is."""
    for slot in open_stage(review):
        work.open_task(
            review, kind=Task.Kind.SIGN_OFF if review.round == 1 else Task.Kind.LOOK_AGAIN,
            system=review.release.system, url=review.get_absolute_url(), duty=slot.duty, due_on=review.due_on, actor=actor,
        )  # fmt: skip


def open_stage(review: Review) -> list[SignOff]:
    """The slots that wait in the earliest stage."""
    waiting = list(SignOff.objects.waiting().filter(review=review).order_by("stage", "duty", "ordinal"))
    return [slot for slot in waiting if slot.stage == waiting[0].stage]


@retried
def withdraw(release: Release, *, reason: str, actor: User) -> None:
    """Take a release back from its reviewers."""
    access.require(actor, access.APPROVAL_WITHDRAW, release)
    lifecycle.move(release, "withdraw", actor=actor, reason=reason)
    close_review(release, Review.Status.WITHDRAWN, actor=actor)


def close_review(release: Release, status: str, *, actor: Any) -> None:
    """End the review of a release and its tasks; the card goes back to draft unless it was approved."""
    review = Review.objects.get(release=release)
    review.status, review.closed_at = status, timezone.now()
    review.save()
    log.record(actor, f"review.{status}", review)
    work.close_tasks(review, actor=actor)
    if status != Review.Status.APPROVED:
        set_card_status(release.card, ModelCard.Status.DRAFT, actor=actor)


@retried
def publish(release: Release, *, reason: str, actor: User, rollback_to: Release | None = None) -> None:
    """Publish an approved release; a further person does it, says why now, and to which release it falls back."""
    access.require(actor, access.PUBLISH, release)
    if len(reason.strip()) < 10:
        raise BadInput(_("Say in at least ten characters why it is published now."), field="reason")
    release = Release.objects.select_for_update().get(pk=release.pk)
    require_in_use(release.version, actor)
    separation.require_publisher(actor, release)
    separation.require_settled(actor, Duty.PUBLISHER, release, pending_since=release.review.closed_at)
    release.rollback_to = fallback_of(release, rollback_to)
    lifecycle.move(release, "publish", actor=actor, reason=reason.strip())
    set_card_status(release.card, ModelCard.Status.PUBLISHED, actor=actor)
    work.close_tasks(release, actor=actor)


def fallback_of(release: Release, chosen: Release | None) -> Release | None:
    """The release to fall back to. There is none only where the system has published nothing else."""
    offered = fallback.targets(release)
    if chosen is None and offered.exists():
        raise BadInput(_("Name the published release to fall back to if this one fails."), field="rollback_to")
    if chosen is not None and not offered.filter(pk=chosen.pk).exists():
        raise BadInput(_("%s is no published release of another version of this system.") % chosen, field="rollback_to")
    return chosen


@retried
def choose_fallback(release: Release, *, reason: str, actor: User, rollback_to: Release | None = None) -> Release:
    """Let a published release fall back to another one than was named when it was published."""
    access.require(actor, access.DEPLOYMENT_START, release)
    if rollback_to is None:
        raise BadInput(_("There is no other published release of this system to fall back to."), field="rollback_to")
    release = Release.objects.select_for_update().get(pk=release.pk)
    if release.status != Release.Status.PUBLISHED:
        raise NotAllowed(_("Only a published release falls back; %s is none.") % release)
    release.rollback_to = fallback_of(release, rollback_to)
    release.save()
    log.record(actor, "release.fallback_chosen", release, reason=reason.strip())
    return release


def void_stale(system: AISystem, *, actor: Any, because: str) -> list[Review]:
    """Void the sign-offs of every release of the system whose material changed; the reviews that were reopened.

    Call it inside the transaction of the change. `because` names the change and ends up, with the actor, in what the
    reviewers read.
    """
    signed = [Release.Status.IN_REVIEW, Release.Status.APPROVED, Release.Status.PUBLISHED]
    if not Release.objects.filter(system=system, status__in=signed).exists():
        return []  # most edits: spared the wide query below
    bound = Review.objects.select_for_update(of=("self",)).filter(release__system=system, release__status__in=signed)
    reopened = []
    for review in bound.select_related("release__version__model__system", "release__card"):
        changed = material.changed_parts(review.release, review.material)
        if changed:
            reopen(review, reason=named(changed, because=because, actor=actor), actor=actor)
            reopened.append(review)
    return reopened


def named(changed: list[str], *, because: str, actor: Any) -> str:
    """Which parts changed, why and by whom, as reviewers read it."""
    who = actor if actor is not None else _("the software")
    return _("%(parts)s changed: %(because)s, by %(who)s.") % {
        "parts": ", ".join(changed), "because": because, "who": who,
    }  # fmt: skip


def reopen(review: Review, *, reason: str, actor: Any) -> None:
    """Void what was signed, freeze the material anew, and ask again; a published version is suspended."""
    signed = list(SignOff.objects.filter(review=review, voided_at__isnull=True))
    for slot in signed:
        slot.voided_at, slot.void_reason = timezone.now(), reason
        slot.save()
        log.record(actor, "sign_off.voided", slot, reason=reason)
    back: dict[str, str] = {
        VersionStatus.APPROVED: "reopen",
        VersionStatus.PUBLISHED: "suspend",
        VersionStatus.DEPRECATED: "suspend",
    }
    verb = back.get(ModelVersion.objects.get(pk=review.release.version_id).status)
    if verb:
        lifecycle.move(review.release, verb, actor=actor, reason=reason)
    review.round, review.status, review.closed_at = review.round + 1, Review.Status.OPEN, None
    freeze(review, actor=actor)
    work.close_tasks(review, actor=actor)
    work.close_tasks(review.release, actor=actor)
    open_slots(review, actor=actor)


def ask_publisher(release: Release, *, actor: Any) -> None:
    """A task for whoever may publish."""
    work.open_task(
        release, kind=Task.Kind.PUBLISH, system=release.system, url=release.get_absolute_url(), duty=Duty.PUBLISHER,
        actor=actor,
    )  # fmt: skip
