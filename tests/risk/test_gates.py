"""What risk asks of a release, and which of its changes void sign-offs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry import gates, material
from registry.actions import inventory, releases
from registry.models import Review, SignOff
from registry.release_gates import preview
from risk import actions, living
from risk.gates import no_worse
from risk.questionnaires import Reply
from tests.factories import make_model, make_submittable, make_system, make_version
from tests.risk.replies import LONG
from tests.risk.steps import OPINION, REASON, answered, approved, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(cast):
    return make_version(cast, make_model(cast, make_system(cast)))


def answer(slug, version):
    return gates.answer(slug, preview(version))


def test_personal_data_without_an_assessment_closes_the_gate(cast, version):
    found = answer("pia-approved", version)
    assert found.result == "failed" and found.place == f"/systems/{version.home_system.pk}/assess/"


def test_without_personal_data_no_assessment_is_needed(cast):
    version = make_version(cast, make_model(cast, make_system(cast, processes_personal_data=False)))
    assert answer("pia-approved", version).result == "passed"


def test_an_assessment_that_waits_says_so_and_leads_there(cast, version):
    assessment = answered(cast, version.home_system)
    assert answer("pia-approved", version).reason == "It is begun and not submitted."
    actions.submit_assessment(assessment, actor=cast.owner)
    assert answer("pia-approved", version).reason == "It waits for the privacy officer."
    actions.reject_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer)
    found = answer("pia-approved", version)
    assert found.reason == "The privacy officer sent it back." and found.place == assessment.get_absolute_url()


def test_an_approved_assessment_opens_the_gate(cast, version):
    approved(cast, version.home_system)
    found = answer("pia-approved", version)
    assert found.result == "passed" and "Priya Privacy" in found.reason


def test_an_overdue_assessment_closes_the_gate_again(cast, version, monkeypatch):
    approved(cast, version.home_system)
    later = timezone.localdate() + timedelta(days=365)
    monkeypatch.setattr(timezone, "localdate", lambda *_args: later)
    assert "review was due" in answer("pia-approved", version).reason


def test_another_purpose_outgrows_the_assessment(cast, version):
    system = version.home_system
    approved(cast, system)
    inventory.edit_system(system, purpose="Decides who gets a loan.", actor=cast.owner)
    version.refresh_from_db()
    assert "purpose of the system has changed" in answer("pia-approved", version).reason


def test_an_assessment_of_another_version_opens_nothing(cast, version):
    other = make_version(cast, version.model)
    assessment = actions.start_assessment(version.home_system, version=other, actor=cast.owner)
    from tests.risk.replies import benign

    actions.save_answers(assessment, answers=benign(), actor=cast.owner)
    actions.submit_assessment(assessment, actor=cast.owner)
    actions.approve_assessment(assessment, opinion=OPINION, actor=cast.privacy_officer)
    assert answer("pia-approved", other).result == "passed"
    assert answer("pia-approved", version).result == "failed"


def test_an_assessment_of_another_system_opens_nothing(cast, version):
    approved(cast, make_system(cast))
    assert answer("pia-approved", version).result == "failed"


def test_an_open_critical_risk_closes_the_gate_until_it_is_answered_for(cast, version):
    risk = registered(cast, version.home_system, likelihood=5, impact=5)
    found = answer("no-open-critical-risk", version)
    assert found.result == "failed" and found.place == risk.get_absolute_url()
    actions.accept_risk(risk, reason=REASON, actor=cast.approver)
    assert answer("no-open-critical-risk", version).result == "failed"
    actions.accept_risk(risk, reason=REASON, actor=cast.second_approver)
    assert answer("no-open-critical-risk", version).result == "passed"


def test_a_critical_risk_that_was_lessened_opens_the_gate(cast, version):
    risk = registered(cast, version.home_system, likelihood=5, impact=5)
    actions.rate_risk(risk, likelihood=5, impact=5, residual_likelihood=3, residual_impact=4, actor=cast.risk_officer)
    assert answer("no-open-critical-risk", version).result == "passed"


def test_the_risks_of_another_system_do_not_count(cast, version):
    registered(cast, make_system(cast), likelihood=5, impact=5)
    assert answer("no-open-critical-risk", version).result == "passed"
    assert answer("risks-assessed", version).result == "failed"


def test_from_the_limited_tier_on_somebody_has_looked_for_risks(cast, version):
    assert answer("risks-assessed", version).result == "failed"
    registered(cast, version.home_system)
    assert answer("risks-assessed", version).result == "passed"


def test_the_minimal_tier_needs_no_register(cast):
    version = make_version(cast, make_model(cast, make_system(cast, risk_tier="minimal")))
    assert answer("risks-assessed", version).result == "passed"


def test_gate_reasons_are_asked_of_the_reader_not_of_storage(cast, version):
    assert {"pia-approved", "no-open-critical-risk", "risks-assessed"} <= set(gates.GATES)
    assert {"assessments", "open_risks"} <= set(material.MATERIAL)


# ---- what voids sign-offs


@pytest.fixture
def review(cast) -> Review:
    """A review under way: assessed, one medium risk, and signed by the risk officer."""
    version = make_submittable(cast)
    approved(cast, version.home_system, PIA_G_05="under_1000")
    registered(cast, version.home_system)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    SignOff.objects.get(review=review, duty="risk_officer")
    given(review, cast)
    return review


def given(review: Review, cast) -> None:
    """A sign-off by the risk officer, stored as the action stores it; other apps' gates may be closed here."""
    from django.db import transaction

    from registry.audit import log

    with transaction.atomic():
        slot = SignOff.objects.get(review=review, duty="risk_officer", voided_at__isnull=True)
        slot.person, slot.decision, slot.reason = cast.risk_officer, "approve", "Read and found in order."
        slot.subject_digest, slot.decided_at = review.subject_digest, timezone.now()
        slot.save()
        log.record(cast.risk_officer, "sign_off.given", slot)


def voided(review: Review) -> list[str]:
    """What voided sign-offs of the review."""
    rows = SignOff.objects.filter(review=review, voided_at__isnull=False).exclude(decision="")
    return list(rows.values_list("void_reason", flat=True))


def its_risk(review: Review):
    return review.release.system.risks.get()


def test_a_changed_answer_of_an_approved_assessment_voids_sign_offs(cast, review):
    """Promise of the binding: what was decided on is named when it changes."""
    assessment = review.release.system.assessments.get()
    actions.save_answers(assessment, answers={"PIA-G-05": Reply("more", LONG)}, actor=cast.owner)
    (reason,) = voided(review)
    assert "assessments changed" in reason and "PIA-G-05" in reason and "Olga Owner" in reason


def test_a_rating_upward_voids_sign_offs(cast, review):
    actions.rate_risk(its_risk(review), likelihood=4, impact=2, actor=cast.risk_officer)
    (reason,) = voided(review)
    assert "open_risks changed" in reason and "rated anew" in reason


def test_a_rating_downward_voids_nothing(cast, review):
    actions.rate_risk(its_risk(review), likelihood=1, impact=1, actor=cast.risk_officer)
    assert voided(review) == []


def test_a_new_risk_voids_sign_offs(cast, review):
    registered(cast, review.release.system, title="Addresses leak from the mailing house")
    assert "“Addresses leak from the mailing house” was registered" in voided(review)[0]


def test_accepting_treating_and_closing_void_nothing(cast, review):
    risk = actions.accept_risk(its_risk(review), reason=REASON, actor=cast.approver)
    actions.close_risk(risk, reason=REASON, actor=cast.risk_officer)
    assert voided(review) == []


def test_opening_a_risk_again_beyond_what_was_signed_voids_sign_offs(cast):
    version = make_submittable(cast)
    approved(cast, version.home_system)
    risk = actions.accept_risk(registered(cast, version.home_system), reason=REASON, actor=cast.approver)
    review = releases.submit_for_review(version, notes="First release of the model.", actor=cast.owner)
    given(review, cast)
    actions.reopen_risk(risk, reason=REASON, actor=cast.risk_officer)
    assert "opened again" in voided(review)[0]


def test_starting_the_next_assessment_voids_nothing_until_it_is_approved(cast, review):
    fresh = actions.reassess(review.release.system.assessments.get(), actor=cast.owner)
    actions.save_answers(fresh, answers={"PIA-G-05": Reply("more", LONG)}, actor=cast.owner)
    actions.submit_assessment(fresh, actor=cast.owner)
    assert voided(review) == []
    actions.approve_assessment(fresh, opinion=OPINION, actor=cast.privacy_officer)
    assert "was approved" in voided(review)[0]


def test_other_systems_releases_stay_signed(cast, review):
    registered(cast, make_system(cast))
    assert voided(review) == []


@pytest.mark.parametrize(
    ("change", "harmless"),
    [
        ({}, True),
        ({"likelihood": 2}, True),
        ({"likelihood": 4}, False),
        ({"residual_impact": 3}, False),
        ({"residual_level": "low"}, True),
        ({"inherent_level": "high"}, False),
        ({"status": "treated"}, True),
        ({"status": "accepted"}, True),
        ({"id": "another"}, False),
    ],
)
def test_only_what_went_up_is_harmful(change, harmless):
    before = {
        "id": "one", "status": "open", "likelihood": 3, "impact": 2, "inherent_level": "medium",
        "residual_likelihood": 3, "residual_impact": 2, "residual_level": "medium",
    }  # fmt: skip
    assert no_worse([before], [{**before, **change}]) is harmless
    assert no_worse([before], [])


def test_a_risk_back_from_accepted_to_open_is_harmful():
    row = {
        "id": "one", "likelihood": 3, "impact": 2, "inherent_level": "medium", "residual_likelihood": 3,
        "residual_impact": 2, "residual_level": "medium",
    }  # fmt: skip
    assert not no_worse([{**row, "status": "accepted"}], [{**row, "status": "open"}])
    assert no_worse([{**row, "status": "treated"}], [{**row, "status": "accepted"}])


def test_the_decision_page_asks_the_privacy_gate_once(cast, review, client, monkeypatch):
    """The panel beside the decision takes the answer that stands among the gates."""
    asked, why_needed = [], living.why_needed
    monkeypatch.setattr(living, "why_needed", lambda *about: asked.append(about) or why_needed(*about))
    client.force_login(cast.approver)
    page = client.get(review.get_absolute_url()).content.decode()
    assert page.count("Signed by") == 2 and len(asked) == 1
