"""Acts that only sheets of records ask for: gates asked anew, and events of another log told in this one."""

from datetime import datetime
from typing import Final

from django.db import transaction

from registry import access, gates
from registry.audit import log
from registry.models import AuditEntry, BusinessUnit, GateRecord, Release, User

# The moment of answers that nothing was decided on.
ASKED: Final = "asked"


@transaction.atomic
def ask_gates(release: Release, *, actor: User) -> GateRecord:
    """Ask every gate of a release now and keep the answers; no decision rests on them, and no framework counts them."""
    access.require(actor, access.APPROVAL_SUBMIT, release)
    case = gates.case_of(release, ASKED)
    return gates.keep(case, release, gates.evaluate(release), actor=actor)


@transaction.atomic
def tell_event(
    unit: BusinessUnit, *, action: str, subject: str, at: datetime, actor: User, who: str = ""
) -> AuditEntry:
    """Tell what another log holds: one entry of this log says who told what, and proves no more than that it was told."""
    access.require(actor, access.REGISTER_EDIT, unit)
    told = {"action": action, "subject": subject, "at": at.isoformat(), "who": who}
    return log.record(actor, "event.told", unit, told=told)
