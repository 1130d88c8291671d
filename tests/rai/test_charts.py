"""Pictures of outcomes: the same bytes twice, nothing but text and lines in them, and every number a reader needs."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from config.places import ROOT
from rai import charts
from rai.charts import groups as fairness_chart, inputs as attribution_chart
from rai.charts.drawing import THEMES, room, specification, width_of, wrapped
from rai.charts.night import at_night, exchanged
from rai.checks import feature_attribution, group_fairness
from rai.engine import attribution, counts
from rai.engine.attribution import Attributions, Grouping

TABLE = ROOT / "rai" / "demo" / "card_offer_test.parquet"
RULES = ("selection_rate_difference<=0.10", "true_positive_rate_difference<=0.05")


@pytest.fixture(scope="module")
def fair():
    cube = counts.read(TABLE, target="accepted", prediction="mail", sensitive=["gender", "region"])
    return group_fairness.run(cube, thresholds=RULES).to_json()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Three groups, one of them too small and without a positive label."""
    path = tmp_path_factory.mktemp("small") / "small.csv"
    rows = (
        ["g,y,p"]
        + [f"north,{n % 2},{n % 3 == 0:d}" for n in range(400)]
        + [f"south & east,{n % 2},{n % 2}" for n in range(300)]
    )
    path.write_text("\n".join([*rows, *["isles,0,1"] * 7]) + "\n")
    return group_fairness.run(
        counts.read(path, target="y", prediction="p", sensitive=["g"]), thresholds=RULES
    ).to_json()


@pytest.fixture(scope="module")
def attributed():
    draw = np.random.Generator(np.random.PCG64(1))
    values = draw.normal(size=(800, 4)) * [1.0, 0.5, 0.49, 0.1]
    found = Attributions(
        features=("income", "balance", "tenure", "<b>&x"), values=values, raw=values.sum(axis=1), base=0.0, rows_available=5000,
        stop_reason=attribution.SETTLED, seed=0, groups=(Grouping("sex", ("women", "men"), np.arange(800) % 2),),
    )  # fmt: skip
    return feature_attribution.run(found).to_json()


def texts(svg: bytes) -> str:
    """All that is written in a picture."""
    return " | ".join(
        "".join(node.itertext()) for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    )


def test_the_same_outcome_gives_the_same_bytes(fair, attributed):
    assert charts.fairness(fair) == charts.fairness(fair)
    first = charts.attribution(attributed)
    charts.fairness(fair)
    assert charts.attribution(attributed) == first


def test_a_picture_carries_no_script_no_link_and_no_font(fair, attributed):
    for svg in (charts.fairness(fair), charts.attribution(attributed)):
        assert not re.search(rb"<script|<foreignObject|<image|@font-face|<style|\bon\w+=|javascript:", svg)
        assert re.findall(rb"(?:href|src)=|url\(", svg) == []
        assert b"http" not in svg.replace(b"http://www.w3.org/", b"")


def test_every_group_stands_there_with_rows_rate_and_reference(fair):
    written = texts(charts.fairness(fair))
    for group in fair["groups"]:
        (name,) = group["group"].values()
        assert f"{name} (n = {group['n']:,})" in written
        assert f"{100 * group['metrics']['selection_rate']['value']:.1f} %" in written
    assert "female (n = 10,042), reference" in written and "north (n = 6,076), reference" in written


def test_limits_and_verdicts_are_written_not_only_coloured(fair):
    written = texts(charts.fairness(fair))
    assert "limit 10" in written and "limit 5" in written
    assert "✓ | " in written and "Pass" in written and "◐" in written and "Insufficient" in written
    assert "Selection rate by gender" in written and "95 %" in written


def test_the_numbers_drawn_are_those_of_the_outcome(fair):
    panels = fairness_chart.fairness_panels(fair, THEMES["light"])
    drawn = str(specification(panels, THEMES["light"]))
    for entry in fair["thresholds"]:
        assert repr(100 * entry["high"]) in drawn and repr(100 * entry["low"]) in drawn
    for group in fair["groups"]:
        assert repr(group["metrics"]["selection_rate"]["low"]) in drawn


def test_groups_below_the_minimum_are_hollow_and_say_so(small):
    svg = charts.fairness(small)
    written = texts(svg)
    assert "isles (n = 7)" in written and "100.0 % (few)" in written and "not defined" in written
    assert "too few rows to decide by" in written
    assert b'stroke-dasharray="3,3"' in svg
    row = fairness_chart.group_row(small["groups"][0], "selection_rate", None, THEMES["light"])
    assert row["fill"] == (THEMES["light"].accent if small["groups"][0]["evaluable"] else THEMES["light"].ground)


def test_names_with_markup_stay_text(attributed, small):
    assert "<b>&x" in texts(charts.attribution(attributed))
    assert "south & east (n = 300)" in texts(charts.fairness(small))


def test_without_rules_the_groups_are_still_drawn(fair):
    written = texts(charts.fairness({**fair, "thresholds": []}))
    assert "Groups by gender" in written and "differ too much" not in written


def test_many_groups_are_cut_to_the_largest_and_counted(fair):
    group = fair["groups"][0]
    many = [{**group, "by": ["zip"], "group": {"zip": f"z{n:03}"}, "n": 1000 - n} for n in range(60)]
    written = texts(charts.fairness({**fair, "groups": many, "thresholds": []}))
    assert "z023" in written and "z024" not in written and "36 smaller groups are in the table only" in written


def test_inputs_stand_by_importance_with_rank_ranges_and_shares(attributed):
    written = texts(charts.attribution(attributed))
    first, second = attributed["features"][:2]
    assert f"1.  {first['name']}" in written and f"2–3.  {second['name']}" in written
    assert f"{100 * first['share']['value']:.1f} %" in written
    assert "800 of 5,000 rows" in written and "cannot tell the ranks within it apart" in written
    assert "women (n = 400)" in written and "The same inputs by sex" in written


def test_values_that_do_not_add_up_are_not_drawn_in_silence(attributed):
    broken = {**attributed, "explainer": {**attributed["explainer"], "additive": False}}
    assert "do not rely on them" in texts(charts.attribution(broken))


def test_few_inputs_or_no_groups_are_no_crash(attributed):
    alone = {**attributed, "features": attributed["features"][:1], "groups": []}
    assert "The same inputs" not in texts(charts.attribution(alone))
    assert attribution_chart.attribution_panels(alone, THEMES["dark"])


def test_the_dark_theme_draws_on_its_own_ground(fair):
    light, dark = charts.fairness(fair), charts.fairness(fair, theme="dark")
    assert b'fill="#ffffff"' in light and b'fill="#1b2328"' in dark and texts(light) == texts(dark)


def test_numbers_follow_the_language(fair):
    assert "10.042" in texts(charts.fairness(fair, language="de"))


def test_labels_have_room_in_a_wider_font_and_in_chinese(fair):
    """A drawing is laid out by this machine's fonts and read with others: nothing may be cut off."""
    longest = "female (n = 10,042), reference"
    assert room([longest]) >= 7.5 * len(longest) and room(["\u5973\u6027" * 5]) >= 12 * 10
    place = re.search(rb"translate\((\d+),", charts.fairness(fair))
    assert int(place[1]) >= room([longest])


def test_long_lines_are_broken_at_blanks_and_between_chinese_signs():
    lines = wrapped("one two three " * 20, 300)
    assert all(width_of(line) <= 300 for line in lines) and " ".join(lines).split() == ("one two three " * 20).split()
    signs = "\u516c\u5e73" * 40
    assert "".join(wrapped(signs, 300)) == signs and all(width_of(line) <= 300 for line in wrapped(signs, 300))


def test_a_page_in_the_dark_shows_the_same_drawing_in_colours_of_the_dark(fair, attributed):
    """Every colour in it has one for the dark; without the rules it is the drawing that files and reports keep."""
    for drawing, outcome in ((charts.fairness, fair), (charts.attribution, attributed)):
        light = drawing(outcome)
        shown = at_night(light)
        style = re.search(rb"<style>@media screen and \(prefers-color-scheme: dark\)\{(.*?)\}</style>", shown)
        assert shown.replace(style[0], b"") == light and ElementTree.fromstring(shown).tag.endswith("svg")
        used = set(re.findall(r'(?:fill|stroke)="([^"]+)"', light.decode())) - {"none", "transparent"}
        assert used <= exchanged().keys()
    assert len(set(exchanged().values())) >= 9
