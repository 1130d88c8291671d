"""Steps that stories about assessments and risks share."""

from datetime import timedelta

from django.utils import timezone

from registry.models import AISystem, AuditEntry
from risk import actions
from risk.models import Assessment, Incident, Risk, Treatment
from tests.factories import Cast
from tests.risk.replies import benign

OPINION = "The purpose is narrow and the data are few; I have no objection."
REASON = "The loss is small and covered by the unit's budget."


def answered(cast: Cast, system: AISystem, **changes) -> Assessment:
    """A draft with every question answered harmlessly, but for the changes."""
    assessment = actions.start_assessment(system, actor=cast.owner)
    return actions.save_answers(assessment, answers=benign(**changes), actor=cast.owner)


def submitted(cast: Cast, system: AISystem, **changes) -> Assessment:
    """An assessment in review."""
    assessment = answered(cast, system, **changes)
    actions.submit_assessment(assessment, actor=cast.owner)
    assessment.refresh_from_db()
    return assessment


def approved(cast: Cast, system: AISystem, **changes) -> Assessment:
    """An assessment signed by the privacy officer."""
    assessment = submitted(cast, system, **changes)
    actions.approve_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer)
    assessment.refresh_from_db()
    return assessment


def registered(cast: Cast, system: AISystem, *, actor=None, **changes) -> Risk:
    """A medium financial risk of the system, entered by the owner."""
    fields = {
        "title": "Offers reach people who moved away", "component": "output", "category": "financial",
        "likelihood": 3, "impact": 2, "owner": cast.owner,
    }  # fmt: skip
    return actions.register_risk(system, actor=actor or cast.owner, **{**fields, **changes})


def planned(cast: Cast, risk: Risk, *, actor=None, **changes) -> Treatment:
    """A treatment agreed for a risk."""
    fields = {
        "option": "mitigate", "plan": "Compare addresses with the moving register.", "owner": cast.owner,
        "due_on": timezone.localdate() + timedelta(days=30),
    }  # fmt: skip
    return actions.treat_risk(risk, actor=actor or cast.owner, **{**fields, **changes})


def reported(cast: Cast, system: AISystem, *, actor=None, **changes) -> Incident:
    """An incident with the system, reported by the owner an hour after it was noticed."""
    fields = {
        "title": "Letters went to people who had objected", "kind": "wrong_output", "severity": "medium",
        "description": "Forty people who had objected to offers were written to.",
        "detected_at": timezone.now() - timedelta(hours=1),
    }  # fmt: skip
    return actions.report_incident(system, actor=actor or cast.owner, **{**fields, **changes})


def ended(incident: Incident, person, **changes) -> Incident:
    """The incident closed by this person."""
    fields = {"root_cause": "The list of objections was a day old.", "remedy": "It is read anew before each posting."}
    return actions.close_incident(incident, actor=person, **{**fields, **changes})


def events(row) -> list[str]:
    """What the log says of a row, in order."""
    return list(AuditEntry.objects.filter(object_id=row.pk).order_by("seq").values_list("action", flat=True))
