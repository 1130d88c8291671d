"""A version beside the release before it: which release that is, the difference with its interval, and no judgement by points."""

import pytest
from django.urls import reverse

from rai.checks import group_fairness
from rai.figures.regression import against_previous, difference, previous_release
from registry.models import Release
from tests import factories
from tests.authz.world import make_deployment
from tests.rai.cubes import selected
from tests.rai.uploads import text_of


def outcome_of(*groups: tuple[int, int], data: str) -> dict:
    """The outcome of group fairness on groups of so many selected of so many rows."""
    found = group_fairness.run(selected(*groups)).bound(data="sha256:" + data * 64, environment={}, timings={})
    return found.to_json()


@pytest.fixture
def released(cast):
    """A published release whose frozen evidence says that 200 and 210 of 1,000 are selected."""
    release = make_deployment(cast).release
    row = release.evidence.get()
    row.outcome = outcome_of((200, 1000), (210, 1000), data="a")
    row.save()
    return Release.objects.get(pk=release.pk)


def successor(cast, released, *groups: tuple[int, int], data: str = "b"):
    """The next version of the same model, measured on these groups."""
    version = factories.make_version(cast, released.version.model)
    factories.make_evidence(cast, version, outcome=outcome_of(*groups, data=data))
    return version


def cells(version) -> dict[str, tuple]:
    """Difference and words of each figure of the only table."""
    (sheet,) = against_previous(version).sheets
    return {name: (row[2].measure, row[3].text) for name, row in sheet.rows}


def test_each_figure_stands_beside_that_of_the_release_before(cast, released):
    """Issue C 4: 410 of 2,000 before, 500 of 2,000 now: 4.5 points more, and by Newcombe's interval surely so."""
    found, said = cells(successor(cast, released, (240, 1000), (260, 1000)))["Selected"]
    assert found["value"] == pytest.approx(0.045)
    assert (found["low"], found["high"]) == (pytest.approx(0.0189, abs=2e-4), pytest.approx(0.0710, abs=2e-4))
    assert said == "surely higher"


def test_a_difference_that_chance_can_make_is_not_called_one(cast, released):
    """Nothing is judged by points."""
    found, said = cells(successor(cast, released, (205, 1000), (212, 1000)))["Selected"]
    assert found["value"] > 0 > found["low"]
    assert said == "cannot be told apart"


def test_groups_are_compared_by_name(cast, released):
    rows = cells(successor(cast, released, (400, 1000), (100, 1000)))
    assert {name.split(": ")[1]: said for name, (_found, said) in rows.items() if name.endswith(": Selected")} == {
        "g0000": "surely higher", "g0001": "surely lower",
    }  # fmt: skip


def test_on_the_very_same_rows_no_interval_is_made_up(cast, released):
    """MOVER takes independent rows; of the same rows only pairs would tell."""
    version = successor(cast, released, (240, 1000), (260, 1000), data="a")
    (sheet,) = against_previous(version).sheets
    assert "very same rows" in sheet.caption
    found, said = cells(version)["Selected"]
    assert ("low" in found, said) == (False, "nothing without an interval")


def test_runs_that_asked_for_other_columns_are_marked(cast, released):
    version = successor(cast, released, (240, 1000), (260, 1000))
    row = version.evidence.get()
    row.outcome["inputs"]["parameters"]["target"] = "another"
    row.save()
    (sheet,) = against_previous(version).sheets
    assert "other columns" in sheet.caption


def test_the_release_before_is_the_last_published_one_of_the_same_model(cast, released):
    """A first release has none; a model of another system is none."""
    assert previous_release(released.version) is None
    assert previous_release(factories.make_version(cast)) is None
    assert previous_release(factories.make_version(cast, released.version.model)) == released


def test_a_figure_without_an_interval_has_none_in_its_difference():
    whole = {"value": 0.5, "low": 0.4, "high": 0.6}
    assert difference({"value": None}, whole, same_rows=False) is None
    assert difference({"value": 0.4}, whole, same_rows=False) == {"value": pytest.approx(0.1)}


def test_the_page_shows_the_comparison_to_whoever_may_see_the_version(client, cast, released):
    version = successor(cast, released, (240, 1000), (260, 1000))
    client.force_login(cast.auditor)
    page = text_of(client.get(reverse("version-evidence", args=[version.pk])))
    assert "Against the release before" in page
    assert "surely higher" in page
    assert "Against the release before" not in text_of(
        client.get(reverse("version-evidence", args=[released.version_id]))
    )
