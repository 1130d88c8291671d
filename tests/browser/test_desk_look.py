"""Packs, the auditor's desk and the public page of keys as a browser draws them, in two themes, widths and languages."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from registry import jobs
from registry.models import Duty, RoleAssignment
from reports.audits import actions, sampling
from reports.models import Pack
from reports.packs import building
from reports.packs.actions import request_wide_pack
from tests import factories
from tests.factories import PASSWORD

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")
CORNERS = (("light", 1280, "en"), ("dark", 400, "zh-hans"))


def addresses(cast) -> list[str]:
    """A desk with a request and a sample, a form, the packs, a finished pack of a unit, the keys."""
    version = factories.make_version(cast)
    held = RoleAssignment.objects.get(person=cast.auditor, duty=Duty.AUDITOR)
    row = actions.add_item(
        held, kind="request", title="Show how the test set was chosen", text="With the seed.", owner=cast.owner,
        system=version.home_system, due_on=timezone.localdate() + timedelta(days=9), framework="nist_ai_rmf",
        requirement="MEASURE 2.3", actor=cast.auditor,
    )  # fmt: skip
    actions.answer_item(row, answer="By the seed 7, out of all customers of 2025.", actor=cast.owner)
    sample = sampling.draw_sample(held, population="versions", size=1, seed="7", title="Versions", actor=cast.auditor)
    pack = request_wide_pack(cast.unit, actor=cast.auditor)
    building.build_pack(jobs.claim(Pack, pack.pk))
    return [
        reverse("desk"), reverse("desk-new", args=["request"]), row.get_absolute_url(), sample.get_absolute_url(),
        reverse("packs"), pack.get_absolute_url(), reverse("signing-keys"),
    ]  # fmt: skip


@pytest.mark.long
def test_the_pages_of_packs_and_desk_are_sound_in_two_corners(cast, browser_context, live_server, settings, tmp_path):
    """S-111: no message of the console, no fault of accessibility, nothing wider than the window."""
    settings.KEY_DIR = tmp_path / "keys"
    found, wrong = addresses(cast), []
    for theme, width, language in CORNERS:
        context = browser_context(color_scheme=theme, viewport={"width": width, "height": 900}, locale=language)
        page, said = context.pages[0], []
        page.on("console", lambda line, said=said: said.append(line.text))
        page.goto(live_server.url + reverse("login"))
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        page.fill("[name=username]", cast.auditor.email)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        for number, url in enumerate(found):
            page.goto(live_server.url + url)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"desk-{number}-{theme}-{width}.png", full_page=True)
            faults = Axe().run(page, options=RULES).response["violations"]
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            wrong += [(url, width, fault["id"], [node["html"] for node in fault["nodes"]][:2]) for fault in faults]
            wrong += [(url, width, "wide", wide)] if wide > 0 else []
        wrong += [(theme, line) for line in said]
    assert wrong == []
