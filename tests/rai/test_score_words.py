"""Performance and calibration in words and pictures: what is said never contradicts the verdict, and every group stands there."""

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from rai import charts
from rai.checks import calibration, performance, performance_numbers
from rai.figures.lines import groupings
from rai.figures.sheets import sheets
from rai.wording import sentences
from rai.wording.scores import figure, rule_sentence
from tests.rai.books import book_of
from tests.rai.test_performance import counted, weak


@pytest.fixture(scope="module")
def scored():
    """An outcome of each kind, with rules of every ending."""
    generator = np.random.default_rng(3)
    score, group = generator.random(2400), np.array(["ann", "bob", "tiny"])[np.minimum(np.arange(2400) % 40, 2) * (np.arange(2400) % 40 < 3)]  # fmt: skip
    label, groups = (generator.random(2400) < score).astype(float), {"g": group}
    cube, book = counted(label, (score > 0.5).astype(float), groups), book_of(label, score, groups)
    rules = ["accuracy>=0.7", "accuracy_group_min>=0.9", "roc_auc_difference<=0.02", "recall_ratio>=0.5"]
    numbers = book_of(score * 50, score * 50 + generator.normal(size=2400), groups, positive=None)
    return {
        "performance": performance.run(cube, book, thresholds=rules).to_json(),
        "calibration": calibration.run(book, thresholds=["calibration_error<=0.1", "mean_residual_difference<=0.2"]).to_json(),
        "numbers": performance_numbers.run(numbers, thresholds=["mean_absolute_error<=2"]).to_json(),
    }  # fmt: skip


def drawn(outcome, **more):
    """The outcome's picture."""
    return getattr(charts, outcome["check"])(outcome, **more)


def texts(svg):
    """What is written in a picture."""
    return {"".join(node.itertext()) for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")}


@pytest.mark.parametrize("kind", ["performance", "calibration", "numbers"])
def test_a_picture_is_the_same_twice_and_carries_no_script(scored, kind):
    """P6: same outcome, same bytes."""
    svg = drawn(scored[kind])
    assert svg == drawn(scored[kind])
    assert not re.search(rb"<script|<foreignObject|<image|@font-face|<style|javascript:|(?:href|src)=", svg)


@pytest.mark.parametrize("kind", ["performance", "calibration", "numbers"])
def test_every_group_stands_in_the_picture_with_its_rows(scored, kind):
    written = texts(drawn(scored[kind]))
    for group in scored[kind]["groups"]:
        assert f"{group['group']['g']} (n = {group['n']:,})" in written


def test_the_picture_names_every_verdict_in_words(scored):
    written = texts(drawn(scored["performance"]))
    assert {"Pass", "Fail", "Insufficient"} <= written


def test_calibration_without_groups_or_bins_can_be_drawn():
    outcome = calibration.run(book_of(np.repeat([0.0, 1.0], 50), np.full(100, 0.5))).to_json()
    assert drawn(outcome).startswith(b"<svg")
    assert any("not defined" in sentence for sentence in sentences(outcome))


def test_pictures_speak_the_readers_language(scored):
    assert drawn(scored["calibration"], language="zh-hans").startswith(b"<svg")


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("performance", r"Accuracy is at least 0\.7\d\d \(95 % confidence; limit 0\.7\)"),
        ("performance", r"Accuracy is at most 0\.\d+ for g: \w+ \(limit 0\.9\)"),
        ("performance", r"ROC AUC by g: seen .* not a pass and not a fault of the model"),
        ("performance", r"Recall by g: seen .* anything from .* \(limit 0\.5\)"),
        ("performance", r"Over all 2,400 rows: Accuracy"),
        ("calibration", r"Calibration error is at most 0\.\d+ \(95 % confidence; limit 0\.1\)"),
        ("calibration", r"perfect scores would show about 0\.\d+ by chance alone"),
        ("numbers", r"Mean absolute error is at most \d"),
        ("numbers", r"sampling error only"),
    ],
)
def test_sentences_say_what_was_judged_and_seen(scored, kind, says):
    found = sentences(scored[kind])
    assert any(re.search(says, sentence) for sentence in found), found


def test_the_weakest_slice_is_said_with_how_much_worse_it_is_at_least():
    found = sentences(performance.run(weak()).to_json())
    assert any("surely worse on: g: b, h: y (0.750; worse by at least 0.0" in sentence for sentence in found), found


def test_equal_slices_are_not_called_weak():
    found = sentences(performance.run(weak(worse=0)).to_json())
    assert any("is surely worse on none" in sentence for sentence in found), found


@pytest.mark.parametrize(
    ("rule", "verdict", "low", "high", "bound"),
    [
        ("accuracy>=0.8", "pass", 0.80001, 0.9, "at least 0.800 "),
        ("accuracy>=0.8", "fail", 0.7, 0.79999, "at most 0.800 "),
        ("calibration_error<=0.05", "pass", 0.01, 0.04999, "at most 0.050 "),
        ("mean_absolute_error<=2500", "pass", 2000.0, 2499.96, "at most 2,500 "),
    ],
)
def test_bounds_are_rounded_away_from_the_verdict(rule, verdict, low, high, bound):
    """A printed interval never says more than the computed one."""
    entry = {
        "rule": rule,
        "verdict": verdict,
        "low": low,
        "high": high,
        "value": (low + high) / 2,
        "by": [],
        "groups": 1,
    }
    assert bound in rule_sentence(entry)


def test_figures_of_errors_keep_four_digits_and_signs():
    assert figure(12345.6, "mean_absolute_error") == "12,350"
    assert figure(0.51234, "log_loss", way=math.floor) == "0.5123"
    assert figure(-0.0104, "mean_residual", way=math.floor) == "-0.011"
    assert figure(None, "accuracy") == "–"


def test_tables_hold_all_rows_weak_spots_and_bins_whatever_order_a_database_gives(scored):
    shuffled = {name: dict(sorted(value.items())) if isinstance(value, dict) else value for name, value in scored["performance"].items()}  # fmt: skip
    shuffled["overall"] = {**shuffled["overall"], "metrics": dict(sorted(shuffled["overall"]["metrics"].items(), key=lambda one: len(one[0])))}  # fmt: skip
    tables = sheets(shuffled)
    assert [name for name, _ in tables[0].rows][:3] == ["Accuracy", "Precision", "F1"]
    assert [sheet.caption.split()[0] for sheet in tables] == ["All", "Weakest"]
    assert [sheet.caption for sheet in sheets(scored["calibration"])] == ["All rows together", "All rows by score"]


@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        ("performance", ("Accuracy", "Balanced accuracy", "Recall", "Precision", "ROC AUC")),
        ("calibration", ("Mean score", "Share of positives", "Mean of true less predicted", "Calibration error", "Brier score")),
        ("numbers", ("Mean absolute error", "Root mean squared error", "Mean of true less predicted", "R²")),
    ],
)  # fmt: skip
def test_pages_show_the_telling_metrics_of_every_group(scored, kind, labels):
    (grouping,) = groupings(scored[kind])
    assert grouping.labels == labels
