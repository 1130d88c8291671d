"""Results of checks of data as a browser draws them: no accessibility violation, nothing wider than the screen, charts that load."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from rai import actions
from tests import factories
from tests.browser.test_look import CORNERS, RULES, THEMES, WIDTHS, enter  # noqa: F401 (a fixture)
from tests.conftest import is_full
from tests.rai.test_second_table import asked, uploaded, worked

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

LIMITS = (
    ("representation", "share_group_min>=0.45"),
    ("representation", "label_rate_difference<=0.3"),
    ("drift", "data_ks<=0.05"),
    ("drift", "prediction_psi<=0.1"),
    ("drift", "accuracy_drop<=0.1"),
    ("data_quality", "missing_share<=0.05"),
    ("data_quality", "target_leakage<=0.9"),
)


@pytest.fixture
def runs(transactional_db):
    """People, and a finished run of each check with limits."""
    cast = factories.make_cast()
    version = factories.make_version(cast)
    for slug, rule in LIMITS:
        limit = actions.propose_baseline(
            version.home_system, slug=slug, rule=rule, rationale="What the unit has found bearable so far.", actor=cast.risk_officer
        )  # fmt: skip
        limit.status = "approved"
        limit.save()
    current, reference = uploaded(cast, version, 7), uploaded(cast, version)
    labels = {"target": "y"}
    wanted = {
        "representation": labels | {"sensitive": ["sex"], "shares": "sex: women=0.5, men=0.5"},
        "drift": labels | {"reference": str(reference.pk), "prediction": "yhat"},
        "data_quality": labels | {"other": str(reference.pk), "key": ["person"], "expected": "age: 0..60"},
    }
    found = {slug: worked(asked(cast, version, current, slug, **more)) for slug, more in wanted.items()}
    return cast, current, found


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("theme", "width"), [(t, w) for t in THEMES for w in WIDTHS] if is_full() else CORNERS)
def test_results_of_data_checks_meet_wcag_and_fit_the_screen(theme, width, runs, enter, live_server):  # noqa: F811
    """Forms and results, with every table unfolded; the chart is there."""
    cast, current, found = runs
    page, said = enter(cast.owner, color_scheme=theme, viewport={"width": width, "height": 900})
    places = {slug: run.get_absolute_url() for slug, run in found.items()}
    places |= {f"ask {slug}": f"{reverse('predictions', args=[current.pk])}?check={slug}" for slug in found}
    faults = []
    for name, address in places.items():
        page.goto(live_server.url + address)
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        result = Axe().run(page, options=RULES)
        faults += [
            f"{name}: {fault['id']} {fault['nodes'][0]['html'][:160]}" for fault in result.response["violations"]
        ]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{name}: wider than {width} px")
        broken = page.evaluate("[...document.images].filter(one => !one.naturalWidth).length")
        faults += [f"{name}: {broken} pictures do not load"] if broken else []
    assert not faults, "\n".join(faults)
    assert said == []
