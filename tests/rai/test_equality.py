"""Random tables, read from files: counts are exact and every shared metric is that of fairlearn and scikit-learn."""

import csv
import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai.checks.group_fairness import run
from rai.engine.counts import read
from rai.engine.cube import MISSING

DATA_SETS = 200
# All two hundred take minutes, most of them fairlearn's.
pytestmark = pytest.mark.timeout(900)
CLOSE = 1e-12
EMPTY = {
    "true_positive_rate": 1, "false_negative_rate": 1, "true_negative_rate": 0, "false_positive_rate": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """One random table: labels, predictions, two group columns, weights and what they are."""

    y: np.ndarray
    yhat: np.ndarray
    race: np.ndarray
    sex: np.ndarray
    weight: np.ndarray
    weight_kind: str | None

    @property
    def has_missing(self):
        """Some group value is empty in the file."""
        return MISSING in self.race

    @property
    def weights(self):
        """What the reference is given as sample_weight; ones without weights."""
        return self.weight if self.weight_kind else np.ones(len(self.y))

    def columns(self):
        """The columns as the file holds them."""
        race = [None if value == MISSING else value for value in self.race]
        plain = {"y": self.y, "p": self.yhat, "sex": self.sex, "w": self.weight}
        return {"race": race, **{name: column.tolist() for name, column in plain.items()}}


def drawn(seed):
    """A table whose sizes, shares, missing values and weights are drawn too; rare values make empty denominators."""
    generator = np.random.default_rng(seed)
    n, k = int(generator.integers(20, 600)), int(generator.integers(2, 7))
    races = [f"r{place}" for place in range(k)] + ([MISSING] if generator.random() < 0.3 else [])
    race = np.array(races)[generator.choice(len(races), n, p=generator.dirichlet(np.ones(len(races))))]
    sex = np.array(["f", "m", "x"])[generator.choice(3, n, p=[0.5, 0.47, 0.03])]
    y = (generator.random(n) < generator.choice([0.03, 0.3, 0.6])).astype(int)
    yhat = (generator.random(n) < np.where(y == 1, 0.7, generator.choice([0.02, 0.4]))).astype(int)
    kind = [None, "sampling", "frequency"][int(generator.integers(3))]
    weight = generator.integers(1, 5, n).astype(float) if kind == "frequency" else generator.uniform(0.1, 9, n)
    return Table(y, yhat, race, sex, weight, kind)


def written(table, folder, seed):
    """The table as CSV or as Parquet."""
    columns = table.columns()
    if seed % 2:
        pq.write_table(pa.table(columns), folder / "data.parquet")
        return folder / "data.parquet"
    with (folder / "data.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(columns)
        lines.writerows(zip(*columns.values(), strict=True))
    return folder / "data.csv"


def reference():
    """The metrics that both sides have."""
    from fairlearn import metrics as fl
    from sklearn import metrics as sk

    names = ("selection_rate", *EMPTY)
    rates = {name: getattr(fl, name) for name in names}

    def precision(y, yhat, sample_weight):
        return sk.precision_score(y, yhat, sample_weight=sample_weight, zero_division=np.nan)

    def f1(y, yhat, sample_weight):
        return sk.f1_score(y, yhat, sample_weight=sample_weight, zero_division=np.nan)

    return {**rates, "accuracy": sk.accuracy_score, "precision": precision, "f1": f1}


def frame_of(table, by):
    """fairlearn's frame over one grouping."""
    from fairlearn.metrics import MetricFrame

    metrics = reference()
    params = {name: {"sample_weight": table.weights} for name in metrics}
    features = {column: getattr(table, column) for column in by}
    return MetricFrame(
        metrics=metrics, y_true=table.y, y_pred=table.yhat, sensitive_features=features, sample_params=params
    )


def outcome_of(table, folder, seed):
    """The check on the file."""
    weight = {"weight": "w", "weight_kind": table.weight_kind} if table.weight_kind else {}
    cube = read(written(table, folder, seed), target="y", prediction="p", sensitive=["race", "sex"], **weight)
    return run(cube, intersections=2).to_json()


def counted(table, by):
    """Rows by group, label and prediction, one by one; frequency weights are rows."""
    found = Counter()
    rows = zip(
        zip(*(getattr(table, column) for column in by), strict=True), table.y, table.yhat, table.weights, strict=True
    )
    for group, y, yhat, weight in rows:
        cell = {(1, 1): "tp", (0, 1): "fp", (1, 0): "fn", (0, 0): "tn"}[y, yhat]
        found[tuple(map(str, group)), cell] += int(weight) if table.weight_kind == "frequency" else 1
    return found


def cases(seed, amount):
    """The seeds of this run's tables: the same ones in every run that is given the same seed."""
    return [seed % 1_000_000 * 1_000 + place for place in range(amount(DATA_SETS))]


def test_counts_of_random_tables_are_exact(seed, amount, tmp_path):
    """S-121: groups, intersections, missing groups and frequency weights, counted one row at a time."""
    for each in cases(seed, amount):
        table = drawn(each)
        expected = {by: counted(table, by) for by in (("race",), ("sex",), ("race", "sex"))}
        for entry in outcome_of(table, tmp_path, each)["groups"]:
            group, found = tuple(entry["group"].values()), expected[tuple(entry["by"])]
            assert entry["counts"] == {cell: found[group, cell] for cell in ("tp", "fp", "fn", "tn")}, each


@pytest.mark.long
def test_metrics_of_random_tables_are_fairlearns_and_scikit_learns(seed, amount, tmp_path):
    """S-121: every defined value of every group within 1e-12, and undefined exactly where the reference has no rows."""
    compared = 0
    for each in cases(seed, amount):
        table = drawn(each)
        outcome = outcome_of(table, tmp_path, each)
        frames = {by: frame_of(table, by).by_group for by in (("race",), ("sex",), ("race", "sex"))}
        for entry in outcome["groups"]:
            by, group = tuple(entry["by"]), tuple(entry["group"].values())
            row = frames[by].loc[group if len(group) > 1 else group[0]]
            for name, theirs in row.items():
                compared += same(entry["metrics"][name]["value"], theirs, f"{each} {name} {group}")
    assert compared > amount(DATA_SETS) * 50


def same(ours, theirs, where):
    """1 when the two agree; where ours is undefined, fairlearn says 0 or scikit-learn (told so) NaN."""
    if ours is None:
        assert theirs == 0 or math.isnan(theirs), where
        return 0
    assert ours == pytest.approx(theirs, abs=CLOSE), where
    return 1


@pytest.mark.long
def test_spreads_of_random_tables_are_fairlearns(seed, amount, tmp_path):
    """S-121: difference and ratio of each metric, and fairlearn's named figures, where every group has a value."""
    from fairlearn import metrics as fl

    compared = 0
    for each in cases(seed, amount):
        table = drawn(each)
        if table.has_missing:
            continue
        outcome, frame = outcome_of(table, tmp_path, each), frame_of(table, ("race",))
        undefined = {
            name
            for entry in outcome["groups"]
            if entry["by"] == ["race"]
            for name, metric in entry["metrics"].items()
            if metric["value"] is None
        }
        for found in outcome["disparities"]:
            name = found["metric"]
            if found["by"] == ["race"] and name not in undefined and found["difference"] is not None:
                assert found["difference"] == pytest.approx(frame.difference()[name], abs=CLOSE)
                compared += same(found["ratio"], frame.ratio()[name], f"{each} {name}")
        for name, ours in outcome["named"]["race"].items():
            if name != "reasons" and ours is not None:
                theirs = getattr(fl, name)(
                    table.y, table.yhat, sensitive_features=table.race, sample_weight=table.weights
                )
                assert ours == pytest.approx(theirs, abs=CLOSE), f"{each} {name}"
    assert compared > amount(DATA_SETS)
