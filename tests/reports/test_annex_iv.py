"""The technical file by Annex IV of the EU AI Act: nine sections from records, every gap named."""

import pytest
from django.utils import timezone

from reports.annex_iv import annex_iv, written
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(cast):
    """The file on a version of a high-tier system."""
    version = factories.make_submittable(cast, risk_tier="high", affects_people=True)
    return annex_iv(version, as_of=timezone.now())


def test_the_nine_sections_stand_in_order_whatever_is_missing(file):
    assert [section["id"] for section in file["sections"]] == [f"Annex IV.{number}" for number in range(1, 10)]


def test_every_item_that_does_not_pass_is_a_gap_with_its_reason(file):
    """S-185: the gaps of the technical file are explicit."""
    short = [
        (section["id"], item["shows"])
        for section in file["sections"]
        for item in section["items"]
        if item["result"] not in {"pass", "not_applicable"}
    ]
    assert [(gap["section"], gap["item"]) for gap in file["gaps"]] == short
    assert short and all(gap["reason"] for gap in file["gaps"])


def test_the_fields_that_the_annex_asks_for_are_printed_from_the_record(file):
    (row,) = file["sections"][0]["items"][0]["rows"]
    assert dict(row["fields"])["name"] == row["label"]


def test_a_system_that_the_act_does_not_ask_it_of_gets_the_file_in_advance_and_is_told_so(cast):
    file = annex_iv(factories.make_version(cast), as_of=timezone.now())
    assert len(file["sections"]) == 9 and file["asked"] in {True, False} and file["why_asked"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (["b", "a"], "a\nb"),
        ([{"id": 7, "kind": "model", "name": "Q", "version": "1"}], "Q, 1"),
        ("fit_with_conditions", "fit with conditions"),
    ],
)
def test_values_of_any_kind_are_written_for_readers(value, text):
    assert written(value) == text


def test_a_person_is_written_by_name_and_an_id_of_nobody_as_it_is(cast):
    nobody = "00000000-0000-0000-0000-000000000000"
    assert (written(str(cast.auditor.pk)), written(nobody)) == (cast.auditor.name, nobody)
