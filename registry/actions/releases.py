"""Submits, edits, withdraws and publishes releases."""

from typing import Any

from django.utils.translation import gettext as _

from registry import access, cards, declared, fallback, lifecycle, separation
from registry.actions import release_contents, rounds, work
from registry.actions.cards import set_card_status
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import (
    Duty,
    ModelCard,
    ModelVersion,
    Release,
    Review,
    Task,
    User,
)
from registry.parts import Choice
from registry.release_gates import newest_evidence as newest_runs
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
    declared.require_bytes(version)
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
    review = rounds.opened_review(release, actor=actor)
    lifecycle.move(release, "submit", actor=actor)
    log.record(actor, "review.opened", review)
    return review


def created_release(version: ModelVersion, *, choice: Choice, notes: dict[str, Any], actor: User) -> Release:
    """The release row with its parts, its pinned card and frozen evidence."""
    release = Release(system=version.home_system, version=version, author=actor, card=version.card)
    release_contents.write_notes(release, notes)
    release_contents.compose(release, choice, actor=actor)
    release.evidence.set(newest_runs(version))
    log.record(actor, "release.created", release)
    set_card_status(release.card, ModelCard.Status.IN_REVIEW, actor=actor)
    return release


@retried
def edit_release(
    release: Release, *, actor: User, artifact_versions: Any = None, dataset_versions: Any = None,
    newest_evidence: bool = False, **notes: Any,
) -> Release:  # fmt: skip
    """Change the parts or the notes of what people decide on, or have approved; their sign-offs are then void.

    With `newest_evidence` the newest run of each check takes the place of the one that was frozen.
    """
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
    if newest_evidence:
        release.evidence.set(newest_runs(release.version))
    log.record(actor, "release.edited", release)
    rounds.void_stale(release.system, actor=actor, because=_("the release of %s was edited") % release.version)
    return release


@retried
def withdraw(release: Release, *, reason: str, actor: User) -> None:
    """Take a release back from its reviewers."""
    access.require(actor, access.APPROVAL_WITHDRAW, release)
    release = Release.objects.select_for_update().get(pk=release.pk)
    lifecycle.move(release, "withdraw", actor=actor, reason=reason)
    rounds.close_review(release, Review.Status.WITHDRAWN, actor=actor)


@retried
def publish(release: Release, *, reason: str, actor: User, rollback_to: Release | None = None) -> None:
    """Publish an approved release; a further person does it, says why now, and to which release it falls back."""
    separation.require_now(actor, access.PUBLISH, release)
    if len(reason.strip()) < 10:
        raise BadInput(_("Say in at least ten characters why it is published now."), field="reason")
    release = Release.objects.select_for_update().get(pk=release.pk)
    require_in_use(release.version, actor)
    separation.require_publisher(actor, release)
    separation.require_settled(actor, Duty.PUBLISHER, release, pending_since=release.review.closed_at)
    release.rollback_to = fallback_of(release, rollback_to)
    lifecycle.move(release, "publish", actor=actor, reason=reason.strip())
    separation.require_not_made(actor, separation.as_logged(release.version))
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


def ask_publisher(release: Release, *, actor: Any) -> None:
    """A task for whoever may publish."""
    work.open_task(
        release, kind=Task.Kind.PUBLISH, system=release.system, url=release.get_absolute_url(), duty=Duty.PUBLISHER,
        actor=actor,
    )  # fmt: skip
