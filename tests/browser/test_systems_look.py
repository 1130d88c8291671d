"""Pages of systems, owners and intake as a browser draws them: axe at zero, nothing wider than the screen, both languages."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from registry.actions import intake, owners, portfolio
from registry.models import AISystem, Duty
from tests import factories
from tests.browser.test_waivers_look import PICTURES, RULES, enter  # noqa: F401
from tests.registry.test_intake import ANSWERS, PURPOSE

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
CORNERS = (("light", 1280, "en"), ("dark", 400, "zh-CN"))


@pytest.fixture
def told(transactional_db):
    """A cast with a system in intake that rests on another, one that waits for an owner, and something found outside."""
    cast = factories.make_cast()
    second = factories.invite("second", "Sia Second", Duty.BUSINESS_OWNER, cast.unit, cast.administrator)
    system = intake.take_in(
        cast.unit, name="Parcel loader", purpose=PURPOSE, business_owner=cast.owner, technical_owner=second,
        business_deputy=second, answers={**ANSWERS, "use": "employment", "affects_people": "yes"}, actor=cast.owner,
    )  # fmt: skip
    below = factories.make_system(cast, name="Model service", portfolio_layer="service", business_owner=second)
    owners.decline(below, side="business", reason="I know nothing of models.", actor=second)
    portfolio.rest_on(system, rests_on=below, actor=cast.owner)
    intake.note_uses(cast.unit, names="Chat by a vendor", source="cost_line", note="120 a month.", actor=cast.owner)
    return cast, {
        "owner": [system.get_absolute_url(), reverse("system-owners", args=[system.pk]), reverse("system-new"),
                  reverse("system-edit", args=[system.pk]), reverse("system-stage", args=[below.pk]), reverse("intake"),
                  reverse("system-rest", args=[system.pk])],
        "risk_officer": [reverse("found-uses"), reverse("systems-without-owner"), reverse("systems-without-owner") +
                         "?lacking=deputy", reverse("system-owners", args=[below.pk])],
    }  # fmt: skip


@pytest.mark.parametrize(("theme", "width", "language"), CORNERS)
def test_pages_of_systems_and_intake_meet_wcag_and_fit_the_screen(theme, width, language, told, enter, live_server):  # noqa: F811
    cast, pages = told
    found = []
    for part, shown in pages.items():
        page, said = enter(getattr(cast, part), color_scheme=theme, viewport={"width": width, "height": 900},
                           locale=language)  # fmt: skip
        for number, address in enumerate(shown):
            page.goto(live_server.url + address)
            if PICTURES:
                name = f"systems-{part}-{number}-{theme}-{width}.png"
                page.screenshot(path=str(Path(PICTURES) / name), full_page=True)
            faults = Axe().run(page, options=RULES).response["violations"]
            found += [f"{address}: {fault['id']} {fault['nodes'][0]['html'][:200]}" for fault in faults]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                found.append(f"{address}: wider than the screen")
        found += said
    assert found == []


def test_a_proposed_use_comes_in_by_the_keyboard_alone_and_the_likely_duplicate_is_shown(told, enter, live_server):  # noqa: F811
    """S-012 and S-051 in a browser: from the find to the record, with the duplicate in between."""
    cast, _pages = told
    page, _said = enter(cast.owner)
    page.goto(live_server.url + reverse("found-uses"))
    page.get_by_role("link", name="Take it in").press("Enter")
    page.wait_for_url("**/intake/?found=*")
    page.fill("#id_name", "Parcel loader two")
    page.fill("#id_purpose", PURPOSE)
    page.select_option("#id_technical_owner", label="Olga Owner")
    for name, answer in ANSWERS.items():
        field = page.locator(f"select[name={name}]")
        if field.count():
            field.select_option(answer)
        else:
            page.check(f"input[name={name}][value={answer}]")
    page.locator("main form button[type=submit].btn-primary").press("Enter")
    page.get_by_role("heading", name="Is it one of these?").wait_for()
    page.check("#id_is_none_of_these")
    page.locator("main form button[type=submit].btn-primary").press("Enter")
    page.wait_for_url("**/systems/*-*/")
    assert "Draft tier" in page.inner_text("main")
    assert AISystem.objects.get(name="Parcel loader two").found_uses.get().status == "taken_in"
