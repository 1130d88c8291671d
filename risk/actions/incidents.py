"""Reports incidents, works on them, closes them with their cause, and opens them again."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import access, separation
from registry.actions import work
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import AISystem, Deployment, Duty, ModelVersion, RegisterEntry, Task, User
from registry.transactions import retried
from risk.actions import response
from risk.actions.register import store
from risk.models import Incident, IncidentNote, Risk
from risk.models.register import Level

LEAST: Final = 10
# Within so many days whoever has it looks into it; the clocks of the law run beside that.
DAYS: Final[dict[str, int]] = {Level.CRITICAL: 1, Level.HIGH: 2, Level.MEDIUM: 7, Level.LOW: 14}
TOLD: Final = frozenset({"impacts", "groups_affected", "serious", "near_miss", "third_party_origin", "is_privacy",
                    "consequence", "origin"})  # fmt: skip
MANAGED: Final = frozenset(
    {"status", "severity", "serious", "consequence", "is_privacy", "groups_affected", "owner", "risk", "version",
     "recovery_minutes"}
)  # fmt: skip


@retried
def report_incident(
    system: AISystem, *, title: str, kind: str, description: str, detected_at: datetime, severity: str, actor: User,
    version: ModelVersion | None = None, deployment: Deployment | None = None, **told: Any,
) -> Incident:  # fmt: skip
    """Say what went wrong with a system; whoever looks into incidents of the unit gets it to do."""
    access.require(actor, access.INCIDENT_REPORT, system)
    require_known(told, TOLD)
    require_text("description", description)
    require_belonging(system, version, deployment)
    if detected_at > timezone.now():
        raise BadInput(_("It cannot have been noticed in the future; check day and time."), field="detected_at")
    incident = Incident(
        system=system, version=version or (deployment.release.version if deployment else None), deployment=deployment,
        title=title.strip(), kind=kind, description=description.strip(), detected_at=detected_at, severity=severity,
        reporter=actor, **told,
    )  # fmt: skip
    store(incident)
    log.record(actor, "incident.reported", incident)
    for duty in (Duty.RISK_OFFICER, *([Duty.PRIVACY_OFFICER] if incident.is_privacy else [])):
        ask(incident, actor=actor, duty=duty)
    response.follow(incident)
    return incident


def ask(incident: Incident, *, actor: User, duty: str = "", person: User | None = None) -> None:
    """Give it to somebody to do, the sooner the graver it is."""
    work.open_task(
        incident, kind=Task.Kind.INCIDENT, system=incident.system, url=incident.get_absolute_url(), duty=duty,
        person=person, due_on=timezone.localdate() + timedelta(days=DAYS[incident.severity]), actor=actor,
    )  # fmt: skip


def require_known(given: dict[str, Any], known: frozenset[str]) -> None:
    """Nothing is set that cannot be set here."""
    unknown = sorted(set(given) - known)
    if unknown:
        raise BadInput(_("%s cannot be set here.") % unknown[0], field=unknown[0])


def require_text(field: str, text: str) -> None:
    """The text says something."""
    if len(text.strip()) < LEAST:
        raise BadInput(_("Write at least %d characters.") % LEAST, field=field)


def require_belonging(system: AISystem, version: ModelVersion | None, deployment: Deployment | None) -> None:
    """Version and deployment are of this system, and of each other."""
    if version is not None and not belongs(version, system):
        raise BadInput(_("%s is no version of this system.") % version, field="version")
    if deployment is None:
        return
    if deployment.release.system_id != system.pk or version not in {None, deployment.release.version}:
        raise BadInput(_("This deployment is not of this system and version."), field="deployment")


def belongs(version: ModelVersion, system: AISystem) -> bool:
    """The version is at home in the system, or was put up for release there."""
    return version.model.system_id == system.pk or version.releases.filter(system=system).exists()


def may_manage(person: Any, incident: Incident) -> bool:
    """The person may work on the incident."""
    return access.allowed(person, access.INCIDENT_MANAGE, incident) and is_concerned(person, incident)


def may_close(person: Any, incident: Incident) -> bool:
    """The person may close the incident, as far as duties go."""
    return access.allowed(person, access.INCIDENT_CLOSE, incident) and is_concerned(person, incident)


def is_concerned(person: Any, incident: Incident) -> bool:
    """Whoever is a privacy officer and nothing else handles incidents about personal data alone."""
    roles = {grant.role for grant in access.grants(person) if grant.reaches(incident)}
    return incident.is_privacy or "RISK" in roles


def require_concerned(person: Any, incident: Incident) -> None:
    """Refuse a privacy officer where no personal data is concerned."""
    if not is_concerned(person, incident):
        raise NotAllowed(
            _("This incident concerns no personal data; a risk officer of %s handles it.") % incident.system.unit
        )


def locked(incident: Incident) -> Incident:
    """The row as it is now, held until the transaction ends."""
    rows = Incident.objects.select_for_update(of=("self",)).select_related("system__unit")
    return rows.get(pk=incident.pk)


@retried
def manage_incident(incident: Incident, *, actor: User, note: str = "", **changes: Any) -> Incident:
    """Change status, severity, owner or risk of an open incident, and note what was found or done."""
    access.require(actor, access.INCIDENT_MANAGE, incident)
    incident = locked(incident)
    require_concerned(actor, incident)
    require_known(changes, MANAGED)
    if incident.is_closed:
        raise NotAllowed(_("This incident is closed; open it again first."))
    require_fitting(incident, changes)
    changed = {name: value for name, value in changes.items() if getattr(incident, name) != value}
    if not changed and not note.strip():
        raise BadInput(_("Nothing is changed: choose something else or write a note."), field="note")
    for name, value in changed.items():
        setattr(incident, name, value)
    store(incident)
    log.record(actor, "incident.managed", incident, reason=note.strip())
    write_note(incident, note, actor=actor)
    if changed.get("owner"):
        work.close_tasks(incident, kind=Task.Kind.INCIDENT, duty=Duty.RISK_OFFICER, actor=actor)
        ask(incident, actor=actor, person=incident.owner)
    response.follow(incident)
    return incident


def require_fitting(incident: Incident, changes: dict[str, Any]) -> None:
    """The status is one before the end, the owner may read it, and the risk is one of the same system."""
    if changes.get("status") == Incident.Status.CLOSED:
        raise BadInput(_("An incident is closed with its cause, by an act of its own."), field="status")
    if changes.get("status", Incident.Status.OPEN) not in Incident.Status:
        raise BadInput(_("“%s” is no status of an incident.") % changes["status"], field="status")
    owner: User | None = changes.get("owner")
    if owner is not None and not access.allowed(owner, access.INCIDENT_VIEW, incident):
        raise BadInput(_("%s may not read incidents of this system; choose somebody who may.") % owner, field="owner")
    require_belonging(incident.system, changes.get("version"), None)
    risk: Risk | None = changes.get("risk")
    if risk is not None and risk.system_id != incident.system_id:
        raise BadInput(_("“%s” is a risk of another system.") % risk, field="risk")


def write_note(incident: Incident, text: str, *, actor: User) -> None:
    """Keep what somebody found or did; nothing where nothing was written."""
    if text.strip():
        note = IncidentNote(incident=incident, person=actor, text=text.strip())
        note.save()
        log.record(actor, "incident_note.written", note)


@retried
def close_incident(incident: Incident, *, root_cause: str, remedy: str, actor: User, lessons: str = "") -> Incident:
    """End the work on an incident with its cause and remedy; neither its reporter nor an owner of the system does it."""
    separation.require_now(actor, access.INCIDENT_CLOSE, incident)
    incident = locked(incident)
    require_concerned(actor, incident)
    if incident.is_closed:
        raise NotAllowed(_("This incident is closed already."))
    separation.require_closer(actor, incident, reporter_id=incident.reporter_id)
    require_corrected(incident)
    require_text("root_cause", root_cause)
    require_text("remedy", remedy)
    incident.status, incident.closed_by, incident.closed_at = Incident.Status.CLOSED, actor, timezone.now()
    incident.root_cause, incident.remedy, incident.lessons = root_cause.strip(), remedy.strip(), lessons.strip()
    store(incident)
    log.record(actor, "incident.closed", incident, reason=incident.root_cause)
    work.close_tasks(incident, actor=actor)
    return incident


def require_corrected(incident: Incident) -> None:
    """Every corrective action that follows from it is verified, which somebody else did."""
    rows = RegisterEntry.objects.filter(kind="corrective_action", fields__incident=str(incident.pk)).standing()
    waiting = rows.exclude(status="verified").first()
    if waiting is not None:
        raise NotAllowed(_("The corrective action “%s” is not verified yet.") % waiting)


@retried
def reopen_incident(incident: Incident, *, reason: str, actor: User) -> Incident:
    """Open a closed incident again; what was written at its end stays until it is closed anew."""
    access.require(actor, access.INCIDENT_MANAGE, incident)
    incident = locked(incident)
    require_concerned(actor, incident)
    if not incident.is_closed:
        raise NotAllowed(_("This incident is open."))
    require_text("reason", reason)
    incident.status, incident.closed_by, incident.closed_at = Incident.Status.OPEN, None, None
    store(incident)
    log.record(actor, "incident.reopened", incident, reason=reason.strip())
    write_note(incident, reason, actor=actor)
    ask(incident, actor=actor, duty=Duty.RISK_OFFICER)
    response.follow(incident)
    return incident
