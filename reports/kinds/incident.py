"""What the report on one incident says: what happened, whom it touched, what was done, why it happened, what is learnt."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _, ngettext

from registry.models import AuditEntry, RegisterEntry
from reports.kinds.blocks import chapter, facts, frame, limit, moment, table, text
from risk.models import Incident

HOURS = 3600


def incident(row: Incident, *, as_of: datetime) -> dict[str, Any]:
    """Everything that the report on one incident prints."""
    actions = corrective_actions(row)
    return frame(row.title, as_of=as_of, cover=cover(row)) | {
        "summary": summary(row, actions, as_of),
        "chapters": [
            chapter(_("What happened"), text(row.description), facts(happened(row))),
            chapter(_("Whom it touched"), facts(touched(row))),
            chapter(_("Cause, remedy and lessons"), facts(learnt(row))),
            chapter(_("What is done about it"), *(actions_table(actions), *notes(row))),
            chapter(_("How it was handled"), log(row)),
        ],
        "not_checked": not_checked(row),
    }


def cover(row: Incident) -> list[tuple[str, Any]]:
    """The lines of the cover."""
    return [
        (_("System"), row.system), (_("Business unit"), row.system.unit), (_("Version"), row.version),
        (_("Kind"), row.get_kind_display()), (_("Severity"), row.get_severity_display()),
        (_("Status"), row.get_status_display()),
    ]  # fmt: skip


def summary(row: Incident, actions: list[RegisterEntry], as_of: datetime) -> list[list[str]]:
    """What a member of the board reads."""
    law = _("serious as the law has it") if row.serious else _("not serious as the law has it")
    undone = sum(one.status in {"open", "overdue"} for one in actions)
    lines = [
        [_("What happened"), row.description],
        [
            _("How bad"),
            ", ".join([row.get_severity_display(), law, *([_("nearly happened")] if row.near_miss else [])]),
        ],
        [_("Who is affected"), row.groups_affected or _("not said")],
        [_("Status"), _("%(status)s; %(hours)s") % {"status": row.get_status_display(), "hours": lasted(row, as_of)}],
        [_("Cause"), row.root_cause or _("not found yet")],
        [_("To do"), ngettext("%d corrective action is open.", "%d corrective actions are open.", undone) % undone],
    ]
    return [[str(name), str(value)] for name, value in lines]


def lasted(row: Incident, as_of: datetime) -> str:
    """How long it took from the notice to the close, or to now."""
    hours = int(((row.closed_at or as_of) - row.detected_at).total_seconds() // HOURS)
    if row.closed_at:
        return ngettext("closed after %d hour", "closed after %d hours", hours) % hours
    return ngettext("open for %d hour", "open for %d hours", hours) % hours


def happened(row: Incident) -> list[tuple[str, Any]]:
    """When and where."""
    return [
        (_("Noticed"), moment(row.detected_at)), (_("Reported"), moment(row.aware_at)), (_("Reported by"), row.reporter),
        (_("Deployment"), row.deployment), (_("Comes from a supplier"), yes_no(row.third_party_origin)),
        (_("Handled by"), row.owner),
    ]  # fmt: skip


def touched(row: Incident) -> list[tuple[str, Any]]:
    """People and harm."""
    return [
        (_("Who is affected"), row.groups_affected), (_("Harm"), row.impacts),
        (_("Concerns personal data"), yes_no(row.is_privacy)), (_("Risk on the register"), row.risk),
    ]  # fmt: skip


def learnt(row: Incident) -> list[tuple[str, Any]]:
    """Cause, remedy and lessons, and who closed it."""
    return [
        (_("Cause"), row.root_cause), (_("Remedy"), row.remedy), (_("Lessons"), row.lessons),
        (_("Closed by"), row.closed_by), (_("Closed"), moment(row.closed_at)),
    ]  # fmt: skip


def yes_no(value: bool) -> str:
    """A yes or no in words."""
    return _("yes") if value else _("no")


def corrective_actions(row: Incident) -> list[RegisterEntry]:
    """The actions of the register that follow from it."""
    rows = RegisterEntry.objects.standing().filter(kind="corrective_action", fields__incident=str(row.pk))
    return list(rows.select_related("owner").order_by("due_on", "number"))


def actions_table(rows: list[RegisterEntry]) -> Any:
    """Actions with whoever does them, and until when."""
    from registry.registers import kinds

    statuses = kinds()["corrective_action"].statuses
    head = ((_("Corrective action"), 0), (_("Owner"), 20), (_("Due"), 14), (_("Status"), 14))
    found = [[one.title, one.owner, one.due_on or "", _(str(statuses[one.status]))] for one in rows]
    return table(_("Corrective actions"), head, found) or text(_("No corrective action is on the register."))


def notes(row: Incident) -> list[Any]:
    """What people wrote while they looked into it."""
    found = [
        [moment(note.created_at), note.person, note.text]
        for note in row.notes.select_related("person").order_by("created_at", "pk")
    ]
    return [table(_("Notes, oldest first"), ((_("When (UTC)"), 17), (_("Who"), 20), (_("Note"), 0)), found)]


def log(row: Incident) -> Any:
    """What the chained log says of it."""
    entries = (
        AuditEntry.objects.filter(Q(object_id=row.pk) | Q(about_id=row.pk)).select_related("actor").order_by("seq")
    )
    head = ((_("No."), 9), (_("When (UTC)"), 18), (_("Who"), 22), (_("What"), 0), (_("Hash"), 16))
    return table(
        _("Entries of the log on this incident"),
        head,
        [
            [one.seq, one.ts_utc[:16].replace("T", " "), one.actor or _("the software"), one.action, bytes(one.entry_hash).hex()[:12]]
            for one in entries
        ],
    )  # fmt: skip


def not_checked(row: Incident) -> list[dict[str, str]]:
    """What a reader must not take for shown."""
    rows = [
        limit(_("Whether all who were harmed are known"), _("The report holds what people reported and found; nobody else was asked.")),
        limit(_("Whether an authority must be told"), _("“Serious” is what the person who handles the incident entered; counsel decides what the law asks.")),
    ]  # fmt: skip
    if not row.root_cause:
        rows.append(
            limit(_("Cause"), _("It is not found yet, so no statement on other systems with the same cause is made."))
        )
    return rows
