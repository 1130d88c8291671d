"""What frameworks ask, in Chinese: every title, statement, limit and evidence item, on the pages and in documents."""

import re

import pytest
from django.utils.html import escape
from django.utils.translation import gettext, override

from reports.annex_iv import section_facts
from reports.evaluation import ItemResult, RequirementResult
from reports.framework_files import SLUGS, load
from reports.not_checked import cannot_show
from reports.reasons import reason

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def said(framework) -> set[str]:
    """Every text of a framework that pages and documents print."""
    rows = framework.requirements
    texts = {
        framework.name,
        framework.text_note,
        *(group.title for group in framework.groups if group.title != group.id),
    }
    texts |= {text for row in rows for text in (row.title, row.statement, row.cannot_show) if text != row.id}
    return {text for text in texts | {item.shows for item in framework.items} if text}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_text_of_a_framework_is_there_in_chinese(slug):
    """S-189: titles, statements, limits and what each evidence item shows."""
    with override("zh-hans"):
        assert [text for text in said(load(slug)) if not CHINESE.search(gettext(text))] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "key"),
    [("nist_ai_rmf", "MEASURE 2.11"), ("eu_ai_act", "Art. 4"), ("iso_42001", "A.5.2")],
)
def test_the_page_of_a_requirement_says_nothing_of_it_in_english(client, cast, slug, key):
    """S-189: what the rule asks is read in the reader's language."""
    framework = load(slug)
    wanted = framework.requirement(key)
    client.force_login(cast.auditor)
    client.cookies["django_language"] = "zh-hans"
    page = client.get(f"/frameworks/{slug}/{wanted.id.replace(' ', '-')}/").content.decode()
    texts = {wanted.title, wanted.statement, wanted.cannot_show, *(item.shows for item in wanted.items)} - {
        "",
        wanted.id,
    }
    assert [text for text in texts if escape(text) in page] == []
    with override("zh-hans"):
        assert [text for text in texts if escape(gettext(text)) not in page] == []


def test_a_rule_that_was_not_compared_with_the_law_says_so_on_its_page(client, cast, db):
    """The mark that the framework file asks for is printed."""
    row = next(one for one in load("eu_ai_act").requirements if not one.confirmed)
    client.force_login(cast.auditor)
    page = client.get(f"/frameworks/eu_ai_act/{row.id.replace(' ', '-')}/").content.decode()
    assert "Reported, not yet confirmed" in page


def test_a_document_in_chinese_says_in_chinese_what_software_cannot_show():
    row = next(one for one in load("nist_ai_rmf").requirements if one.cannot_show)
    found = type("Found", (), {"requirements": [RequirementResult(row, "met", reason("no_rule"))]})
    with override("zh-hans"):
        assert CHINESE.search(cannot_show(found)[0]["why"])


def test_the_technical_file_prints_its_items_in_chinese():
    """S-189: the data keep the words of the rule, the print translates them."""
    from django.template.loader import render_to_string

    row = next(one for one in load("eu_ai_act").requirements if one.id.startswith("Annex IV"))
    items = tuple(ItemResult(item, "fail", reason("no_rule")) for item in row.items)
    section = section_facts(RequirementResult(row, "not_met", reason("no_rule"), items))
    with override("zh-hans"):
        data = {
            "title": "x",
            "sections": [section],
            "gaps": section["gaps"],
            "system": {},
            "version": {},
            "not_checked": [],
        }
        page = render_to_string("reports/documents/annex_iv.html", {"data": data})
        assert all(gettext(item.shows) in page for item in row.items)
    assert [item.shows for item in row.items if item.shows in page] == []
