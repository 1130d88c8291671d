"""Templates that do not hold are refused; answers are read; what is missing is named."""

from fractions import Fraction
from pathlib import Path

import pytest

from registry.errors import BadInput
from risk import formulas
from risk.questionnaires import FILES, Reply, asked, cleaned, gaps, template
from risk.template_files import parsed
from tests.risk.replies import LONG, benign

PIA = template("pia")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """The shipped template with one text replaced, which must stand in it."""
    text = FILES["pia"].read_text(encoding="utf-8")
    assert old in text
    place = tmp_path / "changed.yaml"
    place.write_text(text.replace(old, new, 1), encoding="utf-8")
    return place


def test_the_shipped_template_holds():
    assert len(PIA.questions) == 60 and PIA.produces == "pia" and PIA.version == "1"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("ask_when: PIA-I-03 = legitimate_interest", "ask_when: PIA-I-99 = yes", "PIA-I-99"),
        ("ask_when: PIA-I-03 = legitimate_interest", "ask_when: PIA-I-03 = whim", "whim"),
        ("blocks_when: [without_safeguards]", "blocks_when: [sideways]", "sideways"),
        ("id: PIA-M-07", "id: PIA-M-08", "PIA-M-08"),
        ("kind: gate", "kind: context", "input"),
        ("criterion: innovative_use", "criterion: fashion", "fashion"),
        ("{from: 25, below: 50, level: medium}", "{from: 30, below: 50, level: medium}", "levels"),
        ("control_cap: 0.7", "control_cap: 1.0", "control_cap"),
        ("component: output", "component: outcome", "outcome"),
        ("id: prior_consultation", "id: prior_talk", "prior_consultation"),
        ("type: duration", "type: epoch", "PIA-I-14"),
        ("field: consultation", "field: chatting", "chatting"),
        ("produces: pia", "produces: horoscope", "horoscope"),
        ("    question: Is the technology new for this purpose?\n", "    query: Is it new?\n", "question"),
    ],
)
def test_a_template_that_does_not_hold_is_refused_by_name(tmp_path, old, new, named):
    old, new = (old.replace("    question", "        question"), new.replace("    query", "        query"))
    with pytest.raises(BadInput) as refusal:
        parsed("pia", changed(tmp_path, old, new))
    assert "changed.yaml" in str(refusal.value) and named in str(refusal.value)


def test_an_unknown_questionnaire_is_refused():
    with pytest.raises(BadInput, match="known are pia"):
        template("horoscope")


def test_a_conditional_question_is_asked_only_when_its_condition_holds():
    ids = {question.id for question in asked(PIA, benign())}
    assert {"PIA-I-04", "PIA-I-06", "PIA-O-03"}.isdisjoint(ids)
    assert "PIA-I-04" in {q.id for q in asked(PIA, benign(PIA_I_03="legitimate_interest"))}


def test_a_closed_component_asks_its_gate_alone():
    ids = [q.id for q in asked(PIA, benign(PIA_O_01="no")) if q.component == "output"]
    assert ids == ["PIA-O-01"]


def test_complete_answers_leave_no_gap():
    assert gaps(PIA, benign()) == ()


def test_what_is_missing_is_named():
    found = gaps(PIA, benign(PIA_M_02=None, PIA_G_01=Reply("", "Too short"), PIA_I_14=Reply("30")))
    assert [gap.question.id for gap in found] == ["PIA-G-01", "PIA-I-14", "PIA-M-02"]
    assert "there are 9" in found[0].wanted


def test_an_answer_may_want_an_explanation():
    assert [g.question.id for g in gaps(PIA, benign(PIA_G_02=Reply("joint")))] == ["PIA-G-02"]
    assert gaps(PIA, benign(PIA_G_02=Reply("joint", LONG))) == ()


def test_an_unknown_option_is_refused_with_the_known_ones():
    with pytest.raises(BadInput, match="“perhaps” is no answer; choose one of no, yes, unknown") as refusal:
        cleaned(PIA, "PIA-G-03", Reply("perhaps"))
    assert refusal.value.field == "PIA-G-03"


def test_an_unknown_question_is_refused():
    with pytest.raises(BadInput, match="no question “PIA-X-01”"):
        cleaned(PIA, "PIA-X-01", Reply("yes"))


def test_a_short_text_is_kept():
    assert cleaned(PIA, "PIA-G-01", Reply("", "  中文 ")).text == "中文"


@pytest.mark.parametrize(("typed", "read"), [("de; FR de", "DE, FR"), ("", ""), ("eu", "EU")])
def test_country_codes_are_put_in_order(typed, read):
    assert cleaned(PIA, "PIA-I-12", Reply(typed)).answer == read


@pytest.mark.parametrize(
    ("question", "reply", "named"),
    [
        ("PIA-I-12", Reply("DE, Atlantis"), "ATLANTIS"),
        ("PIA-I-14", Reply("-3"), "-3"),
        ("PIA-I-14", Reply("99999"), "99999"),
        ("PIA-I-14", Reply("³"), "³"),
        ("PIA-G-01", Reply("yes"), "asks for a text"),
        ("PIA-G-01", Reply("", "a\x00b"), "NUL"),
        ("PIA-G-01", Reply("", "x" * 10_001), "10001"),
    ],
)
def test_answers_that_cannot_be_stored_are_refused(question, reply, named):
    with pytest.raises(BadInput, match=named):
        cleaned(PIA, question, reply)


@pytest.mark.parametrize(
    ("question", "said", "read"),
    [
        ("PIA-G-01", LONG, Reply("", LONG)),
        ("PIA-G-03", "yes", Reply("yes")),
        ("PIA-I-02", {"answer": "compatible", "text": LONG}, Reply("compatible", LONG)),
        ("PIA-I-14", "90 days, then a nightly job.", Reply("90", "then a nightly job.")),
        ("PIA-I-14", {"answer": "90", "text": "A job"}, Reply("90", "A job")),
    ],
)
def test_answers_may_come_as_json_has_them(question, said, read):
    assert cleaned(PIA, question, said) == read


@pytest.mark.parametrize("said", [7, None, ["yes"], {"answer": 1}, {"reply": "yes"}])
def test_anything_else_is_refused(said):
    with pytest.raises(BadInput, match="PIA-G-03: write a text"):
        cleaned(PIA, "PIA-G-03", said)


def test_conditions_that_go_round_in_a_circle_are_refused(tmp_path):
    """With the file, a question of the circle, and the way round."""
    text = FILES["pia"].read_text(encoding="utf-8")
    text = text.replace("- id: PIA-I-17\n", "- id: PIA-I-17\n        ask_when: PIA-I-18 = fully\n")
    text = text.replace("- id: PIA-I-18\n", "- id: PIA-I-18\n        ask_when: PIA-I-17 = fully\n")
    place = tmp_path / "round.yaml"
    place.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refusal:
        parsed("pia", place)
    assert "round.yaml: PIA-I-17" in str(refusal.value) and "PIA-I-17 → PIA-I-18 → PIA-I-17" in str(refusal.value)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("        weight: 2\n        law: [GDPR Art. 35(3)(a)]", "        weight:\n        law: [GDPR Art. 35(3)(a)]",
         "PIA-G-03: the weight is missing"),
        ("        weight: 2\n        law: [GDPR Art. 35(3)(a)]", "        weight: 0\n        law: [GDPR Art. 35(3)(a)]",
         "PIA-G-03: .* the weight is at least 1"),
        ("residual: inherent * (1 - 0.7 * control)", "residual: inherent * 2", "leaves 0 to 100"),
        ("residual: inherent * (1 - 0.7 * control)", "residual: __import__('os')", "“__import__” is not known"),
        ("reopens_on: [purpose,", "reopens_on: [whim,", "reopens_on: whim is not known"),
        ("produces: pia\n", "produces: pia\nsigned_by: jester\n", "no duty jester"),
    ],
)  # fmt: skip
def test_a_weight_that_is_missing_and_a_formula_that_is_none_are_refused(tmp_path, old, new, named):
    with pytest.raises(BadInput, match=f"changed.yaml: .*{named}"):
        parsed("pia", changed(tmp_path, old, new))


@pytest.mark.parametrize(
    "text", ["1 +", "(inherent", "inherent.real", "inherent control", "min()", "2 ** 3", "a" * 300]
)
def test_a_formula_is_read_and_never_run(text):
    with pytest.raises(ValueError, match=r"“|characters"):
        formulas.read(text, names=frozenset({"inherent", "control"}))


@pytest.mark.parametrize(
    ("text", "value"), [("inherent * (1 - 0.7 * control)", "65/2"), ("max(inherent, 2 * 30) - 4 / 2", 58)]
)
def test_a_formula_gives_an_exact_fraction(text, value):
    read = formulas.read(text, names=frozenset({"inherent", "control"}))
    assert read(inherent=Fraction(50), control=Fraction(1, 2)) == Fraction(value)


@pytest.mark.parametrize(
    ("question", "said", "kept"),
    [("FRI-03", "2027-01-31", "2027-01-31"), ("FRI-05", ["privacy", "dignity"], "dignity, privacy"),
     ("FRI-14", "Ann@Bank.example", "ann@bank.example")],
)  # fmt: skip
def test_answers_of_other_types_are_read(question, said, kept):
    assert cleaned(template("fria"), question, said).answer == kept


@pytest.mark.parametrize(
    ("question", "said", "named"),
    [("FRI-03", "31.1.2027", "no day"), ("FRI-05", "dignity, wealth", "“wealth” is no answer"), ("FRI-14", "Ann", "no e-mail")],
)  # fmt: skip
def test_answers_of_other_types_that_are_none_are_refused(question, said, named):
    with pytest.raises(BadInput, match=named):
        cleaned(template("fria"), question, said)


def test_one_of_several_answers_puts_a_question():
    """S-098: the laws that apply decide which questions are asked."""
    form = template("risk_tiering")
    ids = {question.id for question in asked(form, {"TIER-L-01": Reply("gdpr, coppa")})}
    assert {"TIER-L-04", "TIER-L-06"} <= ids and ids.isdisjoint({"TIER-L-02", "TIER-L-03", "TIER-L-05", "TIER-L-07"})
    assert "TIER-L-05" in {question.id for question in asked(form, {"TIER-L-01": Reply("pdpa")})}
