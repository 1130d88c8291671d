"""What makes a stored row count: its values, its filled fields, its age, its number, its subject."""

from datetime import date, timedelta

import pytest

from reports.facts import ORGANISATION, Member
from tests.reports.hand_made import (
    CHAT,
    CREDIT,
    NOW,
    HandMade,
    ago,
    decide,
    fact,
    first_item,
    in_use,
    record,
    rules,
)


@pytest.fixture
def facts() -> HandMade:
    """One system in use, and nothing known of it."""
    return in_use(CREDIT)


def test_a_row_with_its_fields_filled_passes(facts):
    facts.add("risk", fact(title="Drift"))
    assert first_item(record(), facts).result == "pass"


def test_no_row_fails_and_the_reason_names_the_system(facts):
    result = first_item(record(), facts)
    assert result.result == "fail"
    assert "Credit scoring" in str(result.reason)


@pytest.mark.parametrize("empty", [None, "", "   ", [], {}])
def test_an_empty_field_gives_partial(facts, empty):
    facts.add("risk", fact(title=empty))
    assert first_item(record(), facts).result == "partial"


@pytest.mark.parametrize("value", [False, 0, 0.0])
def test_false_and_zero_are_filled(facts, value):
    facts.add("risk", fact(title=value))
    assert first_item(record(), facts).result == "pass"


def test_a_row_of_another_system_does_not_count(facts):
    facts.add("risk", fact(CHAT.subject, title="Drift"))
    assert first_item(record(), facts).result == "fail"


def test_a_row_that_also_speaks_about_the_system_counts(facts):
    row = fact(("dataset_version", "7"), title="Drift")
    object.__setattr__(row, "also", frozenset({CREDIT.subject}))
    assert first_item(record(), facts.add("risk", row)).result == "pass"


def test_a_row_of_the_organisation_says_nothing_about_a_system(facts):
    facts.add("risk", fact(ORGANISATION, title="Drift"))
    assert first_item(record(), facts).result == "fail"


@pytest.mark.parametrize(
    ("where", "fields", "result"),
    [
        ({"status": "approved"}, {"status": "approved"}, "pass"),
        ({"status": "approved"}, {"status": "draft"}, "fail"),
        ({"status": ["open", "treated"]}, {"status": "treated"}, "pass"),
        ({"status": ["open", "treated"]}, {"status": "closed"}, "fail"),
        ({"status": "open"}, {"status": ["open", "closed"]}, "pass"),
        ({"measurable": False}, {"measurable": False}, "pass"),
        ({"measurable": False}, {"measurable": None}, "fail"),
        ({"measurable": False}, {"measurable": 0}, "fail"),
        ({"measurable": True}, {"measurable": "yes"}, "fail"),
        ({"impact": {"gte": 184}}, {"impact": 184}, "pass"),
        ({"impact": {"gte": 184}}, {"impact": 183}, "fail"),
        ({"impact": {"lte": 3}}, {"impact": 4}, "fail"),
        ({"impact": {"gte": 1}}, {"impact": None}, "fail"),
        ({"impact": {"gte": 1}}, {"impact": True}, "fail"),
    ],
)
def test_where_chooses_the_rows(facts, where, fields, result):
    facts.add("risk", fact(title="Drift", **fields))
    assert first_item(record(where=where), facts).result == result


def test_too_few_rows_give_partial(facts):
    facts.add("risk", fact(title="One")).add("risk", fact(title="Two"))
    assert first_item(record(min_count=2), facts).result == "pass"
    assert first_item(record(min_count=3), facts).result == "partial"


def test_distinct_on_counts_values_and_not_rows(facts):
    item = record("pia", filled=["residual_score"], min_count=3, distinct_on="component")
    for component in ("input", "input", "input", "model"):
        facts.add("pia", fact(component=component, residual_score=12))
    assert first_item(item, facts).result == "partial"
    facts.add("pia", fact(component="output", residual_score=0))
    assert first_item(item, facts).result == "pass"


def test_distinct_on_counts_only_the_values_that_where_asks_for(facts):
    item = record("metric_baseline", filled=[], where={"principle": ["fairness", "privacy"]}, min_count=2)
    item["distinct_on"] = "principle"
    facts.add("metric_baseline", fact(principle=["fairness", "safety"]))
    assert first_item(item, facts).result == "partial"


def test_an_unset_value_is_no_distinct_value(facts):
    item = record("pia", filled=[], min_count=2, distinct_on="component")
    facts.add("pia", fact(component="input")).add("pia", fact(component=None))
    assert first_item(item, facts).result == "partial"


@pytest.mark.parametrize(("days", "result"), [(365, "pass"), (366, "partial")])
def test_a_row_older_than_the_limit_is_stale(facts, days, result):
    facts.add("risk", fact(title="Drift", reviewed_at=ago(days)))
    assert first_item(record(max_age_days=365), facts).result == result


def test_age_counts_from_the_newest_event(facts):
    facts.add("risk", fact(title="Drift", identified_at=ago(900), reviewed_at=ago(10)))
    assert first_item(record(max_age_days=365), facts).result == "pass"


def test_age_counts_first_from_a_date_that_the_rule_wants_filled(facts):
    facts.add("risk", fact(title="Drift", identified_at=ago(900), reviewed_at=ago(10)))
    assert first_item(record(filled=["identified_at"], max_age_days=365), facts).result == "partial"


@pytest.mark.parametrize("touched", ["updated_at", "modified_at", "last_edited_at"])
def test_touching_a_row_does_not_refresh_it(facts, touched):
    facts.add("risk", fact(title="Drift", reviewed_at=ago(900), **{touched: ago(0)}))
    assert first_item(record(max_age_days=365), facts).result == "partial"


def test_a_date_that_lies_ahead_by_nature_does_not_make_a_row_young(facts):
    facts.add("impact_assessment", fact(scope="All", approved_at=ago(900), review_due=NOW + timedelta(days=300)))
    item = record("impact_assessment", filled=["scope", "review_due"], max_age_days=365)
    assert first_item(item, facts).result == "partial"


def test_a_row_without_a_date_is_stale_where_age_matters(facts):
    facts.add("risk", fact(title="Drift"))
    assert first_item(record(max_age_days=365), facts).result == "partial"


def test_an_event_that_is_still_to_come_is_not_filled(facts):
    facts.add("exercise", fact(performed_at=NOW + timedelta(days=3)))
    assert first_item(record("exercise", filled=["performed_at"]), facts).result == "fail"
    facts.add("exercise", fact(performed_at=NOW))
    assert first_item(record("exercise", filled=["performed_at"]), facts).result == "pass"


def test_dates_written_as_text_count_as_dates(facts):
    facts.add("risk", fact(title="Drift", reviewed_at="2024-01-01"))
    assert first_item(record(max_age_days=365), facts).result == "partial"


@pytest.mark.parametrize("name", ["review_due", "valid_until", "expires_on", "next_due"])
def test_a_row_whose_own_date_has_passed_gives_partial(facts, name):
    facts.add("risk", fact(title="Drift", **{name: date(2026, 11, 19)}))
    assert first_item(record(), facts).result == "partial"


def test_a_row_due_today_is_not_overdue(facts):
    facts.add("risk", fact(title="Drift", review_due=date(2026, 11, 20)))
    assert first_item(record(), facts).result == "pass"


@pytest.mark.parametrize(("tier", "days"), [("minimal", 730), ("limited", 365), ("high", 365), ("critical", 180)])
def test_a_cadence_is_read_by_the_tier_of_the_member(tier, days):
    facts = in_use(Member("system", "credit", "Credit scoring", tier))
    item = record(max_age="review_cadence")
    facts.add("risk", fact(title="Old", reviewed_at=ago(days + 1)))
    assert first_item(item, facts).result == "partial"
    facts.add("risk", fact(title="New", reviewed_at=ago(days)))
    assert first_item(item, facts).result == "pass"


def test_the_organisation_has_the_cadence_of_tier_high(facts):
    item = record("incident", filled=["title"], max_age="check_cadence", **{"for": "organisation"})
    facts.add("incident", fact(ORGANISATION, title="Outage", closed_at=ago(91)))
    assert first_item(item, facts).result == "partial"
    facts.add("incident", fact(ORGANISATION, title="Outage", closed_at=ago(90)))
    assert first_item(item, facts).result == "pass"


def test_what_happens_in_a_system_happens_in_the_organisation(facts):
    facts.add("incident", fact(title="Outage"))
    assert first_item(record("incident", **{"for": "organisation"}), facts).result == "pass"


def test_a_policy_of_one_system_is_no_policy_of_the_organisation(facts):
    item = record("policy_document", filled=["version"], **{"for": "organisation"})
    assert first_item(item, facts.add("policy_document", fact(version="1"))).result == "fail"
    assert first_item(item, facts.add("policy_document", fact(ORGANISATION, version="1"))).result == "pass"


def test_if_none_not_applicable_leaves_the_item_out(facts):
    item = record(where={"measurable": False}, if_none="not_applicable")
    facts.add("risk", fact(title="Drift", measurable=True))
    assert first_item(item, facts).result == "not_applicable"
    facts.add("risk", fact(title="", measurable=False))
    assert first_item(item, facts).result == "partial"


def test_a_partial_from_if_none_blocks_met_without_adding_to_partly(facts):
    result = decide(rules(record(if_none="partial")), facts)
    assert (result.items[0].result, result.result) == ("partial", "not_met")


def test_a_stale_row_makes_the_requirement_partly_met(facts):
    facts.add("risk", fact(title=""))
    assert decide(rules(record()), facts).result == "partly"


def test_a_planned_event_beside_a_past_one_is_not_filled(facts):
    facts.add("red_team_exercise", fact(performed_at=ago(9), retest_at=NOW + timedelta(days=3)))
    assert first_item(record("red_team_exercise", filled=["retest_at"]), facts).result == "partial"
    assert first_item(record("red_team_exercise", filled=["performed_at"]), facts).result == "pass"


def test_the_day_on_which_something_is_due_is_no_event(facts):
    facts.add("corrective_action", fact(owner="Rita", due_on=ago(10).date()))
    assert first_item(record("corrective_action", filled=["owner"], max_age_days=365), facts).result == "partial"


def test_the_row_with_the_stronger_basis_is_the_one_that_counts(facts):
    facts.add("risk", fact(title="Written")).add("risk", fact(title="Enforced", basis="process"))
    assert first_item(record(), facts).basis == "process"
