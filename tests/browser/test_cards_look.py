"""Pages of the model card as a browser draws them: axe at zero, nothing wider than the screen, two writers at once."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from registry.actions import cards
from tests import factories
from tests.browser.test_look import enter  # noqa: F401  (a fixture)
from tests.registry.cards.test_writing import OUTCOME

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")
SAMPLE = Path(__file__).parents[1] / "registry" / "cards" / "samples" / "hugging_face" / "ticket-triage.md"


@pytest.fixture
def told(transactional_db):
    """Two versions with cards that differ, the second with a run."""
    cast = factories.make_cast()
    first = factories.make_submittable(cast)
    second = factories.make_version(cast, first.model)
    factories.make_evidence(
        cast, second, check_slug="performance", shows=["performance.holdout", "performance.slices"], outcome=OUTCOME
    )
    texts = {"contact": "设计组 <cards@bank.example>", "caveats": "Look again in spring. " * 10, "overview": "x" * 400}
    cards.save_card(second, fields=texts, actor=cast.owner)
    return cast, second


def faults(page, name: str, width: int) -> list[str]:
    """What axe finds, and whether the page is wider than the screen."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"card-{name}-{width}.png", full_page=True)
    found = [
        f"{name}: {one['id']} {one['nodes'][0]['html'][:160]}"
        for one in Axe().run(page, options=RULES).response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append(f"{name}: wider than {width} px")
    return found


def test_the_form_of_a_card_meets_wcag(told, enter, live_server):  # noqa: F811
    cast, version = told
    page, _said = enter(cast.owner, viewport={"width": 1280, "height": 900})
    page.goto(live_server.url + reverse("version-card-edit", args=[version.pk]))
    assert faults(page, "edit", 1280) == []


def test_a_card_is_read_compared_and_imported_on_a_small_dark_screen(told, enter, live_server):  # noqa: F811
    cast, version = told
    page, said = enter(cast.owner, color_scheme="dark", viewport={"width": 400, "height": 900})
    if PICTURES:
        page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": live_server.url}])
    wrong = []
    for name in ("version-card", "version-card-compare", "version-card-import"):
        page.goto(live_server.url + reverse(name, args=[version.pk]))
        wrong += faults(page, name, 400)
    page.set_input_files("#id_file", SAMPLE)
    page.click("main form button[type=submit].btn-primary")
    page.get_by_text("front.library_name").wait_for()
    wrong += faults(page, "imported", 400)
    assert (wrong, said) == ([], [])


def test_the_second_of_two_writers_sees_both_texts_and_saves_again(told, enter, live_server):  # noqa: F811
    """Two people editing one card: without a script, nothing is lost."""
    cast, version = told
    page, _said = enter(cast.owner, java_script_enabled=False, viewport={"width": 400, "height": 900})
    page.goto(live_server.url + reverse("version-card-edit", args=[version.pk]))
    cards.save_card(version, fields={"contact": "first@bank.example", "caveats": "By the first."}, actor=cast.owner)
    page.fill("[name=contact]", "second@bank.example")
    page.get_by_role("button", name="Save the card").click()
    page.get_by_text("You had not changed it").wait_for()
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / "card-clash-400.png", full_page=True)
    page.get_by_role("button", name="Save the card").click()
    page.wait_for_url(live_server.url + reverse("version-card", args=[version.pk]))
    assert version.card.fields["contact"] == "second@bank.example"
    assert version.card.fields["caveats"] == "By the first."
