"""The compliance report of a unit and of the organisation: what it counts, what it says of what it leaves out, who gets it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, BusinessUnit, Duty
from registry.registers import subjects
from reports import actions, building, codes, schedules
from reports.catalogue import REPORTS
from reports.evaluation import evaluate
from reports.framework_files import load
from reports.kinds.units import chapters
from reports.models import Report, Standing
from reports.sources import DjangoFacts
from reports.standings import keeping, kept
from tests import factories
from tests.registry.registers import samples
from tests.reports.test_statements import overridden
from tests.reports.test_status_pages import said_before

pytestmark = pytest.mark.django_db
KIND = REPORTS["unit_compliance"]
RMF = load("nist_ai_rmf")
READERS = {"risk_officer", "privacy_officer", "approver", "second_approver", "auditor"}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """Nothing is rung for, and no process remembers standings of another test."""
    monkeypatch.setattr("registry.jobs.enqueue", lambda row: None)
    keeping._live.clear()
    yield
    keeping._live.clear()


@pytest.fixture
def group_risk(cast):
    """A risk officer of the whole group, who writes."""
    return samples.writer(cast)


@pytest.fixture
def chief(cast, group_risk):
    """An executive of the organisation."""
    return factories.invite("chief", "Cora Chief", Duty.EXECUTIVE, subjects.root(), cast.administrator)


def gathered(unit, language="en") -> dict:
    """The data of the report."""
    return building.gathered(KIND, unit, as_of=timezone.now(), language=language)


def said(data) -> str:
    """Everything that is printed, as one text."""
    return str([data["summary"], data["picture"], data["chapters"], data["not_checked"]])


def named_table(data, title) -> list:
    """The rows of a table."""
    return next(one["rows"] for each in data["chapters"] for one in each["blocks"] if one.get("table") == title)


def bars(data, title) -> list:
    """The rows of a table with bars."""
    blocks = [*data["picture"], *(one for each in data["chapters"] for one in each["blocks"])]
    return next(one["bars"] for one in blocks if one.get("caption", "").startswith(title))


# ---- what it counts


def test_the_seventy_two_come_to_what_an_evaluation_of_the_unit_says(cast):
    """P6, S-110: function by function, with the systems that meet each, counted by evaluations of each system alone."""
    rows = [factories.make_system(cast, risk_tier=tier) for tier in ("high", "minimal")]
    data, now = gathered(cast.unit), timezone.now()
    found = evaluate(RMF, DjangoFacts(None, None, now, unit=cast.unit), unit=str(cast.unit.pk), as_of=now)
    alone = [evaluate(RMF, DjangoFacts(None, row, now), system=str(row.pk), as_of=now) for row in rows]
    told = {
        row[0].split("\n")[0]: row for count, name in ((19, "GOVERN"), (18, "MAP"), (22, "MEASURE"), (13, "MANAGE"))
        for row in named_table(data, f"{name}: {count} subcategories")
    }  # fmt: skip
    assert len(told) == 72
    for entry in found.requirements:
        results = [one.of(entry.requirement.id).result for one in alone]
        row = told[entry.requirement.id]
        assert row[1] == {"verdict": entry.result}
        assert row[3] == f"{results.count('met')} / {2 - results.count('not_applicable')}"
    assert bars(data, "What the subcategories of each function")[0]["values"][0] == str(
        sum(one.result == "met" for one in found.requirements if one.requirement.group[0] == "GOVERN")
    )


def test_what_is_missing_is_counted_by_the_systems_that_lack_it_the_most_frequent_first(cast):
    """What would make it met: each required item that does not pass, and where nothing else is missing."""
    rows = [factories.make_system(cast, risk_tier=tier) for tier in ("high", "minimal")]
    data, now = gathered(cast.unit), timezone.now()
    lacking: dict[str, set[str]] = {}
    last: dict[str, int] = {}
    for row in rows:
        for entry in evaluate(RMF, DjangoFacts(None, row, now), system=str(row.pk), as_of=now).requirements:
            items = [one for one in entry.items if one.item.is_required and one.result in {"partial", "fail"}]
            for one in items:
                lacking.setdefault(one.item.id, set()).add(str(row.pk))
                last[one.item.id] = last.get(one.item.id, 0) + (len(items) == 1)
    told = {row["item"]: (set(row["systems"]), row["alone_missing_in"]) for row in data["full"]["gaps"]}
    assert told == {key: (systems, last[key]) for key, systems in lacking.items()}
    counts = [len(row["systems"]) for row in data["full"]["gaps"]]
    assert counts == sorted(counts, reverse=True) and {1, 2} <= set(counts)
    printed = named_table(data, "Missing evidence, by how many systems it concerns")
    assert printed[0][3] == f"{counts[0]} / 2" and data["summary"][2][1].startswith(printed[0][0])


def test_long_tables_are_cut_and_say_so_and_the_data_hold_every_row(cast, monkeypatch):
    """Nothing is silently left out of a report on a thousand systems."""
    names = [factories.make_system(cast).name for _number in range(3)]
    retired = factories.make_system(cast)  # a row of its own for the rules on what is retired
    retired.lifecycle_stage = "retired"
    retired.save()
    monkeypatch.setattr(chapters, "MOST_SYSTEMS", 2)
    data = gathered(cast.unit)
    assert len(bars(data, "What the subcategories came to in each system")) == 2
    assert "2 of 3 rows stand here" in said(data) and "30 of " in said(data)
    assert sorted(row["name"] for row in data["full"]["systems"]) == sorted(names)
    assert "1 retired system is left out." in said(data)
    assert all(len(row["results"]) == 72 for row in data["full"]["systems"])


def test_the_report_of_the_organisation_tells_each_unit_and_that_of_a_unit_no_other(cast):
    """P5: rows of other units are not in the report of one."""
    here = factories.make_system(cast, name="Letters to customers")
    root = BusinessUnit.objects.get(parent=None)
    whole, other = gathered(root), gathered(cast.other_unit)
    assert [row["name"] for row in bars(whole, "What the subcategories came to in each unit")] == sorted(
        row.name for row in BusinessUnit.objects.filter(parent=root)
    )
    assert here.name in str(whole) and here.name not in str(other)
    assert whole["title"].endswith("of the organisation") and other["title"].endswith("of a unit")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_unit_with_nothing_gets_a_report_that_says_so(cast, language):
    """Nothing is met, nothing is missing in a system, and no table is empty."""
    data = gathered(cast.unit, language)
    assert data["full"]["systems"] == [] and all(each["blocks"] for each in data["chapters"])
    assert all(row[1] for row in data["summary"])
    if language == "en":
        assert "No system is registered in this unit or below it." in said(data)
        assert "No standing of an earlier day is recorded here" in said(data)


def test_an_override_is_printed_as_one_with_reason_owner_and_end(cast, chief):
    """P6: of the organisation as of a system in it."""
    system = factories.make_system(cast)
    overridden(cast, chief)
    row = overridden(cast, chief, system, requirement="MAP 1.1", reason="The board saw it.")
    data = gathered(BusinessUnit.objects.get(parent=None))
    rows = {line[1]: line for line in named_table(data, "Overrides: results that people set in place of the evidence")}
    assert set(rows) == {"GOVERN 1.1", "MAP 1.1"} and rows["MAP 1.1"][0] == str(system)
    assert rows["GOVERN 1.1"][2:4] == [{"verdict": "met"}, {"verdict": "not_met"}]
    assert "Shown on paper." in rows["GOVERN 1.1"][4]
    assert "Override" in rows["MAP 1.1"][5] and row.due_on.isoformat() in rows["MAP 1.1"][5]
    assert any("2 results were set by people" in line[1] for line in data["summary"])
    assert rows["GOVERN 1.1"][5].count("\n") == 2
    assert [line[-1] for line in named_table(data, "The weakest basis of what is met, by function")] == [
        "1",
        "0",
        "0",
        "0",
    ]


# ---- what was before


def test_what_changed_since_the_last_period_is_told_by_the_record(cast):
    """What came to something else, better or worse, beside what was said on a day a quarter ago."""
    root = BusinessUnit.objects.get(parent=None)
    factories.make_system(cast)
    keeping.renew()
    now = {key: cell.result for key, cell in kept.current(RMF, "").items()}
    said_before("", 120, met=("GOVERN 1.1", "MAP 1.1"))
    data = gathered(root)
    rows = {row[0]: (row[2]["verdict"], row[3]["verdict"]) for row in named_table(data, "What came to something else")}
    assert rows == {key: ("met", now[key]) for key in ("GOVERN 1.1", "MAP 1.1")}
    day = timezone.now().date() - timedelta(days=92)
    assert data["summary"][-1][1] == f"Compared with {day}: 0 better, 1 worse, 1 began or ceased to apply."
    assert "It was said by other rules than those of today" in said(data)
    assert [row["name"] for row in bars(data, "What was recorded within a year")][1:] == ["Now"]


def test_a_record_that_was_changed_from_outside_is_not_believed_and_said(cast):
    keeping.renew()
    past = said_before("", 120)
    Standing.objects.filter(pk=past.pk).update(results={})
    data = gathered(BusinessUnit.objects.get(parent=None))
    assert "1 recorded standing was changed by something else than the program" in said(data)
    assert "there is nothing to compare with" in said(data)


# ---- who asks and who reads


def test_who_reads_everything_of_the_unit_asks_for_it_and_reads_it(cast):
    """P5: the publisher may ask for reports, and may not read the incidents on which this one rests."""
    row = actions.request_report_of_unit(cast.unit, actor=cast.risk_officer)
    assert (row.system, row.of_unit, row.framework, row.unit) == (None, cast.unit, "nist_ai_rmf", cast.unit)
    assert AuditEntry.objects.filter(object_id=row.pk, action="report.requested", about_id=cast.unit.pk).exists()
    assert KIND.subject_of(row) == cast.unit
    for person in (cast.owner, cast.approver, cast.publisher, cast.outsider):
        with pytest.raises(NotAllowed):
            actions.request_report_of_unit(cast.unit, actor=person)
    readers = {name for name, person in cast.everyone().items() if Report.objects.visible_to(person).exists()}
    assert readers == READERS
    with pytest.raises(BadInput):
        actions.request_report_of_unit(cast.unit, kind="compliance", actor=cast.risk_officer)
    with pytest.raises(BadInput):
        actions.request_report(factories.make_version(cast), kind="unit_compliance", actor=cast.risk_officer)


def test_it_is_asked_for_on_its_page_where_the_unit_of_the_address_is_chosen(cast, client):
    client.force_login(cast.risk_officer)
    page = reverse("unit-reports")
    assert f'value="{cast.unit.pk}" selected' in client.get(page, {"unit": cast.unit.pk}).content.decode()
    assert client.get(page, {"unit": "nonsense"}).status_code == 200
    done = client.post(page, {"unit": cast.unit.pk, "kind": "unit_compliance", "language": "zh-hans"})
    asked = Report.objects.get()
    assert done.url == asked.get_absolute_url() and asked.language == "zh-hans"
    for address in (done.url, page, reverse("reports")):
        assert str(cast.unit) in client.get(address).content.decode()
    client.force_login(cast.owner)
    assert b"Ask for a report on a unit" not in client.get(page).content
    assert client.get(done.url).status_code == 404


def test_the_status_page_of_a_unit_and_the_page_of_the_unit_lead_to_it(cast, client):
    """A user looks there; who may not ask is not led."""
    link = f"{reverse('unit-reports')}?unit={cast.unit.pk}"
    status = reverse("framework", args=["nist_ai_rmf"])
    client.force_login(cast.risk_officer)
    assert link in client.get(status, {"unit": cast.unit.pk}).content.decode()
    assert link in client.get(cast.unit.get_absolute_url()).content.decode()
    client.force_login(cast.publisher)
    assert link not in client.get(status, {"unit": cast.unit.pk}).content.decode()


def test_it_is_asked_for_and_read_by_rest(cast, client):
    client.force_login(cast.risk_officer)
    asked = client.post("/api/v1/reports/", {"unit": str(cast.unit.pk)}, content_type="application/json")
    assert (asked.status_code, asked.json()["kind"], asked.json()["of_unit"]) == (
        202, "unit_compliance", str(cast.unit.pk),
    )  # fmt: skip
    wrong = {"unit": str(cast.unit.pk), "kind": "model_card"}
    assert client.post("/api/v1/reports/", wrong, content_type="application/json").status_code == 400
    place = f"/api/v1/reports/{asked.json()['id']}/"
    assert client.get(place).json()["system"] is None
    client.force_login(cast.publisher)
    assert client.get(place).status_code == 404


def test_it_is_made_by_schedule(cast):
    """S-188: once a quarter, for whoever set it."""
    day = timezone.localdate()
    schedules.set_schedule(
        cast.unit, kind="unit_compliance", cadence="quarterly", begins_on=day, actor=cast.risk_officer
    )
    assert schedules.ask_due(day) == 1
    row = Report.objects.get()
    assert (row.of_unit, row.kind, row.schedule.owner) == (cast.unit, "unit_compliance", cast.risk_officer)


# ---- once it is there


def test_a_finished_report_of_the_organisation_is_evidence_that_one_was_made(cast, make_done):
    """GOVERN 1.4 asks for reports on risk and compliance; that of one unit speaks for the unit alone."""
    root = BusinessUnit.objects.get(parent=None)
    make_done(root)
    make_done(cast.unit)
    rows = DjangoFacts(None, None, timezone.now()).records("report")
    assert {(row.fields["kind"], row.subject[0]) for row in rows} == {
        ("compliance", "organisation"), ("compliance", "business_unit"),
    }  # fmt: skip


def test_a_report_on_another_unit_is_no_newer_edition(cast, make_done):
    first, other = make_done(cast.unit), make_done(cast.other_unit, later=1)
    assert codes.newer_than(first) is None
    again = make_done(cast.unit, later=2)
    assert codes.newer_than(first) == again.as_of and codes.newer_than(other) is None
    assert codes.told(first).title == str(KIND.title)


@pytest.fixture
def make_done(cast):
    """Makes finished reports."""
    from registry import blobs

    def made(unit, *, later: int = 0) -> Report:
        now = timezone.now() + timedelta(minutes=later)
        row = Report(
            of_unit=unit, kind="unit_compliance", requested_by=cast.risk_officer, status="finished", as_of=now,
            finished_at=now, blob=blobs.store(f"{unit} {later}".encode(), "application/pdf"),
        )  # fmt: skip
        row.save()
        return row

    return made
