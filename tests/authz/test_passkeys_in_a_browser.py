"""Passkeys in Chromium with a virtual authenticator: made, used to sign in and to act, removed; and without a script."""

import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from registry.actions import second_factor
from registry.models import AuditEntry
from registry.second_factor import factors_of
from tests import factories
from tests.authz.test_look import RULES
from tests.conftest import is_full
from tests.factories import PASSWORD
from tests.risk import steps

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

CORNERS = (("light", 1280), ("dark", 400))
REASON = "Bearable for a card offer by post."
DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
          "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip


@pytest.fixture
def cast(transactional_db):
    """The people, in the database that the live server opens."""
    return factories.make_cast()


class Visitor:
    """A browser profile with an authenticator built in, and whatever its pages complained about."""

    def __init__(self, context, base, pictures):
        self.page, self.base, self.pictures, self.faults = context.pages[0], base, pictures, []
        self.page.on("console", lambda line: self.faults.append(line.text) if self.matters(line) else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.chrome = context.new_cdp_session(self.page)
        self.chrome.send("WebAuthn.enable")
        self.device = self.chrome.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def matters(self, line) -> bool:
        """Somebody must mend it; that a page answered 422 or 403 is said too, and hints of the browser at length."""
        return line.type in {"error", "warning"} and not re.search("status of (422|403)", line.text)

    def lay_aside(self) -> None:
        """No authenticator lies near any more."""
        self.chrome.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.device})

    def go(self, path):
        """Open a page of the installation."""
        self.page.goto(self.base + path)

    def press(self, words):
        """Press the button that says this."""
        self.page.locator("main").get_by_role("button", name=words, exact=True).click()

    def sees(self, words):
        """The page says this."""
        self.page.locator("main").get_by_text(words).first.wait_for()

    def give_password(self, person):
        """The first step of signing in."""
        self.go("/login/")
        self.page.fill("#id_username", person.email)
        self.page.fill("#id_password", PASSWORD)
        self.press("Sign in")

    def accept(self, risk):
        """Type the reason and press the button of an act that binds."""
        self.go(risk.get_absolute_url())
        self.page.locator("summary", has_text="Accept what is left").click()
        self.page.locator("form[action$='/accept/'] [name=reason]").fill(REASON)
        self.page.locator("form[action$='/accept/'] button").click()

    def look(self, name):
        """Axe finds nothing, nothing is wider than the screen; a picture lies beside the test's files."""
        width = self.page.viewport_size["width"]
        self.page.screenshot(path=str(self.pictures / f"{name}-{width}.png"), full_page=True)
        faults = Axe().run(self.page, options=RULES).response["violations"]
        self.faults += [f"{name}: {fault['id']} {fault['nodes'][0]['html'][:200]}" for fault in faults]
        if self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            self.faults.append(f"{name}: wider than the screen")


@pytest.fixture
def visit(browser_context, live_server, tmp_path):
    """Begin with a fresh profile; at the end no page complained."""
    visitors = []

    def begin(theme="light", width=1280):
        context = browser_context(color_scheme=theme, viewport={"width": width, "height": 900})
        visitors.append(Visitor(context, live_server.url, tmp_path))
        return visitors[-1]

    yield begin
    assert [fault for visitor in visitors for fault in visitor.faults] == []


def grow_old(person) -> None:
    """Whatever the sessions of the person gave, they gave an hour ago."""
    for row in Session.objects.all():
        session = SessionStore(session_key=row.session_key)
        if session.get("_auth_user_id") == str(person.pk):
            session.update({"password_at": time.time() - 3600, "factor_at": time.time() - 3600})
            session.save()


@pytest.mark.parametrize(("theme", "width"), CORNERS if not is_full() else [*CORNERS, ("light", 400), ("dark", 1280)])
def test_a_passkey_is_made_signs_in_confirms_an_act_and_is_removed(theme, width, cast, visit, settings):
    """B.3: the whole life of a passkey, by pages whose script comes from a file (the CSP allows no other)."""
    settings.SECOND_FACTOR_DUTIES = ["APPR"]
    risk = steps.registered(cast, factories.make_system(cast))
    at = visit(theme, width)
    at.give_password(cast.approver)
    at.accept(risk)
    at.look("passkey-demanded")
    at.page.get_by_role("link", name="Add a second factor").click()
    at.look("passkey-none")
    at.page.get_by_role("link", name="Add a passkey").click()
    at.look("passkey-new")
    at.page.fill("#id_name", "Aron's laptop")
    at.press("Make the passkey")
    at.sees("Your recovery codes")
    at.look("passkey-codes")
    at.go("/second-factor/")
    at.sees("Aron's laptop")
    at.look("passkey-listed")

    at.page.context.clear_cookies()
    at.give_password(cast.approver)
    at.sees("Your second factor")
    at.look("passkey-sign-in")
    at.press("Use a passkey")
    at.page.wait_for_url(at.base + "/")
    assert AuditEntry.objects.filter(action="person.signed_in", actor=cast.approver).count() == 2

    grow_old(cast.approver)
    at.accept(risk)
    at.sees("Nothing is done yet; what you typed is kept.")
    at.look("passkey-again")
    at.page.fill("[name=confirm_password]", PASSWORD)
    at.press("Go on with a passkey")
    at.sees("Your acceptance is recorded.")
    assert at.page.get_by_text(REASON).is_visible()

    at.go("/second-factor/")
    at.page.get_by_role("link", name="Remove").click()
    at.look("passkey-remove")
    at.press("Remove it")
    at.sees("Signing in asks for your password alone again.")
    assert factors_of(cast.approver).are_none


def test_where_no_device_answers_the_page_says_so_and_a_recovery_code_lets_in(cast, visit):
    at = visit()
    at.give_password(cast.owner)
    at.go("/second-factor/passkey/")
    at.page.fill("#id_name", "The key on the desk")
    at.page.keyboard.press("Enter")
    at.sees("Your recovery codes")
    code = at.page.locator("main li code").first.inner_text()
    at.lay_aside()
    at.page.context.clear_cookies()
    at.give_password(cast.owner)
    at.chrome.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})  # one that does not know this place
    at.press("Use a passkey")
    at.sees("The browser gave no passkey")
    at.page.fill("#id_code", code)
    at.press("Sign in")
    at.page.wait_for_url(at.base + "/")


def test_a_device_that_holds_a_passkey_already_makes_no_second(cast, visit):
    at = visit()
    at.give_password(cast.owner)
    for name, seen in (("First", "Your recovery codes"), ("Second", "This device holds a passkey of yours")):
        at.go("/second-factor/passkey/")
        at.page.fill("#id_name", name)
        at.press("Make the passkey")
        at.sees(seen)
    assert len(factors_of(cast.owner).passkeys) == 1


def test_without_a_script_the_pages_say_what_to_do(cast, browser_context, live_server):
    """Every page works without JavaScript: a recovery code signs in, and an app can be added."""
    from django.test import Client

    from tests.authz.device import Device
    from tests.authz.test_passkeys import add

    add(Client(SERVER_NAME="localhost"), cast.owner, Device())
    page = browser_context(java_script_enabled=False).pages[0]
    page.goto(live_server.url + "/login/")
    page.fill("#id_username", cast.owner.email)
    page.fill("#id_password", PASSWORD)
    page.click("main button.btn-primary")
    page.get_by_text("Without JavaScript a passkey cannot answer; use a code.").wait_for()
    assert page.get_by_role("button", name="Use a passkey").is_hidden()
    page.fill("#id_code", second_factor.renew_codes(cast.owner)[0])
    page.get_by_role("button", name="Sign in").click()
    page.goto(live_server.url + "/second-factor/passkey/")
    page.get_by_text("An authenticator app can be added without it.").wait_for()
