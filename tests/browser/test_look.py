"""Pages as a browser draws them: no accessibility violation, no blocked resource, nothing wider than the screen, all by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.conftest import is_full
from tests.factories import PASSWORD
from tests.registry.story import FORMS, LISTS, make_story, places

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

THEMES = ("light", "dark")
WIDTHS = (1280, 400)
CORNERS = (("light", 1280), ("dark", 400))
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture
def story(transactional_db):
    """People and rows of every kind, in the database that the live server opens."""
    from tests import factories

    cast = factories.make_cast()
    return cast, make_story(cast)


@pytest.fixture
def enter(browser_context, live_server):
    """Sign a person in with a fresh profile; the page, and a list of all that its console said."""

    def sign_in(person, **wishes):
        page = browser_context(**wishes).pages[0]
        said: list[str] = []
        page.on("console", lambda line: said.append(line.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(live_server.url + reverse("login"))
        page.fill("#id_username", person.email)
        page.fill("#id_password", PASSWORD)
        page.click("main button[type=submit].btn-primary")
        page.wait_for_url(live_server.url + reverse("home"))
        return page, said

    return sign_in


def every_address(story) -> list[str]:
    """All pages of the registry, with forms that are filled by the owner."""
    forms = [
        reverse("version-card-edit", args=[story.draft.pk]),
        reverse("version-edit", args=[story.draft.pk]),
        reverse("version-new", args=[story.model.pk]),
        reverse("model-new", args=[story.system.pk]),
        reverse("system-edit", args=[story.system.pk]),
        reverse("dataset-version-new", args=[story.dataset.pk]),
    ]
    return [*places(story).values(), *forms, *(reverse(name) for name in (*LISTS, *FORMS)), "/nothing/"]


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("theme", "width"), [(t, w) for t in THEMES for w in WIDTHS] if is_full() else CORNERS)
def test_every_page_meets_wcag_and_fits_the_screen(theme, width, story, enter, live_server):
    """axe at zero in light and dark, wide and narrow; nothing scrolls sideways; the console stays silent."""
    cast, rows = story
    page, said = enter(cast.owner, color_scheme=theme, viewport={"width": width, "height": 900})
    found = []
    for address in every_address(rows):
        page.goto(live_server.url + address)
        result = Axe().run(page, options=RULES)
        found += [f"{address}: {fault['id']} {fault['nodes'][0]['html'][:160]} {fault['nodes'][0]['failureSummary']}"
                  for fault in result.response["violations"]]  # fmt: skip
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{address}: wider than {width} px")
    assert not found, "\n".join(found)
    assert [line for line in said if "404" not in line] == []


def test_the_reviewer_decides_with_the_keyboard_alone(story, enter, live_server):
    cast, rows = story
    page, _said = enter(cast.risk_officer)
    page.goto(live_server.url + rows.review.get_absolute_url())
    page.focus("#id_duty")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Name the groups that were left out.")
    page.keyboard.press("Tab")  # the conditions, folded
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".note-success")
    rows.review.refresh_from_db()
    assert rows.review.status == "changes_requested"


def test_the_skip_link_is_first_and_leads_to_the_content(story, enter, live_server):
    cast, _rows = story
    page, _said = enter(cast.owner)
    page.goto(live_server.url + reverse("systems"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_slash_focuses_the_search_box_but_not_while_one_types(story, enter, live_server):
    cast, _rows = story
    page, _said = enter(cast.owner)
    page.goto(live_server.url + reverse("systems"))
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("a/b")
    assert page.input_value("#find") == "a/b"


def test_the_chosen_theme_stays_and_is_there_before_the_first_paint(story, enter, live_server):
    cast, _rows = story
    page, _said = enter(cast.owner, color_scheme="light")
    page.click("details.menu-end > summary")
    page.click("[data-theme=dark]")
    page.goto(live_server.url + reverse("models"))
    assert page.evaluate("document.documentElement.getAttribute('data-bs-theme')") == "dark"


def test_pages_work_without_javascript(story, enter, live_server):
    """Menus open, forms post, errors are shown: JavaScript is comfort only."""
    cast, _rows = story
    page, _said = enter(cast.owner, java_script_enabled=False)
    page.click("summary:has-text('Inventory')")
    page.click(".menu-list a:has-text('Systems')")
    page.click("a:has-text('Register a system')")
    page.fill("#id_name", "Without script")
    page.click("main button[type=submit].btn-primary")
    assert page.is_visible(".note-error")
    assert page.input_value("#id_name") == "Without script"


def test_an_error_takes_the_focus_and_leads_to_its_field(story, enter, live_server):
    cast, _rows = story
    page, _said = enter(cast.owner)
    page.goto(live_server.url + reverse("system-new"))
    page.fill("#id_name", "No purpose")
    page.click("main button[type=submit].btn-primary")
    page.wait_for_selector(".note-error")
    assert page.evaluate("document.activeElement.classList.contains('note-error')")
    page.click(".note-error a[href='#id_purpose']")
    assert page.evaluate("document.activeElement.id") == "id_purpose"


def test_the_language_is_switched_by_a_form(story, enter, live_server):
    cast, _rows = story
    page, _said = enter(cast.owner)
    page.click("details.menu-end > summary")
    page.click("button[name=language][value=zh-hans]")
    assert page.get_attribute("html", "lang") == "zh-hans"
