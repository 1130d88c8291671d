"""What comes by itself: acceptances end, checks open and close risks, silence is asked about."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry import gates
from registry.errors import BadInput
from registry.models import AISystem, Task
from registry.registers import kind_named
from registry.release_gates import preview
from risk import actions, daily
from risk.actions import measured
from risk.catalogue import catalogue
from risk.models import Acceptance, Risk
from risk.response import silence
from tests import factories
from tests.registry.registers import samples
from tests.risk.steps import REASON, events, registered, reported

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch):
    """Moves the clock of the program on by so many days."""
    real = timezone.now
    return lambda days: monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(days=days))


# ---- acceptances


def accepted(cast, risk, *people, **said):
    for person in people:
        actions.accept_risk(risk, reason=REASON, actor=person, **said)
    risk.refresh_from_db()
    return risk


def test_an_acceptance_ends_on_its_day_and_the_risk_is_open_again(cast, later):
    """G 3: acceptance with an expiry."""
    day = timezone.localdate() + timedelta(days=30)
    risk = accepted(cast, registered(cast, factories.make_system(cast)), cast.risk_officer, expires_on=day)
    later(30)
    assert daily.look() == 0 and risk not in Risk.objects.unaccepted()
    later(31)
    assert risk in Risk.objects.unaccepted()
    daily.look()
    risk.refresh_from_db()
    assert (risk.status, Acceptance.objects.get().void_reason) == ("open", "the acceptance is over")
    assert Task.objects.waiting().filter(object_id=risk.pk, person=risk.owner).exists()
    assert events(risk)[-1] == "risk.reopened"


@pytest.mark.parametrize(("rating", "days"), [((1, 1), 730), ((3, 2), 365)])
def test_without_a_day_it_holds_as_long_as_the_level_allows_and_no_longer(cast, rating, days):
    """G 3: what a level allows bounds the expiry."""
    risk = registered(cast, factories.make_system(cast), likelihood=rating[0], impact=rating[1])
    latest = timezone.localdate() + timedelta(days=days)
    for wrong in (latest + timedelta(days=1), timezone.localdate() - timedelta(days=1)):
        with pytest.raises(BadInput, match="at most"):
            accepted(cast, risk, cast.risk_officer, expires_on=wrong)
    accepted(cast, risk, cast.risk_officer)
    assert Acceptance.objects.get().expires_on == latest


# ---- checks open and close


def watched() -> tuple[str, str]:
    """A risk of the catalogue and a check that speaks to it."""
    return next((each.id, each.checks[0]) for each in catalogue().risks.values() if each.checks)


def ran(cast, version, verdict):
    """A run of the check that the first watched risk names."""
    return factories.make_evidence(cast, version, verdict=verdict, shows=[watched()[1]])


def test_a_failed_check_opens_the_risks_that_it_speaks_to_and_a_pass_closes_them(cast):
    """G 3: opened and closed by the software, once, under its own name."""
    version = factories.make_version(cast)
    ran(cast, version, "fail")
    for _twice in range(2):
        measured.look(timezone.now() - timedelta(days=1))
    risk = Risk.objects.get(catalogue_ref=watched()[0])
    assert (risk.source, risk.registered_by, risk.opened_by_check) == ("monitoring", None, watched()[1])
    assert events(risk) == ["risk.opened_by_check"]
    ran(cast, version, "pass")
    measured.look(timezone.now() - timedelta(days=1))
    assert not Risk.objects.live().filter(catalogue_ref=watched()[0]).exists()


def test_what_a_person_has_rated_since_is_not_closed_by_the_software(cast):
    version = factories.make_version(cast)
    ran(cast, version, "fail")
    measured.look(timezone.now() - timedelta(days=1))
    risk = Risk.objects.get(catalogue_ref=watched()[0])
    actions.rate_risk(risk, likelihood=4, impact=4, reason=REASON, actor=cast.risk_officer)
    ran(cast, version, "pass")
    measured.look(timezone.now() - timedelta(days=1))
    assert Risk.objects.live().filter(pk=risk.pk).exists()


def test_the_page_of_a_risk_that_a_check_opened_says_so(cast, client):
    ran(cast, factories.make_version(cast), "fail")
    measured.look(timezone.now() - timedelta(days=1))
    client.force_login(cast.risk_officer)
    page = client.get(Risk.objects.get(catalogue_ref=watched()[0]).get_absolute_url()).content.decode()
    assert f"since the check {watched()[1]} failed" in page


# ---- silence


@pytest.fixture
def system(cast):
    """In production, of the tier that is reviewed every year."""
    row = factories.make_system(cast, risk_tier="high")
    row.lifecycle_stage = "production"
    row.save()
    return row


def test_a_system_in_use_about_which_nobody_reports_anything_is_looked_at(cast, system, later, client):
    """S-151: marked on the page of incidents, a task for its owner, ended by a look or by a voice."""
    assert silence.silent() == []
    later(366)
    assert silence.silent() == [system]
    assert (silence.ask(), silence.ask()) == (1, 0)
    assert Task.objects.waiting().get(kind=Task.Kind.SILENT).person == system.business_owner
    client.force_login(cast.risk_officer)
    assert "Silent for a whole period" in client.get("/incidents/").content.decode()
    samples.written(kind_named("silence_review"), cast, system, title="Asked the branches", actor=cast.risk_officer)
    # The database stamps its own time on what is written; the clock of the test runs ahead of it.
    later(0)
    assert silence.silent() == []
    silence.ask()
    assert not Task.objects.waiting().filter(kind=Task.Kind.SILENT).exists()


@pytest.mark.parametrize("speak", [
    lambda cast, system: reported(cast, system), lambda cast, system: samples.written(kind_named("feedback_item"), cast, system),
])  # fmt: skip
def test_one_voice_within_the_period_is_enough(cast, system, later, speak):
    """S-151: an incident or feedback counts."""
    AISystem.objects.filter(pk=system.pk)
    later(200)
    speak(cast, system)
    later(366)
    assert silence.silent() == []


def test_a_system_out_of_use_is_not_asked_about(cast, later):
    factories.make_system(cast)
    later(2000)
    assert silence.silent() == []


def test_a_critical_risk_accepted_too_long_ago_closes_the_gate_again(cast, later):
    version = factories.make_releasable(cast)
    risk = registered(cast, version.home_system, likelihood=5, impact=5)
    second = factories.invite("appr2", "Anton Approver", "approver", cast.unit, cast.administrator)
    accepted(cast, risk, cast.approver, second)
    assert gates.answer("no-open-critical-risk", preview(version)).is_open
    later(91)
    assert not gates.answer("no-open-critical-risk", preview(version)).is_open


# ---- the bow


def test_a_risk_leads_to_its_controls_and_these_to_their_tests_and_checks(cast, client):
    """G 3: from risk to control to check; one control serves many requirements and many risks."""
    version = factories.make_version(cast)
    known, check = watched()
    risks = [registered(cast, version.home_system, catalogue_ref=known, title=f"Risk {n}") for n in range(2)]
    row = samples.written(
        kind_named("control"), cast, version.home_system, title="Rows are compared by group", actor=cast.risk_officer,
        risks=[str(risk.pk) for risk in risks], check=check, catalogue_ref=catalogue().risks[known].controls[0],
        requirements="nist_ai_rmf MEASURE 2.11\niso_42001 A.6.2.4",
    )  # fmt: skip
    samples.written(
        kind_named("control_test"), cast, version.home_system, control=str(row.pk), result="ineffective",
        actor=cast.risk_officer,
    )  # fmt: skip
    ran(cast, version, "fail")
    client.force_login(cast.risk_officer)
    for risk in risks:
        page = client.get(risk.get_absolute_url()).content.decode()
        assert "Rows are compared by group" in page and "Ineffective" in page and check in page
        assert "nist_ai_rmf MEASURE 2.11, iso_42001 A.6.2.4" in page
        assert page.count("Rows are compared by group") == 1
