"""Pages of artefacts, releases and what runs as a browser draws them: axe at zero, nothing wider than the screen."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from registry.actions import artifacts, deployments, observing
from registry.actions.training import write_training_record
from tests import factories
from tests.browser.test_waivers_look import RULES, enter  # noqa: F401  (fixture)
from tests.registry import releasing

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

PICTURES = os.environ.get("ATTESTRY_TEST_PICTURES")
CORNERS = ({"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
           {"color_scheme": "dark", "viewport": {"width": 400, "height": 900}, "locale": "zh-CN"})  # fmt: skip


@pytest.fixture
def told(transactional_db):
    """A prompt in two versions, two releases, and a deployment that serves other bytes on a shared endpoint."""
    cast = factories.make_cast()
    prompt = artifacts.register_artifact(
        cast.unit, name="Greeting of the offer letter", artifact_type="prompt", actor=cast.owner,
        description="The first lines of every letter.",
    )  # fmt: skip
    one, two = (
        artifacts.register_artifact_version(prompt, version=number, form="text", content=text, actor=cast.owner)
        for number, text in (
            ("1.0", "Dear customer,\nanswer politely.\n"),
            ("1.1", "Dear customer,\nanswer briefly.\n"),
        )
    )
    version = factories.make_releasable(cast)
    write_training_record(version, record={"parameters": {"depth": 4}, "metadata": {"host": "a100"}}, actor=cast.owner)
    first = releasing.published(cast, version, artifact_versions=[one])
    observing.mark_known_good(version, good=True, reason="Served a year without a fault.", actor=cast.owner)
    second = releasing.published(
        cast, releasing.next_version(cast, first), rollback_to=first, artifact_versions=[two],
        clients=[{"client": "Branch app", "versions": "3.1 to 3.4"}],
    )  # fmt: skip
    place = {"environment": "production", "region": "eu-central", "endpoint": "https://answers.example/v1"}
    row = deployments.start_deployment(
        second, actor=cast.publisher, failover_region="eu-west", redundancy="Two zones, both active",
        log_store="s3://answers, object lock", log_write_once=True,
        quotas=[{"consumer": "Branch app", "limit": "30 a second"}], **place,
    )  # fmt: skip
    other = releasing.published(cast, factories.make_releasable(cast, risk_tier="minimal"))
    deployments.start_deployment(other, actor=cast.publisher, **place)
    observing.report_observed(row, digests=[version.artifact_hash, two.hash], actor=cast.owner)
    draft = factories.make_submittable(cast)
    release = releasing.agreed(cast, releasing.next_version(cast, second))
    mine = [
        prompt.get_absolute_url(), two.get_absolute_url(), reverse("artifact-compare", args=[prompt.pk]),
        reverse("artifacts"), reverse("artifact-new"), reverse("artifact-version-new", args=[prompt.pk]),
        draft.get_absolute_url(), version.get_absolute_url(), second.version.get_absolute_url(), row.get_absolute_url(),
        reverse("release-edit", args=[release.pk]), reverse("deployments"),
    ]  # fmt: skip
    return cast, {"owner": mine, "publisher": [row.get_absolute_url(), reverse("deployment-edit", args=[row.pk]),
                                               second.get_absolute_url(), release.get_absolute_url()]}  # fmt: skip


@pytest.mark.parametrize("corner", CORNERS, ids=["light", "dark-narrow-chinese"])
def test_pages_of_what_runs_meet_wcag_and_fit_the_screen(corner, told, enter, live_server):  # noqa: F811
    cast, pages = told
    found = []
    for part, shown in pages.items():
        page, said = enter(getattr(cast, part), **corner)
        for number, address in enumerate(shown):
            page.goto(live_server.url + address)
            found += [f"{address}: {one['id']} {one['nodes'][0]['html'][:200]}" for one in
                      Axe().run(page, options=RULES).response["violations"]]  # fmt: skip
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                found.append(f"{address}: wider than the screen")
            if PICTURES:
                name = f"{corner['color_scheme']}-{part}-{number:02}.png"
                page.screenshot(path=str(Path(PICTURES) / name), full_page=True)
        found += [line for line in said if "404" not in line]
    assert not found, "\n".join(found)
