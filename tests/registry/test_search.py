"""The search box: any script, any beginning, within what the reader may see, up to date with every change."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry import search
from registry.actions import datasets, inventory
from registry.models import Duty, SearchEntry
from registry.search import questions
from registry.search.findable import PLACES
from registry.search.terms import asked, terms
from tests import factories

pytestmark = pytest.mark.both


def found(person, text: str) -> list[str]:
    """Every hit by its name."""
    return [str(row) for part in search.hits(person, text) for row in part.rows]


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("Kredit-Prüfung", "prufung"), ("Kredit-Prüfung", "KREDIT PRÜ"), ("信贷审批模型", "审批"), ("信贷审批模型", "信"),
        ("与客户对话 v2", "客户 V2"), ("Оценка заявок", "заяв"), ("สินเชื่อบ้าน", "เชื่อ"), ("Straße ＡＢＣ", "strasse abc"),
        ("group_fairness 1.4.0", "fairness 1.4"),
    ],
)  # fmt: skip
def test_a_name_in_any_script_is_found_by_a_part_of_it(cast, name, question):
    system = factories.make_system(cast, name=name, slug="thing")
    assert found(cast.owner, question) == [str(system)]


@pytest.mark.parametrize("question", ("", " ", "-", "'", '"', "qq:* | zz", "\\", "(", "NEAR(", "\0", "x" * 5000))
def test_signs_of_the_query_language_are_only_words(cast, question):
    factories.make_system(cast, name="Thing", purpose="Nothing of note.")
    assert found(cast.owner, question) == []


def test_one_letter_is_a_word_and_not_the_beginning_of_one(cast):
    """Thousands of words begin with it in a large registry; two letters are a beginning again."""
    system = factories.make_system(cast, name="Plan X of Vienna", slug="thing", purpose="Of note.")
    assert found(cast.owner, "x") == found(cast.owner, "vi") == [str(system)]
    assert found(cast.owner, "v") == []


def test_a_version_is_found_by_its_digest_its_id_and_its_number(cast):
    version = factories.make_version(cast, version="7.31.4")
    for question in (version.artifact_hash, version.artifact_id[:9], str(version.pk), "7.31.4"):
        assert str(version) in found(cast.owner, question), question


def test_people_are_found_by_name_and_address(cast):
    assert found(cast.owner, "Rita") == found(cast.owner, "risk@bank.example") == ["Rita Risk"]


def test_nothing_of_another_unit_is_found(cast):
    system = factories.make_system(cast, name="Secret plan", slug="plan")
    assert found(cast.outsider, "secret") == []
    assert found(cast.outsider, str(system.pk)) == []


def test_the_index_alone_opens_nothing(cast, monkeypatch):
    """Were the terms of units wrong, `visible_to` would still hide the row."""
    factories.make_system(cast, name="Secret plan", slug="plan")
    monkeypatch.setattr(questions, "places", lambda person: [])
    assert found(cast.outsider, "secret") == []


def steward_of(unit, cast):
    """A data steward of a unit."""
    return factories.invite("steward", "Stella Steward", Duty.DATA_STEWARD, unit, cast.administrator)


def test_many_rows_elsewhere_do_not_crowd_out_ones_own(cast, monkeypatch):
    """The question names the reader's units, so what is proposed is one's own."""
    monkeypatch.setattr(questions, "PROPOSED", 2)
    for number in range(4):
        factories.make_system(cast, name=f"Plan {number}", slug=f"p{number}")
    data = datasets.register_dataset(cast.other_unit, name="Plan of theirs", actor=steward_of(cast.other_unit, cast))
    assert found(cast.outsider, "plan") == [str(data)]


def test_a_change_is_found_at_once_and_what_was_there_before_no_more(cast):
    system = factories.make_system(cast, name="Before", slug="thing")
    inventory.edit_system(system, name="After", actor=cast.owner)
    assert found(cast.owner, "after") == ["After"]
    assert found(cast.owner, "before") == []


def test_a_rebuilt_index_finds_the_same(cast):
    factories.make_version(cast)
    before = {entry.object_id for entry in SearchEntry.objects.all()}
    assert search.rebuild() == len(before)
    assert {entry.object_id for entry in SearchEntry.objects.all()} == before
    assert found(cast.owner, "offer")


def test_terms_are_the_same_for_what_is_kept_and_what_is_asked():
    assert terms(["信贷审批 v2"]) == ["信贷", "贷审", "审批", "批", "v2"]
    assert asked("信贷") == ["信贷"]
    assert asked("信") == ["信"]
    assert terms(["ÄÖ-1.4.0 x"]) == ["ao", "1.4.0", "x"]


def test_the_page_shows_hits_by_kind(cast, client):
    system = factories.make_system(cast, name="Findable thing", slug="thing")
    client.force_login(cast.owner)
    page = client.get(reverse("search"), {"q": "findable"}).content.decode()
    assert system.get_absolute_url() in page
    assert connection.vendor in {"sqlite", "postgresql"}


def test_hits_take_as_many_queries_whatever_their_number_and_their_names_no_more(cast):
    """One for the duties, one for the last word, one a kind of rows, and one more for a kind that has hits."""
    model = factories.make_model(cast, factories.make_system(cast, name="Plain", slug="plain"))
    for number in range(5):
        factories.make_version(cast, model, version=f"7.{number}", provider="Quillmark")
    with CaptureQueriesContext(connection) as caught:
        hits = search.hits(cast.owner, "quillmark")
        shown = [(str(row), row.get_absolute_url()) for part in hits for row in part.rows]
    assert len(shown) == 5
    assert len(caught) <= 3 + len(PLACES) + 1, [query["sql"] for query in caught.captured_queries]
