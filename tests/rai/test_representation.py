"""Representation: Clarify's pre-training metrics on cases worked by hand, shares with intervals, and what they decide."""

import math

import numpy as np
import pytest

from rai.checks import representation
from rai.checks.contract import InputError
from rai.checks.shares import read_shares
from rai.engine import counts
from rai.engine.divergences import jensen_shannon, kullback_leibler, largest_gap, lp_norm, total_variation
from tests.rai.cubes import cube_of

# Thirty women of whom twelve were accepted, seventy men of whom forty-two were.
PEOPLE = [("women", 1, 12), ("women", 0, 18), ("men", 1, 42), ("men", 0, 28)]


def labelled(rows, **more):
    """A cube that counts the label in the prediction's place."""
    counts = [(values, label, label, n) for values, label, n in rows]
    cube = cube_of(counts, **more)
    return cube.__class__(
        cube.mapped.__class__("y", "y", cube.mapped.sensitive, cube.mapped.control), cube.rows, cube.cells
    )


def metrics(outcome, **group):
    """The metrics of one group."""
    return next(each["metrics"] for each in outcome["groups"] if each["group"] == group)


@pytest.fixture
def outcome():
    return representation.run(labelled(PEOPLE)).to_json()


def test_clarifys_metrics_are_those_worked_out_by_hand(outcome):
    """Facet d = women (q = 12/30 = 2/5), facet a = men (q = 42/70 = 3/5); all by the published formulas."""
    found = {name: value["value"] for name, value in metrics(outcome, g="women").items()}
    p, q, m = (0.6, 0.4), (0.4, 0.6), (0.5, 0.5)  # of accepted and rejected: men, women, their mean
    by_hand = {
        "share": 0.3,
        "class_imbalance": (70 - 30) / 100,
        "label_rate": 0.4,
        "label_difference": 3 / 5 - 2 / 5,
        "kl": p[0] * math.log(p[0] / q[0]) + p[1] * math.log(p[1] / q[1]),
        "js": 0.5 * sum(a * math.log(a / c) for a, c in zip(p, m))
        + 0.5 * sum(a * math.log(a / c) for a, c in zip(q, m)),
        "lp": math.sqrt(0.2**2 + 0.2**2),
        "tvd": 0.5 * (0.2 + 0.2),
        "ks": 0.2,
    }
    assert found == pytest.approx(by_hand, abs=1e-12)
    assert found["kl"] == pytest.approx(0.2 * math.log(1.5), abs=1e-12)


def test_every_group_is_held_against_all_others(outcome):
    assert metrics(outcome, g="men")["label_difference"]["value"] == pytest.approx(-0.2, abs=1e-12)
    assert metrics(outcome, g="men")["class_imbalance"]["value"] == pytest.approx(-0.4, abs=1e-12)


def test_conditional_disparity_is_the_weighted_mean_over_strata():
    """Clarify's own story: fewer women are accepted in total, and within each department more of them than of men.

    Department A: women 8 of 10 accepted, men 42 of 60; B: women 4 of 20, men 0 of 10. By hand
    DDL_A = 2/20 − 8/50 = −0.06, DDL_B = 16/26 − 4/4 = −5/13, CDDL = (70·DDL_A + 30·DDL_B)/100.
    """
    rows = [(("women", "A"), 1, 8), (("women", "A"), 0, 2), (("men", "A"), 1, 42), (("men", "A"), 0, 18),
            (("women", "B"), 1, 4), (("women", "B"), 0, 16), (("men", "B"), 0, 10)]  # fmt: skip
    found = representation.run(labelled(rows, control=("dept",))).to_json()
    cddl = metrics(found, g="women")["cddl"]["value"]
    assert cddl == pytest.approx((70 * (2 / 20 - 8 / 50) + 30 * (16 / 26 - 4 / 4)) / 100, abs=1e-12)
    assert metrics(found, g="women")["label_difference"]["value"] == pytest.approx(42 / 70 - 12 / 30, abs=1e-12)


def test_a_stratum_with_one_label_has_no_conditional_disparity():
    rows = [(("women", "A"), 1, 8), (("men", "A"), 1, 42), (("women", "B"), 1, 4), (("men", "B"), 0, 10)]
    found = metrics(representation.run(labelled(rows, control=("dept",))).to_json(), g="women")["cddl"]
    assert found["value"] is None
    assert found["reason"] == "A: one label only"


def test_distances_follow_their_formulas_for_more_than_two_categories():
    """Hand-worked: P = (½, ¼, ¼), Q = (⅛, ⅛, ¾), their mean (5/16, 3/16, ½)."""
    p, q = np.array([0.5, 0.25, 0.25]), np.array([0.125, 0.125, 0.75])
    ln = math.log
    assert kullback_leibler(p, q) == pytest.approx(0.5 * ln(4) + 0.25 * ln(2) - 0.25 * ln(3), abs=1e-12)
    first = 0.5 * ln(8 / 5) + 0.25 * ln(4 / 3) - 0.25 * ln(2)
    second = 0.125 * ln(2 / 5) + 0.125 * ln(2 / 3) + 0.75 * ln(3 / 2)
    assert jensen_shannon(p, q) == pytest.approx((first + second) / 2, abs=1e-12)
    assert lp_norm(p, q) == pytest.approx(math.sqrt(26) / 8, abs=1e-12)
    assert (total_variation(p, q), largest_gap(p, q)) == (0.5, 0.5)


def test_a_label_that_a_group_never_has_leaves_kl_empty_with_the_reason():
    found = metrics(representation.run(labelled([("a", 0, 40), ("b", 1, 30), ("b", 0, 30)])).to_json(), g="a")
    assert found["kl"]["value"] is None
    assert "never" in found["kl"]["reason"]
    assert found["js"]["value"] > 0


def test_shares_carry_wilson_limits(outcome):
    """S-128: vector 2 of the methods is 81/263; here 30 of 100."""
    share = metrics(outcome, g="women")["share"]
    assert (share["value"], share["n"]) == (0.3, 100)
    assert (share["low"], share["high"]) == pytest.approx((0.2189488529493276, 0.3958485463334666), abs=1e-12)


def test_two_labels_make_total_variation_the_size_of_the_difference(outcome):
    found = metrics(outcome, g="women")
    for name in ("tvd", "ks"):
        assert [found[name][end] for end in ("value", "high")] == pytest.approx(
            [found["label_difference"][end] for end in ("value", "high")]
        )


# ---- reference shares and verdicts


def judged(rule, rows=PEOPLE, **more):
    """The only threshold entry of a rule."""
    (entry,) = representation.run(labelled(rows), thresholds=[rule], **more).to_json()["thresholds"]
    return entry


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ("share_group_min>=0.2", "pass"),
        ("share_group_min>=0.25", "insufficient"),
        ("share_group_min>=0.5", "fail"),
        ("share_group_max<=0.8", "pass"),
        ("label_rate_difference<=0.05", "insufficient"),
        ("label_rate_difference_to_rest<=0.9", "pass"),
    ],
)
def test_the_whole_interval_decides(rule, verdict):
    """S-128: never the share seen."""
    assert judged(rule)["verdict"] == verdict


def test_a_group_of_the_reference_without_any_row_fails_and_is_listed():
    rows = [("women", 1, 300), ("women", 0, 300), ("men", 1, 300), ("men", 0, 300)]
    shares = {"g": {"women": 0.45, "men": 0.45, "others": 0.1}}
    outcome = representation.run(labelled(rows), thresholds=["share_difference_to_reference<=0.06"], shares=shares)
    (entry,) = outcome.to_json()["thresholds"]
    assert (entry["verdict"], entry["worst"]["group"]) == ("fail", {"g": "others"})
    assert metrics(outcome.to_json(), g="others")["share_gap"]["value"] == pytest.approx(-0.1)


def test_a_group_that_the_reference_does_not_name_keeps_the_rule_open():
    entry = judged("share_difference_to_reference<=0.9", shares={"g": {"women": 1.0}})
    assert (entry["verdict"], entry["reasons"]) == ("insufficient", ["no_reference"])
    assert entry["left_out"][0]["group"] == {"g": "men"}


def test_missing_groups_are_shown_and_never_judged():
    outcome = representation.run(labelled([*PEOPLE, ("(missing)", 0, 20)]), thresholds=["share_group_min>=0.1"])
    (entry,) = outcome.to_json()["thresholds"]
    assert (entry["verdict"], entry["reasons"]) == ("insufficient", ["missing_values"])
    assert metrics(outcome.to_json(), g="(missing)")["share"]["evaluable"] is False
    assert metrics(outcome.to_json(), g="women")["share"]["value"] == 0.3


def test_later_attempts_are_judged_more_strictly():
    """S-128: the level shrinks with every attempt."""
    first, third = (judged("share_group_min>=0.2", attempt=attempt) for attempt in (1, 3))
    assert third["low"] < first["low"]
    assert (first["verdict"], third["verdict"]) == ("pass", "insufficient")


def test_rows_needed_settle_an_open_rule():
    entry = judged("share_group_min>=0.25")
    rows = entry["rows_needed"]["rows"]
    more = [(group, label, round(n * (100 + rows) / 100)) for group, label, n in PEOPLE]
    assert rows > 0
    assert judged("share_group_min>=0.25", more, attempt=2)["verdict"] == "pass"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sex female=0.5", "names no column"),
        ("sex: female", "is no share"),
        ("g: women=0.5, men=0.2", "add up to 0.7"),
        ("other: a=1", "not among the columns"),
        ("g: women=1.5, men=-0.5", "between 0 and 1"),
    ],
)
def test_reference_shares_that_cannot_be_used_are_refused_by_name(text, said):
    with pytest.raises(InputError, match=said):
        representation.run(labelled(PEOPLE), shares=read_shares(text))


@pytest.mark.parametrize(
    "rule", ["share_group_min<=0.1", "kl<=0.1", "share_group_min>=2", "label_rate_differences<=0.1", "x"]
)
def test_rules_that_cannot_be_judged_are_refused(rule):
    with pytest.raises(InputError):
        representation.parse_rule(rule)


def test_rows_without_a_label_count_for_shares_only(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["g,y", *["a,1"] * 40, *["a,"] * 10, *["b,0"] * 50]) + "\n")
    cube = counts.read(path, target="y", prediction="y", sensitive=["g"])
    found = representation.run(cube).to_json()
    assert metrics(found, g="a")["share"]["value"] == 0.5
    assert metrics(found, g="a")["label_rate"]["n"] == 40
    assert found["dropped"][0]["rows"] == 10


def test_weights_make_the_sample_smaller(tmp_path):
    path = tmp_path / "data.csv"
    rows = [f"{'a' if place % 3 else 'b'},{place % 2},{1 + 9 * (place % 5 == 0)}" for place in range(300)]
    path.write_text("\n".join(["g,y,w", *rows]) + "\n")
    plain, weighted = (
        counts.read(path, target="y", prediction="y", sensitive=["g"], weight=weight) for weight in (None, "w")
    )
    wide, narrow = (metrics(representation.run(cube).to_json(), g="a")["share"] for cube in (weighted, plain))
    assert wide["n_effective"] < 300
    assert wide["high"] - wide["low"] > narrow["high"] - narrow["low"]
