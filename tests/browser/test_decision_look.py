"""The decision page as a browser draws and prints it: one sheet of A4 whatever is on it, complete at 400 px."""

import io
import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from pypdf import PdfReader

from registry.actions import questions, releases
from registry.models import Condition
from tests import factories
from tests.factories import PASSWORD
from tests.registry.releasing import next_version, published
from tests.registry.reviews.scenes import asked, decide

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")
LONG = "This goes on for a good while, since somebody had much to say about it. " * 130
A4 = (595, 842)


@pytest.fixture
def told(transactional_db):
    """A review of a second version with more of everything than fits on a page."""
    cast = factories.make_cast()
    second = factories.invite("risk.two", "Rob Risk", "risk_officer", cast.unit, cast.administrator)
    old = published(cast)
    version = next_version(cast, old)
    fields = {field.id: f"Rewritten: {LONG}"[:900] for field in factories.schema() if field.is_required(version)}
    factories.cards.save_card(version, fields=fields, actor=cast.owner)
    for number in range(9):
        factories.make_risk(cast, version.home_system, title=f"Risk {number}: {LONG}"[:180])
    review = releases.submit_for_review(version, notes=LONG[:9000], actor=cast.owner)
    for number in range(7):
        questions.say(review, text=f"Question {number}: {LONG}"[:10_000], asked_of=cast.owner, actor=cast.risk_officer)
    decide(review, cast.risk_officer, "risk_officer", "abstain", reason=LONG[:9000])
    conditions = [asked(cast.owner, text=f"Condition {number}: {LONG}"[:5000]) for number in range(8)]
    decide(review, second, "risk_officer", "approve_with_conditions", conditions=conditions, reason=LONG[:9000])
    return cast, review


@pytest.fixture
def enter(browser_context, live_server):
    """A page of a fresh profile, signed in as somebody."""

    def sign_in(person, **wishes):
        page = browser_context(**wishes).pages[0]
        page.goto(live_server.url + reverse("login"))
        page.fill("#id_username", person.email)
        page.fill("#id_password", PASSWORD)
        page.click("main button[type=submit].btn-primary")
        page.wait_for_url(live_server.url + reverse("home"))
        return page

    return sign_in


def keep(page, name):
    """A picture for whoever looks at them."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_the_decision_page_fits_400_px_and_prints_on_one_sheet(told, enter, live_server):
    """S-026: complete on a telephone, in both languages, light and dark; on paper exactly one A4."""
    cast, review = told
    condition = Condition.objects.first()
    addresses = [review.get_absolute_url(), reverse("reviews"), condition.get_absolute_url()]
    found = []
    for theme, width, language in (("light", 1280, "en"), ("dark", 400, "zh-hans")):
        page = enter(cast.approver, color_scheme=theme, viewport={"width": width, "height": 900})
        page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        for number, address in enumerate(addresses):
            page.goto(live_server.url + address)
            keep(page, f"decision-{number}-{theme}-{width}")
            faults = Axe().run(page, options=RULES).response["violations"]
            found += [f"{address} {theme}: {fault['id']} {fault['nodes'][0]['html'][:160]}" for fault in faults]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                found.append(f"{address}: wider than {width} px")
        page.goto(live_server.url + addresses[0])
        assert page.locator(".brief-panel").count() == 14
        page.emulate_media(media="print")
        sheet = page.pdf(prefer_css_page_size=True)
        if PICTURES:
            (Path(PICTURES) / f"decision-{language}.pdf").write_bytes(sheet)
        paper = PdfReader(io.BytesIO(sheet))
        assert len(paper.pages) == 1
        assert tuple(round(float(side)) for side in paper.pages[0].mediabox[2:]) == A4
        text = " ".join(paper.pages[0].extract_text().split())
        assert str(review.release.version) in text
        assert review.subject_digest in text, "the foot is on the sheet: nothing was cut off at its end"
    assert not found, "\n".join(found)
