"""The area under the ROC curve equals scikit-learn's, and its limits the published ones."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from rai.engine.areas import Area, area, area_limits, areas, expit, in_order, is_by_score, score_limits
from tests.rai.books import drawn

Z = 1.9599639845400545


def near(*numbers):
    """Ten printed decimals."""
    return pytest.approx(numbers, abs=6e-11)


def area_of(positives, negatives):
    return area(np.sort(np.array(positives, float)), np.sort(np.array(negatives, float)))


def test_the_area_of_nine_scores_has_delongs_variance_and_logit_limits():
    found = area_of([0.9, 0.8, 0.7, 0.6], [0.5, 0.65, 0.3, 0.2, 0.8])
    assert (found.value, found.variance, *area_limits(found, Z)) == near(
        0.825, 0.0222916667, 0.3831310642, 0.9728135637
    )


@pytest.mark.parametrize(
    ("a", "positives", "negatives", "low", "high"),
    [(1.0, 10, 20, 0.8489213535, 1), (0.9, 20, 20, 0.7465113520, 0.9620965352)],
)
def test_newcombes_method_five_gives_the_known_limits(a, positives, negatives, low, high):
    assert score_limits(a, positives, negatives, Z) == near(low, high)


def test_a_perfect_ranking_has_an_interval_of_some_width():
    found = area_of([2, 3, 4, 5, 6, 7, 8, 9, 10, 11], np.linspace(0, 1, 20))
    assert found.value == 1
    assert area_limits(found, Z) == near(0.8489213535, 1)


def test_a_reversed_ranking_mirrors_a_perfect_one():
    low, high = area_limits(area_of(np.linspace(0, 1, 20), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), Z)
    assert (low, high) == near(0, 1 - 0.8489213535)


def test_one_score_for_all_is_a_coin_and_not_a_certainty():
    found = area_of([0.5] * 30, [0.5] * 40)
    assert found.value == 0.5
    assert is_by_score(found)
    low, high = area_limits(found, Z)
    assert low < 0.4 and high > 0.6


@pytest.mark.parametrize(("positives", "negatives"), [([], [0.1, 0.2]), ([0.1], []), ([], [])])
def test_without_one_of_the_labels_there_is_no_area(positives, negatives):
    found = area_of(positives, negatives)
    assert (found.value, found.variance) == (None, None)
    assert np.isnan(area_limits(found, Z)).all()


def test_a_single_positive_has_an_area_and_limits_without_delong():
    found = area_of([0.7], [0.1, 0.9, 0.3])
    assert (found.value, found.variance) == (pytest.approx(2 / 3), None)
    low, high = area_limits(found, Z)
    assert 0 <= low < 2 / 3 < high <= 1


def test_ties_count_half():
    assert area_of([0.5, 0.5], [0.5, 0.1]).value == 0.75


def test_areas_of_groups_equal_scikit_learns(seed, amount):
    """S-128: exact, with ties, whatever the group sizes."""
    generator = np.random.default_rng(seed)
    for _ in range(amount(200)):
        label, score, group = drawn(generator, int(generator.integers(50, 3000)))
        codes = np.unique(group, return_inverse=True)[1]
        for place, found in enumerate(areas(label.astype(np.int8), score, codes, codes.max() + 1)):
            inside = codes == place
            if len(set(label[inside])) == 2:
                assert found.value == pytest.approx(roc_auc_score(label[inside], score[inside]), abs=1e-12)


def test_variances_equal_those_of_all_pairs(seed):
    """DeLong's placements by their definition, O(n²)."""
    generator = np.random.default_rng(seed)
    for sizes in ((40, 25), (25, 40), (2, 50)):
        positives, negatives = (np.sort(np.round(generator.random(size), 1)) for size in sizes)
        above = (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)
        expected = above.mean(1).var(ddof=1) / sizes[0] + above.mean(0).var(ddof=1) / sizes[1]
        found = area(positives, negatives)
        assert (found.value, found.variance) == pytest.approx((above.mean(), expected), abs=1e-14)


def test_the_order_of_rows_and_the_number_of_threads_change_no_digit(seed):
    """P6: same inputs, same figures."""
    generator = np.random.default_rng(seed)
    label, score, group = drawn(generator)
    codes = np.unique(group, return_inverse=True)[1]
    order = generator.permutation(len(label))
    first = areas(label.astype(np.int8), score, codes, 3, threads=1)
    assert first == areas(label[order].astype(np.int8), score[order], codes[order], 3, threads=3)


@pytest.mark.parametrize(("separation", "size"), [(1.0, 30), (2.0, 60)])
def test_logit_delong_covers_the_true_area(separation, size):
    """S-128: nominal 95 %; 600 runs leave a standard error of 0.9 points."""
    from scipy.stats import norm

    generator = np.random.default_rng(7)
    true, runs = norm.cdf(separation / np.sqrt(2)), 600
    hits = 0
    for _ in range(runs):
        found = area_of(generator.normal(separation, size=size), generator.normal(size=size))
        low, high = area_limits(found, Z)
        hits += low <= true <= high
    assert 0.92 <= hits / runs <= 0.98


def test_extreme_odds_stay_numbers():
    assert expit(1000) == 1 and expit(-1000) == 0
    low, high = area_limits(Area(1 - 1e-9, 1e-20, 10**6, 10**6), Z)
    assert 0.999 < low <= high <= 1


@pytest.mark.parametrize(
    "made",
    [
        lambda draw: draw.random(20_000),
        lambda draw: draw.random(20_000) * 1e-310,
        lambda draw: np.round(draw.random(20_000), 1),
        lambda draw: draw.lognormal(0, 8, size=20_000),
        lambda draw: draw.normal(size=20_000) * 2e307,
        lambda draw: np.concatenate([draw.random(19_990), [1e12] * 10]),
        lambda draw: np.full(20_000, 0.3),
        lambda draw: np.array([0.0, -0.0] * 10_000),
        lambda draw: draw.permutation(np.nextafter(0, 1) * np.arange(20_000)),
        lambda draw: draw.random(5),
    ],
)
def test_scores_of_any_spread_are_put_in_order(made, seed):
    scores = made(np.random.default_rng(seed))
    assert (in_order(scores) == np.sort(scores)).all()
