"""Assessments of vendors: what is asked, how it is scored, who decides, and what the vendor's entry then shows."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from registry.actions import vendors
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Vendor
from risk import actions
from risk.models import VendorAssessment
from tests import factories
from tests.registry.supply import NEXT_YEAR, REASON, proposed_vendor
from tests.risk.vendor_steps import TEXT, answers, filled, form

pytestmark = pytest.mark.django_db


def submitted(cast, **changes):
    """An assessment that waits for a risk officer."""
    row = actions.start_vendor_assessment(proposed_vendor(cast), use="Drafting of letters by staff.", actor=cast.owner)
    return filled(cast, row, **changes)


def decided(cast, row, **changes):
    """The decision of the risk officer."""
    fields = {"result": "accepted", "reason": REASON, "valid_until": NEXT_YEAR}
    actions.decide_vendor_assessment(row, actor=cast.risk_officer, **{**fields, **changes})
    return VendorAssessment.objects.get(pk=row.pk)


def test_data_terms_weaknesses_and_practice_are_asked_about(cast):
    """S-159: the questionnaire covers data sources, terms for use and tuning, weaknesses and practice."""
    sections = {section.id for section in form().sections}
    assert {"data", "terms", "weaknesses", "practice"} <= sections
    fields = {question.field for question in form().questions}
    assert {"training_data_disclosed", "ip_rights", "security", "rai_approach", "incident_history"} <= fields


def test_leaks_to_the_platform_are_asked_about_with_the_measure_taken(cast):
    """S-161: without an answer on leaks and a measure in words, nothing is submitted."""
    row = actions.start_vendor_assessment(proposed_vendor(cast), use="Drafting of letters by staff.", actor=cast.owner)
    given = answers() | {"VEN-L-01": {"answer": "yes", "text": TEXT}, "VEN-L-02": {"answer": "", "text": ""}}
    row = actions.answer_vendor_assessment(row, answers=given, actor=cast.owner)
    with pytest.raises(NotAllowed, match="VEN-L-02"):
        actions.submit_vendor_assessment(row, actor=cast.owner)


def test_a_leak_that_is_possible_raises_the_score(cast):
    """S-161"""
    safe = submitted(cast)
    open_ = submitted(cast, **{"VEN-L-01": {"answer": "yes", "text": TEXT}})
    assert safe.score == 0 < open_.score


def test_the_score_is_the_share_of_risk_that_controls_leave(cast):
    """Worst answers everywhere leave all of it; best controls take seven tenths."""
    row = actions.start_vendor_assessment(proposed_vendor(cast), use="Drafting of letters by staff.", actor=cast.owner)
    assert (row.score, row.level) == (100, "very_high")
    worst_risk_best_control = {
        question.id: {"answer": max(question.points, key=question.points.get), "text": TEXT}
        for question in form().questions if question.points and question.id != "VEN-T-02"
    }  # fmt: skip
    row = actions.answer_vendor_assessment(row, answers=worst_risk_best_control, actor=cast.owner)
    assert row.score == 30 and row.level == "medium"


def test_what_the_vendor_does_for_responsible_ai_stands_on_its_entry(cast):
    """S-058, S-159: the result, the score, the practice and the day of the next review show on the vendor."""
    row = decided(cast, submitted(cast))
    vendor = Vendor.objects.get(pk=row.vendor_id)
    assert (vendor.assessment_result, vendor.assessment_score, vendor.assessment_level) == ("accepted", 0, "low")
    assert vendor.review_due == NEXT_YEAR and vendor.last_reviewed_at == date.today()
    assert vendor.rai_practice.startswith("VEN-R-01: Read in the vendor's")
    assert AuditEntry.objects.filter(action="vendor.assessed", object_id=vendor.pk).count() == 1
    vendors.approve_vendor(vendor, reason=REASON, actor=cast.risk_officer)


def test_who_filled_it_does_not_decide_on_it(cast):
    row = submitted(cast)
    factories.grant(cast, cast.owner, "risk_officer")
    with pytest.raises(NotAllowed, match="somebody else"):
        actions.decide_vendor_assessment(row, result="accepted", reason=REASON, valid_until=NEXT_YEAR, actor=cast.owner)


def test_an_answer_that_blocks_lets_it_only_be_rejected(cast):
    row = submitted(cast, **{"VEN-T-02": {"answer": "no", "text": TEXT}})
    with pytest.raises(BadInput, match="VEN-T-02"):
        decided(cast, row)
    assert decided(cast, row, result="rejected").result == "rejected"


def test_a_changed_answer_takes_a_submitted_one_back(cast):
    row = submitted(cast)
    row = actions.answer_vendor_assessment(row, answers={"VEN-E-01": {"answer": "hard", "text": ""}}, actor=cast.owner)
    assert row.status == "draft"
    with pytest.raises(NotAllowed, match="submitted"):
        decided(cast, row)


def test_a_decided_one_is_answered_no_more(cast):
    row = decided(cast, submitted(cast))
    with pytest.raises(NotAllowed, match="start a new one"):
        actions.answer_vendor_assessment(row, answers=answers(), actor=cast.owner)


def test_the_next_one_begins_with_the_answers_of_the_last(cast):
    row = decided(cast, submitted(cast))
    again = actions.start_vendor_assessment(row.vendor, use="Drafting of letters by staff.", actor=cast.owner)
    assert again.answers == row.answers and again.status == "draft"


def test_the_questionnaire_is_filled_submitted_and_decided_on_pages(client, cast):
    """S-159: one walk through the pages."""
    vendor = proposed_vendor(cast)
    client.force_login(cast.owner)
    client.post(reverse("vendor-assess", args=[vendor.pk]), {"use": "Drafting of letters by staff."})
    row = VendorAssessment.objects.get()
    sent = {}
    for question, said in answers().items():
        is_text = form().question(question).type == "text"
        sent |= {question: said["text"]} if is_text else {question: said["answer"], f"{question}-text": said["text"]}
    answer = client.post(reverse("vendor-assessment-answers", args=[row.pk]), sent)
    assert answer.status_code == 302, answer.context["form"].errors
    assert client.post(reverse("vendor-assessment-submit", args=[row.pk])).status_code == 302
    client.force_login(cast.risk_officer)
    address = reverse("vendor-assessment-decide", args=[row.pk])
    day = date.today() + timedelta(days=200)
    assert client.post(address, {"result": "accepted", "reason": "", "valid_until": day}).status_code == 422
    assert client.post(address, {"result": "accepted", "reason": REASON, "valid_until": day}).status_code == 302
    page = client.get(vendor.get_absolute_url()).content.decode()
    assert "Accepted" in page and "VEN-R-01: Read in" in page
    assert client.get(reverse("vendor-assessments", args=[vendor.pk])).status_code == 200


def test_people_without_the_duty_read_no_assessment(client, cast):
    row = submitted(cast)
    for person in (cast.publisher, cast.outsider):
        client.force_login(person)
        assert client.get(row.get_absolute_url()).status_code == 404
