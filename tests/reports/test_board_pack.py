"""The board pack: what a board of a unit reads before it decides, and who may ask for it and read it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.errors import NotAllowed
from registry.models import AuditEntry
from reports import actions
from reports.board import board_pack
from reports.board.contents import standing_runs
from reports.board.serving import worst_served
from reports.models import BoardPack
from risk import actions as risks
from tests import factories
from tests.registry import supply
from tests.risk import steps

pytestmark = pytest.mark.django_db


def judged(rule: str, value: float, verdict: str, *, high: str = "m", low: str = "f") -> dict:
    """An outcome with one rule between two groups with their rates."""
    rates = {high: 0.5 + value, low: 0.5}
    metric = rule.split("_difference")[0]
    return {
        "check": "group_fairness", "verdict": verdict,
        "groups": [{"group": {"sex": name}, "metrics": {metric: {"value": rate}}} for name, rate in rates.items()],
        "thresholds": [{
            "rule": rule, "value": value, "low": value / 2, "high": value * 2, "verdict": verdict,
            "worst": {"group": {"sex": high}, "versus": {"sex": low}},
        }],
    }  # fmt: skip


def facts(cast) -> dict:
    """The board pack of the unit as it is now."""
    return board_pack(cast.unit, as_of=timezone.now())


# ---- who is worst served


def test_the_group_with_the_lower_rate_is_worst_served_and_the_higher_one_where_the_rate_is_an_error(cast):
    """S-188: the board reads who fares worst under which model."""
    first, second = factories.make_version(cast), factories.make_version(cast)
    for version, rule in ((first, "selection_rate_difference<=0.1"), (second, "false_positive_rate_difference<=0.1")):
        factories.make_evidence(cast, version, outcome=judged(rule, 0.05, "pass"))
    by_version = {one.version: one for one in worst_served(standing_runs([first, second]))}
    assert (by_version[first].group, by_version[first].versus) == ("sex=f", "sex=m")
    assert (by_version[second].group, by_version[second].versus) == ("sex=m", "sex=f")


def test_what_missed_its_limit_stands_before_what_kept_it_and_then_the_nearer_to_the_limit(cast):
    near, far, missed = (factories.make_version(cast) for _ in range(3))
    for version, value, verdict in ((near, 0.09, "pass"), (far, 0.01, "pass"), (missed, 0.02, "fail")):
        outcome = judged("selection_rate_difference<=0.1", value, verdict)
        factories.make_evidence(cast, version, verdict=verdict, outcome=outcome)
    assert [one.version for one in worst_served(standing_runs([far, near, missed]))] == [missed, near, far]


def test_a_later_run_answers_in_the_place_of_an_earlier_one(cast):
    version = factories.make_version(cast)
    factories.make_evidence(cast, version, outcome=judged("selection_rate_difference<=0.1", 0.09, "pass"))
    later = factories.make_evidence(cast, version, outcome=judged("selection_rate_difference<=0.1", 0.01, "pass"))
    assert [one.run for one in worst_served(standing_runs([version]))] == [later]


# ---- what it tells


def test_a_waiver_in_force_stands_on_the_pack_until_it_ends(cast):
    """S-114, S-188: what is carried by a waiver is seen by the board."""
    waiver = factories.make_waiver(cast)
    assert facts(cast)["waivers"] == []
    factories.accept_waiver(cast, waiver)
    row = facts(cast)["waivers"]
    assert not row  # a draft is no release
    waiver.version.status = "in_review"
    waiver.version.save()
    (row,) = facts(cast)["waivers"]
    assert (row["version"], row["until"], row["owner"]) == (str(waiver.version), str(waiver.expires_on), "Olga Owner")


def test_the_component_that_its_vendor_ends_first_stands_first_with_the_systems_that_rest_on_it(cast):
    """S-188: the next end of a vendor's model."""
    days = [timezone.localdate() + timedelta(days=days) for days in (200, 100)]
    system = factories.make_system(cast)
    for day in days:
        supply.used(cast, system, supply.approved_component(cast, end_of_life=day))
    found = facts(cast)["vendor_ends"]
    assert [row["day"] for row in found] == [str(day) for day in sorted(days)]
    assert found[0]["systems"] == [system.name]


def test_the_pack_of_a_unit_says_nothing_of_another_unit(cast):
    factories.make_system(cast)
    assert board_pack(cast.other_unit, as_of=timezone.now())["portfolio"] == []


# ---- who asks and who reads


def test_officers_and_auditors_ask_for_it_and_a_developer_who_owns_systems_there_does_not(cast, monkeypatch):
    monkeypatch.setattr("registry.jobs.enqueue", lambda row: None)
    row = actions.request_board_pack(cast.unit, actor=cast.risk_officer)
    assert AuditEntry.objects.filter(object_id=row.pk, action="board_pack.requested").exists()
    for person in (cast.owner, cast.approver, cast.outsider):
        with pytest.raises(NotAllowed):
            actions.request_board_pack(cast.unit, actor=person)
    readers = {name for name, person in cast.everyone().items() if BoardPack.objects.visible_to(person).exists()}
    assert readers == {"risk_officer", "privacy_officer", "approver", "second_approver", "auditor"}


def test_the_page_offers_the_units_that_may_be_asked_about(cast, client, monkeypatch):
    monkeypatch.setattr("registry.jobs.enqueue", lambda row: None)
    client.force_login(cast.risk_officer)
    page = client.get(reverse("board-packs"))
    assert b"Ask for a board pack" in page.content
    done = client.post(reverse("board-packs"), {"unit": str(cast.unit.pk), "language": "en"})
    assert done.status_code == 302 and client.get(done.url).status_code == 200
    client.force_login(cast.owner)
    assert b"Ask for a board pack" not in client.get(reverse("board-packs")).content


def test_the_pack_tells_what_the_framework_came_to_in_the_unit(cast):
    """P6: by function, decided as the status page decides it."""
    factories.make_system(cast)
    told = facts(cast)["framework"]
    assert [(row["function"], row["total"]) for row in told["functions"]] == [
        ("GOVERN", 19), ("MAP", 18), ("MEASURE", 22), ("MANAGE", 13),
    ]  # fmt: skip
    assert all(
        sum(row[name] for name in ("met", "partly", "not_met", "not_applicable")) == row["total"]
        for row in told["functions"]
    )


def test_accepted_untreated_and_overdue_risks_are_counted_by_unit(cast, client):
    """S-114, S-188: the board and the risk officer read the same numbers."""
    system = factories.make_system(cast)
    steps.registered(cast, system)
    risks.accept_risk(steps.registered(cast, system), reason=steps.REASON, actor=cast.approver)
    steps.planned(cast, steps.registered(cast, system), due_on=timezone.localdate() + timedelta(days=1))
    later = board_pack(cast.unit, as_of=timezone.now() + timedelta(days=2))["risks"]
    assert later == [{"unit": str(cast.unit), "live": 3, "accepted": 1, "untreated": 1, "overdue": 1}]
    assert facts(cast)["risks"][0]["overdue"] == 0
    row = actions.request_board_pack(cast.unit, actor=cast.risk_officer)
    assert BoardPack.objects.visible_to(cast.risk_officer).contains(row)


def test_a_board_pack_has_each_part_that_a_board_asks_for(cast):
    """S-188: portfolio with tiers, open risks, breaches, retirements and decisions due."""
    version = factories.make_releasable(cast, verdict="fail")
    steps.registered(cast, version.home_system, likelihood=5, impact=4)
    waiver = factories.make_waiver(cast, version)
    version.status, version.retirement_date = "published", timezone.localdate() + timedelta(days=90)
    version.save()
    found = facts(cast)
    assert [(row["name"], row["tier"]) for row in found["portfolio"]] == [(version.home_system.name, "Limited")]
    assert dict(map(tuple, found["counts"]["tiers"]))["Limited"] == 1
    assert [row["level"] for row in found["worst_risks"]] in (["high"], ["critical"])
    assert [row["version"] for row in found["breaches"]] == [str(version)] * len(found["breaches"]) != []
    assert [row["version"] for row in found["retirements"]] == [str(version)]
    assert f"Waiver of “{waiver.title}”" in [row["what"] for row in found["due"]]
