"""The states of a version and its release: one table of transitions, and the one path that makes them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from registry import access, gates, policy
from registry.audit import log
from registry.errors import NotAllowed
from registry.models import ModelVersion, Release, VersionStatus

V, R = VersionStatus, Release.Status


@dataclass(frozen=True)
class Transition:
    """`verb` leads from any of `sources` to `target`; `gated` ones ask every gate, `by_software` ones no person."""

    verb: str
    label: Any
    event: str
    sources: frozenset[str]
    target: str
    release_target: str
    permission: str = ""
    gated: bool = False


def row(verb: str, label: Any, event: str, sources: set[str], target: str, release: str, **more: Any) -> Transition:
    """One line of the table."""
    return Transition(verb, label, event, frozenset(sources), target, release, **more)


TRANSITIONS: dict[str, Transition] = {
    t.verb: t
    for t in (
        row("submit", gettext_lazy("Submit for review"), "submitted", {V.DRAFT, V.CHANGES_REQUESTED}, V.IN_REVIEW,
            R.IN_REVIEW, permission=access.APPROVAL_SUBMIT),
        row("withdraw", gettext_lazy("Withdraw"), "withdrawn", {V.IN_REVIEW}, V.DRAFT, R.WITHDRAWN,
            permission=access.APPROVAL_WITHDRAW),
        row("request_changes", gettext_lazy("Request changes"), "returned", {V.IN_REVIEW, V.SUSPENDED},
            V.CHANGES_REQUESTED, R.WITHDRAWN, permission=access.APPROVAL_DECIDE),
        row("reject", gettext_lazy("Reject"), "rejected", {V.IN_REVIEW, V.SUSPENDED}, V.REJECTED, R.WITHDRAWN,
            permission=access.APPROVAL_DECIDE),
        row("approve", gettext_lazy("Approve"), "approved", {V.IN_REVIEW, V.SUSPENDED}, V.APPROVED, R.APPROVED,
            permission=access.APPROVAL_DECIDE, gated=True),
        row("reopen", gettext_lazy("Reopen"), "reopened", {V.APPROVED}, V.IN_REVIEW, R.IN_REVIEW),
        row("publish", gettext_lazy("Publish"), "published", {V.APPROVED}, V.PUBLISHED, R.PUBLISHED,
            permission=access.PUBLISH, gated=True),
        row("suspend", gettext_lazy("Suspend"), "suspended", {V.PUBLISHED, V.DEPRECATED}, V.SUSPENDED, R.IN_REVIEW,
            permission=access.APPROVAL_REVOKE),
        row("deprecate", gettext_lazy("Deprecate"), "deprecated", {V.PUBLISHED}, V.DEPRECATED, R.PUBLISHED,
            permission=access.MODEL_RETIRE_REQUEST),
        row("retire", gettext_lazy("Retire"), "retired", {V.APPROVED, V.PUBLISHED, V.SUSPENDED, V.DEPRECATED},
            V.RETIRED, R.WITHDRAWN, permission=access.MODEL_RETIRE_CONFIRM),
        row("roll_back", gettext_lazy("Roll back"), "rolled_back", {V.PUBLISHED, V.SUSPENDED, V.DEPRECATED},
            V.CHANGES_REQUESTED, R.ROLLED_BACK),
    )
}  # fmt: skip
# Where the release that is up stands while its version stands so. An older release of the version stands elsewhere, and
# whatever the version is says nothing of it.
STANDS: dict[str, str] = {
    V.DRAFT: R.DRAFT, V.CHANGES_REQUESTED: R.DRAFT, V.IN_REVIEW: R.IN_REVIEW, V.APPROVED: R.APPROVED,
    V.PUBLISHED: R.PUBLISHED, V.DEPRECATED: R.PUBLISHED, V.SUSPENDED: R.IN_REVIEW,
}  # fmt: skip
# What a transition sets of a release. It saves nothing else: the release that it was handed may be older than what
# others wrote meanwhile.
SET: Final = ("status", "approval_ends_on", "suspended_at", "suspension_reason")
SET_BY: Final = {"publish": (*SET, "publisher", "published_at", "rollback_to")}
# The date that an end carries: one that lay ahead, or was never set, becomes today.
DATED = {"deprecate": "deprecation_date", "retire": "retirement_date"}
# The moment at which the gates of a transition are asked, where it is not the release itself.
MOMENTS = {"publish": gates.PUBLICATION}
PATH = (V.DRAFT, V.IN_REVIEW, V.APPROVED, V.PUBLISHED, V.DEPRECATED, V.RETIRED)


def available(version: ModelVersion, person: Any) -> list[Transition]:
    """The transitions that this person may ask for now: what the buttons and the API offer."""
    return [
        transition
        for transition in TRANSITIONS.values()
        if version.status in transition.sources
        and transition.permission
        and access.allowed(person, transition.permission, version)
    ]


def move(release: Release, verb: str, *, actor: Any, reason: str = "") -> list[gates.GateResult]:
    """Make a transition: lock, check the table, ask the gates where it is gated, save, record; what the gates answered.

    Moves the release, and its version too when the release is for the version's home system. The caller holds a
    transaction and has checked the person. Raises NotAllowed or GateClosed.
    """
    transition = TRANSITIONS[verb]
    version = ModelVersion.objects.select_for_update().get(pk=release.version_id)
    require_movable(version, version.status in transition.sources)
    now = Release.objects.select_for_update().get(pk=release.pk)
    require_movable(now, now.status == STANDS[version.status])
    answers = []
    if transition.gated:
        answers = gates.require_open(release, at=MOMENTS.get(verb, gates.RELEASE), actor=actor)
    save_release(release, transition, actor, reason)
    if release.system_id == version.model.system_id:
        save_version(version, transition, actor, reason)
    return answers


def require_movable(row: ModelVersion | Release, is_movable: bool) -> None:
    """Refuse, and say how the row stands."""
    if not is_movable:
        raise NotAllowed(
            _("%(row)s is %(status)s; this cannot be done to it now.")
            % {"row": row, "status": row.get_status_display()}
        )


def save_release(release: Release, transition: Transition, actor: Any, reason: str) -> None:
    """The release's half of a transition."""
    release.status = transition.release_target
    if transition.verb == "publish":
        release.publisher, release.published_at = actor, timezone.now()
    if transition.verb == "approve":
        release.approval_ends_on = approval_end(release)
    if transition.verb == "suspend":
        release.suspended_at, release.suspension_reason = timezone.now(), reason
    elif transition.verb not in {"approve", "reopen"}:
        release.suspended_at, release.suspension_reason = None, ""
    release.save(update_fields=SET_BY.get(transition.verb, SET))
    log.record(actor, f"release.{transition.event}", release, reason=reason)


def approval_end(release: Release) -> date | None:
    """The last day of an approval that is given today."""
    days = policy.of_release(release).approval_days
    return timezone.localdate() + timedelta(days=days) if days else None


def save_version(version: ModelVersion, transition: Transition, actor: Any, reason: str) -> None:
    """The version's half of a transition."""
    version.status = transition.target
    if transition.verb == "submit":
        version.frozen_at = timezone.now()
    date, today = DATED.get(transition.verb), timezone.localdate()
    if date and (getattr(version, date) or today) >= today:
        setattr(version, date, today)
    version.save()
    log.record(actor, f"version.{transition.event}", version, reason=reason)
