"""Status pages over kept standings: now, on a past day, over time; for a system, a unit and the organisation."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from registry.models import Duty
from registry.registers import subjects
from reports.evaluation import evaluate
from reports.framework_files import load
from reports.models import Standing
from reports.sources import DjangoFacts
from reports.standings import grid, keeping, kept
from tests import factories
from tests.reports.generated.base import keep

SLUG = "nist_ai_rmf"
PAGE = f"/frameworks/{SLUG}/"


@pytest.fixture(autouse=True)
def nothing_in_memory():
    keeping._live.clear()
    yield
    keeping._live.clear()


@pytest.fixture
def chief(cast):
    """Somebody who reads everything."""
    return factories.invite("chief", "Cora Chief", Duty.RISK_OFFICER, subjects.root(), cast.administrator)


def of(person):
    found = Client()
    found.force_login(person)
    return found


def cells(answer):
    return {entry.requirement.id: entry.cell for entry in answer.context["evaluation"].requirements}


def said_before(subject, days, *, met=()):
    """Let the record tell of days that are past, with these requirements met."""
    today = timezone.now().date()
    row = Standing.objects.get(framework=SLUG, subject=subject)
    results = {key: ["met", "documented", "", 1, 1] if key in met else value for key, value in row.results.items()}
    past = Standing(framework=SLUG, subject=subject, since=today - timedelta(days=days), until=today - timedelta(days=1),
                    rules="sha256:old", program="sha256:old", results=results)  # fmt: skip
    past.seal = kept.seal_of(past)
    past.save()
    return past


def test_what_is_kept_shows_the_same_as_what_is_decided(cast, chief):
    """P6: the page of who reads all comes from the table while it is in step, and from an evaluation when it is not."""
    system = factories.make_system(cast)
    for query in ("", f"?system={system.pk}", f"?unit={system.unit.pk}"):
        decided = of(chief).get(PAGE + query)
        keeping.renew()
        stored = of(chief).get(PAGE + query)
        assert decided.context["evaluation"].head is None and stored.context["evaluation"].head is not None
        assert cells(decided) == cells(stored)
        Standing.objects.all().delete()


def test_who_does_not_read_all_is_shown_what_was_decided_for_him(cast, chief):
    factories.make_system(cast)
    keeping.renew()
    assert of(cast.owner).get(PAGE).context["evaluation"].head is None
    assert of(cast.risk_officer).get(PAGE).context["evaluation"].head is None


def test_a_change_is_on_the_page_at_once(cast, chief):
    """P6: a standing that is behind is never shown as current."""
    system = factories.make_system(cast)
    keeping.renew()
    factories.make_risk(cast, system)
    answer = of(chief).get(f"{PAGE}?system={system.pk}")
    assert answer.context["evaluation"].head is None and "decided for this page" in answer.content.decode()


def test_of_a_large_organisation_what_was_said_last_is_shown_as_such(cast, chief, monkeypatch):
    """P6: it says that it is not the newest; a row that was changed is not shown even so."""
    monkeypatch.setattr(grid, "LARGE", 0)
    system = factories.make_system(cast)
    keeping.renew()
    factories.make_risk(cast, system)
    answer = of(chief).get(PAGE)
    assert answer.context["evaluation"].behind > 0 and "This is not the newest" in answer.content.decode()
    assert of(chief).get(PAGE, {"system": system.pk}).context["evaluation"].head is None
    Standing.objects.filter(subject="").update(results={})
    assert of(chief).get(PAGE).context["evaluation"].head is None


def test_a_unit_is_its_systems(cast):
    """A unit with one system comes out by that system's members; what holds for the organisation holds for it."""
    one, other = factories.make_system(cast), factories.make_system(cast, risk_tier="high")
    other.unit = cast.other_unit
    keep(other, "moved")
    now = timezone.now()
    found = evaluate(load(SLUG), DjangoFacts(None, None, now, unit=one.unit), unit=str(one.unit.pk), as_of=now)
    assert found.to_json()["scope"] == {"system": None, "unit": str(one.unit.pk)}
    members = DjangoFacts(None, None, now, unit=one.unit).population("all_systems", None)
    assert [member.id for member in members] == [str(one.pk)]
    whole = evaluate(load(SLUG), DjangoFacts(None, None, now), as_of=now)
    root = evaluate(load(SLUG), DjangoFacts(None, None, now, unit=subjects.root()), as_of=now)
    assert [entry.result for entry in whole.requirements] == [entry.result for entry in root.requirements]
    assert other.pk not in {member.id for member in members}


def test_the_page_of_a_unit_is_for_who_reads_in_it(cast):
    assert of(cast.risk_officer).get(PAGE, {"unit": cast.unit.pk}).status_code == 200
    assert of(cast.risk_officer).get(PAGE, {"unit": cast.other_unit.pk}).status_code == 404
    assert of(cast.outsider).get(PAGE, {"unit": cast.unit.pk}).status_code == 404


def test_the_course_of_each_function_is_drawn_and_listed(cast, chief):
    keeping.renew()
    said_before("", 30, met=("GOVERN 1.1", "GOVERN 1.2", "MAP 1.1"))
    answer = of(chief).get(PAGE)
    lines = {line.group.id: (line.first, line.last, line.total) for line in answer.context["trend"].lines}
    assert lines == {"GOVERN": (2, 0, 19), "MAP": (1, 0, 18), "MEASURE": (0, 0, 22), "MANAGE": (0, 0, 13)}
    assert answer.content.decode().count('class="spark"') == 4


def test_a_past_day_shows_what_was_said_then_beside_what_is_known_now(cast, chief):
    """As said then is what was recorded, by the rules of that day; as known now is an evaluation as of it."""
    keeping.renew()
    said_before("", 9, met=("GOVERN 1.1",))
    day = timezone.now().date() - timedelta(days=5)
    answer = of(chief).get(PAGE, {"day": day.isoformat()})
    then = answer.context["then"]
    assert (then.counts["met"], then.said.rules) == (1, "sha256:old")
    assert ("GOVERN 1.1", "met", "not_met") in [(one.id, before, now) for one, before, now in then.differing]
    page = answer.content.decode()
    assert f"As said on {day}" in page and f"As known now of {day}" in page
    assert f"day={day}" in page
    one = of(chief).get(f"{PAGE}GOVERN-1.1/", {"day": day.isoformat()})
    assert one.context["day"] == day


def test_a_day_to_come_is_refused(cast, chief):
    answer = of(chief).get(PAGE, {"day": (timezone.now().date() + timedelta(days=2)).isoformat()})
    assert "not known" in answer.content.decode()


def test_the_record_of_the_organisation_is_for_readers_of_its_board_packs(cast, chief):
    system = factories.make_system(cast)
    keeping.renew()
    assert of(chief).get(PAGE).context["trend"] is not None
    assert of(cast.owner).get(PAGE).context["trend"] is None
    assert of(cast.owner).get(PAGE, {"system": system.pk}).context["trend"] is not None


def test_a_record_that_was_changed_is_left_out_and_told_of(cast, chief):
    keeping.renew()
    past = said_before("", 9)
    Standing.objects.filter(pk=past.pk).update(results={**past.results, "GOVERN 1.1": ["met", None, "", 1, 1]})
    answer = of(chief).get(PAGE)
    assert answer.context["trend"].changed == 1 and "is left out" in answer.content.decode()


def test_rest_and_csv_tell_the_same_as_the_page(cast, chief):
    """Of a unit: page, table and REST are one grid."""
    system = factories.make_system(cast)
    keeping.renew()
    client, unit = of(chief), str(system.unit.pk)
    page = cells(client.get(PAGE, {"unit": unit}))
    told = client.get(f"/api/v1/frameworks/{SLUG}/", {"unit": unit}).json()
    assert {row["requirement"]: row["result"] for row in told["requirements"]} == {
        key: cell.result for key, cell in page.items()
    }  # fmt: skip
    assert told["log_entry"] == kept.logged() and [one["believed"] for one in told["history"]] == [True]
    table = b"".join(client.get(f"{PAGE}status.csv", {"unit": unit}).streaming_content).decode("utf-8-sig").splitlines()
    assert len(table) == 73 and table[1].startswith("GOVERN 1.1,")
    assert of(cast.outsider).get(f"/api/v1/frameworks/{SLUG}/", {"unit": unit}).status_code == 400
    assert of(cast.outsider).get(f"{PAGE}status.csv", {"unit": unit}).status_code == 404
    assert client.get("/api/v1/frameworks/none/").status_code == 404
