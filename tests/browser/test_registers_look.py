"""Pages of the registers as a browser draws them, in two themes, widths and languages."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from registry.actions import registers as actions
from registry.models import Duty
from registry.registers import kind_named
from tests import factories
from tests.factories import PASSWORD
from tests.registry.registers import samples
from tests.registry.registers.test_acceptance_and_money import budget, cost, use_policy

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")
CORNERS = (("light", 1280, "en"), ("dark", 400, "zh-hans"))


def addresses(cast) -> list[str]:
    """The groups, a list, two forms, a policy that some accepted, a budget that was crossed, and an audit."""
    chair = factories.invite("chair", "Carla Chair", Duty.BOARD_CHAIR, cast.unit, cast.administrator)
    policy = use_policy(cast, chair)
    actions.accept_entry(policy, actor=cast.auditor)
    system = factories.make_system(cast)
    money = budget(cast, system)
    cost(cast, system, 850, tokens="412000", requests="1830")
    audit = samples.written(kind_named("audit_engagement"), cast, cast.unit, actor=cast.owner, status="planned")
    return [
        reverse("registers"), reverse("register", args=["policy_document"]), reverse("register-new", args=["exercise"]),
        reverse("register-new", args=["policy_document"]), policy.get_absolute_url(), money.get_absolute_url(),
        audit.get_absolute_url(),
    ]  # fmt: skip


@pytest.mark.long
def test_the_pages_of_the_registers_are_sound_in_two_corners(cast, browser_context, live_server):
    """No message of the console, no fault of accessibility, nothing wider than the window; pictures where asked for."""
    found, wrong = addresses(cast), []
    for theme, width, language in CORNERS:
        page, said = (
            browser_context(color_scheme=theme, viewport={"width": width, "height": 900}, locale=language).pages[0],
            [],
        )
        page.on("console", lambda line, said=said: said.append(line.text))
        page.goto(live_server.url + reverse("login"))
        page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        page.fill("[name=username]", cast.owner.email)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        for number, url in enumerate(found):
            page.goto(live_server.url + url)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"registers-{number}-{theme}-{width}.png", full_page=True)
            faults = Axe().run(page, options=RULES).response["violations"]
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            wrong += [(url, width, fault["id"], [node["html"] for node in fault["nodes"]][:2]) for fault in faults]
            wrong += [(url, width, "wide", wide)] if wide > 0 else []
        wrong += [(theme, line) for line in said]
    assert wrong == []
