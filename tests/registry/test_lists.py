"""Declared lists: filters, counts, order, pages and exports, scoped to what the reader may see."""

import csv
import io
import json
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from registry import lists
from registry.actions import datasets, inventory
from registry.lists import reading
from registry.models import AISystem, AuditEntry, LineageLink
from registry.views import paging
from tests import factories

numbers = count(1)


@pytest.fixture
def as_owner(client, cast):
    """A client of the owner."""
    client.force_login(cast.owner)
    return client


def names(client, address: str, **query) -> list[str]:
    """The rows of a list, by their names."""
    return [str(row) for row in client.get(reverse(address), query).context["page"].objects]


def body(answer) -> bytes:
    """All of an answer that is streamed."""
    return b"".join(answer.streaming_content)


def exported(client, name: str, format: str, **query):
    """A list as a file."""
    return client.get(reverse("list-export", args=[name, format]), query)


def test_uses_of_ai_are_filtered_by_unit_vendor_model_and_traits(as_owner, cast):
    """S-011, for what is generative and who delivers the model."""
    plain = factories.make_system(cast, name="Plain")
    maker = factories.make_system(cast, name="Maker", is_generative=True)
    model = inventory.register_model(maker, name="Writer", actor=cast.owner)
    factories.make_version(cast, model, provider="Northlight")
    assert names(as_owner, "systems", is_generative="yes") == ["Maker"]
    assert names(as_owner, "systems", vendor="northLIGHT") == ["Maker"]
    assert names(as_owner, "systems", model="writer") == ["Maker"]
    assert names(as_owner, "systems", unit=cast.unit.pk) == ["Maker", str(plain)]
    assert names(as_owner, "systems", unit=cast.other_unit.pk) == ["Maker", str(plain)], "a unit that one cannot see"
    assert names(as_owner, "models", vendor="Northlight") == ["Writer"]
    assert names(as_owner, "systems", region="EU") == []


def test_systems_are_filtered_by_the_class_of_data_and_the_region(as_owner, cast):
    """S-011: by class of data and region as well."""
    version = factories.make_version(cast)
    factories.make_system(cast)
    data = datasets.register_dataset(cast.unit, name="Letters", classification="restricted", actor=cast.owner)
    used = datasets.register_dataset_version(
        data, version="1", hash="sha256:" + "d" * 64, use="training", actor=cast.owner
    )
    link(version, used)
    assert names(as_owner, "systems", data_class="restricted") == [str(version.home_system)]
    assert names(as_owner, "systems", data_class="public") == []
    assert names(as_owner, "datasets", data_class="restricted") == ["Letters"]
    assert names(as_owner, "systems", region="eu-north") == []


def link(version, data):
    """A link as lineage keeps it; whether it may be made is not asked here."""
    LineageLink(
        unit=version.unit, relation="trained_on", source_type=version._meta.label, source_id=version.pk, source_label="v",
        target_type=data._meta.label, target_id=data.pk, target_label="d",
    ).save()  # fmt: skip


def test_a_filter_by_vendor_finds_the_same_where_there_are_too_many_to_list(as_owner, cast, monkeypatch):
    for name in ("One", "Two"):
        model = inventory.register_model(factories.make_system(cast), name=name, actor=cast.owner)
        factories.make_version(cast, model, provider="Northlight")
    monkeypatch.setattr(lists.filters, "NAMED", 1)
    assert names(as_owner, "models", vendor="Northlight") == ["One", "Two"]


def test_people_are_filters_by_any_part_of_their_name(as_owner, cast):
    system = factories.make_system(cast)
    assert names(as_owner, "systems", owner="olga") == [str(system)]
    assert names(as_owner, "systems", owner="nobody") == []


def test_chips_count_what_they_would_show(as_owner, cast):
    factories.make_system(cast, risk_tier="high")
    factories.make_system(cast, risk_tier="high")
    factories.make_system(cast)
    tier, stage = as_owner.get(reverse("systems"), {"tier": "high"}).context["rows_of_chips"]
    assert {chip.value: chip.number for chip in tier.chips} == {"limited": 1, "high": 2}
    assert {chip.value: chip.number for chip in stage.chips} == {"development": 2}


def test_a_list_too_long_to_count_says_so_and_still_filters(as_owner, cast, monkeypatch):
    for tier in ("high", "limited", "limited", "limited"):
        factories.make_system(cast, risk_tier=tier)
    monkeypatch.setattr(reading, "COUNTED", 2)
    page = as_owner.get(reverse("systems"))
    assert page.context["total"] is None
    assert len(page.context["page"].objects) == 4
    assert as_owner.get(reverse("systems"), {"tier": "limited"}).context["total"] is None
    high = as_owner.get(reverse("systems"), {"tier": "high"})
    assert (high.context["total"], len(high.context["page"].objects)) == (1, 1)


def test_heads_sort_and_say_how(as_owner, cast):
    for name in ("Beta", "Alpha"):
        factories.make_system(cast, name=name)
    assert names(as_owner, "systems") == ["Alpha", "Beta"]
    assert names(as_owner, "systems", sort="-name") == ["Beta", "Alpha"]
    assert names(as_owner, "systems", sort="password") == ["Alpha", "Beta"]
    assert 'aria-sort="descending"' in as_owner.get(reverse("systems"), {"sort": "-name"}).content.decode()


@pytest.mark.parametrize("sort", ("name", "-name", "created_at"))
def test_a_row_that_comes_between_two_pages_moves_no_other(as_owner, cast, monkeypatch, sort):
    """A page begins behind the last row of the one before, so nothing is skipped or shown twice."""
    monkeypatch.setattr(paging.page_of, "__kwdefaults__", {"size": 2})
    for letter in "bbdf":
        factories.make_system(cast, name=letter, slug=f"s{next(numbers)}")
    there = set(AISystem.objects.values_list("pk", flat=True))
    seen, url = [], f"{reverse('systems')}?sort={sort}"
    for letter in "acegi":
        page = as_owner.get(url).context["page"]
        seen += [row.pk for row in page.objects]
        if not page.next_url:
            break
        factories.make_system(cast, name=letter, slug=f"s{next(numbers)}")
        url = reverse("systems") + page.next_url
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


@pytest.mark.parametrize("query", [{"unit": "x"}, {"owner": "a\0b"}, {"tier": "nonsense"}, {"vendor": "x" * 10_000}])
def test_what_is_no_filter_shows_the_whole_list(as_owner, cast, query):
    system = factories.make_system(cast)
    assert names(as_owner, "systems", **query) == [str(system)]


@pytest.mark.parametrize("name", ("systems", "models", "versions", "datasets", "deployments"))
def test_each_list_takes_a_fixed_number_of_queries(as_owner, cast, name):
    for number in range(3):
        factories.make_version(cast)
        datasets.register_dataset(cast.unit, name=f"Data {number}", actor=cast.owner)
    with CaptureQueriesContext(connection) as caught:
        assert as_owner.get(reverse(name)).status_code == 200
    assert len(caught) <= QUERIES[name], [query["sql"] for query in caught.captured_queries]


# Session, person, duties, second factor and the bell take 6; a list adds: its units twice, custom fields, ids,
# its page, its counts, its labels and the reader's kept filters.
QUERIES = {"systems": 12, "models": 12, "versions": 11, "datasets": 12, "deployments": 10}


@pytest.mark.parametrize(("first", "more"), [(1, 1), (100, 0)])
def test_a_part_of_a_list_too_long_to_count_takes_as_many_queries_whatever_its_rows(
    as_owner, cast, monkeypatch, first, more
):
    """Ids counted, ids of the page along the index (or all that fit, sorted), and the rows of these ids by one more."""
    monkeypatch.setattr(reading, "COUNTED", 1)
    monkeypatch.setattr(paging, "FIRST_PART", first)
    monkeypatch.setattr(paging, "LONGEST_PART", 100 if first > 1 else 1)
    monkeypatch.setattr(paging.page_along, "__kwdefaults__", {"size": 2})
    for number in range(4):
        factories.make_version(cast, provider="Northlight", version=f"{number}.0")
    with CaptureQueriesContext(connection) as caught:
        assert len(names(as_owner, "versions", status="draft", tier="limited")) == 2
    assert len(caught) <= QUERIES["versions"] + 1 + more, [query["sql"] for query in caught.captured_queries]


def test_a_csv_has_every_row_and_no_cell_that_computes(as_owner, cast):
    """Formula cells: a spreadsheet program shows them as texts."""
    factories.make_system(cast, name="=1+1", purpose="@SUM(A1)", slug="s1")
    factories.make_system(cast, name="系统", slug="s2")
    lines = list(csv.DictReader(io.StringIO(body(exported(as_owner, "systems", "csv")).decode("utf-8-sig"))))
    assert [line["name"] for line in lines] == ["'=1+1", "系统"]
    assert lines[0]["purpose"] == "'@SUM(A1)"


def test_a_workbook_has_texts_where_formulas_were_typed(as_owner, cast):
    factories.make_system(cast, name="=1+1\x0b", slug="s1")
    factories.make_model(cast, AISystem.objects.get())
    sheet = load_workbook(io.BytesIO(body(exported(as_owner, "systems", "xlsx")))).active
    heads, row = list(sheet.iter_rows())
    said = dict(zip([head.value for head in heads], row, strict=True))
    assert (said["name"].value, said["name"].data_type) == ("=1+1", "s")
    assert said["models"].value == 1


def test_an_export_as_json_keeps_filters_and_scope(as_owner, cast, client):
    factories.make_system(cast, risk_tier="high", name="High")
    factories.make_system(cast)
    assert [row["name"] for row in json.loads(body(exported(as_owner, "systems", "json", tier="high")))] == ["High"]
    client.force_login(cast.outsider)
    assert json.loads(body(exported(client, "systems", "json"))) == []


def test_an_export_is_logged_with_what_was_taken(as_owner, cast):
    body(exported(as_owner, "systems", "csv", tier="high"))
    entry = AuditEntry.objects.order_by("-seq").first()
    assert (entry.action, entry.actor) == ("list.exported", cast.owner)
    assert json.loads(bytes(entry.body.body))["data"] == {
        "filters": {"tier": "high"},
        "format": "csv",
        "list": "systems",
    }


@pytest.mark.parametrize(("name", "format"), (("nonsense", "csv"), ("systems", "exe")))
def test_an_export_of_nothing_known_is_not_found(as_owner, name, format):
    assert exported(as_owner, name, format).status_code == 404


@pytest.mark.both
@pytest.mark.parametrize(("first", "longest"), [(1, 0), (1, 3), (2, 100), (100, 100)])
def test_a_list_too_long_to_count_is_paged_part_by_part_and_shows_each_row_once(
    as_owner, cast, monkeypatch, first, longest
):
    monkeypatch.setattr(reading, "COUNTED", 1)
    monkeypatch.setattr(paging, "FIRST_PART", first)
    monkeypatch.setattr(paging, "LONGEST_PART", longest)
    monkeypatch.setattr(paging.page_along, "__kwdefaults__", {"size": 2})
    for number in range(11):
        factories.make_system(cast, risk_tier="high" if number % 4 == 3 else "limited", slug=f"s{number}")
    for tier, wanted in (("limited", 9), ("", 11)):
        seen, url = [], f"{reverse('systems')}?tier={tier}"
        while url:
            page = as_owner.get(url).context["page"]
            seen += [row.name for row in page.objects]
            url = page.next_url and reverse("systems") + page.next_url
        assert (len(seen), seen) == (wanted, sorted(set(seen)))
