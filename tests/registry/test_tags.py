"""The template tags: verdicts by word, icon and colour; numbers with n and interval; digests, deadlines, addresses."""

from datetime import timedelta

import pytest
from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone, translation

from registry.models import Verdict
from registry.templatetags.attestry import VERDICTS


def drawn(source: str, **context) -> str:
    """The text of a template that has the tags."""
    return Template("{% load attestry navigation %}" + source).render(Context(context))


@pytest.mark.parametrize("value", VERDICTS)
def test_a_verdict_is_word_icon_and_colour(value):
    html = drawn("{% verdict value %}", value=value)
    assert str(VERDICTS[value]) in html
    assert "<svg" in html
    assert f"verdict-{value}" in html


def test_every_verdict_of_evidence_and_every_answer_of_a_gate_can_be_drawn():
    for value in (*Verdict.values, "passed", "failed", "waived", "insufficient"):
        assert "verdict-" in drawn("{% verdict value %}", value=value)


def test_a_missing_verdict_is_not_drawn_as_a_pass():
    assert "No verdict yet" in drawn("{% verdict value %}", value=None)


def test_an_unknown_verdict_is_an_error_of_the_template():
    with pytest.raises(TemplateSyntaxError, match="perhaps"):
        drawn("{% verdict 'perhaps' %}")


def test_a_number_comes_with_its_interval_and_n():
    assert "0.21 (0.18–0.24), n = 2,454" in drawn("{% measure 0.2112 0.18 0.2399 2454 %}")


def test_a_number_that_cannot_be_computed_says_why_and_is_never_zero():
    html = drawn("{% measure value reason=reason %}", value=None, reason="group B has no positives")
    assert "group B has no positives" in html
    assert "0.0" not in html


def test_zero_is_a_number():
    assert "0.00" in drawn("{% measure 0.0 %}")


def test_a_digest_is_cut_for_the_eye_and_whole_for_the_clipboard():
    whole = "sha256:" + "ab" * 32
    html = drawn("{% digest value %}", value=whole)
    assert f'data-copy="{whole}"' in html
    assert "sha256:abababababab…" in html


def test_what_is_drawn_is_escaped():
    for tag in ("{% digest value %}", "{% status value value %}", "{% measure None reason=value %}"):
        assert "<b>" not in drawn(tag, value="sha256:<b>long enough to be cut</b>")


def test_a_deadline_says_weekday_and_days_left_or_over():
    today = timezone.localdate()
    assert "6 days left" in drawn("{% due day %}", day=today + timedelta(days=6))
    assert "today" in drawn("{% due day %}", day=today)
    late = drawn("{% due day %}", day=today - timedelta(days=1))
    assert "1 day over" in late
    assert "due-over" in late


def test_a_near_moment_is_relative_with_the_absolute_one_on_hover():
    moment = timezone.now() - timedelta(hours=2)
    html = drawn("{% when moment %}", moment=moment)
    assert "2\xa0hours ago" in html
    assert str(moment.year) in html.split('title="')[1].split('"')[0]


def test_a_moment_of_the_log_is_read_from_its_text():
    assert "<time" in drawn("{% when moment %}", moment=timezone.now().isoformat())


def test_the_bar_lists_only_pages_that_are_served(settings):
    settings.ROOT_URLCONF = "tests.browser.samples"
    request = RequestFactory().get("/")
    html = drawn("{% places as menus %}{% for menu in menus %}{{ menu.label }}{% endfor %}", request=request)
    assert html == "Inventory"


def test_a_word_of_a_verdict_follows_the_language_not_the_value():
    with translation.override("zh-hans"):
        assert "verdict-pass" in drawn("{% verdict 'pass' %}")


@pytest.mark.parametrize(("required", "word"), [(True, "Choose"), (False, "None")])
def test_an_empty_choice_is_a_word_and_no_row_of_dashes(required, word):
    class Asked(forms.Form):
        one = forms.TypedChoiceField(choices=[*BLANK_CHOICE_DASH, ("a", "First")], required=required)

    html = drawn("{% control field %}", field=Asked()["one"])
    assert f">{word}<" in html and "---" not in html and ">First<" in html
