"""The check group_fairness: its figures are fairlearn's, its undefined values are null, its outcome is bound by a digest."""

import csv
import json
import math

import numpy as np
import pytest

from rai.checks.contract import InputError, digest_of_value, outward, plain
from rai.checks.group_fairness import run
from rai.engine.counts import read
from rai.engine.cube import Cube, Mapped
from tests.rai.cubes import compas, cube_of, rows_of, selected

METRICS = (
    "selection_rate",
    "accuracy",
    "true_positive_rate",
    "false_positive_rate",
    "true_negative_rate",
    "false_negative_rate",
    "precision",
    "f1",
    "count",
)


def reference_metrics():
    """The same metrics as fairlearn and scikit-learn compute them."""
    from fairlearn import metrics as fl
    from sklearn import metrics as sk

    rates = {name: getattr(fl, name) for name in METRICS if hasattr(fl, name)}
    return {**rates, "accuracy": sk.accuracy_score, "precision": sk.precision_score, "f1": sk.f1_score}


def by_group(outcome):
    return {tuple(entry["group"].values()): entry for entry in outcome["groups"]}


def assert_equal_to_fairlearn(outcome, y, yhat, groups, weights=None):
    """Every defined value within 1e-12 of MetricFrame's."""
    from fairlearn.metrics import MetricFrame

    metrics = reference_metrics()
    if weights is not None:
        metrics.pop("count")
    params = None if weights is None else {name: {"sample_weight": weights} for name in metrics}
    frame = MetricFrame(metrics=metrics, y_true=y, y_pred=yhat, sensitive_features=groups, sample_params=params)
    compared = 0
    for name in metrics:
        found = [(outcome["overall"]["metrics"][name]["value"], frame.overall[name])]
        found += [
            (entry["metrics"][name]["value"], frame.by_group[name][group[0]])
            for group, entry in by_group(outcome).items()
        ]
        for ours, theirs in found:
            if ours is not None:
                assert ours == pytest.approx(theirs, abs=1e-12)
                compared += 1
    assert compared >= len(metrics) * 2


def arrays(cube):
    values, labels, predictions = zip(*rows_of(cube))
    return np.array(labels), np.array(predictions), np.array([value[0] for value in values])


# ---- equality with fairlearn


def test_every_metric_of_every_group_is_fairlearns():
    """S-121: performance is compared between groups of people."""
    assert_equal_to_fairlearn(run(compas()).to_json(), *arrays(compas()))


def test_every_metric_of_the_published_table_is_fairlearns(shared_data):
    """S-121."""
    file = shared_data / "compas_two_years.csv"
    cube = read(file, target="two_year_recid", prediction="score_text!=Low", sensitive=["race"])
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    y = np.array([int(row["two_year_recid"]) for row in rows])
    yhat = np.array([int(row["score_text"] != "Low") for row in rows])
    assert_equal_to_fairlearn(run(cube).to_json(), y, yhat, np.array([row["race"] for row in rows]))


def test_the_fixture_holds_the_counts_of_the_published_table(shared_data):
    file = shared_data / "compas_two_years.csv"
    cube = read(file, target="two_year_recid", prediction="score_text!=Low", sensitive=["race"])
    assert set(cube.cells) == set(compas().cells)


def test_propublicas_counts_come_out():
    groups = by_group(run(compas()).to_json())
    assert groups["African-American",]["counts"] == {"tp": 1369, "fp": 805, "fn": 532, "tn": 990}
    assert groups["Caucasian",]["counts"] == {"tp": 505, "fp": 349, "fn": 461, "tn": 1139}


def test_the_named_figures_are_fairlearns():
    from fairlearn import metrics as fl

    y, yhat, groups = arrays(compas())
    for name, value in run(compas()).to_json()["named"]["race"].items():
        assert value == pytest.approx(getattr(fl, name)(y, yhat, sensitive_features=groups), abs=1e-12), name


def test_disparities_are_the_spread_of_fairlearns_frame():
    from fairlearn.metrics import MetricFrame

    y, yhat, groups = arrays(compas())
    frame = MetricFrame(metrics=reference_metrics(), y_true=y, y_pred=yhat, sensitive_features=groups)
    for disparity in run(compas()).to_json()["disparities"]:
        assert disparity["difference"] == pytest.approx(frame.difference()[disparity["metric"]], abs=1e-12)
        assert disparity["ratio"] == pytest.approx(frame.ratio()[disparity["metric"]], abs=1e-12)


def test_weighted_metrics_are_fairlearns(tmp_path):
    generator = np.random.default_rng(3)
    y, yhat, weights = generator.integers(2, size=400), generator.integers(2, size=400), generator.uniform(0.5, 4, 400)
    groups = np.array(["a", "b", "c"])[generator.integers(3, size=400)]
    lines = [f"{g},{t},{p},{float(w)!r}" for g, t, p, w in zip(groups, y, yhat, weights)]
    (tmp_path / "w.csv").write_text("\n".join(["g,y,p,w", *lines]))
    cube = read(tmp_path / "w.csv", target="y", prediction="p", sensitive=["g"], weight="w")
    assert_equal_to_fairlearn(run(cube).to_json(), y, yhat, groups, weights)


def test_intersections_are_groups_of_their_own():
    cube = cube_of(
        [(("a", "m"), 1, 1, 40), (("a", "f"), 1, 0, 30), (("b", "m"), 0, 1, 20), (("b", "f"), 0, 0, 10)],
        sensitive=("race", "sex"),
    )
    outcome = run(cube, intersections=2).to_json()
    assert {tuple(entry["by"]) for entry in outcome["groups"]} == {("race",), ("sex",), ("race", "sex")}
    assert by_group(outcome)["a", "f"]["n"] == 30
    assert set(outcome["named"]) == {"race", "sex", "race,sex"}


# ---- the frame


def test_the_outcome_has_the_published_frame():
    outcome = run(compas(), thresholds=["accuracy_difference<=0.2"]).to_json()
    frame = "check version rows dropped digest inputs environment overall groups disparities named thresholds verdict timings"
    assert list(outcome) == frame.split()
    assert set(outcome["groups"][0]) == {"by", "group", "n", "counts", "metrics", "evaluable", "missing"}
    entry = "rule value low high verdict by comparison comparisons groups attempt error_per_side worst chance left_out"
    assert set(f"{entry} left_out_share reasons rows_needed".split()) <= set(outcome["thresholds"][0])


def test_every_value_names_its_method_and_its_rows():
    """S-128: sample size and interval are stated."""
    metrics = by_group(run(compas()).to_json())["Asian",]["metrics"]
    assert metrics["false_positive_rate"] == {
        "value": pytest.approx(2 / 23),
        "low": pytest.approx(0.0241800045, abs=6e-11),
        "high": pytest.approx(0.2679598107, abs=6e-11),
        "method": "wilson",
        "n": 23,
        "evaluable": False,
    }
    assert metrics["f1"]["method"] == "wilson_jaccard"


def test_the_json_holds_no_nan_and_no_infinity():
    cube = cube_of([("a", 1, 0, 40), ("b", 0, 0, 35), ("c", 0, 1, 1)])
    json.dumps(run(cube, thresholds=["selection_rate_ratio>=0.8", "f1_difference<=0.1"]).to_json(), allow_nan=False)


def test_a_nan_in_an_outcome_is_a_defect():
    with pytest.raises(ValueError, match="no NaN"):
        plain({"value": math.nan})


# ---- undefined values


def test_a_group_without_positives_has_no_true_positive_rate():
    metric = by_group(run(cube_of([("a", 0, 1, 40), ("b", 1, 1, 35)])).to_json())["a",]["metrics"]["true_positive_rate"]
    assert (metric["value"], metric["low"], metric["high"], metric["n"]) == (None, None, None, 0)
    assert metric["reason"] == "g=a: no positives"


def test_named_figures_are_null_where_a_group_is_undefined():
    named = run(cube_of([("a", 0, 1, 40), ("b", 1, 1, 35), ("b", 0, 0, 5)])).to_json()["named"]["g"]
    assert named["demographic_parity_difference"] == pytest.approx(1 - 35 / 40)
    assert named["equalized_odds_difference"] is None
    assert named["reasons"]["equalized_odds_difference"] == "g=a: no positives"


def test_a_ratio_over_no_events_is_null_with_the_reason():
    (pair,) = run(selected((5, 50), (0, 60))).to_json()["disparities"][0]["pairs"]
    assert pair["ratio"]["value"] is None
    assert pair["ratio"]["high"] is None
    assert pair["ratio"]["reason"] == "no events in the reference"


def test_three_rows_are_computed_and_judge_nothing():
    outcome = run(
        cube_of([("a", 1, 1, 2), ("b", 0, 0, 1)]), thresholds=["selection_rate_difference<=0.1", "accuracy>=0.5"]
    )
    assert outcome.verdict == "insufficient"
    assert [entry.value for entry in outcome.thresholds] == [None, None]


def test_incomplete_rows_are_dropped_by_name_and_bound_the_worst_case():
    cube = cube_of([("a", 1, 1, 60), ("a", 1, 0, 30), ("a", None, 1, 10), ("b", 0, 1, 50), ("b", 0, None, 5)])
    outcome = run(cube).to_json()
    assert outcome["dropped"] == [{"reason": "no label", "rows": 10}, {"reason": "no prediction", "rows": 5}]
    assert (outcome["rows"], outcome["overall"]["n"]) == (155, 140)
    group = by_group(outcome)["a",]
    assert group["missing"] == {"rows": 10, "share": 0.1}
    assert group["metrics"]["selection_rate"]["worst_case"] == [pytest.approx(0.6), pytest.approx(0.7)]
    assert by_group(outcome)["b",]["metrics"]["true_positive_rate"]["value"] is None


# ---- pairs


def test_pairs_stand_against_the_largest_group():
    disparity = run(selected((201, 310), (499, 690))).to_json()["disparities"][0]
    (pair,) = disparity["pairs"]
    assert pair["reference"] == {"g": "g0001"}
    assert pair["difference"]["low"] == pytest.approx(-0.1381904179, abs=6e-11)
    assert pair["ratio"]["high"] == pytest.approx(0.9812959810, abs=6e-11)
    assert pair["p_adjusted"] == pytest.approx(0.0169731564, abs=6e-11)


def test_another_reference_can_be_chosen():
    disparity = run(compas(), reference={"race": "Caucasian"}).to_json()["disparities"][0]
    assert {pair["reference"]["race"] for pair in disparity["pairs"]} == {"Caucasian"}
    assert len(disparity["pairs"]) == 5


def test_p_values_are_adjusted_over_the_pairs_of_one_metric():
    pairs = run(compas()).to_json()["disparities"][0]["pairs"]
    smallest = min(pairs, key=lambda pair: pair["p"])
    assert smallest["p_adjusted"] == pytest.approx(5 * smallest["p"], rel=1e-9, abs=0)
    assert all(pair["p_adjusted"] >= pair["p"] for pair in pairs)


def test_printed_intervals_do_not_change_with_the_attempt():
    first, second = (run(compas(), attempt=attempt).to_json() for attempt in (1, 2))
    assert first["disparities"] == second["disparities"]
    assert first["groups"] == second["groups"]


def test_beyond_fifty_groups_the_extreme_pair_is_shown_too():
    groups = [(300, 1000)] * 50 + [(100, 900), (600, 900)]
    pairs = run(selected(*groups)).to_json()["disparities"][0]["pairs"]
    assert len(pairs) == 52
    assert (pairs[-1]["group"], pairs[-1]["reference"]) == ({"g": "g0050"}, {"g": "g0051"})


# ---- control columns


def test_groups_are_compared_within_the_strata_of_a_control_column():
    cube = cube_of(
        [(("a", "n"), 0, 1, 40), (("b", "n"), 0, 0, 40), (("a", "s"), 0, 0, 50), (("b", "s"), 0, 1, 50)],
        control=("region",),
    )
    outcome = run(cube).to_json()
    assert [entry["control"] for entry in outcome["strata"]] == [{"region": "n"}, {"region": "s"}]
    assert [(entry["control"]["region"], entry["group"]["g"], entry["n"]) for entry in outcome["groups"]] == [
        ("n", "a", 40),
        ("n", "b", 40),
        ("s", "a", 50),
        ("s", "b", 50),
    ]
    assert outcome["named"]["g"]["demographic_parity_difference"] == pytest.approx(abs(40 / 90 - 50 / 90))


# ---- weights and clusters


def test_weights_of_one_change_values_by_nothing_and_intervals_hardly():
    cube = selected((201, 310), (499, 690))
    weighted = Cube(Mapped("y", "yhat", ("g",), weight="w", weight_kind="sampling"), cube.rows, cube.cells)
    plain_, other = (by_group(run(each).to_json())["g0000",]["metrics"]["selection_rate"] for each in (cube, weighted))
    assert other["value"] == plain_["value"]
    assert other["method"] == "wilson_effective"
    assert other["n_effective"] == pytest.approx(309, abs=1e-9)


def test_the_weighted_rate_of_eight_rows_is_the_known_one(tmp_path):
    w, y = (1, 1, 2, 2, 4, 0.5, 0.5, 3), (1, 0, 1, 0, 0, 1, 0, 1)
    (tmp_path / "w.csv").write_text("g,y,p,w\n" + "".join(f"a,0,{p},{each}\n" for each, p in zip(w, y)))
    cube = read(tmp_path / "w.csv", target="y", prediction="p", sensitive=["g"], weight="w")
    rate = run(cube).to_json()["overall"]["metrics"]["selection_rate"]
    assert [rate[name] for name in ("value", "n_effective", "low", "high")] == pytest.approx(
        [0.4642857143, 4.9198234645, 0.1493385616, 0.8105513323], abs=6e-11
    )


def test_frequency_weights_count_rows(tmp_path):
    (tmp_path / "f.csv").write_text("g,y,p,w\na,0,1,201\na,0,0,109\nb,0,1,499\nb,0,0,191\n")
    cube = read(tmp_path / "f.csv", target="y", prediction="p", sensitive=["g"], weight="w", weight_kind="frequency")
    (entry,) = run(cube, thresholds=["selection_rate_difference<=0.1"]).thresholds
    assert (entry.low, entry.high) == pytest.approx((0.0131666125, 0.1381904179), abs=6e-11)


def clustered(tmp_path, lines):
    (tmp_path / "c.csv").write_text("g,y,p,person\n" + "".join(lines))
    return read(tmp_path / "c.csv", target="y", prediction="p", sensitive=["g"], cluster="person")


def test_the_clustered_rate_of_ten_rows_is_the_known_one(tmp_path):
    persons, y = (1, 1, 1, 2, 2, 3, 3, 4, 4, 4), (1, 1, 0, 0, 0, 1, 1, 0, 1, 0)
    cube = clustered(tmp_path, [f"a,0,{p},{person}\n" for person, p in zip(persons, y)])
    rate = run(cube).to_json()["overall"]["metrics"]["selection_rate"]
    assert [rate[name] for name in ("value", "n_effective", "low", "high")] == pytest.approx(
        [0.5, 7.5, 0.1210080322, 0.8789919678], abs=6e-11
    )


def test_the_rows_of_one_cluster_say_nothing_about_others(tmp_path):
    rate = run(clustered(tmp_path, ["a,0,1,7\n"] * 5 + ["a,0,0,7\n"] * 5)).to_json()["overall"]["metrics"][
        "selection_rate"
    ]
    assert (rate["value"], rate["low"], rate["high"]) == (0.5, 0, 1)


def test_fewer_than_thirty_clusters_judge_nothing(tmp_path):
    lines = [f"{g},0,{row % 2},{g}{row % 29}\n" for g in "ab" for row in range(300)]
    (entry,) = run(clustered(tmp_path, lines), thresholds=["selection_rate_difference<=0.9"]).thresholds
    assert (entry.verdict, entry.reasons) == ("insufficient", ("nothing_to_compare", "few_clusters"))


def test_clusters_that_agree_make_intervals_wider(tmp_path):
    lines = [f"{g},0,{person % 3 == 0:d},{g}{person}\n" for g in "ab" for person in range(40) for _ in range(5)]
    rate = by_group(run(clustered(tmp_path, lines)).to_json())["a",]["metrics"]["selection_rate"]
    assert rate["n"] == 200
    assert rate["n_effective"] == pytest.approx(39, abs=1e-9)


def test_the_rest_is_refused_where_a_person_is_in_several_groups(tmp_path):
    lines = [f"{g},0,{row % 2},{row}\n" for g in "ab" for row in range(100)]
    with pytest.raises(InputError, match="use the rule over all pairs"):
        run(clustered(tmp_path, lines), thresholds=["selection_rate_difference_to_rest<=0.9"])


# ---- parameters


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"confidence": 1.0}, "confidence is 1"),
        ({"confidence": 0.4}, "confidence is 0.4"),
        ({"attempt": 0}, "attempt is 0"),
        ({"min_group": 0}, "min-group is 0"),
        ({"intersections": 0}, "intersections is 0"),
        ({"small_groups": "hide"}, 'small-groups is "hide"'),
        ({"role": "train"}, 'role is "train"'),
        ({"reference": {"sex": "f"}}, 'names "sex"'),
        ({"reference": {"race": "Martian"}}, "does not exist; the groups"),
    ],
)
def test_parameters_out_of_range_are_refused_with_a_sentence(parameters, says):
    with pytest.raises(InputError, match=says):
        run(compas(), **parameters)


# ---- digest


def test_the_same_counts_have_the_same_digest():
    """P6: same inputs give the same evidence digest."""
    rules = ["false_positive_rate_difference<=0.1"]
    assert run(compas(), thresholds=rules).digest == run(compas(), thresholds=rules).digest


def test_the_order_of_cells_does_not_change_the_digest():
    """P6."""
    cube = compas()
    assert run(Cube(cube.mapped, cube.rows, cube.cells[::-1])).digest == run(cube).digest


def test_timings_are_left_out_of_the_digest():
    """P6."""
    outcome = run(compas())
    other = outcome.bound(data="", environment={}, timings={"hash": 1.5})
    assert other.digest == outcome.digest
    assert other.to_json()["timings"]["hash"] == 1.5


@pytest.mark.parametrize("change", [{"data": "sha256:00"}, {"environment": {"python": "3.12"}}])
def test_data_and_environment_are_bound_by_the_digest(change):
    """P6."""
    outcome = run(compas())
    assert outcome.bound(**{"data": "", "environment": {}, "timings": {}, **change}).digest != outcome.digest


@pytest.mark.parametrize("change", [{"seed": 1}, {"min_group": 31}, {"attempt": 2}, {"role": "development"}])
def test_every_parameter_is_bound_by_the_digest(change):
    """P6."""
    assert run(compas(), **change).digest != run(compas()).digest


def test_the_thirteenth_digit_does_not_change_a_digest():
    """P6: numbers enter with twelve significant digits."""
    assert digest_of_value({"value": 0.1234567890123}) == digest_of_value({"value": 0.12345678901234})
    assert digest_of_value({"value": 0.123456789012}) != digest_of_value({"value": 0.123456789013})


def test_print_rounds_outwards():
    assert outward(0.0524314724, 0.3338726540, digits=3) == ("0.052", "0.334")


# ---- the cube as JSON


def test_a_cube_survives_json():
    cube = cube_of([("ä", 1, 1, 3), ("b", None, 0, 2), ("(missing)", 0, None, 1)])
    assert Cube.from_json(json.loads(json.dumps(cube.to_json()))) == cube


def test_a_cube_with_clusters_survives_json(tmp_path):
    cube = clustered(tmp_path, [f"{g},0,{row % 2},{g}{row % 31}\n" for g in "ab" for row in range(90)])
    again = Cube.from_json(json.loads(json.dumps(cube.to_json())))
    assert run(again).digest == run(cube).digest


def spoiled(**changes):
    good = cube_of([("a", 1, 1, 3)]).to_json()
    cell = {**good["cells"][0], **changes}
    return {**json.loads(json.dumps(good)), "cells": [cell]}


@pytest.mark.parametrize(
    "value",
    [
        {},
        spoiled(rows=-1),
        spoiled(rows=1.5),
        spoiled(rows=True),
        spoiled(weight=math.inf),
        spoiled(square="3"),
        spoiled(label=2),
        spoiled(prediction="1"),
        spoiled(values=["a", "b"]),
        spoiled(values=[3]),
        {**cube_of([("a", 1, 1, 3)]).to_json(), "rows": -3},
        {**cube_of([("a", 1, 1, 3)]).to_json(), "mapped": {"target": 3}},
        {
            **cube_of([("a", 1, 1, 3)]).to_json(),
            "clusters": [{"by": ["g"], "values": ["a"], "moments": [], "patterns": []}],
        },
    ],
)
def test_a_cube_from_a_reading_process_is_not_trusted(value):
    """P7: what the child sends is checked before it is used."""
    with pytest.raises(InputError, match="not a count cube"):
        Cube.from_json(value)
