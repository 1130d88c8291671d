"""Assessments of a unit's maturity that several tests begin with."""

from risk import maturity
from risk.actions.maturity import answer_maturity, confirm_maturity, start_maturity
from risk.models import MaturityAssessment
from risk.questionnaires import Reply, template
from tests.risk.steps import REASON

FORM = template(maturity.TEMPLATE)


def said(step: str, stage: str = "production", **changes: str) -> dict[str, Reply]:
    """Every perspective at one step, but for the changes."""
    found = {question.id: Reply(step) for question in FORM.questions} | {maturity.STAGE: Reply(stage)}
    return found | {name.replace("_", "-"): Reply(key) for name, key in changes.items()}


def assessed(cast, step="defined", **changes) -> MaturityAssessment:
    """Filled by the privacy officer and confirmed by the risk officer."""
    row = start_maturity(cast.unit, actor=cast.privacy_officer)
    row = answer_maturity(row, answers=said(step, **changes), actor=cast.privacy_officer)
    confirm_maturity(row, reason=REASON, actor=cast.risk_officer)
    row.refresh_from_db()
    return row
