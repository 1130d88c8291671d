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
            model = HistGradientBoostingRegressor(max_iter=int(draw.integers(1, 20)), random_state=seed).fit(matrix, outcome)
        forest = forests.of_histograms(model._predictors)
    else:
        model = RandomForestClassifier(int(draw.integers(1, 12)), max_depth=7, random_state=seed).fit(matrix, outcome > 0)
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
