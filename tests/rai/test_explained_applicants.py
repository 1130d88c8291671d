"""A model of credit explained whole and for three applicants: on the page, as tables, and in the printed report."""

import csv
import io
import json

import lightgbm
import numpy as np
import pytest
from celery import current_app
from django.urls import reverse
from django.utils import timezone, translation

from rai import tasks
from rai.engine import forests
from rai.models import CheckRun
from registry.models import JobStatus
from reports.catalogue import REPORTS
from tests import factories
from tests.rai.test_bad_input import ask, read, words_of

INPUTS = [
    "duration_months",
    "credit_amount",
    "installment_rate",
    "residence_since",
    "age",
    "existing_credits",
    "checking",
    "savings",
]
APPLICANTS = [4, 17, 203]


@pytest.fixture(scope="module", autouse=True)
def prepared():
    """The loops as a worker keeps them."""
    assert forests.prepare()


@pytest.fixture(autouse=True)
def unsent(monkeypatch):
    """Nothing waits for a broker: the tests carry the tasks out themselves."""
    monkeypatch.setattr(current_app, "send_task", lambda *args, **more: None)


@pytest.fixture(scope="module")
def credit(shared_data):
    """A model of good credit, its text, and the table it is explained on; categories with an order are numbers."""
    with (shared_data / "german_credit.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["checking"] = row["checking_status"].removeprefix("A1")
        row["savings"] = row["savings_status"].removeprefix("A6")
    matrix = np.array([[float(row[name]) for name in INPUTS] for row in rows])
    label = np.array([int(row["good_credit"]) for row in rows])
    options = {
        "objective": "binary",
        "num_leaves": 7,
        "learning_rate": 0.06,
        "num_threads": 1,
        "verbosity": -1,
        "seed": 0,
    }
    booster = lightgbm.train(options, lightgbm.Dataset(matrix, label, feature_name=INPUTS), 60)
    kept = [*INPUTS, "sex", "good_credit"]
    out = io.StringIO()
    writer = csv.DictWriter(out, kept, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return booster, matrix, out.getvalue().encode()


@pytest.fixture
def run(client, cast, credit) -> CheckRun:
    """The explanation of the model that a worker made."""
    client.force_login(cast.owner)
    booster, _matrix, content = credit
    version = factories.make_version(cast, artifact=booster.model_to_string().encode(), artifact_name="credit.txt")
    row = read(client, version, "german_credit.csv", content)
    chosen = {"groups": "sex", "rows": ", ".join(map(str, APPLICANTS)), "cut": "0.5", "fixed": ["age"]}
    assert ask(client, version, row, check="feature_attribution", **chosen).status_code == 302
    asked = CheckRun.objects.get()
    tasks.run_check(str(asked.pk))
    return CheckRun.objects.select_related("evidence").get()


def test_a_model_of_german_credit_is_explained_whole_and_for_three_applicants(client, run, credit):
    """S-122: the explanation is kept with the version, and each applicant's inputs add up to the model's own score."""
    assert run.status == JobStatus.FINISHED, run.reason
    outcome, (booster, matrix, _content) = run.evidence.outcome, credit
    assert run.evidence.version == run.version and "explain.local_attribution" in run.evidence.shows
    raw = booster.predict(matrix, raw_score=True)
    own = booster.predict(matrix, pred_contrib=True)
    for applicant, row in zip(APPLICANTS, outcome["local"], strict=True):
        assert row["row"] == applicant and row["raw"] == pytest.approx(raw[applicant - 1], abs=1e-12)
        told = {one["name"]: one["contribution"] for one in row["inputs"]}
        assert told == pytest.approx(dict(zip(INPUTS, own[applicant - 1], strict=False)), abs=1e-12)
        assert row["base"] + sum(told.values()) + row["rest"] == pytest.approx(row["raw"], abs=1e-9)
    assert outcome["features"][0]["name"] == "checking" and outcome["explainer"]["means"]["by"] == "leaf_tables"
    assert outcome["sample"]["rows_used"] == 1000 and {gap["by"][0] for gap in outcome["gaps"]} == {"sex"}


def test_the_nearest_change_turns_the_decision_and_leaves_alone_what_nobody_can_change(run, credit):
    booster, matrix, _content = credit
    turned = [row["turned"] for row in run.evidence.outcome["local"]]
    assert any(each["changes"] for each in turned)
    for applicant, each in zip(APPLICANTS, turned, strict=True):
        cells = matrix[applicant - 1].copy()
        for change in each["changes"] or []:
            place = INPUTS.index(change["name"])
            assert change["name"] != "age" and cells[place] == change["from"] and change["to"] in matrix[:, place]
            cells[place] = change["to"]
        after = booster.predict(cells[None, :])[0]
        assert each["changes"] is None or (after >= 0.5) != each["positive"]


def test_the_explanation_stands_on_its_page_the_versions_page_and_in_the_printed_report(client, run):
    """S-122: sentences, chart and the same figures as tables; the report prints them too, in either language."""
    page = words_of(client, run.get_absolute_url())
    assert (
        "Row 17: score" in page and "How good the explanation is" in page and "Attribution gap between groups" in page
    )
    assert "Row 203: from" in page and "What checking adds to the score, by its value" in page
    assert client.get(reverse("check-chart", args=[run.pk])).status_code == 200
    assert "Feature attribution" in words_of(client, run.version.get_absolute_url() + "evidence/")
    from reports import building, pdf

    data = building.gathered(REPORTS["compliance"], run.version, as_of=timezone.now(), language="en")
    with translation.override("en"):
        printed = pdf.html_of(
            "reports/documents/attribution.html",
            {"check": {"outcome": run.evidence.outcome}, "data": data},
            language="en",
        )
    assert "Row 17: from" in printed and "Additivity error" in printed


def test_rows_that_are_not_there_or_no_numbers_are_refused_with_what_to_write(client, cast, credit):
    client.force_login(cast.owner)
    booster, _matrix, content = credit
    version = factories.make_version(cast, artifact=booster.model_to_string().encode(), artifact_name="credit.txt")
    row = read(client, version, "german_credit.csv", content)
    for rows, words in (("1001", "has no row 1,001: it has 1,000 rows"), ("4, x", "names no rows")):
        ask(client, version, row, check="feature_attribution", rows=rows)
        asked = CheckRun.objects.latest("created_at")
        tasks.run_check(str(asked.pk))
        asked.refresh_from_db()
        assert asked.status == JobStatus.ERRORED and words in asked.reason
    json.dumps(asked.reason)
