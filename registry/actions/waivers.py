"""Asks for waivers, accepts or refuses them, and ends them early."""

from datetime import date, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry import access, gates, policy, release_gates, separation, waivers
from registry.actions import rounds, work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.gate_titles import title_of
from registry.models import Duty, ModelVersion, Release, Task, User, VersionStatus, Waiver
from registry.transactions import retried

LEAST = 10
DECIDERS = (Duty.RISK_OFFICER, Duty.APPROVER)


@retried
def request_waiver(
    version: ModelVersion, *, gate: str, reason: str, compensating_controls: str, owner: User, expires_on: date,
    actor: User, check: str = "",
) -> Waiver:  # fmt: skip
    """Ask that a gate, or one check that it asks for, be let through for a while although the version does not pass."""
    access.require(actor, access.EXCEPTION_REQUEST, version)
    version = (
        ModelVersion.objects.select_for_update(of=("self",)).select_related("model__system__unit").get(pk=version.pk)
    )
    if version.status == VersionStatus.RETIRED:
        raise NotAllowed(_("%s is retired; nothing is waived for it any more.") % version)
    release = release_gates.preview(version)
    require_waivable(release, gate, check)
    require_texts(reason=reason, compensating_controls=compensating_controls)
    require_limited(release, expires_on)
    if not access.allowed(owner, access.MODEL_VIEW, version):
        raise BadInput(_("%s may not see this version; choose an owner who may.") % owner, field="owner")
    if Waiver.objects.standing().filter(version=version, gate=gate, check_name=check).exists():
        raise NotAllowed(_("A waiver of this is asked for or in force already; end that one first."))
    waiver = Waiver(
        version=version, gate=gate, check_name=check, reason=reason.strip(), owner=owner, expires_on=expires_on,
        compensating_controls=compensating_controls.strip(), requested_by=actor,
    )  # fmt: skip
    waiver.save()
    log.record(actor, "waiver.requested", waiver, reason=waiver.reason)
    for duty in DECIDERS:
        work.open_task(
            waiver, kind=Task.Kind.DECIDE_WAIVER, system=waiver.home_system, url=waiver.get_absolute_url(), duty=duty,
            actor=actor,
        )  # fmt: skip
    return waiver


def require_waivable(release: Release, gate: str, check: str) -> None:
    """The policy lets the gate be waived, the check is one that the policy asks for, and it does not pass now."""
    asked = policy.of_release(release)
    if gate not in gates.slugs(release) or gate not in asked.waivable:
        allowed = ", ".join(title_of(slug) for slug in sorted(asked.waivable)) or _("none")
        raise BadInput(
            _("The policy of this version does not let this gate be waived; it allows: %s.") % allowed, field="gate"
        )
    checks = [ask["check"] for ask in asked.evidence_for(release.system)] if gate == "evidence" else [""]
    if check not in checks:
        raise BadInput(
            _("Name the check that is waived, one of: %s.") % ", ".join(checks)
            if gate == "evidence"
            else _("This gate is waived as a whole; leave the check empty."),
            field="check",
        )
    if not is_closed(release, gate, check):
        raise NotAllowed(_("Nothing is to be waived: the version passes this."))


def is_closed(release: Release, gate: str, check: str) -> bool:
    """The gate, or the one check of it, does not pass now."""
    if check:
        return check in release_gates.closed_asks(release)
    return not gates.answer(gate, release).is_open


def require_texts(**texts: str) -> None:
    """Every text says something."""
    for name, text in texts.items():
        if len(text.strip()) < LEAST:
            raise BadInput(
                _("Write at least %d characters; it stands in the report, in the log and at the gate.") % LEAST,
                field=name,
            )


def require_limited(release: Release, expires_on: date) -> None:
    """The last day lies ahead, and no farther than the policy lets it."""
    today, most = timezone.localdate(), policy.of_release(release).waiver_days
    latest = today + timedelta(days=most)
    if not today < expires_on <= latest:
        raise BadInput(
            _("Choose a last day after today and no later than %(day)s: the policy allows %(days)d days.")
            % {"day": date_format(latest), "days": most},
            field="expires_on",
        )


@retried
def accept_waiver(waiver: Waiver, *, reason: str, actor: User) -> Waiver:
    """Let the gate through until the last day; another person than the one who asked, and none who made or ran it."""
    waiver = decidable(waiver, reason=reason, actor=actor)
    if waiver.is_past:
        raise NotAllowed(_("Its last day, %s, is over; ask for another one.") % date_format(waiver.expires_on))
    if not waivers.is_waivable(release_gates.preview(waiver.version), waiver.gate):
        raise NotAllowed(_("The policy of this version no longer lets this gate be waived."))
    separation.require_waiver_acceptor(actor, waiver.version, requester_id=waiver.requested_by_id)
    separation.require_settled_role(actor, access.EXCEPTION_ACCEPT, waiver, pending_since=waiver.created_at)
    waiver.status, waiver.accepted_by, waiver.accepted_at = Waiver.Status.APPROVED, actor, timezone.now()
    waiver.acceptance_reason = reason.strip()
    waiver.save()
    log.record(actor, "waiver.approved", waiver, reason=waiver.acceptance_reason)
    separation.require_no_part(actor, separation.as_logged(waiver.version), action=access.EXCEPTION_ACCEPT)
    work.close_tasks(waiver, actor=actor)
    work.open_task(
        waiver, kind=Task.Kind.WAIVER_ENDS, system=waiver.home_system, url=waiver.get_absolute_url(),
        person=waiver.owner, due_on=waiver.expires_on, actor=actor,
    )  # fmt: skip
    rounds.void_stale(waiver.home_system, actor=actor, because=_("a waiver of “%s” was accepted") % waiver.title)
    return waiver


def decidable(waiver: Waiver, *, reason: str, actor: User) -> Waiver:
    """The locked row of a waiver that waits, for somebody who may decide on waivers."""
    separation.require_now(actor, access.EXCEPTION_ACCEPT, waiver)
    waiver = locked(waiver)
    if waiver.status != Waiver.Status.REQUESTED:
        raise NotAllowed(_("This waiver is decided on already (%s).") % waiver.status_label)
    require_texts(reason=reason)
    return waiver


def locked(waiver: Waiver) -> Waiver:
    """The row as it is now, held until the transaction ends."""
    rows = Waiver.objects.select_for_update(of=("self",)).select_related("version__model__system__unit", "owner")
    return rows.get(pk=waiver.pk)


@retried
def refuse_waiver(waiver: Waiver, *, reason: str, actor: User) -> Waiver:
    """Say no: the gate stays closed."""
    waiver = decidable(waiver, reason=reason, actor=actor)
    return closed(waiver, "waiver.refused", reason=reason, actor=actor)


@retried
def end_waiver(waiver: Waiver, *, reason: str, actor: User) -> Waiver:
    """End an accepted waiver before its last day; the gate is asked again at once, and what rested on it is void."""
    separation.require_now(actor, access.EXCEPTION_ACCEPT, waiver)
    waiver = locked(waiver)
    if waiver.status != Waiver.Status.APPROVED:
        raise NotAllowed(_("Only an accepted waiver can be ended; this one is: %s.") % waiver.status_label)
    require_texts(reason=reason)
    waiver = closed(waiver, "waiver.ended", reason=reason, actor=actor)
    rounds.void_stale(waiver.home_system, actor=actor, because=_("the waiver of “%s” was ended") % waiver.title)
    return waiver


def closed(waiver: Waiver, event: str, *, reason: str, actor: User) -> Waiver:
    """The end of a waiver, with who ended it and why; its tasks end with it."""
    waiver.status, waiver.ended_by, waiver.ended_at = Waiver.Status.CLOSED, actor, timezone.now()
    waiver.end_reason = reason.strip()
    waiver.save()
    log.record(actor, event, waiver, reason=waiver.end_reason)
    work.close_tasks(waiver, actor=actor)
    return waiver
