"""REST lists by the list engine: the filters and orders of the pages, pages by key, and refusals instead of silence."""

import pytest
from rest_framework.test import APIClient

from config.api import router
from registry.lists import LISTS
from registry.models import AISystem
from tests import factories


@pytest.fixture
def api(cast) -> APIClient:
    """Somebody who reads all of the unit."""
    client = APIClient()
    client.force_login(cast.auditor)
    return client


def names(answer) -> list[str]:
    """The names of the rows."""
    return [row["name"] for row in answer.json()["results"]]


def test_a_list_takes_the_filters_and_orders_of_its_page(cast, api):
    """S-009: by tier, by owner and by name, as the address of the page says it."""
    for name, tier in (("One", "high"), ("Two", "limited"), ("Three", "high")):
        factories.make_system(cast, name=name, risk_tier=tier)
    assert names(api.get("/api/v1/systems/", {"tier": "high", "sort": "name"})) == ["One", "Three"]
    assert names(api.get("/api/v1/systems/", {"tier": "high", "sort": "-name"})) == ["Three", "One"]
    assert names(api.get("/api/v1/systems/", {"owner": "nobody of this name"})) == []
    assert api.get("/api/v1/systems/", {"owner": cast.owner.name}).json()["count"] == AISystem.objects.count()


@pytest.mark.parametrize("query", [{"tier": "enormous"}, {"sort": "purpose"}, {"unit": "no id"}])
def test_what_means_nothing_is_refused_and_not_left_out(cast, api, query):
    """A script that asks for a part must not take the whole for it."""
    factories.make_system(cast)
    answer = api.get("/api/v1/systems/", query)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(query))


@pytest.mark.both
def test_pages_by_key_tell_every_row_once_also_where_rows_come_in_between(cast, api):
    """The next page begins behind the last row told."""
    for number in range(7):
        factories.make_system(cast, name=f"System {number}", slug=f"s{number}")
    told, address = [], "/api/v1/systems/?after=&page_size=3&sort=name"
    while address:
        page = api.get(address)
        told += names(page)
        address = page.json()["next"]
        factories.make_system(cast, name="System 0 that came in between", slug=f"between-{len(told)}")
    assert [name for name in told if len(name) == len("System 0")] == [f"System {number}" for number in range(7)]
    assert len(told) == len(set(told))


def test_every_noun_that_names_a_list_takes_its_filters_and_gives_pages_by_key(cast, api):
    """One declaration serves the page, the exports and the REST list."""
    nouns = {noun: view.listed for noun, view, _name in router.registry if getattr(view, "listed", "")}
    assert set(nouns.values()) <= set(LISTS)
    assert {"systems", "models", "versions", "datasets", "deployments", "vendors", "components"} <= set(nouns)
    for noun, name in nouns.items():
        answer = api.get(f"/api/v1/{noun}/", {"after": ""})
        assert (answer.status_code, "count" in answer.json()) == (200, False), (noun, answer.content)
        for one in LISTS[name].filters:
            told = api.get(f"/api/v1/{noun}/", {one.name: "nothing of this kind"})
            assert told.status_code in {200, 400}, (noun, one.name)


def test_the_schema_says_which_filters_a_list_takes(cast, api):
    text = api.get("/api/v1/schema/?format=json").json()
    there = {one["name"] for one in text["paths"]["/api/v1/versions/"]["get"]["parameters"]}
    assert {"status", "tier", "unit", "vendor", "base_model", "sort", "after"} <= there
