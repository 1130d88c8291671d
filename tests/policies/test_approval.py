"""How a policy comes into force: an author, two others, the one before superseded, and what reviews freeze meanwhile."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry import gates, policy
from registry.actions import people as acting, policies, proposals, releases
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Duty, PolicyApproval, Review, ReviewPolicy, Task
from registry.policies.summary import summaries
from tests import factories
from tests.policies import writing

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(cast):
    """Who governs the whole organisation."""
    return writing.governors(cast)


def test_the_shipped_policy_is_in_force_until_two_people_have_approved_another(cast, people):
    """E: approved by two people, the previous one superseded; the shipped file is number 0."""
    assert policy.of_tier("limited").body["number"] == 0
    stricter = writing.text(lambda body: body["tiers"]["limited"].update(due_days=3))
    row = writing.proposed(people, stricter)
    proposals.approve(row, reason=writing.WHY, actor=people["first"])
    assert policy.of_tier("limited").body["number"] == 0, "one approval is not two"
    proposals.approve(row, reason=writing.WHY, actor=people["second"])
    row.refresh_from_db()
    assert (row.status, policy.of_tier("limited").body["due_days"]) == ("in_force", 3)
    second = writing.in_force(people, writing.text())
    row.refresh_from_db()
    assert (row.status, second.status, second.number) == ("superseded", "in_force", 2)
    acts = list(
        AuditEntry.objects.filter(action__startswith="policy.").order_by("seq").values_list("action", flat=True)
    )
    once = ["policy.drafted", "policy.proposed", "policy.approved", "policy.approved"]
    assert acts == [*once, "policy.brought_into_force", *once, "policy.superseded", "policy.brought_into_force"]


def test_the_author_does_not_approve_and_nobody_approves_twice(cast, people):
    row = writing.proposed(people, writing.text())
    factories.grant(cast, people["author"], Duty.BOARD_MEMBER, unit=row.unit)
    with pytest.raises(NotAllowed, match="You proposed Release policy 1"):
        proposals.approve(row, reason=writing.WHY, actor=people["author"])
    proposals.approve(row, reason=writing.WHY, actor=people["first"])
    with pytest.raises(NotAllowed, match="already"):
        proposals.approve(row, reason=writing.WHY, actor=people["first"])
    assert PolicyApproval.objects.count() == 1


def test_a_policy_proposed_before_another_came_into_force_is_not_approved_any_more(cast, people):
    """E: what its approvers compared it with is gone; it would take away what came since."""
    older, newer = writing.proposed(people, writing.text()), writing.proposed(people, writing.text())
    for name in ("first", "second"):
        proposals.approve(newer, reason=writing.WHY, actor=people[name])
    with pytest.raises(NotAllowed, match="Another one came into force"):
        proposals.approve(older, reason=writing.WHY, actor=people["first"])


def test_duties_of_a_unit_do_not_reach_the_policy_of_the_whole_organisation(cast, people):
    with pytest.raises(NotAllowed):
        policies.draft_policy(source=writing.text(), reason=writing.WHY, actor=cast.risk_officer)
    row = writing.proposed(people, writing.text())
    with pytest.raises(NotAllowed):
        proposals.approve(row, reason=writing.WHY, actor=cast.approver)


def test_a_duty_given_after_the_proposal_does_not_decide_on_it_the_same_day(cast, people):
    row = writing.proposed(people, writing.text())
    late = factories.invite("late.chair", "Lena Late", Duty.BOARD_CHAIR, row.unit, cast.administrator)
    with pytest.raises(NotAllowed):
        proposals.approve(row, reason=writing.WHY, actor=late)


def test_a_proposed_text_stays_as_it_is_and_only_the_author_edits_a_draft(cast, people):
    row = policies.draft_policy(source=writing.text(), reason=writing.WHY, actor=people["author"])
    other = acting.RoleAssignment.objects.get(person__email="root.risk2@bank.example").person
    with pytest.raises(NotAllowed, match="wrote this draft"):
        policies.edit_policy(row, source=writing.text(), reason=writing.WHY, actor=other)
    policies.propose_policy(row, reason=writing.WHY, actor=people["author"])
    with pytest.raises(NotAllowed, match="is proposed"):
        policies.edit_policy(row, source=writing.text(), reason=writing.WHY, actor=people["author"])


def test_a_draft_that_is_no_policy_is_refused_with_its_lines(cast, people):
    with pytest.raises(BadInput, match="Line 1: Missing here: name"):
        policies.draft_policy(
            source=writing.text(lambda body: body.pop("name")), reason=writing.WHY, actor=people["author"]
        )
    assert not ReviewPolicy.objects.exists()


def test_a_policy_that_has_become_impossible_since_is_not_approved(cast, people):
    source = writing.text(lambda body: body["tiers"]["minimal"].update(stages=[[{"duty": "validator", "count": 1}]]))
    duty = factories.invite(
        "val", "Vera Validator", Duty.VALIDATOR, cast.unit, cast.administrator
    ).role_assignments.get()
    row = writing.proposed(people, source)
    acting.end_duty(duty, actor=cast.administrator)
    with pytest.raises(BadInput, match="Nobody holds"):
        proposals.approve(row, reason=writing.WHY, actor=people["first"])


def test_reviews_that_are_open_keep_the_policy_that_they_froze(cast, people):
    """E: frozen into a review with its digest; what changes later binds later reviews."""
    old = releases.submit_for_review(factories.make_releasable(cast), notes="A release.", actor=cast.owner)
    row = writing.in_force(people, writing.text(lambda body: body["tiers"]["limited"].update(card_completeness=0.9)))
    new = releases.submit_for_review(factories.make_releasable(cast), notes="A release.", actor=cast.owner)
    old = Review.objects.get(pk=old.pk)
    assert (old.policy["number"], new.policy["number"]) == (0, row.number)
    assert policy.of_release(old.release).card_completeness == 0.8
    assert old.policy_digest != new.policy_digest == policy.Policy(new.policy).digest


def test_approvers_get_a_task_each_and_auditors_one_with_the_day_of_the_audit(cast, people):
    """S-048: audits of the policies that bind teams are planned."""
    source = writing.text(lambda body: body.update(audit_days=90))
    row = writing.proposed(people, source)
    asked = Task.objects.waiting().filter(kind=Task.Kind.APPROVE_POLICY)
    assert {task.person for task in asked} == {people["first"], people["second"]}
    proposals.approve(row, reason=writing.WHY, actor=people["first"])
    proposals.approve(row, reason=writing.WHY, actor=people["second"])
    assert not Task.objects.waiting().filter(kind=Task.Kind.APPROVE_POLICY).exists()
    audit = Task.objects.waiting().get(kind=Task.Kind.AUDIT_POLICY)
    assert (audit.person, audit.due_on) == (people["auditor"], timezone.localdate() + timedelta(days=90))
    with pytest.raises(NotAllowed):
        policies.audit_policy(row, reason=writing.WHY, actor=people["first"])
    row = policies.audit_policy(row, reason="Looked at six releases; kept.", actor=people["auditor"])
    assert row.audited_on == timezone.localdate()


def test_a_team_sees_on_the_page_of_its_system_which_policies_bind_it_and_when_they_are_audited(cast, people, client):
    """S-048: teams see the policies that bind them, with the day of the next audit."""
    version = factories.make_releasable(cast, is_generative=True)
    source = writing.text(lambda body: body.update(
        kinds={"is_generative": {"gates": [{"facts": ["stop_mechanism"], "at": "publication"}]}}, audit_days=60
    ))  # fmt: skip
    row = writing.in_force(people, source)
    client.force_login(cast.owner)
    page = client.get(version.home_system.get_absolute_url()).content.decode()
    assert row.get_absolute_url() in page and "generates content" in page and "What must be known is said" in page
    assert (timezone.localdate() + timedelta(days=60)).strftime("%Y") in page and "Next audit" in page


def test_a_policy_is_written_proposed_and_approved_on_its_pages(cast, people, client):
    client.force_login(people["author"])
    assert client.get(reverse("policies")).status_code == 200
    begun = client.get(reverse("policy-new")).context["form"].initial["source"]
    bad = client.post(
        reverse("policy-new"), {"source": begun.replace("due_days: 14", "due_days: 0"), "reason": writing.WHY}
    )
    assert bad.status_code == 422 and "What is wrong with the text" in bad.content.decode()
    client.post(reverse("policy-new"), {"source": begun, "reason": writing.WHY})
    row = ReviewPolicy.objects.get()
    changed = client.post(reverse("policy-tier", args=[row.pk, "high"]), {
        "due_days": 9, "card_completeness": 95, "evidence_valid_days": 60, "approval_valid_days": "",
        "waivable": ["evidence"], "waiver_days": 10, "reason": writing.WHY,
    })  # fmt: skip
    row.refresh_from_db()
    assert changed.status_code == 302 and row.body["tiers"]["high"]["due_days"] == 9
    assert (
        row.body["tiers"]["high"]["card_completeness"] == 0.95
        and "approval_valid_days" not in row.body["tiers"]["high"]
    )
    assert row.source.count("#") == begun.count("#"), "comments stay"
    for name in ("policy", "policy-compare", "policy-dry-run"):
        assert client.get(reverse(name, args=[row.pk])).status_code == 200, name
    client.post(reverse("policy-propose", args=[row.pk]), {"reason": writing.WHY})
    for person in ("first", "second"):
        client.force_login(people[person])
        assert client.post(reverse("policy-approve", args=[row.pk]), {"reason": writing.WHY}).status_code == 302
    row.refresh_from_db()
    assert row.status == "in_force"
    assert client.get(reverse("policy-shipped")).status_code == 200


def test_the_author_may_take_a_proposal_back_and_an_approver_may_reject_it(cast, people):
    row = writing.proposed(people, writing.text())
    proposals.reject(row, reason=writing.WHY, actor=people["author"])
    other = writing.proposed(people, writing.text())
    proposals.reject(other, reason=writing.WHY, actor=people["first"])
    assert set(ReviewPolicy.objects.values_list("status", flat=True)) == {"rejected"}
    assert not Task.objects.waiting().filter(kind=Task.Kind.APPROVE_POLICY).exists()


def test_a_policy_is_shown_from_the_least_tier_to_the_most_in_words(cast):
    """S-048: in whatever order the database keeps the tiers; no page of a reader shows a slug for a gate or a check."""
    body = policy.shipped()
    shuffled = {**body, "tiers": dict(sorted(body["tiers"].items(), key=lambda pair: pair[0][::-1]))}
    shown = summaries(shuffled)
    assert [part.key for part in shown] == ["minimal", "limited", "high", "critical"]
    high = shown[2]
    assert high.rollout == "5 % → 25 % → 100 %" and "Checks that the policy asks for" in high.waived
    assert all("." not in check and "must" in check for check in high.checks), high.checks


def test_every_gate_that_may_be_waived_is_known(cast):
    for tier in policy.shipped()["tiers"]:
        known = {*gates.GATES, *(f"condition:{name}" for name in gates.conditions.KINDS)}
        assert {":".join(slug.split(":")[:2]) for slug in policy.of_tier(tier).waivable} <= known
