"""The list of requirements and the tests that name them."""

import pytest
from django.core.management import call_command

from config.places import ROOT
from config.requirements_shown import ids_in, required, shown


def test_a_range_of_ids_stands_for_all_between():
    assert ids_in("shows S-142–S-144, S-007 and P9, not S-1 or GPT4") == {"S-142", "S-143", "S-144", "S-007", "P9"}


def test_an_id_that_stands_twice_is_refused_by_name(tmp_path):
    page = tmp_path / "requirements.md"
    page.write_text("| S-001 | a | registry | core |\n| S-001 | b | registry | core |\n")
    with pytest.raises(ValueError, match="S-001 stands twice"):
        required(page)


def test_an_id_counts_in_docstrings_and_comments_of_tests_and_nowhere_else(tmp_path):
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_one.py").write_text(
        '"""About P4."""\n\n# S-001\ndef test_a():\n    x = "S-002"\n    assert x  # S-003\n\n\ndef made():\n    """S-004"""\n'
    )
    found = {each.place: each.ids for each in shown(folder)}
    assert found == {"tests/test_one.py": {"P4"}, "tests/test_one.py::test_a": {"S-001", "S-003"}}


def test_every_id_that_a_test_names_stands_on_the_page():
    known = {row.id for row in required(ROOT / "docs" / "requirements.md")}
    assert len(known) == 190 + 15
    assert {(each.place, id_) for each in shown(ROOT / "tests") for id_ in each.ids - known} == set()


def test_the_command_lists_what_is_shown_and_what_is_missing(capsys):
    call_command("requirements")
    everything = capsys.readouterr().out
    call_command("requirements", "--missing")
    missing = capsys.readouterr().out
    assert "S-128" in everything and "S-128" not in missing
    assert "promises:" in missing
