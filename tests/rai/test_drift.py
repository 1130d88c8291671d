"""Drift: distances equal to scipy's, the index corrected for chance, budgets of looks, and bad input told apart."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from rai.checks import drift
from rai.checks.contract import InputError
from rai.engine.distances import (
    dkw,
    homogeneity,
    kolmogorov_smirnov,
    plain_index,
    sorted_pair,
    stability_index,
    wasserstein,
)
from rai.engine.judging import Judge
from rai.engine.shift import Asked, read_shift
from rai.engine.shift_message import shift_of

Z = 1.9599639845


def table(path, **columns):
    """A CSV file of these columns; None is an empty cell."""
    rows = [
        ",".join("" if value is None else str(value) for value in row) for row in zip(*columns.values(), strict=True)
    ]
    path.write_text("\n".join([",".join(columns), *rows]) + "\n")
    return path


@pytest.fixture
def compared(tmp_path):
    """The outcome of a check on two tables given by their columns, and its columns by name."""

    def run(reference, current, *rules, **asked):
        settings = {name: asked.pop(name) for name in ("looks", "confidence") if name in asked}
        files = [
            table(tmp_path / f"{name}.csv", **columns) for name, columns in (("before", reference), ("after", current))
        ]
        outcome = drift.run(read_shift(*files, Asked(**asked)), thresholds=rules, **settings).to_json()
        return outcome, {column["name"]: column for column in outcome["columns"]}

    return run


def drawn(kind, generator):
    """Two random samples: continuous, rounded, or of few whole numbers, of unlike sizes."""
    n, m = generator.integers(2, 2_000, 2)
    if kind == "whole":
        return generator.integers(0, 7, n).astype(float), generator.integers(1, 9, m).astype(float)
    first, second = generator.normal(size=n), generator.normal(0.2, 1.5, m)
    return (first.round(1), second.round(1)) if kind == "rounded" else (first, second)


def test_distances_equal_scipys_on_random_tables(amount):
    """Two hundred data sets, ties and unlike sizes among them; a seeded tenth by default."""
    generator = np.random.Generator(np.random.PCG64(7))
    worst = 0.0
    for place in range(amount(200)):
        first, second = drawn(("continuous", "rounded", "whole")[place % 3], generator)
        pair = sorted_pair(first, second)
        worst = max(worst, abs(kolmogorov_smirnov(*pair) - stats.ks_2samp(first, second, method="asymp").statistic))
        worst = max(worst, abs(wasserstein(*pair) - stats.wasserstein_distance(first, second)))
        counts = generator.integers(1, 90, (2, 6))
        known, ours = stats.chi2_contingency(counts, correction=False), homogeneity(*counts)
        worst = max(worst, abs(ours[0] / known.statistic - 1), abs(ours[2] - known.pvalue), abs(ours[1] - known.dof))
    assert worst < 1e-12


def test_the_index_is_that_of_vector_18():
    value, error, plain = stability_index(np.array([100, 200, 300, 400.0]), np.array([150, 200, 250, 300.0]))
    found = (plain, value, error, value - Z * error, value + Z * error)
    assert found == pytest.approx((0.0502614022, 0.0436961188, 0.0212780452, 0.0019919167, 0.0854003210), abs=5e-11)
    assert dkw(1000, 500, Z) == pytest.approx(0.0743862836, abs=5e-11)


def test_a_bin_that_only_one_table_has_leaves_the_plain_index_infinite():
    assert plain_index(np.array([0.5, 0.5, 0.0]), np.array([0.5, 0.0, 0.5])) == np.inf


def test_without_drift_no_alarm_is_raised_at_two_hundred_rows(amount):
    """The plain index exceeds 0.1 in a third of such tables; the corrected one raises no alarm."""
    generator = np.random.Generator(np.random.PCG64(3))
    runs, plain, alarms = amount(2_000), 0, 0
    for _ in range(runs):
        counts = generator.multinomial(200, np.full(10, 0.1), size=2).astype(float)
        value, error, index = stability_index(*counts)
        plain += index > 0.1
        alarms += value - Z * error > 0.1
    assert 0.24 < plain / runs < 0.40
    assert alarms / runs < 0.01


def test_intervals_of_the_index_cover_the_true_shift(amount):
    """Nominal 95 %, simulated .946 and more."""
    generator = np.random.Generator(np.random.PCG64(4))
    p, q = np.full(10, 0.1), np.array([0.14, 0.13, 0.12, 0.11, 0.1, 0.1, 0.09, 0.08, 0.07, 0.06])
    true, runs, covered = float(((p - q) * np.log(p / q)).sum()), amount(2_000), 0
    for _ in range(runs):
        value, error, _plain = stability_index(
            *(generator.multinomial(n, each).astype(float) for n, each in ((600, p), (400, q)))
        )
        covered += max(value - Z * error, 0) <= true <= value + Z * error
    assert covered / runs >= 0.93


def test_intervals_of_the_largest_gap_cover_the_true_one(amount):
    """Uniform against its square root, whose distribution functions x and x² lie a quarter apart."""
    generator = np.random.Generator(np.random.PCG64(6))
    runs, covered = amount(2_000), 0
    for _ in range(runs):
        value = kolmogorov_smirnov(*sorted_pair(generator.random(200), np.sqrt(generator.random(150))))
        covered += abs(value - 0.25) <= dkw(200, 150, Z)
    assert covered / runs >= 0.93


# ---- budgets of looks


@pytest.mark.parametrize(("looks", "z"), [(4, 2.4977), (12, 2.8653), (52, 3.3015)])
def test_alarms_keep_to_a_yearly_budget(looks, z):
    levels = Judge(0.05, looks=looks).levels(1, 1)
    assert levels.to_fail == pytest.approx(z, abs=5e-5)
    assert levels.to_pass == pytest.approx(Z, abs=1e-9)


def test_more_looks_ask_for_surer_alarms(compared):
    """S-128: the same tables raise an alarm at one look a year and are watched at daily looks."""
    generator = np.random.Generator(np.random.PCG64(5))
    before, after = {"x": generator.normal(size=400).tolist()}, {"x": generator.normal(0.55, 1, 400).tolist()}
    verdicts = [compared(before, after, "data_ks<=0.15", looks=looks)[0]["verdict"] for looks in (1, 366)]
    assert verdicts == ["fail", "insufficient"]


def test_judging_the_same_rows_again_shrinks_both_levels():
    first, second = (Judge(0.05, attempt, looks=12).levels(1, attempt) for attempt in (1, 2))
    assert second.to_pass == pytest.approx(2.3939797998, abs=1e-9)
    assert second.to_fail > first.to_fail


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0.0, "pass"), (0.3, "insufficient"), (1.0, "fail")]
)  # fmt: skip
def test_within_watch_and_alarm_are_stored_as_pass_insufficient_and_fail(compared, shift, verdict):
    """S-142."""
    draw = np.random.Generator(np.random.PCG64(1))
    before, after = {"x": draw.normal(size=2_000).tolist()}, {"x": draw.normal(shift, 1, 2_000).tolist()}
    assert compared(before, after, "data_psi<=0.1")[0]["verdict"] == verdict


# ---- columns that are hard to compare


def some(n=200):
    """A column that is the same in both tables."""
    return [place % 7 for place in range(n)]


def test_a_new_category_is_listed_and_never_merged(compared):
    before = {"g": ["a", "b"] * 100}
    outcome, columns = compared(before, {"g": ["a", "b"] * 98 + ["c"] * 4}, "data_psi<=0.1", "data_unseen_share<=0.02")
    assert columns["g"]["unseen"] == [{"value": "c", "rows": 4}]
    assert columns["g"]["metrics"]["psi"]["n"] == 196
    assert [entry["verdict"] for entry in outcome["thresholds"]] == ["pass", "insufficient"]


def test_many_rows_of_a_new_category_keep_the_index_from_deciding(compared):
    outcome, columns = compared({"g": ["a", "b"] * 100}, {"g": ["a", "b"] * 90 + ["c"] * 20}, "data_psi<=0.9")
    (entry,) = outcome["thresholds"]
    assert (entry["verdict"], entry["reasons"]) == ("insufficient", ["too_much_left_out", "nothing_to_compare"])
    assert columns["g"]["metrics"]["psi"]["evaluable"] is False


def test_texts_among_numbers_are_counted_and_keep_the_rule_open(compared):
    outcome, columns = compared({"x": some(), "y": some()}, {"x": [*some(199), "many"], "y": some()}, "data_ks<=0.5")
    assert (columns["x"]["kind"], columns["x"]["current"]["texts"]) == ("mixed", 1)
    assert (outcome["verdict"], outcome["thresholds"][0]["reasons"]) == ("insufficient", ["mixed"])


def test_empty_nan_and_infinite_cells_are_told_apart(compared):
    _, columns = compared(
        {"y": some(), "x": some()},
        {"y": some(), "x": [*some(196), None, "nan", "inf", " "]},
        "data_missing_difference<=0.1",
    )
    cells = columns["x"]["current"]
    assert [cells[name] for name in ("null", "empty", "nan", "infinite", "numbers")] == [1, 1, 1, 1, 196]
    assert columns["x"]["metrics"]["missing_difference"]["value"] == pytest.approx(0.02)


def test_null_is_not_an_empty_text_in_parquet(tmp_path):
    files = [tmp_path / name for name in ("before.parquet", "after.parquet")]
    pq.write_table(pa.table({"g": ["a"] * 50, "when": pa.array([0] * 50, pa.timestamp("s"))}), files[0])
    pq.write_table(
        pa.table({"g": [*["a"] * 48, None, ""], "when": pa.array([1] * 50, pa.timestamp("s", "UTC"))}), files[1]
    )
    (column,) = read_shift(*files, Asked()).columns
    assert (column.name, column.current.null, column.current.empty) == ("g", 1, 1)
    (date,) = read_shift(*files, Asked(features=("when",))).columns
    assert (date.kind, date.ks) == ("number", 1.0)


def test_a_constant_column_is_within_until_it_changes(compared):
    still, _ = compared({"x": [5] * 200}, {"x": [5] * 200}, "data_psi<=0.1")
    moved, columns = compared({"x": [5] * 200}, {"x": [5] * 100 + [6] * 100}, "data_psi<=0.1")
    assert (still["verdict"], moved["verdict"]) == ("pass", "fail")
    assert columns["x"]["metrics"]["wasserstein"]["reason"] == "the reference does not vary"


def test_a_named_column_that_one_table_lacks_keeps_the_rule_open(compared):
    before, after = {"x": some()}, {"x": some(), "y": some()}
    assert compared(before, after, "data_ks<=0.9", features=("x", "y"))[0]["verdict"] == "insufficient"
    outcome, columns = compared(before, after, "data_ks<=0.9")
    assert (outcome["verdict"], columns["y"]["reason"]) == ("pass", "one_table")


def test_identifiers_are_left_aside_by_name(compared):
    names = [f"person {place}" for place in range(1_200)]
    _, columns = compared({"id": names, "x": some(1_200)}, {"id": names, "x": some(1_200)})
    assert columns["id"]["reason"] == "many_values"


def test_every_row_counts_however_many_there_are(tmp_path):
    """One row of three hundred thousand moves the distance by exactly its share: nothing is sampled."""
    n = 300_000
    files = [tmp_path / name for name in ("before.parquet", "after.parquet")]
    values = np.arange(n, dtype=float)
    pq.write_table(pa.table({"x": values}), files[0])
    pq.write_table(pa.table({"x": np.append(values[1:], n + 5.0)}), files[1])
    (column,) = read_shift(*files, Asked()).columns
    assert column.ks == pytest.approx(1 / n, abs=1e-15)
    assert column.wasserstein == pytest.approx((n + 5) / n, abs=1e-12)


# ---- outputs and quality


def test_a_fall_of_quality_is_judged_by_its_interval(compared):
    y = [place % 2 for place in range(1_000)]
    wrong = [1 - label if place < 200 else label for place, label in enumerate(y)]
    outcome, _ = compared(
        {"y": y, "p": y}, {"y": y, "p": wrong}, "accuracy_drop<=0.1", "accuracy_drop<=0.3", target="y", prediction="p"
    )
    assert [entry["verdict"] for entry in outcome["thresholds"]] == ["fail", "pass"]
    drop = outcome["performance"][0]["drop"]
    assert drop["value"] == pytest.approx(0.2) and drop["low"] < 0.2 < drop["high"]


def test_scores_are_cut_alike_in_both_tables(compared):
    y = [place % 2 for place in range(400)]
    outcome, columns = compared(
        {"y": y, "s": [0.7 if label else 0.2 for label in y]}, {"y": y, "s": [0.6 if label else 0.55 for label in y]},
        target="y", prediction="s>=0.5",
    )  # fmt: skip
    assert columns["s"]["role"] == "prediction"
    assert outcome["performance"][0]["current"]["value"] == 0.5


def test_a_table_without_labels_leaves_quality_open(compared):
    y = [place % 2 for place in range(200)]
    outcome, _ = compared({"p": y}, {"y": y, "p": y}, "accuracy_drop<=0.1", target="y", prediction="p")
    assert outcome["performance"] == []
    assert outcome["thresholds"][0]["reasons"] == ["undefined_group", "nothing_to_compare"]


def test_training_rows_need_no_predictions(compared):
    """S-142: inputs are compared, outputs cannot be."""
    before, after = {"x": some(), "y": some()}, {"x": some(), "y": some(), "p": some()}
    rules = ("data_psi<=0.1", "prediction_psi<=0.1")
    for features in ((), ("x",)):
        outcome, columns = compared(before, after, *rules, prediction="p", features=features)
        assert [entry["verdict"] for entry in outcome["thresholds"]] == ["pass", "insufficient"]
        assert columns["p"]["reason"] == "one_table"


def test_more_than_two_labels_are_refused_by_name(compared):
    y = some()
    with pytest.raises(InputError, match="7 different labels"):
        compared({"y": y, "p": y}, {"y": y, "p": y}, target="y", prediction="p")


# ---- the rest of the frame


def test_the_same_tables_give_the_same_digest_whatever_the_order_of_rows(compared):
    """P6."""
    draw = np.random.Generator(np.random.PCG64(2))
    before, after = ({"x": draw.normal(size=500), "g": draw.choice(["a", "b"], 500)} for _ in range(2))
    order = draw.permutation(500)
    mixed = {name: column[order] for name, column in after.items()}
    rules = ["data_psi<=0.1"]
    assert compared(before, after, *rules)[0]["digest"] == compared(before, mixed, *rules)[0]["digest"]


def test_a_shift_survives_the_way_through_json(compared, tmp_path):
    files = [table(tmp_path / f"{name}.csv", x=some(), g=["a", "b"] * 100, p=some()) for name in "ab"]
    shift = read_shift(*files, Asked(prediction="p"))
    assert shift_of(json.loads(json.dumps(shift.to_json()))) == shift


@pytest.mark.parametrize(
    "change",
    [{"kind": "odd"}, {"ks": "0.1"}, {"counts_current": [1, 2]}, {"wasserstein": None}, {"edges": [float("inf")]}],
)
def test_what_is_no_comparison_is_refused(tmp_path, change):
    """The process that read the files is not trusted."""
    files = [table(tmp_path / f"{name}.csv", x=some()) for name in "ab"]
    sent = json.loads(json.dumps(read_shift(*files, Asked()).to_json()))
    sent["columns"][0] |= change
    with pytest.raises(InputError, match="no comparison"):
        shift_of(sent)


@pytest.mark.parametrize("rule", ["data_psi>=0.1", "data_ks<=1.5", "wasserstein<=1", "accuracy<=0.1", "x"])
def test_rules_that_cannot_be_judged_are_refused(rule):
    with pytest.raises(InputError):
        drift.parse_rule(rule)


def test_a_column_that_does_not_exist_is_named(compared):
    with pytest.raises(InputError, match='has no column "yy"'):
        compared({"x": some()}, {"x": some()}, features=("yy",))


def test_a_table_with_new_categories_only_is_listed_without_an_index(compared):
    _, columns = compared({"g": ["a", "b"] * 50}, {"g": ["c", "d"] * 50})
    assert columns["g"]["metrics"]["psi"]["value"] is None
    assert columns["g"]["metrics"]["unseen_share"]["value"] == 1.0
