"""Results of sample adequacy, proxy features and thresholds as a browser draws them: accessible, no wider than the screen, charts load."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from rai import actions
from tests import factories
from tests.browser.test_look import CORNERS, RULES, THEMES, WIDTHS, enter  # noqa: F401 (a fixture)
from tests.conftest import is_full
from tests.rai.test_score_pages import ran, rows, uploaded

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

LIMITS = (
    ("sample_adequacy", "accuracy_group_half_width<=0.03"),
    ("sample_adequacy", "true_positive_rate_detectable_difference<=0.1"),
    ("proxy_features", "proxy_auc<=0.7"),
    ("proxy_features", "cramers_v<=0.01"),
    ("threshold_what_if", "one_threshold_accuracy>=0.6"),
    ("threshold_what_if", "equal_selection_wrongly_refused_group_max<=0.2"),
)
GROUPS = {"sensitive": ["g", "h"]}
WANTED = {
    "sample_adequacy": GROUPS | {"target": "y", "prediction": "score", "cut": ">=0.5"},
    "proxy_features": GROUPS | {"leave_out": ["y"]},
    "threshold_what_if": GROUPS | {"target": "y", "score": "score", "threshold": "0.5"},
}


@pytest.fixture
def runs(transactional_db):
    """A finished run of each check with limits."""
    cast = factories.make_cast()
    version = factories.make_version(cast)
    for slug, rule in LIMITS:
        limit = actions.propose_baseline(
            version.home_system, slug=slug, rule=rule, rationale="What the unit has found bearable so far.", actor=cast.risk_officer
        )  # fmt: skip
        limit.status = "approved"
        limit.save()
    table = uploaded(cast, version, rows())
    return cast, table, {slug: ran(cast, version, table, slug, wanted) for slug, wanted in WANTED.items()}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("theme", "width"), [(t, w) for t in THEMES for w in WIDTHS] if is_full() else CORNERS)
def test_results_meet_wcag_and_fit_the_screen(theme, width, runs, enter, live_server):  # noqa: F811
    """Forms and results, with every table unfolded; the chart is there."""
    cast, table, found = runs
    page, said = enter(cast.owner, color_scheme=theme, viewport={"width": width, "height": 900})
    places = {slug: run.get_absolute_url() for slug, run in found.items()}
    places |= {f"ask {slug}": f"{reverse('predictions', args=[table.pk])}?check={slug}" for slug in found}
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
