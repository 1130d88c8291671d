"""Pages in Simplified Chinese: no English is left on them, and the reader's choice of language is kept."""

import re
from functools import cache
from html import unescape

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import formats, timezone, translation

from config import texts
from config.places import ROOT
from config.translations import Reader
from rai import wording
from rai.charts.words import percent, whole
from registry.actions import sign_ins
from registry.models import AuditEntry, User
from tests import factories
from tests.authz.test_addresses import OF_NO_UNIT, address_of, pages
from tests.authz.world import make_world
from tests.conftest import is_full
from tests.rai.test_pages import CHOSEN, finish, outcome
from tests.rai.uploads import read_table

CHINESE = {"HTTP_ACCEPT_LANGUAGE": "zh-CN,zh;q=0.9,en;q=0.5"}
EVERYBODY = ("owner", "risk_officer", "privacy_officer", "approver", "publisher", "auditor", "administrator")
HAN = re.compile("[一-鿿]")
# The same in both languages, or what people of the story typed.
SAME = {"Attestry", "F1", "ROC AUC", "NULL", "NaN", "JSON", "Customers"}


class Words(Reader):
    """Collects what is read on a page: text between tags, and attributes that are read aloud."""

    def look(self, text: str) -> None:
        """Remember the text without the space around it."""
        self.found.append((self.getpos()[0], " ".join(text.split())))


@cache
def english() -> tuple[frozenset[str], list[re.Pattern[str]]]:
    """The English texts of the catalogue: those said as they stand, and patterns of those with something filled in."""
    said = {form for entry in texts.opened(ROOT) for form in (entry.msgid, entry.msgid_plural) if form}
    filled = {text for text in said if texts.placeholders(text)}
    worded = {text for text in filled if len(re.findall("[A-Za-z]{2,}", texts.PLACEHOLDER.sub("", text))) > 1}
    return frozenset(said - filled - SAME), [pattern(text) for text in worded]


def pattern(text: str) -> re.Pattern[str]:
    """A text with placeholders as a regular expression."""
    return re.compile(".+".join(re.escape(part) for part in texts.PLACEHOLDER.split(" ".join(text.split()))))


def left_in_english(html: str) -> list[str]:
    """The texts of a page that the catalogue knows in English."""
    plain, filled = english()
    reader = Words()
    reader.feed(unescape(html) if "<html" not in html else html)
    read = {text for _line, text in reader.found if re.search("[A-Za-z]{2}", text)}
    return sorted(text for text in read if text in plain or any(one.fullmatch(text) for one in filled))


def page_of(client: Client, address: str) -> str:
    """A page that opens, in Chinese."""
    answer = client.get(address, **CHINESE)
    assert answer.status_code == 200, address
    assert answer["Content-Language"] == "zh-hans"
    return answer.content.decode()


@pytest.fixture
def reader(cast, client) -> Client:
    """A browser with Chinese wishes, for the risk officer."""
    client.force_login(cast.risk_officer)
    return client


def opened(client: Client, world: dict) -> dict[str, str]:
    """Every page of the product that this person may open, by its address."""
    found = {}
    for one in pages():
        if not one.arguments or one.name not in OF_NO_UNIT:
            address = address_of(one, world) if one.arguments else one.url({})
            answer = client.get(address, **CHINESE)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                found[address] = answer.content.decode()
    return found


@pytest.mark.parametrize("role", EVERYBODY if is_full() else ("owner", "risk_officer", "administrator"))
def test_no_page_of_the_product_shows_an_english_sentence(role, cast, client):
    """English source, Chinese complete: only what people typed stays as it is."""
    world = make_world(cast)
    client.force_login(getattr(cast, role))
    shown = opened(client, world)
    left = [f"{address}: {text}" for address, html in shown.items() for text in left_in_english(html)]
    assert len(shown) >= 30
    assert not left, "\n".join(left)


def test_an_english_sentence_on_a_chinese_page_would_be_found():
    """The check itself: a plain text, a filled one and one that is read aloud are found, data is not."""
    html = '<html><p>My work</p><p>Waiting for a publisher of Cards.</p><img alt="Sign out"><p>Loan Decisions</p><p>我的工作</p></html>'
    assert left_in_english(html) == ["My work", "Sign out", "Waiting for a publisher of Cards."]


def test_the_result_of_a_check_is_told_in_chinese(reader, cast):
    """The sentences of a check, its tables and its facts."""
    from rai import actions

    version = factories.make_version(cast)
    table = read_table(cast, version)
    run = actions.request_check(version, slug="group_fairness", predictions=table, parameters=CHOSEN, actor=cast.owner)
    html = page_of(reader, finish(run).get_absolute_url())
    assert left_in_english(html) == []
    assert "选取率至多相差" in html
    assert left_in_english(page_of(reader, reverse("version-evidence", args=[version.pk]))) == []


def test_every_sentence_of_a_check_is_chinese():
    with translation.override("zh-hans"):
        told = wording.sentences(outcome())
    assert len(told) == 2
    assert [sentence for sentence in told if len(HAN.findall(sentence)) < 8] == []
    assert any("95 % 置信度" in sentence and "个百分点" in sentence for sentence in told)


def test_dates_and_numbers_are_written_as_in_china():
    with translation.override("zh-hans"):
        assert formats.date_format(timezone.datetime(2026, 11, 21)) == "2026年11月21日"
        assert (whole(48842), percent(0.1234)) == ("48,842", "12.3%")


# ---- who chooses


def test_the_browser_is_asked_where_nobody_chose(db, client):
    assert '<html lang="zh-hans">' in page_of(client, reverse("login"))
    assert client.get(reverse("login"), headers={"accept-language": "fr"})["Content-Language"] == "en"


def test_a_choice_outweighs_what_the_browser_asks_for(db, client):
    client.post(reverse("set_language"), {"language": "en", "next": "/login/"}, **CHINESE)
    assert client.get(reverse("login"), **CHINESE)["Content-Language"] == "en"


def test_the_choice_of_a_person_goes_along_to_another_browser(cast, client):
    client.force_login(cast.owner)
    answer = client.post(reverse("set_language"), {"language": "zh-hans", "next": "/systems/"})
    assert (answer.status_code, answer["Location"]) == (302, "/systems/")
    elsewhere = Client()
    elsewhere.force_login(cast.owner)
    assert elsewhere.get(reverse("home"))["Content-Language"] == "zh-hans"
    elsewhere.force_login(cast.approver)
    assert elsewhere.get(reverse("home"))["Content-Language"] == "en"


def test_a_choice_in_this_browser_outweighs_the_persons_own_language(cast, client):
    User.objects.filter(pk=cast.owner.pk).unlogged_update(language="zh-hans")
    client.force_login(cast.owner)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert client.get(reverse("home"))["Content-Language"] == "en"


def test_the_choice_is_no_act_of_the_log(cast, client):
    client.force_login(cast.owner)
    before = AuditEntry.objects.count()
    client.post(reverse("set_language"), {"language": "zh-hans"})
    assert AuditEntry.objects.count() == before
    assert User.objects.get(pk=cast.owner.pk).language == "zh-hans"


def test_a_language_that_is_not_spoken_here_is_not_kept(cast, client):
    client.force_login(cast.owner)
    client.post(reverse("set_language"), {"language": "tlh"})
    assert User.objects.get(pk=cast.owner.pk).language == settings.LANGUAGE_CODE
    assert client.get(reverse("set_language")).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_mail_is_written_in_the_language_of_the_person(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    cast = factories.make_cast()
    User.objects.filter(pk=cast.owner.pk).unlogged_update(language="zh-hans")
    sign_ins.send_link(cast.owner.email, origin="https://example.org", address="192.0.2.1")
    for thread in sign_ins.threading.enumerate():
        if thread.name == "link by mail":
            thread.join(5)
    assert [letter.subject for letter in mail.outbox] == [f"为 {settings.INSTALLATION_NAME} 设置密码"]
