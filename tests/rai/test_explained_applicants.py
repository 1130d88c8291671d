"""A model of credit explained whole and for three applicants: on the page, as tables, and in the printed report."""

import csv
import io

import lightgbm
import numpy as np
import pytest
from celery import current_app
from django.urls import reverse
from django.utils import translation

from rai import charts, tasks
from rai.checks import feature_attribution
from rai.checks.contract import InputError
from rai.engine import attribution, forests
from rai.models import CheckRun
from rai.running.inputs import row_numbers
from rai.sandbox import launcher
from registry.cards import sources
from registry.cards.schema import schema
from registry.errors import BadInput
from registry.models import JobStatus
from reports import pdf
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


@pytest.fixture(scope="module")
def outcome(credit, tmp_path_factory):
    """The explanation of the model that a real child made."""
    booster, _matrix, content = credit
    folder = tmp_path_factory.mktemp("credit")
    (folder / "credit.txt").write_text(booster.model_to_string())
    (folder / "german_credit.csv").write_bytes(content)
    found = launcher.run(
        "attribute", {"seed": 0, "groups": ["sex"], "rows": APPLICANTS, "cut": 0.5, "fixed": ["age"]},
        files={"model": folder / "credit.txt", "data": folder / "german_credit.csv"},
        array=attribution.array_size(1000, features=len(INPUTS), groups=1),
    )  # fmt: skip
    with pytest.raises(InputError, match=r"german_credit.csv has no row 1,001: it has 1,000 rows"):
        launcher.run("attribute", {"seed": 0, "rows": [1001]}, array=(1000, len(INPUTS) + 1),
                     files={"model": folder / "credit.txt", "data": folder / "german_credit.csv"})  # fmt: skip
    return feature_attribution.run(attribution.from_reply(found.json, found.array)).to_json()


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


def test_a_model_of_german_credit_is_explained_whole_and_for_three_applicants(outcome, credit):
    """Each applicant's inputs are LightGBM's own values and add up to the model's own score."""
    booster, matrix, _content = credit
    raw = booster.predict(matrix, raw_score=True)
    own = booster.predict(matrix, pred_contrib=True)
    for applicant, row in zip(APPLICANTS, outcome["local"], strict=True):
        assert row["row"] == applicant and row["raw"] == pytest.approx(raw[applicant - 1], abs=1e-12)
        told = {one["name"]: one["contribution"] for one in row["inputs"]}
        assert told == pytest.approx(dict(zip(INPUTS, own[applicant - 1], strict=False)), abs=1e-12)
        assert row["base"] + sum(told.values()) + row["rest"] == pytest.approx(row["raw"], abs=1e-9)
    drawn = charts.attribution(outcome, language="en").decode()
    assert all(f"Row {applicant} step by step" in drawn for applicant in APPLICANTS) and "What checking adds" in drawn
    assert outcome["features"][0]["name"] == "checking" and outcome["explainer"]["means"]["by"] == "leaf_tables"
    assert outcome["sample"]["rows_used"] == 1000 and {gap["by"][0] for gap in outcome["gaps"]} == {"sex"}


def test_the_nearest_change_turns_the_decision_and_leaves_alone_what_nobody_can_change(outcome, credit):
    booster, matrix, _content = credit
    turned = [row["turned"] for row in outcome["local"]]
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
    """S-122: kept with the version; sentences, chart and the same figures as tables; card and report tell it too."""
    assert run.status == JobStatus.FINISHED, run.reason
    assert run.evidence.version == run.version and "explain.local_attribution" in run.evidence.shows
    page = words_of(client, run.get_absolute_url())
    assert (
        "Row 17: score" in page and "How good the explanation is" in page and "Attribution gap between groups" in page
    )
    assert "Row 203: from" in page and "What checking adds to the score, by its value" in page
    assert client.get(reverse("check-chart", args=[run.pk])).status_code == 200
    assert "Feature attribution" in words_of(client, reverse("version-evidence", args=[run.version.pk]))
    card = sources.Known.of(run.version).value(next(field for field in schema() if field.id == "explainability"))
    assert card.digest == run.evidence.digest and "share of checking = 0." in card.text
    with translation.override("en"):
        printed = pdf.html_of(
            "reports/documents/attribution.html", {"check": {"outcome": run.evidence.outcome}}, language="en"
        )
    assert "Row 17: from" in printed and "Additivity error" in printed


def test_words_that_are_no_rows_are_refused_with_what_to_write():
    assert row_numbers("4; 17, 4") == [4, 17] and row_numbers(None) == []
    for text in ("4, x", "0", "-1", "1.5", " ".join(map(str, range(1, 12)))):
        with pytest.raises(BadInput, match="names no rows; write up to ten whole numbers"):
            row_numbers(text)
