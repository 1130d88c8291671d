"""Waivers and incidents as evidence, and what documents say of them."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from registry.actions import waivers
from reports import building
from reports.catalogue import REPORTS
from reports.packs import version as version_pack
from reports.sources import DjangoFacts
from risk import actions
from tests import factories
from tests.reports.test_sources import decided, item
from tests.risk import steps

pytestmark = pytest.mark.django_db
SECRET = "Forty people who had objected"


def facts_now(user=None) -> DjangoFacts:
    return DjangoFacts(user, None, timezone.now())


# ---- facts


def test_a_waiver_is_an_exception_with_the_status_of_the_day(cast, monkeypatch):
    waiver = factories.make_waiver(cast)
    [row] = facts_now().records("exception")
    assert (row.fields["status"], row.subject) == ("requested", ("system", str(waiver.home_system.pk)))
    assert facts_now().workflows("exception") == []
    factories.accept_waiver(cast, waiver)
    [row] = facts_now().records("exception")
    assert row.fields["status"] == "approved"
    assert row.fields["control_ref"] == "evidence:fairness.group_metrics"
    assert row.fields["expires_on"] == waiver.expires_on and row.fields["compensating_controls"]
    [run] = facts_now().workflows("exception")
    assert run.approvers == ((str(cast.second_approver.pk), "approver"),)
    assert run.steps["author"] == {str(cast.owner.pk)}
    later = timezone.now() + timedelta(days=40)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert facts_now().records("exception")[0].fields["status"] == "expired"


def test_a_waiver_of_a_gate_excepts_no_requirement_of_a_framework(cast):
    """Only one that names the requirement would; a gate is none."""
    factories.accept_waiver(cast, factories.make_waiver(cast))
    assert not any(entry.excepted for entry in decided().requirements)


def test_an_incident_shows_its_fields_and_its_closure_is_a_workflow(cast):
    incident = steps.reported(cast, factories.make_system(cast), impacts="Forty complaints.")
    [row] = facts_now().records("incident")
    assert (row.fields["status"], row.fields["reporter"]) == ("open", str(cast.owner.pk))
    assert row.fields["description"] and row.fields["impacts"] and not row.fields["root_cause"]
    assert facts_now().workflows("incident") == []
    steps.ended(incident, cast.risk_officer, lessons="Lists are read anew each time.")
    [row] = facts_now().records("incident")
    assert row.fields["root_cause"] and row.fields["lessons"] and row.fields["post_mortem_at"]
    [run] = facts_now().workflows("incident")
    assert (run.outcome, run.approvers) == ("completed", ((str(cast.risk_officer.pk), "risk_officer"),))
    assert ("incident", str(incident.pk)) in run.subjects
    assert {name: item(decided(), name).result for name in ("MANAGE-4.3.a", "GOVERN-4.3.e", "GOVERN-4.3.h")} == {
        "MANAGE-4.3.a": "pass", "GOVERN-4.3.e": "pass", "GOVERN-4.3.h": "pass",
    }  # fmt: skip


def test_an_open_incident_is_left_out_for_thirty_days_unless_it_is_serious(cast):
    system, now = factories.make_system(cast), timezone.now()
    made = {
        "new": steps.reported(cast, system),
        "old": steps.reported(cast, system, detected_at=now - timedelta(days=31), third_party_origin=True),
        "serious": steps.reported(cast, system, serious=True),
        "last year": steps.reported(cast, system, detected_at=now - timedelta(days=400), serious=True),
        "closed": steps.ended(steps.reported(cast, system), cast.risk_officer),
    }
    names = {str(row.pk): name for name, row in made.items()}

    def members(population: str) -> set[str]:
        return {names[member.id] for member in facts_now().population(population, None)}

    assert members("incidents_365") == {"old", "closed"}
    assert members("serious_incidents_365") == {"serious"}
    assert members("third_party_incidents_365") == {"old"}
    assert item(decided(), "MANAGE-4.3.a").result == "partial"


def test_facts_of_another_unit_are_not_read(cast):
    steps.reported(cast, factories.make_waiver(cast).home_system)
    for entity in ("incident", "exception"):
        assert facts_now(cast.outsider).records(entity) == []
        assert len(facts_now(cast.risk_officer).records(entity)) == 1
    assert facts_now(cast.outsider).population("serious_incidents_365", None) == []


# ---- documents


def document(version) -> tuple[dict, str]:
    """The data of the compliance report and the page that is printed of it."""
    kind = REPORTS["compliance"]
    data = building.gathered(kind, version, as_of=timezone.now(), language="en")
    return data, render_to_string(kind.template, {"data": data, "digest": "0" * 64, "charts": {}, "language": "en"})


def of_the_card(cast, version):
    """A waiver of the gate that asks for a complete card."""
    return factories.make_waiver(cast, version, gate="card", check="")


def test_a_waiver_stands_in_the_report_with_reason_owner_and_end(cast):
    version = factories.make_version(cast)
    data, printed = document(version)
    assert data["waivers"] == [] and "Nothing was ever waived" in printed
    waiver = factories.accept_waiver(cast, of_the_card(cast, version))
    waivers.end_waiver(waiver, reason="The list was posted unread.", actor=cast.risk_officer)
    factories.accept_waiver(cast, of_the_card(cast, version))
    data, printed = document(version)
    assert [row["status"] for row in data["waivers"]] == ["Ended", "Accepted"]
    assert {row["gate"]: row["result"] for row in data["gates"]}["card"] == "waived"
    for said in (waiver.reason, waiver.compensating_controls, cast.second_approver.name, "The list was posted unread.",
                 waiver.expires_on.isoformat(), "△ waived"):  # fmt: skip
        assert said in printed


def test_an_incident_stands_in_the_report_by_kind_and_standing_and_not_by_what_happened(cast):
    """Readers of a report are more people than readers of incidents."""
    version = factories.make_version(cast)
    assert "No incident with this system was reported." in document(version)[1]
    incident = steps.reported(cast, version.home_system, version=version, serious=True, impacts="Complaints")
    actions.manage_incident(incident, note="The vendor was called.", actor=cast.risk_officer)
    data, printed = document(version)
    assert data["incidents"][0]["status"] == "Open" and "Wrong output (serious)" in printed
    assert SECRET not in f"{data}{printed}" and incident.title not in printed and "vendor was called" not in printed


def test_the_pack_carries_waivers_and_incidents(cast):
    version = factories.make_version(cast)
    of_the_card(cast, version)
    steps.reported(cast, version.home_system)
    data, _printed = document(version)
    members = version_pack.members(version, data, language="en")
    assert b"An analyst reads every list" in members["waivers.json"]
    assert b'"severity": "Medium"' in members["incidents.json"] and SECRET.encode() not in members["incidents.json"]


def test_a_small_organisation_is_named_in_every_report(cast, settings):
    """R10: off by default; where administrators may hold other duties, readers are told."""
    assert settings.SMALL_ORG is False
    version = factories.make_version(cast)
    assert "Small organisation" not in document(version)[1]
    settings.SMALL_ORG = True
    data, printed = document(version)
    assert data["small_organisation"] is True and "Small organisation" in printed
