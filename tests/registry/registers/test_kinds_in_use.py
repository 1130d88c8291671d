"""What single kinds hold, as requirements ask for it."""

import pytest
from django.test import Client

from registry.actions import register_approval as approval, registers as actions
from registry.errors import BadInput
from registry.models import Task
from registry.registers import kind_named, reminders
from tests import factories
from tests.registry.registers import samples
from tests.risk import steps


@pytest.fixture
def read(cast):
    """A page as the owner reads it."""
    client = Client()
    client.force_login(cast.owner)
    return lambda url: client.get(url).content.decode()


def written(cast, kind, about=None, **said):
    return samples.written(kind_named(kind), cast, about or cast.unit, actor=cast.owner, **said)


def test_a_goal_is_linked_to_the_limit_by_which_it_is_measured(cast, read):
    """S-040: the goal names its measure, the value wanted and the limit in force, and the page leads there."""
    system = factories.make_system(cast)
    limit = factories.make_limit(cast, system, rule="selection_rate_difference<=0.1")
    row = written(cast, "goal", system, limit=str(limit.pk), measure="selection rate", target_value="0.1")
    page = read(row.get_absolute_url())
    assert limit.get_absolute_url() in page and "selection rate" in page


def test_a_training_counts_until_its_day_and_the_owner_is_told_before(cast):
    """S-053: person, topic, day and validity."""
    row = written(cast, "training_record", topic="privacy", person=str(cast.publisher.pk))
    assert row.title == "Privacy – Pavel Publisher"
    reminders.remind(row.due_on)
    assert Task.objects.waiting().get(object_id=row.pk).due_on == row.due_on


def test_an_agreement_on_sharing_names_parties_purpose_and_end_and_is_approved(cast):
    """S-091: without an end it is not entered; it is in force once the privacy officer approved it."""
    said = {"parties": "Lending\nThe bureau", "purpose": "Rates by region."}
    row = written(cast, "sharing_agreement", **said)
    with pytest.raises(BadInput):
        actions.edit_entry(row, title=row.title, fields=row.fields, due_on=None, actor=cast.owner)
    approval.submit_entry(row, actor=cast.owner)
    approval.approve_entry(row, reason="Nobody can be told apart.", actor=cast.privacy_officer)
    row.refresh_from_db()
    assert (row.fields["parties"], row.get_status_display()) == (["Lending", "The bureau"], "In force")


def test_a_proof_of_concept_has_a_limit_in_time_and_criteria_to_stop(cast):
    """S-115: neither can be left out, and stopping is a step with a reason."""
    for missing in ("stop_criteria", "due_on"):
        with pytest.raises(AssertionError, match=missing):
            written(cast, "proof_of_concept", **{missing: ""})
    row = written(cast, "proof_of_concept", status="running")
    actions.move_entry(row, move="stop", reason="Two facts were lost in ten cases.", actor=cast.owner)
    row.refresh_from_db()
    assert (row.status, bool(row.fields["ended_at"])) == ("stopped", True)


def test_feedback_is_grouped_by_theme_and_goes_back_to_planning(cast, read):
    """S-153: items of one theme in one list, and on the initiative that takes them up."""
    plan = written(cast, "initiative", status="idea", title="Name the date of fees")
    for title in ("Fees were wrong", "Fees are old"):
        written(cast, "feedback_item", title=title, theme="fees", planned_in=str(plan.pk))
    written(cast, "feedback_item", title="Slow answers", theme="speed", planned_in="")
    page = read("/registers/feedback_item/?theme=Fees")
    assert "Fees were wrong" in page and "Fees are old" in page and "Slow answers" not in page
    assert "Fees are old" in read(plan.get_absolute_url())


def test_a_runbook_is_linked_to_the_incidents_in_which_it_was_used(cast, read):
    """S-155: from the runbook to the incident, and back on the incident's page."""
    incident = steps.reported(cast, factories.make_system(cast))
    row = written(cast, "runbook", title="Wrong letters", incidents=[str(incident.pk)])
    assert incident.get_absolute_url() in read(row.get_absolute_url())
    assert "Wrong letters" in read(incident.get_absolute_url())


def test_an_initiative_carries_its_stage_results_and_lessons(cast):
    """S-182: each stage is a step with a reason in the log."""
    row = written(cast, "initiative", status="idea", results="Fewer complaints.", lessons="Ask readers first.")
    for move in ("pilot", "roll_out", "finish"):
        actions.move_entry(row, move=move, reason="The stage before is done.", actor=cast.owner)
    row.refresh_from_db()
    assert (row.status, row.fields["lessons"]) == ("done", "Ask readers first.")


def test_rolling_back_data_and_models_are_drilled_apart_with_results(cast):
    """S-029: one drill about a data set, one about a version, each with its result."""
    version = factories.make_version(cast)
    rows = [
        written(cast, "exercise", version, exercise_type="model_restore", result="passed"),
        written(cast, "exercise", exercise_type="dr_restore", result="passed_with_findings", with_data="yes"),
    ]
    assert [row.fields["exercise_type"] for row in rows] == ["model_restore", "dr_restore"]
    assert (rows[0].model_version, rows[0].system) == (version, version.home_system)


def test_a_control_is_kept_with_its_tests(cast, read):
    """S-097, S-176: tokens in place of sensitive data, limits of rate and isolation are controls that somebody tried."""
    row = written(cast, "control", status="operating", title="Tokens in place of account numbers")
    tried = written(cast, "control_test", control=str(row.pk), result="partly_effective", tester=str(cast.auditor.pk))
    assert tried.title.startswith("Tokens in place of account numbers")
    assert "In the registers" in read(row.get_absolute_url())


def test_a_red_team_exercise_is_kept_with_its_version(cast, read):
    """S-130: by version, with findings and the worst of them; shown on the page of the system."""
    version = factories.make_version(cast)
    row = written(cast, "red_team_exercise", version, status="planned", severity="high", title="Jailbreaks")
    actions.move_entry(row, move="complete", reason="All attacks were tried.", actor=cast.owner)
    assert "Jailbreaks" in read(version.home_system.get_absolute_url())


def test_maturity_is_rated_by_perspective_now_and_wanted(cast, read):
    """S-181: the list filters by perspective and shows both levels."""
    written(cast, "capability_assessment", perspective="governance", capability="Policies", level="3", target="4")
    written(cast, "capability_assessment", perspective="people", capability="Skills", level="1", target="2")
    page = read("/registers/capability_assessment/?perspective=governance")
    assert "Governance – Policies" in page and "Skills" not in page
