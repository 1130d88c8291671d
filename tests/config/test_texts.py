"""The catalogue of translations follows the sources, and what was forgotten turns the lint red."""

import gettext
import os
import shutil
import subprocess
import sys

import pytest

from config import texts
from config.places import ROOT

SOURCE = '''"""A module."""
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext, pgettext

def says(n):
    return _("Stay " "calm"), ngettext("%(n)d cat", "%(n)d cats", n), pgettext("verb", "Pass"), later("Soon")
'''
TEMPLATE = """{% load i18n %}{% trans "Run" %}{% trans 'Sum' context "noun" %}{{ a|yesno:_("yes,no") }}
{% blocktrans count n=x with a=b %}{{ n }} % of {{ a }}{% plural %}{{ n }} %s of {{ a }}{% endblocktrans %}"""
SAID = {
    (None, "Stay calm"): "冷静",
    (None, "%(n)d cat"): "%(n)d 只猫",
    ("verb", "Pass"): "通过",
    (None, "Soon"): "不久",
    (None, "Run"): "运行",
    ("noun", "Sum"): "总和",
    (None, "yes,no"): "是,否",
    (None, "%(n)s %% of %(a)s"): "%(a)s 的 %(n)s%%",
}


@pytest.fixture
def house(tmp_path):
    """A small project whose texts are all translated."""
    (tmp_path / "registry" / "templates").mkdir(parents=True)
    (tmp_path / "registry" / "says.py").write_text(SOURCE)
    (tmp_path / "registry" / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / texts.CATALOGUE).parent.mkdir(parents=True)
    texts.update(tmp_path)
    fill(tmp_path, SAID)
    return tmp_path


def fill(root, said):
    """Write translations into the catalogue, as a translator does, and compile it."""
    book = texts.opened(root)
    for entry in book:
        found = said.get(texts.key(entry), "")
        entry.msgstr, entry.msgstr_plural = ("", {0: found}) if entry.msgid_plural else (found, {})
    book.save(str(root / texts.CATALOGUE))
    texts.update(root)


def findings(root) -> str:
    """All that is to mend."""
    return "\n".join([*texts.missing(root), *texts.faults(root)])


def test_all_that_is_said_in_code_and_templates_is_gathered(house):
    assert set(texts.sources(house)) == set(SAID)
    assert findings(house) == ""


def test_the_compiled_file_is_read_without_any_tool(house):
    with (house / texts.CATALOGUE).with_suffix(".mo").open("rb") as file:
        spoken = gettext.GNUTranslations(file)
    assert spoken.gettext("Stay calm") == "冷静"
    assert [spoken.ngettext("%(n)d cat", "%(n)d cats", n) for n in (1, 2)] == ["%(n)d 只猫"] * 2
    assert spoken.pgettext("verb", "Pass") == "通过"


def test_a_new_text_without_translation_is_named_with_its_file(house):
    (house / "registry" / "says.py").write_text(SOURCE.replace('"calm"', '"quiet"'))
    assert "registry/says.py: “Stay quiet” is not translated" in findings(house)
    texts.update(house)
    assert "“Stay quiet” is not translated" in findings(house)


def test_an_unsure_translation_counts_as_none(house):
    path = house / texts.CATALOGUE
    path.write_text(path.read_text().replace('msgid "Run"', '#, fuzzy\nmsgid "Run"'))
    assert "“Run” is not translated" in findings(house)


def test_a_text_that_nobody_says_any_more_leaves_the_catalogue(house):
    (house / "registry" / "templates" / "page.html").unlink()
    texts.update(house)
    assert 'msgid "Run"' not in (house / texts.CATALOGUE).read_text()
    assert findings(house) == ""


def test_a_translation_that_lost_a_placeholder_is_found(house):
    fill(house, SAID | {(None, "%(n)d cat"): "猫"})
    assert "“猫” must hold the placeholders %(n)d" in findings(house)


def test_a_compiled_file_of_yesterday_is_found(house):
    path = house / texts.CATALOGUE
    path.write_text(path.read_text().replace("冷静", "安静"))
    assert "django.mo is not what django.po compiles to" in findings(house)
    texts.update(house)
    assert findings(house) == ""


def test_a_second_update_changes_nothing(house):
    before = (house / texts.CATALOGUE).read_text()
    texts.update(house)
    assert (house / texts.CATALOGUE).read_text() == before


def test_every_text_of_the_product_stands_translated():
    """House rule: English source, Simplified Chinese complete."""
    assert list(texts.missing(ROOT)) == []


def test_the_own_catalogue_is_what_was_compiled_and_keeps_all_placeholders():
    assert list(texts.faults(ROOT)) == []


@pytest.mark.skipif(not shutil.which("xgettext"), reason="GNU gettext is not installed; texts are gathered without it")
def test_no_text_that_gnu_gettext_finds_is_missed(tmp_path):
    """Django's own makemessages over the same sources; it knows neither renamed imports nor texts in documents."""
    for path in texts.files(ROOT):
        place = tmp_path / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    (tmp_path / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "zh_Hans"]
    # Without settings there is one place for the catalogue: the folder made above.
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True)
    import polib

    theirs = {texts.key(entry) for entry in polib.pofile(str(next(tmp_path.glob("locale/**/django.po"))))}
    assert theirs - set(texts.sources(tmp_path)) == set()


def test_documents_give_their_titles_steps_and_answers():
    """Texts that pages take from YAML stand under known keys; identifiers and texts for makers do not count."""
    document = {
        "text_note": "For makers.",
        "scales": {"likelihood": ["1 rare", "2 often"]},
        "sections": [{"title": "General", "questions": [{"question": "How many?", "answers": {"under_1000": 1}}]}],
        "cases": [{"all_of": [{"question": "PIA-G-03", "answers": ["yes"]}]}],
        "guide": {"answers": {"fixed": "Yes, it is fixed"}},
    }
    keys = {"title", "question", "answers", "likelihood"}
    said = set(texts.in_document(document, keys))
    assert said == {"rare", "often", "General", "How many?", "Under 1,000", "Yes, it is fixed"}
