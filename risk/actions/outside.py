"""Takes up what somebody reported on the report page as an incident, and asks for the answer when the incident is closed."""

from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.actions import registers, work
from registry.audit.followers import follows
from registry.errors import NotAllowed
from registry.models import AISystem, RegisterEntry, Task, User
from registry.registers.moves import with_move
from registry.transactions import retried
from risk.actions.incidents import report_incident
from risk.models import Incident

KIND: Final = "outside_report"
MOVE: Final = "take_up"


@retried
def take_up_report(
    row: RegisterEntry, *, system: AISystem, title: str, description: str, detected_at: datetime, kind: str,
    severity: str, actor: User, **told: Any,
) -> Incident:  # fmt: skip
    """Report the incident, tie the report to it and move the report on: all of it, or nothing."""
    if row.system_id not in {None, system.pk}:
        raise NotAllowed(_("The report is about %s; take it up there.") % row.system)
    incident = report_incident(
        system, title=title, description=description, detected_at=detected_at, kind=kind, severity=severity,
        actor=actor, **told,
    )  # fmt: skip
    reason = _("It is looked into as the incident “%s”.") % incident
    registers.move_entry(row, move=MOVE, reason=reason, stamped={"incident": str(incident.pk)}, actor=actor)
    return incident


@with_move(KIND, MOVE)
def require_incident(row: RegisterEntry, actor: Any) -> None:
    """Nobody says that it is an incident without the incident."""
    if not row.fields.get("incident"):
        raise NotAllowed(_("Take it up on its own page: the incident is written with the same act."))


@follows("incident.closed")
def ask_for_answers(actor: Any, incident: Incident) -> None:
    """Whoever reported it from outside waits for an answer: the owner of the report writes it now."""
    rows = RegisterEntry.objects.filter(kind=KIND, status="taken_up", fields__incident=str(incident.pk))
    for row in rows.select_related("owner"):
        work.open_task(
            row, kind=Task.Kind.RECEIVED, system=incident.system, url=row.get_absolute_url(), person=row.owner,
            due_on=row.due_on, actor=actor,
        )  # fmt: skip
