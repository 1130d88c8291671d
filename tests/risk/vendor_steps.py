"""The questionnaire about vendors, answered."""

from typing import Any

from risk import actions, questionnaires
from risk.models import VendorAssessment
from risk.template_parts import Template
from tests.factories import Cast

TEXT = "Read in the vendor's own documents of this spring."


def form() -> Template:
    """The questionnaire."""
    return questionnaires.template("vendor_assessment")


def answers(**changes: Any) -> dict[str, Any]:
    """Every question answered at its best, with a text beside each."""
    found = {}
    for question in form().questions:
        best = min if question.kind == "risk" else max
        choice = best(question.points, key=question.points.__getitem__) if question.points else ""
        found[question.id] = {"answer": choice, "text": f"{question.id}: {TEXT}"}
    return found | changes


def filled(cast: Cast, row: VendorAssessment, **changes: Any) -> VendorAssessment:
    """The assessment answered and submitted by the owner."""
    row = actions.answer_vendor_assessment(row, answers=answers(**changes), actor=cast.owner)
    actions.submit_vendor_assessment(row, actor=cast.owner)
    row.refresh_from_db()
    return row
