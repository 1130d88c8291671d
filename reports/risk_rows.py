"""Risks, treatments and assessments as facts, with the workflows that led to them."""

from collections.abc import Iterator
from typing import Any

from registry.errors import BadInput
from reports.duty_rows import current_duties, systems_of_duty
from reports.facts import Fact, WorkflowFact
from reports.scope import Scope, fields_of, subject_of
from risk.models import Acceptance, Assessment, Risk, Treatment


def risks(scope: Scope) -> Iterator[Fact]:
    """One row a risk."""
    for risk in risks_in(scope):
        yield Fact(
            id=str(risk.pk),
            label=str(risk),
            subject=subject_of(risk.system_id),
            url=risk.get_absolute_url(),
            fields=fields_of(risk, "risk"),
        )


def risks_in(scope: Scope) -> list[Risk]:
    """The risks of the systems."""
    found: list[Risk] = scope.once("risks", lambda: list(scope.rows(Risk)))
    return [risk for risk in found if risk.system_id in scope.system_ids]


def treatments(scope: Scope) -> Iterator[Fact]:
    """One row a treatment, about its system and its risk; one past its day counts as overdue."""
    for row in scope.rows(Treatment).select_related("risk"):
        if row.risk.system_id in scope.system_ids:
            yield Fact(
                id=str(row.pk),
                label=str(row),
                subject=subject_of(row.risk.system_id),
                also=frozenset({("risk", str(row.risk_id))}),
                url=row.risk.get_absolute_url(),
                fields=fields_of(row, "risk_treatment", status=str(row.status_today)),
            )


def risk_acceptances(scope: Scope) -> Iterator[WorkflowFact]:
    """Acceptances that stand, of what is left of a risk, by whom, with the duties that these people hold for the system."""
    duties = [(row.person_id, str(row.duty), set(systems_of_duty(scope, row))) for row in current_duties(scope)]
    given: dict[Any, list[Acceptance]] = {}
    for row in scope.rows(Acceptance).filter(voided_at__isnull=True):
        given.setdefault(row.risk_id, []).append(row)
    for risk in risks_in(scope):
        rows = given.get(risk.pk, [])
        people = {row.person_id for row in rows}
        if rows:
            yield WorkflowFact(
                id=str(rows[-1].pk),
                label=str(risk),
                subject=subject_of(risk.system_id),
                also=frozenset({("risk", str(risk.pk))}),
                url=risk.get_absolute_url(),
                workflow="risk_acceptance",
                outcome="approved",
                ended_at=max(row.created_at for row in rows),
                approvers=tuple(
                    (str(person), duty)
                    for person, duty, systems in duties
                    if person in people and risk.system_id in systems
                ),
            )


def assessments(scope: Scope, entity: str) -> Iterator[Assessment]:
    """Assessments whose questionnaire produces rows of the entity, about systems as a whole or versions in force."""
    for row in scope.rows(Assessment).select_related("system", "version__artifact", "version__model"):
        in_force = row.version_id is None or row.version_id in scope.versions_in_force.get(row.system_id, ())
        if row.system_id in scope.system_ids and in_force and _produces(row) == entity:
            yield row


def _produces(row: Assessment) -> str:
    """What the questionnaire of an assessment stands for; nothing when this installation has it no more."""
    try:
        return row.form.produces
    except BadInput:
        return ""


def status_of(row: Assessment) -> str:
    """Its status; one that was approved for another purpose or other bytes counts as superseded."""
    return "superseded" if row.status == Assessment.Status.APPROVED and row.is_outgrown else str(row.status)


def privacy_assessments(scope: Scope) -> Iterator[Fact]:
    """One row for each assessed component of a privacy impact assessment."""
    for row in assessments(scope, "pia"):
        said = said_to(row)
        for part in row.parts.all():
            fields = fields_of(
                row,
                "pia",
                component=str(part.component),
                questionnaire_version=row.template_version,
                inherent_score=0.0 if part.is_closed else part.inherent_score,
                residual_score=0.0 if part.is_closed else part.residual_score,
                dpo_required=part.dpo_required,
                dpo_opinion=row.opinion if row.status == Assessment.Status.APPROVED else "",
                status=status_of(row),
                consultation=row.authority_consultation or said.get("consultation"),
                data_subject_transparency=said.get("data_subject_transparency"),
            )
            yield Fact(
                id=str(part.pk),
                label=str(part),
                subject=subject_of(row.system_id),
                url=row.get_absolute_url(),
                fields=fields,
            )


def said_to(row: Any) -> dict[str, str]:
    """What was answered to questions that stand for a field of the vocabulary; nothing when the questionnaire is gone."""
    try:
        form = row.form
    except BadInput:
        return {}
    replies = row.replies()
    questions = [question for section in form.sections for question in section.questions if question.field]
    found = {question.field: replies[question.id] for question in questions if question.id in replies}
    return {field: reply.text or reply.answer for field, reply in found.items() if not reply.is_blank}


def privacy_reviews(scope: Scope) -> Iterator[WorkflowFact]:
    """Privacy impact assessments on which the privacy officer has decided."""
    for row in assessments(scope, "pia"):
        if row.decided_at is not None and row.opinion_by_id is not None:
            starters = {row.started_by_id, row.submitted_by_id} - {None}
            yield WorkflowFact(
                id=str(row.pk),
                label=str(row),
                subject=subject_of(row.system_id),
                url=row.get_absolute_url(),
                workflow="pia",
                outcome=status_of(row),
                ended_at=row.decided_at,
                approvers=((str(row.opinion_by_id), "privacy_officer"),),
                steps={
                    "author": frozenset(str(person) for person in starters),
                    "privacy_officer": frozenset({str(row.opinion_by_id)}),
                },
            )
