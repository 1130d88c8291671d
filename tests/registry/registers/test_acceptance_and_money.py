"""Policies that people accept, and budgets that raise an alert."""

import pytest
from django.test import Client

from registry.actions import register_approval as approval, registers as actions
from registry.errors import NotAllowed
from registry.models import Duty, RegisterEntry, Task
from registry.registers import acceptance, budgets, kind_named
from tests import factories
from tests.registry.registers import samples
from tests.registry.registers.test_verbs import edited, in_force

pytestmark = pytest.mark.both


@pytest.fixture
def chair(cast):
    return factories.invite("chair", "Carla Chair", Duty.BOARD_CHAIR, cast.unit, cast.administrator)


def use_policy(cast, chair, **changes):
    """A policy of use that auditors and publishers must accept."""
    said = {"policy_type": "acceptable_use", "audience": ["auditor", "publisher"], "must_accept": "yes"}
    return in_force(cast, chair, **{**said, **changes})


def test_people_accept_a_policy_of_use_and_who_has_not_is_shown(cast, chair):
    """S-050: a task for everybody it is for; the page names who has not accepted."""
    row = use_policy(cast, chair)
    assert acceptance.missing(row) == [cast.auditor, cast.publisher]
    client = Client()
    client.force_login(cast.auditor)
    assert client.post(f"/entries/{row.pk}/accept/").status_code == 302
    page = client.get(row.get_absolute_url()).content.decode()
    assert "1 person has accepted it." in page and cast.publisher.name in page.split("Accepted by")[0]
    assert acceptance.missing(row) == [cast.publisher]
    waiting = Task.objects.waiting().filter(kind=Task.Kind.ACCEPT_POLICY, object_id=row.pk)
    assert [task.person for task in waiting] == [cast.publisher]


def test_who_has_no_right_to_look_around_reads_and_accepts_what_is_meant_for_everybody(cast, chair):
    """An end user holds a duty that opens nothing else."""
    person = factories.invite("user", "Uma User", Duty.END_USER, cast.unit, cast.administrator)
    row = use_policy(cast, chair, audience=[])
    client = Client()
    client.force_login(person)
    assert row.title in client.get(row.get_absolute_url()).content.decode()
    assert actions.accept_entry(row, actor=person).fields["person"] == str(person.pk)
    assert set(RegisterEntry.objects.visible_to(person)) == {row}


def test_an_acceptance_is_given_once_and_by_those_it_is_for(cast, chair):
    row = use_policy(cast, chair)
    first = actions.accept_entry(row, actor=cast.auditor)
    assert actions.accept_entry(row, actor=cast.auditor) == first
    with pytest.raises(NotAllowed):
        actions.accept_entry(row, actor=cast.approver)


def test_a_new_revision_wants_to_be_accepted_anew(cast, chair):
    row = use_policy(cast, chair)
    actions.accept_entry(row, actor=cast.auditor)
    draft = edited(row, cast)
    approval.submit_entry(draft, actor=cast.owner)
    approval.approve_entry(draft, reason="Read in full and found right.", actor=chair)
    draft.refresh_from_db()
    assert cast.auditor in acceptance.missing(draft)
    with pytest.raises(NotAllowed):
        actions.accept_entry(row, actor=cast.publisher)


def budget(cast, system, **changes):
    """A thousand a year for a system, with alerts at 80 and 100 percent."""
    said = {"title": "Budget", "period": "2026", "phase": "all", "amount": "1000", "currency": "EUR"}
    return samples.written(kind_named("cost_budget"), cast, system, **{**said, **changes})


def cost(cast, about, amount, **changes):
    """An actual cost of the year."""
    said = {"period": "2026", "phase": "operation", "workload": "letters", "team": "Letters", "source": "invoice"}
    return samples.written(kind_named("cost_entry"), cast, about, **{**said, "amount": str(amount), **changes})


def levels(row):
    """The thresholds for which there is an alert."""
    return [each.fields["level"] for each in budgets.alerts(row).order_by("number")]


def test_actual_cost_tokens_and_requests_stand_against_the_budget_of_system_and_phase(cast):
    """S-165, S-166: the sums of a period and phase, on the page of the budget."""
    system = factories.make_system(cast)
    row = budget(cast, system, phase="operation")
    cost(cast, system, "300.60", tokens="1200", requests="40")
    cost(cast, system, 100, tokens="800", requests="10")
    cost(cast, system, 500, phase="training")
    cost(cast, system, 500, period="2025")
    cost(cast, factories.make_system(cast), 500)
    found = budgets.spent(row)
    assert (str(found.amount), str(found.percent), found.tokens, found.requests) == ("400.6", "40.1", 2000, 50)
    client = Client()
    client.force_login(cast.owner)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "400.6 EUR (40.1 %)" in page and "2000" in page


def test_cost_is_split_by_workload_team_and_unit(cast):
    """S-168: the same sum, each time divided otherwise."""
    system = factories.make_system(cast)
    row = budget(cast, cast.unit)
    cost(cast, system, 100, workload="letters", team="One")
    cost(cast, cast.unit, 50, workload="tests", team="Two")
    splits = {
        name: {key: int(amount) for key, amount in parts.items()} for name, parts in budgets.spent(row).splits.items()
    }
    assert splits["workload"] == {"letters": 100, "tests": 50}
    assert splits["team"] == {"One": 100, "Two": 50}
    assert splits["unit"] == {str(cast.unit): 150}


def test_crossing_a_budget_raises_an_alert_once_and_somebody_takes_it(cast):
    """S-167: an alert by the software for each threshold, a task for the owner, and what is done."""
    system = factories.make_system(cast)
    row = budget(cast, system)
    cost(cast, system, 790)
    assert levels(row) == []
    cost(cast, system, "9.99")
    assert levels(row) == []
    cost(cast, system, "0.01")
    assert levels(row) == [80]
    cost(cast, system, 300)
    assert levels(row) == [80, 100]
    alert = budgets.alerts(row).first()
    task = Task.objects.waiting().get(kind=Task.Kind.BUDGET_CROSSED, object_id=alert.pk)
    assert (alert.author, task.person) == (None, cast.owner)
    actions.move_entry(alert, move="take", reason="The nightly runs were stopped.", actor=cast.owner)
    alert.refresh_from_db()
    assert (alert.status, alert.fields["action"]) == ("taken", "The nightly runs were stopped.")
    assert not Task.objects.waiting().filter(object_id=alert.pk).exists()


def test_a_better_metric_is_entered_in_money_and_compared_with_cost(cast):
    """S-170: worth in a year against the cost of the change, on the page; what was spent on the system stands beside."""
    system = factories.make_system(cast)
    cost(cast, system, 250)
    said = {"worth": "24000", "cost": "6000", "currency": "EUR"}
    row = samples.written(kind_named("improvement_record"), cast, system, **said)
    found = budgets.worth_of(row)
    assert found is not None
    assert (int(found.net), str(found.months), int(found.spent)) == (18000, "3.0", 250)
    client = Client()
    client.force_login(cast.owner)
    assert "18000 EUR" in client.get(row.get_absolute_url()).content.decode()
    assert budgets.worth_of(samples.written(kind_named("improvement_record"), cast, system, worth="")) is None
