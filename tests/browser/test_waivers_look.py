"""Pages of waivers and incidents as a browser draws them: axe at zero, nothing wider than the screen, by keyboard."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from registry.actions import releases
from registry.models import Waiver
from risk import actions
from risk.models import Incident
from tests import factories
from tests.conftest import is_full
from tests.factories import PASSWORD
from tests.risk import steps

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")
CORNERS = (("light", 1280), ("dark", 400))
REASON = "Bearable for a month, since a person reads every list before it is posted."


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


@pytest.fixture
def told(transactional_db):
    """The cast, and for each reader the pages with something on them."""
    cast = factories.make_cast()
    failing, other = (factories.make_releasable(cast, verdict="fail") for _number in range(2))
    waiting = factories.make_waiver(cast, failing)
    waived = factories.accept_waiver(cast, factories.make_waiver(cast, other))
    review = releases.submit_for_review(other, notes="First release of the model.", actor=cast.owner)
    system = failing.home_system
    live = steps.reported(cast, system, version=failing, is_privacy=True, serious=True, impacts="Forty complaints.")
    actions.manage_incident(
        live, status="contained", owner=cast.owner, note="Posting is stopped until the list is mended.",
        actor=cast.risk_officer,
    )  # fmt: skip
    done = steps.ended(steps.reported(cast, system, title="Outage at night", kind="outage"), cast.risk_officer)
    new = factories.make_version(cast)
    return cast, {
        "approver": [waiting.get_absolute_url(), waived.get_absolute_url(), reverse("waivers"), reverse("home")],
        "owner": [
            failing.get_absolute_url(), reverse("waiver-new", args=[new.pk]), waiting.get_absolute_url(),
            other.get_absolute_url(), reverse("version-decisions", args=[other.pk]), review.get_absolute_url(),
            reverse("incident-new"), reverse("incident-report", args=[system.pk]),
            f"{reverse('waivers')}?show=closed",
        ],
        "risk_officer": [reverse("incidents"), live.get_absolute_url(), done.get_absolute_url(),
                         f"{reverse('incidents')}?show=closed"],
    }  # fmt: skip


@pytest.mark.parametrize(("theme", "width"), CORNERS if not is_full() else [*CORNERS, ("light", 400), ("dark", 1280)])
def test_pages_of_waivers_and_incidents_meet_wcag_and_fit_the_screen(theme, width, told, enter, live_server):
    cast, pages = told
    found = []
    for part, shown in pages.items():
        page, said = enter(getattr(cast, part), color_scheme=theme, viewport={"width": width, "height": 900})
        for number, address in enumerate(shown):
            page.goto(live_server.url + address)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{part}-{number}-{theme}-{width}.png", full_page=True)
            result = Axe().run(page, options=RULES)
            found += [f"{address}: {fault['id']} {fault['nodes'][0]['html'][:160]}"
                      for fault in result.response["violations"]]  # fmt: skip
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                found.append(f"{address}: wider than {width} px")
        assert said == []
    assert not found, "\n".join(found)


def test_a_waiver_is_accepted_and_an_incident_closed_by_keyboard_and_without_a_script(told, enter, live_server):
    cast, pages = told
    page, _said = enter(cast.approver, java_script_enabled=False)
    page.goto(live_server.url + pages["approver"][0])
    page.locator("form[action$='/accept/'] [name=reason]").fill(REASON)
    page.locator("form[action$='/accept/'] button").press("Enter")
    page.get_by_text("The waiver is in force.").wait_for()
    assert Waiver.objects.filter(status="approved").count() == 2
    page, _said = enter(cast.risk_officer, java_script_enabled=False)
    page.goto(live_server.url + pages["risk_officer"][1])
    page.locator("form[action$='/close/'] [name=root_cause]").fill("The list of objections was a day old.")
    page.locator("form[action$='/close/'] [name=remedy]").fill("It is read anew before each posting.")
    page.locator("form[action$='/close/'] button").press("Enter")
    page.get_by_text("The incident is closed.").wait_for()
    assert Incident.objects.live().count() == 0
