"""Group fairness for predicted numbers: means and errors of every group are fairlearn's and scikit-learn's, and are judged."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import ManagementUtility

from rai.checks.contract import InputError
from rai.checks.group_fairness_numbers import run
from rai.engine.scores import read_scores

DATA_SETS = 200
pytestmark = pytest.mark.timeout(300)


def drawn(seed, rows=None):
    """True and predicted amounts in a scale that is drawn too, and two group columns."""
    generator = np.random.default_rng(seed)
    n = rows or int(generator.integers(40, 300))
    truth = generator.lognormal(2, 1, n) * generator.choice([1e-3, 1.0, 1e5])
    return {
        "y": truth, "p": truth * generator.normal(1, 0.2, n),
        "race": np.array(["a", "b", "ü"])[generator.choice(3, n, p=[0.6, 0.3, 0.1])],
        "sex": np.array(["f", "m"])[generator.integers(2, size=n)],
    }  # fmt: skip


def outcome_of(table, folder, *, intersections=1, **more):
    """The check on the table as a file."""
    pq.write_table(pa.table(table), folder / "t.parquet")
    book = read_scores(
        folder / "t.parquet", target="y", score="p", groups=["race", "sex"], positive=None, intersections=intersections
    )
    return run(book, intersections=intersections, **more).to_json()


def test_means_and_errors_are_fairlearns_and_scikit_learns(seed, amount, tmp_path):
    """S-121: every group and intersection, within 1e-12 of the value's size."""
    from fairlearn import metrics as fl
    from sklearn import metrics as sk

    reference = {
        "mean_prediction": fl.mean_prediction, "mean_absolute_error": sk.mean_absolute_error,
        "mean_squared_error": sk.mean_squared_error, "root_mean_squared_error": sk.root_mean_squared_error, "count": fl.count,
    }  # fmt: skip
    for each in range(amount(DATA_SETS)):
        table = drawn(seed % 1_000_000 * 1_000 + each)
        # Every tenth with intersections: resampling R² in each group takes most of the time.
        for entry in outcome_of(table, tmp_path, intersections=1 + (each % 10 == 0))["groups"]:
            inside = np.all([table[column] == value for column, value in entry["group"].items()], axis=0)
            for name, theirs in reference.items():
                ours = entry["metrics"][name]["value"]
                expected = theirs(table["y"][inside], table["p"][inside])
                assert (ours is None and entry["n"] < 2) or ours == pytest.approx(expected, rel=1e-12)


def test_differences_are_fairlearns(seed, tmp_path):
    """S-121: the spread of the mean prediction, and the pair against the largest group."""
    from fairlearn import metrics as fl

    table = drawn(seed, 500)
    found = next(
        each for each in outcome_of(table, tmp_path)["disparities"]
        if each["metric"] == "mean_prediction" and each["by"] == ["race"]
    )  # fmt: skip
    frame = fl.MetricFrame(
        metrics=fl.mean_prediction, y_true=table["y"], y_pred=table["p"], sensitive_features=table["race"]
    )
    assert found["difference"] == pytest.approx(frame.difference(), rel=1e-12)
    assert found["reference"] == {"race": "a"}
    pair = next(each for each in found["pairs"] if each["group"] == {"race": "ü"})
    assert pair["difference"]["value"] == pytest.approx(frame.by_group["ü"] - frame.by_group["a"], rel=1e-9)
    assert pair["difference"]["low"] < pair["difference"]["value"] < pair["difference"]["high"]


def flat(*groups):
    """Groups of (name, rows, error): predictions off by the error to either side."""
    columns = {"y": [], "p": [], "race": [], "sex": []}
    for name, rows, error in groups:
        columns["y"] += [100.0] * rows
        columns["p"] += [100.0 + (error if place % 2 else -error) * (1 + place % 5) / 3 for place in range(rows)]
        columns["race"] += [name] * rows
        columns["sex"] += ["f"] * rows
    return {name: np.array(values) for name, values in columns.items()}


@pytest.mark.parametrize(
    ("groups", "verdict"),
    [
        ((("a", 400, 3), ("b", 400, 3)), "pass"),
        ((("a", 400, 3), ("b", 400, 9)), "fail"),
        ((("a", 400, 3), ("b", 60, 3)), "insufficient"),
    ],
    ids=["alike", "worse for one", "fewer than a hundred rows"],
)
def test_errors_of_groups_are_judged_by_their_interval(tmp_path, groups, verdict):
    """S-128: means are judged from a hundred rows on."""
    found = outcome_of(flat(*groups), tmp_path, thresholds=["mean_absolute_error_difference<=1"])
    assert next(each["verdict"] for each in found["thresholds"] if each["by"] == ["race"]) == verdict


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"thresholds": ["mean_absolute_error_ratio>=0.8"]}, "ratios are judged of rates alone"),
        ({"thresholds": ["selection_rate_difference<=0.1"]}, "cannot judge"),
        ({"reference": {"race": "z"}}, "race=z does not exist"),
        ({"reference": {"age": "z"}}, "not among the sensitive columns"),
    ],
)
def test_what_numbers_do_not_have_is_refused(tmp_path, more, says):
    with pytest.raises(InputError, match=says):
        outcome_of(flat(("a", 40, 1), ("b", 40, 1)), tmp_path, **more)


def test_the_command_takes_numbers_by_kind(tmp_path, capsys):
    pq.write_table(pa.table(flat(("a", 400, 3), ("b", 400, 9))), tmp_path / "t.parquet")
    call = ["manage.py", "measure", "group_fairness", "--kind", "regression", "--data", str(tmp_path / "t.parquet")]
    rule = ["--threshold", "root_mean_squared_error_difference<=1"]
    with pytest.raises(SystemExit) as ended:
        ManagementUtility([*call, "--target", "y", "--prediction", "p", "--sensitive", "race", *rule]).execute()
    outcome = json.loads(capsys.readouterr().out)
    assert (ended.value.code, outcome["verdict"], outcome["check"]) == (1, "fail", "group_fairness")
