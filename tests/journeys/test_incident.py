"""A serious incident in the browser: the approval is gone, the board's page says so, clocks run, and others decide anew."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.audit import verification
from registry.models import ModelVersion
from risk.models import Incident
from tests.registry import releasing

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def status_of(release) -> str:
    return ModelVersion.objects.get(pk=release.version_id).status


def test_a_serious_incident_suspends_the_board_reads_it_clocks_run_and_others_lift_it(people, walk, monkeypatch):
    """S-150, G must show: reported by the owner, read by the approver, time goes by, closed and decided on by others."""
    release = releasing.published(people)
    system = release.system

    owner = walk(people.owner)
    owner.go(reverse("incident-report", args=[system.pk]))
    noticed = timezone.localtime(timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    owner.fill(
        title="A customer was refused without a reason", kind="unfair_output", severity="high", serious=True,
        description="Forty people of one village were refused on one day.", detected_at=noticed,
        version=str(release.version_id), groups_affected="People of one village", is_privacy=True,
    )  # fmt: skip
    owner.press("Report it")
    owner.told("Reported.")
    assert status_of(release) == "suspended"
    incident = Incident.objects.get()

    board = walk(people.approver)
    board.go(reverse("board-risk"))
    board.sees(str(release.version))
    board.sees("Article 73(2)")
    board.sees("Article 33(1)")
    board.picture("board")

    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(hours=80))
    officer = walk(people.risk_officer)
    officer.go(incident.get_absolute_url())
    officer.sees("The time is over.")
    officer.sees("11 days are left.")
    officer.picture("incident")
    monkeypatch.setattr(timezone, "now", real)

    owner.go(incident.get_absolute_url())
    assert owner.page.locator("#act-close").count() == 0
    closer = walk(people.risk_officer)
    closer.go(incident.get_absolute_url())
    closer.page.fill("#close_root_cause", "A limit was typed with a point too many.")
    closer.page.fill("#close_remedy", "The limit is read from the plan.")
    closer.press("Close the incident")
    closer.told("The incident is closed.")
    assert status_of(release) == "suspended"

    releasing.decide(people, release.review)
    assert status_of(release) == "approved"
    board.go(reverse("board-risk"))
    board.sees("No incident holds back what was approved.")
    assert list(verification.findings()) == []
