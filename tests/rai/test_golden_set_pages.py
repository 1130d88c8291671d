"""The golden set on the way a user goes: the previous release found by itself, the child, the page, the CSV, a replay."""

import csv
import io

import pytest
from django.urls import reverse

from rai import actions
from rai.models import CheckRun
from rai.running import replaying, runs
from registry import jobs
from tests import factories
from tests.rai.test_golden_set import drawn
from tests.rai.test_score_pages import ran, uploaded
from tests.rai.uploads import text_of

ASKED = {"key": "case", "target": "y", "prediction": "score", "cut": ">=0.5", "score": "score"}


def lines(which: int) -> list[str]:
    """The rows of one version: 1 the previous one, 2 the present one."""
    columns = drawn(11)
    return [
        "case,y,score",
        *(f"c{place},{row[0]},{row[which]}" for place, row in enumerate(zip(*columns, strict=True))),
    ]


@pytest.fixture
def versions(cast):
    """Two versions of one model."""
    first = factories.make_version(cast)
    return first, factories.make_version(cast, model=first.model)


@pytest.fixture
def tables(cast, versions):
    """The golden set as each of them predicts it."""
    return tuple(uploaded(cast, version, lines(place)) for place, version in enumerate(versions, start=1))


def test_the_first_release_is_recorded_without_a_previous_one(client, cast, versions, tables):
    """S-033: what has nothing to be held against does not pass."""
    factories.make_limit(cast, versions[0].home_system, slug="golden_set", rule="accuracy_drop<=0.1")
    run = ran(cast, versions[0], tables[0], "golden_set", ASKED)
    assert (run.parameters["previous"], run.verdict) == (None, "insufficient")
    client.force_login(cast.owner)
    assert "there is no previous version on these rows yet" in text_of(client.get(run.get_absolute_url()))


@pytest.mark.both
def test_the_previous_release_is_found_by_itself_and_bound(client, cast, versions, tables):
    """S-033, P6: the previous version's golden set, by digest, in evidence, page, chart, CSV and replay."""
    factories.make_limit(cast, versions[0].home_system, slug="golden_set", rule="newly_wrong<=0")
    ran(cast, versions[0], tables[0], "golden_set", ASKED)
    run = ran(cast, versions[1], tables[1], "golden_set", ASKED)
    outcome = run.evidence.outcome
    assert run.parameters["previous"] == str(tables[0].pk)
    assert outcome["inputs"]["parameters"]["previous"] == tables[0].blob.digest
    assert (run.verdict, run.evidence.shows) == ("fail", ["performance.golden_set"])
    client.force_login(cast.owner)
    page = text_of(client.get(run.get_absolute_url()))
    for words in ("went from right to wrong; the limit is 0", "Both versions on the same rows", tables[0].blob.digest):
        assert words in page, words
    assert client.get(reverse("check-chart", args=[run.pk])).content.startswith(b"<svg")
    found = list(
        csv.DictReader(io.StringIO(text_of(client.get(reverse("check-figures", args=[run.pk]))).lstrip("\ufeff")))
    )
    assert {"version", "rows", "test", "threshold"} <= {line["part"] for line in found}
    assert replaying.replayed(run.evidence).is_same


def test_keys_are_listed_only_where_they_name_no_person(client, cast, versions, tables):
    """Whatever was asked for before."""
    chosen = ASKED | {"previous": str(tables[0].pk)}
    hidden = ran(cast, versions[1], tables[1], "golden_set", chosen)
    shown = ran(cast, versions[1], tables[1], "golden_set", chosen | {"key_is": "case"})
    assert hidden.evidence.outcome["changes"]["keys"] == []
    assert shown.evidence.outcome["changes"]["keys"][0].startswith("c")
    client.force_login(cast.owner)
    assert "not listed, because the key may lead to a person" in text_of(client.get(hidden.get_absolute_url()))
    assert "Rows that went wrong, by key: c" in text_of(client.get(shown.get_absolute_url()))


def test_withdrawn_evidence_lends_no_golden_set(cast, versions, tables):
    run = ran(cast, versions[0], tables[0], "golden_set", ASKED)
    actions.withdraw_evidence(run.evidence, reason="The labels were wrong.", actor=cast.owner)
    assert ran(cast, versions[1], tables[1], "golden_set", ASKED).parameters["previous"] is None


def test_a_key_that_stands_twice_ends_the_run_with_both_rows(cast, versions):
    table = uploaded(cast, versions[0], [*lines(1), lines(1)[1]])
    run = actions.request_check(versions[0], slug="golden_set", predictions=table, parameters=ASKED, actor=cast.owner)
    jobs.work(CheckRun, run.pk, runs.run_check)
    run = CheckRun.objects.get(pk=run.pk)
    assert (run.status, run.evidence) == ("errored", None)
    assert "the same key of column" in run.reason and "row 1 below the header" in run.reason
