"""Risks and privacy assessments as evidence."""

import pytest
from django.utils import timezone

from registry.actions import register_approval as approval, registers
from registry.models import Duty
from registry.registers import kind_named, subjects
from reports.sources import DjangoFacts
from risk import board
from tests import factories
from tests.registry.registers import samples
from tests.reports.test_sources import decided, item
from tests.risk import steps


@pytest.mark.django_db
def test_controls_follow_the_framework_and_the_stated_tolerance_of_risk(cast):
    """S-110: a control counts for its subcategory once it operates; a risk above the approved limit shows as such."""
    root = samples.writer(cast)
    system = factories.make_system(cast)
    fields = {
        "objective": "No refusal leaves without a second reader.", "component_ref": "output",
        "requirements": ["nist_ai_rmf MAP 4.2"], "risks": [str(steps.registered(cast, system, likelihood=5, impact=4).pk)],
    }  # fmt: skip
    control = registers.add_entry(system, kind=kind_named("control"), fields=fields, actor=root, title="Four eyes")
    assert item(decided(system), "MAP-4.2.a").result != "pass"
    registers.move_entry(control, move="operate", reason="Tried on forty letters.", actor=root)
    assert item(decided(system), "MAP-4.2.a").result == "pass"
    assert item(decided(), "MAP-1.5.a").result == "fail"
    chair = factories.invite("chair", "Carla Chair", Duty.BOARD_CHAIR, subjects.root(), cast.administrator)
    said = {"limits": "all, medium", "unacceptable_uses": "social scoring"}
    row = samples.written(kind_named("risk_appetite"), cast, subjects.root(), **said)
    approval.submit_entry(row, actor=row.author)
    approval.approve_entry(row, reason="Read in full and found right.", actor=chair)
    assert item(decided(), "MAP-1.5.a").result == "pass"
    [kept] = [one for one in board.read(cast.unit, cast.risk_officer).limits if one.limit.category == "all"]
    assert not kept.is_kept


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
