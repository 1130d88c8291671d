"""Pages of release policies as a browser draws them: the list, a draft, its forms, what is refused, the dry run."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from registry import policy
from registry.actions import policies
from tests import factories
from tests.factories import PASSWORD
from tests.policies import writing
from tests.registry import releasing

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")


@pytest.fixture
def told(transactional_db):
    """A policy in force, a tighter draft, and a release that the draft would fail."""
    cast = factories.make_cast()
    crowd = writing.governors(cast)
    for person in crowd.values():
        person.set_password(PASSWORD)
        person.save()
    releasing.published(cast)
    source = policy.SOURCE.read_text(encoding="utf-8")
    writing.in_force(crowd, source)
    tight = source.replace("    waivers: {gates: [card, evidence, baselines], most_days: 90}",
                           "    waivers: {gates: [card], most_days: 30}").replace(
        "      - {at: publication, waivers: {at_most: 2}}", "      - {at: publication, facts: [stop_mechanism]}")  # fmt: skip
    draft = policies.draft_policy(source=tight, reason=writing.WHY, actor=crowd["author"])
    return crowd["author"], draft


@pytest.fixture
def enter(browser_context, live_server):
    """A page of a fresh profile, signed in as somebody."""

    def sign_in(person, **wishes):
        page = browser_context(**wishes).pages[0]
        page.goto(live_server.url + reverse("login"))
        page.fill("#id_username", person.email)
        page.fill("#id_password", PASSWORD)
        page.click("main button[type=submit].btn-primary")
        page.wait_for_url(live_server.url + reverse("home"))
        return page

    return sign_in


def faults_of(page, name, width):
    """What a reader with an assistant, or with a small screen, would stumble over."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    found = Axe().run(page, options=RULES).response["violations"]
    said = [f"{name} {width}: {fault['id']} {fault['nodes'][0]['html'][:160]}" for fault in found]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        said.append(f"{name}: wider than {width} px")
    return said


def test_the_pages_of_policies_fit_400_px_in_both_languages_and_name_the_line_that_is_wrong(told, enter, live_server):
    """S-048: teams see the policies that bind them; a policy is written, tried out and changed by form, light and dark."""
    author, draft = told
    addresses = {
        "list": reverse("policies"), "draft": draft.get_absolute_url(), "edit": reverse("policy-edit", args=[draft.pk]),
        "tier": reverse("policy-tier", args=[draft.pk, "limited"]),
        "dry-run": reverse("policy-dry-run", args=[draft.pk]), "compare": reverse("policy-compare", args=[draft.pk]),
    }  # fmt: skip
    found = []
    for theme, width, language in (("light", 1280, "en"), ("dark", 400, "zh-hans")):
        page = enter(author, color_scheme=theme, viewport={"width": width, "height": 900})
        page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        for name, address in addresses.items():
            page.goto(live_server.url + address)
            found += faults_of(page, f"policy-{name}", width)
        page.goto(live_server.url + addresses["edit"])
        page.fill("#id_source", draft.source.replace("share: 25", "share: 3"))
        page.fill("#id_reason", writing.WHY)
        page.click("main button[type=submit].btn-primary")
        assert "share: 3" in page.inner_text("main")
        found += faults_of(page, "policy-refused", width)
    assert not found, "\n".join(found)
