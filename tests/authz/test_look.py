"""Pages of people, duties and sign-in as a browser draws them: axe at zero, nothing wider than the screen, by keyboard."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.totp.internal import auth as totp
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from registry.actions import people
from registry.models import Duty
from tests import factories
from tests.conftest import is_full
from tests.factories import PASSWORD
from tests.risk import steps

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

CORNERS = (("light", 1280), ("dark", 400))
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture
def cast(transactional_db):
    """The people, in the database that the live server opens."""
    return factories.make_cast()


@pytest.fixture
def enter(browser_context, live_server):
    """A page of a fresh profile, signed in as somebody where somebody is named."""

    def sign_in(person=None, **wishes):
        page = browser_context(**wishes).pages[0]
        page.goto(live_server.url + "/login/")
        if person is not None:
            page.fill("#id_username", person.email)
            page.fill("#id_password", PASSWORD)
            page.click("main button.btn-primary")
            page.wait_for_url(live_server.url + "/")
        return page

    return sign_in


def faults(page, name, tmp_path: Path) -> list[str]:
    """What axe finds, and whether the page is wider than the screen; a picture of it beside the test's files."""
    page.screenshot(path=str(tmp_path / f"{name}-{page.viewport_size['width']}.png"), full_page=True)
    found = [
        f"{name}: {fault['id']} {fault['nodes'][0]['html'][:200]}"
        for fault in Axe().run(page, options=RULES).response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return found + ([f"{name}: wider than the screen"] if wide else [])


def grow_old(person) -> None:
    """The password of every session of the person was given an hour ago."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    for row in Session.objects.all():
        session = SessionStore(session_key=row.session_key)
        if session.get("_auth_user_id") == str(person.pk):
            session["password_at"] = time.time() - 3600
            session.save()


@pytest.mark.parametrize(("theme", "width"), CORNERS if not is_full() else [*CORNERS, ("light", 400), ("dark", 1280)])
def test_pages_of_people_meet_wcag_and_fit_the_screen(theme, width, cast, enter, live_server, tmp_path):
    wishes, found = {"color_scheme": theme, "viewport": {"width": width, "height": 900}}, []
    waiting = people.invite("olga@home.example", name="Olga Owner", unit=cast.unit, duty=Duty.APPROVER,
                            actor=cast.administrator).role_assignments.get()  # fmt: skip
    day = timezone.localdate() + timedelta(days=30)
    audits = people.engage_auditor(
        cast.publisher, unit=cast.unit, ends_on=day, include_raw_data=True, actor=cast.administrator
    )
    risk = steps.registered(cast, factories.make_system(cast))
    nobody = enter(**wishes)
    for path, name in (("/login/", "sign-in"), ("/password/forgotten/", "forgotten")):
        nobody.goto(live_server.url + path)
        found += faults(nobody, name, tmp_path)
    for person, path, name in (
        (cast.risk_officer, "/", "work"), (cast.risk_officer, waiting.get_absolute_url(), "duty"),
        (cast.risk_officer, audits.get_absolute_url(), "engagement"), (cast.administrator, "/auditors/", "auditors"),
        (cast.administrator, waiting.person.get_absolute_url(), "person"),
    ):  # fmt: skip
        page = enter(person, **wishes)
        page.goto(live_server.url + path)
        found += faults(page, name, tmp_path)
    page = enter(cast.approver, **wishes)
    page.goto(live_server.url + risk.get_absolute_url())
    grow_old(cast.approver)
    page.locator("summary", has_text="Accept what is left").click()
    page.locator("form[action$='/accept/'] [name=reason]").fill("Bearable for a card offer by post.")
    page.locator("form[action$='/accept/'] button").click()
    page.get_by_role("heading", name="Your password, once more").wait_for()
    found += faults(page, "again", tmp_path)
    page = enter(cast.auditor, **wishes)
    page.goto(live_server.url + "/second-factor/")
    found += faults(page, "factor-none", tmp_path)
    page.get_by_role("link", name="Add a passkey").click()
    found += faults(page, "passkey-new", tmp_path)
    page.goto(live_server.url + "/second-factor/")
    page.get_by_role("button", name="Add an authenticator app").click()
    found += faults(page, "factor-new", tmp_path)
    secret = page.locator(".link-to-copy code").inner_text().replace(" ", "")
    page.fill("#id_code", totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30)))
    page.get_by_role("button", name="Add the app").click()
    found += faults(page, "recovery-codes", tmp_path)
    page.goto(live_server.url + "/second-factor/")
    found += faults(page, "factor", tmp_path)
    page = enter(**wishes)
    page.fill("#id_username", cast.auditor.email)
    page.fill("#id_password", PASSWORD)
    page.click("main button.btn-primary")
    found += faults(page, "code", tmp_path)
    assert not found, "\n".join(found)


def test_an_act_goes_on_after_the_password_by_keyboard_and_without_a_script(cast, enter, live_server):
    """B.3: the reason that was typed before the password stands in the risk's acceptance after it."""
    risk = steps.registered(cast, factories.make_system(cast))
    page = enter(cast.approver, java_script_enabled=False)
    page.goto(live_server.url + risk.get_absolute_url())
    grow_old(cast.approver)
    page.locator("summary", has_text="Accept what is left").press("Enter")
    page.locator("form[action$='/accept/'] [name=reason]").fill("Bearable for a card offer by post.")
    page.locator("form[action$='/accept/'] button").press("Enter")
    page.locator("[name=confirm_password]").fill("not the passphrase")
    page.keyboard.press("Enter")
    page.get_by_text("This is not your password.").first.wait_for()
    page.locator("[name=confirm_password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("Your acceptance is recorded.").wait_for()
    assert page.get_by_text("Bearable for a card offer by post.").is_visible()
