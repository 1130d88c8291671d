"""The risk register: rating, treating, accepting and closing, and who may (S-099, S-110)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry
from risk import actions
from risk.models import Acceptance, Risk, Treatment
from tests.factories import make_system
from tests.risk.steps import REASON, events, planned, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def system(cast):
    return make_system(cast)


def test_a_registered_risk_is_rated_owned_and_logged(cast, system):
    risk = registered(cast, system, likelihood=4, impact=3)
    assert (risk.status, risk.inherent_level, risk.residual_level) == ("open", "high", "high")
    assert risk.owner == cast.owner and risk.rated_by == cast.owner and risk.reviewed_at
    assert events(risk) == ["risk.registered"]


def test_the_business_owner_answers_for_a_risk_unless_somebody_is_named(cast, system):
    assert registered(cast, system, owner=None).owner == system.business_owner


def test_a_safety_risk_of_gravest_impact_is_at_least_high(cast, system):
    assert registered(cast, system, category="safety", likelihood=1, impact=5).inherent_level == "high"


def test_the_catalogue_brings_its_harms_to_the_rating(cast, system):
    """RSK-003 harms safety, whatever category the register files it under."""
    risk = registered(cast, system, category="reputation", catalogue_ref="RSK-003", likelihood=1, impact=5)
    assert risk.inherent_level == "high" and registered(cast, system, likelihood=1, impact=5).inherent_level == "medium"


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("likelihood", 6, "choose 1 to 5"),
        ("impact", 0, "choose 1 to 5"),
        ("category", "astrology", "astrology"),
        ("component", "soul", "soul"),
        ("source", "dream", "dream"),
        ("title", "  ", "title"),
        ("catalogue_ref", "RSK-999", "RSK-999"),
        ("status", "closed", "status cannot be set here"),
    ],
)
def test_a_risk_that_does_not_hold_is_refused_at_its_field(cast, system, field, value, named):
    with pytest.raises(BadInput, match=named) as refusal:
        registered(cast, system, **{field: value})
    assert refusal.value.field == field and not Risk.objects.exists()


@pytest.mark.parametrize("who", ["approver", "publisher", "auditor", "administrator", "outsider"])
def test_who_may_not_edit_risks(cast, system, who):
    """Row 25 of the access matrix."""
    risk, person, before = registered(cast, system), getattr(cast, who), AuditEntry.objects.count()
    acts = (
        lambda: registered(cast, system, actor=person),
        lambda: actions.rate_risk(risk, likelihood=1, impact=1, actor=person),
        lambda: planned(cast, risk, actor=person),
        lambda: actions.close_risk(risk, reason=REASON, actor=person),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("who", ["owner", "risk_officer", "privacy_officer"])
def test_who_may_edit_risks(cast, system, who):
    """Row 25 of the access matrix."""
    registered(cast, system, actor=getattr(cast, who))


@pytest.mark.parametrize("who", ["owner", "privacy_officer", "publisher", "auditor", "administrator", "outsider"])
def test_who_may_not_accept_risks(cast, system, who):
    """Row 26 of the access matrix."""
    risk = registered(cast, system)
    with pytest.raises(NotAllowed):
        actions.accept_risk(risk, reason=REASON, actor=getattr(cast, who))


@pytest.mark.parametrize(
    ("who", "sees"),
    [("owner", 1), ("risk_officer", 1), ("privacy_officer", 1), ("approver", 1), ("publisher", 1), ("auditor", 1),
     ("administrator", 0), ("outsider", 0)],
)  # fmt: skip
def test_who_may_read_risks(cast, system, who, sees):
    """Row 27 of the access matrix."""
    planned(cast, registered(cast, system))
    person = getattr(cast, who)
    assert Risk.objects.visible_to(person).count() == Treatment.objects.visible_to(person).count() == sees


def test_rating_keeps_both_levels(cast, system):
    risk = registered(cast, system, likelihood=5, impact=4)
    risk = actions.rate_risk(
        risk, likelihood=5, impact=4, residual_likelihood=2, residual_impact=4, actor=cast.risk_officer
    )
    assert (risk.inherent_level, risk.residual_level) == ("critical", "medium")
    assert events(risk)[-1] == "risk.rated" and risk.rated_by == cast.risk_officer


def test_more_cannot_be_left_than_there_was(cast, system):
    risk = registered(cast, system)
    with pytest.raises(BadInput, match="What is left cannot be more"):
        actions.rate_risk(risk, likelihood=3, impact=2, residual_likelihood=4, residual_impact=2, actor=cast.owner)


@pytest.mark.parametrize("step", [0, 6])
def test_a_rating_outside_the_scale_is_refused(cast, system, step):
    with pytest.raises(BadInput, match="choose 1 to 5"):
        actions.rate_risk(registered(cast, system), likelihood=3, impact=2, residual_impact=step, actor=cast.owner)


def test_owners_do_not_talk_their_high_risks_down(cast, system):
    risk = registered(cast, system, likelihood=5, impact=5)
    with pytest.raises(NotAllowed, match="by a risk or privacy officer"):
        actions.rate_risk(risk, likelihood=1, impact=1, actor=cast.owner)
    with pytest.raises(NotAllowed, match="by a risk or privacy officer"):
        actions.close_risk(risk, reason=REASON, actor=cast.owner)
    assert actions.rate_risk(risk, likelihood=1, impact=1, actor=cast.risk_officer).residual_level == "low"


def test_a_treatment_leaves_the_risk_open_until_it_is_done(cast, system):
    risk = registered(cast, system)
    treatment = planned(cast, risk)
    assert events(treatment) == ["treatment.planned"]
    risk.refresh_from_db()
    assert risk.status == "open"
    risk = actions.finish_treatment(
        treatment, outcome_note="Addresses are compared monthly.", residual_likelihood=1, residual_impact=2,
        actor=cast.owner,
    )  # fmt: skip
    treatment.refresh_from_db()
    assert (risk.status, risk.residual_level, treatment.status) == ("treated", "low", "done")
    assert events(treatment)[-1] == "treatment.finished"
    assert events(risk) == ["risk.registered", "risk.treated", "risk.rated"]


def test_a_risk_is_treated_only_when_no_treatment_is_left(cast, system):
    risk = registered(cast, system)
    first, second = planned(cast, risk), planned(cast, risk, plan="Insure against complaints.", option="transfer")
    done = {"outcome_note": "Finished as planned.", "residual_likelihood": 2, "residual_impact": 2, "actor": cast.owner}
    assert actions.finish_treatment(first, **done).status == "open"
    assert actions.finish_treatment(second, **done).status == "treated"


def test_a_treatment_is_finished_once(cast, system):
    treatment = planned(cast, registered(cast, system))
    done = {"outcome_note": "Finished as planned.", "residual_likelihood": 2, "residual_impact": 2, "actor": cast.owner}
    actions.finish_treatment(treatment, **done)
    with pytest.raises(NotAllowed, match="done already"):
        actions.finish_treatment(treatment, **done)


@pytest.mark.parametrize(
    ("field", "value"),
    [("plan", "Soon"), ("due_on", timezone.localdate() - timedelta(days=1)), ("option", "pray"), ("priority", "meh")],
)
def test_a_treatment_that_does_not_hold_is_refused_at_its_field(cast, system, field, value):
    with pytest.raises(BadInput) as refusal:
        planned(cast, registered(cast, system), **{field: value})
    assert refusal.value.field == field


def test_a_treatment_past_its_day_is_overdue(cast, system):
    treatment = planned(cast, registered(cast, system))
    treatment.due_on = timezone.localdate() - timedelta(days=1)
    assert treatment.is_overdue and treatment.status_today == "overdue"


def test_a_medium_risk_is_accepted_by_one_other_person(cast, system):
    risk = actions.accept_risk(registered(cast, system), reason=REASON, actor=cast.risk_officer)
    assert risk.status == "accepted" and events(risk)[-1] == "risk.accepted"
    assert events(Acceptance.objects.get()) == ["acceptance.given"]


def test_who_registered_a_risk_does_not_accept_it(cast, system):
    """R7."""
    risk = registered(cast, system, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="somebody else must accept"):
        actions.accept_risk(risk, reason=REASON, actor=cast.risk_officer)


def test_who_rated_a_risk_last_does_not_accept_it(cast, system):
    """R7."""
    risk = actions.rate_risk(registered(cast, system), likelihood=2, impact=2, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="somebody else must accept"):
        actions.accept_risk(risk, reason=REASON, actor=cast.risk_officer)


def test_who_owns_the_system_does_not_accept_its_risks(cast):
    """R7: two duties in one person do not make two persons."""
    risk = registered(cast, make_system(cast, business_owner=cast.risk_officer))
    with pytest.raises(NotAllowed, match="own the system"):
        actions.accept_risk(risk, reason=REASON, actor=cast.risk_officer)


def test_a_high_risk_needs_two_approvers(cast, system):
    """R7: the level decides who and how many."""
    risk = registered(cast, system, likelihood=4, impact=4)
    with pytest.raises(NotAllowed, match="accepted by two approvers"):
        actions.accept_risk(risk, reason=REASON, actor=cast.risk_officer)
    assert actions.accept_risk(risk, reason=REASON, actor=cast.approver).status == "open"
    with pytest.raises(NotAllowed, match="accepted this risk already"):
        actions.accept_risk(risk, reason=REASON, actor=cast.approver)
    assert actions.accept_risk(risk, reason=REASON, actor=cast.second_approver).status == "accepted"


def test_an_accepted_risk_is_not_accepted_again(cast, system):
    risk = actions.accept_risk(registered(cast, system), reason=REASON, actor=cast.risk_officer)
    with pytest.raises(NotAllowed, match="this one is accepted"):
        actions.accept_risk(risk, reason=REASON, actor=cast.approver)
    assert Acceptance.objects.count() == 1


def test_accepting_needs_a_reason(cast, system):
    with pytest.raises(BadInput, match="ten characters"):
        actions.accept_risk(registered(cast, system), reason="ok", actor=cast.approver)


def test_rating_an_accepted_risk_upward_opens_it_and_voids_the_acceptance(cast, system):
    risk = actions.accept_risk(registered(cast, system), reason=REASON, actor=cast.approver)
    risk = actions.rate_risk(risk, likelihood=5, impact=4, actor=cast.risk_officer)
    row = Acceptance.objects.get()
    assert risk.status == "open" and row.voided_at and events(row)[-1] == "acceptance.voided"
    assert actions.accept_risk(risk, reason=REASON, actor=cast.approver).status == "open"


def test_rating_an_accepted_risk_downward_leaves_it_accepted(cast, system):
    risk = actions.accept_risk(registered(cast, system), reason=REASON, actor=cast.approver)
    assert actions.rate_risk(risk, likelihood=1, impact=1, actor=cast.risk_officer).status == "accepted"


def test_a_closed_risk_is_at_rest_until_it_is_opened_again(cast, system):
    risk = actions.close_risk(registered(cast, system), reason=REASON, actor=cast.owner)
    assert risk.status == "closed" and events(risk)[-1] == "risk.closed"
    for act in (
        lambda: actions.close_risk(risk, reason=REASON, actor=cast.owner),
        lambda: actions.rate_risk(risk, likelihood=1, impact=1, actor=cast.owner),
        lambda: planned(cast, risk),
        lambda: actions.accept_risk(risk, reason=REASON, actor=cast.approver),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert actions.reopen_risk(risk, reason=REASON, actor=cast.owner).status == "open"
    assert events(risk)[-1] == "risk.reopened"


def test_opening_an_accepted_risk_again_voids_its_acceptance(cast, system):
    risk = actions.accept_risk(registered(cast, system), reason=REASON, actor=cast.approver)
    actions.reopen_risk(risk, reason=REASON, actor=cast.risk_officer)
    assert Acceptance.objects.get().void_reason == REASON
    with pytest.raises(NotAllowed, match="is open"):
        actions.reopen_risk(risk, reason=REASON, actor=cast.risk_officer)


def test_rows_cannot_be_changed_past_the_log(cast, system):
    from registry.models import BypassRefused

    registered(cast, system)
    with pytest.raises(BypassRefused):
        Risk.objects.update(residual_level="low")
