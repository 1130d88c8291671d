"""The check field: labelled rows of the running system, who has a label, the fall since the test, bad input, the page."""

import csv
import io
import json

import numpy as np
import pytest
from django.core.management import ManagementUtility
from django.urls import reverse
from scipy import stats
from sklearn import metrics

from rai import actions
from rai.checks.contract import InputError
from rai.checks.field import parse_rule, run
from rai.checks.frozen import frozen_of
from rai.engine.intervals import mover_difference, wilson
from rai.engine.labelled import Asked, labelled_of, read_labelled
from rai.measuring.scores import performance
from rai.running import replaying
from rai.wording import sentences
from tests import factories
from tests.rai.test_generalisation import write
from tests.rai.test_score_pages import ran, uploaded
from tests.rai.uploads import text_of

Z = 1.959963984540054
DATA_SETS = 20
ASKED = Asked("y", "score>=0.5", "at", "month", "score")
TEST = {"target": "y", "prediction": "score", "cut": ">=0.5", "score": "score", "sensitive": ["plant"]}
FIELD = {"target": "y", "prediction": "score", "cut": ">=0.5", "score": "score", "column": "at"}


def drawn(seed, n=1200, fall=0.0, late=0.3, picked=0.0):
    """Labels of some rows alone: later months have fewer, and with `picked` high scores too."""
    draw = np.random.default_rng(seed)
    y, month = draw.integers(2, size=n), draw.integers(1, 5, size=n)
    score = np.clip(0.35 + (0.3 - fall) * y + draw.normal(0, 0.2, n), 0, 1).round(4)
    lacks = draw.random(n) < late * month / 2.5 + picked * (score > 0.6)
    at = np.array([f"2026-0{each}-{day:02d}" for each, day in zip(month, draw.integers(1, 28, size=n))])
    amount = draw.normal(100, 20, n).round(3)
    return {
        "at": at, "plant": np.array(["a", "b"])[draw.integers(2, size=n)], "y": y, "score": score, "amount": amount,
        "said": (amount + draw.normal(0, 3 + 10 * fall, n)).round(3), "lacks": lacks,
    }  # fmt: skip


def in_file(path, found):
    """The rows as a file in which late labels are empty cells."""
    blank = {
        name: ["" if lacks else value for value, lacks in zip(found[name], found["lacks"])] for name in ("y", "amount")
    }
    return write(path, {name: blank.get(name, column) for name, column in found.items() if name != "lacks"})


@pytest.fixture
def frozen(tmp_path):
    """What the version showed on its test rows."""
    return frozen_of(shown_on_test_rows(tmp_path), "sha256:test")


def shown_on_test_rows(folder, role="test"):
    """The outcome of performance on test rows, all of which have a label."""
    found = drawn(100, 2000)
    path = in_file(folder / "test.csv", found | {"lacks": np.zeros(2000, dtype=bool)})
    given = {"kind": "classification", "data": [str(path)], "target": "y", "prediction": "score>=0.5", "score": "score", "sensitive": ["plant"],
             "positive": "1", "weight": None, "weight_kind": None, "cluster": None, "control": [], "reference": [], "threshold": [],
             "intersections": 1, "confidence": 0.95, "min_group": 30, "small_groups": "block", "attempt": 1, "role": role, "seed": 0}  # fmt: skip
    return performance(given).to_json()


def judged(path, frozen, *rules, **more):
    """Rule → threshold entry."""
    entries = run(read_labelled(path, Asked(**{**vars(ASKED), **more})), frozen, thresholds=rules).to_json()[
        "thresholds"
    ]
    return {entry["rule"]: entry for entry in entries}


def test_labelled_rows_are_measured_as_scikit_learn_and_scipy_say(tmp_path, amount, seed):
    """Within 1e-12 on seeded data sets, labels and numbers; the distance of labelled rows exactly."""
    for place in range(amount(DATA_SETS)):
        found = drawn(seed + place)
        path, has = in_file(tmp_path / "rows.csv", found), ~found["lacks"]
        outcome = run(read_labelled(path, ASKED)).to_json()
        y, score = found["y"][has], found["score"][has]
        seen = {name: value["value"] for name, value in outcome["overall"]["metrics"].items()}
        expected = {
            "accuracy": metrics.accuracy_score(y, score >= 0.5), "f1": metrics.f1_score(y, score >= 0.5),
            "roc_auc": metrics.roc_auc_score(y, score), "brier_score": metrics.brier_score_loss(y, score),
        }  # fmt: skip
        for name, value in expected.items():
            assert seen[name] == pytest.approx(value, abs=1e-12), name
        ks = stats.ks_2samp(score, found["score"][~has]).statistic
        assert outcome["selection"]["metrics"]["labelled_score_ks"]["value"] == pytest.approx(ks, abs=1e-12)
        assert outcome["labels"][0]["labelled"]["value"] == pytest.approx(has.mean(), abs=1e-12)
        numbers = run(read_labelled(path, Asked("amount", "said", kind="regression"))).to_json()
        error = metrics.mean_absolute_error(found["amount"][has], found["said"][has])
        assert numbers["overall"]["metrics"]["mean_absolute_error"]["value"] == pytest.approx(error, abs=1e-12)


def test_stored_limits_come_back_at_every_level(tmp_path, frozen):
    """Every method of performance: recovered from value, rows and printed limits."""
    for name in ("accuracy", "balanced_accuracy", "f1", "roc_auc", "brier_score", "log_loss"):
        value = frozen.metrics[name]
        assert frozen.figure(name).limits(frozen.z) == pytest.approx((value["low"], value["high"]), abs=1e-12), name
    p, n = (np.array(float(frozen.metrics["accuracy"][name])) for name in ("value", "n"))
    assert frozen.figure("accuracy").limits(2.5) == pytest.approx([float(end) for end in wilson(p, n, 2.5)], abs=1e-12)


def test_the_fall_since_the_test_is_that_of_two_samples(tmp_path, frozen):
    found = drawn(1, fall=0.1)
    path = in_file(tmp_path / "rows.csv", found)
    outcome = run(read_labelled(path, ASKED), frozen).to_json()
    has = ~found["lacks"]
    q, m = np.array(((found["score"][has] >= 0.5) == found["y"][has]).mean()), np.array(float(has.sum()))
    p, n = (np.array(float(frozen.metrics["accuracy"][name])) for name in ("value", "n"))
    low, high = mover_difference(p, *wilson(p, n, Z), q, *wilson(q, m, Z))
    (fall,) = [one["worse"] for one in outcome["since_test"] if one["metric"] == "accuracy"]
    assert (fall["value"], fall["low"], fall["high"]) == pytest.approx(
        (float(p - q), float(low), float(high)), abs=1e-12
    )


@pytest.mark.parametrize(
    ("fall", "rule", "verdict"),
    [(0.0, "accuracy_drop<=0.1", "pass"), (0.25, "accuracy_drop<=0.1", "fail"), (0.1, "accuracy_drop<=0.08", "insufficient"),
     (0.25, "roc_auc_drop<=0.1", "fail"), (0.0, "brier_score_rise<=0.05", "pass"), (0.25, "brier_score_rise<=0.02", "fail"), (0.0, "f1_drop<=0.15", "pass"),
     (0.0, "accuracy_group_min>=0.5", "pass"), (0.0, "labelled_share>=0.5", "pass"), (0.0, "labelled_share>=0.9", "fail")],
)  # fmt: skip
def test_rules_are_judged_by_interval(tmp_path, frozen, fall, rule, verdict):
    path = in_file(tmp_path / "rows.csv", drawn(2, fall=fall))
    assert judged(path, frozen, rule)[rule]["verdict"] == verdict


def test_late_labels_are_no_missing_values_but_missing_predictions_are(tmp_path, frozen):
    """A row without a label yet keeps no rule open; a labelled row without a prediction does."""
    found = drawn(3)
    path = in_file(tmp_path / "rows.csv", found)
    assert found["lacks"].mean() > 0.2
    assert judged(path, frozen, "accuracy>=0.5")["accuracy>=0.5"]["verdict"] == "pass"
    found = {**found, "score": np.where(np.arange(len(found["score"])) % 5 == 0, "", found["score"].astype(str))}
    entries = judged(in_file(path, found), frozen, "accuracy>=0.5", "accuracy_drop<=0.3")
    assert [entry["reasons"] for entry in entries.values()] == [["missing_values"]] * 2


def test_labelled_rows_that_are_not_like_the_others_are_told(tmp_path):
    same = run(read_labelled(in_file(tmp_path / "a.csv", drawn(4, 3000)), ASKED)).to_json()["selection"]
    picked = run(read_labelled(in_file(tmp_path / "b.csv", drawn(4, 3000, picked=0.6)), ASKED)).to_json()["selection"]
    assert (same["warning"], picked["warning"]) == (False, True)
    assert picked["mean_score"]["labelled"] < picked["mean_score"]["unlabelled"]


def test_every_period_says_how_many_have_a_label(tmp_path):
    found = drawn(5)
    outcome = run(read_labelled(in_file(tmp_path / "rows.csv", found), ASKED)).to_json()
    for one in outcome["labels"][1:]:
        inside = np.char.startswith(found["at"], one["group"]["at"])
        assert (one["n"], one["labelled"]["value"]) == (
            inside.sum(),
            pytest.approx((~found["lacks"][inside]).mean(), abs=1e-12),
        )


def test_without_test_evidence_a_fall_cannot_be_judged(tmp_path):
    path = in_file(tmp_path / "rows.csv", drawn(6))
    entry = judged(path, None, "accuracy_drop<=0.5")["accuracy_drop<=0.5"]
    assert (entry["verdict"], "no_reference" in entry["reasons"]) == ("insufficient", True)


def test_another_cut_off_than_on_the_test_rows_is_said(tmp_path, frozen):
    path = in_file(tmp_path / "rows.csv", drawn(6))
    for prediction, is_same in (("score>=0.5", True), ("score>=0.6", False)):
        outcome = run(read_labelled(path, Asked(**{**vars(ASKED), "prediction": prediction})), frozen).to_json()
        assert (
            any("On the test rows the prediction was score>=0.5" in said for said in sentences(outcome)) is not is_same
        )


def test_a_year_of_looks_has_one_budget(tmp_path, frozen):
    """Statistics 8: an alarm needs α/(K·m), within the plain level."""
    rows = read_labelled(in_file(tmp_path / "rows.csv", drawn(7, fall=0.1)), ASKED)
    (plain,) = run(rows, frozen, thresholds=("accuracy_drop<=0.01",)).to_json()["thresholds"]
    (watched,) = run(rows, frozen, thresholds=("accuracy_drop<=0.01",), looks=12).to_json()["thresholds"]
    assert (watched["low"] < plain["low"], watched["high"]) == (True, plain["high"])


# ---- bad input


@pytest.mark.parametrize(
    ("change", "says"),
    [({"unit": None}, "name both or none"), ({"column": "plant"}, "which is no time"), ({"score": "plant"}, "which is no number"),
     ({"target": "amount"}, "many different values"), ({"target": "outcome"}, 'no column "outcome"')],
)  # fmt: skip
def test_columns_that_cannot_be_used_are_one_sentence(tmp_path, change, says):
    path = in_file(tmp_path / "rows.csv", drawn(8, 300))
    with pytest.raises(InputError, match=says):
        read_labelled(path, Asked(**{**vars(ASKED), **change}))


def test_a_table_without_any_label_is_refused(tmp_path):
    found = drawn(9, 50)
    path = in_file(tmp_path / "rows.csv", found | {"lacks": np.ones(50, dtype=bool)})
    with pytest.raises(InputError, match='No row has a true outcome in column "amount" yet'):
        run(read_labelled(path, Asked("amount", "said", kind="regression")))
    with pytest.raises(InputError, match='No row has a true outcome in column "y" yet'):
        run(read_labelled(path, ASKED))


def test_missing_labels_are_told_apart_where_numbers_are_read(tmp_path):
    (tmp_path / "rows.csv").write_text('a,p\n1,1\n,1\n" ",1\nNaN,1\n2,\n' + "3,3\n" * 5)
    outcome = run(read_labelled(tmp_path / "rows.csv", Asked("a", "p", kind="regression"))).to_json()
    assert {one["reason"]: one["rows"] for one in outcome["dropped"]} == {
        "no true value: NULL": 1, "no true value: empty text": 1, "no true value: NaN": 1, "no prediction: NULL": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("rule", "says"), [("accuracy_fall<=0.1", "cannot judge"), ("accuracy_drop>=0.1", "by <="), ("labelled_share<=0.5", "by >="), ("accuracy_drop<=3", "between 0 and 1")])  # fmt: skip
def test_rules_that_cannot_be_judged_are_refused(rule, says):
    with pytest.raises(InputError, match=says):
        parse_rule(rule)


def test_rules_on_periods_need_periods(tmp_path):
    path = in_file(tmp_path / "rows.csv", drawn(10, 300))
    with pytest.raises(InputError, match="compares periods; name the column of times"):
        judged(path, None, "accuracy_group_min>=0.5", column=None, unit=None)


def test_evidence_on_rows_tuned_on_is_not_held_against(tmp_path):
    with pytest.raises(InputError, match="performance on test rows"):
        frozen_of(shown_on_test_rows(tmp_path, role="development"), "sha256:x")


def test_what_the_child_sends_is_checked(tmp_path):
    """A hostile file may have taken the child over."""
    rows = read_labelled(in_file(tmp_path / "rows.csv", drawn(11, 300)), ASKED)
    message = json.loads(json.dumps(rows.to_json()))
    assert labelled_of(message) == rows
    for change in ({"cube": None}, {"selected": None}, {"selected": {**message["selected"], "ks": 2.0}}, {"asked": {}}):
        with pytest.raises(InputError, match="run the check again"):
            labelled_of({**message, **change})


# ---- the command and the page


@pytest.mark.parametrize(("rule", "code"), [("accuracy_drop<=0.1", 0), ("labelled_share>=0.9", 1), ("accuracy_drop<=0.001", 2), ("accuracy_fall<=1", 3)])  # fmt: skip
def test_the_verdict_is_the_exit_code(tmp_path, capsys, rule, code):
    path = in_file(tmp_path / "rows.csv", drawn(12))
    (tmp_path / "test.json").write_text(json.dumps(shown_on_test_rows(tmp_path)))
    arguments = [
        "--data",
        path,
        "--target",
        "y",
        "--prediction",
        "score>=0.5",
        "--score",
        "score",
        "--against",
        tmp_path / "test.json",
    ]
    with pytest.raises(SystemExit) as caught:
        ManagementUtility(["manage.py", "measure", "field", *map(str, arguments), "--threshold", rule]).execute()
    captured = capsys.readouterr()
    assert caught.value.code == code, captured.err
    assert len(captured.err.strip().splitlines()) == (1 if code == 3 else 0)


def test_a_test_outcome_that_was_changed_is_refused(tmp_path, capsys):
    outcome = shown_on_test_rows(tmp_path)
    outcome["overall"]["metrics"]["accuracy"]["value"] = 0.1
    (tmp_path / "test.json").write_text(json.dumps(outcome))
    path = in_file(tmp_path / "rows.csv", drawn(13, 300))
    arguments = ["--data", path, "--target", "y", "--prediction", "score>=0.5", "--against", tmp_path / "test.json"]
    with pytest.raises(SystemExit) as caught:
        ManagementUtility(["manage.py", "measure", "field", *map(str, arguments)]).execute()
    assert (caught.value.code, "was changed since it was written" in capsys.readouterr().err) == (3, True)


@pytest.mark.both
def test_the_field_is_held_against_the_frozen_test_evidence(client, cast, tmp_path):
    """P6: found by itself, bound by digest, shown with chart, tables and CSV, replayed."""
    version = factories.make_version(cast)
    factories.make_limit(cast, version.home_system, slug="field", rule="accuracy_drop<=0.1")
    tests = drawn(100, 2000)
    lines = in_file(tmp_path / "t.csv", tests | {"lacks": np.zeros(2000, dtype=bool)}).read_text().splitlines()
    test = ran(cast, version, uploaded(cast, version, lines), "performance", TEST)
    rows = in_file(tmp_path / "f.csv", drawn(14, fall=0.25, picked=0.5)).read_text().splitlines()
    run_ = ran(cast, version, uploaded(cast, version, rows, role="monitoring"), "field", FIELD)
    outcome = run_.evidence.outcome
    assert (run_.verdict, run_.evidence.shows) == ("fail", ["performance.field"])
    assert outcome["inputs"]["parameters"]["against"] == test.evidence.digest
    assert outcome["inputs"]["parameters"]["looks"] >= 1
    client.force_login(cast.owner)
    page = text_of(client.get(run_.get_absolute_url()))
    for words in ("lower than on the test rows by at least", "Warning: labelled rows are not like the others", "Who has a true outcome so far", test.evidence.digest):  # fmt: skip
        assert words in page, words
    assert client.get(reverse("check-chart", args=[run_.pk])).content.startswith(b"<svg")
    found = list(
        csv.DictReader(io.StringIO(text_of(client.get(reverse("check-figures", args=[run_.pk]))).lstrip("\ufeff")))
    )
    assert {"since test", "labels", "selection", "threshold"} <= {line["part"] for line in found}
    assert replaying.replayed(run_.evidence).is_same


def test_withdrawn_test_evidence_is_held_against_no_more(cast, tmp_path):
    version = factories.make_version(cast)
    found = drawn(15, 400)
    lines = in_file(tmp_path / "t.csv", found | {"lacks": np.zeros(400, dtype=bool)}).read_text().splitlines()
    test = ran(cast, version, uploaded(cast, version, lines), "performance", TEST)
    actions.withdraw_evidence(test.evidence, reason="The test rows were wrong.", actor=cast.owner)
    rows = in_file(tmp_path / "f.csv", found).read_text().splitlines()
    assert (
        ran(cast, version, uploaded(cast, version, rows, role="monitoring"), "field", FIELD).parameters["against"]
        is None
    )
