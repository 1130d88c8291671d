"""Scores and outcomes against numbers worked out by hand (S-084, S-085, S-086)."""

from fractions import Fraction

import pytest

from risk import scoring
from risk.questionnaires import Reply, template
from tests.risk.replies import benign

PIA = template("pia")
CHECKS = {question.check for question in PIA.questions if question.check}
# Most points of the risk questions, weights included: general 31; input 42 and 48 with the exception asked for special
# categories; model 42; output 27 and 33 with the exception asked for automated decisions. Of the control questions:
# general 3; input 24 and 27 with the balance of interests; model 15; output 21.
GENERAL, INPUT, MODEL, OUTPUT = 31, 42, 42, 27


def result(replies, proven=CHECKS):
    return scoring.result(PIA, replies, proven=proven)


def test_harmless_answers_with_proven_controls_score_nothing():
    found = result(benign())
    assert [(s.inherent, s.control, s.residual) for s in found.scores] == [(0, 1, 0)] * 3
    assert found.overall == "low" and found.outcomes == ()


def test_nothing_answered_counts_as_the_worst():
    found = result({})
    assert [(s.inherent, s.control, s.residual) for s in found.scores] == [(100, 0, 100)] * 3
    assert found.overall == "very_high"


def test_inherent_score_counts_general_questions_in_every_component():
    # Evaluated people: 2 × 3 = 6 points.
    found = result(benign(PIA_G_03="yes"))
    assert [s.inherent for s in found.scores] == [
        Fraction(600, GENERAL + INPUT), Fraction(600, GENERAL + MODEL), Fraction(600, GENERAL + OUTPUT),
    ]  # fmt: skip


def test_a_question_of_one_component_leaves_the_others_alone():
    found = result(benign(PIA_I_10="scraped"))
    assert found.score("input").inherent == Fraction(600, 73)
    assert found.score("model").inherent == found.score("output").inherent == 0


def test_unproven_controls_count_one_point_at_most():
    # Legitimate interest (2 × 2), scoring (2 × 3) and under 100,000 people (1): 11 of 73. Ten controls are asked, 30
    # points; masking and quality name checks, so that each loses 2 of its 3.
    replies = benign(PIA_G_03="yes", PIA_G_05="under_100000", PIA_I_03="legitimate_interest")
    found = result(replies, proven=()).score("input")
    assert found.inherent == Fraction(1100, 73)
    assert found.control == Fraction(26, 30)
    assert found.residual == Fraction(1100, 73) * (1 - Fraction(7, 10) * Fraction(26, 30)) == Fraction(64900, 10950)
    assert found.unproven == ("PIA-I-08", "PIA-I-20")


def test_proven_controls_count_in_full():
    replies = benign(PIA_G_03="yes", PIA_G_05="under_100000", PIA_I_03="legitimate_interest")
    found = result(replies, proven={"privacy.pii_input", "data.quality"}).score("input")
    assert found.control == 1 and found.residual == Fraction(330, 73) and found.unproven == ()


def test_one_proof_lifts_only_its_own_control():
    found = result(benign(), proven={"data.quality"}).score("input")
    assert found.control == Fraction(25, 27) and found.unproven == ("PIA-I-08",)


def test_a_control_that_claims_one_point_needs_no_proof():
    found = result(benign(PIA_M_13="partly"), proven=()).score("model")
    assert found.control == Fraction(16, 18) and found.unproven == ()


def test_perfect_controls_take_seven_tenths_at_most():
    found = result(benign(PIA_G_08="yes", PIA_M_12="yes")).score("model")
    assert found.inherent == Fraction(1200, 73)
    assert found.residual == found.inherent * Fraction(3, 10)


def test_weak_controls_leave_more_than_strong_ones():
    strong = result(benign(PIA_G_08="yes")).score("output")
    weak = result(benign(PIA_G_08="yes", PIA_O_15="none", PIA_O_13="partly")).score("output")
    # 24 points of controls; none loses 3, partly loses 2.
    assert weak.control == Fraction(19, 24) and weak.residual > strong.residual


def test_unanswered_risk_counts_highest_and_unanswered_control_lowest():
    found = result(benign(PIA_M_10=None, PIA_M_14=None)).score("model")
    assert found.inherent == Fraction(300, 73) and found.control == Fraction(15, 18)


def test_unknown_counts_as_the_table_says():
    assert result(benign(PIA_G_07="unknown")).score("model").inherent == Fraction(100, 73)


def test_an_earlier_answer_puts_a_further_question_into_the_sum():
    # Special categories: 3 × 3 = 9, and the exception is asked: 2 × 1 of 2 × 3 more.
    found = result(benign(PIA_I_05="yes", PIA_I_06="explicit_consent")).score("input")
    assert found.inherent == Fraction(1100, 79)
    assert result(benign(PIA_I_06="none")).score("input").inherent == 0


def test_no_at_the_gate_closes_the_component_without_a_score():
    found = result(benign(PIA_M_01="no", PIA_M_04="not_tested", PIA_M_12="yes"))
    closed = found.score("model")
    assert closed.is_closed and closed.residual is None and closed.residual_level == ""
    assert found.outcomes == () and found.overall == "low"


def test_unknown_at_the_gate_keeps_the_component_open():
    assert not result(benign(PIA_M_01="unknown")).score("model").is_closed


def test_with_every_component_closed_there_is_no_overall_level():
    assert result(benign(PIA_I_01="no", PIA_M_01="no", PIA_O_01="no")).overall == ""


def test_overall_is_the_highest_residual_level():
    worst_output = {
        "PIA_O_02": "yes", "PIA_O_03": "none", "PIA_O_06": "yes", "PIA_O_08": "yes", "PIA_O_09": "public",
        "PIA_O_10": "without_safeguards",
    }  # fmt: skip
    found = result(benign(**worst_output))
    # 33 of 64 points: 51.6, high; with full control 15.5, low.
    assert found.score("output").inherent == Fraction(3300, 64)
    assert found.score("output").inherent_level == "high" and found.overall == "low"
    weak = {f"PIA_O_{number:02}": "none" for number in (4, 5, 7, 12, 13, 14, 15)}
    found = result(benign(**worst_output, **weak))
    # Only the general control of 24 points is left: 3 / 24; 51.5625 × (1 − 0.7 / 8) = 47.05.
    assert found.score("output").residual == Fraction(3300, 64) * (1 - Fraction(7, 80))
    assert found.overall == "medium" and found.score("input").residual_level == "low"


@pytest.mark.parametrize(
    ("score", "level"),
    [("0", "low"), ("24.999999", "low"), ("25", "medium"), ("49.99", "medium"), ("50", "high"), ("74.99", "high"),
     ("75", "very_high"), ("100", "very_high")],
)  # fmt: skip
def test_levels_begin_at_their_lower_edge(score, level):
    assert PIA.level(Fraction(score)) == level


def test_one_listed_answer_calls_for_the_privacy_officer():
    found = result(benign(PIA_I_10="scraped"))
    assert [outcome.id for outcome in found.outcomes] == ["dpo_review"]
    assert "PIA-I-10" in found.outcome("dpo_review").reasons[0]


def test_two_criteria_call_for_opinion_and_full_assessment():
    found = result(benign(PIA_G_07="yes", PIA_I_09="yes"))
    assert [outcome.id for outcome in found.outcomes] == ["dpo_review", "full_dpia"]
    assert "Innovative use" in found.outcome("full_dpia").reasons[0]


def test_one_criterion_calls_for_nothing():
    assert result(benign(PIA_G_07="yes")).outcomes == ()


def test_a_criterion_met_twice_counts_once():
    found = result(benign(PIA_I_05="yes", PIA_I_06="explicit_consent", PIA_M_08="yes"))
    assert found.outcome("full_dpia") is None


def test_a_criterion_in_a_closed_component_does_not_count():
    assert result(benign(PIA_G_07="yes", PIA_I_01="no", PIA_I_09="yes")).outcomes == ()


def test_high_inherent_level_alone_calls_for_the_privacy_officer():
    """Below the lists: answers that stand in none of them, yet leave questions open at their highest points."""
    left_out = {f"PIA_M_{number:02}": None for number in (2, 4, 5, 6, 8, 10, 11, 12)}
    found = result(benign(PIA_I_01="no", PIA_O_01="no", **left_out))
    assert found.score("model").inherent == Fraction(4200, 73)
    assert found.outcome("dpo_review").reasons == ("Model: the inherent level is high.",)


@pytest.mark.parametrize(
    ("answers", "case"),
    [
        ({"PIA_G_03": "yes", "PIA_O_02": "with_real_review"}, "35(3)(a)"),
        ({"PIA_I_05": "yes", "PIA_I_06": "research", "PIA_G_05": "under_100000"}, "35(3)(b)"),
        ({"PIA_G_06": "unknown", "PIA_G_05": "unknown"}, "35(3)(c)"),
        ({"PIA_G_11": "yes"}, "35(4)"),
    ],
)
def test_mandatory_cases_call_for_the_full_assessment(answers, case):
    reasons = result(benign(**answers)).outcome("full_dpia").reasons
    assert any(f"Art. {case}:" in reason for reason in reasons)


def test_a_mandatory_case_in_a_closed_component_is_none():
    """The answer on automated decisions was given before the output turned out to hold no personal data."""
    found = result(benign(PIA_G_03="yes", PIA_O_01="no", PIA_O_02="with_real_review"))
    assert found.outcome("full_dpia") is None


def test_half_a_mandatory_case_is_none():
    assert result(benign(PIA_G_05="more")).outcome("full_dpia") is None


def test_a_blocking_answer_blocks():
    """S-087: without a legal basis nothing is approved."""
    found = result(benign(PIA_I_03="none"))
    assert found.outcome("blocked").reasons == ("PIA-I-03 was answered “None”.",)


def test_a_blocking_answer_that_is_not_asked_does_not_block():
    assert result(benign(PIA_O_03="none")).outcome("blocked") is None


def test_high_residual_risk_calls_for_prior_consultation():
    found = result({})
    assert len(found.outcome("prior_consultation").reasons) == 3
    assert result(benign()).outcome("prior_consultation") is None


def test_a_full_assessment_without_views_of_people_wants_the_reason():
    replies = benign(PIA_G_11="yes", PIA_G_09=Reply("none"))
    assert [gap.question.id for gap in scoring.open_gaps(PIA, replies, result(replies))] == ["PIA-G-09"]
    replies = benign(PIA_G_09=Reply("none"))
    assert scoring.open_gaps(PIA, replies, result(replies)) == ()
