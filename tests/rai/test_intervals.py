"""Intervals, levels and tests give the published and the exactly computed numbers."""

import numpy as np
import pytest
from scipy.stats import binom

from rai.engine import intervals
from rai.engine.intervals import (
    chi_square,
    effective_by_clusters,
    effective_by_weights,
    holm,
    jaccard_to_f1,
    mover_difference,
    mover_ratio,
    paired_difference,
    score_test,
    student,
    wilson,
    z_fail,
    z_pass,
    z_shown,
)

Z = 1.9599639845400545


def near(*numbers):
    """Ten printed decimals."""
    return pytest.approx(numbers, abs=6e-11)


def newcombe(x1, n1, x2, n2):
    p1, p2 = x1 / n1, x2 / n2
    (l1, u1), (l2, u2) = wilson(p1, n1, Z), wilson(p2, n2, Z)
    return mover_difference(p1, l1, u1, p2, l2, u2)


def donner_zou(x1, n1, x2, n2):
    p1, p2 = x1 / n1, x2 / n2
    (l1, u1), (l2, u2) = wilson(p1, n1, Z), wilson(p2, n2, Z)
    return mover_ratio(p1, l1, u1, p2, l2, u2)


@pytest.mark.parametrize(
    ("attempt", "z"),
    [(1, 1.9599639845), (2, 2.3939797998), (3, 2.6382572735), (4, 2.8070337683), (5, 2.9351994689), (10, 3.3172473616)],
)
def test_the_level_of_a_pass_shrinks_with_every_attempt(attempt, z):
    assert z_pass(0.05, attempt) == pytest.approx(z, abs=6e-11)


@pytest.mark.parametrize(
    ("attempt", "comparisons", "z"),
    [
        (1, 1, 1.9599639845),
        (1, 2, 2.2364766446),
        (1, 3, 2.3877378871),
        (1, 6, 2.6310382845),
        (1, 10, 2.7996252193),
        (1, 780, 3.9911326980),
        (1, 19900, 4.7018974801),
        (2, 6, 2.9891806708),
        (2, 10, 3.1417697782),
    ],
)
def test_the_level_of_a_fail_is_sidak_corrected_for_the_comparisons(attempt, comparisons, z):
    assert z_fail(0.05, attempt, comparisons) == pytest.approx(z, abs=6e-11)


def test_the_errors_of_all_attempts_sum_to_one_minus_confidence():
    total = sum(intervals.error_per_side(0.05, attempt) for attempt in range(1, 100_001))
    assert total == pytest.approx(0.05, abs=1e-6)


def test_printed_intervals_do_not_depend_on_the_attempt():
    assert z_shown(0.05) == pytest.approx(Z, abs=1e-14)


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [
        (1, 20, 0.0088814488, 0.2361311934),
        (0, 10, 0, 0.2775327999),
        (20, 20, 0.8388748419, 1),
        (81, 263, 0.2552885199, 0.3662095770),
        (201, 310, 0.5937142387, 0.6994274015),
        (499, 690, 0.6886381075, 0.7552673352),
    ],
)
def test_wilson_gives_the_known_limits(x, n, low, high):
    assert wilson(x / n, n, Z) == near(low, high)


def test_wilson_ends_exactly_at_zero_and_one():
    assert wilson(0.0, 7, Z)[0] == 0
    assert wilson(1.0, 7, Z)[1] == 1


def test_wilson_of_no_rows_is_undefined():
    assert np.isnan(wilson(0.5, 0, Z)).all()


@pytest.mark.parametrize(("n", "p", "coverage"), [(20, 0.05, 0.9245), (50, 0.01, 0.9106)])
def test_wilson_covers_exactly_as_often_as_enumeration_says(n, p, coverage):
    x = np.arange(n + 1)
    low, high = wilson(x / n, n, Z)
    assert binom.pmf(x, n, p)[(low <= p) & (p <= high)].sum() == pytest.approx(coverage, abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524314724, 0.3338726540),
        ((9, 10, 3, 10), 0.1705227239, 0.8090179735),
        ((10, 10, 0, 10), 0.6075093504, 1),
        ((5, 56, 0, 29), -0.0381371479, 0.1925600139),
        ((201, 310, 499, 690), -0.1381904179, -0.0131666125),
        ((805, 1795, 349, 1488), 0.1820531823, 0.2450233403),
    ],
)
def test_differences_match_newcombes_published_intervals(counts, low, high):
    assert newcombe(*counts) == near(low, high)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((201, 310, 499, 690), 0.8128103161, 0.9812959810),
        ((8, 10, 10, 10), 0.4901624715, 1.1498179511),
        ((0, 20, 5, 50), 0, 1.9532100282),
    ],
)
def test_ratios_have_mover_r_intervals(counts, low, high):
    assert donner_zou(*counts) == near(low, high)


def test_a_ratio_over_no_events_is_unbounded():
    low, high = donner_zou(5, 50, 0, 20)
    assert low == pytest.approx(0.5119777113, abs=6e-11)
    assert high == np.inf


def test_the_score_test_pools_the_variance():
    z, p = score_test(np.array([201 / 310]), np.array([310]), np.array([499 / 690]), np.array([690]))
    assert (z[0], p[0]) == near(-2.3872887036, 0.0169731564)


def test_two_groups_have_the_same_p_by_chi_square_and_by_score_test():
    z, p = score_test(np.array([201 / 310]), np.array([310]), np.array([499 / 690]), np.array([690]))
    statistic, degrees, other, approximate = chi_square(np.array([201 / 310, 499 / 690]), np.array([310, 690]))
    assert (statistic, other) == near(z[0] ** 2, p[0])
    assert (degrees, approximate) == (1, False)


def test_small_expected_counts_are_called_approximate():
    assert chi_square(np.array([0.1, 0.0]), np.array([10, 5]))[3] is True


def test_equal_rates_of_nobody_are_no_evidence_against_equality():
    assert chi_square(np.array([0.0, 0.0]), np.array([10, 5])) == (0.0, 1, 1.0, True)


def test_holm_steps_down():
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02], abs=1e-15)


def test_weights_shrink_the_effective_size():
    w = np.array([1, 1, 2, 2, 4, 0.5, 0.5, 3])
    y = np.array([1, 0, 1, 0, 0, 1, 0, 1])
    p = (w * y).sum() / w.sum()
    size = effective_by_weights(
        np.array([p]), np.array([w.sum()]), np.array([(w**2).sum()]), np.array([(w**2 * y).sum()]), np.array([8])
    )
    assert (p, size[0]) == near(0.4642857143, 4.9198234645)
    assert w.sum() ** 2 / (w**2).sum() == pytest.approx(5.5211267606, abs=6e-11)
    assert wilson(p, size[0], Z) == near(0.1493385616, 0.8105513323)


def test_weights_that_are_all_alike_change_nothing_but_the_sample_correction():
    size = effective_by_weights(np.array([0.25]), np.array([40.0]), np.array([80.0]), np.array([20.0]), np.array([20]))
    assert size[0] == pytest.approx(19)


def test_kish_decides_where_a_weighted_rate_is_zero():
    size = effective_by_weights(np.array([0.0]), np.array([6.0]), np.array([14.0]), np.array([0.0]), np.array([3]))
    assert size[0] == pytest.approx(36 / 14)


def test_clusters_shrink_the_effective_size_and_widen_the_level():
    clusters, y = np.array([1, 1, 1, 2, 2, 3, 3, 4, 4, 4]), np.array([1, 1, 0, 0, 0, 1, 1, 0, 1, 0])
    squares = sum((y[clusters == c] - 0.5).sum() ** 2 for c in range(1, 5))
    assert squares / 100 * 4 / 3 == pytest.approx(0.0333333333, abs=6e-11)
    size = effective_by_clusters(np.array([0.5]), np.array([squares]), np.array([10.0]), np.array([10]), np.array([4]))
    level = student(Z, np.array([3.0]))
    assert (size[0], level[0]) == near(7.5, 3.1824463053)
    assert [end[0] for end in wilson(np.array([0.5]), size, level)] == pytest.approx(
        [0.1210080322, 0.8789919678], abs=6e-11
    )


def test_clusters_without_spread_count_themselves():
    size = effective_by_clusters(np.array([0.0]), np.array([0.0]), np.array([90.0]), np.array([90]), np.array([31]))
    assert size[0] == 31


def test_f1_takes_its_limits_from_the_jaccard_index():
    low, high = wilson(8 / 16, 16, Z)
    assert jaccard_to_f1(8 / 16) == pytest.approx(0.6666666667, abs=6e-11)
    assert (jaccard_to_f1(low), jaccard_to_f1(high)) == near(0.4374946730, 0.8372122525)


@pytest.mark.parametrize(("n1", "n2", "p1", "p2"), [(20, 200, 0.05, 0.1), (30, 300, 0.9, 0.95), (100, 100, 0.3, 0.4)])
def test_difference_and_ratio_intervals_cover_at_least_93_percent(n1, n2, p1, p2):
    """S-128: an interval that is printed covers, by exact enumeration."""
    x1, x2 = np.arange(n1 + 1)[:, None], np.arange(n2 + 1)[None, :]
    weight = binom.pmf(x1, n1, p1) * binom.pmf(x2, n2, p2)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = newcombe(x1, n1, x2, n2)
        lower, upper = donner_zou(x1, n1, x2, n2)
    assert weight[(low <= p1 - p2) & (p1 - p2 <= high)].sum() >= 0.93
    assert weight[(lower <= p1 / p2) & (p1 / p2 <= upper)].sum() >= 0.93


def test_the_ratio_of_two_shares_is_printed_to_its_digits():
    value = (201 / 310) / (499 / 690)
    low, high = donner_zou(201, 310, 499, 690)
    gap = 201 / 310 - 499 / 690
    assert (value, low, high, gap) == near(0.8965673282, 0.8128103161, 0.9812959810, -0.0748013090)


def test_the_mean_of_thirty_rows_has_students_limits():
    half = student(Z, np.array([29.0]))[0] * 1.5 / np.sqrt(30)
    assert (2 - half, 2 + half) == near(1.4398907949, 2.5601092051)


def test_two_versions_on_the_same_rows_differ_by_the_rows_only_one_is_right_on():
    assert paired_difference(30, 18, 500, Z) == near(0.0239043825, -0.0033456779, 0.0511544429)


def test_two_versions_that_never_disagree_still_have_an_interval():
    value, low, high = paired_difference(0, 0, 40, Z)
    assert value == 0
    assert -0.1 < low < 0 < high < 0.1
