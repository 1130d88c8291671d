"""The privacy template's scores and outcomes against a second implementation of its header, on random answers."""

import random

import pytest

from risk import scoring
from risk.questionnaires import Reply, template
from tests.risk.replies import benign
from tests.risk.second_scoring import RAW, worked_out

PIA = template("pia")
CHECKS = sorted({question.check for question in PIA.questions if question.check})
CHOICES = [question for question in PIA.questions if question.points]


def drawn(number: int) -> tuple[dict[str, str], set[str]]:
    """Answers at random: some questions left open, some sets mild so that every level comes about; and passing checks."""
    rng = random.Random(number)
    mild, left_out = rng.random(), rng.random() * 0.4
    answers = {}
    for question in CHOICES:
        keys = list(question.points)
        if rng.random() < left_out:
            continue
        best = max if question.kind == "control" else min
        is_mild = rng.random() < mild
        answers[question.id] = best(keys, key=question.points.get) if is_mild else rng.choice(keys)
    for gate in ("PIA-I-01", "PIA-M-01", "PIA-O-01"):
        if rng.random() < 0.7:
            answers[gate] = "yes"
    return answers, {check for check in CHECKS if rng.random() < 0.5}


def compared(number: int) -> dict:
    """Both implementations on one set; the second one's answer when they agree."""
    answers, passing = drawn(number)
    mine = scoring.result(PIA, {name: Reply(key) for name, key in answers.items()}, proven=passing)
    second = worked_out(answers, passing)
    for one in mine.scores:
        other = second["parts"][one.component]
        assert one.is_closed == (other is None), (number, one.component)
        if other is not None:
            for name in ("inherent", "control", "residual"):
                assert float(getattr(one, name)) == pytest.approx(other[name], abs=1e-9), (number, one.component, name)
            assert (one.inherent_level, one.residual_level) == (other["inherent_level"], other["level"]), number
    assert mine.overall == second["overall"], number
    assert {outcome.id for outcome in mine.outcomes} == second["outcomes"], number
    return second


def test_random_answers_score_as_the_header_says(amount):
    """S-084, S-085, S-086: 300 sets; a tenth by default. Closed parts, every level and every outcome come about."""
    found = [compared(number) for number in range(amount(300))]
    levels = {part["level"] for one in found for part in one["parts"].values() if part}
    assert levels >= {"low", "medium", "high"}
    assert set().union(*(one["outcomes"] for one in found)) == {
        "dpo_review", "full_dpia", "blocked", "prior_consultation",
    }  # fmt: skip
    assert any(part is None for one in found for part in one["parts"].values())


def listed(key: str) -> list[tuple[str, str]]:
    """Every answer that stands in a list of this name in the file."""
    return [
        (question["id"], answer)
        for section in RAW["sections"]
        for question in section["questions"]
        for answer in question.get(key, ())
    ]


def opened(question: str, answer: str) -> dict[str, str | None]:
    """The answer, with the earlier one by which its question is put."""
    condition = PIA.by_id[question].ask_when
    earlier = {condition.question: min(condition.answers)} if condition else {}
    return {name.replace("-", "_"): said for name, said in {**earlier, question: answer}.items()}


@pytest.mark.parametrize(("question", "answer"), listed("dpo_review_when"))
def test_each_answer_that_triggers_a_review_does(question, answer):
    found = scoring.result(PIA, benign(**opened(question, answer)), proven=CHECKS)
    assert any(question in reason for reason in found.outcome("dpo_review").reasons)


@pytest.mark.parametrize(("question", "answer"), listed("blocks_when"))
def test_each_answer_that_blocks_does(question, answer):
    """S-087 among them: no legal basis, no approval."""
    found = scoring.result(PIA, benign(**opened(question, answer)), proven=CHECKS)
    assert any(question in reason for reason in found.outcome("blocked").reasons)


@pytest.mark.parametrize("pair", [(a, b) for a in PIA.criteria for b in PIA.criteria if a < b])
def test_each_pair_of_criteria_triggers_review_and_full_assessment(pair):
    asked = [next(q for q in PIA.questions if q.criterion == name) for name in pair]
    answers = {q.id.replace("-", "_"): next(key for key, points in q.points.items() if points) for q in asked}
    found = scoring.result(PIA, benign(**answers), proven=CHECKS)
    assert found.outcome("full_dpia") is not None and found.outcome("dpo_review") is not None
