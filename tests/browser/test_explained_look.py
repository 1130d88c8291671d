"""Explanations and trials as a browser draws them: no accessibility violation, nothing wider than the screen, charts that load."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from rai import tasks
from rai.engine import forests
from rai.models import CheckRun
from registry.models import ModelVersion
from tests import factories
from tests.browser.test_look import CORNERS, RULES, THEMES, WIDTHS, enter  # noqa: F401 (a fixture)
from tests.conftest import is_full
from tests.rai.test_bad_input import ask, read
from tests.rai.test_dependencies import BEGUN, MENDED, asked, osv, with_files
from tests.rai.test_explained_applicants import APPLICANTS, credit, unsent  # noqa: F401 (fixtures)
from tests.rai.test_score_pages import ran, uploaded

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def runs(transactional_db, client, credit):  # noqa: F811
    """The owner, and a finished explanation and trial of a model of credit."""
    assert forests.prepare()
    cast = factories.make_cast()
    client.force_login(cast.owner)
    booster, _matrix, content = credit
    version = factories.make_version(cast, artifact=booster.model_to_string().encode(), artifact_name="credit.txt")
    row = read(client, version, "german_credit.csv", content)
    wanted = {
        "feature_attribution": {
            "groups": "sex",
            "rows": ", ".join(map(str, APPLICANTS)),
            "cut": "0.5",
            "fixed": ["age"],
            "curves": ["checking", "age"],
        },
        "perturbation": {"cut": "0.5", "share": "0.1"},
    }
    for slug, chosen in wanted.items():
        assert ask(client, version, row, check=slug, **chosen).status_code == 302
    for run in CheckRun.objects.all():
        tasks.run_check(str(run.pk))
    found = {run.slug: run for run in CheckRun.objects.all()}
    ModelVersion._base_manager.filter(pk=version.pk).update(status="published")
    lines = content.decode().splitlines()
    later = uploaded(cast, ModelVersion.objects.get(pk=version.pk), [lines[0], *lines[400:]])
    found["attribution_drift"] = ran(cast, later.version, later, "attribution_drift", {})
    with_files(
        cast, version, osv(events=[(BEGUN, "0"), (MENDED, "1.2")]), purls=("pkg:pypi/parsel@1.0", "pkg:npm/left@2")
    )
    return cast, found | {"dependencies": asked(cast, version)[0]}, row


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("theme", "width"), [(t, w) for t in THEMES for w in WIDTHS] if is_full() else CORNERS[:1])
def test_explanations_and_trials_meet_wcag_and_fit_the_screen(theme, width, runs, enter, live_server):  # noqa: F811
    """Forms and results, with every table unfolded; the chart is there."""
    cast, found, row = runs
    page, said = enter(cast.owner, color_scheme=theme, viewport={"width": width, "height": 900})
    places = {slug: run.get_absolute_url() for slug, run in found.items()}
    places |= {
        f"ask {slug}": f"{row.get_absolute_url()}?check={slug}" for slug in ("feature_attribution", "perturbation")
    }
    places["bring files"] = reverse("supply-upload", args=[row.version_id])
    faults = []
    for name, address in places.items():
        page.goto(live_server.url + address)
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        result = Axe().run(page, options=RULES)
        faults += [f"{name}: {one['id']} {one['nodes'][0]['html'][:160]}" for one in result.response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{name}: wider than {width} px")
        broken = page.evaluate("[...document.images].filter(one => !one.naturalWidth).length")
        faults += [f"{name}: {broken} pictures do not load"] if broken else []
    assert not faults, "\n".join(faults)
    assert said == []
