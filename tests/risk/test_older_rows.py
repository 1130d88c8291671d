"""Acceptances, assessments and decisions on erasure count for the row as it is now, not as somebody read it before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry.actions import inventory, registers
from registry.errors import NotAllowed
from registry.models import Duty
from registry.registers import kind_named
from registry.transactions import retried
from risk import actions as risk_actions
from risk.actions import erasures, measured
from risk.models import Acceptance, Risk
from risk.questionnaires import Reply
from tests import factories
from tests.registry import data as data_steps
from tests.registry.registers import samples
from tests.reviewing.pages import read
from tests.reviewing.world import GOOD
from tests.risk import replies, steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def high(cast) -> Risk:
    """A high risk that one of two approvers has accepted."""
    risk = steps.registered(cast, factories.make_system(cast), likelihood=4, impact=3)
    return risk_actions.accept_risk(risk, reason=GOOD, actor=cast.approver)


def test_an_acceptance_does_not_count_for_the_risk_that_was_rated_upward_since(cast, high):
    """R7: of two approvers of a critical risk, neither has accepted a lower one."""
    risk_actions.rate_risk(high, likelihood=5, impact=5, actor=cast.risk_officer)
    assert read(high).residual_level == "critical"
    assert risk_actions.accept_risk(high, reason=GOOD, actor=cast.second_approver).status == Risk.Status.OPEN
    assert risk_actions.accept_risk(high, reason=GOOD, actor=cast.approver).status == Risk.Status.ACCEPTED
    assert set(Acceptance.objects.filter(voided_at=None).values_list("level", flat=True)) == {"critical"}


def test_whoever_rates_a_risk_after_accepting_it_has_not_accepted_it(cast, high):
    """R7: in whatever order, one person does not both rate and accept."""
    factories.grant(cast, cast.approver, Duty.RISK_OFFICER)
    risk_actions.rate_risk(high, likelihood=4, impact=3, actor=cast.approver)
    assert risk_actions.accept_risk(high, reason=GOOD, actor=cast.second_approver).status == Risk.Status.OPEN


def test_whoever_rates_an_accepted_risk_anew_takes_the_own_acceptance_from_it(cast):
    """R7: an accepted risk whose acceptor rates it is open again."""
    factories.grant(cast, cast.approver, Duty.RISK_OFFICER)
    risk = steps.registered(cast, factories.make_system(cast))
    risk_actions.accept_risk(risk, reason=GOOD, actor=cast.approver)
    risk_actions.rate_risk(risk, likelihood=3, impact=2, actor=cast.approver)
    assert read(risk).status == Risk.Status.OPEN


def test_an_acceptance_whose_last_day_is_over_is_not_one_of_two(cast, high):
    """R7: the second approver does not complete what is over; the first may accept once more."""
    row = Acceptance.objects.get()
    row.expires_on = timezone.localdate() - timedelta(days=1)
    row.save()
    assert risk_actions.accept_risk(high, reason=GOOD, actor=cast.second_approver).status == Risk.Status.OPEN
    assert risk_actions.accept_risk(high, reason=GOOD, actor=cast.approver).status == Risk.Status.ACCEPTED


def test_the_software_does_not_close_a_risk_that_somebody_rated_since_it_looked(cast):
    """A run that passes says nothing against a person who has rated the risk meanwhile."""
    system = factories.make_system(cast)
    risk = steps.registered(cast, system)
    risk.opened_by_check, risk.rated_by = "group_fairness", None
    risk.save()
    page = read(risk)
    risk_actions.rate_risk(risk, likelihood=4, impact=3, actor=cast.risk_officer)
    retried(measured.close_one)(page)
    assert (read(risk).status, read(risk).residual_level) == (Risk.Status.OPEN, "high")


def test_an_approved_assessment_is_not_opened_again_beside_a_newer_one(cast):
    """P3: one edition is written at a time, and an older one never takes the place of a newer one."""
    system = factories.make_system(cast)
    older = steps.approved(cast, system)
    newer = risk_actions.reassess(older, actor=cast.owner)
    more = {"PIA-G-01": Reply("", f"{replies.LONG} And more.")}
    with pytest.raises(NotAllowed, match="go on with that one"):
        risk_actions.save_answers(older, answers=more, actor=cast.owner)
    risk_actions.submit_assessment(newer, actor=cast.owner)
    risk_actions.approve_assessment(newer, opinion=steps.OPINION, actor=cast.privacy_officer)
    with pytest.raises(NotAllowed, match="taken the place"):
        risk_actions.save_answers(older, answers=more, actor=cast.owner)
    assert (read(older).status, read(newer).status) == ("superseded", "approved")


def test_who_dealt_with_a_request_for_erasure_does_not_verify_it_on_a_page_of_before(cast):
    """S-092, P5: four eyes are asked of the step as it is, and refused with a sentence."""
    data = data_steps.version_of(data_steps.described(cast))
    version = factories.make_version(cast)
    inventory.add_link(version, relation="trained_on", target=data, purpose="To learn from", actor=cast.owner)
    said = {"title": "Case 17", "components": ["input"], "datasets": [str(data.dataset_id)]}
    request = samples.written(
        kind_named("erasure_request"),
        cast,
        data.dataset,
        actor=cast.risk_officer,
        **said,
        owner=str(cast.risk_officer.pk),
    )
    registers.move_entry(request, move="begin", reason="The identity is proven.", actor=cast.risk_officer)
    page = request.erasure_steps.get()
    row = erasures.decide_step(read(page), disposition="retrain", reason=GOOD, actor=cast.risk_officer)
    erasures.finish_step(row, outcome_note="Trained again on the new rows.", actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="somebody else must verify"):
        erasures.verify_step(page, finding="I searched the rows; it is not there.", actor=cast.risk_officer)
