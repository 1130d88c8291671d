"""Sheets of risks, treatments and incidents: the forms of their pages, filled by rows."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from registry import access
from registry.forms.acts import ActForm
from registry.imports.records import reference, sheet, under
from registry.models import ModelVersion
from risk import actions
from risk.forms import RiskForm, TreatForm, systems_where
from risk.models import Incident, Risk, Treatment
from risk.response.forms import IncidentForm


def incident_form(person: Any) -> ActForm:
    """As the page of a report; a version is named by its id, and the act looks whether it is one of the system."""
    report = IncidentForm(system=None, person=person)
    del report.fields["deployment"]
    form = under(report, "system", systems_where(person, access.INCIDENT_REPORT), person)
    form.fields["version"] = reference(ModelVersion.objects.visible_to(person), person, required=False)
    return form


sheet(
    "risk",
    _("Risks"),
    access.RISK_EDIT,
    lambda person: under(RiskForm(person=person), "system", systems_where(person, access.RISK_EDIT), person),
    "system",
    Risk,
    actions.register_risk,
)
sheet(
    "risk_treatment",
    _("Treatments"),
    access.RISK_EDIT,
    lambda person: under(TreatForm(person=person), "risk", Risk.objects.visible_to(person).live(), person),
    "risk",
    Treatment,
    actions.treat_risk,
)
sheet("incident", _("Incidents"), access.INCIDENT_REPORT, incident_form, "system", Incident, actions.report_incident)  # fmt: skip
