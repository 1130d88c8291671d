"""Performance: scikit-learn's figures, honest intervals, the weakest slices, and rules on all of them."""

import math

import numpy as np
import pytest
from sklearn import metrics as sk

from rai.checks import performance, performance_numbers
from rai.checks.contract import InputError
from rai.checks.performance import parse_rule, run
from rai.engine.cube import Cell
from rai.engine.intervals import effective_by_classes, effective_by_confusion, wilson
from rai.wording import sentences
from tests.rai.books import book_of, drawn
from tests.rai.cubes import cube_of

Z = 1.9599639845400545
OURS = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "precision": sk.precision_score,
    "recall": sk.recall_score,
    "f1": sk.f1_score,
    "matthews_corrcoef": sk.matthews_corrcoef,
}


def near(*numbers):
    """Ten printed decimals."""
    return pytest.approx(numbers, abs=6e-11)


def counted(label, guess, groups):
    """A cube of rows given as arrays."""
    names = tuple(groups)
    rows = list(zip(*groups.values(), label.astype(int).tolist(), guess.astype(int).tolist()))
    cells = [((*map(str, row[:-2]),), row[-2], row[-1], rows.count(row)) for row in dict.fromkeys(rows)]
    return cube_of(cells, sensitive=names)


def of_groups(**groups):
    """A cube of groups by (tp, fp, fn, tn)."""
    places = ((1, 1), (0, 1), (1, 0), (0, 0))
    return cube_of([(name, *place, n) for name, cells in groups.items() for place, n in zip(places, cells)])


def overall(cube, scores=None, **more):
    return run(cube, scores, **more).to_json()["overall"]["metrics"]


def test_f1_and_macro_recall_have_the_known_intervals():
    found = overall(of_groups(a=(8, 3, 5, 4)))["f1"]
    assert (found["value"], found["low"], found["high"]) == near(0.6666666667, 0.4374946730, 0.8372122525)
    shares, sizes = np.array([[18 / 20, 45 / 60, 5 / 10]]), np.array([[20, 60, 10]])
    size = effective_by_classes(shares, sizes)[0]
    assert (shares.mean(), size, *wilson(shares.mean(), size, Z)) == near(
        0.7166666667, 55.2613732069, 0.5868424025, 0.8183259157
    )


def test_balanced_accuracy_is_the_mean_of_two_rates_at_their_effective_size():
    found = overall(of_groups(a=(45, 20, 15, 60)))["balanced_accuracy"]
    size = effective_by_classes(np.array([[0.75, 0.75]]), np.array([[60, 80]]))[0]
    assert found["value"] == 0.75
    assert (found["low"], found["high"], found["n_effective"]) == pytest.approx((*wilson(0.75, size, Z), size))


def test_macro_f1_equals_scikit_learns_and_covers():
    """S-128: 1,000 runs leave a standard error of 0.7 points."""
    generator = np.random.default_rng(4)
    shares = np.array([[0.3, 0.05, 0.05], [0.05, 0.2, 0.05], [0.05, 0.05, 0.2]])
    true, hits = effective_by_confusion(shares * 1000)[0], 0
    for _ in range(1000):
        confusion = generator.multinomial(200, shares.ravel()).reshape(3, 3)
        found, size = effective_by_confusion(confusion)
        low, high = wilson(found, size, Z)
        hits += low <= true <= high
    truth, guess = np.repeat(np.indices((3, 3)).reshape(2, -1), confusion.ravel(), axis=1)
    assert found == pytest.approx(sk.f1_score(truth, guess, average="macro"), abs=1e-12)
    assert 0.92 <= hits / 1000 <= 0.97


@pytest.mark.filterwarnings("ignore")
@pytest.mark.long
def test_every_metric_of_every_group_equals_scikit_learns(seed, amount):
    """S-121: decisions and scores, over all rows and in every slice; where scikit-learn makes up a 0, ours is null."""
    generator = np.random.default_rng(seed)
    for _ in range(amount(200)):
        label, score, group = drawn(generator, int(generator.integers(40, 900)))
        guess, side = (score >= generator.uniform(0.2, 0.8)).astype(float), generator.integers(2, size=len(label))
        groups = {"g": group, "h": side.astype(str)}
        found = run(counted(label, guess, groups), book_of(label, score, groups, intersections=2), intersections=2)
        outcome = found.to_json()
        for entry in [{**outcome["overall"], "group": {}}, *outcome["groups"]]:
            inside = np.full(len(label), True)
            for name, value in entry["group"].items():
                inside &= groups[name] == value
            same(entry["metrics"], label[inside], guess[inside], score[inside])


def same(found, label, guess, score):
    """Every metric that is defined is scikit-learn's."""
    expected = {name: formula(label, guess) for name, formula in OURS.items()}
    expected["specificity"] = sk.recall_score(1 - label, 1 - guess)
    expected |= {"brier_score": sk.brier_score_loss(label, score), "log_loss": sk.log_loss(label, score, labels=[0, 1])}
    if len(set(label)) == 2:
        expected["roc_auc"] = sk.roc_auc_score(label, score)
    for name, value in expected.items():
        if found[name]["value"] is not None:
            assert found[name]["value"] == pytest.approx(value, abs=1e-12), name
    assert len(set(label)) < 2 or found["roc_auc"]["value"] is not None


def test_errors_of_numbers_equal_scikit_learns(seed, amount):
    generator = np.random.default_rng(seed)
    for _ in range(amount(200)):
        n = int(generator.integers(50, 1500))
        truth = generator.normal(50, 10, size=n)
        guess, group = truth + generator.normal(1, 4, size=n), np.array(["a", "b"])[generator.integers(2, size=n)]
        outcome = performance_numbers.run(book_of(truth, guess, {"g": group}, positive=None)).to_json()
        for entry in [outcome["overall"], *outcome["groups"]]:
            inside = group == entry["group"]["g"] if entry["group"] else np.full(n, True)
            expected = {
                "mean_absolute_error": sk.mean_absolute_error(truth[inside], guess[inside]),
                "mean_squared_error": sk.mean_squared_error(truth[inside], guess[inside]),
                "root_mean_squared_error": sk.root_mean_squared_error(truth[inside], guess[inside]),
                "r2": sk.r2_score(truth[inside], guess[inside]),
                "mean_residual": (truth[inside] - guess[inside]).mean(),
            }
            found = {name: entry["metrics"][name]["value"] for name in expected}
            assert found == pytest.approx(expected, abs=1e-12, rel=1e-12)


def test_a_mean_has_students_limits():
    error = -np.log(1 - (np.arange(30) + 0.5) / 30)
    error = (error - error.mean()) / error.std(ddof=1) * 1.5 + 2
    assert error.min() > 0
    outcome = performance_numbers.run(book_of(error, np.zeros(30), positive=None)).to_json()
    found = outcome["overall"]["metrics"]["mean_absolute_error"]
    assert (found["value"], found["low"], found["high"]) == near(2, 1.4398907949, 2.5601092051)


def test_r2_of_equal_true_values_is_undefined_and_says_why():
    outcome = performance_numbers.run(book_of(np.full(50, 3.0), np.arange(50), positive=None)).to_json()
    assert outcome["overall"]["metrics"]["r2"]["value"] is None
    assert "one true value" in outcome["overall"]["metrics"]["r2"]["reason"]


def test_the_resampled_interval_of_r2_covers_whether_rows_or_blocks_are_drawn():
    """1 − 0.25/1.25 = 0.8 is the true value; 120 runs leave a standard error of 2 points."""
    generator, hits = np.random.default_rng(6), {200: 0, 1500: 0}
    for n in hits:
        for _ in range(120):
            guess = generator.normal(size=n)
            truth = guess + generator.normal(0, 0.5, size=n)
            fit = book_of(truth, guess, positive=None).parts[0].fit
            hits[n] += fit.low <= 0.8 <= fit.high
    assert all(0.88 <= found / 120 <= 1 for found in hits.values())


def weak(rows=400, worse=60):
    """Eight slices by two features; accuracy is 0.9 but for one pair of values."""
    counts = []
    for g in "ab":
        for h in "wxyz":
            wrong = rows // 10 + (worse if (g, h) == ("b", "y") else 0)
            counts += [((g, h), 1, 1, rows - wrong), ((g, h), 1, 0, wrong)]
    return cube_of(counts, sensitive=("g", "h"))


def test_the_weakest_slice_is_found_among_pairs():
    """S-121: performance per slice, whatever groupings were asked for."""
    found = run(weak()).to_json()["weak_spots"]
    assert (found["comparisons"], found["too_small"]) == (2 + 4 + 8, 0)
    first = found["slices"][0]
    assert (first["by"], first["group"], first["is_surely_worse"]) == (["g", "h"], {"g": "b", "h": "y"}, True)
    assert first["value"]["value"] == pytest.approx(0.75)
    assert first["rest"]["value"] == pytest.approx(0.9)
    assert 0 < first["gap"]["low"] < first["gap"]["value"] == pytest.approx(0.15)


def test_the_gap_of_a_slice_is_judged_at_the_level_of_the_whole_search():
    """Fourteen slices were compared, so the interval is wider than that of one comparison."""
    found = run(weak()).to_json()["weak_spots"]["slices"][0]
    from rai.engine.intervals import mover_difference, z_fail

    z = z_fail(0.05, 1, 14)
    (l1, u1), (l2, u2) = wilson(0.75, 400, z), wilson(0.9, 2800, z)
    assert (-found["gap"]["high"], -found["gap"]["low"]) == pytest.approx(
        mover_difference(0.75, l1, u1, 0.9, l2, u2), abs=1e-12
    )


def test_equal_slices_are_hardly_ever_called_weak():
    """At most five runs in a hundred name any slice; 200 runs leave a standard error of 1.5 points."""
    generator, named = np.random.default_rng(8), 0
    for _ in range(200):
        right = generator.binomial(150, 0.8, size=(3, 4))
        counts = [
            ((str(g), str(h)), 1, guess, int(n))
            for (g, h), x in np.ndenumerate(right)
            for guess, n in ((1, x), (0, 150 - x))
        ]
        spots = run(cube_of(counts, sensitive=("g", "h"))).parts["weak_spots"].slices
        named += any(spot.is_surely_worse for spot in spots)
    assert named / 200 <= 0.08


def test_a_slice_too_small_to_decide_is_counted_and_not_called_weak():
    cube = of_groups(a=(400, 0, 50, 0), b=(410, 0, 40, 0), tiny=(1, 0, 19, 0))
    found = run(cube).to_json()["weak_spots"]
    assert (found["comparisons"], found["too_small"]) == (2, 1)
    assert all(each["group"] != {"g": "tiny"} for each in found["slices"])


def test_errors_of_numbers_have_weak_spots_too():
    generator = np.random.default_rng(1)
    group = np.repeat(["a", "b", "c"], 300)
    truth = generator.normal(size=900)
    guess = truth + generator.normal(size=900) * np.where(group == "c", 3, 1)
    outcome = performance_numbers.run(book_of(truth, guess, {"g": group}, positive=None)).to_json()
    first = outcome["weak_spots"]["slices"][0]
    assert (first["group"], first["is_surely_worse"]) == ({"g": "c"}, True)
    rest = np.abs(truth - guess)[group != "c"].mean()
    assert first["rest"]["value"] == pytest.approx(rest, abs=1e-12)


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ("accuracy>=0.8", "pass"),
        ("accuracy>=0.95", "fail"),
        ("accuracy_group_min>=0.87", "insufficient"),
        ("balanced_accuracy_difference<=0.2", "pass"),
        ("roc_auc>=0.5", "pass"),
        ("roc_auc_difference<=0.5", "pass"),
        ("roc_auc_group_min>=0.99", "fail"),
        ("log_loss<=0.01", "fail"),
        ("brier_score_difference_to_rest<=0.3", "pass"),
        ("recall_ratio>=0.5", "pass"),
    ],
)
def test_rules_are_judged_by_the_interval(rule, verdict):
    generator = np.random.default_rng(5)
    label = generator.integers(2, size=1000).astype(float)
    score = np.clip(label * 0.4 + 0.3 + generator.normal(0, 0.16, size=1000), 0, 1)
    groups = {"g": np.repeat(["a", "b"], 500)}
    cube = counted(label, (score >= 0.5).astype(float), groups)
    assert run(cube, book_of(label, score, groups), thresholds=[rule]).verdict == verdict


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("matthews_corrcoef>=0.3", "takes no limit"),
        ("r2>=0.3", "takes no limit"),
        ("roc_auc_ratio>=0.8", "ratios are judged of rates alone"),
        ("roc_auc_difference_to_rest<=0.1", "cannot be had"),
        ("selection_rate<=0.5", "cannot judge"),
        ("equalized_odds_difference<=0.1", "cannot judge"),
        ("mean_absolute_error<=-1", "at or above 0"),
    ],
)
def test_rules_that_mean_nothing_here_are_refused(rule, says):
    with pytest.raises(InputError, match=says):
        parse_rule(rule)


def test_errors_of_numbers_take_limits_in_their_own_units():
    assert parse_rule("mean_absolute_error<=2500").limit == 2500
    assert parse_rule("mean_residual>=-12").limit == -12


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("roc_auc>=0.8", "needs the column with the score"),
        ("mean_absolute_error<=3", "metric of numbers"),
    ],
)
def test_a_rule_on_what_was_not_read_says_what_is_missing(rule, says):
    with pytest.raises(InputError, match=says):
        run(of_groups(a=(50, 9, 8, 60)), thresholds=[rule])


def test_a_limit_on_probabilities_is_refused_for_scores_that_are_none():
    label, score = np.tile([0.0, 1.0], 100), np.tile([3.0, 8.0, 5.0, 9.0], 50)
    groups = {"g": np.repeat(["a", "b"], 100)}
    cube, book = counted(label, label, groups), book_of(label, score, groups)
    with pytest.raises(InputError, match="goes from 3 to 9"):
        run(cube, book, thresholds=["log_loss<=0.5"])
    found = run(cube, book, thresholds=["roc_auc>=0.5"]).to_json()["overall"]["metrics"]
    assert found["roc_auc"]["value"] == 1
    assert found["log_loss"]["value"] is None and "no probabilities" in found["log_loss"]["reason"]


def test_rows_of_one_label_leave_what_needs_two_undefined():
    label, score = np.zeros(200), np.linspace(0, 1, 200)
    groups = {"g": np.repeat(["a", "b"], 100)}
    found = overall(counted(label, (score > 0.5).astype(float), groups), book_of(label, score, groups))
    for name in ("balanced_accuracy", "recall", "roc_auc", "matthews_corrcoef"):
        assert found[name]["value"] is None and found[name]["reason"]
    assert found["accuracy"]["value"] is not None and found["specificity"]["value"] is not None


def test_a_group_in_one_label_blocks_the_area_and_is_named():
    generator = np.random.default_rng(2)
    label, score, group = drawn(generator, 1500)
    label[group == "c"] = 0
    groups = {"g": group}
    outcome = run(
        counted(label, (score > 0.5).astype(float), groups), book_of(label, score, groups),
        thresholds=["roc_auc_difference<=0.9"],
    )  # fmt: skip
    (entry,) = outcome.thresholds
    assert entry.verdict == "insufficient" and "undefined_group" in entry.reasons
    assert [left.group for left in entry.left_out] == [{"g": "c"}]


def test_scores_that_are_missing_are_counted_by_how_they_are_written():
    label, score, group = drawn(np.random.default_rng(2), 900)
    score = np.where(np.arange(900) < 9, math.nan, score)
    book = book_of(label, score, {"g": group}, missing={"no score: NULL": 5, "no score: NaN": 4})
    outcome = run(counted(label, (score > 0.5).astype(float), {"g": group}), book)
    assert [(each.reason, each.rows) for each in outcome.dropped] == [("no score: NULL", 5), ("no score: NaN", 4)]
    assert outcome.parts["overall"].metrics["roc_auc"].n == 891


def test_sampling_weights_reach_balanced_accuracy():
    cells = [Cell(("a",), label, guess, rows, rows * w, rows * w * w)
             for label, guess, rows, w in ((1, 1, 80, 1.0), (1, 0, 20, 3.0), (0, 0, 60, 2.0), (0, 1, 40, 1.0))]  # fmt: skip
    cube = cube_of([("a", 1, 1, 1)], weight="w", weight_kind="sampling")
    cube = type(cube)(cube.mapped, 200, tuple(cells))
    found = overall(cube)["balanced_accuracy"]
    assert found["value"] == pytest.approx((80 / 140 + 120 / 160) / 2)
    assert found["n_effective"] < 200


def test_the_same_rows_give_the_same_digest():
    """P6: same inputs, same digest, resampled intervals included."""
    assert run(weak(), seed=3).digest == run(weak(), seed=3).digest
    assert performance.VERSION == "1"


def test_the_order_of_rows_changes_no_digit_of_numbers(seed):
    """P6: same inputs, same digest."""
    generator = np.random.default_rng(seed)
    truth, group = generator.normal(size=900), np.array(["a", "b"])[generator.integers(2, size=900)]
    guess, order = np.round(truth + generator.normal(size=900), 1), generator.permutation(900)
    books = [
        book_of(truth, guess, {"g": group}, positive=None),
        book_of(truth[order], guess[order], {"g": group[order]}, positive=None),
    ]
    assert books[0].parts == books[1].parts
    assert performance_numbers.run(books[0]).digest == performance_numbers.run(books[1]).digest


def test_all_other_rows_have_the_mean_and_the_spread_of_those_rows():
    generator = np.random.default_rng(5)
    truth, group = generator.normal(size=900), np.repeat(["a", "b", "c"], 300)
    guess = truth + generator.normal(size=900) * np.repeat([1, 2, 4], 300)
    rest = book_of(truth, guess, {"g": group}, positive=None).table(("g",)).rest().parts[0].moments["absolute"]
    others = np.abs(truth - guess)[group != "a"]
    assert (rest.n, rest.mean, rest.deviation) == pytest.approx((600, others.mean(), others.std(ddof=1)), abs=1e-12)


def test_what_chance_alone_would_show_is_the_mean_spread_of_equal_groups():
    """Three groups with one error each of s/√n: the range of three normals is 1.693 of it on average."""
    generator = np.random.default_rng(5)
    truth, group = generator.normal(size=3000), np.repeat(["a", "b", "c"], 1000)
    guess = truth + generator.normal(size=3000)
    book = book_of(truth, guess, {"g": group}, positive=None)
    (entry,) = performance_numbers.run(book, thresholds=["mean_residual_difference<=0.2"]).thresholds
    assert entry.chance == pytest.approx(1.693 / np.sqrt(1000), rel=0.06)


@pytest.mark.parametrize(("n", "p"), [((200, 60), (0.9, 0.7)), ((1000, 30), (0.95, 0.5))])
def test_balanced_accuracy_covers_its_true_value(n, p):
    """S-128: 4,000 runs leave a standard error of 0.35 points."""
    generator = np.random.default_rng(9)
    shares = generator.binomial(n, p, size=(4000, 2)) / np.array(n)
    low, high = wilson(shares.mean(axis=1), effective_by_classes(shares, np.tile(n, (4000, 1))), Z)
    assert 0.93 <= ((low <= np.mean(p)) & (np.mean(p) <= high)).mean() <= 0.975


def test_pairs_of_columns_with_too_many_slices_are_named_and_not_searched():
    """Many values in two columns must not keep the rest from being measured."""
    place = np.arange(101 * 101)
    groups = {"p": place // 101, "q": place % 101, "g": place % 2}
    groups = {name: values.astype(str) for name, values in groups.items()}
    label = (place % 3 > 0).astype(float)
    rows = zip(*groups.values(), label.astype(int).tolist())
    cube = cube_of([((p, q, g), y, y, 1) for p, q, g, y in rows], sensitive=("p", "q", "g"))
    outcome = run(cube).to_json()
    found = outcome["weak_spots"]
    assert (found["skipped"], found["comparisons"] + found["too_small"]) == ([["p", "q"]], 101 + 101 + 2 + 202 + 202)
    assert any("too many slices: p × q" in sentence for sentence in sentences(outcome))
    book = book_of(label, label + 1, groups, positive=None)
    assert book.table(("p", "q")).parts == ()
    assert len(book.table(("p", "g"))) == 202
