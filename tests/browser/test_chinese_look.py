"""Pages in Simplified Chinese as a browser draws them: nothing wider than a telephone, nothing cut, menus within reach."""

import pytest
from django.urls import reverse

from tests.browser.test_look import enter, every_address, story  # noqa: F401  (fixtures)

pytestmark = [pytest.mark.real, pytest.mark.long, pytest.mark.django_db(transaction=True)]

CUT = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const style = getComputedStyle(one);
  const speaks = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const hides = style.overflowX === "hidden" || style.textOverflow === "ellipsis";
  return speaks && hides && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1;
}).map((one) => one.textContent.trim().slice(0, 60))"""
WIDER = "document.documentElement.scrollWidth > window.innerWidth"


@pytest.mark.timeout(300)
def test_every_page_fits_a_telephone_in_chinese(story, enter, live_server):  # noqa: F811
    cast, rows = story
    page, said = enter(cast.owner, locale="zh-CN", color_scheme="dark", viewport={"width": 400, "height": 900})
    found = []
    for address in every_address(rows):
        page.goto(live_server.url + address)
        assert page.get_attribute("html", "lang") == "zh-hans"
        found += [f"{address}: “{text}” is cut" for text in page.evaluate(CUT)]
        if page.evaluate(WIDER):
            found.append(f"{address}: wider than the screen")
    assert not found, "\n".join(found)
    assert [line for line in said if "404" not in line] == []


def test_every_menu_opens_within_the_screen_in_chinese(story, enter, live_server):  # noqa: F811
    cast, _rows = story
    page, _said = enter(cast.owner, locale="zh-CN", viewport={"width": 1280, "height": 900})
    page.goto(live_server.url + reverse("systems"))
    for menu in page.query_selector_all("header details > summary"):
        menu.click()
        assert not page.evaluate(WIDER)
        assert page.evaluate(CUT) == []
        menu.click()
