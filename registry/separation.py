"""Separation of duties: twelve rules on persons, not on roles, asked at the moment of the act.

R1 who contributed does not approve, R2 who approved does not publish, R3 who contributed does not publish, R4 one
person decides once, R5 nobody gives duties to himself, R6 who set a limit does not put it in force, R7 who wrote or
rated a risk does not accept it, R8 who asked for a run or a waiver does not accept the waiver, R9 who reported an
incident or owns the system does not close it, R10 administration goes with no other duty, R11 a fresh duty does not
decide on what was pending before, R12 a duty that has ended decides nothing more and leaves what it decided.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.errors import NotAllowed
from registry.models import AuditEntry, Evidence, ModelVersion, Release, SignOff

CONTRIBUTIONS = (
    "version.registered",
    "version.edited",
    "card.saved",
    "link.added",
    "predictions.uploaded",
    "release.submitted",
    "release.created",
)


def contributors(version: ModelVersion) -> set[UUID]:
    """Persons who made what is decided on, read from the log; owners of the system and their deputies count among them.

    A check requested in a controlling duty is no contribution; one requested by an owner is.
    """
    system = version.home_system
    entries = AuditEntry.objects.filter(about_id=version.pk, actor__isnull=False)
    made = set(entries.filter(action__in=CONTRIBUTIONS).values_list("actor_id", flat=True))
    return made | {version.registered_by_id} | system.owner_ids


def require_decider(person: Any, release: Release) -> None:
    """R1 and R4: neither who contributed nor who has decided already decides."""
    require_no_part(person, release.version)
    require_undecided(person, release)


def require_no_part(person: Any, version: ModelVersion) -> None:
    """R1: who contributed does not approve."""
    if person.pk in contributors(version):
        raise NotAllowed(_("You own or helped to make %s, so somebody else must decide on it.") % version)


def require_undecided(person: Any, release: Release) -> None:
    """R4: one person, one decision."""
    if has_signed(person, release):
        raise NotAllowed(_("You have decided on this release already; one person decides once."))


def has_signed(person: Any, release: Release) -> bool:
    """The person has given a sign-off of the release that stands."""
    return SignOff.objects.standing().filter(review__release=release, person=person).exists()


def require_duty(person: Any, duty: str, obj: Any) -> None:
    """R12: only who holds the duty at this moment decides in it; what was decided before it ended is left alone."""
    if not access.holds(person, duty, obj):
        raise NotAllowed(_("You do not hold this duty for %s.") % obj.home_system)


def require_settled(person: Any, duty: str, obj: Any, *, pending_since: datetime | None) -> None:
    """R11: a duty that was given less than a day ago does not decide on what was pending before it was given."""
    hours = settings.FRESH_GRANT_HOURS
    held = [grant.since for grant in access.grants(person) if grant.duty == duty and grant.reaches(obj)]
    if not held or pending_since is None or min(held) <= pending_since:
        return
    until = min(held) + timedelta(hours=hours)
    if timezone.now() < until:
        raise NotAllowed(
            _(
                "You hold this duty for less than %(hours)d hours, and this was waiting before you had it. You may "
                "decide on it from %(until)s on."
            )
            % {"hours": hours, "until": timezone.localtime(until).strftime("%Y-%m-%d %H:%M")}
        )


def require_settled_role(person: Any, action: str, obj: Any, *, pending_since: datetime) -> None:
    """R11 for an act that several duties permit: one of them was held before this was asked for, or is a day old."""
    row = access.MATRIX[action]
    duties = {g.duty for g in access.grants(person) if g.role and row[g.role] != "-" and g.reaches(obj)}
    refusals = []
    for duty in sorted(duties):
        try:
            require_settled(person, duty, obj, pending_since=pending_since)
        except NotAllowed as refusal:
            refusals.append(refusal)
    if refusals and len(refusals) == len(duties):
        raise refusals[0]


def require_publisher(person: Any, release: Release) -> None:
    """R2 and R3: who approved or contributed does not publish."""
    require_not_made(person, release.version)
    require_not_signed(person, release)


def require_not_made(person: Any, version: ModelVersion) -> None:
    """R3: who contributed does not publish."""
    if person.pk in contributors(version):
        raise NotAllowed(_("You own or helped to make %s, so somebody else must publish it.") % version)


def require_not_signed(person: Any, release: Release) -> None:
    """R2: who approved does not publish."""
    if has_signed(person, release):
        raise NotAllowed(_("You signed off this release, so somebody else must publish it."))


def require_retirer(person: Any, version: ModelVersion) -> None:
    """Two people end a version: neither who made it nor who deprecated it retires it."""
    if person.pk in contributors(version):
        raise NotAllowed(_("You own or helped to make %s, so somebody else must retire it.") % version)
    deprecated = AuditEntry.objects.filter(object_id=version.pk, action="version.deprecated").order_by("-seq").first()
    if deprecated is not None and deprecated.actor_id == person.pk:
        raise NotAllowed(_("You deprecated %s, so somebody else must retire it.") % version)


def require_second_setter(person: Any, *, setter_id: UUID, system: Any) -> None:
    """R6: who set a limit, owns the system or has a release of it pending does not put the limit in force."""
    pending = Release.objects.filter(system=system, status=Release.Status.IN_REVIEW, author=person)
    if person.pk == setter_id or system.is_own(person) or pending.exists():
        raise NotAllowed(_("Whoever set the limit or owns the system does not approve it."))


def require_risk_acceptor(person: Any, risk: Any, *, wrote: Collection[UUID], is_high: bool) -> None:
    """R7: not who wrote or rated the risk or owns the system; a high or critical one is for approvers."""
    if person.pk in wrote or risk.home_system.is_own(person):
        raise NotAllowed(_("You registered or rated this risk or own the system, so somebody else must accept it."))
    if is_high and not any(grant.role == "APPR" and grant.reaches(risk) for grant in access.grants(person)):
        raise NotAllowed(_("A high or critical risk is accepted by two approvers; you hold no such duty here."))


def runners(version: ModelVersion) -> set[UUID]:
    """Persons who asked for a check of the version, whatever became of it, read from the log and the evidence."""
    asked = AuditEntry.objects.filter(about_id=version.pk, action="check.requested", actor__isnull=False)
    stored = Evidence.objects.filter(version=version, requested_by__isnull=False)
    return {*asked.values_list("actor_id", flat=True), *stored.values_list("requested_by_id", flat=True)}


def require_waiver_acceptor(person: Any, version: ModelVersion, *, requester_id: UUID) -> None:
    """R8: neither who asked for the waiver nor who asked for a run of the version; R1: nor who helped to make it."""
    if person.pk == requester_id:
        raise NotAllowed(_("You asked for this waiver, so somebody else must accept it."))
    if person.pk in runners(version):
        raise NotAllowed(_("You asked for a check of %s, so somebody else must accept a waiver for it.") % version)
    require_no_part(person, version)


def require_closer(person: Any, incident: Any, *, reporter_id: UUID) -> None:
    """R9: neither who reported the incident nor who owns the system closes it."""
    if person.pk == reporter_id:
        raise NotAllowed(_("You reported this incident, so somebody else must close it."))
    if incident.home_system.is_own(person):
        raise NotAllowed(_("You own %s, so somebody else must close its incidents.") % incident.home_system)


def require_not_written(person: Any, row: Any, *, acts: Collection[str]) -> None:
    """Four eyes: who proposed or wrote an entry, as the log has it, does not decide on it."""
    wrote = AuditEntry.objects.filter(object_id=row.pk, action__in=acts, actor_id=person.pk)
    if wrote.exists():
        raise NotAllowed(_("You proposed or wrote %s, so somebody else must decide on it.") % row)


def require_confirmer(person: Any, grant: Any) -> None:
    """Four eyes and R5: neither who granted it nor whose duty it is; administrators confirm administrators alone."""
    if person.pk == grant.person_id:
        raise NotAllowed(_("Nobody confirms his or her own duties."))
    if person.pk == grant.granted_by_id:
        raise NotAllowed(_("You granted this duty, so somebody else must confirm it."))
    if access.is_administrator(person) and access.DUTY_ROLE.get(grant.duty) != "ADM":
        raise NotAllowed(_("This duty is confirmed by a risk officer of %s.") % grant.unit)


def require_grantor(actor: Any, person: Any) -> None:
    """R5: nobody grants a duty to himself or changes his own."""
    if actor is not None and actor.pk == person.pk:
        raise NotAllowed(_("Nobody changes his or her own duties; ask another administrator."))


def require_no_mix(person: Any, duty: str) -> None:
    """R10: an administrator holds no other duty, unless the installation says that it is too small for that."""
    if settings.SMALL_ORG:
        return
    held = {grant.role for grant in access.grants(person)}
    wanted = access.DUTY_ROLE.get(duty, "")
    if ("ADM" in held and wanted != "ADM") or (wanted == "ADM" and held - {"ADM", ""}):
        raise NotAllowed(_("%s: administration and another duty do not go together in one person.") % person)
