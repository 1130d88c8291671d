"""Thresholds, what if: rates at thresholds as scikit-learn has them, what each policy costs whom, and what it may not decide."""

import csv
import io
import itertools
import json

import numpy as np
import pytest
from django.urls import reverse
from django.utils import translation
from sklearn.metrics import accuracy_score, confusion_matrix, precision_score, roc_curve

from rai import actions, charts, wording
from rai.checks.contract import InputError
from rai.checks.threshold_what_if import POLICIES, parse_rule, run
from rai.engine.cuts import MOST_CUTS, read_cuts
from rai.engine.cuts_message import cuts_of
from rai.running.replaying import replayed
from tests import factories
from tests.rai.cubes import compas
from tests.rai.test_measure import measure  # noqa: F401 (a fixture)
from tests.rai.test_score_pages import ran, uploaded
from tests.rai.uploads import text_of

COLUMNS = {"target": "y", "score": "s", "groups": ["g"]}


def written(tmp_path, label, score, group):
    """A CSV file of these rows."""
    path = tmp_path / "rows.csv"
    path.write_text("g,y,s\n" + "".join(f"{g},{int(y)},{s!r}\n" for g, y, s in zip(group, label, score)))
    return path


def people(seed, n=1500, digits=6):
    """Label, score and group of people: scores of group b are lower at the same label."""
    draw = np.random.default_rng(seed)
    label, group = draw.random(n) < 0.4, np.where(draw.random(n) < 0.3, "b", "a")
    score = np.round(1 / (1 + np.exp(-(1.5 * label - 0.7 * (group == "b") + draw.normal(size=n)))), digits)
    return label, score.tolist(), group


@pytest.fixture
def table(tmp_path):
    return written(tmp_path, *people(1))


@pytest.fixture
def cuts(table):
    return read_cuts(table, **COLUMNS, threshold=0.5)


def policies(outcome):
    """Policy by name."""
    return {found["name"]: found for found in outcome.to_json()["policies"]}


def in_group(policy, name):
    """One group of a policy."""
    return next(group for group in policy["groups"] if group["group"]["g"] == name)


# ---- figures


def test_rates_at_every_threshold_are_scikit_learns(tmp_path, seed, amount):
    """S-121: counts exact, rates within 1e-12, on random tables with ties."""
    for number in range(amount(50)):
        label, score, group = people(seed + number, n=400, digits=2)
        cuts = read_cuts(written(tmp_path, label, score, group), **COLUMNS)
        score = np.array(score)
        assert list(cuts.thresholds) == np.unique(score).tolist()
        for one in cuts.of(("g",)):
            mine = group == one.values[0]
            for place, threshold in enumerate(cuts.thresholds):
                tn, fp, fn, tp = confusion_matrix(label[mine], score[mine] >= threshold, labels=[False, True]).ravel()
                assert (one.negatives[place], one.positives[place], one.n) == (fp, tp, tn + fp + fn + tp)
        grid = next(one for one in run(cuts).to_json()["grid"] if one["by"] == [])
        for point in grid["points"]:
            chosen = score >= point["threshold"]
            found = {name: value["value"] for name, value in point["metrics"].items()}
            assert found["accuracy"] == pytest.approx(accuracy_score(label, chosen), abs=1e-12)
            assert found["precision"] == pytest.approx(precision_score(label, chosen), abs=1e-12)


def test_the_curve_along_all_thresholds_is_scikit_learns_roc_curve(tmp_path):
    label, score, group = people(1, digits=2)
    (whole,) = read_cuts(written(tmp_path, label, score, group), **COLUMNS).of(())
    false, true, _thresholds = roc_curve(label, score, drop_intermediate=False)
    assert np.array(whole.negatives)[::-1] / whole.negatives[0] == pytest.approx(false, abs=1e-12)
    assert np.array(whole.positives)[::-1] / whole.positives[0] == pytest.approx(true, abs=1e-12)


def test_many_scores_are_cut_at_exact_quantiles_and_at_the_threshold_asked_for(cuts, table):
    assert MOST_CUTS <= len(cuts.thresholds) <= MOST_CUTS + 1
    assert 0.5 in cuts.thresholds
    (whole,) = cuts.of(())
    steps = -np.diff(np.array(whole.negatives) + np.array(whole.positives))
    assert steps.max() <= 4


def test_compas_at_five_is_the_published_table(shared_data):
    """Cut-off 5 of the decile score is ProPublica's "medium or high"."""
    cuts = read_cuts(
        shared_data / "compas_two_years.csv",
        target="two_year_recid",
        score="decile_score",
        groups=["race"],
        threshold=5,
    )
    found = policies(run(cuts, threshold=5.0))["one_threshold"]
    published = {cell.values[0]: [] for cell in compas().cells}
    for cell in compas().cells:
        published[cell.values[0]].append((cell.label, cell.prediction, cell.rows))
    names = {(1, 1): "tp", (0, 1): "fp", (1, 0): "fn", (0, 0): "tn"}
    for group in found["groups"]:
        expected = {names[label, said]: rows for label, said, rows in published[group["group"]["race"]]}
        assert {name: n for name, n in group["counts"].items() if n} == expected


def test_german_credit_by_duration_evens_out_what_was_asked(shared_data):
    """Bad credit told by the months of the loan: each policy brings its own rate nearest to one level."""
    cuts = read_cuts(
        shared_data / "german_credit.csv", target="good_credit", positive="0", score="duration_months", groups=["sex"]
    )
    found = policies(run(cuts))
    for name, rate in POLICIES.items():
        if rate is None:
            continue
        spreads = {each: np.ptp([g["metrics"][rate]["value"] for g in found[each]["groups"]]) for each in found}
        assert spreads[name] == min(spreads.values())


def test_the_single_threshold_costs_least_of_all(cuts):
    outcome = run(cuts, cost_false_positive=3, cost_false_negative=1)
    label, score, _group = people(1)
    costs = {
        t: 3 * ((np.array(score) >= t) & ~label).sum() + ((np.array(score) < t) & label).sum() for t in cuts.thresholds
    }
    found = policies(outcome)["one_threshold"]
    assert found["metrics"]["mean_cost"]["value"] * 1500 == pytest.approx(min(costs.values()))
    assert outcome.to_json()["threshold"] == {"value": max(t for t in costs if costs[t] == min(costs.values())), "is_picked": True}  # fmt: skip


def test_of_thresholds_that_cost_the_same_the_higher_is_taken(tmp_path):
    """Everybody or nobody: one wrong either way, so nobody is selected."""
    outcome = run(read_cuts(written(tmp_path, [True, False], [0.2, 0.4], ["a", "b"]), **COLUMNS)).to_json()
    assert outcome["threshold"] == {"value": None, "is_picked": True}


def test_changes_are_the_differences_to_one_threshold(cuts):
    found = policies(run(cuts, threshold=0.5))
    before, after = (in_group(found[name], "b") for name in ("one_threshold", "equal_tpr"))
    assert after["threshold"] < 0.5
    assert after["change"]["wrongly_refused"] * after["n"] == pytest.approx(after["counts"]["fn"] - before["counts"]["fn"])  # fmt: skip
    assert after["change"]["wrongly_selected"] > 0 > after["change"]["wrongly_refused"]


def test_each_policy_brings_its_rate_to_one_level(cuts):
    found = policies(run(cuts, threshold=0.5))
    for name, rate in POLICIES.items():
        if rate:
            values = [group["metrics"][rate]["value"] for group in found[name]["groups"]]
            assert values == pytest.approx([found[name]["level"]] * 2, abs=0.02)


# ---- verdicts


def judged(cuts, rule, **more):
    """The only entry of a rule."""
    (entry,) = run(cuts, thresholds=[rule], **more).to_json()["thresholds"]
    return entry


@pytest.mark.parametrize(
    ("rule", "threshold", "verdict", "reasons"),
    [
        ("one_threshold_accuracy>=0.5", 0.5, "pass", []),
        ("one_threshold_accuracy>=0.9", 0.5, "fail", []),
        ("one_threshold_accuracy>=0.5", None, "insufficient", ["tuned_on_these_rows"]),
        ("equal_selection_accuracy>=0.5", 0.5, "insufficient", ["tuned_on_these_rows"]),
        ("equal_selection_accuracy>=0.9", 0.5, "fail", []),
        ("one_threshold_wrongly_selected_group_max<=0.9", 0.5, "pass", []),
        ("one_threshold_wrongly_refused_group_max<=0.01", 0.5, "fail", []),
    ],
)
def test_thresholds_picked_on_these_rows_can_break_a_limit_and_never_meet_one(cuts, rule, threshold, verdict, reasons):
    """S-128: a threshold that was fixed before is judged like any other figure."""
    entry = judged(cuts, rule, threshold=threshold)
    assert (entry["verdict"], entry["reasons"]) == (verdict, reasons)


def test_without_a_rule_nothing_is_judged_and_the_rows_are_called_development(cuts):
    outcome = run(cuts).to_json()
    assert (outcome["verdict"], outcome["role"]) == ("recorded", "development")


@pytest.mark.parametrize("rule", ["one_threshold_accuracy<=0.5", "equal_odds_accuracy>=0.5", "accuracy>=0.5", "x", ""])
def test_rules_that_cannot_be_judged_are_refused(rule):
    with pytest.raises(InputError):
        parse_rule(rule)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"cost_false_positive": -1.0}, "cost of a false positive is -1"),
        ({"cost_false_positive": 0.0, "cost_false_negative": 0.0}, "Both costs are 0"),
        ({"threshold": float("nan")}, "threshold is nan"),
        ({"threshold": 0.123456789}, "were not counted"),
        ({"confidence": 2.0}, "confidence lies between"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_by_name(cuts, more, said):
    with pytest.raises(InputError, match=said):
        run(cuts, **more)


# ---- odd rows


def test_a_group_with_one_label_alone_keeps_the_single_threshold_and_says_why(tmp_path):
    label, score, group = people(2)
    label = label & (group != "b")
    found = policies(run(read_cuts(written(tmp_path, label, score, group), **COLUMNS, threshold=0.5), threshold=0.5))
    kept = in_group(found["equal_tpr"], "b")
    assert (kept["threshold"], kept["reason"], kept["metrics"]["true_positive_rate"]["value"]) == (0.5, "no positives", None)  # fmt: skip


def test_one_score_for_all_selects_everybody_or_nobody(tmp_path):
    label, _score, group = people(3)
    outcome = run(read_cuts(written(tmp_path, label, [0.5] * len(label), group), **COLUMNS)).to_json()
    assert outcome["threshold"]["value"] is None
    assert in_group(outcome["policies"][0], "a")["counts"]["fp"] == 0


def test_scores_beyond_one_are_thresholds_like_any_other(tmp_path):
    label, score, group = people(4)
    found = policies(run(read_cuts(written(tmp_path, label, [100 * s for s in score], group), **COLUMNS, threshold=50), threshold=50.0))  # fmt: skip
    assert in_group(found["one_threshold"], "a")["threshold"] == 50.0


def test_rows_without_a_group_are_held_to_the_single_threshold_and_never_judged(tmp_path):
    label, score, group = people(5)
    group = np.where(np.arange(len(group)) < 40, "", group)
    cuts = read_cuts(written(tmp_path, label, score, group), **COLUMNS, threshold=0.5)
    outcome = run(cuts, threshold=0.5, thresholds=["one_threshold_wrongly_refused_group_max<=0.9"]).to_json()
    unnamed = in_group(next(p for p in outcome["policies"] if p["name"] == "equal_selection"), "(missing)")
    assert (unnamed["threshold"], unnamed["reason"], unnamed["evaluable"]) == (0.5, "missing_values", False)
    assert outcome["verdict"] == "pass"


def test_missing_scores_are_counted_by_how_they_are_written(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("g,y,s\n" + "a,1,0.7\nb,0,0.2\n" * 100 + "a,1,\nb,0,NaN\na,,0.3\n" * 2)
    outcome = run(read_cuts(path, **COLUMNS)).to_json()
    assert {each["reason"]: each["rows"] for each in outcome["dropped"]} == {
        "no label: NULL": 2, "no score: NULL": 2, "no score: NaN": 2,
    }  # fmt: skip


def test_counts_survive_their_way_through_json_and_hostile_ones_are_refused(cuts):
    sent = json.loads(json.dumps(cuts.to_json()))
    assert cuts_of(sent) == cuts
    sent["groups"][0]["positives"][3] = 10**6
    with pytest.raises(InputError, match="no counts above thresholds"):
        cuts_of(sent)


# ---- command line


ARGUMENTS = ["threshold_what_if", "--target", "y", "--score", "s", "--sensitive", "g"]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("one_threshold_accuracy>=0.5", 0),
        ("one_threshold_accuracy>=0.9", 1),
        ("equal_selection_accuracy>=0.5", 2),
    ],
)
def test_the_verdict_is_the_exit_code(measure, table, rule, code):  # noqa: F811
    found, out, err = measure(*ARGUMENTS, "--data", table, "--score-threshold", "0.5", "--threshold", rule)
    assert (found, json.loads(out)["check"], err) == (code, "threshold_what_if", "")


@pytest.mark.parametrize(
    ("lines", "more", "said"),
    [
        (["g,y,s", "a,1,x"], [], 'Column "s" of rows.csv holds "x"'),
        (["g,y,s", "a,1,0.5", "b,2,0.4", "b,3,1"], [], 'Column "y" of rows.csv holds 3 different labels'),
        (["g,y,s", "a,1,inf", "b,0,0.4"], [], 'Column "s" of rows.csv'),
        (["g,y,s", "a,1,", "b,0,"], [], "No row has both a true outcome and a score (2 rows: no score: NULL)"),
        (["g,y,s", *(f"{n},{n % 2},0.5" for n in range(10_000))], [], "make 10,000 groups, more than 100"),
        (["g,y,s", "a,1,0.5", "b,0,0.4"], ["--cost-false-positive", "-2"], "The cost of a false positive is -2"),
        (["g,y,s", "a,1,0.5", "b,0,0.4"], ["--weight", "s"], "does not take --weight"),
        (["g,y,s"], [], "rows.csv has a header and no rows"),
    ],
)
def test_bad_input_is_one_sentence_and_code_three(measure, tmp_path, lines, more, said):  # noqa: F811
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines) + "\n")
    found, out, err = measure(*ARGUMENTS, "--data", path, *more)
    assert (found, out) == (3, "")
    assert said in err and err.count("\n") == 1


# ---- words, pictures, pages


@pytest.fixture
def outcome(cuts):
    rules = ["one_threshold_accuracy>=0.5", "equal_selection_accuracy>=0.5"]
    return run(cuts, threshold=0.5, thresholds=rules).to_json()


def test_sentences_say_who_pays_and_what_may_be_unlawful(outcome):
    said = wording.sentences(outcome)
    assert said[1].endswith("because the thresholds were picked on these rows; seen 72.5 %. Test them on others.")
    assert any("Of 1,000 people each, against one threshold for all: a (threshold" in line for line in said)
    assert any(line.startswith("Separate thresholds by a protected attribute may be unlawful.") for line in said)
    assert any("must be tested on others" in line for line in said)


def test_words_and_pictures_hold_in_every_language_and_are_the_same_twice(outcome):
    for language, theme in itertools.product(("en", "zh-hans"), ("light", "dark")):
        with translation.override(language):
            assert all(wording.sentences(outcome))
            drawn = [charts.threshold_what_if(outcome, theme=theme) for _ in range(2)]
            assert drawn[0] == drawn[1] and b"<script" not in drawn[0]


def test_it_goes_the_whole_way_through_the_child(client, cast, table):
    """S-121, S-146: asked for, counted in the child, shown with all figures; without a rule it judges nothing."""
    version = factories.make_version(cast)
    lines = uploaded(cast, version, table.read_text().splitlines())
    chosen = {"target": "y", "score": "s", "sensitive": ["g"], "threshold": "0.5", "cost_false_negative": 2}
    found = ran(cast, version, lines, "threshold_what_if", chosen)
    assert (found.status, found.verdict, found.evidence.shows) == ("finished", "recorded", [])
    client.force_login(cast.auditor)
    page = text_of(client.get(found.get_absolute_url()))
    assert "may be unlawful" in page and "What each way to set thresholds costs over all rows" in page
    assert client.get(reverse("check-chart", args=[found.pk])).content.startswith(b"<svg")
    rows = list(csv.reader(io.StringIO(client.get(reverse("check-figures", args=[found.pk])).content.decode())))
    assert ["equal_selection", "g", "g: b", "threshold"] in [row[:4] for row in rows]
    assert replayed(found.evidence).is_same


def test_a_threshold_that_is_no_number_ends_the_run_with_a_sentence(cast, table):
    from rai.models import CheckRun
    from rai.running import runs
    from registry import jobs
    from registry.errors import BadInput

    version = factories.make_version(cast)
    lines = uploaded(cast, version, table.read_text().splitlines())
    chosen = {"target": "y", "score": "s", "sensitive": ["g"], "threshold": "half"}
    run_ = actions.request_check(version, slug="threshold_what_if", predictions=lines, parameters=chosen, actor=cast.owner)  # fmt: skip
    with pytest.raises(BadInput, match="“half” is no threshold"):
        runs.run_check(jobs.claim(CheckRun, run_.pk))
