"""Results of checks over versions, time and places as a browser draws them: no accessibility violation, nothing too wide, charts that load."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests import factories
from tests.browser.test_look import CORNERS, RULES, THEMES, WIDTHS, enter  # noqa: F401 (a fixture)
from tests.conftest import is_full
from tests.rai import test_golden_set_pages as golden, test_group_kinds as kinds
from tests.rai.test_field import FIELD, TEST, drawn, in_file
from tests.rai.test_score_pages import ran, uploaded

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

LIMITS = (
    ("golden_set", "accuracy_drop<=0.1"),
    ("golden_set", "newly_wrong<=0"),
    ("generalisation", "accuracy_difference<=0.2"),
    ("field", "accuracy_drop<=0.1"),
    ("field", "labelled_share>=0.4"),
    ("group_fairness", "true_positive_rate_difference<=0.1"),
)


@pytest.fixture
def runs(transactional_db, tmp_path):
    """People, and a finished run of each check with limits."""
    cast = factories.make_cast()
    first = factories.make_version(cast)
    version = factories.make_version(cast, model=first.model)
    for slug, rule in LIMITS:
        factories.make_limit(cast, version.home_system, slug=slug, rule=rule)
    complete = in_file(tmp_path / "t.csv", drawn(1, 900) | {"lacks": [False] * 900}).read_text().splitlines()
    tested = uploaded(cast, version, complete)
    ran(cast, version, tested, "performance", TEST)
    ran(cast, first, uploaded(cast, first, golden.lines(1)), "golden_set", golden.ASKED)
    rows = in_file(tmp_path / "f.csv", drawn(2, 900, fall=0.1, picked=0.4)).read_text().splitlines()
    of_labels = {name: value for name, value in TEST.items() if name != "sensitive"}
    found = {
        "golden_set": ran(cast, version, uploaded(cast, version, golden.lines(2)), "golden_set", golden.ASKED),
        "generalisation": ran(cast, version, tested, "generalisation", of_labels | {"column": "at", "unit": "month"}),
        "field": ran(cast, version, uploaded(cast, version, rows, role="monitoring"), "field", FIELD),
        "group_fairness": ran(cast, version, uploaded(cast, version, kinds.rows()), "group_fairness", kinds.CLASSES),
    }
    return cast, found


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("theme", "width"), [(t, w) for t in THEMES for w in WIDTHS] if is_full() else CORNERS)
def test_results_of_version_checks_meet_wcag_and_fit_the_screen(theme, width, runs, enter, live_server):  # noqa: F811
    """Forms and results, with every table unfolded; the chart is there."""
    cast, found = runs
    page, said = enter(cast.owner, color_scheme=theme, viewport={"width": width, "height": 900})
    places = {slug: run.get_absolute_url() for slug, run in found.items()}
    places |= {
        f"ask-{slug}": f"{reverse('predictions', args=[run.predictions_id])}?check={slug}"
        for slug, run in found.items()
    }
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
