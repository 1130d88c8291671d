"""Proxy features: associations as scipy and scikit-learn have them, intervals that cover, and inputs that stand in for a group."""

import csv
import io
import itertools
import json

import numpy as np
import pytest
from django.urls import reverse
from django.utils import translation
from scipy.stats import chi2_contingency, kruskal
from scipy.stats.contingency import association
from sklearn.metrics import normalized_mutual_info_score, roc_auc_score

from rai import actions, charts, wording
from rai.checks.contract import InputError
from rai.checks.proxy_features import parse_rule, run
from rai.engine.areas import area
from rai.engine.association import (
    chi_square,
    correlation_ratio,
    counted_area,
    cramers_v,
    cramers_v_plain,
    filled,
    in_ten,
    information_plain,
    is_table,
    told_by_order,
    told_by_share,
)
from rai.engine.proxies import MOST_BINS, Asked, read_proxies
from rai.engine.proxies_message import proxies_of
from rai.running.replaying import replayed
from tests import factories
from tests.rai.test_measure import measure  # noqa: F401 (a fixture)
from tests.rai.test_score_pages import ran, uploaded
from tests.rai.uploads import text_of

Z = 1.959963984540054


def tables(seed, count):
    """Random tables of 2 to 11 values by 2 to 4 groups, some with empty rows."""
    draw = np.random.default_rng(seed)
    for _ in range(count):
        found = draw.integers(0, 30, size=(draw.integers(2, 12), draw.integers(2, 5)))
        found[0] *= int(draw.random() < 0.8)
        if is_table(found):
            yield found


def spread_out(counts):
    """Value and group of every row."""
    table = filled(counts).astype(int)
    values, groups = (each.ravel() for each in np.indices(table.shape))
    return np.repeat(values, table.ravel()), np.repeat(groups, table.ravel())


def test_measures_are_those_of_scipy_and_scikit_learn(seed, amount):
    """S-121: on random tables, within 1e-12."""
    for counts in tables(seed, amount(200)):
        values, groups = spread_out(counts)
        k, n = groups.max() + 1, len(groups)
        expected = chi2_contingency(filled(counts), correction=False)
        found = chi_square(counts)
        assert (found.statistic, found.p) == pytest.approx((expected[0], expected[1]), rel=1e-12, abs=1e-12)
        assert cramers_v_plain(counts) == pytest.approx(association(filled(counts).astype(int)), abs=1e-12)
        assert information_plain(counts) == pytest.approx(normalized_mutual_info_score(values, groups), abs=1e-12)
        h = kruskal(*[values[groups == group] for group in range(k)])[0]
        assert correlation_ratio(counts).estimate + (k - 1) / (n - 1) == pytest.approx(h / (n - 1), abs=1e-12)


def test_areas_of_counts_are_those_of_rows(seed, amount):
    """Value as scikit-learn's, variance as of the rows themselves."""
    for counts in tables(seed, amount(200)):
        values, groups = spread_out(counts)
        inside, others = filled(counts)[:, 0].astype(int), filled(counts)[:, 1:].sum(axis=1).astype(int)
        found = counted_area(inside, others)
        rows = area(*(np.sort(values[side]).astype(float) for side in (groups == 0, groups != 0)))
        assert found.value == pytest.approx(roc_auc_score(groups == 0, values), abs=1e-12)
        assert found.variance == pytest.approx(rows.variance, abs=1e-12)


def test_cramers_v_without_bias_follows_bergsmas_formula():
    """By hand: 2 × 2 of 30 10 / 10 50; n = 100, φ² = χ²/n."""
    counts = np.array([[30, 10], [10, 50]])
    phi = (30 * 50 - 10 * 10) ** 2 / (40 * 60 * 40 * 60)
    expected = ((phi - 1 / 99) / (2 - 1 / 99 - 1)) ** 0.5
    assert cramers_v(counts).value == pytest.approx(expected, abs=1e-12)


V_SETTINGS = {
    "none": [[0.25, 0.25], [0.25, 0.25]],
    "0.3": [[0.325, 0.175], [0.175, 0.325]],
    "three groups": [[0.1, 0.05, 0.05], [0.02, 0.1, 0.08], [0.1, 0.1, 0.02], [0.11, 0.11, 0.16]],
    "rare": [[0.02, 0.28], [0.01, 0.32], [0.005, 0.365]],
}


@pytest.mark.parametrize("setting", V_SETTINGS)
@pytest.mark.parametrize("n", [200, 1000])
def test_intervals_of_cramers_v_cover_and_let_few_pass_by_chance(setting, n, amount):
    """S-128: coverage at least 93 %, and too low an upper end in at most 4 %."""
    p = np.array(V_SETTINGS[setting])
    due = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    true = (max((p**2 / due).sum() - 1, 0) / (min(p.shape) - 1)) ** 0.5
    draw = np.random.default_rng(11)
    ends = np.array([cramers_v(draw.multinomial(n, p.ravel()).reshape(p.shape)).limits(Z) for _ in range(amount(5000))])
    covered = (ends[:, 0] <= true + 1e-12) & (true - 1e-12 <= ends[:, 1])
    assert covered.mean() >= 0.93
    assert (ends[:, 1] < true - 1e-12).mean() <= 0.04


@pytest.mark.parametrize(("values", "effect"), [(3, 1.0), (20, 1.0), (20, 0.4), (300, 1.0)])
def test_intervals_of_areas_by_category_cover_however_many_categories(values, effect, amount):
    """S-128: an order learned on the same rows flatters, one learned on others belittles; the interval holds both."""
    base, draw = np.random.default_rng(values), np.random.default_rng(5)
    others = base.dirichlet(np.ones(values))
    inside = others * np.exp(effect * base.normal(size=values))
    inside /= inside.sum()
    order = np.argsort(inside / (inside + others))
    true = float((inside[order] * (np.cumsum(others[order]) - others[order] / 2)).sum())
    ends = []
    for seed in range(amount(1000)):
        counts = np.stack([draw.multinomial(300, inside), draw.multinomial(700, others)], axis=1)
        ends.append(told_by_share(counts, 0, ("x", "g"), seed=seed).limits(Z))
    low, high = np.array(ends).T
    assert (low > true).mean() <= 0.06
    assert (high < true).mean() <= 0.04


def test_a_number_of_each_row_tells_nothing_about_new_rows():
    """Every category once: on the same rows it tells everything, on others nothing, so the rows cannot say."""
    counts = np.eye(2, dtype=np.int64)[np.arange(400) % 2]
    found = told_by_share(counts, 0, ("id", "g"), seed=0)
    assert (found.value, found.limits(Z)) == (0.5, (0.5, 1.0))


def test_the_way_round_of_an_order_does_not_matter():
    counts = np.array([[40, 5], [30, 20], [5, 60]])
    assert told_by_order(counts, 0).value == pytest.approx(told_by_order(counts[::-1], 0).value)


# ---- reading


def written(tmp_path, lines, name="rows.csv"):
    """A CSV file of these lines."""
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n")
    return path


def test_numbers_are_put_into_bins_of_like_size_without_parting_equal_ones(tmp_path):
    draw = np.random.default_rng(3)
    many, few = draw.normal(size=3000), draw.integers(0, 9, size=3000)
    sex = np.where(draw.random(3000) < 0.4, "f", "m")
    path = written(tmp_path, ["sex,many,few", *(f"{s},{a!r},{b}" for s, a, b in zip(sex, many.tolist(), few))])
    first, second = read_proxies(path, Asked(("sex",))).features
    counts = np.array(first.counts["sex"])
    assert (len(counts), counts.sum(), counts.sum(axis=1).max()) == (MOST_BINS, 3000, 12)
    assert np.array(second.counts["sex"])[:, 0].tolist() == np.bincount(few[sex == "f"]).tolist()
    assert counted_area(counts[:, 0], counts[:, 1]).value == pytest.approx(roc_auc_score(sex == "f", many), abs=2e-3)
    assert in_ten(counts).sum(axis=1).max() <= 312


def test_counts_survive_their_way_through_json_and_hostile_ones_are_refused(tmp_path):
    path = written(tmp_path, ["sex,a,b", *(f"{'fm'[n % 2]},{n},{'xyz'[n % 3]}" for n in range(90))])
    proxies = read_proxies(path, Asked(("sex",)))
    sent = json.loads(json.dumps(proxies.to_json()))
    assert proxies_of(sent) == proxies
    sent["features"][0]["counts"]["sex"][0] = [1]
    with pytest.raises(InputError, match="no counts by group"):
        proxies_of(sent)


def test_missing_cells_are_a_value_of_their_own(tmp_path):
    """Who has no second income may tell the sex as well as any number."""
    lines = ["sex,income", *["f,", *["f,"] * 79], *(f"f,{n}" for n in range(20)), *(f"m,{n % 20}" for n in range(100))]
    (column,) = run(read_proxies(written(tmp_path, lines), Asked(("sex",)))).to_json()["columns"]
    (pair,) = column["pairs"]
    assert pair["metrics"]["cramers_v"]["low"] > 0.5
    assert column["cells"]["null"] == 80


def test_what_is_no_input_is_left_out(tmp_path):
    path = written(tmp_path, ["sex,race,a,y", *(f"{'fm'[n % 2]},{'xyz'[n % 3]},{n},{n % 2}" for n in range(90))])
    proxies = read_proxies(path, Asked(("sex", "race"), leave_out=("y",)))
    assert [one.name for one in proxies.features] == ["a"]
    assert set(proxies.features[0].counts) == {"sex", "race"}


# ---- verdicts


def judged(path, rule, **more):
    """The entries of a rule for every protected column."""
    return run(read_proxies(path, Asked(("sex",))), thresholds=[rule], **more).to_json()["thresholds"][0]


@pytest.fixture
def people(tmp_path):
    """Two thousand people: a hobby that nearly tells the sex, an age that tells a little, a coin that tells nothing."""
    draw = np.random.default_rng(1)
    female = draw.random(2000) < 0.5
    hobby = np.where(draw.random(2000) < np.where(female, 0.9, 0.1), "knitting", "fishing")
    age = 40 + 10 * draw.normal(size=2000) + 3 * female
    coin = draw.integers(0, 2, size=2000)
    lines = (f"{'mf'[int(f)]},{h},{a:.6f},{c}" for f, h, a, c in zip(female, hobby, age, coin))
    return written(tmp_path, ["sex,hobby,age,coin", *lines])


@pytest.mark.parametrize(
    ("rule", "verdict", "who"),
    [
        ("proxy_auc<=0.7", "fail", "hobby"),
        ("proxy_auc<=0.9", "insufficient", "hobby"),
        ("proxy_auc<=0.95", "pass", "hobby"),
        ("cramers_v<=0.3", "fail", "hobby"),
        ("cramers_v<=0.9", "pass", "hobby"),
    ],
)
def test_the_whole_interval_decides(people, rule, verdict, who):
    """S-128."""
    entry = judged(people, rule)
    assert (entry["verdict"], entry["worst"]["group"]["column"], entry["comparisons"]) == (verdict, who, 3)


def test_more_inputs_ask_for_a_surer_fail_and_leave_the_pass_alone(people):
    """S-128: the worst of many is looked for, so the lower end is corrected (Šidák), the upper one is not."""
    alone = run(read_proxies(people, Asked(("sex",), ("hobby",))), thresholds=["proxy_auc<=0.7"]).to_json()
    among = judged(people, "proxy_auc<=0.7")
    assert among["low"] < alone["thresholds"][0]["low"]
    assert among["high"] == alone["thresholds"][0]["high"]


def test_later_attempts_are_judged_more_strictly(people):
    assert judged(people, "proxy_auc<=0.95", attempt=3)["high"] > judged(people, "proxy_auc<=0.95")["high"]


def test_a_text_with_very_many_values_keeps_the_rule_open_and_is_named(tmp_path):
    lines = ["sex,name,coin", *(f"{'fm'[n % 2]},person {n},{n % 3}" for n in range(2100))]
    outcome = run(read_proxies(written(tmp_path, lines), Asked(("sex",))), thresholds=["proxy_auc<=0.9"]).to_json()
    (entry,) = outcome["thresholds"]
    assert (entry["verdict"], entry["reasons"]) == ("insufficient", ["many_values"])
    assert "Not looked at, because it has too many different texts" in " ".join(wording.sentences(outcome))


def test_a_constant_column_tells_nothing_and_does_not_keep_a_rule_open(tmp_path):
    lines = ["sex,one,coin", *(f"{'fm'[n % 2]},1,{n % 3}" for n in range(600))]
    outcome = run(read_proxies(written(tmp_path, lines), Asked(("sex",))), thresholds=["proxy_auc<=0.7"]).to_json()
    assert outcome["verdict"] == "pass"
    assert outcome["columns"][0]["reason"] == "one_value"


def test_more_than_one_row_in_twenty_without_a_group_is_insufficient(tmp_path):
    lines = ["sex,coin", *(f"{'fm'[n % 2] if n % 10 else ''},{n % 3}" for n in range(600))]
    outcome = run(read_proxies(written(tmp_path, lines), Asked(("sex",))), thresholds=["proxy_auc<=0.7"]).to_json()
    assert (outcome["verdict"], outcome["thresholds"][0]["reasons"]) == ("insufficient", ["missing_values"])
    assert outcome["dropped"] == [{"reason": "sex: no value", "rows": 60}]


def test_a_group_too_small_to_decide_is_shown_and_keeps_the_rule_open(tmp_path):
    lines = ["race,coin", *(f"{'ab'[n % 2] if n > 8 else 'c'},{n % 3}" for n in range(900))]
    outcome = run(read_proxies(written(tmp_path, lines), Asked(("race",))), thresholds=["proxy_auc<=0.7"]).to_json()
    assert outcome["thresholds"][0]["reasons"] == ["small_group"]
    assert [each["proxy_auc"].get("evaluable") for each in outcome["columns"][0]["pairs"][0]["groups"]] == [None, None, False]  # fmt: skip


@pytest.mark.parametrize("rule", ["proxy_auc>=0.7", "proxy_auc<=0.4", "cramers_v<=1.5", "nmi<=0.1", "x", ""])
def test_rules_that_cannot_be_judged_are_refused(rule):
    with pytest.raises(InputError):
        parse_rule(rule)


# ---- published data


def test_german_credit_marital_status_gives_the_sex_away(shared_data):
    """The column holds both at once: A91 divorced men, A92 women, and so on."""
    asked = Asked(("sex",), leave_out=("good_credit", "applicant_id"))
    outcome = run(read_proxies(shared_data / "german_credit.csv", asked), thresholds=["proxy_auc<=0.7"]).to_json()
    (entry,) = outcome["thresholds"]
    assert (entry["verdict"], entry["worst"]["group"]) == ("fail", {"column": "personal_status_sex"})
    found = {column["name"]: column["pairs"][0]["metrics"]["proxy_auc"] for column in outcome["columns"]}
    assert found["personal_status_sex"]["value"] == 1.0
    with (shared_data / "german_credit.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    age = roc_auc_score([row["sex"] == "male" for row in rows], [float(row["age"]) for row in rows])
    assert found["age"]["value"] == pytest.approx(age, abs=1e-12)


def test_compas_priors_tell_race_no_better_than_a_limit_allows(shared_data):
    asked = Asked(("race", "sex"), leave_out=("two_year_recid", "decile_score", "score_text", "id"))
    proxies = read_proxies(shared_data / "compas_two_years.csv", asked)
    outcome = run(proxies, thresholds=["cramers_v<=0.3"]).to_json()
    assert [entry["verdict"] for entry in outcome["thresholds"]] == ["pass", "pass"]
    assert outcome["digest"] == run(proxies, thresholds=["cramers_v<=0.3"]).digest


# ---- command line


ARGUMENTS = ["proxy_features", "--sensitive", "sex"]


@pytest.mark.parametrize(("rule", "code"), [("proxy_auc<=0.95", 0), ("proxy_auc<=0.7", 1), ("proxy_auc<=0.9", 2)])
def test_the_verdict_is_the_exit_code(measure, people, rule, code):  # noqa: F811
    found, out, err = measure(*ARGUMENTS, "--data", people, "--threshold", rule)
    assert (found, json.loads(out)["check"], err) == (code, "proxy_features", "")


@pytest.mark.parametrize(
    ("lines", "more", "said"),
    [
        (["sex,a", "f,1"], [], 'Protected column "sex" of rows.csv holds only "f" in 1 row'),
        (["sex,a", ",1"], [], 'Protected column "sex" of rows.csv holds no value'),
        (["sex,a", *(f"{n},1" for n in range(60))], [], "makes 60 groups, more than 50"),
        (["sex,a", *(f"{n},1" for n in range(10_001))], [], "holds more than 10,000 values"),
        (["sex,a", "f,1", "nan,1"], [], 'Group column "sex" of rows.csv holds nan'),
        (["sex,a"], [], "has no rows"),
        (["sex", "f", "m"], [], "has no column beside the protected ones"),
        (["sex,a", "f,1", "m,2"], ["--feature", "b"], 'has no column "b"'),
        (["sex,a", "f,1", "m,2"], ["--feature", "sex"], "is named twice"),
        (["sex,a", "f,1", "m,2"], ["--weight", "a"], "does not take --weight"),
    ],
)
def test_bad_input_is_one_sentence_and_code_three(measure, tmp_path, lines, more, said):  # noqa: F811
    found, out, err = measure(*ARGUMENTS, "--data", written(tmp_path, lines), *more)
    assert (found, out) == (3, "")
    assert said in err and err.count("\n") == 1


def test_texts_among_numbers_are_counted_as_missing_and_said(measure, tmp_path):  # noqa: F811
    path = written(tmp_path, ["sex,a", *(f"{'fm'[n % 2]},{n if n % 50 else 'unknown'}" for n in range(600))])
    _code, out, _err = measure(*ARGUMENTS, "--data", path)
    assert json.loads(out)["dropped"] == [{"reason": "a: text among numbers (counted as missing)", "rows": 12}]


# ---- words, pictures, pages


@pytest.fixture
def outcome(people):
    return run(read_proxies(people, Asked(("sex",))), thresholds=["proxy_auc<=0.7", "cramers_v<=0.9"]).to_json()


def test_sentences_name_the_input_and_say_what_is_not_excluded(outcome):
    said = wording.sentences(outcome)
    assert said[0].startswith("hobby alone tells the groups of sex apart: ROC AUC at least 0.8")
    assert said[1].startswith("Each input alone goes with sex by a Cramér’s V of at most 0.8")
    assert "Several of them together may tell groups apart where none does alone" in " ".join(said)


def test_words_and_pictures_hold_in_every_language_and_are_the_same_twice(outcome):
    for language, theme in itertools.product(("en", "zh-hans"), ("light", "dark")):
        with translation.override(language):
            assert all(wording.sentences(outcome))
            drawn = [charts.proxy_features(outcome, theme=theme) for _ in range(2)]
            assert drawn[0] == drawn[1] and b"<script" not in drawn[0]


def test_it_goes_the_whole_way_through_the_child(client, cast, people):
    """S-121, S-146: asked for, counted in the child, judged by the limits of the system, shown with all figures."""
    version = factories.make_version(cast)
    table = uploaded(cast, version, people.read_text().splitlines())
    limit = actions.propose_baseline(
        version.home_system, slug="proxy_features", rule="proxy_auc<=0.7", rationale="Nothing may stand in for the sex of people.", actor=cast.risk_officer
    )  # fmt: skip
    limit.status = "approved"
    limit.save()
    found = ran(cast, version, table, "proxy_features", {"sensitive": ["sex"], "leave_out": ["coin"]})
    assert (found.verdict, found.evidence.shows) == ("fail", ["fairness.proxy_features"])
    client.force_login(cast.auditor)
    page = text_of(client.get(found.get_absolute_url()))
    assert "hobby alone tells the groups of sex apart" in page and "Each input beside sex" in page
    assert client.get(reverse("check-chart", args=[found.pk])).content.startswith(b"<svg")
    lines = list(csv.reader(io.StringIO(client.get(reverse("check-figures", args=[found.pk])).content.decode())))
    assert ["input", "sex", "hobby", "proxy_auc"] in [line[:4] for line in lines]
    assert replayed(found.evidence).is_same
