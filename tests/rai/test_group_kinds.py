"""Group fairness of several classes and of numbers on the way a user goes: asked for, counted in the child, shown, replayed."""

import csv
import io

import numpy as np
import pytest
from django.urls import reverse

from rai import actions
from rai.catalogue import CHECKS
from rai.checks.contract import InputError
from rai.checks.group_fairness_kinds import parse_rule
from rai.engine.class_messages import class_cube_of, message_of
from rai.engine.classes import read_classes
from rai.models import CheckRun, Predictions
from rai.running import replaying, runs
from registry import jobs
from registry.errors import BadInput
from registry.models import Evidence
from tests import factories
from tests.rai.test_score_pages import ran, uploaded
from tests.rai.uploads import text_of

CLASSES = {"kind": "multiclass", "target": "grade", "prediction": "said", "sensitive": ["sex"]}
NUMBERS = {"kind": "regression", "target": "amount", "prediction": "amount_said", "sensitive": ["sex"]}
LABELS = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}


def rows(n: int = 1500) -> list[str]:
    """Three grades that are missed more often for women, amounts that are said too low for men, one grade without a value."""
    draw = np.random.default_rng(5)
    sex, grade = draw.integers(2, size=n), draw.integers(3, size=n)
    said = np.where(draw.random(n) < np.where(sex == 0, 0.4, 0.9), grade, draw.integers(3, size=n))
    amount = 1000 + 400 * draw.random(n)
    guess = amount - np.where(sex == 1, 80, 0) + draw.normal(0, 20, n)
    names, sexes = np.array(["low", "medium", "high"]), np.array(["women", "men"])
    lines = [
        f"{names[a]},{names[b]},{c:.2f},{d:.2f},{int(a > 0)},{int(b > 0)},{sexes[e]}"
        for a, b, c, d, e in zip(grade, said, amount, guess, sex)
    ]
    return ["grade,said,amount,amount_said,y,yhat,sex", *lines, ",low,,1100,1,0,women"]


@pytest.fixture
def version(cast):
    return factories.make_version(cast)


@pytest.fixture
def table(cast, version):
    """An uploaded table whose columns the child has read."""
    return uploaded(cast, version, rows())


def limited(cast, version, rule):
    factories.make_limit(cast, version.home_system, rule=rule)


def test_several_classes_come_out_of_the_child_with_a_verdict_for_each(client, cast, version, table):
    """S-121: every class against the rest, sentences that name it, chart, table and CSV."""
    limited(cast, version, "true_positive_rate_difference<=0.1")
    run = ran(cast, version, table, "group_fairness", CLASSES)
    outcome = run.evidence.outcome
    assert (run.verdict, outcome["classes"]) == ("fail", ["high", "low", "medium"])
    assert [entry["control"] for entry in outcome["thresholds"]] == [{"grade": name} for name in outcome["classes"]]
    client.force_login(cast.owner)
    page = text_of(client.get(run.get_absolute_url()))
    for words in (
        "For high: True positive rates differ by at least",
        "Groups by sex, grade: low",
        "sex, grade: high</td>",
        "Mean F1 over the classes",
    ):
        assert words in page, words
    assert client.get(reverse("check-chart", args=[run.pk])).content.startswith(b"<svg")
    text = text_of(client.get(reverse("check-figures", args=[run.pk]))).lstrip("\ufeff")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert {"sex: women", "sex: women, grade: high"} <= {line["group"] for line in lines if line["part"] == "group"}


def test_numbers_are_compared_in_their_own_units(client, cast, version, table):
    """S-121: in amounts, not in points."""
    limited(cast, version, "mean_absolute_error_difference<=30")
    run = ran(cast, version, table, "group_fairness", NUMBERS)
    assert run.verdict == "fail"
    assert run.evidence.outcome["dropped"] == [{"reason": "no true value: NULL", "rows": 1}]
    client.force_login(cast.owner)
    page = text_of(client.get(run.get_absolute_url()))
    assert "Mean absolute error differs by at least" in page and "Mean prediction" in page
    assert "true value is missing (empty cell): 1" in page
    assert client.get(reverse("check-chart", args=[run.pk])).content.startswith(b"<svg")


def test_without_a_kind_labels_are_meant_as_before(cast, version, table):
    run = ran(cast, version, table, "group_fairness", LABELS)
    assert run.parameters["kind"] == "classification"
    assert set(run.evidence.outcome["overall"]["counts"]) == {"tp", "fp", "fn", "tn"}


@pytest.mark.both
def test_a_run_that_is_older_than_the_choice_comes_out_as_it_was_stored(cast, version, table):
    """P6: neither its meaning nor the count of attempts changes."""
    limited(cast, version, "selection_rate_difference<=0.5")
    old = actions.request_check(version, slug="group_fairness", predictions=table, parameters=LABELS, actor=cast.owner)
    old.parameters.pop("kind")
    old.save()
    runs.run_check(jobs.claim(CheckRun, old.pk))
    old = CheckRun.objects.get(pk=old.pk)
    assert "kind" not in old.parameters
    assert replaying.replayed(old.evidence).is_same
    again = ran(cast, version, table, "group_fairness", LABELS)
    assert [each.outcome["thresholds"][0]["attempt"] for each in (old.evidence, again.evidence)] == [1, 1]
    assert again.evidence.digest == old.evidence.digest


@pytest.mark.parametrize("asked", [CLASSES, NUMBERS])
def test_each_kind_is_replayed(cast, version, table, asked):
    """P6."""
    run = ran(cast, version, table, "group_fairness", asked)
    assert replaying.replayed(Evidence.objects.get(pk=run.evidence_id)).is_same


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (CLASSES | {"cut": ">=2"}, "name the column that holds the predicted class"),
        (CLASSES | {"target": "amount"}, "many different values"),
        (NUMBERS | {"prediction": "said"}, "which is no number"),
        (LABELS | {"target": "grade", "prediction": "said"}, "different labels"),
    ],
)
def test_columns_of_another_kind_end_the_run_with_a_sentence(cast, version, table, asked, says):
    run = actions.request_check(version, slug="group_fairness", predictions=table, parameters=asked, actor=cast.owner)
    jobs.work(CheckRun, run.pk, runs.run_check)
    run = CheckRun.objects.get(pk=run.pk)
    assert (run.status, run.evidence) == ("errored", None)
    assert says in run.reason


def test_a_limit_may_be_set_for_every_kind():
    for text in ("selection_rate_ratio>=0.8", "macro_f1_difference<=0.1", "mean_absolute_error_difference<=100", "equalized_odds_difference<=0.1"):  # fmt: skip
        assert parse_rule(text).text == text
    with pytest.raises(InputError, match="ratios are judged of rates alone"):
        parse_rule("mean_absolute_error_ratio>=0.8")


def test_a_limit_of_another_kind_is_named(cast, version, table):
    limited(cast, version, "mean_absolute_error_difference<=100")
    with pytest.raises(BadInput, match='cannot judge "mean_absolute_error_difference"'):
        ran(cast, version, table, "group_fairness", CLASSES)


def test_what_the_child_sends_is_checked_before_it_is_counted(tmp_path):
    """A hostile file may have taken the child over."""
    (tmp_path / "rows.csv").write_text("\n".join(rows(60)) + "\n")
    cube = read_classes(tmp_path / "rows.csv", target="grade", prediction="said", sensitive=["sex"])
    message = message_of(cube)
    assert class_cube_of(message) == cube
    first = message["counts"][0]
    for counts in ([[*first[:3], -1]], [[["a", "b"], *first[1:]]], [[first[0], "unheard", *first[2:]]], ["x"], 3):
        with pytest.raises(InputError, match="run the check again"):
            class_cube_of({**message, "counts": counts})


def test_the_form_offers_all_three(client, cast, version, table):
    assert [value for value, _ in CHECKS["group_fairness"].parameters[0].choices] == ["classification", "multiclass", "regression"]  # fmt: skip
    client.force_login(cast.owner)
    page = text_of(client.get(reverse("predictions", args=[Predictions.objects.get().pk]) + "?check=group_fairness"))
    assert "One of several classes" in page
