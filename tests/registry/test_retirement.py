"""Ends that are planned: dates in order, plan, checklist with two persons, those who use a version, and its 409 afterwards."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from registry.actions import consumers, deployments, endings, inventory, releases, retirement, reviews
from registry.audit import verification
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Consumer, Release, RetirementPlan, Task, VersionStatus
from registry.retirement import readiness
from registry.retirement.in_use import VersionRetired
from registry.retirement.rules import parsed, rules
from tests import factories
from tests.api.test_rest import problem_of, session
from tests.registry import ending

GOOD = "A newer model does the same with fewer errors."
ANSWER = "We move to version 2 before the end of the month."


@pytest.fixture
def release(cast) -> Release:
    """A published release that serves nowhere; nobody has planned its end."""
    version = factories.make_releasable(cast)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    for person, duty in ((cast.risk_officer, "risk_officer"), (cast.approver, "approver")):
        review.refresh_from_db()
        reviews.sign_off(
            review, duty=duty, decision="approve", reason=GOOD, seen_digest=review.subject_digest, actor=person
        )
    releases.publish(review.release, reason=GOOD, actor=cast.publisher)
    return Release.objects.get(pk=review.release_id)


@pytest.fixture
def version(cast):
    """A draft with a retirement date."""
    return factories.make_version(cast)


def in_days(days: int):
    """That many days from today."""
    return timezone.localdate() + timedelta(days=days)


# ---- dates


def test_a_version_that_retires_before_it_is_deprecated_is_refused_in_a_sentence(version, cast):
    """D, bad input."""
    with pytest.raises(ValidationError, match="before it is deprecated on"):
        inventory.edit_version(version, deprecation_date=in_days(30), retirement_date=in_days(29), actor=cast.owner)


def test_successors_do_not_go_in_a_circle(version, cast):
    second = factories.make_version(cast, version.model)
    inventory.edit_version(version, successor=second, actor=cast.owner)
    for wrong in (version, second):
        row = factories.ModelVersion.objects.get(pk=second.pk)
        with pytest.raises(ValidationError, match="does not follow itself"):
            inventory.edit_version(row, successor=version if wrong is version else row, actor=cast.owner)


def test_the_page_sets_dates_and_successor(version, cast, client):
    second = factories.make_version(cast, version.model)
    client.force_login(cast.owner)
    address = reverse("version-end-dates", args=[version.pk])
    sent = {"deprecation_date": in_days(10), "retirement_date": in_days(5), "successor": second.pk}
    assert "before it is deprecated" in client.post(address, sent).content.decode()
    client.post(address, sent | {"retirement_date": in_days(50)})
    version.refresh_from_db()
    assert (version.retirement_date, version.successor) == (in_days(50), second)


# ---- plan and checklist


def test_nothing_is_retired_without_a_plan(release, cast):
    """S-158, row 46."""
    with pytest.raises(NotAllowed, match="has no plan for its end"):
        endings.retire(release, reason=GOOD, actor=cast.approver)


def test_nothing_is_retired_while_a_line_is_open_and_the_refusal_names_it(release, cast):
    ending.planned(cast, release.version)
    ending.done(cast, release.version, "records_kept")
    with pytest.raises(NotAllowed, match="Records are kept; Access is removed; Its data are dealt with"):
        endings.retire(release, reason=GOOD, actor=cast.approver)


def test_a_version_whose_checklist_is_signed_is_retired_and_its_plan_completed(release, cast):
    ending.ready(cast, release.version)
    endings.retire(release, reason=GOOD, actor=cast.approver)
    plan = RetirementPlan.objects.get(version=release.version)
    assert plan.status == RetirementPlan.Status.COMPLETED and plan.completed_at is not None
    assert list(verification.findings()) == []


def test_a_higher_tier_asks_for_more_lines():
    counts = [len(rules().of_tier(tier)) for tier in ("minimal", "limited", "high", "critical")]
    assert counts == sorted(set(counts)) and counts[0] >= 3


def test_whoever_did_a_line_does_not_sign_it(version, cast):
    ending.planned(cast, version)
    item = ending.done(cast, version, "records_kept")
    with pytest.raises(NotAllowed, match="somebody else must sign it off"):
        retirement.sign_line(item, actor=cast.owner)
    retirement.sign_line(item, actor=cast.risk_officer)
    assert {each.line.id for each in readiness.checklist(version) if each.is_closed} >= {"records_kept"}


def test_a_line_that_was_sent_back_is_open_again_with_the_reason_in_the_log(version, cast):
    ending.planned(cast, version)
    item = ending.done(cast, version, "records_kept")
    retirement.send_line_back(item, reason="The ticket is about another model.", actor=cast.risk_officer)
    assert next(each for each in readiness.checklist(version) if each.line.id == "records_kept").item is None
    entry = AuditEntry.objects.get(action="retirement_line.sent_back")
    assert b"about another model" in bytes(entry.body.body)


def test_the_registry_answers_by_itself_whether_something_runs(release, cast):
    running = deployments.start_deployment(release, environment="pilot", region="eu", actor=cast.publisher)
    ending.planned(cast, release.version)

    def closed() -> bool:
        return readiness.checklist(release.version)[0].is_closed

    assert not closed()
    deployments.stop_deployment(running, reason=GOOD, actor=cast.publisher)
    assert closed()


def test_a_plan_needs_a_date_and_texts_that_say_something(version, cast):
    with pytest.raises(BadInput, match="at least 10 characters"):
        retirement.write_plan(version, actor=cast.owner, **(ending.TEXTS | {"plan": "soon"}))
    inventory.edit_version(version, retirement_date=None, actor=cast.owner)
    with pytest.raises(BadInput, match="Set the date first"):
        ending.planned(cast, version)


def test_a_stranger_plans_nothing(version, cast):
    with pytest.raises(NotAllowed):
        retirement.write_plan(version, actor=cast.outsider, **ending.TEXTS)


def test_a_checklist_is_worked_through_on_its_pages(version, cast, client):
    """Plan, evidence and a second person's sign-off, by forms alone."""
    client.force_login(cast.owner)
    client.post(reverse("version-plan", args=[version.pk]), ending.TEXTS)
    line = reverse("version-line", args=[version.pk, "records_kept"])
    client.post(line, {"evidence": ending.SHOWN})
    assert "You did this line" in client.get(line).content.decode()
    client.force_login(cast.risk_officer)
    assert "Sign it off" in client.get(line).content.decode()
    client.post(reverse("version-line-sign", args=[version.pk, "records_kept"]))
    page = client.get(reverse("version-retirement", args=[version.pk])).content.decode()
    assert "signed off by Rita Risk" in page and ending.SHOWN in page


def test_rules_that_would_not_work_are_refused_by_name():
    good = {"reminders": [30, 7], "plan_by": 30, "checklist": []}
    with pytest.raises(BadInput, match="'plan_by' must lie before the last reminder"):
        parsed(good | {"plan_by": 7})
    with pytest.raises(BadInput, match="'huge'"):
        parsed(good | {"checklist": [{"id": "x", "title": "X", "ask": "X", "tiers": ["huge"]}]})


# ---- who uses it


def test_whoever_uses_a_version_acknowledges_its_end_in_person(version, cast):
    row = consumers.register_consumer(version, person=cast.auditor, use="Yearly sample", actor=cast.owner)
    assert consumers.unaware(version) == [row]
    with pytest.raises(NotAllowed, match="nobody else acknowledges"):
        consumers.acknowledge_end(row, answer=ANSWER, actor=cast.owner)
    consumers.acknowledge_end(row, answer=ANSWER, actor=cast.auditor)
    assert consumers.unaware(version) == []


def test_an_earlier_end_is_asked_about_anew(version, cast):
    row = consumers.register_consumer(version, person=cast.auditor, actor=cast.auditor)
    consumers.acknowledge_end(row, answer=ANSWER, actor=cast.auditor)
    inventory.edit_version(version, retirement_date=version.retirement_date - timedelta(days=1), actor=cast.owner)
    assert consumers.unaware(version) == [row]
    inventory.edit_version(version, retirement_date=version.retirement_date + timedelta(days=9), actor=cast.owner)
    assert consumers.unaware(version) == []


def test_systems_with_a_release_or_the_same_endpoint_are_known_users(release, cast):
    """Row 46: shared use is found without anybody entering it."""
    other, beside = factories.make_system(cast), factories.make_releasable(cast)
    Release(system=other, version=release.version, notes="Also here.", author=cast.owner).save()
    where = {"environment": "pilot", "region": "eu", "endpoint": "https://models.bank.example/shared"}
    deployments.start_deployment(release, actor=cast.publisher, **where)
    review = releases.submit_for_review(beside, notes="First release of the model.", actor=cast.owner)
    for person, duty in ((cast.risk_officer, "risk_officer"), (cast.approver, "approver")):
        review.refresh_from_db()
        reviews.sign_off(review, duty=duty, decision="approve", reason=GOOD, seen_digest=review.subject_digest, actor=person)  # fmt: skip
    releases.publish(review.release, reason=GOOD, actor=cast.publisher)
    deployments.start_deployment(Release.objects.get(pk=review.release_id), actor=cast.publisher, **where)
    ending.planned(cast, release.version)
    found = {row.system for row in Consumer.objects.filter(version=release.version)}
    assert found == {other, beside.home_system}
    ending.planned(cast, release.version)
    assert Consumer.objects.filter(version=release.version).count() == 2


def test_somebody_of_another_unit_acknowledges_on_a_page_of_his_own(version, cast, client):
    """The page of the use opens for whoever answers for it, although the version does not."""
    row = consumers.register_consumer(version, person=cast.outsider, actor=cast.owner)
    client.force_login(cast.outsider)
    assert client.get(version.get_absolute_url()).status_code == 404
    assert "I know that it ends" in client.get(row.get_absolute_url()).content.decode()
    client.post(reverse("consumer-acknowledge", args=[row.pk]), {"answer": ANSWER})
    client.force_login(cast.owner)
    assert ANSWER in client.get(reverse("version-retirement", args=[version.pk])).content.decode()


def test_a_use_that_ended_blocks_nothing(version, cast):
    row = consumers.register_consumer(version, person=cast.auditor, actor=cast.owner)
    consumers.end_use(row, actor=cast.auditor)
    assert consumers.unaware(version) == []
    with pytest.raises(NotAllowed, match="uses it no more"):
        consumers.acknowledge_end(row, answer=ANSWER, actor=cast.auditor)


def test_only_who_may_plan_its_end_enters_others(version, cast):
    with pytest.raises(NotAllowed):
        consumers.register_consumer(version, person=cast.owner, actor=cast.auditor)
    with pytest.raises(BadInput, match="entered already"):
        for _twice in range(2):
            consumers.register_consumer(version, person=cast.auditor, actor=cast.auditor)


# ---- afterwards


@pytest.fixture
def retired(release, cast):
    """A release whose version ended, with a successor whose own successor lives."""
    last = factories.make_version(cast, release.version.model)
    inventory.edit_version(release.version, successor=last, actor=cast.owner)
    ending.ready(cast, release.version)
    endings.retire(release, reason=GOOD, actor=cast.approver)
    release.refresh_from_db()
    return release


def test_a_retired_version_answers_409_with_its_successor_where_it_would_be_used(retired, cast):
    """Row 47: gate, submission, publication and deployment; plain reading stays 200."""
    version, successor = retired.version, retired.version.successor
    asked = {
        "gate": session(cast.owner).get(f"/api/v1/versions/{version.pk}/gate/"),
        "submit": session(cast.owner).post(f"/api/v1/versions/{version.pk}/submit/", {"notes": "Once more, please."}, format="json"),
        "publish": session(cast.publisher).post(f"/api/v1/releases/{retired.pk}/publish/", {"reason": GOOD}, format="json"),
        "deploy": session(cast.publisher).post(
            f"/api/v1/releases/{retired.pk}/deployments/", {"environment": "pilot", "region": "eu"}, format="json"
        ),
    }  # fmt: skip
    for name, answer in asked.items():
        said = problem_of(answer, 409)
        assert said["successor"]["id"] == str(successor.pk), name
        assert f"Use its successor, {successor}" in said["detail"]
        assert answer.headers["Link"] == f'</api/v1/versions/{successor.pk}/>; rel="successor-version"'
    assert session(cast.owner).get(f"/api/v1/versions/{version.pk}/").status_code == 200


def test_its_file_stays_a_record_for_auditors_alone(retired, cast, client):
    client.force_login(cast.owner)
    address = reverse("version-file", args=[retired.version_id])
    answer = client.get(address)
    assert answer.status_code == 409 and "is retired" in answer.content.decode()


def test_a_successor_of_another_unit_is_not_named_to_a_stranger(retired, cast):
    """P11."""
    hidden = factories.make_version(
        factories.Cast(**{**vars(cast), "unit": cast.other_unit, "owner": grown(cast)}),
    )
    retired.version.successor = hidden
    retired.version.save()
    with pytest.raises(VersionRetired, match="no successor is named that you may see") as refused:
        releases.submit_for_review(retired.version, notes="Once more, please.", actor=cast.owner)
    assert refused.value.successor is None


def grown(cast):
    """Somebody who may register in the other unit."""
    return factories.invite("their.owner", "Theo Owner", "technical_owner", cast.other_unit, cast.administrator)


def test_a_planned_end_leaves_no_task_behind(retired, cast):
    assert not Task.objects.waiting().filter(kind__in=["plan_retirement", "no_plan", "sign_checklist"]).exists()
    assert retired.version.status == VersionStatus.RETIRED
