"""`manage.py evaluate` writes the fixed JSON and refuses what it cannot answer with a sentence."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests import factories


def evaluated(*arguments: str) -> dict:
    """What the command prints."""
    out = StringIO()
    call_command("evaluate", *arguments, "--json", "-", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_every_subcategory_of_an_empty_installation_is_open_with_a_reason():
    told = evaluated("nist_ai_rmf")
    assert len(told["requirements"]) == 72
    assert told["scope"] == {"system": None}
    assert {entry["result"] for entry in told["requirements"]} <= {"not_met", "not_applicable"}
    assert all(entry["reason"] for entry in told["requirements"])


def test_a_system_is_found_by_short_name_and_by_id(cast):
    system = factories.make_system(cast)
    assert evaluated("nist_ai_rmf", "--system", system.slug)["scope"] == {"system": str(system.pk)}
    assert evaluated("nist_ai_rmf", "--system", str(system.pk))["scope"] == {"system": str(system.pk)}


def test_a_day_is_printed_as_its_first_moment_and_includes_the_whole_day(cast):
    version = factories.make_version(cast)
    factories.make_evidence(cast, version)
    today = date.today().isoformat()
    told = evaluated("nist_ai_rmf", "--system", version.home_system.slug, "--as-of", today)
    assert told["as_of"] == f"{today}T00:00:00Z"
    items = {item["id"]: item for entry in told["requirements"] for item in entry["items"]}
    assert items["MEASURE-2.11.f"]["evidence"]


def test_json_goes_to_a_file(tmp_path, db):
    file = tmp_path / "out.json"
    call_command("evaluate", "iso_42001", "--json", str(file))
    assert json.loads(file.read_text())["framework"] == "iso_42001"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["soc2"], "nist_ai_rmf"),
        (["nist_ai_rmf", "--system", "nowhere"], "nowhere"),
        (["nist_ai_rmf", "--as-of", "yesterday"], "yesterday"),
        (["nist_ai_rmf", "--as-of", (date.today() + timedelta(days=2)).isoformat()], "future"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_sentence(db, arguments, named):
    with pytest.raises(CommandError, match=named):
        evaluated(*arguments)


def test_a_file_that_cannot_be_written_is_named(db, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("evaluate", "nist_ai_rmf", "--json", str(tmp_path / "no" / "out.json"))


def test_a_short_name_of_two_units_is_refused_with_both_ids(cast):
    first = factories.make_system(cast, name="Card offer")
    second = factories.make_system(cast, name="Another")
    second.unit, second.slug = cast.other_unit, first.slug
    second.save()
    with pytest.raises(CommandError) as refusal:
        evaluated("nist_ai_rmf", "--system", first.slug)
    assert str(first.pk) in str(refusal.value)
    assert str(second.pk) in str(refusal.value)
