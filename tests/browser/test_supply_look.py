"""Pages of vendors, components and comparisons as a browser draws them, in two themes, widths and languages."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from registry.actions import components
from registry.models import Component
from risk import actions
from tests import factories
from tests.factories import PASSWORD
from tests.registry import supply
from tests.registry.test_comparisons import measured, with_two
from tests.risk import vendor_steps

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")
CORNERS = (("light", 1280, "en"), ("dark", 400, "zh-hans"))


def addresses(cast) -> dict[str, list[str]]:
    """The pages of each reader, with something on them."""
    vendor = supply.approved_vendor(cast)
    terms = supply.agreement(cast, vendor)
    waiting = supply.proposed_vendor(cast, name="Borealis Code")
    begun = actions.start_vendor_assessment(waiting, use="Drafting of letters by staff.", actor=cast.owner)
    submitted = vendor_steps.filled(cast, begun)
    allowed, proposed = supply.approved_component(cast, vendor=vendor), supply.proposed_component(cast)
    version = measured(cast, 0.8)
    supply.used(cast, version, allowed)
    supply.used(cast, version, proposed)
    row, _candidates = with_two(cast, version, measured(cast, 0.7), allowed)
    return {
        "owner": [
            reverse("vendors"), reverse("vendor-new"), vendor.get_absolute_url(), terms.get_absolute_url(),
            reverse("agreement-new", args=[vendor.pk]), reverse("components"), reverse("component-new"),
            reverse("version-components", args=[version.pk]), row.get_absolute_url(), reverse("comparisons"),
            reverse("candidate-new", args=[row.pk]), reverse("vendor-assessment-answers", args=[submitted.pk]),
        ],
        "risk_officer": [
            waiting.get_absolute_url(), submitted.get_absolute_url(), proposed.get_absolute_url(),
            reverse("vendor-assessments", args=[waiting.pk]),
        ],
    }  # fmt: skip


@pytest.fixture
def enter(browser_context, live_server):
    """A page of a fresh profile, signed in as somebody, and all that its console said."""

    def sign_in(person, **wishes):
        page, said = browser_context(**wishes).pages[0], []
        page.on("console", lambda line: said.append(line.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(live_server.url + reverse("login"))
        page.fill("#id_username", person.email)
        page.fill("#id_password", PASSWORD)
        page.click("main button[type=submit].btn-primary")
        page.wait_for_url(live_server.url + reverse("home"))
        return page, said

    return sign_in


@pytest.mark.parametrize(("theme", "width", "language"), CORNERS)
def test_pages_of_vendors_and_components_meet_wcag_and_fit_the_screen(
    theme, width, language, transactional_db, enter, live_server
):
    cast, found = factories.make_cast(), []
    for part, pages in addresses(cast).items():
        person = getattr(cast, part)
        type(person).objects.filter(pk=person.pk).unlogged_update(language=language)
        page, said = enter(
            person, color_scheme=theme, viewport={"width": width, "height": 900}, locale=language.replace("hans", "CN")
        )
        for number, address in enumerate(pages):
            page.goto(live_server.url + address)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"supply-{part}-{number}-{language}-{width}.png", full_page=True)
            found += [
                f"{address} {theme} {width}: {rule['id']}"
                for rule in Axe().run(page, options=RULES).response["violations"]
            ]
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found += [f"{address}: {wider} px wider than {width}"] if wider > 0 else []
        found += said
    assert found == []


def test_a_component_is_approved_in_the_browser(transactional_db, enter, live_server):
    """S-009: the risk officer opens the entry, says for what it is allowed, and the list shows it."""
    cast = factories.make_cast()
    row = supply.proposed_component(cast)
    page, _said = enter(cast.risk_officer)
    page.goto(live_server.url + row.get_absolute_url())
    page.click("summary:has-text('Approve the component')")
    form = page.locator(f"form[action$='{reverse('component-approve', args=[row.pk])}']")
    form.locator("input[name=uses][value=internal]").check()
    form.locator("input[name=data_classes][value=internal]").check()
    form.locator("input[name=valid_until]").fill(supply.NEXT_YEAR.isoformat())
    form.locator("textarea[name=reason]").fill(supply.REASON)
    form.locator("button[type=submit]").click()
    page.wait_for_load_state()
    assert Component.objects.get(pk=row.pk).status == "approved"
    assert components.SCOPE
