"""What makes a check run, a workflow or a signed statement count."""

import pytest

from tests.reports.hand_made import (
    CREDIT,
    HandMade,
    ago,
    attestation,
    check,
    decide,
    first_item,
    flow,
    in_use,
    record,
    rules,
    run,
    statement,
    workflow,
)


@pytest.fixture
def facts() -> HandMade:
    """One system in use, and nothing known of it."""
    return in_use(CREDIT)


# checks


def test_a_passing_run_passes_and_is_measured(facts):
    result = decide(rules(check()), facts.add("fairness.group_metrics", run()))
    assert (result.result, result.basis) == ("met", "measured")


@pytest.mark.parametrize("verdict", ["fail", "insufficient", "recorded"])
def test_only_a_pass_is_a_pass(facts, verdict):
    """S-128: a run that is too small, or had no threshold, never counts as passed."""
    result = decide(rules(check()), facts.add("fairness.group_metrics", run(outcome=verdict)))
    assert (result.items[0].result, result.result) == ("fail", "not_met")


@pytest.mark.parametrize("verdict", ["pass", "fail", "insufficient", "recorded"])
def test_outcome_recorded_takes_a_run_whatever_its_result(facts, verdict):
    facts.add("fairness.group_metrics", run(outcome=verdict))
    assert first_item(check(outcome="recorded"), facts).result == "pass"


@pytest.mark.parametrize("later", ["fail", "insufficient"])
def test_a_later_run_without_pass_takes_the_pass_away(facts, later):
    facts.add("fairness.group_metrics", run(days=5)).add("fairness.group_metrics", run(outcome=later, days=1))
    assert first_item(check(), facts).result == "fail"


def test_a_later_pass_mends_a_failure(facts):
    facts.add("fairness.group_metrics", run(outcome="fail", days=5)).add("fairness.group_metrics", run(days=1))
    assert first_item(check(), facts).result == "pass"


def test_a_pass_on_another_question_does_not_hide_a_failure(facts):
    facts.add("fairness.group_metrics", run(outcome="fail", days=5, question="race"))
    facts.add("fairness.group_metrics", run(days=1, question="sex"))
    assert first_item(check(), facts).result == "fail"


def test_a_run_without_thresholds_does_not_take_a_pass_away(facts):
    facts.add("fairness.group_metrics", run(days=5)).add("fairness.group_metrics", run(outcome="recorded", days=1))
    assert first_item(check(), facts).result == "pass"


def test_a_run_from_after_the_moment_is_not_seen(facts):
    facts.add("fairness.group_metrics", run(days=-2))
    assert first_item(check(), facts).result == "fail"


def test_a_stale_pass_is_partial(facts):
    facts.add("fairness.group_metrics", run(days=91))
    assert first_item(check(max_age="check_cadence"), facts).result == "partial"


def test_a_run_whose_validity_is_over_is_partial(facts):
    facts.add("fairness.group_metrics", run(days=9, valid_until=ago(1)))
    assert first_item(check(), facts).result == "partial"


@pytest.mark.parametrize(("key", "missing"), [("with_ci", "interval"), ("disaggregated", "per group")])
def test_a_run_without_interval_or_groups_is_partial_where_they_are_asked(facts, key, missing):
    facts.add("fairness.group_metrics", run(**{key: False}))
    assert first_item(check(), facts).result == "pass"
    result = first_item(check(**{key: True}), facts)
    assert result.result == "partial"
    assert missing in str(result.reason)


def test_one_of_the_listed_checks_is_enough(facts):
    item = check(any_of=["fairness.group_metrics", "fairness.counterfactual"])
    assert first_item(item, facts.add("fairness.representation", run("fairness.representation"))).result == "fail"
    assert first_item(item, facts.add("fairness.counterfactual", run("fairness.counterfactual"))).result == "pass"


def test_a_result_from_elsewhere_is_met_as_reported(facts):
    result = decide(rules(check()), facts.add("fairness.group_metrics", run(basis="reported")))
    assert (result.result, result.basis) == ("met", "reported")


def test_a_check_that_is_not_built_is_never_met(facts):
    facts.without_source = {("check", "fairness.group_metrics")}
    facts.add("fairness.group_metrics", run())
    result = decide(rules(check()), facts)
    assert (result.items[0].result, result.result) == ("fail", "not_met")
    assert "No check of this kind exists in this installation" in str(result.items[0].reason)


def test_one_built_check_of_several_is_a_source(facts):
    facts.without_source = {("check", "fairness.counterfactual")}
    facts.add("fairness.group_metrics", run())
    item = check(any_of=["fairness.group_metrics", "fairness.counterfactual"])
    assert first_item(item, facts).result == "pass"


@pytest.mark.parametrize(
    ("item", "source"),
    [
        (record(if_none="not_applicable"), ("entity", "risk")),
        (record(if_none="partial"), ("entity", "risk")),
        (workflow(), ("workflow", "release")),
        (attestation(), ("topic", "legal_review")),
    ],
)
def test_what_cannot_be_kept_here_fails_whatever_if_none_says(facts, item, source):
    facts.without_source = {source}
    assert decide(rules(item), facts).result == "not_met"


# workflows


def test_a_workflow_must_reach_the_outcome(facts):
    assert first_item(workflow(), facts.add("release", flow(outcome="rejected"))).result == "fail"
    assert first_item(workflow(), facts.add("release", flow())).result == "pass"


def test_a_workflow_older_than_the_limit_is_partial(facts):
    facts.add("release", flow(days=40))
    assert first_item(workflow(max_age_days=30), facts).result == "partial"


def test_the_same_person_twice_is_one_approver(facts):
    item = workflow(min_distinct_approvers=2)
    facts.add("release", flow(approvers=(("ada", "approver"), ("ada", "risk_officer"))))
    assert first_item(item, facts).result == "fail"
    facts.add("release", flow(approvers=(("ada", "approver"), ("rita", "risk_officer"))))
    assert first_item(item, facts).result == "pass"


def test_only_people_in_the_listed_roles_count(facts):
    item = workflow("risk_acceptance", roles=["executive"])
    facts.add("risk_acceptance", flow("risk_acceptance", approvers=(("rita", "risk_officer"),)))
    assert first_item(item, facts).result == "fail"
    facts.add("risk_acceptance", flow("risk_acceptance", approvers=(("eva", "executive"),)))
    assert first_item(item, facts).result == "pass"


@pytest.mark.parametrize(
    ("steps", "result"),
    [
        ({"author": "olga", "approver": "ada", "publisher": "pavel"}, "pass"),
        ({"author": "olga", "approver": "ada"}, "pass"),
        ({"author": "olga", "approver": "olga", "publisher": "pavel"}, "fail"),
        ({"author": "olga", "approver": "ada", "publisher": "ada"}, "fail"),
        ({"approver": "ada"}, "fail"),
        ({}, "fail"),
    ],
)
def test_named_steps_are_taken_by_different_people(facts, steps, result):
    item = workflow(distinct_persons=["author", "approver", "publisher"])
    facts.add("release", flow(steps={step: frozenset({person}) for step, person in steps.items()}))
    assert first_item(item, facts).result == result


# attestations


def test_a_signed_statement_is_met_as_attested(facts):
    result = decide(rules(attestation()), facts.add("legal_review", statement()))
    assert (result.result, result.basis) == ("met", "attested")


def test_a_statement_must_be_signed_in_the_role(facts):
    facts.add("legal_review", statement(role="executive"))
    assert first_item(attestation(), facts).result == "fail"


def test_a_statement_needs_its_file_only_where_one_is_asked(facts):
    facts.add("legal_review", statement(has_file=False))
    assert first_item(attestation(file_required=True), facts).result == "partial"
    assert first_item(attestation(file_required=False), facts).result == "pass"


def test_an_old_statement_is_partial(facts):
    facts.add("legal_review", statement(days=366))
    assert first_item(attestation(max_age_days=365), facts).result == "partial"


def test_a_statement_on_a_system_does_not_vouch_for_the_organisation(facts):
    facts.add("legal_review", statement(subject=CREDIT.subject))
    assert first_item(attestation(), facts).result == "fail"
