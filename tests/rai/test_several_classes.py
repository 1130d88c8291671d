"""Group fairness for labels of several classes: each class against the rest, macro metrics, rules, and bad input."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import ManagementUtility

from rai.checks.contract import InputError
from rai.checks.group_fairness import group_results
from rai.checks.group_fairness_classes import class_groups, run
from rai.engine.classes import MACRO, read_classes
from rai.engine.verdicts import Settings

DATA_SETS = 200
GROUPINGS = ((), ("race",), ("sex",), ("race", "sex"))
pytestmark = pytest.mark.timeout(300)


def drawn(seed):
    """Labels of three to six classes, predictions that hit most of them, and two group columns, one with empty cells."""
    generator = np.random.default_rng(seed)
    n, k = int(generator.integers(30, 800)), int(generator.integers(3, 7))
    y = generator.choice(k, n, p=generator.dirichlet(np.ones(k) * 3))
    yhat = np.where(generator.random(n) < 0.7, y, generator.choice(k, n))
    names = np.array([f"class {place}" for place in range(k)])
    race = np.array(["a", "b", "ü", "(missing)"])[generator.choice(4, n, p=[0.5, 0.3, 0.15, 0.05])]
    return {"y": names[y], "p": names[yhat], "race": race, "sex": np.array(["f", "m"])[generator.integers(2, size=n)]}


def cube_of(table, folder):
    """The counts of the table as a file."""
    race = [None if value == "(missing)" else value for value in table["race"]]
    pq.write_table(pa.table({**table, "race": race}), folder / "t.parquet")
    return read_classes(folder / "t.parquet", target="y", prediction="p", sensitive=["race", "sex"])


def outcome_of(table, folder, **more):
    """The check on the table as a file."""
    return run(cube_of(table, folder), intersections=2, **more).to_json()


def reference(y, yhat, classes):
    """scikit-learn's figures; None where a class has nothing to divide by."""
    from sklearn import metrics as sk

    given = {"labels": classes, "average": None, "zero_division": np.nan}
    found = {
        "macro_recall": sk.recall_score(y, yhat, **given),
        "macro_precision": sk.precision_score(y, yhat, **given),
        "macro_f1": sk.f1_score(y, yhat, **given),
    }
    means = {name: None if np.isnan(each).any() else float(each.mean()) for name, each in found.items()}
    return {"accuracy": sk.accuracy_score(y, yhat), **means}


def test_metrics_over_all_classes_are_scikit_learns(seed, amount, tmp_path):
    """S-121: groups, intersections and the group of missing values, within 1e-12; undefined exactly where it is."""
    compared = 0
    for each in range(amount(DATA_SETS)):
        table = drawn(seed % 1_000_000 * 1_000 + each)
        cube = cube_of(table, tmp_path)
        for entry in (found for by in GROUPINGS for found in class_groups(cube.table(by), Settings())):
            inside = np.all(
                [np.full(cube.rows, True), *(table[name] == value for name, value in entry.group.items())], axis=0
            )
            y, yhat = table["y"][inside], table["p"][inside]
            assert sum(map(sum, entry.confusion)) == entry.n == len(y)
            for name, theirs in reference(y, yhat, cube.classes).items():
                ours = entry.metrics[name].value
                assert ours == (None if theirs is None else pytest.approx(theirs, abs=1e-12)), name
                compared += ours is not None
    assert compared > amount(DATA_SETS) * 20


def test_every_class_against_the_rest_is_fairlearns(seed, amount, tmp_path):
    """S-121: one class is positive and all others are negative, in every group."""
    from fairlearn import metrics as fl

    for each in range(amount(DATA_SETS)):
        table = drawn(seed % 1_000_000 * 1_000 + each)
        binary = cube_of(table, tmp_path).one_versus_rest()
        for entry in (
            found for name in binary.strata for found in group_results(binary.table(("sex",), name), Settings())
        ):
            inside, name = table["sex"] == entry.group["sex"], entry.control["y"]
            y, yhat = table["y"][inside] == name, table["p"][inside] == name
            for metric in ("selection_rate", "true_positive_rate", "false_positive_rate"):
                ours = entry.metrics[metric].value
                if ours is not None:
                    theirs = getattr(fl, metric)(y, yhat, pos_label=True) if metric != "selection_rate" else yhat.mean()
                    assert ours == pytest.approx(theirs, abs=1e-12)


def table_of(*counts):
    """A table from (group, label, prediction, rows)."""
    columns = {name: [] for name in ("race", "y", "p", "sex")}
    for race, y, p, n in counts:
        for name, value in zip(columns, (race, y, p, "f"), strict=True):
            columns[name] += [value] * n
    return {name: np.array(values) for name, values in columns.items()}


CLEAR = [
    (race, y, p, n)
    for race, right in (("a", 450), ("b", 440))
    for y in ("red", "green", "blue")
    for p, n in ((y, right), ("red" if y != "red" else "blue", 500 - right))
]


def test_macro_recall_has_its_known_interval(tmp_path):
    """Three shares of 18/20, 45/60 and 5/10."""
    table = table_of(
        ("a", "x", "x", 18), ("a", "x", "y", 2), ("a", "y", "y", 45), ("a", "y", "x", 15), ("a", "z", "z", 5), ("a", "z", "x", 5)
    )  # fmt: skip
    found = outcome_of(table, tmp_path)["overall"]["metrics"]["macro_recall"]
    shown = [found[name] for name in ("value", "low", "high", "n_effective")]
    assert shown == pytest.approx([0.7166666667, 0.5868424025, 0.8183259157, 55.2613732069], abs=6e-11)


def test_a_rule_over_all_classes_is_one_entry_a_grouping(tmp_path):
    found = outcome_of(table_of(*CLEAR), tmp_path, thresholds=["macro_recall_difference<=0.1"], reference={"race": "a"})
    entry = next(each for each in found["thresholds"] if each["by"] == ["race"])
    assert (entry["verdict"], entry["comparisons"]) == ("pass", 1)
    assert entry["value"] == pytest.approx(0.02, abs=1e-12)
    assert entry["low"] == 0 < entry["high"] < 0.1


def test_a_rule_on_a_rate_is_judged_for_every_class_and_all_count(tmp_path):
    """S-128: three classes are three comparisons; the class that differs is named."""
    worse = [row for row in CLEAR if row[:2] != ("b", "blue")] + [("b", "blue", "blue", 250), ("b", "blue", "red", 250)]
    found = outcome_of(table_of(*worse), tmp_path, thresholds=["true_positive_rate_difference<=0.1"])
    entries = {each["control"]["y"]: each for each in found["thresholds"] if each["by"] == ["race"]}
    assert {name: each["verdict"] for name, each in entries.items()} == {"red": "pass", "green": "pass", "blue": "fail"}
    assert {each["comparisons"] for each in entries.values()} == {3}
    assert found["verdict"] == "fail"


def test_a_class_that_a_group_lacks_leaves_its_macro_recall_undefined(tmp_path):
    rows = [row for row in CLEAR if row[:2] != ("b", "blue")]
    found = outcome_of(table_of(*rows), tmp_path, thresholds=["macro_recall_difference<=0.1"])
    group = next(each for each in found["groups"] if each["group"] == {"race": "b"} and "confusion" in each)
    assert group["metrics"]["macro_recall"]["value"] is None
    assert group["metrics"]["macro_recall"]["reason"] == "race=b: a class without rows"
    assert found["verdict"] == "insufficient"


def test_rows_without_label_are_dropped_once_and_not_once_a_class(tmp_path):
    table = table_of(*CLEAR, ("a", "", "red", 7))
    found = outcome_of(table, tmp_path)
    assert found["rows"] == 3007
    assert found["dropped"] == [{"reason": "no label", "rows": 7}]


@pytest.mark.parametrize("rule", ["macro_recall_ratio>=0.8", "macro_auc>=0.8", "macro_f1_difference<=1.5"])
def test_rules_that_mean_nothing_for_classes_are_refused(tmp_path, rule):
    with pytest.raises(InputError):
        outcome_of(table_of(*CLEAR), tmp_path, thresholds=[rule])


def test_one_class_alone_and_too_many_are_refused(tmp_path):
    with pytest.raises(InputError, match="fewer than two classes: red"):
        outcome_of(table_of(("a", "red", "red", 40)), tmp_path)
    many = [("a", f"c{place}", f"c{place}", 1) for place in range(51)]
    with pytest.raises(InputError, match="51 classes, more than 50"):
        outcome_of(table_of(*many), tmp_path)


def test_the_command_takes_classes_by_kind(tmp_path, capsys):
    pq.write_table(pa.table(table_of(*CLEAR)), tmp_path / "t.parquet")
    call = ["manage.py", "measure", "group_fairness", "--kind", "multiclass", "--data", str(tmp_path / "t.parquet")]
    with pytest.raises(SystemExit) as ended:
        ManagementUtility(
            [
                *call,
                "--target",
                "y",
                "--prediction",
                "p",
                "--sensitive",
                "race",
                "--threshold",
                "macro_f1_difference<=0.1",
            ]
        ).execute()
    outcome = json.loads(capsys.readouterr().out)
    assert (ended.value.code, outcome["verdict"]) == (0, "pass")
    assert outcome["inputs"]["parameters"]["kind"] == "multiclass"
    assert set(MACRO) <= set(outcome["overall"]["metrics"])
