"""Pictures of the checks of data: the same bytes twice, plain text and lines, and every number and verdict written."""

import re

import pytest
from django.utils import translation

from rai import charts, wording
from rai.checks import data_quality, drift, representation
from rai.checks.shares import read_shares
from rai.engine import counts
from rai.engine.quality import Wanted, read_quality
from rai.engine.shift import Asked, read_shift
from tests.rai.test_charts import texts
from tests.rai.test_second_table import people


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two tables of people."""
    folder = tmp_path_factory.mktemp("people")
    for shift in (0, 7):
        (folder / f"{shift}.csv").write_bytes(people(shift))
    return folder / "0.csv", folder / "7.csv"


@pytest.fixture(scope="module")
def outcomes(files):
    """An outcome of each check by its name, with rules of every verdict."""
    before, after = files
    cube = counts.read(after, target="y", prediction="y", sensitive=["sex"])
    shares = read_shares("sex: women=0.5, men=0.4, others=0.1")
    shift = read_shift(before, after, Asked(target="y", prediction="yhat"))
    looked = read_quality(after, Wanted(target="y", key=("person",), expected="age: 0..60"), other=before)
    found = {
        "representation": representation.run(cube, thresholds=["share_group_min>=0.05", "label_rate_difference<=0.2"], shares=shares),
        "drift": drift.run(shift, thresholds=["data_ks<=0.05", "accuracy_drop<=0.02", "prediction_psi<=0.1"], parameters={"looks": 12}),
        "data_quality": data_quality.run(looked, thresholds=["missing_share<=0.05", "invalid_share<=0.05"]),
    }  # fmt: skip
    return {name: outcome.to_json() for name, outcome in found.items()}


CHECKS = ("representation", "drift", "data_quality")


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_same_outcome_gives_the_same_bytes(outcomes, name, theme):
    draw = getattr(charts, name)
    assert draw(outcomes[name], theme=theme) == draw(outcomes[name], theme=theme)


@pytest.mark.parametrize("name", CHECKS)
def test_a_picture_carries_no_script_no_link_and_no_font(outcomes, name):
    svg = getattr(charts, name)(outcomes[name])
    assert not re.search(rb"<script|<foreignObject|<image|@font-face|<style|\bon\w+=|javascript:", svg)
    assert b"http" not in svg.replace(b"http://www.w3.org/", b"")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("representation", ["Smallest share by sex", "✕", "Fail", "others (n = 0)", "60.0 %", "limit 5"]),
        ("drift", ["Inputs, KS: age", "✕", "Alarm", "◐", "Watch", "✓", "Within", "yhat (output)", "limit 0.05"]),
        ("data_quality", ["Invalid values", "✕", "Fail", "✓", "Pass", "limit 5", "age"]),
    ],
)
def test_verdicts_limits_and_figures_are_written_not_only_coloured(outcomes, name, written):
    found = texts(getattr(charts, name)(outcomes[name]))
    assert [each for each in written if each not in found] == []


@pytest.mark.parametrize("name", CHECKS)
def test_words_and_pictures_hold_in_every_language(outcomes, name):
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert all(wording.sentences(outcomes[name]))
            assert getattr(charts, name)(outcomes[name])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("representation", "The reference names groups that no row has: others."),
        ("drift", "Alarm: the largest gap between distributions of inputs of age is at least 5.0 points"),
        ("data_quality", "60 rows break “age: 0..60” (15.0 %)."),
    ],
)
def test_sentences_name_who_and_how_much(outcomes, name, said):
    assert any(line.startswith(said) for line in wording.sentences(outcomes[name]))


def test_no_sentence_calls_anything_fair_or_without_difference(outcomes):
    text = " ".join(line for name in CHECKS for line in wording.sentences(outcomes[name])).lower()
    assert not re.search(r"\b(fair|unbiased|no difference)\b", text)
