"""The names of the vocabulary lead to the rows of this installation, and to nothing that does not show them."""

from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.utils import timezone

from registry.actions import datasets, deployments, inventory, people, releases, reviews
from registry.audit import log
from registry.models import AISystem, BusinessUnit, Evidence
from registry.vocabulary import vocabulary
from reports.evaluation import evaluate
from reports.framework_files import SLUGS, load
from reports.sources import ENTITIES, POPULATIONS, WORKFLOWS, DjangoFacts, without_source
from tests import factories

OUTCOME = {
    "check": "group_fairness",
    "verdict": "pass",
    "inputs": {"parameters": {"target": "y", "sensitive": ["race"]}},
    "groups": [{"group": {"race": "a"}, "n": 400}, {"group": {"race": "b"}, "n": 300}],
    "thresholds": [{"rule": "selection_rate_difference<=0.1", "value": 0.02, "low": -0.01, "high": 0.05}],
}


def facts_now(system: AISystem | None = None, user=None) -> DjangoFacts:
    return DjangoFacts(user, system, timezone.now())


def decided(system: AISystem | None = None, slug: str = "nist_ai_rmf"):
    """An evaluation of what stands in the database now."""
    facts = facts_now(system)
    return evaluate(load(slug), facts, system=str(system.pk) if system else None, as_of=facts.as_of)


def item(evaluation, key: str):
    """The result of one evidence item."""
    return next(found for entry in evaluation.requirements for found in entry.items if found.item.id == key)


def go_live(cast, version):
    """Submit, approve by two people, publish by a third, start in production."""
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    for person, duty in ((cast.risk_officer, "risk_officer"), (cast.approver, "approver")):
        review.refresh_from_db()
        reviews.sign_off(
            review,
            duty=duty,
            decision="approve",
            reason="Nothing stands against it.",
            seen_digest=review.subject_digest,
            actor=person,
        )
    review.release.refresh_from_db()
    releases.publish(review.release, reason="Both reviewers agree; marketing waits for it.", actor=cast.publisher)
    deployments.start_deployment(review.release, environment="production", region="EU", actor=cast.publisher)
    return AISystem.objects.get(pk=version.home_system.pk), review.release


@pytest.fixture
def live(cast):
    """A limited-tier system in production, and the release that brought it there."""
    return go_live(cast, factories.make_releasable(cast))


# what can be shown at all


def test_every_source_is_a_name_of_the_vocabulary():
    words = vocabulary()
    assert ENTITIES.keys() <= words.entities.keys()
    assert WORKFLOWS.keys() <= words.workflows.keys()
    assert POPULATIONS.keys() <= words.populations.keys()


@pytest.mark.django_db
def test_what_has_no_source_is_listed_and_what_has_one_is_not():
    missing = without_source()
    assert (missing["entity"], missing["topic"], missing["population"]) == ([], [], [])
    assert missing["workflow"] == ["prompt_promotion"]
    assert "ops.availability" in missing["check"]
    assert {"fairness.group_metrics", "fairness.intersectional", "explain.global_attribution"}.isdisjoint(
        missing["check"]
    )


def test_a_result_posted_from_elsewhere_makes_its_check_a_source_and_is_reported(cast):
    version = factories.make_version(cast)
    assert not facts_now().has_source("check", "ops.availability")
    factories.make_evidence(cast, version, kind=Evidence.Kind.REPORTED, shows=["ops.availability"])
    assert facts_now().has_source("check", "ops.availability")
    assert [run.basis for run in facts_now().checks(["ops.availability"])] == ["reported"]


@pytest.mark.django_db
@pytest.mark.parametrize("slug", SLUGS)
def test_of_an_empty_database_nothing_is_met(slug):
    results = {entry.result for entry in decided(slug=slug).requirements}
    assert results <= {"not_met", "not_applicable"}


# inventory


def test_a_system_shows_its_own_fields_and_no_others(cast):
    system = factories.make_system(cast)
    [row] = facts_now().records("ai_system")
    assert row.subject == ("system", str(system.pk))
    assert row.fields["purpose"] == system.purpose
    assert row.fields["business_owner"] == str(cast.owner.pk)
    assert (row.fields["stop_mechanism"], row.fields["eu_tier"]) == ("", None)
    assert set(row.fields) == set(vocabulary().entities["ai_system"].fields)


def test_every_row_has_the_fields_of_its_entity(live):
    for entity in ENTITIES:
        for row in facts_now().records(entity):
            assert set(row.fields) <= set(vocabulary().entities[entity].fields), entity


def test_a_version_in_review_is_a_candidate(cast):
    version = factories.make_releasable(cast)
    releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    assert [row.fields["status"] for row in facts_now().records("model_version")] == ["candidate"]


def test_only_published_versions_speak_for_a_system_that_has_one(cast, live):
    system, release = live
    newer = factories.make_version(cast, release.version.model)
    about = {row.id for row in facts_now().records("model_version") if ("system", str(system.pk)) in row.subjects}
    assert about == {str(release.version_id)}
    assert str(newer.pk) not in about


def test_a_card_section_counts_only_with_enough_text(cast):
    version = factories.make_releasable(cast)
    releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    [row] = facts_now().records("model_card")
    assert row.fields["status"] == "in_review"
    assert row.fields["intended_use"]
    assert row.fields["approved_at"] is None


def test_a_data_set_belongs_to_the_system_whose_version_was_trained_on_it(cast):
    version = factories.make_version(cast)
    data = datasets.register_dataset(cast.unit, name="Offers 2025", actor=cast.owner)
    rows = datasets.register_dataset_version(
        data, version="1", hash="sha256:" + "a" * 64, use="training", actor=cast.owner
    )
    assert ("system", str(version.home_system.pk)) not in facts_now().records("dataset_version")[0].subjects
    inventory.add_link(version, relation="trained_on", purpose="It is made from them.", target=rows, actor=cast.owner)
    assert ("system", str(version.home_system.pk)) in facts_now().records("dataset_version")[0].subjects
    [link] = facts_now().records("lineage_link")
    assert link.subjects == {("system", str(version.home_system.pk)), ("dataset_version", str(rows.pk)), *link.also}
    assert link.basis == "process"


def test_a_duty_for_a_unit_covers_its_systems_and_is_none_of_the_organisation(cast):
    system = factories.make_system(cast)
    [duty] = [row for row in facts_now().records("role_assignment") if row.fields["role"] == "risk_officer"
              and row.fields["person"] == str(cast.risk_officer.pk)]  # fmt: skip
    assert ("system", str(system.pk)) in duty.subjects
    assert ("organisation", "") not in duty.subjects
    assert duty.fields["acknowledged_at"] is None


def test_a_duty_for_the_root_unit_is_one_of_the_organisation(cast):
    root = BusinessUnit.objects.get(parent=None)
    people.grant_duty(cast.approver, duty="incident_lead", unit=root, actor=cast.administrator)
    [duty] = [row for row in facts_now().records("role_assignment") if row.fields["role"] == "incident_lead"]
    assert duty.subject == ("organisation", "")


def test_an_ended_duty_counts_no_more(cast):
    grant = people.grant_duty(cast.approver, duty="validator", unit=cast.unit, actor=cast.administrator)
    assert str(grant.pk) in {row.id for row in facts_now().records("role_assignment")}
    people.end_duty(grant, actor=cast.administrator)
    assert str(grant.pk) not in {row.id for row in facts_now().records("role_assignment")}


# evidence


def test_a_run_carries_verdict_interval_and_groups(cast):
    version = factories.make_version(cast)
    factories.make_evidence(cast, version, outcome=OUTCOME)
    [run] = facts_now().checks(["fairness.group_metrics"])
    assert (run.outcome, run.with_ci, run.disaggregated, run.basis) == ("pass", True, True, "measured")
    assert ("system", str(version.home_system.pk)) in run.subjects


def test_a_run_without_interval_and_groups_says_so(cast):
    factories.make_evidence(cast, factories.make_version(cast))
    [run] = facts_now().checks(["fairness.group_metrics"])
    assert (run.with_ci, run.disaggregated) == (False, False)


def test_runs_on_other_groups_are_other_questions_and_wider_limits_are_not(cast):
    version = factories.make_version(cast)
    wider = {**OUTCOME, "thresholds": [{"rule": "selection_rate_difference<=0.9"}]}
    other = {**OUTCOME, "inputs": {"parameters": {"target": "y", "sensitive": ["sex"]}}}
    for outcome in (OUTCOME, wider, other):
        factories.make_evidence(cast, version, outcome=outcome)
    questions = [run.question for run in facts_now().checks(["fairness.group_metrics"])]
    assert len(questions) == 3
    assert len(set(questions)) == 2


def test_withdrawn_evidence_shows_nothing(cast):
    row = factories.make_evidence(cast, factories.make_version(cast))
    with transaction.atomic():
        row.withdrawn_at, row.withdrawn_reason = timezone.now(), "The wrong file was used."
        row.save()
        log.record(cast.owner, "evidence.withdrawn", row)
    assert facts_now().checks(["fairness.group_metrics"]) == []


def test_a_limit_is_read_as_metric_direction_and_threshold(cast):
    system = factories.make_system(cast)
    factories.make_limit(cast, system, rule="selection_rate_difference<=0.1")
    [row] = facts_now().records("metric_baseline")
    assert (row.fields["metric"], row.fields["direction"], row.fields["threshold"]) == (
        "selection_rate_difference", "at most", "0.1",
    )  # fmt: skip
    assert (row.fields["principle"], row.fields["status"]) == ("fairness", "approved")


def test_lineage_is_complete_when_what_the_card_is_filled_from_is_linked(cast):
    version = factories.make_version(cast)
    assert [run.outcome for run in facts_now().checks(["doc.lineage_completeness"])] == ["fail"]
    data = datasets.register_dataset(cast.unit, name="Offers 2025", actor=cast.owner)
    for number, relation in enumerate(("trained_on", "evaluated_on")):
        rows = datasets.register_dataset_version(
            data, version=str(number), hash="sha256:" + str(number) * 64, use="training", actor=cast.owner
        )
        inventory.add_link(version, relation=relation, target=rows, purpose="Made from them.", actor=cast.owner)
    assert [run.outcome for run in facts_now().checks(["doc.lineage_completeness"])] == ["pass"]


# decisions


def test_a_published_release_shows_two_approvers_and_three_different_people(cast, live):
    """S-023: the release was approved by two people, neither of them its author."""
    system, _release = live
    [run] = facts_now().workflows("release")
    assert run.outcome == "approved"
    assert {role for _person, role in run.approvers} == {"risk_officer", "approver"}
    assert run.steps["publisher"] == {str(cast.publisher.pk)}
    evaluation = decided(system)
    assert item(evaluation, "MANAGE-1.1.a").result == "pass"
    assert item(evaluation, "MANAGE-1.1.b").result == "pass"
    assert (evaluation.of("MANAGE 1.1").result, evaluation.of("MANAGE 1.1").basis) == ("met", "process")


def test_before_the_decision_nothing_of_it_is_shown(cast):
    version = factories.make_releasable(cast)
    releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    assert facts_now().workflows("release") == []
    assert decided(version.home_system).of("MANAGE 1.1").result == "not_met"


def test_going_live_is_the_first_review_of_a_system(live):
    system, _release = live
    assert item(decided(system), "GOVERN-1.5.b").result == "pass"
    assert item(decided(system), "GOVERN-1.6.b").result == "pass"


def test_a_reopened_review_is_no_approval_any_more(cast, live):
    system, _release = live
    inventory.edit_system(system, purpose="Now it decides on credit, which is something else.", actor=cast.owner)
    assert facts_now().workflows("release") == []
    assert decided(AISystem.objects.get(pk=system.pk)).of("MANAGE 1.1").result != "met"


# scope


def test_a_report_on_one_system_does_not_name_what_belongs_to_others(cast):
    system, other = factories.make_system(cast), factories.make_system(cast, name="Secret project")
    factories.make_limit(cast, other, rule="selection_rate_difference<=0.1")
    told = str(decided(system).to_json())
    assert "Secret project" not in told
    [row] = facts_now(system).records("metric_baseline")
    assert (row.url, "selection_rate" in row.label) == ("", False)


def test_a_reader_sees_the_systems_of_his_units_only(cast):
    factories.make_system(cast)
    assert facts_now(user=cast.outsider).records("ai_system") == []
    assert len(facts_now(user=cast.auditor).records("ai_system")) == 1


def test_populations_are_cut_down_to_the_system(cast, live):
    system, release = live
    other = factories.make_system(cast)
    facts = facts_now()
    assert [member.id for member in facts.population("systems_in_use", None)] == [str(system.pk)]
    assert facts.population("systems_in_use", str(other.pk)) == []
    assert [member.id for member in facts.population("published_releases_365", str(system.pk))] == [str(release.pk)]
    assert len(facts.population("all_systems", None)) == 2
    assert facts.population("organisation", str(other.pk))[0].kind == "organisation"


def test_people_have_the_highest_tier_of_the_systems_that_they_serve(cast):
    factories.make_system(cast, risk_tier="limited")
    factories.make_system(cast, risk_tier="critical")
    tiers = {member.label: member.tier for member in facts_now().population("people_with_ai_roles", None)}
    assert tiers["Rita Risk"] == "critical"
    assert tiers["Otto Outsider"] == ""


def test_conditions_are_read_from_the_system_and_unknown_ones_are_taken_to_hold(cast):
    system = factories.make_system(cast, is_generative=False, processes_personal_data=True)
    facts = facts_now()
    assert facts.condition("personal_data", str(system.pk))[0] is True
    holds, why = facts.condition("generative", str(system.pk))
    assert holds is False
    assert system.name in why
    holds, why = facts.condition("human_subjects", str(system.pk))
    assert holds is True
    assert "not recorded" in why


def test_a_pre_trained_model_is_one_that_names_its_base(cast):
    version = factories.make_version(cast, base_model="")
    key = str(version.home_system.pk)
    assert facts_now().condition("pretrained_model", key)[0] is False
    inventory.edit_version(version, base_model="bert-base", actor=cast.owner)
    assert facts_now().condition("pretrained_model", key)[0] is True


def test_rows_made_after_the_day_are_left_out(cast):
    factories.make_system(cast)
    before = DjangoFacts(None, None, datetime(2020, 1, 1, tzinfo=UTC))
    assert before.records("ai_system") == []
    assert before.population("all_systems", None) == []
