"""What the kinds of report say, to whom they are open, and that they read well where there is nothing to say."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry
from reports import actions, building, glossary
from reports.areas import AREAS, together
from reports.catalogue import BOARD_PACK, REPORTS, ROW
from reports.contents import compliance
from reports.kinds.audit import component_of
from reports.models import Report
from risk.reading import reading
from tests import factories
from tests.reports.every_kind import make_world, measured
from tests.risk import steps

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """Nothing is rung for."""
    monkeypatch.setattr("registry.jobs.enqueue", lambda row: None)


def gathered(kind: str, subject, language: str = "en") -> dict:
    """The data of a report."""
    return building.gathered(REPORTS[kind], subject, as_of=timezone.now(), language=language)


def words(data: dict) -> str:
    """Everything that the chapters say, as one text."""
    return str([data["summary"], data["chapters"], data["not_checked"]])


# ---- what they say


def test_every_kind_has_a_summary_a_glossary_and_what_it_leaves_open(cast):
    """S-185: what a board member reads in two minutes, the words, and what was not checked and why."""
    world = make_world(cast)
    for kind, report in (REPORTS | {BOARD_PACK.kind: BOARD_PACK}).items():
        data = building.gathered(report, world.subjects[kind], as_of=world.as_of, language="en")
        assert data["glossary"], kind
        assert data["not_checked"] and all(row["what"] and row["why"] for row in data["not_checked"]), kind
        if kind in {"fairness", "transparency", "audit", "pia", "incident", "unit_compliance"}:
            assert 1 <= len(data["summary"]) <= 8 and all(line[0] and line[1] for line in data["summary"])


def test_the_fairness_report_holds_every_run_with_intervals_and_charts(cast):
    version = factories.make_version(cast)
    measured(cast, version)
    data = gathered("fairness", version)
    (check,) = data["checks"]
    assert {"low", "high"} <= set(check["outcome"]["groups"][0]["metrics"]["selection_rate"])
    assert building.charts(data, "en")[check["id"]].startswith("data:image/svg+xml;base64,")
    assert check["sentences"][0] in str(data["summary"])


def test_the_assessment_is_printed_with_answers_scores_and_opinion(cast):
    row = steps.approved(cast, factories.make_system(cast))
    data = gathered("pia", row)
    said = words(data)
    assert steps.OPINION in said
    asked = [one.question.id for section in reading(row).sections for one in section.said if one.is_asked]
    assert len(asked) > 40 and all(name in said for name in asked)
    assert len(data["chapters"][0]["blocks"][0]["bars"]) == row.parts.count()


def test_the_incident_is_printed_with_cause_actions_and_its_log(cast):
    row = steps.ended(steps.reported(cast, factories.make_system(cast)), cast.risk_officer)
    said = words(gathered("incident", row))
    for part in (row.description, row.root_cause, row.remedy, "incident.closed", "incident.reported"):
        assert part in said


def test_the_notice_names_no_person(cast):
    """S-189: the public reads plain words, and no names."""
    world = make_world(cast)
    said = words(gathered("transparency", world.subjects["transparency"]))
    for person in (cast.owner, cast.risk_officer, cast.privacy_officer):
        assert person.name not in said and person.email not in said


def test_the_audit_says_adherence_by_input_model_and_output(cast):
    """S-111: input, model and output are audited, each with its checks and what the assessment says."""
    world = make_world(cast)
    data = gathered("audit", world.subjects["audit"])
    blocks = data["chapters"][0]["blocks"]
    assert [one["heading"] for one in blocks if "heading" in one] == ["Input", "Model", "Output"]
    assert sum("Assessment: risk that is left" in one.get("text", "") for one in blocks) == 3
    rows = [one for one in blocks if one.get("table") == "Checks that stand"]
    assert rows and rows[0]["rows"][0][0] == "Group fairness"


@pytest.mark.parametrize(("shows", "component"), [
    (["data.quality"], "input"), (["fairness.representation"], "input"), (["fairness.proxy_features"], "input"),
    (["explain.global_attribution"], "model"), (["performance.slices"], "model"), (["drift.prediction"], "model"),
    (["fairness.group_metrics"], "output"), (["something.else"], "model"),
])  # fmt: skip
def test_a_check_counts_where_it_looks(cast, shows, component):
    """S-111."""
    assert component_of(factories.make_evidence(cast, factories.make_version(cast), shows=shows)) == component


def test_the_receipts_of_the_audit_are_entries_of_the_chained_log(cast):
    """S-175: each run is named with the entry that says how it ended."""
    system = factories.make_version(cast).home_system
    said = gathered("audit", system)["chapters"][-1]["blocks"]
    counted = AuditEntry.objects.filter(about_id=system.pk).count()
    assert int(said[0]["facts"][0][1]) >= counted > 0


def test_the_seven_areas_have_each_a_status(cast):
    """S-123: fairness, explanation, governance, privacy, security, robustness and transparency."""
    data = compliance(factories.make_version(cast), as_of=timezone.now())
    assert [row["area"] for row in data["areas"]] == [str(label) for label, _names in AREAS]
    known = {row["id"]: row["result"] for row in data["evaluation"]["requirements"]}
    for row in data["areas"]:
        assert row["result"] == together([known[name] for name in row["requirements"]])


@pytest.mark.parametrize(("results", "status"), [
    (["met", "met"], "met"), (["met", "not_applicable"], "met"), (["met", "not_met"], "partly"), (["partly"], "partly"),
    (["not_met", "not_met"], "not_met"), (["not_applicable"], "not_applicable"),
])  # fmt: skip
def test_an_area_is_met_only_where_all_that_applies_is(results, status):
    """S-123."""
    assert together(results) == status


def test_the_glossary_ties_the_technical_measure_to_that_of_the_business(cast):
    """S-054."""
    system = factories.make_system(cast, technical_metric="Recall at 5 %", value_metric="Offers taken up a month")
    version = factories.make_version(cast, factories.make_model(cast, system))
    for kind in ("compliance", "fairness", "model_card"):
        (row,) = [row for row in gathered(kind, version)["glossary"] if row[0] == "Recall at 5 %"]
        assert row[1].endswith("Offers taken up a month")
    assert len(gathered("compliance", factories.make_version(cast))["glossary"]) == len(glossary.words("compliance"))


# ---- with nothing to say


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_system_with_nothing_gets_reports_that_say_so(cast, language):
    """S-185: no kind fails on a version that has nothing but its name."""
    version = factories.make_version(cast)
    subjects = {"audit": version.home_system, "pia": steps.answered(cast, version.home_system)}
    subjects["incident"] = steps.reported(cast, version.home_system)
    subjects["unit_compliance"] = version.unit
    for kind, report in REPORTS.items():
        data = gathered(kind, subjects.get(kind, version), language)
        assert data["title"] and data["system"]["name"]
        if "chapters" in data:
            assert all(chapter["blocks"] for chapter in data["chapters"])


# ---- who


def test_a_report_on_an_assessment_an_incident_or_an_audit_is_read_by_who_may_read_that(cast):
    """P5: whoever may only see the system reads none of these."""
    version = factories.make_version(cast)
    system = version.home_system
    incident, assessment = steps.reported(cast, system), steps.submitted(cast, system)
    rows = {
        "incident": actions.request_report_on(incident, actor=cast.risk_officer),
        "pia": actions.request_report_on(assessment, actor=cast.risk_officer),
        "audit": actions.request_report(version, kind="audit", actor=cast.risk_officer),
        "compliance": actions.request_report(version, kind="compliance", actor=cast.risk_officer),
    }
    readers = {
        kind: {
            name
            for name, person in cast.everyone().items()
            if Report.objects.visible_to(person).filter(pk=row.pk).exists()
        }
        for kind, row in rows.items()
    }
    assert "publisher" in readers["compliance"]
    for kind in ("incident", "pia", "audit"):
        assert "publisher" not in readers[kind] and {"owner", "risk_officer", "auditor"} <= readers[kind], kind
        assert "outsider" not in readers[kind]


def test_who_may_not_read_an_incident_asks_for_no_report_on_it(cast):
    incident = steps.reported(cast, factories.make_system(cast))
    for person in (cast.publisher, cast.outsider):
        with pytest.raises(NotAllowed):
            actions.request_report_on(incident, actor=person)
    with pytest.raises(BadInput):
        actions.request_report(factories.make_version(cast), kind="incident", actor=cast.risk_officer)
    assert REPORTS["incident"].about == ROW


def test_the_page_of_an_assessment_leads_to_its_reports_and_takes_a_wish(cast, client):
    row = steps.submitted(cast, factories.make_system(cast))
    client.force_login(cast.risk_officer)
    address = reverse("assessment-reports", args=[row.pk])
    assert address in client.get(row.get_absolute_url()).content.decode()
    assert client.post(address, {"language": "zh-hans"}).status_code == 302
    asked = Report.objects.get()
    assert (asked.kind, asked.subject_id, asked.language) == ("pia", row.pk, "zh-hans")
    assert asked.get_absolute_url() in client.get(address).content.decode()
    client.force_login(cast.outsider)
    assert client.get(address).status_code == 404


def test_a_report_is_asked_for_by_rest_on_one_thing_alone(cast, client):
    version = factories.make_version(cast)
    incident = steps.reported(cast, version.home_system, detected_at=timezone.now() - timedelta(hours=2))
    client.force_login(cast.risk_officer)
    asked = client.post("/api/v1/reports/", {"incident": str(incident.pk)}, content_type="application/json")
    assert (asked.status_code, asked.json()["kind"], asked.json()["subject_id"]) == (202, "incident", str(incident.pk))
    for wrong in (
        {},
        {"incident": str(incident.pk), "version": str(version.pk)},
        {"incident": str(incident.pk), "kind": "audit"},
    ):
        assert client.post("/api/v1/reports/", wrong, content_type="application/json").status_code == 400


def test_board_packs_are_asked_for_and_read_by_rest(cast, client):
    """S-188."""
    client.force_login(cast.auditor)
    asked = client.post("/api/v1/board-packs/", {"unit": str(cast.unit.pk)}, content_type="application/json")
    assert asked.status_code == 202
    found = client.get(f"/api/v1/board-packs/{asked.json()['id']}/").json()
    assert (found["of_unit"], found["status"]) == (str(cast.unit.pk), "queued")
    client.force_login(cast.outsider)
    assert client.get(f"/api/v1/board-packs/{found['id']}/").status_code == 404
