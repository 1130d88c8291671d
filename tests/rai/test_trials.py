"""Trials of a model: each finds what was planted, stays quiet where nothing is, and judges by the rule of all checks."""

import lightgbm
import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from rai.catalogue import CHECKS
from rai.catalogue.trials import TRIALS
from rai.checks import trials
from rai.checks.contract import InputError
from rai.checks.trials import Lines
from rai.engine import trials as moves
from rai.figures.lines import as_csv
from rai.sandbox.launcher import run
from registry.cards.figures import of_outcome
from registry.plugins import resolved

ASKED = {
    "perturbation": {"cut": 0.5, "share": 0.1}, "adversarial": {"cut": 0.5, "reach": 0.5, "fixed": []},
    "counterfactual_fairness": {"cut": 0.5, "protected": "sex"}, "out_of_distribution": {},
    "consistency": {"uploaded": None, "tolerance": 1e-6}, "membership_inference": {"target": "y", "positive": "1"},
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A model that reads sex beside a number, the rows it was trained on, and rows that it never saw."""
    folder = tmp_path_factory.mktemp("trials")
    draw = np.random.default_rng(0)
    rows = np.column_stack([draw.normal(size=1200), draw.integers(0, 2, 1200), draw.normal(size=1200)])
    label = (rows[:, 0] + 0.8 * rows[:, 1] + 0.5 * draw.normal(size=1200) > 0.4).astype(int)
    options = {
        "objective": "binary",
        "num_leaves": 15,
        "min_data_in_leaf": 2,
        "num_threads": 1,
        "verbosity": -1,
        "seed": 0,
    }
    booster = lightgbm.train(options, lightgbm.Dataset(rows[:600], label[:600], feature_name=["x", "sex", "z"]), 60)
    booster.save_model(folder / "model.txt")
    said = booster.predict(rows)
    for name, part in (("seen", slice(0, 600)), ("new", slice(600, 1200))):
        columns = dict(zip(("x", "sex", "z"), rows[part].T, strict=True))
        parquet.write_table(
            pyarrow.table({**columns, "y": label[part], "said": said[part], "off": said[part] + 0.01}),
            folder / f"{name}.parquet",
        )
    return folder, booster, rows[600:]


def tried(made, name, *, table="new", rules=(), rows=600, **asked):
    """The outcome of a trial that a real child carried out."""
    folder = made[0]
    files = {"model": folder / "model.txt", "data": folder / f"{table}.parquet"}
    if name == "membership_inference":
        files["members"] = folder / "seen.parquet"
    request = {"trial": name, "seed": 0, "rows": rows, **ASKED[name], **asked}
    found = run("attempt", request, files=files, array=(2 * rows, 3))
    return trials.run(trials.lines_of(found.json, found.array), check=name, thresholds=rules)


def test_noise_turns_some_decisions_and_more_of_it_turns_more(made):
    small, large = (
        tried(made, "perturbation", share=share).parts["overall"]["metrics"]["unstable_rows"].value
        for share in (0.02, 0.5)
    )
    assert 0 < small < large < 1


def test_a_plausible_step_is_one_that_other_rows_have_and_the_nearest_is_told(made):
    """Every step that the search makes goes to a value of the table and no further than the reach."""
    matrix = made[2]
    fixed = np.array([False, True, False])
    for changed, distance in moves.plausible(matrix, reach=0.5, fixed=fixed):
        assert (changed[:, 1] == matrix[:, 1]).all()
        assert np.isin(changed[:, 0], matrix[:, 0]).all() and distance[np.isfinite(distance)].max(initial=0) <= 0.5
        assert ((changed == matrix).all(axis=1) | np.isfinite(distance)).all()
    near, far = (
        tried(made, "adversarial", reach=reach).parts["overall"]["metrics"]["turned_share"].value
        for reach in (0.1, 1.0)
    )
    assert near < far
    assert tried(made, "adversarial").parts["distances"]["median"] <= 0.5


def test_a_model_that_reads_sex_is_found_out_and_one_value_of_a_stranger_changes_nothing(made):
    """Fairness by the counterfactual: the share of decisions that change is that of a direct count."""
    _folder, booster, rows = made
    other = rows.copy()
    other[:, 1] = 1 - other[:, 1]
    direct = np.mean((booster.predict(rows) >= 0.5) != (booster.predict(other) >= 0.5))
    outcome = tried(made, "counterfactual_fairness", rules=["changed_share<=0.01"])
    assert (
        outcome.parts["overall"]["metrics"]["changed_share"].value == pytest.approx(direct)
        and outcome.verdict == "fail"
    )
    stranger = tried(made, "counterfactual_fairness", protected="y", rules=["changed_share<=0.01"])
    assert stranger.parts["told"]["is_input"] is False and stranger.verdict == "pass"


def test_pushes_beyond_the_range_are_counted_by_input(made):
    outcome = tried(made, "out_of_distribution")
    assert outcome.parts["told"]["pushes"] == 4 and 0 < outcome.parts["overall"]["metrics"]["surer_outside"].value <= 1


def test_uploaded_scores_that_are_not_the_models_are_a_finding(made):
    """A model whose predictions disagree with the uploaded ones: a fail of its own, and words that say so."""
    from rai.wording.trials import trials as words

    rules = ["largest_repeat<=1e-9", "disagreeing_share<=0.01"]
    own, off = (tried(made, "consistency", uploaded=name, rules=rules) for name in ("said", "off"))
    assert own.verdict == "pass" and own.parts["overall"]["metrics"]["disagreeing_share"].value == 0
    assert own.parts["overall"]["metrics"]["unrepeated_share"].value == 0
    assert off.verdict == "fail" and off.parts["overall"]["metrics"]["largest_disagreement"].value == pytest.approx(
        0.01
    )
    assert any("not those of this model" in sentence for sentence in words(off.to_json()))
    assert not any("not those of this model" in sentence for sentence in words(own.to_json()))


def test_a_model_that_learnt_by_heart_gives_away_who_was_in_its_training(made):
    """The area equals scikit-learn's, and two halves of rows that nobody learnt are a guess."""
    from sklearn.metrics import roc_auc_score

    outcome = tried(made, "membership_inference", rules=["attack_auc<=0.52"])
    folder, booster, _rows = made
    losses = []
    for name in ("new", "seen"):
        table = parquet.read_table(folder / f"{name}.parquet")
        score = booster.predict(np.column_stack([table[column].to_numpy() for column in ("x", "sex", "z")]))
        losses.append(np.where(table["y"].to_numpy() == 1, score, 1 - score))
    expected = roc_auc_score([0] * 600 + [1] * 600, np.concatenate(losses))
    assert (
        outcome.parts["overall"]["metrics"]["attack_auc"].value == pytest.approx(expected, abs=1e-12)
        and expected > 0.56
    )
    assert outcome.verdict == "fail"


def lines(happened, size=None, **said) -> Lines:
    """Lines with these events."""
    happened = np.asarray(happened, dtype=float)
    size = np.zeros(len(happened)) if size is None else np.asarray(size, dtype=float)
    return Lines(
        np.full(len(happened), 0.5),
        happened,
        size,
        {"rows_available": len(happened), "missing": {}, "model": {}, **said},
    )


@pytest.mark.parametrize(("hits", "verdict"), [(0, "pass"), (300, "fail"), (95, "insufficient")])
def test_the_whole_interval_decides(hits, verdict):
    """Wilson's interval wholly within the limit, wholly beyond, or neither; then it says how many more rows."""
    found = lines([1] * hits + [0] * (1000 - hits))
    outcome = trials.run(found, check="adversarial", thresholds=["turned_share<=0.1"])
    (entry,) = outcome.thresholds
    assert entry.verdict == outcome.verdict == verdict and (entry.rows_needed is not None) == (
        verdict == "insufficient"
    )


def test_too_few_rows_and_what_was_not_asked_settle_nothing():
    few = trials.run(lines([0] * 20), check="adversarial", thresholds=["turned_share<=0.9"])
    assert few.thresholds[0].reasons == ("small_group",) and few.verdict == "insufficient"
    same = lines([0] * 200, largest_repeat=0.0, unrepeated=0)
    alone = trials.run(same, check="consistency", thresholds=["disagreeing_share<=0.1"])
    assert alone.thresholds[0].reasons == ("not_asked",) and alone.verdict == "insufficient"


def test_rows_that_are_scored_otherwise_when_asked_again_have_an_interval():
    """Three of 200 rows: Wilson's limits, worked out by hand."""
    found = trials.run(
        lines([0] * 200, largest_repeat=0.2, unrepeated=3), check="consistency", thresholds=["unrepeated_share<=0.01"]
    )
    measure = found.parts["overall"]["metrics"]["unrepeated_share"]
    assert (measure.value, measure.low, measure.high) == pytest.approx((0.015, 0.0051142, 0.0431657), abs=1e-6)
    assert found.verdict == "insufficient"


def test_a_reply_that_does_not_hold_lines_is_refused():
    for array in (np.zeros((3, 2)), np.zeros((0, 3)), np.array([[0.5, 1.5, 0.0]])):
        with pytest.raises(ValueError, match=r"three numbers|no share"):
            trials.lines_of({"rows_available": 3}, array)


@pytest.mark.parametrize("check", TRIALS, ids=lambda one: one.slug)
def test_every_trial_is_an_ordinary_check_with_rule_words_table_and_chart(check, made):
    """S-122: gates, plans, pages and reports take it by its entry in the catalogue alone."""
    name = trials.RULES[check.slug][0]
    assert CHECKS[check.slug] is check and resolved(check.read_rule)(f"{name}<=0.1").limit == 0.1
    with pytest.raises(InputError, match=f"{name}<=0.05"):
        resolved(check.read_rule)("accuracy>=0.9")
    outcome = tried(made, check.slug, rows=200, rules=[f"{name}<=0.1"]).to_json()
    for draw in ("chart", "words", "sheets"):
        assert resolved(getattr(check, draw))(outcome)
    assert name in as_csv(outcome) and name in {figure.name for figure in of_outcome(outcome, by_group=False)}
