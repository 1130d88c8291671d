"""Separation of duties: twelve rules on persons, not on roles, asked at the moment of the act.

R1 contributor and approver, R2 approver and publisher, R3 contributor and publisher, R4 one person one decision,
R5 nobody's own duties, R6 limits, R10 administration, R11 fresh duties are asked here. R7 (risks) is asked where risks
are accepted. R8 (exceptions) and R9 (incidents) come with what they are about. R12 (a revoked duty ends undecided
decisions and no past ones) follows from reading the duties afresh at every act.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access
from registry.errors import NotAllowed
from registry.models import AuditEntry, ModelVersion, Release, SignOff

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
    """Persons who made what is decided on, read from the log; the owners of the system are counted among them.

    A check requested in a controlling duty is no contribution; one requested by an owner is.
    """
    system = version.home_system
    entries = AuditEntry.objects.filter(about_id=version.pk, actor__isnull=False)
    made = set(entries.filter(action__in=CONTRIBUTIONS).values_list("actor_id", flat=True))
    return made | {version.registered_by_id, system.business_owner_id, system.technical_owner_id}


def require_decider(person: Any, release: Release) -> None:
    """R1: who contributed does not approve. R4: one person, one decision."""
    if person.pk in contributors(release.version):
        raise NotAllowed(_("You own or helped to make %s, so somebody else must decide on it.") % release.version)
    if SignOff.objects.standing().filter(review__release=release, person=person).exists():
        raise NotAllowed(_("You have decided on this release already; one person decides once."))


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


def require_publisher(person: Any, release: Release) -> None:
    """R2 and R3: who approved or contributed does not publish."""
    if person.pk in contributors(release.version):
        raise NotAllowed(_("You own or helped to make %s, so somebody else must publish it.") % release.version)
    if SignOff.objects.standing().filter(review__release=release, person=person).exists():
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
    """R10: an administrator holds no other duty."""
    held = {grant.role for grant in access.grants(person)}
    wanted = access.DUTY_ROLE.get(duty, "")
    if ("ADM" in held and wanted != "ADM") or (wanted == "ADM" and held - {"ADM", ""}):
        raise NotAllowed(_("%s: administration and another duty do not go together in one person.") % person)
