"""Partial dependence and accumulated local effects: equal to others' and to a plain second way, and told with their errors."""

from itertools import pairwise

import lightgbm
import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.inspection import partial_dependence

from rai import charts
from rai.checks import feature_attribution
from rai.checks.contract import InputError
from rai.engine import attribution, curves
from rai.figures import explanations
from rai.sandbox import launcher
from rai.wording import inputs as wording

NAMES = ("a", "b", "c")


def drawn(seed, rows=300):
    """Three inputs, the second going with the first, and an outcome with a product in it."""
    draw = np.random.default_rng(seed)
    first = draw.normal(size=rows)
    matrix = np.column_stack([first, first + 0.3 * draw.normal(size=rows), draw.integers(0, 4, rows)]).round(3)
    return matrix, matrix[:, 0] * matrix[:, 1] + matrix[:, 2] + draw.normal(size=rows)


def fitted(seed):
    matrix, outcome = drawn(seed)
    return GradientBoostingRegressor(n_estimators=20, max_depth=3, random_state=seed).fit(matrix, outcome), matrix


def plainly(score, matrix, index, edges):
    """Accumulated local effects a row at a time, straight from the paper's two equations."""
    total, rows_of, reached = 0.0, [], []
    for left, right in pairwise(edges):
        inside = [row for row in matrix if (left < row[index] <= right) or (row[index] == left == edges[0])]
        steps = []
        for row in inside:
            high, low = row.copy(), row.copy()
            high[index], low[index] = right, left
            steps.append(float(score(high[None, :])[0] - score(low[None, :])[0]))
        total += sum(steps) / len(steps)
        reached.append(total)
        rows_of.append(len(inside))
    mean = sum(value * rows for value, rows in zip(reached, rows_of, strict=True)) / sum(rows_of)
    return [0.0 - mean, *(value - mean for value in reached)]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_partial_dependence_is_that_of_scikit_learn(amount, index):
    for seed in range(amount(50)):
        model, matrix = fitted(seed)
        grid = curves.places(matrix[:, index])
        theirs = partial_dependence(model, matrix, [index], custom_values={index: grid}, method="brute", kind="average")
        ours, _error = curves.partial_dependence(model.predict, matrix, index, grid)
        assert np.abs(ours - theirs["average"][0]).max() <= 1e-12


@pytest.mark.parametrize("index", [0, 1, 2])
def test_accumulated_effects_are_those_of_a_second_plain_way(amount, index):
    for seed in range(amount(50)):
        model, matrix = fitted(seed)
        edges = curves.places(matrix[:, index])
        ours, _error, counts = curves.accumulated(model.predict, matrix, index, edges)
        assert ours == pytest.approx(plainly(model.predict, matrix[:, :], index, edges), abs=1e-10)
        assert counts.sum() == len(matrix)


def test_a_linear_model_has_its_slope_without_error_and_correlation_misleads_neither():
    matrix, _outcome = drawn(1)
    ours, error, _counts = curves.accumulated(
        lambda rows: 2 * rows[:, 0] + 5 * rows[:, 1], matrix, 0, np.array([-4.0, 0, 4])
    )
    assert np.diff(ours) == pytest.approx([8, 8]) and error == pytest.approx([0, 0, 0], abs=1e-7)


def test_partial_dependence_makes_up_rows_and_accumulated_effects_do_not():
    """Where a and b go together and the score is only odd far from that, the effects stay 0 and partial dependence does not."""
    matrix, _outcome = drawn(2)
    odd = lambda rows: (np.abs(rows[:, 0] - rows[:, 1]) > 2).astype(float)  # noqa: E731
    found = curves.curve(odd, matrix, 0, NAMES)
    assert (found["preferred"], found["goes_with"]) == ("ale", "b")
    assert max(abs(one["ale"]) for one in found["places"]) < 0.02 < 0.2 < max(one["pdp"] for one in found["places"])
    assert curves.curve(odd, matrix, 2, NAMES)["preferred"] == "pdp"


def test_errors_hold_the_effect_of_all_rows(amount):
    """Two standard errors around effects on 300 of 20,000 rows, at the same edges, hold those of all in 19 of 20 cases."""
    whole, _outcome = drawn(0, rows=20_000)
    score = lambda rows: rows[:, 0] * rows[:, 1] + rows[:, 2]  # noqa: E731
    edges = np.quantile(whole[:, 0], np.linspace(0, 1, 6))
    true = curves.accumulated(score, whole, 0, edges)[0]
    held, runs = [], amount(200)
    for seed in range(runs):
        some = whole[np.random.default_rng(seed).choice(len(whole), 300, replace=False)]
        ours, error, _counts = curves.accumulated(score, some, 0, edges)
        held.append(np.abs(np.diff(ours) - np.diff(true)) <= 2 * np.hypot(error[1:], error[:-1]))
    assert np.mean(held) >= 0.9


@pytest.mark.parametrize("cells", [np.full(9, 2.0), np.full(9, np.nan)])
def test_an_input_that_never_differs_has_no_curve(cells):
    matrix = np.column_stack([cells, np.arange(9.0), np.zeros(9)])
    found = curves.curve(lambda rows: rows[:, 1], matrix, 0, NAMES)
    assert found["places"] == [] and "has no curve" in wording.curve(found)


def test_empty_cells_stand_out_of_the_effects_and_few_values_are_all_places():
    matrix, _outcome = drawn(3)
    matrix[:40, 2] = np.nan
    found = curves.curve(lambda rows: np.nan_to_num(rows[:, 2], nan=9.0), matrix, 2, NAMES)
    assert [one["at"] for one in found["places"]] == [0, 1, 2, 3] and sum(one["n"] for one in found["places"]) == 260
    assert np.diff([one["ale"] for one in found["places"]]) == pytest.approx([1, 1, 1])


def test_curves_of_a_model_come_from_the_child_to_chart_table_and_sentence(tmp_path):
    """S-122: of chosen inputs, both curves, with the reason for the one to read; what is no input is refused."""
    matrix, outcome = drawn(4, rows=600)
    booster = lightgbm.train(
        {"objective": "regression", "num_leaves": 7, "num_threads": 1, "verbosity": -1, "seed": 0},
        lightgbm.Dataset(matrix, outcome, feature_name=list(NAMES)), 20,
    )  # fmt: skip
    booster.save_model(tmp_path / "model.txt")
    np.savetxt(tmp_path / "rows.csv", matrix, delimiter=",", header="a,b,c", comments="")
    files = {"model": tmp_path / "model.txt", "data": tmp_path / "rows.csv"}
    size = attribution.array_size(600, features=3, groups=0)
    found = launcher.run("attribute", {"seed": 0, "groups": [], "curves": ["a", "c"]}, files=files, array=size)
    told = feature_attribution.run(attribution.from_reply(found.json, found.array)).to_json()
    assert [(one["name"], one["preferred"]) for one in told["curves"]] == [("a", "ale"), ("c", "pdp")]
    said = " ".join(wording.feature_attribution(told))
    assert "Read the accumulated local effects: a goes with b" in said and "Partial dependence serves" in said
    assert "How the score goes with a" in charts.attribution(told, language="en").decode()
    assert [sheet.caption for sheet in explanations.sheets(told)][-1] == "How the score goes with c"
    with pytest.raises(InputError, match="“zip” is none or one too many"):
        launcher.run("attribute", {"seed": 0, "groups": [], "curves": ["zip"]}, files=files, array=size)
