"""Names of the vocabulary as people read them, in both languages."""

import re

import pytest
from django.utils import translation

from reports.framework_files import SLUGS, load
from reports.titles import Title


def names_of_rules() -> set[str]:
    """Every kind of record and every field that a rule of a framework can name in a reason."""
    items = [item for slug in SLUGS for item in load(slug).items]
    return {item.entity for item in items if item.entity} | {name for item in items for name in item.filled}


def test_every_name_that_a_reason_can_hold_is_read_in_chinese():
    """S-185: a Chinese report holds no name of the vocabulary in English."""
    with translation.override("zh-hans"):
        assert [name for name in sorted(names_of_rules()) if re.search("[a-z]{4}", Title(name).text)] == []


@pytest.mark.parametrize(
    ("name", "text"), [("policy_document", "policy document"), ("systems_in_use", "systems in use")]
)
def test_a_name_is_written_small_in_english(name, text):
    assert Title(name).text == text


def test_a_state_is_not_taken_for_the_head_of_a_column():
    with translation.override("zh-hans"):
        assert Title("approved").text == "已批准"
