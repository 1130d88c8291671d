"""Test plans: who writes, who approves, what a revision freezes, and that one act asks for all of its checks."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from rai import actions, cadences
from rai.models import CheckRun, TestPlan
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Task
from registry.vocabulary import vocabulary
from tests import factories
from tests.rai import plans
from tests.rai.uploads import text_of

GOOD = "It covers what matters for this use."


@pytest.fixture
def version(cast):
    """A draft version of the owner."""
    return factories.make_version(cast)


def test_a_plan_is_drafted_by_the_owner_and_put_in_force_by_a_risk_officer(cast, version):
    """S-124, issue C 4: which checks, with which parameters, on which rows, how often, who answers for it."""
    plan = plans.in_force(cast, version)
    (planned,) = plan.planned
    assert (plan.status, plan.revision, plan.approved_by) == ("approved", 1, cast.risk_officer)
    assert (planned.slug, planned.role, planned.parameters["sensitive"]) == ("group_fairness", "monitoring", ["sex"])
    assert planned.parameters["min_group"] == 30, "what was not chosen stands there as what it is by default"
    acts = AuditEntry.objects.filter(object_id=plan.pk).order_by("seq").values_list("action", flat=True)
    assert list(acts) == ["plan.drafted", "plan.edited", "plan.edited", "plan.approved"]


def test_whoever_wrote_a_part_of_a_plan_does_not_approve_it(cast, version):
    """Four eyes: by the log, not by who began it."""
    plan = plans.drafted(cast, version)
    plan = actions.edit_plan(
        plan, cadence="weekly", owner=cast.owner, priorities="Fairness first of all.", actor=cast.risk_officer
    )
    with pytest.raises(NotAllowed, match="another risk officer"):
        actions.approve_plan(plan, reason=GOOD, actor=cast.risk_officer)
    assert TestPlan.objects.get().status == "draft"


@pytest.mark.parametrize("part", ["owner", "approver", "privacy_officer", "auditor", "outsider"])
def test_only_a_risk_officer_of_the_unit_approves(cast, version, part):
    plan = plans.drafted(cast, version)
    with pytest.raises(NotAllowed):
        actions.approve_plan(plan, reason=GOOD, actor=getattr(cast, part))


def test_a_new_revision_supersedes_and_changes_nothing_of_the_old_one(cast, version):
    """Versioned: runs name the revision they followed."""
    first = plans.in_force(cast, version)
    second = actions.draft_plan(version.home_system, actor=cast.owner)
    assert second.checks == first.checks
    second = actions.remove_planned_check(second, key="group_fairness-1", actor=cast.owner)
    with pytest.raises(BadInput, match="no check yet"):
        actions.approve_plan(second, reason=GOOD, actor=cast.risk_officer)
    second = actions.add_planned_check(
        second, slug="group_fairness", role="test", reason=plans.WHY, predictions=plans.read_table(cast, version),
        parameters=plans.FAIRNESS, actor=cast.owner,
    )  # fmt: skip
    actions.approve_plan(second, reason=GOOD, actor=cast.risk_officer)
    statuses = TestPlan.objects.order_by("revision").values_list("status", "revision")
    assert list(statuses) == [("superseded", 1), ("approved", 2)]
    assert TestPlan.objects.get(revision=1).checks == first.checks
    with pytest.raises(NotAllowed, match="no draft any more"):
        actions.remove_planned_check(first, key="group_fairness-1", actor=cast.owner)


def test_the_database_holds_one_plan_in_force_a_system(cast, version):
    plan = plans.in_force(cast, version)
    other = actions.draft_plan(version.home_system, actor=cast.owner)
    other.status = plan.status
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save()


def test_the_plan_keeps_the_limits_as_they_stood_when_it_was_approved(cast, version):
    """Metric, principle, limit and reason; a later limit is in force for runs and is not read into the old plan."""
    plans.limited(cast, version)
    plan = plans.in_force(cast, version)
    (limit,) = plan.limits
    assert (limit["metric"], limit["principle"]) == ("selection_rate_difference", "fairness")
    assert limit["rationale"]
    factories.make_limit(cast, version.home_system, rule="true_positive_rate_difference<=0.2")
    assert len(TestPlan.objects.get(pk=plan.pk).limits) == 1


def test_a_cadence_slower_than_the_tier_bears_is_refused(cast):
    """S-124: by tier."""
    version = factories.make_version(
        cast, factories.make_model(cast, factories.make_system(cast, risk_tier="critical"))
    )
    plan = actions.draft_plan(version.home_system, actor=cast.owner)
    assert plan.cadence == "monthly"
    with pytest.raises(BadInput, match="at least this often"):
        actions.edit_plan(plan, cadence="quarterly", owner=cast.owner, actor=cast.owner)


def test_the_cadences_of_tiers_are_those_by_which_rules_of_frameworks_judge_freshness():
    """S-124: a plan in force keeps evidence as fresh as max_age: check_cadence asks."""
    asked = vocabulary().cadences["check_cadence"]
    assert {tier: cadences.days_of(cadences.of_tier(tier)) for tier in asked} == dict(asked)


def test_a_plan_follows_its_system_to_a_higher_tier(cast, version):
    """A yearly plan of a system that became critical is due every month."""
    plan = plans.in_force(cast, version, cadence="half_yearly")
    assert (plan.days, plan.looks) == (180, 3)
    plan.system.risk_tier = "critical"
    assert (plan.days, plan.looks) == (30, 13)


def test_a_check_whose_column_does_not_exist_is_not_planned(cast, version):
    plan = plans.drafted(cast, version)
    with pytest.raises(BadInput, match="no column “race”"):
        actions.add_planned_check(
            plan, slug="group_fairness", role="test", reason=plans.WHY, predictions=plans.read_table(cast, version),
            parameters={**plans.FAIRNESS, "sensitive": ["race"]}, actor=cast.owner,
        )  # fmt: skip


def test_one_act_asks_for_every_check_of_the_plan_on_a_table(cast, version):
    """Issue C 4: the runs name the plan and its revision; checks for other kinds of rows are left out."""
    plan = plans.drafted(cast, version, role="test")
    for role, slug, chosen in (
        ("test", "representation", {"target": "y", "sensitive": ["sex"]}),
        ("monitoring", "data_quality", {}),
    ):
        plan = actions.add_planned_check(
            plan, slug=slug, role=role, reason=plans.WHY, predictions=plans.read_table(cast, version),
            parameters=chosen, actor=cast.owner,
        )  # fmt: skip
    actions.approve_plan(plan, reason=GOOD, actor=cast.risk_officer)
    run = actions.run_plan(plan, predictions=plans.read_table(cast, version), actor=cast.owner)
    found = CheckRun.objects.filter(plan_run=run)
    assert {row.slug for row in found} == {"group_fairness", "representation"}
    assert {row.plan_run.plan.revision for row in found} == {1}
    assert AuditEntry.objects.filter(action="plan.run", object_id=run.pk, actor=cast.owner).exists()


def test_a_plan_without_a_check_for_the_rows_says_so_and_asks_for_nothing(cast, version):
    plan = plans.in_force(cast, version)
    with pytest.raises(BadInput, match="held-out test rows"):
        actions.run_plan(plan, predictions=plans.read_table(cast, version), actor=cast.owner)
    assert not CheckRun.objects.exists()


def test_a_draft_is_not_run(cast, version):
    with pytest.raises(NotAllowed, match="in force"):
        actions.run_plan(
            plans.drafted(cast, version), predictions=plans.read_table(cast, version), actor=cast.owner
        )  # fmt: skip


def test_a_proposed_plan_waits_in_the_work_of_the_risk_officers(cast, version, client):
    plan = actions.propose_plan(plans.drafted(cast, version), actor=cast.owner)
    client.force_login(cast.risk_officer)
    assert plan.get_absolute_url() in text_of(client.get(reverse("home")))
    actions.approve_plan(plan, reason=GOOD, actor=cast.risk_officer)
    assert not Task.objects.waiting().filter(object_id=plan.pk).exists()


def test_a_pipeline_runs_the_plan_on_a_table_by_rest(cast, version, client):
    """S-124: the runs that were asked for come back, and each can be followed."""
    plan = plans.in_force(cast, version, role="test")
    table = plans.read_table(cast, version)
    client.force_login(cast.owner)
    listed = client.get("/api/v1/plans").json()["results"]
    assert [(row["id"], row["looks"], row["status"]) for row in listed] == [(str(plan.pk), 13, "approved")]
    answer = client.post(
        f"/api/v1/plans/{plan.pk}/runs", {"predictions": str(table.pk)}, content_type="application/json"
    )
    assert answer.status_code == 202
    assert [row["id"] for row in answer.json()] == [str(run.pk) for run in CheckRun.objects.all()]


def test_a_plan_is_drafted_edited_and_filled_by_forms(cast, version, client):
    """The whole way on pages: draft, words, check with its columns, request for approval."""
    table = plans.read_table(cast, version)
    client.force_login(cast.owner)
    system = version.home_system
    client.post(reverse("plans", args=[system.pk]))
    plan = TestPlan.objects.get()
    posted = {"cadence": "monthly", "owner": cast.owner.pk, "unmeasured": "Whether offers are read at all."}
    assert client.post(reverse("plan-edit", args=[plan.pk]), posted).status_code == 302
    place = reverse("plan-check", args=[plan.pk])
    chosen = {
        "check": "group_fairness", "table": table.pk, "role": "test", "reason": plans.WHY, "kind": "classification",
        "positive": "1", "intersections": "1", "min_group": "30", **plans.FAIRNESS,
    }  # fmt: skip
    refused = client.post(place, {**chosen, "reason": "short"})
    assert (refused.status_code, refused.context["form"]["sensitive"].value()) == (422, ["sex"])
    assert client.post(place, chosen).status_code == 302
    client.post(reverse("plan-propose", args=[plan.pk]))
    assert Task.objects.waiting().get(kind="approve_plan").duty == "risk_officer"
    client.force_login(cast.risk_officer)
    assert client.post(reverse("plan-approve", args=[plan.pk]), {"reason": GOOD}).status_code == 302
    client.force_login(cast.owner)
    assert client.post(reverse("plan-run", args=[plan.pk]), {"predictions": table.pk}).status_code == 302
    assert CheckRun.objects.get().plan_run.plan == plan


@pytest.mark.parametrize("chosen", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_a_table_that_is_not_there_runs_nothing(cast, version, client, chosen):
    plan = plans.in_force(cast, version, role="test")
    client.force_login(cast.owner)
    answer = client.post(reverse("plan-run", args=[plan.pk]), {"predictions": chosen})
    assert answer.status_code == (422 if chosen == "" else 404)
    assert not CheckRun.objects.exists()
