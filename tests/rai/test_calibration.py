"""Calibration: published numbers, scikit-learn's scores, honest intervals, and scores that cannot be used."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from rai.checks.calibration import parse_rule, run
from rai.checks.contract import InputError
from rai.engine.calibration import (
    bins_of,
    brier_parts,
    calibration_error,
    error_limits,
    expected_error,
    noise_floor,
    squared_error,
)
from rai.engine.score_messages import book_of as book_from, message_of
from tests.rai.books import book_of, drawn

Z = 1.9599639845400545


def near(*numbers):
    """Ten printed decimals."""
    return pytest.approx(numbers, abs=6e-11)


def labels(ones, n):
    return np.repeat([1.0, 0.0], [ones, n - ones])


def eight():
    """Eight rows in two bins, worked by hand."""
    score = np.array([0.1, 0.2, 0.2, 0.3, 0.6, 0.7, 0.8, 0.9])
    return bins_of(score, np.array([0, 0, 1, 0, 1, 0, 1, 1.0]), most=2)


def perfect(generator, rows):
    """Scores that keep their word."""
    score = generator.random(rows)
    return (generator.random(rows) < score).astype(float), score


def test_two_scores_make_two_bins_with_the_known_error():
    score = np.repeat([0.2, 0.7], 500)
    bins = bins_of(score, np.concatenate([labels(130, 500), labels(320, 500)]))
    assert bins.n == (500, 500)
    assert (expected_error(bins), noise_floor(bins), squared_error(bins)) == near(0.06, 0.0164059893, 0.0031763527)
    assert (calibration_error(bins), *error_limits(bins, Z)) == near(0.0563591404, 0.0332392484, 0.0922101136)


def test_the_parts_of_a_brier_score_add_up_to_it():
    parts = brier_parts(eight())
    assert (parts.score, parts.reliability, parts.resolution, parts.uncertainty) == near(0.185, 0.00125, 0.0625, 0.25)
    assert (parts.within_bin_variance, parts.within_bin_covariance) == near(0.00875, 0.0125)
    corrected = (parts.reliability_corrected, parts.resolution_corrected, parts.uncertainty_corrected)
    assert corrected == near(-0.06125, 0.0357142857, 0.2857142857)


def test_an_error_below_its_noise_is_zero_with_an_upper_limit():
    bins = eight()
    assert squared_error(bins) == pytest.approx(-0.06, abs=6e-11)
    assert (calibration_error(bins), *error_limits(bins, Z)) == near(0, 0, 0.7067504153)


def test_the_mean_residual_has_students_limits():
    outcome = run(book_of([0, 0, 1, 0, 1, 0, 1, 1], [0.1, 0.2, 0.2, 0.3, 0.6, 0.7, 0.8, 0.9]))
    found = outcome.to_json()["overall"]["metrics"]["mean_residual"]
    assert (found["value"], found["low"], found["high"]) == near(0.025, -0.3587639151, 0.4087639151)


def test_equal_scores_are_never_parted():
    score = np.sort(np.repeat(np.arange(7) / 7, [50, 3, 90, 1, 40, 8, 30]))
    bins = bins_of(score, np.zeros(len(score)))
    edges = np.cumsum(bins.n).astype(int)[:-1]
    assert (score[edges] != score[edges - 1]).all()
    assert sum(bins.n) == len(score)
    assert min(bins.n) >= 2


@pytest.mark.parametrize(("rows", "bins"), [(39, None), (40, 2), (199, 9), (200, 10), (5000, 10)])
def test_there_are_ten_bins_of_at_least_twenty_rows(rows, bins):
    found = bins_of(np.linspace(0, 1, rows), np.zeros(rows))
    assert (found and len(found)) == bins


def test_one_score_for_all_has_no_calibration_error_and_says_why():
    outcome = run(book_of(labels(40, 100), np.full(100, 0.4)))
    found = outcome.to_json()["overall"]["metrics"]["calibration_error"]
    assert found["value"] is None
    assert "one score for nearly all" in found["reason"]
    assert outcome.to_json()["overall"]["metrics"]["mean_residual"]["value"] == pytest.approx(0, abs=1e-12)


def test_brier_scores_equal_scikit_learns(seed, amount):
    generator = np.random.default_rng(seed)
    for _ in range(amount(200)):
        label, score, group = drawn(generator, int(generator.integers(100, 2000)))
        outcome = run(book_of(label, score, {"g": group})).to_json()
        for entry in [outcome["overall"], *outcome["groups"]]:
            inside = group == entry["group"]["g"] if entry["group"] else np.full(len(label), True)
            expected = brier_score_loss(label[inside], score[inside])
            assert entry["metrics"]["brier_score"]["value"] == pytest.approx(expected, abs=1e-12)
            if entry.get("more"):
                assert entry["more"]["brier"]["score"] == pytest.approx(expected, abs=1e-12)


def test_the_order_of_rows_changes_no_digit(seed):
    """P6: same inputs, same digest."""
    generator = np.random.default_rng(seed)
    label, score, group = drawn(generator)
    order = generator.permutation(len(label))
    digests = {
        run(book_of(*rows), thresholds=["calibration_error<=0.1"]).digest
        for rows in ((label, score, {"g": group}), (label[order], score[order], {"g": group[order]}))
    }
    assert len(digests) == 1


@pytest.mark.parametrize(("rows", "power"), [(300, 1.0), (1000, 1.0), (1000, 1.4)])
def test_the_calibration_error_covers_its_true_value(rows, power):
    """S-146: nominal 95 %, over the bins that are used; 300 runs leave a standard error of 1.3 points."""
    generator, hits, runs = np.random.default_rng(11), 0, 300
    for _ in range(runs):
        score = np.sort(generator.random(rows))
        chance = score**power
        bins = bins_of(score, (generator.random(rows) < chance).astype(float))
        edges = np.cumsum([0, *bins.n]).astype(int)
        gaps = [(chance[a:b] - score[a:b]).mean() for a, b in itertools.pairwise(edges)]
        true = np.sqrt((np.array(bins.n) / rows * np.square(gaps)).sum())
        low, high = error_limits(bins, Z)
        hits += low - 1e-12 <= true <= high
    assert hits / runs >= 0.93


def test_calibration_in_the_large_covers_its_true_value():
    generator, hits, runs = np.random.default_rng(12), 0, 600
    for _ in range(runs):
        label, score = perfect(generator, 60)
        found = run(book_of(label, score)).parts["overall"].metrics["mean_residual"]
        hits += found.low <= 0 <= found.high
    assert 0.92 <= hits / runs <= 0.98


def test_the_plain_error_is_shown_beside_its_floor_and_never_judged():
    generator = np.random.default_rng(3)
    metrics = run(book_of(*perfect(generator, 300))).parts["overall"].metrics
    assert metrics["expected_calibration_error"].value > 0.03
    assert metrics["noise_floor"].value > 0.03
    with pytest.raises(InputError, match="biased upward"):
        parse_rule("expected_calibration_error<=0.05")


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ("mean_residual_difference<=0.1", "pass"),
        ("mean_residual_difference<=0.01", "fail"),
        ("mean_residual>=-0.2", "pass"),
        ("mean_residual_group_max<=0.01", "fail"),
        ("calibration_error<=0.2", "pass"),
        ("calibration_error_difference<=0.04", "insufficient"),
        ("brier_score<=0.05", "fail"),
        ("mean_residual_difference_to_rest<=0.2", "pass"),
    ],
)
def test_rules_are_judged_by_the_interval(rule, verdict):
    """S-146: uncalibrated scores are found."""
    generator = np.random.default_rng(5)
    label, score = perfect(generator, 6000)
    group = np.repeat(["a", "b"], 3000)
    label[3000:] = generator.random(3000) < np.clip(score[3000:] + 0.05, 0, 1)
    outcome = run(book_of(label, score, {"g": group}), thresholds=[rule])
    assert outcome.verdict == verdict


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("mean_residual_ratio>=0.8", "ratios are judged of rates alone"),
        ("calibration_error_difference_to_rest<=0.1", "all others cannot be had"),
        ("accuracy>=0.8", "cannot judge"),
        ("brier_score<=1.5", "between 0 and 1"),
    ],
)
def test_rules_that_mean_nothing_here_are_refused(rule, says):
    with pytest.raises(InputError, match=says):
        parse_rule(rule)


@pytest.mark.parametrize(("least", "most"), [(-0.1, 0.9), (0.0, 1.2), (1, 100)])
def test_scores_that_are_no_probabilities_are_refused(least, most):
    with pytest.raises(InputError, match="probabilities from 0 to 1"):
        run(book_of(labels(40, 100), np.linspace(least, most, 100)))


def test_a_group_of_one_label_has_its_mean_residual_and_blocks_nothing_else():
    generator = np.random.default_rng(9)
    label, score = perfect(generator, 1200)
    group = np.repeat(["a", "b", "c"], 400)
    label[group == "c"] = 1
    outcome = run(book_of(label, score, {"g": group}), thresholds=["mean_residual_difference<=0.2"]).to_json()
    assert [each["positives"] for each in outcome["groups"]][2] == 400
    assert outcome["verdict"] == "fail"
    assert outcome["thresholds"][0]["worst"]["group"] == {"g": "c"} or outcome["thresholds"][0]["worst"]["versus"] == {
        "g": "c"
    }


def test_groups_below_a_hundred_rows_are_shown_and_never_judged():
    generator = np.random.default_rng(2)
    label, score = perfect(generator, 1090)
    group = np.repeat(["a", "b", "small"], [500, 500, 90])
    outcome = run(book_of(label, score, {"g": group}), thresholds=["mean_residual_difference<=0.3"])
    (entry,) = outcome.thresholds
    assert (entry.verdict, entry.reasons) == ("insufficient", ("small_group",))
    assert [left.group for left in entry.left_out] == [{"g": "small"}]
    assert entry.rows_needed.rows is not None


def test_rows_used_for_tuning_can_fail_and_never_pass():
    generator = np.random.default_rng(2)
    book = book_of(*perfect(generator, 3000))
    assert run(book, thresholds=["calibration_error<=0.2"], role="development").verdict == "insufficient"
    assert run(book, thresholds=["calibration_error<=0.2"]).verdict == "pass"


def test_a_book_survives_its_message(seed):
    label, score, group = drawn(np.random.default_rng(seed))
    book = book_of(label, score, {"g": group}, missing={"no score: NaN": 3})
    assert book_from(message_of(book)) == book


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts[0]["rows"][0].__setitem__(0, -1),
        lambda parts: parts[0]["moments"]["residual"].__setitem__(2, -1.0),
        lambda parts: parts[0]["moments"].__setitem__("residual", [3, 0.0, 1.0]),
        lambda parts: parts[0]["area"].__setitem__("value", 1.5),
        lambda parts: parts[0]["area"].__setitem__("positives", 1),
        lambda parts: parts[0]["bins"]["score"].__setitem__(0, 7.0),
        lambda parts: parts[0]["bins"]["n"].pop(),
        lambda parts: parts[0].pop("by"),
        lambda parts: parts[0]["moments"]["score"].__setitem__(1, "0.5"),
    ],
)
def test_a_message_that_contradicts_itself_is_refused(change):
    """P5: what the reading process sends is checked before anything is computed on it."""
    message = message_of(book_of(*drawn(np.random.default_rng(1))[:2]))
    change(message["parts"])
    with pytest.raises(InputError, match="run the check again"):
        book_from(message)


@pytest.mark.parametrize(("lost", "verdict"), [(0.02, "pass"), (0.1, "insufficient")])
def test_too_many_missing_scores_keep_a_rule_open(lost, verdict):
    """What is missing is seldom missing at random: above 5 % of the rows nothing passes."""
    generator = np.random.default_rng(4)
    label, score = perfect(generator, 3000)
    score[: int(lost * 3000)] = np.nan
    outcome = run(book_of(label, score), thresholds=["calibration_error<=0.2"])
    assert outcome.verdict == verdict
    assert ("missing_values" in outcome.thresholds[0].reasons) is (verdict == "insufficient")
