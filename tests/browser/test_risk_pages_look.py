"""The pages of risk looked at in two widths, light and dark, English and Chinese: nothing sticks out, nothing complains."""

from decimal import Decimal

import pytest
from django.conf import settings

from registry.actions import hearing
from registry.registers import kind_named
from tests import factories
from tests.browser.test_look import enter  # noqa: F401  (a fixture)
from tests.registry import data as data_steps, releasing
from tests.registry.registers import samples
from tests.risk import steps
from tests.risk.test_erasures import DISPOSITIONS, asked, dealt_with, learned
from tests.risk.test_losses import estimated

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
LOOKS = [("light", 1280, "en-GB"), ("dark", 400, "zh-CN")]


@pytest.fixture
def places(cast):
    """The addresses of the pages, each with something to show."""
    release = releasing.published(cast)
    incident = steps.reported(cast, release.system, version=release.version, serious=True, is_privacy=True)
    risk = steps.registered(cast, release.system, catalogue_ref="RSK-001")
    estimated(cast, risk, most=90_000)
    estimated(
        cast, steps.registered(cast, release.system, title="Letters are lost", likelihood=5), per_year=Decimal("0.2")
    )
    samples.written(
        kind_named("control"), cast, release.system, actor=cast.risk_officer, risks=[str(risk.pk)],
        catalogue_ref="CTL-01", title="Untrusted text is marked", requirements="nist_ai_rmf MEASURE 2.7",
    )  # fmt: skip
    factories.accept_waiver(cast, factories.make_waiver(cast, factories.make_releasable(cast, verdict="fail")))
    data = data_steps.version_of(data_steps.described(cast, name="Customer letters"))
    learned(cast, data, count=7)
    request = asked(cast, data)
    for place, row in enumerate(request.erasure_steps.all()[:5]):
        dealt_with(cast, row, DISPOSITIONS[place])
    row = hearing.receive(sort="flag", place="Letters", text="A letter was meant for somebody else.", actor=cast.owner)
    return {
        "risks": "/risks/", "risk": risk.get_absolute_url(), "losses": "/risks/losses/", "board": "/board/risk/",
        "incident": incident.get_absolute_url(), "erasure": f"/erasure-requests/{request.pk}/",
        "step": request.erasure_steps.all()[5].get_absolute_url(), "report": "/report/",
        "answer": f"/report/{hearing.key_to(row)}/", "records": "/records/", "oversight": "/oversight/",
    }  # fmt: skip


@pytest.mark.parametrize(("theme", "width", "locale"), LOOKS)
def test_the_pages_of_risk_fit_and_say_nothing_wrong(cast, places, enter, live_server, tmp_path, theme, width, locale):  # noqa: F811
    """G must show: heat map, incident, erasure and the view in money looked at as pictures in English and Chinese."""
    page, said = enter(
        cast.privacy_officer, color_scheme=theme, locale=locale, viewport={"width": width, "height": 900}
    )
    for name, path in places.items():
        page.goto(live_server.url + path)
        assert page.get_attribute("html", "lang") == ("zh-hans" if locale == "zh-CN" else "en"), name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.screenshot(path=tmp_path / f"{name}-{theme}-{width}.png", full_page=True)
    assert said == []
    assert settings.PUBLIC_REPORTS is False
