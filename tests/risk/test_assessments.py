"""Assessments from start to signature, by the people who may and by those who may not."""

import pytest
from django.utils import timezone

from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Evidence, RoleAssignment, Task
from risk import actions
from risk.models import Answer, Assessment
from risk.questionnaires import Reply
from tests.factories import invite, make_evidence, make_model, make_system, make_version
from tests.risk.replies import LONG, benign
from tests.risk.steps import OPINION, answered, approved, events, submitted

pytestmark = pytest.mark.django_db
DRAFT, IN_REVIEW, APPROVED = Assessment.Status.DRAFT, Assessment.Status.IN_REVIEW, Assessment.Status.APPROVED


@pytest.fixture
def system(cast):
    return make_system(cast)


def test_an_assessment_has_three_parts_at_their_worst_before_anything_is_answered(cast, system):
    """S-084, S-085, S-086."""
    assessment = actions.start_assessment(system, actor=cast.owner)
    parts = {part.component: part.residual_score for part in assessment.parts.all()}
    assert parts == {"input": 100.0, "model": 100.0, "output": 100.0}
    assert events(assessment) == ["assessment.started", "assessment.scored"]
    assert [events(part) for part in assessment.parts.all()] == [["assessment_part.scored"]] * 3


def test_saved_answers_are_scored_and_logged_one_by_one(cast, system):
    assessment = actions.start_assessment(system, actor=cast.owner)
    answers = {"PIA-G-03": Reply("yes"), "PIA-G-01": Reply("", "短い説明 – kurz")}
    actions.save_answers(assessment, answers=answers, actor=cast.owner)
    assert assessment.replies() == answers
    assert [events(row) for row in assessment.answers.all()] == [["answer.given"]] * 2


def test_saving_the_same_answers_again_changes_nothing(cast, system):
    assessment = answered(cast, system)
    before = AuditEntry.objects.count()
    actions.save_answers(assessment, answers=benign(), actor=cast.owner)
    assert AuditEntry.objects.count() == before


def test_an_answer_can_be_changed_and_taken_back(cast, system):
    assessment = answered(cast, system)
    actions.save_answers(assessment, answers={"PIA-G-03": Reply("yes")}, actor=cast.owner)
    actions.save_answers(assessment, answers={"PIA-G-03": Reply()}, actor=cast.owner)
    row = Answer.objects.get(assessment=assessment, question="PIA-G-03")
    assert events(row) == ["answer.given", "answer.changed", "answer.changed"]
    with pytest.raises(BadInput, match="PIA-G-03: Not answered"):
        actions.submit_assessment(assessment, actor=cast.owner)


def test_one_invalid_answer_keeps_all_others_of_the_save_out(cast, system):
    assessment = actions.start_assessment(system, actor=cast.owner)
    with pytest.raises(BadInput, match="PIA-G-05: “many” is no answer"):
        answers = {"PIA-G-03": Reply("yes"), "PIA-G-05": Reply("many")}
        actions.save_answers(assessment, answers=answers, actor=cast.owner)
    assert assessment.replies() == {}


def test_unicode_answers_come_back_as_they_were_written(cast, system):
    text = "日本語の説明: données à caractère personnel – «ответ» 🔐 and e\u0301, over twenty characters."
    assessment = answered(cast, system, PIA_G_01=Reply("", text))
    assert assessment.replies()["PIA-G-01"].text == text


def test_submitting_names_what_is_missing(cast, system):
    assessment = answered(cast, system, PIA_M_02=None, PIA_G_10=Reply("", "Because"))
    with pytest.raises(BadInput) as refusal:
        actions.submit_assessment(assessment, actor=cast.owner)
    assert "2 questions" in str(refusal.value)
    assert "PIA-G-10" in str(refusal.value) and "PIA-M-02: Not answered." in str(refusal.value)
    assessment.refresh_from_db()
    assert assessment.status == DRAFT


def test_submitting_an_empty_assessment_counts_the_rest(cast, system):
    assessment = actions.start_assessment(system, actor=cast.owner)
    with pytest.raises(BadInput, match=r"57 questions are not answered in full.* And 45 more"):
        actions.submit_assessment(assessment, actor=cast.owner)


def test_submitting_asks_the_privacy_officer(cast, system):
    assessment = submitted(cast, system)
    assert assessment.status == IN_REVIEW and events(assessment)[-1] == "assessment.submitted"
    task = Task.objects.visible_to(cast.privacy_officer).waiting().get(object_id=assessment.pk)
    assert task.kind == Task.Kind.SIGN_PIA and task.url == assessment.get_absolute_url()


def test_a_second_submission_is_refused(cast, system):
    assessment = submitted(cast, system)
    with pytest.raises(NotAllowed, match="this one is in review"):
        actions.submit_assessment(assessment, actor=cast.owner)
    assert events(assessment).count("assessment.submitted") == 1


def test_a_second_start_points_to_the_first(cast, system):
    actions.start_assessment(system, actor=cast.owner)
    with pytest.raises(NotAllowed, match="already draft; go on with that one"):
        actions.start_assessment(system, actor=cast.owner)
    assert Assessment.objects.count() == 1


def test_the_privacy_officer_approves_with_an_opinion_and_a_review_date(cast, system):
    assessment = approved(cast, system, PIA_G_03="yes")
    assert assessment.status == APPROVED and assessment.opinion == OPINION
    assert assessment.opinion_by == cast.privacy_officer
    assert (assessment.review_due - timezone.localdate()).days == 365
    assert events(assessment)[-1] == "assessment.approved"
    assert not Task.objects.waiting().filter(object_id=assessment.pk).exists()


def test_a_second_approval_is_refused(cast, system):
    assessment = approved(cast, system)
    with pytest.raises(NotAllowed, match="this one is approved"):
        actions.approve_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer)
    assert events(assessment).count("assessment.approved") == 1


@pytest.mark.parametrize(
    "who", ["owner", "risk_officer", "approver", "publisher", "auditor", "administrator", "outsider"]
)
def test_only_a_privacy_officer_signs(cast, system, who):
    """Row 23 of the access matrix."""
    assessment = submitted(cast, system)
    for decide in (actions.approve_assessment, actions.reject_assessment):
        with pytest.raises(NotAllowed):
            decide(assessment, opinion=OPINION, actor=getattr(cast, who))
    assessment.refresh_from_db()
    assert assessment.status == IN_REVIEW


@pytest.mark.parametrize("who", ["risk_officer", "approver", "publisher", "auditor", "administrator", "outsider"])
def test_only_owners_and_privacy_officers_write(cast, system, who):
    """Row 22 of the access matrix."""
    assessment = answered(cast, system)
    person = getattr(cast, who)
    with pytest.raises(NotAllowed):
        actions.start_assessment(system, actor=person)
    with pytest.raises(NotAllowed):
        actions.save_answers(assessment, answers={"PIA-G-03": Reply("yes")}, actor=person)
    with pytest.raises(NotAllowed):
        actions.submit_assessment(assessment, actor=person)


@pytest.mark.parametrize(
    ("who", "sees"),
    [("owner", 1), ("risk_officer", 1), ("privacy_officer", 1), ("approver", 1), ("auditor", 1), ("publisher", 0),
     ("administrator", 0), ("outsider", 0)],
)  # fmt: skip
def test_who_may_read_assessments(cast, system, who, sees):
    """Row 24 of the access matrix."""
    answered(cast, system)
    person = getattr(cast, who)
    assert Assessment.objects.visible_to(person).count() == sees
    assert Answer.objects.visible_to(person).exists() == bool(sees)


def test_a_developer_reads_only_the_assessments_of_own_systems(cast, system):
    other = invite("other", "Odd Other", "author", cast.unit, cast.administrator)
    answered(cast, system)
    assert not Assessment.objects.visible_to(other).exists()


def test_who_answered_a_question_cannot_sign(cast, system):
    """R1: the privacy officer may write, and then somebody else signs."""
    assessment = answered(cast, system, PIA_G_03=None)
    actions.save_answers(assessment, answers={"PIA-G-03": Reply("no")}, actor=cast.privacy_officer)
    actions.submit_assessment(assessment, actor=cast.owner)
    with pytest.raises(NotAllowed, match="somebody else must sign"):
        actions.approve_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer)
    second = invite("privacy2", "Paul Privacy", "privacy_officer", cast.unit, cast.administrator)
    actions.approve_assessment(assessment, opinion=OPINION, actor=second)


def test_who_owns_the_system_cannot_sign_even_as_privacy_officer(cast):
    """R1: two duties in one person do not make two persons."""
    system = make_system(cast, business_owner=cast.privacy_officer)
    assessment = submitted(cast, system)
    with pytest.raises(NotAllowed, match="own the system"):
        actions.approve_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer)


def test_a_revoked_duty_ends_the_right_to_sign_at_once(cast, system):
    from registry.actions import people

    assessment = submitted(cast, system)
    grant = RoleAssignment.objects.get(person=cast.privacy_officer)
    people.end_duty(grant, actor=cast.administrator)
    with pytest.raises(NotAllowed):
        actions.approve_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer)


@pytest.mark.parametrize("opinion", ["", "   ", "Fine by me.", "x" * 19])
def test_an_opinion_that_is_called_for_must_be_written(cast, system, opinion):
    assessment = submitted(cast, system, PIA_I_10="scraped")
    with pytest.raises(BadInput, match="at least 20 characters") as refusal:
        actions.approve_assessment(assessment, opinion=opinion, actor=cast.privacy_officer)
    assert refusal.value.field == "opinion"


def test_without_a_reason_for_it_no_opinion_is_needed(cast, system):
    for name in ("privacy.pii_input", "data.quality", "fairness.group_metrics", "explain.local_attribution",
                 "privacy.pii_output", "data.classification_match"):  # fmt: skip
        make_evidence(cast, make_version(cast, make_model(cast, system)), shows=[name])
    assessment = submitted(cast, system)
    actions.approve_assessment(assessment, opinion="", actor=cast.privacy_officer)
    assessment.refresh_from_db()
    assert assessment.status == APPROVED and assessment.opinion == ""


def test_a_blocking_answer_cannot_be_approved(cast, system):
    """S-087: no legal basis, no approval, whatever the opinion."""
    assessment = submitted(cast, system, PIA_I_03="none")
    assert "blocked" in assessment.outcomes
    with pytest.raises(NotAllowed, match="PIA-I-03 was answered “None”"):
        actions.approve_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer)


def worst() -> dict[str, str]:
    """Answers that leave a high risk, none of which blocks."""
    general = {"PIA_G_03": "yes", "PIA_G_04": "yes", "PIA_G_05": "unknown", "PIA_G_06": "yes", "PIA_G_07": "yes",
               "PIA_G_08": "yes", "PIA_G_11": "yes"}  # fmt: skip
    model = {"PIA_M_02": "partly", "PIA_M_04": "not_tested", "PIA_M_05": "failed", "PIA_M_06": "failed",
             "PIA_M_08": "yes", "PIA_M_10": "public", "PIA_M_11": "yes", "PIA_M_12": "yes"}  # fmt: skip
    weak = {f"PIA_M_{number:02}": "none" for number in (3, 7, 9, 13, 14)}
    return {**general, **model, **weak, "PIA_G_09": "none"}


def test_high_residual_risk_wants_the_authority_consulted(cast, system):
    assessment = submitted(cast, system, **worst())
    assert assessment.overall_level == "very_high" and "prior_consultation" in assessment.outcomes
    with pytest.raises(BadInput, match="supervisory authority") as refusal:
        actions.approve_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer)
    assert refusal.value.field == "authority_consultation"
    actions.approve_assessment(
        assessment,
        opinion=OPINION,
        authority_consultation="Consulted on 3 May; no objection.",
        actor=cast.privacy_officer,
    )
    assessment.refresh_from_db()
    assert assessment.status == APPROVED


def test_rejecting_sends_it_back_with_the_opinion(cast, system):
    assessment = submitted(cast, system)
    actions.reject_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer)
    assessment.refresh_from_db()
    assert assessment.status == Assessment.Status.REJECTED and events(assessment)[-1] == "assessment.rejected"
    assert Task.objects.visible_to(cast.owner).waiting().get(object_id=assessment.pk).kind == Task.Kind.MEND


def test_rejecting_needs_an_opinion(cast, system):
    assessment = submitted(cast, system)
    with pytest.raises(BadInput, match="at least 20 characters"):
        actions.reject_assessment(assessment, opinion="No.", actor=cast.privacy_officer)


def test_a_rejected_assessment_is_mended_and_submitted_again(cast, system):
    assessment = submitted(cast, system)
    actions.reject_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer)
    changed = actions.save_answers(assessment, answers={"PIA-G-05": Reply("more")}, actor=cast.owner)
    assert changed.status == DRAFT and not Task.objects.waiting().filter(object_id=assessment.pk, kind="mend").exists()
    actions.submit_assessment(changed, actor=cast.owner)


def test_answers_changed_in_review_take_the_assessment_back(cast, system):
    assessment = submitted(cast, system)
    actions.save_answers(assessment, answers={"PIA-G-05": Reply("more")}, actor=cast.owner)
    with pytest.raises(NotAllowed, match="this one is draft"):
        actions.approve_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer)
    assert not Task.objects.waiting().filter(object_id=assessment.pk).exists()


def test_a_signature_is_bound_to_the_answers_that_were_shown(cast, system):
    assessment = submitted(cast, system)
    with pytest.raises(NotAllowed, match="changed since you were shown"):
        actions.approve_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer, seen_digest="sha256:0")
    actions.approve_assessment(
        assessment, opinion=OPINION, actor=cast.privacy_officer, seen_digest=assessment.answers_digest
    )


def test_changing_an_approved_answer_takes_the_signature_away(cast, system):
    assessment = approved(cast, system)
    changed = actions.save_answers(assessment, answers={"PIA-G-05": Reply("more", LONG)}, actor=cast.owner)
    assert changed.status == DRAFT and changed.opinion_by is None and changed.review_due is None
    assert "assessment.reopened" in events(changed)


def test_assessing_again_begins_with_the_old_answers(cast, system):
    old = approved(cast, system, PIA_G_05="more")
    fresh = actions.reassess(old, actor=cast.owner)
    assert fresh.status == DRAFT and fresh.replies() == old.replies()
    actions.submit_assessment(fresh, actor=cast.owner)
    actions.approve_assessment(fresh, opinion=OPINION, actor=cast.privacy_officer)
    old.refresh_from_db()
    assert old.status == Assessment.Status.SUPERSEDED and events(old)[-1] == "assessment.superseded"
    with pytest.raises(NotAllowed, match="newer assessment"):
        actions.save_answers(old, answers={"PIA-G-05": Reply("unknown")}, actor=cast.owner)


def test_a_version_of_another_system_is_refused(cast, system):
    with pytest.raises(BadInput, match="another system"):
        actions.start_assessment(system, version=make_version(cast), actor=cast.owner)


def test_a_closed_component_has_no_score(cast, system):
    assessment = answered(cast, system, PIA_M_01="no")
    part = assessment.parts.get(component="model")
    assert part.is_closed and part.residual_score is None and part.residual_level == ""


@pytest.mark.parametrize(
    ("evidence", "proven"),
    [
        ({}, True),
        ({"verdict": "fail"}, False),
        ({"effective_at": timezone.now() - timezone.timedelta(days=181)}, False),
        ({"valid_until": timezone.now() - timezone.timedelta(days=1)}, False),
        ({"withdrawn_at": timezone.now()}, False),
        ({"shows": ["privacy.pii_output"]}, False),
        ({"kind": Evidence.Kind.REPORTED}, True),
    ],
)
def test_a_control_counts_in_full_only_with_a_passing_run_in_its_cadence(cast, system, evidence, proven):
    version = make_version(cast, make_model(cast, system))
    make_evidence(cast, version, **{"shows": ["data.quality"], **evidence})
    unproven = answered(cast, system).parts.get(component="input").unproven
    assert ("PIA-I-20" not in unproven) == proven


def test_the_newest_run_decides_whether_a_control_is_proven(cast, system):
    version = make_version(cast, make_model(cast, system))
    earlier = timezone.now() - timezone.timedelta(days=2)
    make_evidence(cast, version, shows=["data.quality"], effective_at=earlier)
    make_evidence(cast, version, shows=["data.quality"], verdict="fail")
    assert "PIA-I-20" in answered(cast, system).parts.get(component="input").unproven


def test_proof_of_another_system_proves_nothing(cast, system):
    make_evidence(cast, make_version(cast), shows=["data.quality"])
    assert "PIA-I-20" in answered(cast, system).parts.get(component="input").unproven
