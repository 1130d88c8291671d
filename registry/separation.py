"""Separation of duties: rules on persons, not on roles, asked at the moment of the act."""

from typing import Any
from uuid import UUID

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


def require_publisher(person: Any, release: Release) -> None:
    """R2 and R3: who approved or contributed does not publish."""
    if person.pk in contributors(release.version):
        raise NotAllowed(_("You own or helped to make %s, so somebody else must publish it.") % release.version)
    if SignOff.objects.standing().filter(review__release=release, person=person).exists():
        raise NotAllowed(_("You signed off this release, so somebody else must publish it."))


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
