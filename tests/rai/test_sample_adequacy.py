"""Sample adequacy: half-widths against declared needs, planned rows that suffice, differences that would show."""

import csv
import io
import itertools
import json

import numpy as np
import pytest
from django.urls import reverse
from django.utils import translation
from scipy.stats import binom, binomtest

from rai import actions, charts, wording
from rai.checks.contract import InputError
from rai.checks.sample_adequacy import parse_rule, run
from rai.engine.adequacy import detectable, factors_to_reach, half_widths, width_to_expect
from rai.engine.intervals import z_shown
from rai.engine.rates import Rates
from rai.models import CheckRun
from rai.running.replaying import replayed
from rai.sandbox import launcher
from tests import factories
from tests.rai.cubes import compas, selected
from tests.rai.test_german_credit import decided, labelled
from tests.rai.test_measure import measure  # noqa: F401 (a fixture)
from tests.rai.test_score_pages import ran, uploaded
from tests.rai.uploads import text_of

Z = z_shown(0.05)
NEEDS = ["accuracy_half_width<=0.02", "true_positive_rate_group_half_width<=0.05", "selection_rate_detectable_difference<=0.1"]  # fmt: skip


def rates(*pairs):
    """Rates of x in n rows each."""
    x, n = (np.array(column, dtype=np.float64) for column in zip(*pairs))
    return Rates(np.divide(x, n, out=np.full(len(n), np.nan), where=n > 0), n, n, np.full(len(n), np.nan))


def widths(outcome, **group):
    """The half-widths of one group, or of all rows."""
    found = [one for one in outcome["groups"] if one["group"] == group] or [outcome["overall"]]
    return found[0]["half_widths"]


def judged(rule, cube, **more):
    """The only entry of a need."""
    (entry,) = run(cube, thresholds=[rule], **more).to_json()["thresholds"]
    return entry


# ---- figures


def test_half_widths_are_halves_of_scipys_wilson_intervals(seed, amount):
    """S-128: on random tables, within 1e-12."""
    draw = np.random.default_rng(seed)
    for _ in range(amount(200)):
        n = int(draw.integers(1, 5000))
        x = int(draw.integers(0, n + 1))
        ends = binomtest(x, n).proportion_ci(0.95, method="wilson")
        found = widths(run(selected((x, n), (n, n))).to_json(), g="g0000")["selection_rate"]
        assert found["value"] == pytest.approx((ends.high - ends.low) / 2, abs=1e-12)


def test_german_credit_by_sex():
    """Vector 4 of the methods: women 201/310 and men 499/690 have these Wilson limits."""
    outcome = run(labelled()).to_json()
    by_sex = {sex: widths(outcome, sex=sex)["selection_rate"]["value"] for sex in ("female", "male")}
    assert by_sex["female"] == pytest.approx((0.6994274015 - 0.5937142387) / 2, abs=1e-10)
    assert by_sex["male"] == pytest.approx((0.7552673352 - 0.6886381075) / 2, abs=1e-10)


def test_planned_rows_are_the_fewest_that_suffice():
    seen = rates((81, 263), (0, 40), (30, 30), (500, 1000))
    factors = factors_to_reach(seen, 0.03, Z)
    assert (width_to_expect(seen, factors, Z) <= 0.03).all()
    lacking = factors > 1
    assert (width_to_expect(seen, factors * (1 - 1e-9), Z)[lacking] > 0.03).all()
    assert factors[~lacking].tolist() == [1.0] * int((~lacking).sum())


@pytest.mark.parametrize(("p", "n", "need"), [(0.3, 60, 0.05), (0.05, 100, 0.02), (0.9, 40, 0.04), (0.5, 200, 0.03)])
def test_planned_rows_reach_the_need_in_four_of_five_cases(p, n, need, amount):
    """S-128: pilot, plan, top up, over many pilots; the plan allows for the rate that will move."""
    draw = np.random.default_rng(7)
    pilots = draw.binomial(n, p, size=amount(4000))
    factors = factors_to_reach(rates(*((x, n) for x in pilots)), need, Z)
    rows = np.ceil(factors * n)
    more = draw.binomial((rows - n).astype(int), p)
    reached = half_widths(rates(*zip(pilots + more, rows)), Z) <= need
    assert reached.mean() >= 0.71


def test_an_undefined_rate_has_no_plan():
    assert np.isinf(factors_to_reach(rates((0, 0)), 0.05, Z)).all()


@pytest.mark.parametrize(("p", "first", "second"), [(0.3, 150, 150), (0.1, 200, 120), (0.5, 60, 400)])
def test_the_difference_named_shows_in_four_of_five_samples(p, first, second):
    """Against the exact power of the score test, added up over every pair of counts."""
    d = float(detectable(p, first, second, Z))
    powers = [power(p, p + way * d, first, second) for way in (1, -1) if 0 <= p + way * d <= 1]
    assert min(powers) == pytest.approx(0.8, abs=0.035)
    assert max(powers) >= 0.78


def power(p1, p2, n1, n2):
    """The chance that |z| of the pooled score test exceeds its quantile."""
    x1, x2 = np.arange(n1 + 1)[:, None], np.arange(n2 + 1)[None, :]
    pooled = (x1 + x2) / (n1 + n2)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    z = np.divide(np.abs(x1 / n1 - x2 / n2), error, out=np.zeros(error.shape), where=error > 0)
    return float((binom.pmf(x1, n1, p1) * binom.pmf(x2, n2, p2) * (z > Z)).sum())


def test_any_two_groups_are_those_with_the_fewest_judged_rows_after_the_search():
    """COMPAS: Asian and Other of five judged groups; ten pairs, so z is that of Šidák at m = 10 (vector 1)."""
    found = next(one for one in run(compas()).to_json()["detectable"] if one["metric"] == "selection_rate")
    assert (found["between"]["group"], found["between"]["versus"]) == ({"race": "Asian"}, {"race": "Other"})
    assert found["any_two"]["value"] == pytest.approx(float(detectable(found["baseline"], 32, 377, 2.7996252193)), abs=1e-9)  # fmt: skip


def test_groups_too_small_for_any_difference_have_none():
    assert np.isnan(detectable(0.5, 3, 3, Z))


# ---- verdicts


@pytest.mark.parametrize(
    ("rule", "verdict", "reasons"),
    [
        ("selection_rate_group_half_width<=0.04", "pass", []),
        ("selection_rate_group_half_width<=0.02", "fail", []),
        ("true_positive_rate_group_half_width<=0.4", "insufficient", ["nothing_to_compare", "undefined_group"]),
        ("selection_rate_half_width<=0.03", "pass", []),
        ("selection_rate_detectable_difference<=0.2", "pass", []),
        ("selection_rate_detectable_difference<=0.05", "fail", []),
    ],
)
def test_needs_are_reached_missed_or_not_to_be_told(rule, verdict, reasons):
    entry = judged(rule, selected((300, 1000), (330, 1000)))
    assert (entry["verdict"], entry["reasons"]) == (verdict, reasons)


def test_a_group_below_the_smallest_size_keeps_the_need_open_and_is_named():
    entry = judged("selection_rate_group_half_width<=0.04", selected((300, 1000), (5, 20)))
    assert (entry["verdict"], entry["reasons"]) == ("insufficient", ["small_group"])
    assert entry["left_out"][0]["n"] == 20
    assert entry["rows_needed"]["by_group"][1]["n"] > 400


def test_rows_needed_reach_the_need(amount):
    cube = selected((300, 1000), (80, 200))
    entry = judged("selection_rate_group_half_width<=0.04", cube)
    factor = 1 + entry["rows_needed"]["rows"] / 1200
    assert entry["verdict"] == "fail"
    more = selected((round(300 * factor), round(1000 * factor)), (round(80 * factor), round(200 * factor)))
    assert judged("selection_rate_group_half_width<=0.04", more)["verdict"] == "pass"


def test_rows_that_a_cut_off_was_chosen_on_never_pass():
    entry = judged("selection_rate_half_width<=0.4", selected((300, 1000), (330, 1000)), role="development")
    assert (entry["verdict"], entry["reasons"]) == ("insufficient", ["tuned_on_these_rows"])


def test_weights_make_intervals_wider(tmp_path):
    from rai.engine.counts import read

    path = tmp_path / "rows.csv"
    path.write_text("g,y,p,w\n" + "".join(f"{'ab'[n % 2]},{n % 3 == 0:d},{n % 5 < 2:d},{1 + 9 * (n % 7 == 0)}\n" for n in range(600)))  # fmt: skip
    columns = {"target": "y", "prediction": "p", "sensitive": ["g"]}
    plain, weighted = (widths(run(read(path, **columns, weight=w)).to_json())["accuracy"] for w in (None, "w"))
    assert weighted["value"] > plain["value"]
    assert weighted["n_effective"] < 600


@pytest.mark.parametrize(
    "rule", ["accuracy<=0.1", "accuracy_half_width>=0.1", "f1_detectable_difference<=0.1", "x", ""]
)
def test_needs_that_cannot_be_judged_are_refused(rule):
    with pytest.raises(InputError):
        parse_rule(rule)


def test_ten_thousand_groups_are_answered():
    groups = [(3, 10)] * 9_999 + [(400, 1000)]
    outcome = run(selected(*groups), thresholds=["selection_rate_group_half_width<=0.1"])
    assert outcome.verdict == "insufficient"
    assert len(outcome.thresholds[0].left_out) == 9_999


# ---- command line


ARGUMENTS = ["sample_adequacy", "--target", "y", "--prediction", "p", "--sensitive", "g"]


@pytest.mark.parametrize(("need", "code"), [(0.05, 0), (0.01, 1)])
def test_the_verdict_is_the_exit_code(measure, tmp_path, need, code):  # noqa: F811
    path = tmp_path / "rows.csv"
    path.write_text("g,y,p\n" + "".join(f"{'ab'[n % 2]},{n % 3 == 0:d},{n % 5 < 2:d}\n" for n in range(2000)))
    found, out, _ = measure(*ARGUMENTS, "--data", path, "--threshold", f"accuracy_group_half_width<={need}")
    assert (found, json.loads(out)["check"]) == (code, "sample_adequacy")


def test_a_group_with_one_label_alone_is_insufficient_and_says_so(measure, tmp_path):  # noqa: F811
    path = tmp_path / "rows.csv"
    path.write_text("g,y,p\n" + "a,0,1\na,0,0\n" * 50 + "b,1,1\nb,0,0\n" * 2000)
    found, out, _ = measure(*ARGUMENTS, "--data", path, "--threshold", "true_positive_rate_group_half_width<=0.1")
    (entry,) = json.loads(out)["thresholds"]
    assert (found, entry["reasons"], entry["rows_needed"]["reason"]) == (2, ["undefined_group"], "no rows of this kind")


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("g,y,p\na,1,0.3\nb,2,0.4\nb,3,1\n", [], 'Column "y" of rows.csv holds 3 different labels'),
        ("g,y,p\n", [], "rows.csv has a header and no rows"),
        ("g,y,p\na,1,1\nb,0,0\n", ["--sensitive", "y"], 'Column "y" cannot be a group column and target'),
        ("g,y,p,w\na,1,1,-1\nb,0,0,1\n", ["--weight", "w"], "is negative in 1 rows"),
        ("g,y,p\na,1,1\nb,0,0\n", ["--control", "p"], "does not take --control"),
    ],
)
def test_bad_input_is_one_sentence_and_code_three(measure, tmp_path, text, more, said):  # noqa: F811
    path = tmp_path / "rows.csv"
    path.write_text(text)
    found, out, err = measure(*ARGUMENTS, "--data", path, *more)
    assert (found, out) == (3, "")
    assert said in err and err.count("\n") == 1


def test_weights_that_are_all_zero_leave_rates_undefined(tmp_path, measure):  # noqa: F811
    path = tmp_path / "rows.csv"
    path.write_text("g,y,p,w\n" + "a,1,1,0\nb,0,0,0\n" * 40)
    found, out, _ = measure(
        *ARGUMENTS, "--data", path, "--weight", "w", "--threshold", "accuracy_group_half_width<=0.1"
    )
    assert (found, json.loads(out)["thresholds"][0]["value"]) == (2, None)


# ---- words and pictures


@pytest.fixture(scope="module")
def outcome():
    return run(compas(), thresholds=NEEDS).to_json()


def test_sentences_name_the_need_the_group_and_the_rows(outcome):
    said = wording.sentences(outcome)
    assert said[1].startswith("True positive rates of Other: known to about ±7.9 points only")
    assert "Hispanic about 150 more" in " ".join(said)
    assert "the two groups with the fewest rows, would probably go unseen." in " ".join(said)


def test_a_run_without_a_need_says_that_nothing_was_judged():
    said = wording.sentences(run(compas()).to_json())
    assert said[0] == "No need was declared, so nothing was judged; the widths are recorded."


def test_words_and_pictures_hold_in_every_language_and_are_the_same_twice(outcome):
    for language, theme in itertools.product(("en", "zh-hans"), ("light", "dark")):
        with translation.override(language):
            assert all(wording.sentences(outcome))
            drawn = [charts.sample_adequacy(outcome, theme=theme) for _ in range(2)]
            assert drawn[0] == drawn[1] and b"<script" not in drawn[0]


def test_german_credit_says_what_thousand_rows_can_show():
    said = " ".join(wording.sentences(run(decided(), thresholds=["accuracy_group_half_width<=0.05"]).to_json()))
    assert "of female: known to about ±5." in said


# ---- the whole way


@pytest.fixture
def tasks(monkeypatch):
    """The tasks that the sandbox was given; the sandbox itself is the real one."""
    seen, real = [], launcher.run

    def watched(task, *args, **more):
        seen.append(task)
        return real(task, *args, **more)

    monkeypatch.setattr(launcher, "run", watched)
    return seen


def test_it_is_judged_on_the_counts_that_group_fairness_kept(client, cast, tasks):
    """S-121, S-146: no second reading of rows; page, chart, tables and CSV are there."""
    version = factories.make_version(cast)
    table = uploaded(cast, version, ["y,yhat,sex", *(f"{n % 3 == 0:d},{n % 5 < 2:d},{'fm'[n % 4 == 0]}" for n in range(400))])  # fmt: skip
    limit = actions.propose_baseline(
        version.home_system, slug="sample_adequacy", rule="accuracy_group_half_width<=0.06", rationale="Decisions are reviewed at six points.", actor=cast.risk_officer
    )  # fmt: skip
    limit.status = "approved"
    limit.save()
    chosen = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}
    ran(cast, version, table, "group_fairness", chosen)
    found = ran(cast, version, table, "sample_adequacy", chosen)
    assert tasks.count("count") == 1
    assert (found.verdict, found.evidence.shows) == ("fail", ["performance.sample_adequacy"])
    client.force_login(cast.auditor)
    page = text_of(client.get(found.get_absolute_url()))
    assert "The sample is too small for it" in page and "Declared need accuracy_group_half_width" in page
    assert client.get(reverse("check-chart", args=[found.pk])).content.startswith(b"<svg")
    lines = list(csv.reader(io.StringIO(client.get(reverse("check-figures", args=[found.pk])).content.decode())))
    assert {"half width", "rows needed", "detectable"} <= {line[0] for line in lines}
    assert CheckRun.objects.filter(slug="sample_adequacy").count() == 1
    assert replayed(found.evidence).is_same
