"""Entries of registers as the rules of frameworks see them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry.actions import register_approval as approval, registers as actions
from registry.models import Duty
from registry.registers import kind_named, kinds, subjects
from registry.vocabulary import vocabulary
from reports.sources import ENTITIES, DjangoFacts
from tests import factories
from tests.registry.registers import samples
from tests.registry.registers.test_verbs import in_force
from tests.reports.test_sources import decided, item


def facts(user=None):
    return DjangoFacts(user, None, timezone.now())


@pytest.fixture
def chair(cast):
    """The chair of the group's board; the risk officer of the group confirms the duty."""
    samples.writer(cast)
    return factories.invite("chair", "Carla Chair", Duty.BOARD_CHAIR, subjects.root(), cast.administrator)


def test_every_register_of_the_vocabulary_is_a_source_with_exactly_its_fields(cast):
    for kind in kinds().values():
        if kind.name in vocabulary().entities:
            samples.written(kind, cast)
            rows = facts().records(kind.name)
            assert rows and kind.name in ENTITIES
            assert {name for row in rows for name in row.fields} == set(vocabulary().entities[kind.name].fields)


def test_an_approved_policy_meets_what_a_rule_asks_and_a_draft_does_not(cast, chair):
    """The rule on a responsible-AI policy reads status, approver and date of review from the entry."""
    said = {"policy_type": "responsible_ai", "audience": ["risk_officer"]}
    assert item(decided(), "GOVERN-1.2.a").result == "fail"
    row = samples.written(kind_named("policy_document"), cast, subjects.root(), **said)
    assert item(decided(), "GOVERN-1.2.a").result == "fail"
    approval.submit_entry(row, actor=row.author)
    assert facts().records("policy_document")[0].fields["status"] == "draft"
    approval.approve_entry(row, reason="Read in full and found right.", actor=chair)
    assert item(decided(), "GOVERN-1.2.a").result == "pass"
    [run] = facts().workflows("policy")
    assert (run.outcome, run.approvers) == ("approved", ((str(chair.pk), "board_chair"),))


def test_a_policy_past_its_date_of_review_is_stale(cast, chair):
    row = in_force(cast, factories.invite("unit.chair", "Cleo Chair", Duty.BOARD_CHAIR, cast.unit, cast.administrator))
    assert facts().records("policy_document")[0].fields["review_due"] == row.due_on


def test_an_acceptance_given_by_the_person_rests_on_the_log_and_one_written_down_does_not(cast):
    chair = factories.invite("unit.chair", "Cleo Chair", Duty.BOARD_CHAIR, cast.unit, cast.administrator)
    row = in_force(cast, chair, audience=["auditor"], must_accept="yes")
    given = actions.accept_entry(row, actor=cast.auditor)
    samples.written(
        kind_named("policy_acknowledgement"), cast, cast.unit, policy=str(row.pk), person=str(cast.owner.pk)
    )
    rows = {fact.id: fact for fact in facts().records("policy_acknowledgement")}
    assert rows.pop(str(given.pk)).basis == "process"
    assert [fact.basis for fact in rows.values()] == ["documented"]


def test_an_entry_about_a_unit_speaks_for_its_systems(cast):
    system = factories.make_system(cast)
    samples.written(kind_named("contingency_plan"), cast, cast.unit)
    [row] = facts().records("contingency_plan")
    assert row.subject == ("business_unit", str(cast.unit.pk))
    assert ("system", str(system.pk)) in row.subjects


def test_a_withdrawn_entry_shows_nothing(cast):
    row = samples.written(kind_named("exercise"), cast, cast.unit)
    actions.withdraw_entry(row, reason="It never took place.", actor=cast.risk_officer)
    assert facts().records("exercise") == []


def test_a_report_does_not_tell_the_title_of_what_not_everybody_reads(cast):
    samples.written(kind_named("concern"), cast, cast.unit, title="Somebody was pressed")
    [row] = facts().records("concern")
    assert row.label == "Concern 1"


def test_feedback_of_the_year_is_a_population_that_leaves_out_what_is_fresh_and_open(cast):
    """S-153: what came in is grouped by theme, led to an initiative, and is counted."""
    kind, today = kind_named("feedback_item"), timezone.localdate()
    days = {"fresh": 5, "late": 40, "old": 400}
    for title, ago in days.items():
        day = (today - timedelta(days=ago)).isoformat()
        samples.written(kind, cast, cast.unit, title=title, received_at=day, status="received", theme="fees")
    assert [member.label for member in facts().population("feedback_365", None)] == ["late"]
    row = facts().records("feedback_item")[0]
    assert row.fields["feedback_type"] == "flag"
