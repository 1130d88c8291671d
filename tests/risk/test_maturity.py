"""The maturity of a unit: rated by perspective, confirmed by another, compared over time, and held against its stage."""

import pytest
from django.urls import reverse

from registry.errors import NotAllowed
from registry.policies.conditions import Case, answer
from risk import maturity
from risk.actions.maturity import answer_maturity, confirm_maturity, start_maturity
from risk.models import MaturityAssessment
from tests.factories import make_system
from tests.risk.maturing import FORM, assessed, said
from tests.risk.steps import REASON

pytestmark = pytest.mark.django_db


def test_a_level_is_the_mean_of_its_questions():
    replies = said("begun", CAP_O_01="improving")
    found = maturity.levels(FORM, replies)
    assert found["operations"] == 3.0 and found["security"] == 1.0
    assert maturity.levels(FORM, {})["data"] == 0.0


def test_two_assessments_stand_beside_each_other(cast, as_person):
    """S-184: the radar and its table compare over time; a later one begins with the earlier answers."""
    assessed(cast, "begun")
    later = assessed(cast, "measured")
    radar = maturity.radar([later, *MaturityAssessment.objects.exclude(pk=later.pk)])
    assert [axis.levels for axis in radar.axes] == [(4.0, 1.0)] * 6 and len(radar.lines) == 2
    page = as_person(cast.approver).get(later.get_absolute_url()).content.decode()
    assert page.count('<polygon class="radar-line') == 2 and "4.0" in page and "1.0" in page
    assert start_maturity(cast.unit, actor=cast.privacy_officer).answers == later.answers


def test_the_first_axis_points_up_and_rings_are_even():
    assert maturity.point(5, 0, 6) == (230, 50) and maturity.point(2.5, 3, 6) == (230, 230)
    assert maturity.outline([0, 0, 0]) == "230.0,170.0 230.0,170.0 230.0,170.0"


@pytest.mark.parametrize(
    ("stage", "result"), [("exploration", "passed"), ("production", "failed"), ("reinvention", "failed")]
)
def test_the_stage_of_adoption_decides_what_is_required(cast, stage, result):
    """S-183: a policy asks for the maturity that the unit's own stage requires."""
    asked = {"maturity": {"perspective": "operations"}}
    case = Case(make_system(cast), "release")
    assert answer(case, asked).result == "insufficient"
    assessed(cast, "repeated", stage=stage)
    assert answer(case, asked).result == result


def test_nobody_confirms_what_he_filled(cast):
    row = start_maturity(cast.unit, actor=cast.risk_officer)
    row = answer_maturity(row, answers=said("defined"), actor=cast.risk_officer)
    with pytest.raises(NotAllowed):
        confirm_maturity(row, reason=REASON, actor=cast.risk_officer)


def test_open_questions_are_named_and_what_is_confirmed_stays(cast):
    row = start_maturity(cast.unit, actor=cast.privacy_officer)
    with pytest.raises(NotAllowed, match="CAP-S-01"):
        confirm_maturity(row, reason=REASON, actor=cast.risk_officer)
    answer_maturity(row, answers=said("defined"), actor=cast.privacy_officer)
    confirm_maturity(row, reason=REASON, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="It is confirmed"):
        answer_maturity(row, answers=said("begun"), actor=cast.privacy_officer)


def test_it_is_begun_filled_and_confirmed_on_pages(cast, as_person):
    client = as_person(cast.privacy_officer)
    client.post(reverse("maturity-new"), {"unit": cast.unit.pk})
    row = MaturityAssessment.objects.get()
    answers = {name: reply.answer for name, reply in said("defined").items()}
    client.post(reverse("maturity-answers", args=[row.pk]), answers)
    assert "Defined" in client.get(reverse("maturity-answers", args=[row.pk])).content.decode()
    page = as_person(cast.risk_officer).post(reverse("maturity-confirm", args=[row.pk]), {"reason": REASON})
    row.refresh_from_db()
    assert page.status_code == 302 and row.confirmed_by == cast.risk_officer
    assert row.get_absolute_url() in client.get(reverse("maturity-assessments")).content.decode()
