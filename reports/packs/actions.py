"""Asks for packs of systems, units and engagements, and says who may take a pack."""

import secrets
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, jobs, quotas
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, BusinessUnit, Duty, RoleAssignment, User
from reports.actions import require_language
from reports.models import Pack

# What a wide pack tells of: who may not read one of these gets none.
TOLD = (access.PACK_GENERATE, access.AUDIT_VIEW, access.INCIDENT_VIEW, access.PIA_VIEW)


@transaction.atomic
def request_wide_pack(
    subject: AISystem | BusinessUnit | RoleAssignment, *, actor: User, language: str = "en", since: date | None = None,
    until: date | None = None, shows_people: bool = False,
) -> Pack:  # fmt: skip
    """Ask for a pack of a system, of a unit and all below it, or of what an auditor was engaged to see.

    Of an engagement the period and whether people are named follow from the engagement.
    """
    row = Pack(
        language=language, since=since, until=until, shows_people=shows_people, requested_by=actor,
        salt=secrets.token_hex(32), **place(subject),
    )  # fmt: skip
    require_wide(actor, row)
    require_language(language)
    require_period(row)
    if row.shows_people and not may_name(actor, row):
        raise NotAllowed(
            _("An auditor gets names of people only where the engagement says so. Ask for the pack without them.")
        )
    quotas.require_room(actor, row.unit)
    row.save()
    log.record(actor, "pack.requested", row)
    jobs.enqueue(row)
    return row


def place(subject: AISystem | BusinessUnit | RoleAssignment) -> dict[str, Any]:
    """The columns of a pack of this."""
    if isinstance(subject, AISystem):
        return {"system": subject}
    if isinstance(subject, BusinessUnit):
        return {"of_unit": subject}
    if subject.duty != Duty.AUDITOR:
        raise BadInput(_("%s is no engagement of an auditor.") % subject, field="subject")
    inside = {"system": subject.system} if subject.system else {"of_unit": subject.unit}
    return {"engagement": subject, **inside}


def require_period(row: Pack) -> None:
    """A period that has begun and does not end before it begins; an engagement brings its own."""
    if row.engagement is not None:
        row.since, row.until = row.since or row.engagement.starts_on, row.until or row.engagement.ends_on
        row.shows_people = row.engagement.include_raw_data
    if row.since and row.since > timezone.localdate():
        raise BadInput(_("The period begins in the future; name a day that has come."), field="since")
    if row.since and row.until and row.until < row.since:
        raise BadInput(_("The period ends before it begins."), field="until")


def require_wide(person: Any, row: Pack) -> None:
    """Refuse who may not read everything that a wide pack tells."""
    for action in TOLD:
        access.require(person, action, row)


def may_name(person: Any, row: Pack) -> bool:
    """A pack with names is for those whose duty is more than an auditor's, and for auditors who may take raw data."""
    fit = [
        grant for grant in access.grants(person)
        if grant.reaches(row) and access.MATRIX[access.PACK_GENERATE].get(grant.role, "-") != "-"
    ]  # fmt: skip
    return any(grant.role != "AUD" or grant.raw for grant in fit)


def may_take(person: Any, row: Pack) -> bool:
    """Whether the person may carry the pack away."""
    if not row.is_wide:
        return access.allowed(person, access.PACK_GENERATE, row)
    told = all(access.allowed(person, action, row) for action in TOLD)
    return told and (not row.shows_people or may_name(person, row))


def require_take(person: Any, row: Pack) -> None:
    """Refuse who may not carry the pack away."""
    access.require(person, access.PACK_GENERATE, row)
    if not may_take(person, row):
        raise NotAllowed(_("This pack tells more than you may read. Ask for one of your own."))
