"""A person at a browser: signs in, goes about, and notes whatever a page does that it should not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Response, expect

from registry.models import User
from tests.factories import PASSWORD

PATIENCE = 60_000  # milliseconds for what a worker does
PRIMARY = "main button[type=submit].btn-primary"


class Walker:
    """One person with one browser profile. `faults` holds every status, console line and blocked resource that is wrong."""

    def __init__(self, page: Page, base: str, person: User, pictures: Path) -> None:
        self.page, self.base, self.person, self.pictures = page, base, person, pictures
        self.faults: list[str] = []
        self.visited: list[str] = []
        self.expected: set[int] = set()
        page.set_default_timeout(20_000)
        page.on("console", lambda line: self.note(f"console {line.type}: {line.text}") if self.matters(line) else None)
        page.on("pageerror", lambda error: self.note(f"script: {error}"))
        page.on("response", self.look_at)

    def matters(self, line: Any) -> bool:
        """A console line that somebody must mend; that a refused form came back with 422 is also said there."""
        return not (self.expected and "Failed to load resource" in line.text)

    def note(self, fault: str) -> None:
        """Keep a fault with the page on which it happened."""
        self.faults.append(f"{self.person} on {self.page.url}: {fault}")

    def look_at(self, response: Response) -> None:
        """Every page and every resource of a page is answered with 200, or leads on."""
        if response.request.is_navigation_request():
            self.visited.append(f"{response.status} {response.url}")
        if response.status not in {200, 204, 302, 304} | self.expected:
            self.note(f"{response.status} for {response.url}")

    def sign_in(self) -> "Walker":
        """By e-mail address and password, as anybody does."""
        self.go("/login/")
        self.page.fill("#id_username", self.person.email)
        self.page.fill("#id_password", PASSWORD)
        self.page.click(PRIMARY)
        expect(self.page).to_have_url(self.base + "/")
        return self

    def go(self, path: str) -> Page:
        """Open an address of the installation."""
        self.page.goto(path if path.startswith("http") else self.base + path)
        return self.page

    def fill(self, **fields: str | bool) -> None:
        """Fill fields of the page's form by their names."""
        for name, value in fields.items():
            field = self.page.locator(f"main [name='{name}']")
            if isinstance(value, bool):
                field.set_checked(value)
            elif field.first.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def press(self, words: str) -> None:
        """Press the button of the page that says this, and nothing but this."""
        self.page.locator("main").get_by_role("button", name=words, exact=True).click()

    def follow(self, words: str) -> None:
        """Follow the first link of the page that says this."""
        self.page.locator("main").get_by_role("link", name=words).first.click()

    def sees(self, words: str, *, patience: int = 20_000) -> None:
        """The page says this, perhaps after a while."""
        expect(self.page.locator("body")).to_contain_text(words, timeout=patience)

    def told(self, words: str) -> None:
        """The act is confirmed by a note that says this."""
        expect(self.page.locator(".note-success").first).to_contain_text(words)

    def refused(self, words: str, act: Callable[[], None], *, status: int = 422) -> None:
        """The act comes back with this sentence in the page."""
        self.expected = {status}
        act()
        expect(self.page.locator(".note-error")).to_contain_text(words)
        self.expected = set()

    def forge(self, path: str, **fields: str) -> tuple[int, str]:
        """Post a form that no page offered, with the session and the token against forgery of this person; status, text.

        By the page itself: the driver's own client would ask a name server where this machine is.
        """
        token = self.page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
        status, text = self.page.evaluate(
            """async ([path, fields]) => {
                const answer = await fetch(path, {method: "POST", body: new URLSearchParams(fields)});
                return [answer.status, await answer.text()];
            }""",
            [path, {"csrfmiddlewaretoken": token, **fields}],
        )
        return status, text

    def picture(self, name: str) -> None:
        """A picture of the whole page, to look at when something is wrong."""
        self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)
