"""The status of a framework looked at in two widths, light and dark, English and Chinese: now, over time, on a past day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry.models import Duty
from registry.registers import subjects
from reports.standings import keeping
from tests import factories
from tests.browser.test_look import enter  # noqa: F401  (a fixture)
from tests.registry import releasing
from tests.reports.test_status_pages import PAGE, said_before

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
LOOKS = [("light", 1280, "en-GB"), ("dark", 400, "zh-CN")]


@pytest.fixture
def places(cast):
    """The addresses of the pages, each with something to show."""
    keeping._live.clear()
    release = releasing.published(cast)
    keeping.renew()
    said_before("", 40, met=("GOVERN 1.1", "GOVERN 1.2", "MAP 1.1", "MEASURE 1.1"))
    day = timezone.now().date() - timedelta(days=5)
    return {
        "grid": PAGE, "system": f"{PAGE}?system={release.system.pk}", "unit": f"{PAGE}?unit={release.system.unit.pk}",
        "day": f"{PAGE}?day={day}", "one": f"{PAGE}MEASURE-2.11/?system={release.system.pk}",
    }  # fmt: skip


@pytest.mark.parametrize(("theme", "width", "locale"), LOOKS)
def test_the_status_pages_fit_and_say_nothing_wrong(cast, places, enter, live_server, tmp_path, theme, width, locale):  # noqa: F811
    factories.grant(cast, cast.risk_officer, Duty.RISK_OFFICER, unit=subjects.root())
    keeping.renew()
    page, said = enter(cast.risk_officer, color_scheme=theme, locale=locale, viewport={"width": width, "height": 900})
    for name, path in places.items():
        page.goto(live_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
    assert said == []
