"""Exact SHAP values by tables over the leaves: equal to each library's own on random models, whatever is missing."""

import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from threadpoolctl import threadpool_limits

from rai.engine.forests import NO_TREES, TOO_LARGE, TREES, Tree, joined
from rai.sandbox import forests

ROWS = 60


def drawn(seed, *, rows=600):
    """Rows with gaps and an outcome, from a seed that also chooses how wide the table is."""
    draw = np.random.default_rng(seed)
    width = int(draw.integers(1, 12))
    matrix = draw.normal(size=(rows, width)).round(int(draw.integers(1, 4)))
    if seed % 2:
        matrix[draw.random(matrix.shape) < 0.15] = np.nan
    filled = np.nan_to_num(matrix)
    outcome = filled[:, 0] + filled[:, -1] * filled[:, width // 2] + draw.normal(size=rows)
    return draw, matrix, outcome


def of_lightgbm(seed):
    draw, matrix, outcome = drawn(seed)
    options = {
        "objective": "binary" if seed % 3 else "regression", "num_leaves": int(draw.integers(2, 40)), "verbosity": -1,
        "num_threads": 1, "seed": seed, "min_data_in_leaf": 5, "zero_as_missing": bool(seed % 5 == 4),
        "use_missing": bool(seed % 7), "boosting": "rf" if seed % 6 == 5 else "gbdt", "bagging_fraction": 0.7, "bagging_freq": 1,
    }  # fmt: skip
    label = outcome > 0 if seed % 3 else outcome
    booster = lightgbm.train(options, lightgbm.Dataset(matrix, label), int(draw.integers(1, 30)))
    rows = matrix[:ROWS]
    # A forest's score is the mean of its trees; the library hands out the sum of their values.
    shared = booster.num_trees() if options["boosting"] == "rf" else 1
    return forests.of_lightgbm(booster.model_to_string()), rows, booster.predict(rows, pred_contrib=True) / shared


def of_xgboost(seed):
    draw, matrix, outcome = drawn(seed)
    options = {
        "objective": "binary:logistic" if seed % 3 else "reg:squarederror", "max_depth": int(draw.integers(1, 8)), "nthread": 1,
        "seed": seed, **({"booster": "dart", "rate_drop": 0.2} if seed % 6 == 5 else {}),
    }  # fmt: skip
    data = xgboost.DMatrix(matrix, (outcome > 0) if seed % 3 else outcome)
    booster = xgboost.train(options, data, int(draw.integers(1, 30)))
    rows = matrix[:ROWS]
    found = booster.predict(xgboost.DMatrix(rows), pred_contribs=True)
    return forests.of_xgboost(bytes(booster.save_raw("json"))), rows, found.astype(np.float64)


def of_scikit_learn(seed):
    import shap

    draw, matrix, outcome = drawn(seed)
    if seed % 2:
        # Several threads on few rows would spin and wait for each other.
        with threadpool_limits(1):
            model = HistGradientBoostingRegressor(max_iter=int(draw.integers(1, 20)), random_state=seed).fit(
                matrix, outcome
            )
        forest = forests.of_histograms(model._predictors)
    else:
        model = RandomForestClassifier(int(draw.integers(1, 12)), max_depth=7, random_state=seed).fit(
            matrix, outcome > 0
        )
        share = 1 / len(model.estimators_)
        forest = forests.of_scikit_learn(model.estimators_, weights=[share] * len(model.estimators_), output=1)
    rows = matrix[:ROWS]
    values = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent").shap_values(rows)
    values = values[..., 1] if values.ndim == 3 else values
    return forest, rows, np.column_stack([values, np.full(len(rows), np.nan)])


@pytest.mark.parametrize(("made", "bound"), [(of_lightgbm, 1e-12), (of_xgboost, 1e-5), (of_scikit_learn, 1e-12)])
def test_values_equal_the_librarys_own_on_random_models(made, bound, amount):
    """At most 1e-12 from LightGBM and from shap on scikit-learn's trees, 1e-5 from XGBoost, on 50 models each."""
    for seed in range(amount(50)):
        forest, rows, expected = made(seed)
        assert forest.scope(rows.shape[1]) == TREES
        values, base = forest.values(rows)
        assert np.abs(values - expected[:, :-1]).max() <= bound, (made.__name__, seed)
        if made is of_lightgbm:
            assert abs(base - expected[0, -1]) <= bound, seed


def test_a_path_longer_than_any_table_is_worked_out_for_each_row():
    """A chain of thirty inputs: equal to shap's own TreeExplainer, with no table at all."""
    import shap
    from sklearn.tree import DecisionTreeRegressor

    draw = np.random.default_rng(3)
    matrix = np.sort(draw.normal(size=(400, 30)), axis=1)
    outcome = np.cumsum(matrix > 0.4, axis=1).sum(axis=1) + draw.normal(size=400)
    tree = DecisionTreeRegressor(max_depth=30, max_features=1, random_state=0).fit(matrix, outcome)
    forest = forests.of_scikit_learn([tree], weights=[1.0], output=0)
    assert forest.widest(30) > 12
    values, base = forest.values(matrix[:40])
    expected = shap.TreeExplainer(tree, feature_perturbation="tree_path_dependent").shap_values(matrix[:40])
    assert np.abs(values - expected).max() <= 1e-12 * np.abs(outcome).max()
    assert np.abs(values.sum(axis=1) + base - tree.predict(matrix[:40])).max() <= 1e-9


def leaf_below(**changes):
    """A tree of one split with some arrays spoilt."""
    sound = {
        "feature": np.array([0, -1, -1]), "threshold": np.array([0.5, 0, 0]), "left": np.array([1, -1, -1]), "right": np.array([2, -1, -1]),
        "nan_left": np.array([1, 0, 0]), "cover": np.array([10.0, 4.0, 6.0]), "value": np.array([0.0, -1.0, 2.0]),
    }  # fmt: skip
    return joined([Tree(**{**sound, **changes})])


def test_one_split_by_hand():
    """Base -1*0.4 + 2*0.6 = 0.8; left of the cut -1 - 0.8, right of it 2 - 0.8; an empty cell goes left."""
    values, base = leaf_below().values(np.array([[0.5], [0.6], [np.nan]]))
    assert base == pytest.approx(0.8) and values[:, 0] == pytest.approx([-1.8, 1.2, -1.8])


@pytest.mark.parametrize(
    "changes",
    [
        {"left": np.array([7, -1, -1])},
        {"right": np.array([1, -1, -1])},
        {"left": np.array([0, -1, -1])},
        {"feature": np.array([5, -1, -1])},
    ],
)
def test_nodes_that_form_no_tree_are_never_walked(changes):
    """The loops check no index, so that a crafted file must not reach them."""
    forest = leaf_below(**changes)
    assert forest.scope(1) == NO_TREES
    with pytest.raises(ValueError, match="outside the scope"):
        forest.values(np.zeros((2, 1)))


def test_a_tree_of_too_many_leaves_is_left_to_the_library():
    size = 2 * 5000 + 1
    nodes = np.arange(size)
    inner = nodes < 5000
    forest = leaf_below(
        feature=np.where(inner, 0, -1), threshold=nodes.astype(float), left=np.where(inner, 2 * nodes + 1, -1), right=np.where(inner, 2 * nodes + 2, -1),
        nan_left=np.zeros(size), cover=np.ones(size), value=np.ones(size),
    )  # fmt: skip
    assert forest.scope(1) == TOO_LARGE


def test_arrays_of_a_tree_that_differ_in_length_are_refused():
    with pytest.raises(ValueError, match="differ in length"):
        leaf_below(cover=np.ones(2))
