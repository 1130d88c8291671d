"""The command `measure` for performance and calibration: published data, verdicts as exit codes, one sentence for every error."""

import csv
import json

import numpy as np
import pytest
from django.core.management import ManagementUtility
from sklearn.metrics import mean_absolute_error, roc_auc_score


@pytest.fixture
def measure(capsys):
    """Runs the command as the command line does: (exit code, outcome or None, standard error)."""

    def run(*arguments):
        with pytest.raises(SystemExit) as caught:
            ManagementUtility(["manage.py", "measure", *map(str, arguments)]).execute()
        captured = capsys.readouterr()
        return caught.value.code, json.loads(captured.out) if captured.out else None, captured.err

    return run


@pytest.fixture
def compas(shared_data):
    """ProPublica's table: its path, and labels, deciles and races as arrays."""
    path = shared_data / "compas_two_years.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [np.array([row[name] for row in rows]) for name in ("two_year_recid", "decile_score", "race")]
    return path, columns[0].astype(int), columns[1].astype(float), columns[2]


@pytest.fixture
def data(tmp_path):
    """Scores that keep their word, hours said a little wrong, two groups."""
    generator = np.random.default_rng(0)
    score, hours = generator.random(1200), generator.normal(10, 2, size=1200)
    lines = [
        f"{int(generator.random() < s)},{s:.6f},{'ab'[k % 2]},{h:.4f},{h + generator.normal():.4f}"
        for k, (s, h) in enumerate(zip(score, hours))
    ]
    (tmp_path / "data.csv").write_text("\n".join(["y,s,g,h,said", *lines]) + "\n")
    return tmp_path / "data.csv"


def test_compas_ranks_every_race_as_scikit_learn_says(measure, compas):
    """S-121: the decile score on published data, over all people and by race."""
    path, label, score, race = compas
    code, outcome, _ = measure(
        "performance", "--data", path, "--target", "two_year_recid", "--prediction", "decile_score>=5",
        "--score", "decile_score", "--sensitive", "race", "sex", "--threshold", "roc_auc>=0.65", "roc_auc_group_min>=0.8",
    )  # fmt: skip
    found = {each["group"]["race"]: each["metrics"]["roc_auc"] for each in outcome["groups"] if each["by"] == ["race"]}
    assert code == 1
    assert {entry["rule"]: entry["verdict"] for entry in outcome["thresholds"]}["roc_auc>=0.65"] == "pass"
    assert outcome["overall"]["metrics"]["roc_auc"]["value"] == pytest.approx(roc_auc_score(label, score), abs=1e-12)
    for name in ("African-American", "Caucasian", "Native American"):
        expected = roc_auc_score(label[race == name], score[race == name])
        assert found[name]["value"] == pytest.approx(expected, abs=1e-12)
    assert found["Native American"]["evaluable"] is False
    assert outcome["overall"]["metrics"]["brier_score"]["value"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "verdict"),
    [
        (["calibration", "--target", "y", "--score", "s", "--threshold", "calibration_error<=0.1"], 0, "pass"),
        (["calibration", "--target", "y", "--score", "s", "--threshold", "mean_residual>=0.1"], 1, "fail"),
        (["calibration", "--target", "y", "--score", "s", "--threshold", "calibration_error<=0.02"], 2, "insufficient"),
        (["calibration", "--target", "y", "--score", "s"], 0, "recorded"),
        (["performance", "--target", "y", "--prediction", "s>=0.5", "--sensitive", "g", "--threshold", "accuracy>=0.6"], 0, "pass"),
        (["performance", "--kind", "regression", "--target", "h", "--prediction", "said", "--threshold", "r2>=0.5"], 3, None),
        (["performance", "--kind", "regression", "--target", "h", "--prediction", "said", "--threshold", "mean_absolute_error<=0.5"], 1, "fail"),
    ],
)  # fmt: skip
def test_the_verdict_is_the_exit_code(measure, data, arguments, code, verdict):
    found, outcome, _ = measure(*arguments, "--data", data)
    assert (found, outcome and outcome["verdict"]) == (code, verdict)


def test_numbers_are_read_from_the_prediction_column(measure, data):
    _, outcome, _ = measure(
        "performance", "--kind", "regression", "--target", "h", "--prediction", "said", "--data", data
    )
    rows = np.genfromtxt(data, delimiter=",", names=True, dtype=None, encoding="utf-8")
    expected = mean_absolute_error(rows["h"], rows["said"])
    assert outcome["overall"]["metrics"]["mean_absolute_error"]["value"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["calibration", "--target", "y"], "needs --score"),
        (["performance", "--target", "y", "--sensitive", "g"], "needs --prediction"),
        (["calibration", "--target", "y", "--score", "h"], "probabilities from 0 to 1 are needed"),
        (["calibration", "--target", "y", "--score", "s", "--weight", "h"], "does not take --weight"),
        (["performance", "--target", "y", "--prediction", "s>=0.5", "--sensitive", "g", "--threshold", "roc_auc>=0.8"], "--score"),
        (["performance", "--kind", "regression", "--target", "h", "--prediction", "g"], "which is no number"),
    ],
)  # fmt: skip
def test_every_error_ends_with_three_and_one_sentence(measure, data, arguments, says):
    code, outcome, err = measure(*arguments, "--data", data)
    assert (code, outcome) == (3, None)
    assert says in err
    assert len(err.strip().splitlines()) == 1


def test_a_score_that_is_used_is_not_said_to_be_unused(measure, data):
    _, _, err = measure("calibration", "--target", "y", "--score", "s", "--data", data)
    assert err == ""
