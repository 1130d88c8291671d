"""Separation of duties: twelve rules on persons, not on roles, asked at the moment of the act.

R1 who contributed does not approve, R2 who approved does not publish, R3 who contributed does not publish, R4 one
person decides once, R5 nobody gives duties to himself, R6 who set a limit does not put it in force, R7 who wrote or
rated a risk does not accept it, R8 who asked for a run or a waiver does not accept the waiver, R9 who reported an
incident or owns the system does not close it, R10 administration goes with no other duty, R11 a fresh duty does not
decide on what was pending before, R12 a duty that has ended decides nothing more and leaves what it decided.

Each holds for a deputy and for whom the deputy acts: together they are one person (`require_apart`).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.errors import NotAllowed
from registry.models import (
    ArtifactVersion,
    AuditEntry,
    DelegatedAct,
    Delegation,
    Evidence,
    ModelVersion,
    Release,
    RoleAssignment,
    SignOff,
    User,
)

CONTRIBUTIONS = (
    "version.registered",
    "version.edited",
    "card.saved",
    "link.added",
    "predictions.uploaded",
    "release.submitted",
    "release.created",
    "release.edited",
)


def require_apart(
    person: Any, barred: Collection[Any], refusal: str, *, action: str, obj: Any, duty: str = "", role: str = ""
) -> None:
    """Neither the person is among these, nor, where he or she acts as a deputy, anybody in whose place that is."""
    if person.pk in barred:
        raise NotAllowed(refusal)
    behind = access.stands_for(person, action, obj, duty=duty, role=role) & frozenset(barred)
    if behind:
        names = ", ".join(str(each) for each in User.objects.filter(pk__in=behind))
        raise NotAllowed(
            _("You would act here in the place of %s, who may not do this; a deputy may do no more than that person.")
            % names
        )


def are_apart(person: Any, barred: Collection[Any], *, action: str, obj: Any) -> bool:
    """Whether `require_apart` would let the person go on."""
    return person.pk not in barred and not access.stands_for(person, action, obj) & frozenset(barred)


def contributors(version: ModelVersion) -> set[UUID]:
    """Persons who made what is decided on, read from the log; owners of the system and their deputies count among them.

    So do those who registered the same bytes in the system before, or a prompt or another part that is released with it.
    A check requested in a controlling duty is no contribution; one requested by an owner is.
    """
    same = ModelVersion.objects.filter(artifact=version.artifact_id, model__system=version.model.system_id)
    entries = AuditEntry.objects.filter(about_id__in=same.values("pk"), actor__isnull=False)
    made = set(entries.filter(action__in=CONTRIBUTIONS).values_list("actor_id", flat=True))
    parts = ArtifactVersion.objects.filter(releases__version=version).values_list("registered_by_id", flat=True)
    return {*made, *same.values_list("registered_by_id", flat=True), *parts, *version.home_system.owner_ids}


def require_no_conflict(person: Any, version: ModelVersion, *, action: str, duty: str = "") -> None:
    """Who abstained from a version with a conflict of interest decides nothing more on it, in any round or release."""
    abstained = SignOff.objects.filter(review__release__version=version, decision=SignOff.Decision.ABSTAIN)
    refusal = _("You abstained from this release with a conflict of interest; others decide on it.")
    barred = decided_by(dict(abstained.values_list("pk", "person_id")))
    require_apart(person, barred, refusal, action=action, obj=version, duty=duty)


def require_decider(person: Any, release: Release, *, duty: str = "") -> None:
    """R1, R2 and R4: neither who contributed nor who has decided already decides, nor on a renewal who published."""
    require_no_conflict(person, release.version, action=access.APPROVAL_DECIDE, duty=duty)
    require_no_part(person, release.version, duty=duty)
    require_undecided(person, release, duty=duty)
    if release.status == Release.Status.PUBLISHED and release.publisher_id is not None:
        refusal = _("You published this release, so somebody else must decide on its renewal.")
        barred = decided_by({release.pk: release.publisher_id})
        require_apart(person, barred, refusal, action=access.APPROVAL_DECIDE, obj=release, duty=duty)


def require_no_part(
    person: Any, version: ModelVersion, *, action: str = access.APPROVAL_DECIDE, duty: str = ""
) -> None:
    """R1: who contributed does not approve."""
    refusal = _("You own or helped to make %s, so somebody else must decide on it.") % version
    require_apart(person, contributors(version), refusal, action=action, obj=version, duty=duty)


def require_undecided(person: Any, release: Release, *, duty: str = "") -> None:
    """R4: one person, one decision; a deputy and whom he or she stands for have one between them."""
    refusal = _("You have decided on this release already; one person decides once.")
    require_apart(person, signers(release), refusal, action=access.APPROVAL_DECIDE, obj=release, duty=duty)


def signers(release: Release) -> set[UUID]:
    """Whose sign-off of the release stands in its present round: given by themselves or by a deputy in their place."""
    given = SignOff.objects.standing().filter(review__release=release, round=F("review__round"))
    return decided_by(dict(given.values_list("pk", "person_id")))


def decided_by(decisions: dict[Any, UUID]) -> set[UUID]:
    """The persons of these decisions (by the id of its row), and those in whose place deputies took them."""
    acts = DelegatedAct.objects.filter(object_id__in=decisions)
    return {*decisions.values(), *acts.values_list("delegation__from_person", flat=True)}


def require_now(person: Any, action: str, obj: Any) -> None:
    """The right to an act that binds, and R12 to the moment of it: it begins every act of a second person.

    `access.require` alone answers for the moment of the question; a duty that ends between that and the end of the
    transaction would be followed by its own decision in the log.
    """
    keep_duties(person)
    access.require(person, action, obj)


def keep_duties(person: Any) -> None:
    """Until this transaction ends, nobody ends a duty that the person acts in.

    Call it before anything else is locked. A duty, a delegation or an account that is being ended right now is waited
    for, and then is seen to have ended.
    """
    people = User.objects.select_for_update(no_key=True).filter(pk=person.pk)
    person.is_active = list(people.values_list("is_active", flat=True)) == [True]
    if connection.features.has_select_for_update:  # elsewhere the transaction lets nobody else in
        handed = list(Delegation.objects.select_for_update().in_force().filter(to_person=person.pk).order_by("pk"))
        held_by = {person.pk, *(row.from_person_id for row in handed)}
        list(RoleAssignment.objects.select_for_update(no_key=True).filter(person__in=held_by).order_by("pk"))


def as_logged(version: ModelVersion) -> ModelVersion:
    """The version and its system as they are at the entry that this transaction has just put into the log.

    What another transaction logged between the first question of who made or owns it and that entry is seen now, and
    nothing more can come before it; so whoever acts as a second person is asked once more on this row.
    """
    return ModelVersion.objects.select_related("model__system").get(pk=version.pk)


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
    """R2 and R3: who approved or contributed does not publish, nor who abstained with a conflict of interest."""
    require_no_conflict(person, release.version, action=access.PUBLISH)
    require_not_made(person, release.version)
    require_not_signed(person, release)


def require_not_made(person: Any, version: ModelVersion) -> None:
    """R3: who contributed does not publish."""
    refusal = _("You own or helped to make %s, so somebody else must publish it.") % version
    require_apart(person, contributors(version), refusal, action=access.PUBLISH, obj=version)


def require_not_signed(person: Any, release: Release) -> None:
    """R2: who approved does not publish."""
    refusal = _("You signed off this release, so somebody else must publish it.")
    require_apart(person, signers(release), refusal, action=access.PUBLISH, obj=release)


def require_retirer(person: Any, version: ModelVersion) -> None:
    """Two people end a version: neither who made it nor who deprecated it retires it."""
    act: dict[str, Any] = {"action": access.MODEL_RETIRE_CONFIRM, "obj": version}
    made = _("You own or helped to make %s, so somebody else must retire it.") % version
    require_apart(person, contributors(version), made, **act)
    deprecated = AuditEntry.objects.filter(object_id=version.pk, action="version.deprecated").order_by("-seq").first()
    ended = _("You deprecated %s, so somebody else must retire it.") % version
    require_apart(person, {deprecated.actor_id} if deprecated else set(), ended, **act)


def require_second_setter(person: Any, *, setter_id: UUID, system: Any) -> None:
    """R6: who set a limit, owns the system or has a release of it pending does not put the limit in force."""
    pending = Release.objects.filter(system=system, status=Release.Status.IN_REVIEW)
    barred = {setter_id, *system.owner_ids, *pending.values_list("author_id", flat=True)}
    refusal = _("Whoever set the limit or owns the system does not approve it.")
    require_apart(person, barred, refusal, action=access.THRESHOLDS_APPROVE, obj=system)


def require_risk_acceptor(person: Any, risk: Any, *, wrote: Collection[UUID], is_high: bool) -> None:
    """R7: not who wrote or rated the risk or owns the system; a high or critical one is for approvers."""
    refusal = _("You registered or rated this risk or own the system, so somebody else must accept it.")
    barred, role = {*wrote, *risk.home_system.owner_ids}, "APPR" if is_high else ""
    require_apart(person, barred, refusal, action=access.RISK_ACCEPT, obj=risk, role=role)
    if is_high and not any(grant.role == "APPR" and grant.reaches(risk) for grant in access.grants(person)):
        raise NotAllowed(_("A high or critical risk is accepted by two approvers; you hold no such duty here."))


def runners(version: ModelVersion) -> set[UUID]:
    """Persons who asked for a check of the version, whatever became of it, read from the log and the evidence."""
    asked = AuditEntry.objects.filter(about_id=version.pk, action="check.requested", actor__isnull=False)
    stored = Evidence.objects.filter(version=version, requested_by__isnull=False)
    return {*asked.values_list("actor_id", flat=True), *stored.values_list("requested_by_id", flat=True)}


def require_waiver_acceptor(person: Any, version: ModelVersion, *, requester_id: UUID) -> None:
    """R8: neither who asked for the waiver nor who asked for a run of the version; R1: nor who helped to make it."""
    act: dict[str, Any] = {"action": access.EXCEPTION_ACCEPT, "obj": version}
    require_apart(person, {requester_id}, _("You asked for this waiver, so somebody else must accept it."), **act)
    ran = _("You asked for a check of %s, so somebody else must accept a waiver for it.") % version
    require_apart(person, runners(version), ran, **act)
    require_no_conflict(person, version, action=access.EXCEPTION_ACCEPT)
    require_no_part(person, version, action=access.EXCEPTION_ACCEPT)


def require_closer(person: Any, incident: Any, *, reporter_id: UUID) -> None:
    """R9: neither who reported the incident nor who owns the system closes it."""
    act: dict[str, Any] = {"action": access.INCIDENT_CLOSE, "obj": incident}
    require_apart(person, {reporter_id}, _("You reported this incident, so somebody else must close it."), **act)
    owns = _("You own %s, so somebody else must close its incidents.") % incident.home_system
    require_apart(person, incident.home_system.owner_ids, owns, **act)


def require_not_written(person: Any, row: Any, *, acts: Collection[str], action: str = access.CATALOGUE_DECIDE) -> None:
    """Four eyes: who proposed or wrote an entry, as the log has it, does not decide on it (by this action)."""
    wrote = AuditEntry.objects.filter(object_id=row.pk, action__in=acts, actor__isnull=False)
    refusal = _("You proposed or wrote %s, so somebody else must decide on it.") % row
    writers = set(wrote.values_list("actor_id", flat=True))
    require_apart(person, writers, refusal, action=action, obj=row)


def require_confirmer(person: Any, grant: Any) -> None:
    """Four eyes and R5: neither who granted it nor whose duty it is; administrators confirm administrators alone."""
    act: dict[str, Any] = {"action": access.GRANT_CONFIRM, "obj": grant}
    require_apart(person, {grant.person_id}, _("Nobody confirms his or her own duties."), **act)
    require_apart(person, {grant.granted_by_id}, _("You granted this duty, so somebody else must confirm it."), **act)
    if access.is_administrator(person) and access.DUTY_ROLE.get(grant.duty) != "ADM":
        raise NotAllowed(_("This duty is confirmed by a risk officer of %s.") % grant.unit)


def require_grantor(actor: Any, person: Any) -> None:
    """R5: nobody grants a duty to himself or changes his own."""
    if actor is not None:
        refusal = _("Nobody changes his or her own duties; ask another administrator.")
        require_apart(actor, {person.pk}, refusal, action=access.PEOPLE_MANAGE, obj=None)


def require_no_mix(person: Any, duty: str) -> None:
    """R10: an administrator holds no other duty, unless the installation says that it is too small for that."""
    if settings.SMALL_ORG:
        return
    held = {grant.role for grant in access.grants(person)}
    wanted = access.DUTY_ROLE.get(duty, "")
    if ("ADM" in held and wanted != "ADM") or (wanted == "ADM" and held - {"ADM", ""}):
        raise NotAllowed(_("%s: administration and another duty do not go together in one person.") % person)
