"""Data quality: cells and rows counted exactly, shares with intervals, doubles across splits, and columns that leak."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

from rai.checks import data_quality
from rai.checks.contract import InputError
from rai.engine.quality import Wanted, read_quality
from rai.engine.quality_message import quality_of


@pytest.fixture
def looked(tmp_path):
    """The outcome of the check on a CSV of these lines (and on another one), and its columns by name."""

    def run(lines, *rules, other=None, **wanted):
        path = tmp_path / "data.csv"
        path.write_text("\n".join(lines) + "\n")
        if other:
            (tmp_path / "other.csv").write_text("\n".join(other) + "\n")
        found = read_quality(path, Wanted(**wanted), other=tmp_path / "other.csv" if other else None)
        outcome = data_quality.run(found, thresholds=rules).to_json()
        return outcome, {column["name"]: column for column in outcome["columns"]}

    return run


def people(n=200):
    """Lines of so many people who differ."""
    return ["id,age,sex,y", *(f"{place},{20 + place % 50},{'fm'[place % 2]},{place % 3 == 0:d}" for place in range(n))]


def share(outcome, name):
    """The value of a share of rows."""
    return outcome["row_quality"][name]["value"]


# ---- cells


def test_null_empty_and_nan_are_told_apart(tmp_path):
    table = pa.table({"g": ["a", "", None, "b"] * 10, "x": [1.0, float("nan"), None, float("inf")] * 10})
    pq.write_table(table, tmp_path / "data.parquet")
    g, x = read_quality(tmp_path / "data.parquet", Wanted()).columns
    assert (g.cells.null, g.cells.empty, g.cells.texts) == (10, 10, 20)
    assert (x.cells.null, x.cells.nan, x.cells.infinite, x.cells.numbers) == (10, 10, 10, 10)


def test_texts_among_numbers_are_invalid_and_categories_are_not(looked):
    lines = people()
    lines[1] = "0,thirty,f,1"
    _, columns = looked(lines)
    assert columns["age"]["metrics"]["invalid_share"]["value"] == 1 / 200
    assert "invalid_share" not in columns["sex"]["metrics"]


def test_missing_cells_are_judged_by_the_worst_column(looked):
    lines = [
        line if place == 0 or place % 5 else ",".join([*line.split(",")[:2], "", line[-1]])
        for place, line in enumerate(people())
    ]
    outcome, columns = looked(lines, "missing_share<=0.02", "missing_share<=0.3")
    assert columns["sex"]["metrics"]["missing_share"]["value"] == 0.2
    assert [(entry["verdict"], entry["worst"]["group"]) for entry in outcome["thresholds"]] == [
        ("fail", {"column": "sex"}),
        ("pass", {"column": "sex"}),
    ]


@pytest.mark.parametrize(
    ("expected", "broken"),
    [("age: 20..69", 0), ("age: 30..", 40), ("age: ..29", 160), ("sex: f", 100), ("sex: f|m", 0), ("age<=id", 50)],
)
def test_expectations_are_counted(looked, expected, broken):
    """Ages run four times from 20 to 69; the first fifty numbers lie below the ages beside them."""
    outcome, _ = looked(people(), expected=expected)
    (one,) = outcome["expectations"]
    assert one["broken"] == broken


def test_a_text_where_a_range_is_expected_breaks_it(looked):
    lines = people()
    lines[1] = "0,thirty,f,1"
    outcome, _ = looked(lines, expected="age: 0..120; sex: f|m")
    assert [one["broken"] for one in outcome["expectations"]] == [1, 0]


@pytest.mark.parametrize(
    ("expected", "said"), [("height: 0..2", 'no column "height"'), ("age: |", "no expectation"), ("age", "no expectation"), ("age: 1..1.2.3", "no number"), ("age<=weight", 'no column "weight"')]
)  # fmt: skip
def test_expectations_that_cannot_be_read_are_named(looked, expected, said):
    with pytest.raises(InputError, match=said):
        looked(people(), expected=expected)


def test_a_quote_in_an_expected_value_is_only_a_value(looked):
    """Values are bound or quoted: none is run."""
    outcome, _ = looked(people(), expected="sex: f') OR ('1'='1|m")
    assert outcome["expectations"][0]["broken"] == 100


# ---- rows


def test_doubled_rows_are_counted_beyond_the_first(looked):
    lines = people()
    outcome, _ = looked([*lines, *lines[1:11], lines[1]])
    assert share(outcome, "duplicate_share") == 11 / 211


def test_rows_that_only_look_alike_when_joined_are_not_doubled(looked):
    outcome, _ = looked(["a,b", "12,3", "1,23", *(f"x{place},y" for place in range(40))])
    assert share(outcome, "duplicate_share") == 0


def test_keys_are_counted_apart_from_rows(looked):
    lines = [*people(), "7,99,f,0", ",33,f,1"]
    outcome, _ = looked(lines, key=("id",))
    assert share(outcome, "duplicate_share") == 0
    assert (share(outcome, "key_duplicate_share"), share(outcome, "key_missing_share")) == (1 / 202, 1 / 202)


def test_the_same_inputs_with_another_label_contradict_each_other(looked):
    lines = ["id,age,y", *(f"{place},{place},{place % 2}" for place in range(60)), "60,5,0", "61,5,1"]
    outcome, _ = looked(lines, target="y", key=("id",))
    assert share(outcome, "conflict_share") == 3 / 62


def test_rows_that_stand_in_both_splits_are_found(looked):
    lines = people()
    outcome, _ = looked(lines, "overlap_share<=0.01", other=[lines[0], *lines[1:21], "900,1,f,0"], key=("id",))
    assert share(outcome, "overlap_share") == 20 / 200
    assert share(outcome, "key_overlap_share") == 20 / 200
    assert outcome["verdict"] == "fail"


def test_splits_without_a_shared_row_pass_with_rows_enough(looked):
    outcome, _ = looked(
        people(), "overlap_share<=0.05", other=["id,age,sex,y", *(f"{place},1,f,0" for place in range(900, 950))]
    )
    assert outcome["verdict"] == "pass"


def test_a_limit_of_none_is_never_shown_by_a_sample(looked):
    """S-128: no row of two hundred is doubled, and the interval still reaches to two percent."""
    (entry,) = looked(people(), "duplicate_share<=0")[0]["thresholds"]
    assert (entry["value"], entry["verdict"]) == (0, "insufficient")


def test_what_was_not_named_cannot_be_judged(looked):
    (entry,) = looked(people(), "overlap_share<=0.1")[0]["thresholds"]
    assert (entry["verdict"], entry["reasons"]) == ("insufficient", ["not_named", "nothing_to_compare"])


# ---- leaks


def test_how_a_column_tells_the_label_equals_scikit_learn(looked, amount):
    generator = np.random.Generator(np.random.PCG64(11))
    for _ in range(amount(30)):
        y, x = generator.integers(0, 2, 300), generator.normal(size=300).round(1)
        _, columns = looked(["x,y", *(f"{one},{label}" for one, label in zip(x, y, strict=True))], target="y")
        known = roc_auc_score(y, x)
        found = columns["x"]["metrics"]["target_leakage"]
        assert found["value"] == pytest.approx(max(known, 1 - known), abs=1e-12)
        assert 0.5 <= found["low"] <= found["value"] <= found["high"]


def test_a_column_that_gives_the_label_away_fails(looked):
    lines = ["x,code,y", *(f"{place % 7},{'paid' if place % 2 else 'late'},{place % 2}" for place in range(400))]
    outcome, columns = looked(lines, "target_leakage<=0.95", target="y")
    assert columns["code"]["metrics"]["target_leakage"]["value"] == 1.0
    assert (outcome["verdict"], outcome["thresholds"][0]["worst"]["group"]) == ("fail", {"column": "code"})


def test_a_target_of_many_values_is_refused(looked):
    with pytest.raises(InputError, match="more than two labels"):
        looked(people(), target="age")


# ---- the rest of the frame


def test_counts_survive_the_way_through_json(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("\n".join(people()) + "\n")
    found = read_quality(path, Wanted(target="y", key=("id",), expected="age: 0..30"), other=path)
    assert quality_of(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize("change", [{"doubled": -1}, {"columns": [{}]}, {"overlap": {"columns": 1}}, {"broken": [{"text": "x", "column": "x", "rows": 1, "broken": 2}]}])  # fmt: skip
def test_what_are_no_counts_is_refused(tmp_path, change):
    """The process that read the files is not trusted."""
    path = tmp_path / "data.csv"
    path.write_text("\n".join(people()) + "\n")
    sent = json.loads(json.dumps(read_quality(path, Wanted()).to_json())) | change
    with pytest.raises(InputError, match="no counts"):
        quality_of(sent)


@pytest.mark.parametrize("rule", ["missing_share>=0.1", "missing_share<=2", "doubles<=0.1"])
def test_rules_that_cannot_be_judged_are_refused(rule):
    with pytest.raises(InputError):
        data_quality.parse_rule(rule)
