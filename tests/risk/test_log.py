"""Every change of the risk app is in the log: after a whole story the rows and their last entries agree."""

import pytest
from django.core.management import call_command

from registry.models import AuditEntry
from risk import actions, models
from risk.questionnaires import Reply
from tests.factories import make_system
from tests.risk.steps import OPINION, REASON, approved, planned, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(cast):
    """Every verb of the app once."""
    system = make_system(cast)
    assessment = approved(cast, system, PIA_G_03="yes")
    fresh = actions.reassess(assessment, actor=cast.owner)
    actions.save_answers(fresh, answers={"PIA-G-03": Reply("no")}, actor=cast.owner)
    actions.submit_assessment(fresh, actor=cast.owner)
    actions.reject_assessment(fresh, opinion=OPINION, actor=cast.privacy_officer)
    actions.save_answers(fresh, answers={"PIA-G-03": Reply()}, actor=cast.owner)
    risk = registered(cast, system)
    left = {"outcome_note": "Done as planned.", "residual_likelihood": 1, "residual_impact": 1}
    actions.finish_treatment(planned(cast, risk), actor=cast.owner, **left)
    actions.accept_risk(risk, reason=REASON, actor=cast.approver)
    actions.rate_risk(risk, likelihood=5, impact=5, actor=cast.risk_officer)
    actions.close_risk(risk, reason=REASON, actor=cast.risk_officer)
    actions.reopen_risk(risk, reason=REASON, actor=cast.risk_officer)


def test_the_log_agrees_with_every_row(told, capsys):
    """P1."""
    call_command("verify_audit")
    assert "agree" in capsys.readouterr().out


def test_every_row_has_an_entry(told):
    """P1: no row came to be outside an action."""
    for table in (
        models.Assessment,
        models.AssessmentPart,
        models.Answer,
        models.Risk,
        models.Treatment,
        models.Acceptance,
    ):
        rows = {row.pk for row in table.objects.all()}
        logged = set(AuditEntry.objects.filter(object_type=table._meta.label).values_list("object_id", flat=True))
        assert rows and {str(pk) for pk in rows} <= {str(pk) for pk in logged}, table


def test_the_log_never_says_that_the_software_answered(told):
    entries = AuditEntry.objects.filter(object_type__startswith="risk.")
    assert not entries.filter(actor__isnull=True).exists()
