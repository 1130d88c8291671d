"""Sheets of risks, treatments, incidents, assessments and reclassifications: the forms of their pages, filled by rows."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _now, gettext_lazy as _

from registry import access
from registry.datasets import standard
from registry.errors import BadInput
from registry.forms.acts import ActForm
from registry.imports.naming import FETCHED, NAMERS, in_unit
from registry.imports.records import LABELS, borrowed, reference, sheet, under
from registry.lists.tables import PREPARED
from registry.models import AISystem, Dataset, ModelVersion, User, Vendor
from risk import actions
from risk.forms import ReclassifyForm, RiskForm, TreatForm, systems_where
from risk.models import Assessment, Incident, Reclassification, Risk, Treatment, VendorAssessment
from risk.questionnaires import FILES, Reply
from risk.response.forms import IncidentForm

LABELS[Risk] = _("Risk")
NAMERS[Risk] = lambda row: f"{in_unit(row.system)}/{row.title}"
FETCHED[Risk] = ("system__unit",)
# The questionnaire about vendors has a table of its own.
VENDORS = "vendor_assessment"


def incident_form(person: Any) -> ActForm:
    """As the page of a report; a version is named by its id, and the act looks whether it is one of the system."""
    report = IncidentForm(system=None, person=person)
    del report.fields["deployment"]
    form = under(report, "system", systems_where(person, access.INCIDENT_REPORT), person)
    form.fields["version"] = reference(
        ModelVersion.objects.visible_to(person), person, required=False, label=_("Version")
    )
    return form


class AnswersField(forms.Field):
    """Answers by question, in JSON: a text, or an object with `answer` and `text`, as the REST API takes them."""

    def to_python(self, value: Any) -> dict[str, Any]:
        """The answers; none for an empty cell."""
        try:
            found = json.loads(value or "{}")
        except ValueError as error:
            raise forms.ValidationError(_now("This is no JSON: %s") % error) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(_now("Write an object: each question by its id, with its answer."))
        return found


def said(replies: Mapping[str, Reply]) -> str:
    """Answers as a sheet writes them."""
    given = {name: {"answer": one.answer, "text": one.text} for name, one in sorted(replies.items())}
    return json.dumps(given, ensure_ascii=False)


def tell_answers(rows: list[Any]) -> None:
    """Set what was answered in each assessment."""
    prefetch_related_objects([row for row in rows if isinstance(row, Assessment)], "answers")
    for row in rows:
        row.said_answers = said(row.replies())


PREPARED["pia"] = PREPARED["vendor_assessment"] = tell_answers


def assessment_form(person: Any) -> ActForm:
    """A questionnaire about a system, or one version of it, with answers."""
    form = ActForm()
    form.fields["template"] = forms.ChoiceField(
        label=_("Questionnaire"), choices=[(slug, slug) for slug in FILES if slug != VENDORS]
    )
    rows = ModelVersion.objects.visible_to(person)
    form.fields["version"] = reference(rows, person, required=False, label=_("Version"))
    form.fields["answers"] = AnswersField(label=_("Answers"), required=False)
    return under(form, "system", AISystem.objects.visible_to(person), person, access.PIA_EDIT)


def enter_assessment(system: AISystem, *, answers: dict[str, Any], actor: User, **about: Any) -> Assessment:
    """A draft with its answers."""
    row = actions.start_assessment(system, actor=actor, **about)
    return actions.save_answers(row, answers=answers, actor=actor) if answers else row


def vendor_assessment_form(person: Any) -> ActForm:
    """The questionnaire about a vendor for a use, with answers."""
    form = ActForm()
    form.fields["use"] = forms.CharField(label=_("Use"))
    form.fields["answers"] = AnswersField(label=_("Answers"), required=False)
    return under(form, "vendor", Vendor.objects.visible_to(person), person, access.CATALOGUE_EDIT)


def enter_vendor_assessment(vendor: Vendor, *, use: str, answers: dict[str, Any], actor: User) -> VendorAssessment:
    """A draft with its answers."""
    row = actions.start_vendor_assessment(vendor, use=use, actor=actor)
    return actions.answer_vendor_assessment(row, answers=answers, actor=actor) if answers else row


sheet(
    "risk",
    access.RISK_EDIT,
    lambda person: under(RiskForm(person=person), "system", systems_where(person, access.RISK_EDIT), person),
    "system",
    Risk,
    actions.register_risk,
    _("Rows are open risks; they are treated, accepted and closed here."),
)
sheet(
    "risk_treatment",
    access.RISK_EDIT,
    lambda person: under(TreatForm(person=person), "risk", Risk.objects.visible_to(person).live(), person),
    "risk",
    Treatment,
    actions.treat_risk,
    _("Rows are planned; what came of them is entered here."),
)
sheet("incident", access.INCIDENT_REPORT, incident_form, "system", Incident, actions.report_incident,
      _("Rows are reports of yours; they are worked on and closed here."))  # fmt: skip


def class_form(person: Any) -> ActForm:
    """A higher class for data."""
    form = borrowed(ReclassifyForm, "new_class", "reason")
    form.fields["new_class"].choices = standard.choices()  # type: ignore[attr-defined]
    return under(form, "dataset", Dataset.objects.visible_to(person), person, access.RISK_EDIT)


def enter_class(dataset: Dataset, *, new_class: str, reason: str, actor: User) -> Reclassification:
    """A rise alone: a lower class is a decision of its own, which is taken on the page of the data."""
    if standard.rank_of(new_class) <= standard.rank_of(dataset.classification):
        raise BadInput(
            _now("A sheet raises the class of data only; a lower one is decided on their page."), field="new_class"
        )
    return actions.reclassify(dataset, new_class=new_class, reason=reason, actor=actor)


sheet("pia", access.PIA_EDIT, assessment_form, "system", Assessment, enter_assessment,
      _("Rows are drafts with answers; scores are computed here, and whoever signs does so here."))  # fmt: skip
sheet("vendor_assessment", access.CATALOGUE_EDIT, vendor_assessment_form, "vendor", VendorAssessment,
      enter_vendor_assessment, _("Rows are drafts with answers; scores are computed here, and somebody else decides here."))  # fmt: skip
sheet("reclassification", access.RISK_EDIT, class_form, "dataset", Reclassification, enter_class,
      _("Rows raise the class of data now, with all that follows from it; a lower class is decided on the page of the data."))  # fmt: skip
