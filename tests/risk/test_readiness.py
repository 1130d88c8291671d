"""Ways to fail, drills, detection, threats and weaknesses, tools of agents, guardrails and oversight, as registers with gates."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from registry import gates
from registry.actions import components, register_approval as approval, registers
from registry.errors import NotAllowed
from registry.models import ComponentUse, Duty, RegisterEntry, Task
from registry.registers import kind_named, reminders, subjects
from registry.release_gates import preview
from tests import factories
from tests.policies import writing
from tests.registry.registers import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(cast):
    return factories.make_version(cast)


@pytest.fixture
def guard(cast):
    """The security officer of the group."""
    return factories.invite("guard", "Gustav Guard", Duty.SECURITY_OFFICER, subjects.root(), cast.administrator)


def written(cast, kind, about, **said):
    return samples.written(kind_named(kind), cast, about, actor=cast.risk_officer, **said)


def answer(version, slug):
    """What a condition says of the version."""
    return next(one for one in gates.evaluate(preview(version)) if one.slug == slug).result


def days_ago(days):
    return (timezone.localdate() - timedelta(days=days)).isoformat()


def test_a_tier_that_asks_for_it_needs_a_tested_safe_way_to_fail(cast, version, monkeypatch):
    """S-112, S-152: unknown without a record; unsafe, untested and too old do not do; safe and tested does."""
    writing.asks(monkeypatch, {"safe_failure": True, "within_days": 365})
    assert answer(version, "condition:safe_failure") == "insufficient"
    about = version.home_system
    written(cast, "failure_mode", about, is_safe="unsafe", result="as_described", tested_at=days_ago(1))
    written(cast, "failure_mode", about, is_safe="safe", result="as_described", tested_at=days_ago(400))
    written(cast, "failure_mode", about, is_safe="safe", result="otherwise", tested_at=days_ago(1))
    assert answer(version, "condition:safe_failure") == "failed"
    written(cast, "failure_mode", about, is_safe="safe", graceful="yes", result="as_described", tested_at=days_ago(30))
    assert answer(version, "condition:safe_failure") == "passed"


def test_a_model_was_brought_back_in_a_drill_that_is_not_too_old(cast, version, monkeypatch):
    """S-173: the newest drill of the sort counts; a failed one closes the gate."""
    writing.asks(monkeypatch, {"exercise": "model_restore", "within_days": 365})
    assert answer(version, "condition:exercise") == "insufficient"
    written(cast, "exercise", version, exercise_type="model_restore", performed_at=days_ago(20), result="passed")
    assert answer(version, "condition:exercise") == "passed"
    written(cast, "exercise", version, exercise_type="model_restore", performed_at=days_ago(2), result="failed")
    assert answer(version, "condition:exercise") == "failed"


def test_a_drill_on_unwanted_changes_says_how_fast_they_were_found_and_reverted(cast, version):
    """S-156: rolling back is drilled with the time allowed and taken, and comes again on its day."""
    row = written(
        cast, "exercise", version, exercise_type="rollback", scenario="A prompt was changed in production.",
        target_minutes="30", took_minutes="12", performed_at=days_ago(0), result="passed",
    )  # fmt: skip
    assert (row.fields["target_minutes"], row.fields["took_minutes"]) == (30, 12)
    reminders.remind(row.due_on)
    assert Task.objects.waiting().get(object_id=row.pk).due_on == row.due_on


def test_a_threat_is_played_through_and_noticed_or_missed(cast, version):
    """S-106: by threat of the catalogue, by version, with the minutes until it was noticed."""
    row = written(cast, "detection_test", version, threat="RSK-001", noticed="missed", automated="yes", minutes="0")
    client = Client()
    client.force_login(cast.risk_officer)
    page = client.get("/registers/detection_test/?noticed=missed").content.decode()
    assert row.title.startswith("RSK-001") and row.title in page


def test_intelligence_on_a_threat_is_matched_to_the_components_in_use(cast, version):
    """S-107: by the name that it says; what nobody uses is told so."""
    component = components.propose_component(
        cast.unit,
        name="Parsel 3",
        component_type="library",
        version="3",
        actor=cast.owner,
        provider="Parsel project",
    )
    ComponentUse(
        system=version.home_system, version=version, component=component, use="inference", data_class="internal",
        added_by=cast.owner,
    ).save()  # fmt: skip
    client = Client()
    client.force_login(cast.risk_officer)
    for name, found in (("parsel", True), ("zlib", False), ("p", False)):
        row = written(cast, "threat_notice", cast.unit, component_name=name, title=f"About {name}")
        page = client.get(f"/warnings/{row.pk}/").content.decode()
        assert (str(version.home_system) in page) == found, name
    client.force_login(cast.outsider)
    assert client.get(f"/warnings/{row.pk}/").status_code == 404


def test_a_weakness_is_rated_and_followed_to_its_fix_or_borne_by_another(cast, guard):
    """S-108: a date by which it is fixed, a fix with its reason; its writer does not bear it."""
    row = written(cast, "vulnerability", cast.unit, identifier="CVE-2026-1", severity="high", component_name="Parsel")
    reminders.remind(row.due_on)
    assert Task.objects.waiting().filter(object_id=row.pk).exists()
    with pytest.raises(NotAllowed):
        registers.move_entry(row, move="accept", reason="It cannot be reached.", actor=cast.risk_officer)
    registers.move_entry(row, move="fix", reason="Version 3.1 is in use.", actor=cast.risk_officer)
    row.refresh_from_db()
    assert (row.status, row.fields["fix"], bool(row.fields["fixed_at"])) == ("fixed", "Version 3.1 is in use.", True)
    assert not Task.objects.waiting().filter(object_id=row.pk).exists()


def test_an_agent_uses_listed_tools_and_anything_else_is_reported(cast, version, guard):
    """S-113: the list is approved by another; a use that is not on it opens tasks at once."""
    system = version.home_system
    row = written(cast, "tool_permission", system, tool="Search the index", title="Search")
    approval.submit_entry(row, actor=cast.risk_officer)
    assert written(cast, "tool_use", system, tool="search the index").fields["permitted"] == "not_listed"
    approval.approve_entry(row, reason="It reads and nothing else.", actor=guard)
    listed = written(cast, "tool_use", system, tool="search the INDEX ")
    assert listed.fields["permitted"] == "listed"
    assert not Task.objects.waiting().filter(object_id=listed.pk).exists()
    other = written(cast, "tool_use", system, tool="Send a mail")
    assert other.fields["permitted"] == "not_listed"
    assert Task.objects.visible_to(guard).waiting().filter(object_id=other.pk).exists()
    assert Task.objects.waiting().filter(object_id=other.pk, person=system.technical_owner).exists()


def test_guardrails_of_environments_are_put_in_force_by_security_alone(cast, guard):
    """S-178: preventive and detective ones; neither a risk officer nor who wrote it."""
    row = written(cast, "environment_guardrail", cast.unit, guardrail_type="preventive", title="No public buckets")
    approval.submit_entry(row, actor=cast.risk_officer)
    for person in (cast.risk_officer, cast.owner, cast.approver):
        with pytest.raises(NotAllowed):
            approval.approve_entry(row, reason="It is tried and holds.", actor=person)
    approval.approve_entry(row, reason="It is tried and holds.", actor=guard)
    row.refresh_from_db()
    assert row.status == "approved" and row.approved_by == guard


def test_overrides_by_reviewers_are_counted_with_their_reasons(cast, version):
    """S-154: by system and sort, and why."""
    for number in range(3):
        written(cast, "oversight_event", version, event_type="override", reason=f"The income was wrong, case {number}.")
    written(cast, "oversight_event", version, event_type="review", reason="As planned.")
    client = Client()
    client.force_login(cast.risk_officer)
    page = client.get("/oversight/").content.decode()
    assert 'data-label="Override">3<' in page and 'data-label="Review">1<' in page
    assert "case 2." in page and "As planned." not in page
    client.force_login(cast.outsider)
    assert "case 2." not in client.get("/oversight/").content.decode()
    assert RegisterEntry.objects.filter(kind="oversight_event").count() == 4
