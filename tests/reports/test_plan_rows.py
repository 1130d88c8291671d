"""Plans, limits and looks become rows of the vocabulary, so that the status of a requirement follows from the database."""

from datetime import timedelta

from django.utils import timezone

from rai import actions
from rai.models import CheckRun
from registry.models import Task
from reports.sources import DjangoFacts
from tests import factories
from tests.rai import plans
from tests.rai.test_schedules import looked
from tests.reports.test_sources import decided, item


def facts(days: int = 0) -> DjangoFacts:
    """What the database shows, so many days from now."""
    return DjangoFacts(None, None, timezone.now() + timedelta(days=days))


def test_a_plan_is_a_row_whose_metrics_data_and_tools_are_read_from_its_checks(cast):
    """S-124: nobody types which metrics are measured."""
    version = factories.make_version(cast)
    plans.limited(cast, version)
    plans.in_force(cast, version)
    [row] = facts().records("test_plan")
    assert row.fields["metrics"] == ["selection_rate_difference"]
    assert row.fields["datasets"] == ["rows of the running system"]
    assert row.fields["tools"] == ["group_fairness"]
    assert (row.fields["status"], row.fields["unmeasured"]) == ("approved", "Nothing else that we know of.")


def test_a_requirement_on_tests_is_met_by_the_plan_in_force_and_by_no_draft(cast):
    version = factories.make_version(cast)
    plans.limited(cast, version)
    draft, system = plans.drafted(cast, version), version.home_system
    assert item(decided(system), "MAP-1.1.f").result != "pass"
    actions.approve_plan(draft, reason="It covers what matters here.", actor=cast.risk_officer)
    assert item(decided(system), "MAP-1.1.f").result == "pass"


def test_a_plan_without_a_limit_has_no_metric_and_meets_nothing(cast):
    system = plans.in_force(cast, factories.make_version(cast)).system
    assert item(decided(system), "MAP-1.1.f").result == "partial"


def test_checks_of_the_running_system_make_a_monitoring_plan_and_others_none(cast):
    version = factories.make_version(cast)
    plans.limited(cast, version)
    plans.in_force(cast, version, role="test")
    assert facts().records("monitoring_plan") == []
    other = factories.make_version(cast)
    plans.limited(cast, other)
    plans.in_force(cast, other, cadence="monthly")
    [row] = facts().records("monitoring_plan")
    assert (row.fields["cadence"], row.fields["alert_thresholds"]) == (30, ["selection_rate_difference<=0.1"])
    assert item(decided(other.home_system), "MEASURE-3.1.c").result == "pass"


def test_looks_are_observations_and_alarms_are_breaches_until_they_are_answered(cast):
    """S-143: the moment of the answer is that of the task; a fresh alarm has seven days."""
    version = factories.make_version(cast)
    plans.limited(cast, version)
    looked(cast, version, 205, 200)
    alarm = looked(cast, version, 350, 150)
    rows = sorted(facts().records("monitor_observation"), key=lambda row: row.fields["breach"])
    assert [row.fields["breach"] for row in rows] == [False, True]
    assert rows[1].fields["alert_handled_at"] is None
    assert (len(facts().population("breaches_365", None)), len(facts(8).population("breaches_365", None))) == (0, 1)
    actions.answer_alarm(alarm, reason="A campaign changed who applies this month.", actor=cast.risk_officer)
    [breach] = [row for row in facts().records("monitor_observation") if row.fields["breach"]]
    assert breach.fields["alert_handled_at"] == max(Task.objects.filter(kind="alarm").values_list("done_at", flat=True))
    assert len(facts().population("breaches_365", None)) == 1


def test_a_watch_undoes_no_verdict_and_an_alarm_is_a_failed_run(cast):
    """statistics 8: only an alarm acts."""
    version = factories.make_version(cast)
    plans.limited(cast, version)
    for women, men, outcome in ((250, 200, "recorded"), (350, 150, "fail")):
        run = looked(cast, version, women, men)
        found = [one for one in facts().checks(["fairness.group_metrics"]) if one.id == str(run.evidence_id)]
        assert [one.outcome for one in found] == [outcome]


def test_runs_against_other_tables_columns_or_keys_are_other_questions(cast):
    """A drift check against last month does not answer the one against the training rows."""
    version = factories.make_version(cast)
    asked = {"target": "y", "sensitive": ["sex"]}
    for more in ({}, {"reference": "sha256:a"}, {"other": "sha256:b"}, {"features": ["age"]}, {"key": ["person"]}):
        outcome = {"verdict": "pass", "inputs": {"parameters": asked | more}}
        factories.make_evidence(cast, version, outcome=outcome)
    assert len({run.question for run in facts().checks(["fairness.group_metrics"])}) == 5
    assert not CheckRun.objects.exists()
