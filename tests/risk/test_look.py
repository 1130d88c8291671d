"""The risk pages as a browser draws them: axe at zero, nothing wider than the screen, a silent console, scripts off."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from risk import actions
from risk.models import Assessment, MaturityAssessment
from risk.questionnaires import Reply
from tests.factories import PASSWORD, make_cast, make_model, make_system, make_version
from tests.risk.fillings import decided, filled
from tests.risk.maturing import assessed
from tests.risk.replies import LONG
from tests.risk.steps import REASON, answered, approved, planned, registered, submitted

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")


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


@pytest.fixture
def addresses(transactional_db):
    """The cast, and every kind of page with something on it."""
    cast = make_cast()
    first, second, third = (make_system(cast, name=name) for name in ("Card offers", "Claims triage", "Staff rota"))
    version = make_version(cast, make_model(cast, first))
    signed = approved(cast, first, PIA_G_03="yes", PIA_M_01="no")
    waiting = submitted(cast, second, PIA_I_03="none", PIA_G_07="yes", PIA_I_09="yes")
    draft = answered(cast, third, PIA_M_02=None, PIA_I_03="legitimate_interest", PIA_G_01=Reply("", "Too short"))
    risk = registered(cast, first, likelihood=4, impact=5, category="rights", catalogue_ref="RSK-004")
    planned(cast, risk)
    small = registered(cast, first, title="Costs of posting rise", likelihood=2, impact=1)
    actions.accept_risk(small, reason=REASON, actor=cast.approver)
    pages = [
        reverse("assessments"), reverse("assessment-new"), reverse("assessment-start", args=[first.pk]),
        signed.get_absolute_url(), waiting.get_absolute_url(), draft.get_absolute_url(),
        *(reverse("assessment-section", args=[draft.pk, name]) for name in ("general", "input", "model", "output")),
        reverse("risks"), f"{reverse('risks')}?likelihood=4&impact=5", f"{reverse('risks')}?show=closed",
        reverse("risk-new"), risk.get_absolute_url(), small.get_absolute_url(),
        reverse("version-risks", args=[version.pk]),
    ]  # fmt: skip
    return cast, pages


def others(cast, system) -> list[str]:
    """Pages of the other questionnaires: a question with its files, one filled and one begun, and the maturity of a unit."""
    row = filled(cast, system, "impact_assessment", submit=False, IMP_F_01="yes", IMP_T_01="yes")
    tiering = decided(cast, system, "risk_tiering", TIER_L_01="gdpr, eu_ai_act", TIER_L_02="employment")
    for step in ("begun", "defined"):
        mature = assessed(cast, step, CAP_O_01="improving", CAP_C_02="begun")
    return [
        reverse("assessment-question", args=[row.pk, "IMP-F-02"]), row.get_absolute_url(), tiering.get_absolute_url(),
        reverse("assessment-section", args=[row.pk, "foundation"]), reverse("maturity-assessments"),
        mature.get_absolute_url(), f"{reverse('assessment-new')}?template=threat_model",
    ]  # fmt: skip


def picture(page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_every_risk_page_meets_wcag_and_fits_the_screen(theme, width, addresses, enter, live_server):
    cast, pages = addresses
    found, pages = [], [*pages, *others(cast, Assessment.objects.get(status="in_review").system)]
    for person, shown in ((cast.owner, pages), (cast.privacy_officer, pages[4:5])):
        page, said = enter(person, color_scheme=theme, viewport={"width": width, "height": 900})
        for number, address in enumerate(shown):
            page.goto(live_server.url + address)
            for closed in page.query_selector_all("main details:not([open]):not(.menu) > summary"):
                closed.evaluate("node => { node.parentElement.open = true }")
            picture(page, f"{theme}-{width}-{person.name.split()[0]}-{number:02}")
            result = Axe().run(page, options=RULES)
            found += [f"{address}: {fault['id']} {fault['nodes'][0]['html'][:160]} {fault['nodes'][0]['failureSummary']}"
                      for fault in result.response["violations"]]  # fmt: skip
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                found.append(f"{address}: wider than {width} px")
        assert said == []
    assert not found, "\n".join(found)


def test_a_section_is_filled_and_kept_with_scripts_off(addresses, enter, live_server):
    cast, _pages = addresses
    draft = Assessment.objects.get(status="draft", template="pia")
    page, _said = enter(cast.owner, java_script_enabled=False)
    page.goto(live_server.url + reverse("assessment-section", args=[draft.pk, "general"]))
    page.fill("#id_PIA-G-01", LONG)
    page.select_option("#id_PIA-G-05", "more")
    page.click("button[name=next]")
    page.wait_for_url(live_server.url + reverse("assessment-section", args=[draft.pk, "input"]))
    replies = draft.replies()
    assert replies["PIA-G-01"].text == LONG and replies["PIA-G-05"].answer == "more"


def test_the_privacy_officer_signs_with_the_keyboard_alone(addresses, enter, live_server):
    cast, _pages = addresses
    system = make_system(cast, name="Letters")
    waiting = submitted(cast, system, PIA_G_03="yes")
    page, _said = enter(cast.privacy_officer)
    page.goto(live_server.url + waiting.get_absolute_url())
    page.focus("input[name=decision][value=approve]")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("The purpose is narrow and the data are few.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#decided")
    waiting.refresh_from_db()
    assert waiting.status == "approved"


@pytest.mark.parametrize("width", [1280, 400])
def test_the_radar_and_an_assessment_in_chinese(width, enter, live_server, transactional_db):
    """Every word of the drawing and of the answers is Chinese, inside the screen and inside the drawing."""
    cast = make_cast()
    system = make_system(cast, name="Card offers")
    pages = [*others(cast, system)[1:3], others_maturity(cast), approved(cast, system).get_absolute_url()]
    page, said = enter(cast.owner, locale="zh-CN", color_scheme="dark", viewport={"width": width, "height": 900})
    for number, address in enumerate(pages):
        page.goto(live_server.url + address)
        assert page.get_attribute("html", "lang") == "zh-hans"
        picture(page, f"zh-{width}-{number}")
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), address
    page.goto(live_server.url + pages[2])
    box = page.locator(".radar-chart").bounding_box()
    for name in page.locator(".radar-name").all():
        inside, words = name.bounding_box(), name.text_content()
        assert box["x"] <= inside["x"] and inside["x"] + inside["width"] <= box["x"] + box["width"], words
        assert not any("a" <= sign.lower() <= "z" for sign in words), words
    assert said == []


def others_maturity(cast) -> str:
    """The newest confirmed assessment of the unit's maturity."""
    return MaturityAssessment.objects.filter(unit=cast.unit).latest("created_at").get_absolute_url()
