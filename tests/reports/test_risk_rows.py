"""Risks and privacy assessments as evidence."""

from django.utils import timezone

from reports.sources import DjangoFacts
from tests import factories
from tests.risk import steps


def facts_now() -> DjangoFacts:
    return DjangoFacts(None, None, timezone.now())


def test_an_approved_privacy_assessment_is_a_row_for_each_component(cast):
    system = factories.make_system(cast, processes_personal_data=True)
    steps.approved(cast, system)
    rows = facts_now().records("pia")
    assert {row.fields["component"] for row in rows} == {"input", "model", "output"}
    assert {row.fields["status"] for row in rows} == {"approved"}
    assert {row.subject for row in rows} == {("system", str(system.pk))}
    assert all(row.fields["residual_score"] is not None for row in rows)
    assert all(row.fields["dpo_opinion"] == steps.OPINION for row in rows)


def test_an_assessment_in_review_has_no_opinion_yet(cast):
    steps.submitted(cast, factories.make_system(cast, processes_personal_data=True))
    rows = facts_now().records("pia")
    assert {(row.fields["status"], row.fields["dpo_opinion"]) for row in rows} == {("in_review", "")}
    assert facts_now().workflows("pia") == []


def test_an_assessment_of_another_purpose_counts_as_superseded(cast):
    system = factories.make_system(cast, processes_personal_data=True)
    steps.approved(cast, system)
    system.purpose = "Now it decides on credit, which is something else."
    system.save()
    assert {row.fields["status"] for row in facts_now().records("pia")} == {"superseded"}
    assert [run.outcome for run in facts_now().workflows("pia")] == ["superseded"]


def test_the_privacy_officer_is_the_approver_of_the_assessment(cast):
    steps.approved(cast, factories.make_system(cast, processes_personal_data=True))
    [run] = facts_now().workflows("pia")
    assert run.outcome == "approved"
    assert run.approvers == ((str(cast.privacy_officer.pk), "privacy_officer"),)
    assert run.steps["author"] == {str(cast.owner.pk)}


def test_a_risk_shows_its_rating_and_a_treatment_its_risk(cast):
    risk = steps.registered(cast, factories.make_system(cast))
    treatment = steps.planned(cast, risk)
    [row] = facts_now().records("risk")
    assert (row.fields["likelihood"], row.fields["impact"], row.fields["owner"]) == (3, 2, str(cast.owner.pk))
    [done] = facts_now().records("risk_treatment")
    assert done.id == str(treatment.pk)
    assert ("risk", str(risk.pk)) in done.subjects


def test_only_risks_of_which_much_is_left_are_open_high_risks(cast):
    system = factories.make_system(cast)
    steps.registered(cast, system)
    high = steps.registered(cast, system, title="People are refused by mistake", likelihood=5, impact=5)
    assert [member.id for member in facts_now().population("open_high_risks", None)] == [str(high.pk)]
