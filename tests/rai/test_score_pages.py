"""Performance and calibration on the way a user goes: asked for, computed in the child, shown with chart, tables and CSV."""

import csv
import io

import numpy as np
import pytest
from django.urls import reverse

from rai import actions
from rai.models import CheckRun, Predictions
from rai.running import runs
from rai.wording import sentences
from registry import jobs
from registry.errors import BadInput
from registry.models import Evidence
from tests import factories
from tests.rai.uploads import text_of

BOTH = {"target": "y", "sensitive": ["g", "h"]}
PERFORMANCE = {**BOTH, "prediction": "score", "cut": ">=0.5", "score": "score"}
CALIBRATION = {**BOTH, "score": "score"}
NUMBERS = {**BOTH, "kind": "regression", "target": "hours", "prediction": "hours_said"}


def rows(n: int = 1600) -> list[str]:
    """Two features, scores that keep their word but for one slice, hours said a little too low, two empty scores."""
    generator = np.random.default_rng(0)
    score, g, h = generator.random(n), generator.integers(2, size=n), generator.integers(4, size=n)
    y = generator.random(n) < np.where((g == 1) & (h == 2), 0.5, score)
    hours = 10 + 5 * generator.random(n)
    said = hours - 0.3 + generator.normal(0, np.where(h == 1, 3, 0.5), size=n)
    lines = [
        f"{int(a)},{b:.6f},{'ab'[c]},{'wxyz'[d]},{e:.4f},{f:.4f}"
        for a, b, c, d, e, f in zip(y, score, g, h, hours, said)
    ]
    return ["y,score,g,h,hours,hours_said", *lines, "1,,a,w,10,10", "0,NaN,b,x,10,10"]


@pytest.fixture
def version(cast):
    return factories.make_version(cast)


@pytest.fixture
def table(cast, version):
    """An uploaded table whose columns the child has read."""
    return uploaded(cast, version, rows())


def uploaded(cast, version, lines, **more) -> Predictions:
    """A table after its columns were read."""
    content = ("\n".join(lines) + "\n").encode()
    row = actions.upload_predictions(version, content=content, name="preds.csv", actor=cast.owner, **more)
    runs.read_columns(jobs.claim(Predictions, row.pk))
    return Predictions.objects.get(pk=row.pk)


def ran(cast, version, table, slug, parameters) -> CheckRun:
    """A run as a worker ends it, everything real but the broker."""
    run = actions.request_check(version, slug=slug, predictions=table, parameters=parameters, actor=cast.owner)
    runs.run_check(jobs.claim(CheckRun, run.pk))
    return CheckRun.objects.get(pk=run.pk)


@pytest.mark.parametrize(
    ("slug", "parameters", "says"),
    [
        ("performance", PERFORMANCE, ["ROC AUC", "surely worse on: ", "g: b, h: y", "Weakest slices of 14"]),
        ("performance", NUMBERS, ["Mean absolute error", "surely worse on: h: x", "R²"]),
        ("calibration", CALIBRATION, ["On the whole the scores say", "All rows by score", "Calibration error"]),
    ],
)
def test_a_run_is_shown_with_sentences_chart_tables_and_figures(client, cast, version, table, slug, parameters, says):
    """S-121, S-146: from the request to the page, through the child."""
    run = ran(cast, version, table, slug, parameters)
    client.force_login(cast.owner)
    page = text_of(client.get(run.get_absolute_url()))
    assert [words for words in says if words not in page] == []
    svg = client.get(reverse("check-chart", args=[run.pk])).content
    assert svg.startswith(b"<svg") and b"<script" not in svg
    lines = list(
        csv.DictReader(io.StringIO(text_of(client.get(reverse("check-figures", args=[run.pk]))).lstrip("\ufeff")))
    )
    assert {"overall", "group"} <= {line["part"] for line in lines}
    assert {line["part"] for line in lines} & {"bin", "weak spot"}


def test_rows_without_a_score_are_counted_and_said(client, cast, version, table):
    run = ran(cast, version, table, "calibration", CALIBRATION)
    dropped = {each["reason"]: each["rows"] for each in run.evidence.outcome["dropped"]}
    assert dropped == {"no score: NULL": 1, "no score: NaN": 1}
    said = [sentence for sentence in sentences(run.evidence.outcome) if "score is missing" in sentence]
    assert [("empty cell" in sentence, "NaN" in sentence) for sentence in said] == [(True, False), (False, True)]


def test_only_rows_held_out_are_evidence_of_performance_on_a_holdout(cast, version):
    """P3: figures on rows the model was tuned on are not called held-out."""
    table = uploaded(cast, version, rows(400), role="development")
    assert ran(cast, version, table, "performance", PERFORMANCE).evidence.shows == ["performance.slices"]


def test_calibration_needs_no_groups(client, cast, version, table):
    run = ran(cast, version, table, "calibration", {"target": "y", "score": "score"})
    client.force_login(cast.owner)
    page = text_of(client.get(run.get_absolute_url()))
    assert run.evidence.outcome["groups"] == []
    assert "All rows together" in page


@pytest.mark.parametrize(
    ("slug", "parameters", "says"),
    [
        (
            "calibration",
            {**CALIBRATION, "score": "hours"},
            r"in row [\d,]+ below the header .*; probabilities from 0 to 1 are needed",
        ),
        ("performance", {**NUMBERS, "prediction": "g", "sensitive": ["h"]}, "which is no number"),
    ],
)
def test_a_table_that_cannot_be_used_leaves_a_sentence_and_no_evidence(cast, version, table, slug, parameters, says):
    with pytest.raises(BadInput, match=says):
        ran(cast, version, table, slug, parameters)
    assert not Evidence.objects.exists()


def test_a_kind_that_does_not_exist_is_refused(cast, version, table):
    with pytest.raises(BadInput, match="no choice"):
        ran(cast, version, table, "performance", {**PERFORMANCE, "kind": "ranking"})


def test_limits_in_force_decide_the_verdict(cast, version, table):
    """S-124, P6: approved limits are held against every run; the same run again has the same digest."""
    system = version.home_system
    why = "Decisions below this help nobody, as the pilot showed."
    row = actions.propose_baseline(
        system, slug="performance", rule="roc_auc>=0.7", rationale=why, actor=cast.risk_officer
    )
    actions.approve_baseline(row, reason="It matches what the pilot showed.", actor=cast.approver)
    run = ran(cast, version, table, "performance", PERFORMANCE)
    assert (run.verdict, run.evidence.outcome["thresholds"][0]["rule"]) == ("pass", "roc_auc>=0.7")
    assert run.evidence.shows == ["performance.slices", "performance.holdout"]
    again = ran(cast, version, table, "performance", PERFORMANCE)
    assert again.evidence.digest == run.evidence.digest
