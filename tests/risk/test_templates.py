"""Every questionnaire about systems: answered, decided on, and what it leaves elsewhere."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from registry.actions import inventory, portfolio
from registry.errors import BadInput, NotAllowed
from registry.models import RegisterEntry
from registry.policies.conditions import Case, answer
from risk import actions
from risk.questionnaires import OF_SYSTEMS, Reply
from risk.reading import reading
from tests.factories import make_evidence, make_model, make_system, make_version
from tests.registry import data
from tests.risk.fillings import decided, filled
from tests.risk.replies import LONG

pytestmark = pytest.mark.django_db
OTHERS = [slug for slug in OF_SYSTEMS if slug != "pia"]


@pytest.fixture
def system(cast):
    return make_system(cast)


@pytest.mark.parametrize("slug", OTHERS)
def test_its_result_stands_in_the_register_of_its_kind(cast, system, slug):
    """Reports read the result there; whoever filled it is the author, whoever decided approved it."""
    row = decided(cast, system, slug)
    entry = RegisterEntry.objects.get(kind=row.form.produces, system=system)
    assert entry.status == "approved" and entry.author == cast.owner and entry.approved_by == cast.risk_officer
    required = {name for name, field in entry.of.fields.items() if field.required}
    assert required <= set(entry.fields), required - set(entry.fields)


@pytest.mark.parametrize("slug", OTHERS)
def test_nobody_decides_on_what_he_wrote(cast, system, slug):
    row = filled(cast, system, slug)
    for person in (cast.owner, cast.privacy_officer, cast.auditor):
        with pytest.raises(NotAllowed):
            actions.approve_assessment(row, opinion="It holds, I should say so.", actor=person)


@pytest.mark.parametrize(
    ("answers", "tier"),
    [
        ({}, "minimal"),
        ({"TIER_R_01": "money_or_work", "TIER_R_02": "serious"}, "limited"),
        ({"TIER_R_01": "health_or_rights", "TIER_R_02": "grave", "TIER_R_04": "no"}, "high"),
        ({"TIER_L_01": "eu_ai_act", "TIER_L_02": "employment"}, "high"),
        ({"TIER_L_01": "coppa", "TIER_L_04": "yes"}, "high"),
        ({"TIER_L_01": "gdpr, eu_ai_act", "TIER_L_03": "yes"}, "critical"),
    ],
)
def test_score_and_local_law_give_the_tier_of_the_system(cast, system, answers, tier):
    """S-100: law lifts the tier above the score; the decision of the risk officer puts it on the system, in the log."""
    row = decided(cast, system, "risk_tiering", **answers)
    system.refresh_from_db()
    assert row.overall_level == system.risk_tier == tier
    if "TIER_L_02" in answers:
        (found,) = (one for one in reading(row).outcomes if one[0] == "raised")
        assert "The AI Act lists the area as one of high risk." in found[2]


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ({"EUC_01": "no"}, "out_of_scope"),
        ({}, "minimal"),
        ({"EUC_09": "talks_with_people"}, "transparency"),
        ({"EUC_06": "employment", "EUC_08": "none"}, "high"),
        ({"EUC_06": "employment", "EUC_08": "narrow_task"}, "minimal"),
        ({"EUC_06": "employment", "EUC_08": "narrow_task", "EUC_07": "yes"}, "high"),
        ({"EUC_05": "yes"}, "high"),
        ({"EUC_03": "social_scoring"}, "prohibited"),
    ],
)
def test_answers_lead_to_the_class_under_the_act(cast, system, answers, level):
    """An exemption takes an area of Annex III out, unless people are profiled."""
    row = decided(cast, system, "eu_classification", **{"EUC_01": "yes", **answers})
    assert row.overall_level == level


def test_a_policy_bears_no_prohibited_practice(cast, system):
    asked = {"assessment": "eu_classification", "not_above": "high"}
    case = Case(system, "release")
    assert answer(case, asked).result == "insufficient"
    decided(cast, system, "eu_classification", EUC_01="yes", EUC_03="social_scoring")
    assert answer(case, asked).result == "failed"


def lacking(row) -> set[str]:
    """The questions of which something is missing."""
    return {gap.question.id for gap in reading(row).gaps}


def test_effects_on_people_groups_and_society_must_be_told(cast, system):
    """S-101: individuals, groups, cultures, users and customers, and society, each a question of its own."""
    row = filled(cast, system, "impact_assessment", submit=False, **{
        name: Reply("", "") for name in ("IMP_P_02", "IMP_P_03", "IMP_S_01")
    }, IMP_P_07=Reply("fully", ""), IMP_P_08=Reply("partly", ""))  # fmt: skip
    assert lacking(row) == {"IMP-P-02", "IMP-P-03", "IMP-S-01", "IMP-P-07", "IMP-P-08"}
    with pytest.raises(BadInput, match="IMP-S-01"):
        actions.submit_assessment(row, actor=cast.owner)


def test_loops_misread_scores_and_drift_are_asked_about_each_time(cast, system):
    """S-102: each adds risk; a loop asks for its safeguard, and watching drift counts only while its check passes."""
    calm = filled(cast, system, "impact_assessment", submit=False)
    before = calm.parts.get().residual_score
    row = actions.save_answers(
        calm, answers={name: Reply("yes", LONG) for name in ("IMP-T-01", "IMP-T-03")}, actor=cast.owner
    )
    assert row.parts.get().residual_score > before and "IMP-T-02" in lacking(row)
    assert "IMP-T-06" in row.parts.get().unproven


def test_each_system_that_it_rests_on_has_its_safeguard_named(cast, system):
    """S-103: the text must speak of every one of them."""
    for name in ("Address matching", "Fraud signals"):
        portfolio.rest_on(system, rests_on=make_system(cast, name=name), actor=cast.owner)
    row = filled(cast, system, "impact_assessment", submit=False, IMP_D_01="yes", IMP_D_03="fully",
                 IMP_D_02=Reply("", "Address matching: a wrong match is caught by the printer."))  # fmt: skip
    (gap,) = (gap for gap in reading(row).gaps if gap.question.id == "IMP-D-02")
    assert gap.wanted == "Say something of each: Fraud signals."
    said = Reply("", "Address matching: caught by the printer. Fraud signals: a clerk looks.")
    row = actions.save_answers(row, answers={"IMP-D-02": said}, actor=cast.owner)
    assert lacking(row) == set()


def test_concerns_of_foundation_models_are_questions_of_their_own(cast, system):
    """S-117: made-up facts, works of others, leaks and ways round safeguards, each with the check that proves it."""
    row = filled(cast, system, "impact_assessment", submit=False, IMP_F_01="yes")
    found = {name: row.form.by_id[name].check for name in ("IMP-F-02", "IMP-F-03", "IMP-F-04", "IMP-F-05")}
    assert found == {
        "IMP-F-02": "genai.groundedness", "IMP-F-03": "genai.copyright_overlap", "IMP-F-04": "privacy.memorisation",
        "IMP-F-05": "security.jailbreak",
    }  # fmt: skip
    assert set(found) <= set(row.parts.get().unproven) and not lacking(row)
    row = actions.save_answers(row, answers={"IMP-F-04": Reply()}, actor=cast.owner)
    assert lacking(row) == {"IMP-F-04"}


def test_a_claim_to_equal_people_needs_the_record_of_a_comparison(cast, system):
    """S-118: without a comparison it is blocked, without its record it cannot be submitted."""
    row = filled(cast, system, "impact_assessment", submit=False, IMP_C_01="yes", IMP_C_02="not_compared")
    assert "IMP-C-03" in lacking(row) and "blocked" in row.outcomes
    row = actions.save_answers(row, answers={"IMP-C-02": Reply("better_or_equal", LONG)}, actor=cast.owner)
    with pytest.raises(BadInput, match="IMP-C-03"):
        actions.submit_assessment(row, actor=cast.owner)
    actions.attach_evidence(row, question="IMP-C-03", file=SimpleUploadedFile("trial.pdf", b"%PDF"), actor=cast.owner)
    row.refresh_from_db()
    assert lacking(row) == set() and row.replies()["IMP-C-03"].answer == "trial.pdf"
    actions.submit_assessment(row, actor=cast.owner)


def test_a_threat_model_asks_about_each_threat_of_the_catalogue(cast, system):
    """S-105: poisoning, odd input, leaks and tampering; what stands against a threat counts while its check passes."""
    row = filled(cast, system, "threat_model", submit=False, THR_004="easy", THR_023="possible")
    titles = {question.text for question in row.form.questions if question.kind == "risk"}
    assert titles >= {
        "Poisoned training data", "Evasion by crafted input", "Membership inference", "Memorised training data",
        "Tampered or backdoored model",
    }  # fmt: skip
    assert "THR-004-C" in row.parts.get().unproven
    make_evidence(
        cast, make_version(cast, make_model(cast, system)), outcome={}, shows=["security.poisoning_indicators"]
    )
    row = actions.save_answers(row, answers={"THR-023": Reply("easy", LONG)}, actor=cast.owner)
    assert "THR-004-C" not in row.parts.get().unproven


def test_a_threat_model_opens_again_with_other_data(cast, system):
    """S-105: it is kept up to date."""
    version = make_version(cast, make_model(cast, system))
    row = decided(cast, system, "threat_model")
    inventory.add_link(
        version, relation="trained_on", purpose="To learn from", target=data.version_of(data.described(cast)),
        actor=cast.owner,
    )  # fmt: skip
    assert row.reopened_by.get().causes[0]["kind"] == "data"
