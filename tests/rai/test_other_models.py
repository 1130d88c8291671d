"""Explanations of models that tell nothing but their scores: estimates that add up, with budget, background and stability."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from rai.checks import feature_attribution
from rai.engine import attribution, forests, permutations
from rai.sandbox.launcher import run

NAMES = ["a", "b", "c"]


@pytest.fixture(scope="module", autouse=True)
def prepared():
    """The loops as a worker keeps them."""
    assert forests.prepare()


def test_values_of_a_linear_model_are_those_of_the_closed_form():
    """shap's LinearExplainer: coefficient times the distance from the background's mean, whatever the order of the walk."""
    draw = np.random.default_rng(0)
    matrix, background, weights = draw.normal(size=(20, 6)), draw.normal(size=(32, 6)), draw.normal(size=6)
    found = permutations.values(lambda rows: rows @ weights, matrix, background, seed=0)
    assert np.abs(found - (matrix - background.mean(axis=0)) * weights).max() <= 1e-12


def test_values_of_any_model_add_up_and_come_close_to_the_exact_ones():
    """Beside shap's ExactExplainer on a model with interactions."""
    import shap

    draw = np.random.default_rng(1)
    matrix, background = draw.normal(size=(12, 4)), draw.normal(size=(32, 4))

    def scores(rows):
        return 1 / (1 + np.exp(-(rows[:, 0] + rows[:, 1] * rows[:, 2])))

    found = permutations.values(scores, matrix, background, seed=0)
    assert np.abs(found.sum(axis=1) + scores(background).mean() - scores(matrix)).max() <= 1e-12
    expected = shap.explainers.Exact(scores, shap.maskers.Independent(background, max_samples=32))(matrix).values
    assert np.abs(found - expected).mean() <= 0.1 * np.abs(expected).mean()
    assert np.array_equal(found, permutations.values(scores, matrix, background, seed=0))


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Rows as a file, as a matrix, and their outcome."""
    folder = tmp_path_factory.mktemp("others")
    draw = np.random.default_rng(2)
    matrix = draw.normal(size=(400, 3)).round(3)
    label = matrix[:, 0] + 0.5 * matrix[:, 1] + 0.3 * draw.normal(size=400) > 0
    lines = [",".join(NAMES), *(",".join(map(str, row)) for row in matrix)]
    (folder / "rows.csv").write_text("\n".join(lines) + "\n")
    return folder, matrix, label


def explained(model, data):
    """Attributions that a real child made."""
    found = run(
        "attribute",
        {"seed": 0, "rows": [1], "cut": 0.5},
        files={"model": model, "data": data},
        array=attribution.array_size(400, features=3, groups=0),
    )
    return attribution.from_reply(found.json, found.array)


def test_an_onnx_model_is_explained_by_its_scores_with_budget_and_background(rows):
    """S-122: method, reason, budget, digest of the background and stability under another seed stand in the outcome."""
    from skl2onnx import to_onnx

    folder, matrix, label = rows
    with threadpool_limits(1):
        model = LogisticRegression().fit(matrix, label)
    (folder / "model.onnx").write_bytes(
        to_onnx(model, matrix[:1].astype(np.float32), options={"zipmap": False}).SerializeToString()
    )
    (folder / "named.csv").write_text((folder / "rows.csv").read_text())
    found = explained_by_place(folder / "model.onnx", folder)
    means = found.method
    assert means["by"] == "permutation" and means["reason"] == "no_forest" and means["background"].startswith("sha256:")
    assert means["scores_a_row"] == permutations.evaluations(3) and means["moved_by_seed"] < 0.25
    outcome = feature_attribution.run(found, thresholds=["additivity_error<=1e-6"])
    assert outcome.parts["explainer"]["exact"] is False and outcome.verdict == "pass"
    first = outcome.parts["features"][0]["name"]
    assert first == found.features[0] and found.local[0]["turned"]["changes"]


def explained_by_place(model, folder):
    """An ONNX matrix names no columns: the table's are called as the model's header says."""
    names = run("model_info", {}, files={"model": model}).json["features"]
    text = (folder / "rows.csv").read_text().partition("\n")[2]
    (folder / "placed.csv").write_text(",".join(names) + "\n" + text)
    return explained(model, folder / "placed.csv")


def test_a_forest_of_scikit_learn_in_skops_is_explained_exactly(rows):
    """Equal to shap's TreeExplainer within 1e-12, by tables over the leaves."""
    import pandas
    import shap
    import skops.io

    folder, matrix, label = rows
    model = RandomForestClassifier(20, max_depth=6, random_state=0, n_jobs=1).fit(
        pandas.DataFrame(matrix, columns=NAMES), label
    )
    (folder / "model.skops").write_bytes(skops.io.dumps(model))
    found = explained(folder / "model.skops", folder / "rows.csv")
    assert found.method["by"] == "leaf_tables"
    chosen = np.random.Generator(np.random.PCG64(0)).choice(400, size=400, replace=False)[: len(found.values)]
    expected = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent").shap_values(matrix[chosen])[..., 1]
    assert np.abs(found.values - expected).max() <= 1e-12


def test_an_estimate_that_moves_with_its_seed_is_not_evaluable():
    """An unstable explanation supports no rule on shares."""
    draw = np.random.default_rng(0)
    values = draw.exponential([1.0, 0.5], (500, 2))
    restless = attribution.Attributions(
        features=("a", "b"), values=values, raw=values.sum(axis=1), base=0.0, rows_available=500, stop_reason="all_rows", seed=0,
        method={"by": "permutation", "moved_by_seed": 0.4},
    )  # fmt: skip
    outcome = feature_attribution.run(restless, thresholds=["top_share<=0.9"])
    assert outcome.parts["explainer"]["evaluable"] is False
    assert outcome.verdict == "insufficient" and outcome.thresholds[0].reasons == ("unstable",)
