"""Answers to any questionnaire about a system, and assessments filled with them."""

from risk import actions
from risk.models import Assessment
from risk.questionnaires import Reply, is_asked, template
from tests.factories import Cast
from tests.risk.replies import LONG, best


def harmless(slug: str, **changes: str | Reply) -> dict[str, Reply]:
    """The most harmless answer to every question of a questionnaire, but for the changes (underscores for hyphens)."""
    found = {question.id: said(question) for question in template(slug).questions}
    for name, reply in changes.items():
        found[name.replace("_", "-")] = reply if isinstance(reply, Reply) else Reply(reply, LONG)
    return found


def said(question) -> Reply:
    """One answer."""
    if question.type == "person":
        return Reply("owner@bank.example")
    if question.type == "date":
        return Reply("2027-01-31")
    if question.type == "several":
        return Reply("none_of_these", LONG)
    return Reply("", "") if question.type == "file" else best(question)


def filled(cast: Cast, system, slug: str, *, submit: bool = True, **changes: str | Reply) -> Assessment:
    """A questionnaire about the system, filled by its owner and put before whoever decides on it."""
    row = actions.start_assessment(system, template=slug, actor=cast.owner)
    answers = harmless(slug, **changes)
    asked = {name: reply for name, reply in answers.items() if is_asked(row.form, row.form.by_id[name], answers)}
    row = actions.save_answers(row, answers=asked, actor=cast.owner)
    if submit:
        actions.submit_assessment(row, actor=cast.owner)
        row.refresh_from_db()
    return row


def decided(cast: Cast, system, slug: str, **changes: str | Reply) -> Assessment:
    """The same, approved by the risk officer."""
    row = filled(cast, system, slug, **changes)
    actions.approve_assessment(row, opinion="Read against what runs; it holds.", actor=cast.risk_officer)
    row.refresh_from_db()
    return row
