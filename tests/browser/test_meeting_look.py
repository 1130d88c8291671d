"""Pages of meetings, delegations and mails as a browser draws them, and a meeting held by keyboard without a script."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from registry.actions import delegations, minutes, releases
from registry.models import Meeting, RoleAssignment
from tests import factories
from tests.conftest import is_full
from tests.factories import PASSWORD
from tests.registry.meeting import WHY, closed, invited, item, planned, recorded

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")
CORNERS = (("light", 1280, "en"), ("dark", 400, "zh-hans"))


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
    review = releases.submit_for_review(factories.make_releasable(cast), notes="First release.", actor=cast.owner)
    open_one, done = planned(cast, title="AI board of spring"), closed(cast)
    row = item(cast, open_one, review=review, note="May it go live before the spring offers are sent?")
    item(cast, open_one, title="Suspend the chat about accounts", note="Three complaints in a week.")
    invited(cast, open_one, cast.owner)
    minutes.start(open_one, actor=cast.risk_officer)
    recorded(cast, row, "go_with_conditions", conditions="Fewer groups below fifty by June.", dissent="Ada: wait.")
    held, today = RoleAssignment.objects.get(person=cast.approver), timezone.localdate()
    asked = delegations.delegate(
        held, to_person=cast.auditor, starts_on=today, ends_on=today, reason="On leave until Monday.",
        actor=cast.approver,
    )  # fmt: skip
    deputy = delegations.accept(asked, actor=cast.auditor)
    return cast, open_one, {
        "risk_officer": [
            reverse("home"), reverse("meetings"), reverse("meeting-new"), open_one.get_absolute_url(),
            row.get_absolute_url(), deputy.get_absolute_url(),
        ],
        "approver": [
            done.get_absolute_url(), row.get_absolute_url(), cast.approver.get_absolute_url(),
            reverse("delegation-new"), reverse("mail-preference"), reverse("meeting-minutes", args=[done.pk]),
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("theme", "width", "language"), CORNERS if not is_full() else [*CORNERS, ("light", 400, "en"), ("dark", 1280, "en")]
)
def test_pages_of_meetings_and_deputies_meet_wcag_and_fit_the_screen(theme, width, language, told, enter, live_server):
    cast, _meeting, pages = told
    found = []
    for part, shown in pages.items():
        type(cast.owner).objects.filter(pk=getattr(cast, part).pk).unlogged_update(language=language)
        wishes = {"color_scheme": theme, "viewport": {"width": width, "height": 900}, "locale": language}
        page, said = enter(getattr(cast, part), **wishes)
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


def test_a_meeting_is_led_through_its_items_by_keyboard_and_without_a_script(told, enter, live_server):
    """S-034, S-035: one item a page, then who was there, then the minutes are fixed."""
    cast, meeting, _pages = told
    page, _said = enter(cast.risk_officer, java_script_enabled=False)
    page.goto(live_server.url + meeting.get_absolute_url())
    page.get_by_role("link", name="Suspend the chat about accounts").click()
    page.select_option("[name=decision]", "halt")
    page.fill("[name=rationale]", WHY)
    page.locator("form[action$='/record/'] button").press("Enter")
    page.get_by_text("Recorded: Suspend the chat about accounts.").wait_for()
    for seat in meeting.attendances.all():
        page.select_option(f"[name=seat_{seat.pk}]", "present")
    page.locator("form[action$='/presence/'] button").press("Enter")
    page.locator("form[action$='/close/'] button").press("Enter")
    page.get_by_text("The minutes are fixed.").wait_for()
    assert Meeting.objects.get(pk=meeting.pk).status == "closed"
