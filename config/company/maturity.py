"""The maturity of a unit, assessed twice, so that its radar compares."""

from config.company.story import Company, texts
from risk import questionnaires
from risk.actions.maturity import answer_maturity, confirm_maturity, start_maturity

STAGE, BEFORE, SINCE = "production", ("begun", "repeated"), ("repeated", "measured", "defined")


def settle_maturity(company: Company) -> None:
    """Filled by one risk officer and confirmed by another, once as it was and once as it is."""
    unit = company.units[next(iter(company.units))]
    for steps in (BEFORE, SINCE):
        row = start_maturity(unit, actor=company.people["second_risk"])
        answers = {
            question.id: STAGE if question.kind == "context" else steps[place % len(steps)]
            for place, question in enumerate(questionnaires.template(row.template).questions)
        }
        row = answer_maturity(row, answers=answers, actor=company.people["second_risk"])
        confirm_maturity(row, reason=texts()["vendor_answers"]["reason"], actor=company.people["risk"])
