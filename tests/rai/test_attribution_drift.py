"""Attribution drift: what drives the model now against what drove the approved version, from arrays to the page."""

import lightgbm
import numpy as np
import pytest

from rai import charts
from rai.checks import attribution_drift as check
from rai.checks.contract import InputError
from rai.engine import attribution, forests
from rai.engine.attribution import Attributions
from rai.engine.attribution_shift import Shift, scaled
from rai.figures import explanations
from rai.running import replaying
from registry.errors import BadInput
from registry.models import ModelVersion
from tests import factories
from tests.rai.test_score_pages import ran, uploaded
from tests.rai.uploads import text_of

SIZES = np.array([4.0, 2.0, 1.0])


def drawn(seed, *, rows=2000, sizes=SIZES):
    """Values of three inputs whose mean size is near `sizes`."""
    return np.random.default_rng(seed).normal(size=(rows, len(sizes))) * sizes


def found(values, *, names=("a", "b", "c"), base=0.0, **more):
    """Attributions that add up."""
    return Attributions(
        features=names, values=values, raw=values.sum(axis=1) + base, base=base, rows_available=len(values), stop_reason="settled",
        seed=0, model={"format": "lightgbm_text", "library": "lightgbm", "library_version": "4", "objective": "binary", "trees": 1}, **more,
    )  # fmt: skip


def judged(now, before, *rules, **more):
    return check.run(now, before, thresholds=rules, **more)


# ---- figures


def test_shares_change_as_worked_out_by_hand():
    """Shares 0.5, 0.5 before and 0.75, 0.25 now; the same in every row, so nothing is left to chance."""
    shift = Shift(np.tile([2.0, -2.0], (200, 1)), np.tile([-3.0, 1.0], (300, 1)))
    change, error = shift.change()
    assert change == pytest.approx([0.25, -0.25]) and error == pytest.approx([0, 0])
    assert scaled(np.array([[3.0, -1.0]])).tolist() == [[0.75, -0.25]]
    assert shift.gaps() == pytest.approx([1.0, 1.0])
    surely, maybe = Shift(np.tile([3.0, 2.0, 1.0], (200, 1)), np.tile([2.0, 3.0, 1.0], (200, 1))).moves(1.96)
    assert surely.tolist() == maybe.tolist() == [True, True, False]


def test_the_resampled_error_is_that_of_the_delta_method():
    before, now = drawn(1), drawn(2, rows=3000)
    expected = np.hypot(attribution.shares(before)[1], attribution.shares(now)[1])
    assert Shift(before, now).change()[1] == pytest.approx(expected, rel=0.1)


def test_intervals_of_a_change_hold_the_true_one(amount):
    """Nominal 95 %: of 100 pairs of tables of 400 rows that were drawn alike."""
    runs = amount(100)
    held = 0
    for seed in range(runs):
        change, error = Shift(drawn(2 * seed, rows=400), drawn(2 * seed + 1, rows=400)).change()
        held += int((np.abs(change) <= 1.959964 * error).sum())
    assert held / (3 * runs) >= 0.9


def test_tables_that_are_alike_pass_and_what_changed_fails():
    rules = ("share_change<=0.1", "attribution_ks<=0.15", "moved_ranks<=0")
    alike = judged(found(drawn(1)), found(drawn(2)), *rules)
    assert [entry.verdict for entry in alike.thresholds] == ["pass"] * 3
    other = judged(found(drawn(1, sizes=SIZES[::-1])), found(drawn(2)), *rules)
    assert [entry.verdict for entry in other.thresholds] == ["fail"] * 3
    assert other.parts["shifts"][0]["name"] in ("a", "c") and other.parts["shifts"][0]["moved"] == "surely"


def test_few_rows_settle_nothing():
    out = judged(found(drawn(1, rows=80)), found(drawn(2)), "share_change<=0.5")
    assert out.thresholds[0].verdict == "insufficient" and "small_group" in out.thresholds[0].reasons


def test_an_order_of_inputs_is_no_drift():
    values = drawn(3)
    turned = found(values[:, ::-1], names=("c", "b", "a"))
    assert judged(turned, found(values), "moved_ranks<=0").verdict == "pass"


@pytest.mark.parametrize("which", ["before", "now"])
def test_an_unstable_side_makes_drift_not_evaluable(which):
    """S-122: what cannot be told of one side is not told of both."""
    wild = drawn(1, rows=200)
    wild[7, 0] = 5000
    sides = {"before": found(drawn(2)), "now": found(drawn(3)), which: found(wild)}
    out = judged(sides["now"], sides["before"], "share_change<=0.9")
    assert (out.verdict, out.parts["not_evaluable"]) == ("insufficient", f"unstable_{which}")
    assert f"unstable_{which}" in out.thresholds[0].reasons


def test_models_that_are_explained_in_other_ways_are_not_compared():
    walked = found(drawn(1), method={"by": "permutation"})
    assert judged(walked, found(drawn(2)), "share_change<=0.9").parts["not_evaluable"] == "other_method"


def test_other_inputs_and_other_rules_are_refused():
    with pytest.raises(InputError, match="“c” is read by one of the two"):
        judged(found(drawn(1), names=("a", "b", "d")), found(drawn(2)))
    for text in ("share_change<=2", "share_change>=0.1", "top_share<=0.1"):
        with pytest.raises(InputError):
            check.parse_rule(text)


def test_a_look_of_the_year_needs_more_for_an_alarm():
    now = found(drawn(1, sizes=np.array([4.0, 2.6, 1.0])))
    lows = [judged(now, found(drawn(2)), "share_change<=0.01", looks=looks).thresholds[0].low for looks in (None, 52)]
    assert lows[1] < lows[0]


# ---- on the way a user goes


def rows_of(seed, *, shifted=False):
    """A table of two inputs; later, one of them varies ten times as much."""
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(1500, 2)) * ([1, 10] if shifted else [1, 1])
    return matrix, ["a,b", *(f"{one:.4f},{two:.4f}" for one, two in matrix)]


@pytest.fixture
def approved(cast):
    """A version in use whose inputs were explained."""
    assert forests.prepare()
    matrix, lines = rows_of(0)
    label = (matrix[:, 0] + 0.3 * matrix[:, 1] > 0).astype(int)
    options = {"objective": "binary", "num_leaves": 7, "num_threads": 1, "verbosity": -1, "seed": 0}
    text = lightgbm.train(options, lightgbm.Dataset(matrix, label, feature_name=["a", "b"]), 20).model_to_string()
    version = factories.make_version(cast, artifact=text.encode(), artifact_name="model.txt")
    factories.make_limit(cast, version.home_system, slug="attribution_drift", rule="share_change<=0.05")
    ran(cast, version, uploaded(cast, version, lines), "feature_attribution", {})
    ModelVersion._base_manager.filter(pk=version.pk).update(status="published")
    return ModelVersion.objects.get(pk=version.pk)


@pytest.mark.django_db
def test_later_rows_are_held_against_those_of_the_approval(client, cast, approved):
    """S-122: the approved explanation is found by itself, bound by digest, told on the page, drawn, and computed again."""
    run = ran(cast, approved, uploaded(cast, approved, rows_of(5, shifted=True)[1]), "attribution_drift", {})
    outcome = run.evidence.outcome
    explained = approved.evidence.get(check_slug="feature_attribution")
    assert outcome["inputs"]["parameters"]["against"] == explained.digest
    widened = next(one for one in outcome["shifts"] if one["name"] == "b")
    assert run.verdict == "fail" and widened["share_now"] > widened["share_before"]
    client.force_login(cast.owner)
    page = text_of(client.get(run.get_absolute_url()))
    assert "moved most" in page and "What drives the model, approved and now" in page
    assert charts.attribution_drift(outcome, language="zh-hans").startswith(b"<svg")
    assert [sheet.caption for sheet in explanations.shifts(outcome)][1] == "How good both explanations are"
    assert replaying.replayed(run.evidence).is_same


@pytest.mark.django_db
def test_without_an_approved_explanation_the_run_says_what_to_do(cast):
    version = factories.make_version(cast)
    table = uploaded(cast, version, rows_of(0)[1])
    with pytest.raises(BadInput, match="Run feature attribution on the approved version first"):
        ran(cast, version, table, "attribution_drift", {})


@pytest.mark.django_db
def test_the_rows_of_the_approval_are_no_later_rows(cast, approved):
    table = approved.evidence.get(check_slug="feature_attribution").run.predictions
    with pytest.raises(BadInput, match="choose later ones"):
        ran(cast, approved, table, "attribution_drift", {})
