"""The parts of pages alone, in a browser: contrast in both themes, narrow screens, and a job's progress."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import samples
from tests.browser.test_look import RULES, THEMES, WIDTHS

pytestmark = [
    pytest.mark.real,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.samples"),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_part_has_contrast_and_names(theme, width, browser_context, live_server):
    page = browser_context(color_scheme=theme, viewport={"width": width, "height": 900}).pages[0]
    page.goto(live_server.url + "/parts/")
    result = Axe().run(page, options=RULES)
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in result.response["violations"]] == []
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_no_badge_depends_on_colour_alone(browser_context, live_server):
    page = browser_context().pages[0]
    page.goto(live_server.url + "/parts/")
    for badge in page.query_selector_all(".verdict"):
        assert badge.inner_text().strip()
        assert badge.query_selector("svg")


def test_a_running_job_is_asked_again_and_its_end_brings_the_result(page, live_server, monkeypatch):
    """The page is loaded once; htmx asks for the job, then once for the whole when it has ended."""
    monkeypatch.setattr(samples, "asked", iter(range(1, 99)))
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    page.goto(live_server.url + "/job/")
    assert page.query_selector("#result") is None
    page.wait_for_selector("#result", timeout=15000)
    assert page.query_selector("[hx-get]") is None
    page.wait_for_selector("#result .copy", state="visible")
    assert said == []


def test_the_copy_button_hands_over_the_whole_digest(browser_context, live_server):
    context = browser_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.pages[0]
    page.goto(live_server.url + "/parts/")
    page.click(".copy")
    page.wait_for_selector(".copy.is-done")
    assert page.evaluate("navigator.clipboard.readText()") == "sha256:" + "ab" * 32
    assert "Copied" in page.inner_text("#messages")


def test_a_job_is_followed_by_plain_reload_without_javascript(browser_context, live_server, monkeypatch):
    monkeypatch.setattr(samples, "asked", iter(range(1, 99)))
    page = browser_context(java_script_enabled=False).pages[0]
    for _time in range(3):
        page.goto(live_server.url + "/job/")
    assert page.is_visible("#result")


def test_paper_carries_no_navigation(page, live_server):
    page.goto(live_server.url + "/parts/")
    page.emulate_media(media="print")
    assert not page.is_visible("header.bar")
    assert page.is_visible(".verdict")
