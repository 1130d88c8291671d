"""The pages of records as files, and of sheets that bring them in, as a browser draws them."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests import factories
from tests.browser.test_registers_look import CORNERS, RULES
from tests.factories import PASSWORD
from tests.registry.records.files import checked

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")


def addresses(cast) -> list[str]:
    """The list of records, three sheets, and one with faults."""
    row = {"version": "lending/moon/moon@1", "kind": "moon", "language": "en"}
    found = checked("report", [row, row], cast.owner)
    factories.make_system(cast)
    sheets = [reverse("import-new", args=[name]) for name in ("exception", "model_version", "audit_event")]
    return [reverse("tables"), *sheets, found.get_absolute_url()]


@pytest.mark.long
def test_the_pages_of_records_and_sheets_are_sound_in_two_corners(cast, browser_context, live_server):
    """No message of the console, no fault of accessibility, nothing wider than the window; pictures where asked for."""
    found, wrong = addresses(cast), []
    for theme, width, language in CORNERS:
        size = {"width": width, "height": 900}
        page, said = browser_context(color_scheme=theme, viewport=size, locale=language).pages[0], []
        page.on("console", lambda line, said=said: said.append(line.text))
        page.goto(live_server.url + reverse("login"))
        page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        page.fill("[name=username]", cast.owner.email)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        for number, url in enumerate(found):
            page.goto(live_server.url + url)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"records-{number}-{theme}-{width}.png", full_page=True)
            faults = Axe().run(page, options=RULES).response["violations"]
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            wrong += [(url, width, fault["id"], [node["html"] for node in fault["nodes"]][:2]) for fault in faults]
            wrong += [(url, width, "wide", wide)] if wide > 0 else []
        wrong += [(theme, line) for line in said]
    assert wrong == []
