"""A rule passes, fails or is insufficient by its interval, its groups and its rows."""

import numpy as np
import pytest

from rai.checks.contract import InputError
from rai.checks.group_fairness import run
from rai.engine.comparisons import Contest, differences, gap_high, gap_low
from rai.engine.intervals import z_fail, z_pass
from rai.engine.planning import Levels, difference_risk, planned, shrunk, smallest_factor
from rai.engine.rates import METRICS, Rates, rates_of
from rai.engine.rules import rule_of
from tests.rai.cubes import compas, cube_of, selected

RULE = "selection_rate_difference<=0.1"


def near(*numbers):
    """Ten printed decimals."""
    return pytest.approx(numbers, abs=6e-11)


def judged(cube, rule=RULE, **more):
    (entry,) = run(cube, thresholds=[rule], **more).thresholds
    return entry


def interval(entry):
    return entry.value, entry.low, entry.high


def rates(*groups):
    x, n = np.array(groups, dtype=float).T
    return Rates(x / n, n, n, np.full(len(n), np.nan))


GERMAN = selected((201, 310), (499, 690))


# ---- all pairs


def test_an_interval_across_the_limit_is_insufficient():
    """S-128: too small a sample gives no pass."""
    entry = judged(GERMAN)
    assert interval(entry) == near(0.0748013090, 0.0131666125, 0.1381904179)
    assert (entry.verdict, entry.reasons) == ("insufficient", ("interval_spans_limit",))


def test_an_interval_beyond_the_limit_fails():
    entry = judged(compas("African-American", "Caucasian"), "false_positive_rate_difference<=0.1")
    assert interval(entry) == near(0.2139249558, 0.1820531823, 0.2450233403)
    assert (entry.verdict, entry.comparisons, entry.groups) == ("fail", 1, 2)


def test_a_second_attempt_is_judged_more_strictly():
    entry = judged(compas("African-American", "Caucasian"), "false_positive_rate_difference<=0.1", attempt=2)
    assert interval(entry) == near(0.2139249558, 0.1749060644, 0.2517915058)
    assert entry.error_per_side == pytest.approx(0.05 / 6, abs=1e-15)


def test_small_groups_do_not_hide_a_fail_among_the_others():
    entry = judged(compas(), "false_positive_rate_difference<=0.1")
    assert interval(entry) == near(0.3009269830, 0.2250456380, 0.3462737150)
    assert (entry.verdict, entry.groups, entry.comparisons) == ("fail", 4, 6)
    assert entry.worst.group == {"race": "Other"}
    assert entry.worst.versus == {"race": "African-American"}
    assert [group.group["race"] for group in entry.left_out] == ["Asian", "Native American"]


def test_equalized_odds_takes_the_worse_of_both_rates():
    entry = judged(compas("African-American", "Caucasian"), "equalized_odds_difference<=0.1")
    assert interval(entry) == near(0.2139249558, 0.1775031277, 0.2450233403)
    assert entry.comparisons == 2


def test_three_groups_across_the_limit_are_insufficient():
    entry = judged(selected((30, 100), (36, 100), (90, 300)))
    assert interval(entry) == near(0.06, 0, 0.1869016350)
    assert entry.verdict == "insufficient"


def test_three_groups_within_the_limit_pass():
    entry = judged(selected((300, 1000), (330, 1000), (960, 3000)))
    assert interval(entry) == near(0.03, 0, 0.0705731503)
    assert (entry.verdict, entry.reasons, entry.rows_needed) == ("pass", (), None)


def test_a_group_without_events_takes_part():
    entry = judged(selected((30, 40), (60, 200), (300, 1000), (0, 35)))
    assert interval(entry) == near(0.75, 0.4850206215, 0.8581288136)
    assert entry.verdict == "fail"


def test_a_ratio_is_held_against_all_ordered_pairs():
    entry = judged(selected((400, 1000), (500, 1000), (450, 900)), "selection_rate_ratio>=0.8")
    assert interval(entry) == near(0.8, 0.7237859421, 0.9010686133)
    assert (entry.verdict, entry.comparisons) == ("insufficient", 3)


def test_the_ratio_of_two_groups_passes_above_its_limit():
    entry = judged(GERMAN, "selection_rate_ratio>=0.8")
    assert (entry.low, entry.high) == near(0.8128103161, 0.9812959810)
    assert entry.verdict == "pass"


def test_every_group_is_held_against_the_rest():
    cube = selected((60, 200), (42, 150), (70, 200), (25, 100))
    entry = judged(cube, "selection_rate_difference_to_rest<=0.1")
    assert (entry.value, entry.high) == near(0.0677777778, 0.1472960325)
    assert (entry.comparison, entry.comparisons) == ("rest", 4)


def test_the_interval_against_the_rest_is_that_of_two_independent_groups():
    table = selected((60, 200), (42, 150), (70, 200), (25, 100)).table(("g",))
    metric = METRICS["selection_rate"]
    contest = Contest("rest", rates_of(table, metric), rest=rates_of(table.rest(), metric))
    every = np.arange(4)
    gaps = contest.rates.value - contest.versus.value
    low, high = differences(contest, z_pass(0.05, 1))(every, every)
    assert gaps == near(-0.0044444444, -0.03, 0.0677777778, -0.0627272727)
    assert low == near(-0.0782617466, -0.1078756443, -0.0084259735, -0.1472960325)
    assert high == near(0.0737770399, 0.0559894504, 0.1467869468, 0.0375277549)


def test_the_rest_leaves_out_groups_that_are_not_judged():
    small = selected((60, 200), (42, 150), (70, 200), (25, 100), (3, 5))
    assert judged(small, "selection_rate_difference_to_rest<=0.1").high == pytest.approx(0.1472960325, abs=6e-11)


def test_four_groups_are_compared_in_all_pairs():
    assert interval(judged(selected((60, 200), (42, 150), (70, 200), (25, 100)))) == near(0.1, 0, 0.2011494407)


def test_a_spread_round_the_reference_is_seen_by_all_pairs_and_hidden_from_the_reference():
    cube = selected((8_400, 28_000), (4_400, 20_000), (7_600, 20_000))
    assert judged(cube, "selection_rate_difference_to_reference<=0.1").verdict == "pass"
    assert judged(cube).verdict == "fail"


def test_a_reference_that_is_not_judged_leaves_nothing_to_compare():
    entry = judged(
        selected((9, 20), (60, 200)), "selection_rate_difference_to_reference<=0.1", reference={"g": "g0000"}
    )
    assert (entry.verdict, entry.value) == ("insufficient", None)
    assert entry.reasons == ("nothing_to_compare", "small_group")


# ---- single values and groups against a limit


def test_a_single_value_is_inside_outside_or_across():
    cube = selected((300, 1000))
    rules = ("selection_rate<=0.4", "selection_rate<=0.2", "selection_rate<=0.31", "selection_rate>=0.2")
    entries = run(cube, thresholds=rules).thresholds
    assert [entry.verdict for entry in entries] == ["pass", "fail", "insufficient", "pass"]
    assert {entry.by for entry in entries} == {()}


def test_a_single_value_of_too_few_rows_is_insufficient():
    entry = judged(selected((1, 2)), "selection_rate<=0.9")
    assert (entry.verdict, entry.reasons) == ("insufficient", ("nothing_to_compare", "small_group"))


def test_the_worst_group_decides_each_end_at_its_own_level():
    cube = selected((700, 1000), (640, 1000))
    entry = judged(cube, "selection_rate_group_min>=0.6")
    low, high = rates((640, 1000)).limits(z_pass(0.05, 1))[0][0], rates((640, 1000)).limits(z_fail(0.05, 1, 2))[1][0]
    assert interval(entry) == near(0.64, low, high)
    assert (entry.verdict, entry.worst.group) == ("pass", {"g": "g0001"})


def test_a_largest_group_value_beyond_the_limit_fails():
    assert judged(selected((700, 1000), (640, 1000)), "selection_rate_group_max<=0.6").verdict == "fail"


# ---- who is judged


def test_a_small_group_blocks_a_pass():
    entry = judged(selected((3000, 10_000), (3000, 10_000), (9, 29)))
    assert (entry.verdict, entry.reasons) == ("insufficient", ("small_group",))
    assert entry.high <= 0.1


def test_thirty_rows_are_enough_to_be_judged():
    assert judged(selected((3000, 10_000), (9, 30))).groups == 2


def test_a_disclosed_small_group_lets_the_rest_pass():
    entry = judged(selected((3000, 10_000), (3000, 10_000), (9, 29)), small_groups="disclose")
    assert entry.verdict == "pass"
    assert [(group.n, group.reason) for group in entry.left_out] == [(29, "small_group")]
    assert entry.left_out_share == pytest.approx(29 / 20_029)


def test_more_than_five_percent_left_out_is_too_much():
    entry = judged(selected((3000, 10_000), (3000, 10_000), (900, 3000)), small_groups="disclose", min_group=5000)
    assert (entry.verdict, entry.reasons) == ("insufficient", ("too_much_left_out",))


def test_a_group_without_positives_is_undefined_and_blocks():
    cube = cube_of(
        [("a", 1, 1, 900), ("a", 1, 0, 100), ("b", 0, 1, 50), ("b", 0, 0, 50), ("c", 1, 1, 900), ("c", 1, 0, 100)]
    )
    entry = judged(cube, "true_positive_rate_difference<=0.1")
    assert (entry.verdict, entry.reasons) == ("insufficient", ("undefined_group",))
    assert entry.rows_needed.reason == "no rows of this kind"


def test_one_group_alone_is_nothing_to_compare():
    entry = judged(selected((300, 1000)))
    assert (entry.verdict, entry.value, entry.worst, entry.chance) == ("insufficient", None, None, None)
    assert "nothing_to_compare" in entry.reasons


def test_rates_that_are_all_zero_differ_by_nothing_but_not_for_sure():
    entry = judged(selected((0, 40), (0, 40)))
    assert (entry.value, entry.low) == (0, 0)
    assert entry.high > 0.08


def test_the_ratio_of_zeros_is_undefined_and_insufficient():
    entry = judged(selected((0, 400), (0, 400)), "selection_rate_ratio>=0.8")
    assert (entry.value, entry.verdict) == (None, "insufficient")


def test_rows_the_model_was_tuned_on_never_pass():
    entry = judged(selected((300, 1000), (330, 1000), (960, 3000)), role="development")
    assert (entry.verdict, entry.reasons) == ("insufficient", ("tuned_on_these_rows",))


def test_rows_the_model_was_tuned_on_can_fail():
    assert judged(selected((300, 1000), (600, 1000)), role="development").verdict == "fail"


def missing_labels(rows_a, rows_b):
    counts = [("a", 0, 1, 3000), ("a", 0, 0, 7000), ("b", 0, 1, 3000), ("b", 0, 0, 7000)]
    return cube_of([*counts, ("a", None, 1, rows_a), ("b", None, 0, rows_b)])


def test_missing_labels_above_five_percent_are_insufficient():
    entry = judged(missing_labels(600, 600))
    assert (entry.verdict, entry.reasons) == ("insufficient", ("missing_values",))
    assert entry.rows_needed.rows is None


def test_a_few_missing_labels_are_borne():
    assert judged(missing_labels(400, 400)).verdict == "pass"


def test_the_group_of_missing_values_is_shown_and_not_judged():
    cube = cube_of(
        [("a", 0, 1, 3000), ("a", 0, 0, 7000), ("b", 0, 1, 3000), ("b", 0, 0, 7000), ("(missing)", 0, 1, 500)]
    )
    entry = judged(cube)
    assert (entry.verdict, entry.groups) == ("pass", 2)
    assert entry.left_out[0].reason == "missing_values"


def test_many_missing_group_values_are_insufficient():
    cube = cube_of(
        [("a", 0, 1, 3000), ("a", 0, 0, 7000), ("b", 0, 1, 3000), ("b", 0, 0, 7000), ("(missing)", 0, 1, 1500)]
    )
    assert judged(cube).reasons == ("missing_values",)


# ---- control strata


def stratified(shift):
    counts = []
    for stratum, extra in (("north", 0), ("south", shift)):
        counts += [(("a", stratum), 0, 1, 3000), (("a", stratum), 0, 0, 7000)]
        counts += [(("b", stratum), 0, 1, 3000 + extra), (("b", stratum), 0, 0, 7000 - extra)]
    return cube_of(counts, control=("region",))


def test_every_stratum_is_an_entry_and_all_count_in_the_correction():
    entries = run(stratified(3000), thresholds=[RULE]).thresholds
    assert [(entry.control["region"], entry.verdict, entry.comparisons) for entry in entries] == [
        ("north", "pass", 2),
        ("south", "fail", 2),
    ]


def test_one_failing_stratum_fails_the_check():
    assert run(stratified(3000), thresholds=[RULE]).verdict == "fail"


def test_no_rule_is_recorded():
    assert run(GERMAN).verdict == "recorded"


def test_insufficient_outweighs_pass_and_fail_outweighs_both():
    rules = ["selection_rate_ratio>=0.8", RULE, "selection_rate<=0.2"]
    verdicts = [run(GERMAN, thresholds=rules[:size]).verdict for size in (1, 2, 3)]
    assert verdicts == ["pass", "insufficient", "fail"]


# ---- chance


def test_chance_alone_shows_a_spread():
    entry = judged(selected(*[(60, 200)] * 5))
    assert entry.chance == pytest.approx(0.075, abs=0.002)


def test_the_spread_by_chance_is_the_same_at_every_run():
    assert judged(GERMAN, seed=7).chance == judged(GERMAN, seed=7).chance
    assert judged(GERMAN, seed=7).chance != judged(GERMAN, seed=8).chance


# ---- rows needed


def test_the_german_table_needs_about_sixteen_thousand_rows_more():
    needed = judged(GERMAN).rows_needed
    assert [group.n for group in needed.by_group] == [5283 - 310, 11758 - 690]
    assert needed.rows == 16040
    assert needed.chance_to_settle == 0.8


def factor(limit, *groups, attempt=2):
    contest = Contest("all_pairs", rates(*groups))
    levels = Levels(z_pass(0.05, attempt), z_fail(0.05, attempt, len(contest)))
    rule = rule_of(f"selection_rate_difference<={limit}", ("selection_rate",), check="group_fairness")
    return smallest_factor(difference_risk([planned(contest)], rule, levels), 1e-12)


@pytest.mark.parametrize(
    ("limit", "groups", "expected"),
    [
        (0.1, [(201, 310), (499, 690)], 17.0394972097),
        (0.1, [(60, 200), (42, 150), (70, 200), (25, 100)], 6.6317846504),
        (0.1, [(30, 100), (30, 100)], 5.6384410920),
        (0.08, [(60, 200), (90, 200)], 4.9719964315),
    ],
)
def test_the_factor_on_all_rows_is_found_exactly(limit, groups, expected):
    assert factor(limit, *groups) == pytest.approx(expected, abs=2e-9)


def test_planning_draws_noisy_rates_to_their_mean():
    found = shrunk(rates((60, 200), (42, 150), (70, 200), (25, 100)))
    assert found == pytest.approx([0.2998242153, 0.2956410265, 0.3117167066, 0.2918773182], abs=6e-11)


def test_four_groups_need_the_planned_sizes():
    needed = judged(selected((60, 200), (42, 150), (70, 200), (25, 100))).rows_needed
    assert [group.n for group in needed.by_group] == [1127, 845, 1127, 564]


def test_a_difference_at_the_limit_cannot_be_settled():
    needed = judged(selected((300, 1000), (400, 1000))).rows_needed
    assert (needed.rows, needed.reason) == (None, "the estimate lies too close to the limit")


def test_a_small_group_is_planned_to_be_judged():
    needed = judged(selected((3000, 10_000), (3000, 10_000), (2, 3)), "selection_rate_difference<=0.9").rows_needed
    assert [group.n for group in needed.by_group] == [90_000, 90_000, 27]


def test_a_single_value_is_planned_by_its_distance_to_the_limit():
    entry = judged(selected((300, 1000)), "selection_rate<=0.31")
    assert 10 < (entry.rows_needed.rows + 1000) / 1000 < 40


def test_more_groups_than_anybody_lists_are_judged_without_a_table_of_pairs():
    generator = np.random.default_rng(0)
    groups = Rates(generator.uniform(0.28, 0.32, 3000), *[np.full(3000, 20_000.0)] * 2, np.full(3000, np.nan))
    contest = Contest("all_pairs", groups)
    assert gap_low(contest, z_fail(0.05, 1, len(contest))).amount < gap_high(contest, z_pass(0.05, 1)).amount


# ---- behaviour over many samples


def simulated(p, n, runs, seed):
    """Low, high of all runs: binomial samples of groups with true rates p and sizes n."""
    generator = np.random.Generator(np.random.PCG64(seed))
    for events in generator.binomial(n, p, (runs, len(n))):
        contest = Contest("all_pairs", rates(*zip(events, n)))
        yield gap_low(contest, z_fail(0.05, 1, len(contest))).amount, gap_high(contest, z_pass(0.05, 1)).amount


@pytest.mark.parametrize(
    ("p", "n"),
    [
        ([0.3] * 5, [200] * 5),
        ([0.3, 0.4], [1000, 1000]),
        ([0.05, 0.15], [20, 200]),
        ([0.3, 0.3, 0.3, 0.3, 0.4], [2000, 1000, 500, 200, 50]),
    ],
)
def test_the_interval_of_the_spread_covers_at_least_93_percent(p, n):
    """S-128: five equal groups too, where resampling the largest minus the smallest covers nothing."""
    spread = max(p) - min(p)
    covered = [low - 1e-12 <= spread <= high for low, high in simulated(p, n, 800, seed=20261120)]
    assert np.mean(covered) >= 0.93


def test_a_model_at_the_limit_seldom_passes_and_seldom_fails():
    ends = list(simulated([0.3, 0.4], [1000, 1000], 2000, seed=1))
    assert np.mean([high <= 0.1 for _, high in ends]) <= 0.04
    assert np.mean([low > 0.1 for low, _ in ends]) <= 0.04


# ---- rules as text


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("selection_rate_difference", "no rule"),
        ("selection_rate_difference<0.1", "no rule"),
        ("selection_rate_difference<=", "no rule"),
        ("selection_rate_difference<=1.2.3", "no number"),
        ("selection_rate_difference>=0.1", "by <="),
        ("selection_rate_ratio<=0.8", "by >="),
        ("selection_rate_group_min<=0.8", "by >="),
        ("selection_rate_difference<=1.5", "between 0 and 1"),
        ("selection_rate_difference<=-0.1", "between 0 and 1"),
        ("selection_rate_ratio>=0", "between 0 and 1"),
        ("selection_rate_ratio>=nan", "no rule"),
        ("roc_auc_difference<=0.1", "cannot judge"),
        ("calibration_error<=0.1", "cannot judge"),
        ("log_loss<=0.1", "cannot judge"),
        ("accuracy_change>=0", "cannot judge"),
        ("count>=30", "cannot judge"),
        ("equalized_odds_ratio>=0.8", "cannot judge"),
        ("demographic_parity<=0.1", "cannot judge"),
    ],
)
def test_a_rule_that_cannot_be_judged_is_refused_with_a_sentence(rule, says):
    with pytest.raises(InputError, match=says):
        run(GERMAN, thresholds=[rule])


def test_fairlearns_names_stand_for_the_rates_they_compare():
    names = ["demographic_parity_difference<=0.1", RULE]
    entries = run(GERMAN, thresholds=names).thresholds
    assert interval(entries[0]) == interval(entries[1])
