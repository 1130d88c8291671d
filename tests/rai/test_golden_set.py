"""The check golden_set: the same rows under two versions, paired figures against published formulas, verdicts and bad input."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from django.core.management import ManagementUtility
from scipy import stats
from sklearn import metrics

from rai.checks.contract import InputError
from rai.checks.golden_set import parse_rule, run
from rai.engine.intervals import paired_difference
from rai.engine.pair_messages import message_of, pairs_of
from rai.engine.pairs import Asked, Pairs, read_pairs

ASKED = Asked("case", "y", "score>=0.5", "score")
DATA_SETS = 40
RULES = ("accuracy_drop<=0.05", "newly_wrong<=0", "roc_auc_drop<=0.05")


def write(path, columns):
    """Columns as CSV."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def drawn(seed):
    """Labels and the scores of two versions that agree for the most part, some of them tied."""
    draw = np.random.default_rng(seed)
    n = int(draw.integers(40, 500))
    y = draw.integers(2, size=n)
    before = np.clip(np.round(0.35 + 0.3 * y + draw.normal(0, 0.25, n), 3), 0, 1)
    now = np.clip(np.round(before + draw.normal(0, 0.1, n), 3), 0, 1)
    return y, before, now


def both(folder, y, before, now, **more):
    """The pairs of two files in different orders."""
    keys = [f"c{place}" for place in range(len(y))]
    first = write(folder / "now.csv", {"case": keys, "y": y, "score": now})
    second = write(folder / "before.csv", {"case": keys[::-1], "y": y[::-1], "score": before[::-1]})
    return read_pairs(first, second, Asked(**{**vars(ASKED), **more}))


def figures(outcome):
    """Metric → previous, current, worse."""
    return {each["metric"]: each for each in outcome["compared"]}


def brute_covariance(y, first, second):
    """DeLong's covariance by its kernel: every positive against every negative."""
    rows = []
    for score in (first, second):
        p, n = score[y == 1][:, None], score[y == 0][None, :]
        kernel = (p > n) + 0.5 * (p == n)
        rows.append((kernel.mean(axis=1), kernel.mean(axis=0)))
    (a10, a01), (b10, b01) = rows
    return np.cov(a10, b10)[0, 1] / len(a10) + np.cov(a01, b01)[0, 1] / len(a01)


@pytest.mark.timeout(120)
def test_figures_are_those_of_scikit_learn_and_scipy(tmp_path, amount, seed):
    """S-033: both versions and what changed, within 1e-12, on seeded data sets."""
    for place in range(amount(DATA_SETS)):
        y, before, now = drawn(seed + place)
        pairs = both(tmp_path, y, before, now)
        outcome = run(pairs, thresholds=RULES).to_json()
        found = figures(outcome)
        for name, score in (("previous", before), ("current", now)):
            guess = score >= 0.5
            expected = {
                "accuracy": metrics.accuracy_score(y, guess), "recall": metrics.recall_score(y, guess),
                "specificity": metrics.recall_score(y, guess, pos_label=0), "balanced_accuracy": metrics.balanced_accuracy_score(y, guess),
                "precision": metrics.precision_score(y, guess), "f1": metrics.f1_score(y, guess),
                "roc_auc": metrics.roc_auc_score(y, score), "brier_score": metrics.brier_score_loss(y, score),
                "log_loss": metrics.log_loss(y, score),
            }  # fmt: skip
            for metric, value in expected.items():
                assert found[metric][name]["value"] == pytest.approx(value, abs=1e-12), metric
        right_before, right_now = (before >= 0.5) == y, (now >= 0.5) == y
        b, c = int((right_before & ~right_now).sum()), int((~right_before & right_now).sum())
        assert (outcome["changes"]["newly_wrong"], outcome["changes"]["newly_right"]) == (b, c)
        expected_p = stats.binomtest(b, b + c).pvalue if b + c else 1.0
        assert outcome["changes"]["mcnemar"]["p"] == pytest.approx(expected_p, abs=1e-12)
        assert pairs.areas.covariance == pytest.approx(brute_covariance(y, before, now), abs=1e-12)
        rise = figures(outcome)["brier_score"]["worse"]
        interval = stats.ttest_rel((y - now) ** 2, (y - before) ** 2).confidence_interval(0.95)
        assert (rise["low"], rise["high"]) == pytest.approx(tuple(interval), abs=1e-12)


def test_the_published_vector_of_a_paired_difference(tmp_path):
    """Vector 19: 30 rows right before alone, 18 right now alone, 500 rows."""
    right_before = np.repeat([1, 0, 1, 0], [30, 18, 400, 52])
    right_now = np.repeat([0, 1, 1, 0], [30, 18, 400, 52])
    y = np.ones(500, dtype=int)
    pairs = both(tmp_path, y, right_before * 0.9, right_now * 0.9, score=None)
    worse = figures(run(pairs).to_json())["accuracy"]["worse"]
    assert [round(worse[end], 10) for end in ("value", "low", "high")] == [0.0239043825, -0.0033456779, 0.0511544429]


def test_the_interval_of_a_difference_of_areas_covers(seed, amount):
    """Coverage of at least 93 % at 60 rows a class, two correlated scores, true difference from a large sample."""
    from rai.engine.paired_areas import area_pair

    def sample(draw, n):
        y = np.repeat([0.0, 1.0], n)
        shared = draw.normal(size=2 * n)
        return y, shared + 1.5 * y + draw.normal(size=2 * n), shared + 1.2 * y + draw.normal(size=2 * n)

    truth = area_pair(*sample(np.random.default_rng(1), 100_000)).difference
    times, hit = amount(2_000), 0
    for place in range(times):
        low, high = area_pair(*sample(np.random.default_rng(seed + place), 60)).limits(1.9599639845)
        hit += low <= truth <= high
    assert hit / times >= 0.93 - 2.5 * (0.95 * 0.05 / times) ** 0.5


def test_at_many_rows_the_difference_of_areas_has_delong_limits():
    """DeLong et al. 1988: d ± z·√(v₁ + v₂ − 2·cov), to which the limits on the scale of logits come close."""
    from rai.engine.paired_areas import area_pair

    draw = np.random.default_rng(0)
    y, shared = np.repeat([0.0, 1.0], 5_000), draw.normal(size=10_000)
    found = area_pair(y, shared + 1.5 * y + draw.normal(size=10_000), shared + 1.2 * y + draw.normal(size=10_000))
    half = 1.9599639845 * (found.first.variance + found.second.variance - 2 * found.covariance) ** 0.5
    low, high = found.limits(1.9599639845)
    assert (found.difference - low, high - found.difference) == pytest.approx((half, half), rel=0.02)


@pytest.mark.parametrize(("n", "limit"), [(100, 0.05), (500, 0.02), (2_000, 0.01)])
def test_a_version_at_its_limit_rarely_passes_or_fails(seed, amount, n, limit):
    """Statistics 4: at the limit at most about 2.5 % pass and 2.5 % fail at a first attempt, within simulation error."""
    draw, times = np.random.default_rng(seed), amount(2_000)
    found = [judged_once(draw, n, limit) for _ in range(times)]
    most = 0.036 + 3 * (0.025 * 0.975 / times) ** 0.5
    assert found.count("pass") / times <= most
    assert found.count("fail") / times <= most


def judged_once(draw, n, limit):
    """The verdict on rows of which a tenth became right and a tenth and the limit became wrong."""
    both, wrong, right, neither = draw.multinomial(n, [0.7 - limit, 0.1 + limit, 0.1, 0.1])
    pairs = Pairs(
        replace(ASKED, score=None), n, n, n, {}, 0, (0, 0, 0, 0, int(neither), int(right), int(wrong), int(both))
    )
    return run(pairs, thresholds=(f"accuracy_drop<={limit}",)).verdict


def test_scores_that_rank_alike_are_not_sure_to_stay_alike(tmp_path):
    y, before, _ = drawn(1)
    worse = figures(run(both(tmp_path, y, before, before)).to_json())["roc_auc"]["worse"]
    least = paired_difference(0, 0, min((y == 1).sum(), (y == 0).sum()), 1.959963984540054)[2]
    assert worse["value"] == 0
    assert worse["low"] <= -least < least <= worse["high"]


def test_a_count_of_rows_decides_however_few_there_are(tmp_path):
    y = np.array([1, 1, 0, 0])
    pairs = both(tmp_path, y, np.array([0.9, 0.9, 0.1, 0.1]), np.array([0.9, 0.2, 0.1, 0.1]), shown=5)
    entries = {each["rule"]: each for each in run(pairs, thresholds=("newly_wrong<=0", "newly_wrong<=1", "accuracy_drop<=0.9")).to_json()["thresholds"]}  # fmt: skip
    assert [entries[rule]["verdict"] for rule in entries] == ["fail", "pass", "insufficient"]
    assert pairs.newly_wrong == ("c1",)


def test_keys_stay_where_they_are_unless_asked_for(tmp_path):
    """A key may lead to a person."""
    y, before, now = drawn(3)
    assert both(tmp_path, y, before, now).newly_wrong == ()
    assert len(both(tmp_path, y, before, now, shown=2).newly_wrong) == 2


def test_a_change_says_the_same_as_a_drop(tmp_path):
    pairs = both(tmp_path, *drawn(4))
    drop, change = run(pairs, thresholds=("accuracy_drop<=0.1", "accuracy_change>=-0.1")).to_json()["thresholds"]
    assert (drop["low"], drop["high"], drop["verdict"]) == (-change["high"], -change["low"], change["verdict"])


def test_several_classes_and_numbers_are_compared_too(tmp_path):
    draw = np.random.default_rng(0)
    grade, amount = draw.integers(4, size=200), draw.normal(100, 10, 200)
    said, guess = np.where(draw.random(200) < 0.8, grade, 0), amount + draw.normal(0, 3, 200)
    keys = list(range(200))
    now = write(tmp_path / "now.csv", {"k": keys, "g": grade, "p": said, "a": amount, "q": guess})
    before = write(tmp_path / "b.csv", {"k": keys, "p": grade, "q": amount + 5})
    of_classes = run(read_pairs(now, before, Asked("k", "g", "p", kind="multiclass"))).to_json()
    assert figures(of_classes)["accuracy"]["current"]["value"] == pytest.approx(
        metrics.accuracy_score(grade, said), abs=1e-12
    )
    assert figures(of_classes)["accuracy"]["previous"]["value"] == 1
    of_numbers = run(read_pairs(now, before, Asked("k", "a", "q", kind="regression"))).to_json()
    found = figures(of_numbers)["mean_absolute_error"]
    assert found["current"]["value"] == pytest.approx(metrics.mean_absolute_error(amount, guess), abs=1e-9)
    assert found["previous"]["value"] == pytest.approx(5, abs=1e-12)


# ---- rows left out, bad input


def test_what_is_left_out_is_counted_by_reason(tmp_path):
    """NULL, NaN and an empty text are told apart."""
    (tmp_path / "now.csv").write_text(
        'case,y,score\na,1,0.9\nb,,0.2\nc,0,NaN\nd,0," "\ne,1,0.8\nf,0,0.1\n,1,0.5\n" ",1,0.5\nNaN,1,0.5\n'
    )
    (tmp_path / "before.csv").write_text("case,y,score\na,1,0.8\ne,0,\nf,0,0.1\nz,0,0.3\n")
    found = read_pairs(tmp_path / "now.csv", tmp_path / "before.csv", ASKED)
    assert found.missing == {
        "no key: NULL": 1, "no key: empty text": 1, "no key: NaN": 1, "only in the previous table": 1, "only in this table": 3,
        "no prediction in the previous table: NULL": 1,
    }  # fmt: skip
    alone = read_pairs(tmp_path / "now.csv", None, ASKED).missing
    assert {"no label: NULL": 1, "no prediction: NaN": 1, "no prediction: empty text": 1}.items() <= alone.items()


def test_many_rows_in_one_table_only_keep_it_open(tmp_path):
    y, before, now = drawn(6)
    keys = [f"c{place}" for place in range(len(y))]
    first = write(tmp_path / "now.csv", {"case": keys, "y": y, "score": now})
    part = len(y) * 9 // 10
    second = write(tmp_path / "before.csv", {"case": keys[:part], "score": before[:part]})
    (entry,) = run(read_pairs(first, second, ASKED), thresholds=("accuracy_drop<=0.9",)).to_json()["thresholds"]
    assert (entry["verdict"], entry["reasons"]) == ("insufficient", ["too_much_left_out"])


def test_labels_that_were_changed_since_are_counted(tmp_path):
    now = write(tmp_path / "now.csv", {"case": "abcd", "y": [1, 1, 0, 0], "score": [0.9, 0.8, 0.1, 0.2]})
    before = write(tmp_path / "before.csv", {"case": "abcd", "y": [1, 0, 0, 0], "score": [0.9, 0.8, 0.1, 0.2]})
    assert read_pairs(now, before, ASKED).relabelled == 1


@pytest.mark.parametrize(
    ("rows", "asked", "says"),
    [
        (
            "a,1,0.9\nb,0,0.2\na,0,0.3",
            {"shown": 3},
            r'the same key "a" of column "case" twice: in row 1 below the header and row 3',
        ),
        ("a,1,0.9\nb,0,0.2\na,0,0.3", {}, r'the same key of column "case" twice: in row 1'),
        ("a,1,0.9\nb,0,high", {}, '"high"'),
        ("a,1,0.9\nb,2,0.1\nc,0,0.1", {}, "3 different labels"),
        ("a,1,0.9\nb,0,inf", {"prediction": "y", "target": "case"}, "is no finite number"),
        ("a,1,0.9", {"key": "number"}, 'no column "number"'),
        ("a,1,0.9", {"shown": 51}, "51 keys cannot be shown"),
        ("b,1,0.9", {}, "No row of now.csv can be compared: only in the previous table"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, rows, asked, says):
    (tmp_path / "now.csv").write_text(f"case,y,score\n{rows}\n")
    (tmp_path / "before.csv").write_text("case,y,score\na,1,0.8\nc,1,0.8\n")
    with pytest.raises(InputError, match=says):
        read_pairs(tmp_path / "now.csv", tmp_path / "before.csv", Asked(**{**vars(ASKED), **asked}))


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("accuracy_drop>=0.1", "by <="), ("newly_wrong<=0.5", "whole number"), ("f1_drop<=0.1", 'cannot judge "f1_drop"'),
        ("accuracy_change>=-2", "between -1 and 1"), ("accuracy_drop<=2", "between 0 and 1"), ("nonsense", "is no rule"),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_judged_are_refused(rule, says):
    with pytest.raises(InputError, match=says):
        parse_rule(rule)


def test_a_metric_that_the_rows_lack_is_named(tmp_path):
    pairs = both(tmp_path, *drawn(7), score=None)
    with pytest.raises(InputError, match="needs the score behind"):
        run(pairs, thresholds=("roc_auc_drop<=0.1",))


def test_what_the_child_sends_is_checked(tmp_path):
    """A hostile file may have taken the child over."""
    pairs = both(tmp_path, *drawn(8), shown=3)
    message = json.loads(json.dumps(message_of(pairs)))
    assert pairs_of(message) == pairs
    for change in ({"cells": [1] * 8}, {"cells": [1]}, {"newly_wrong": ["x"] * 9}, {"areas": {}}, {"matched": -1}, {"missing": {"a": "b"}}):  # fmt: skip
        with pytest.raises(InputError, match="run the check again"):
            pairs_of({**message, **change})


# ---- the command


@pytest.mark.parametrize(("rule", "code"), [("accuracy_drop<=0.2", 0), ("newly_wrong<=0", 1), ("accuracy_drop<=0.04", 2), ("accuracy_rise<=0.1", 3)])  # fmt: skip
def test_the_verdict_is_the_exit_code(tmp_path, capsys, rule, code):
    both(tmp_path, *drawn(9))
    arguments = [
        "--data",
        tmp_path / "now.csv",
        "--previous-data",
        tmp_path / "before.csv",
        "--key",
        "case",
        "--target",
        "y",
    ]
    with pytest.raises(SystemExit) as caught:
        ManagementUtility(
            [
                "manage.py",
                "measure",
                "golden_set",
                *map(str, arguments),
                "--prediction",
                "score>=0.5",
                "--threshold",
                rule,
            ]
        ).execute()
    captured = capsys.readouterr()
    assert caught.value.code == code, captured.err
    assert len(captured.err.strip().splitlines()) == (1 if code == 3 else 0)
