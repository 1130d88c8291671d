"""Evidence holds for a time: what ends soon is listed, what has ended is named with its day, and nothing that ran is hidden."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from rai import actions
from rai.models import CheckRun
from registry import gates, jobs
from registry.models import Evidence
from registry.release_gates import preview
from reports import contents
from tests import factories
from tests.rai.test_pages import CHOSEN, finish
from tests.rai.uploads import read_table, text_of


@pytest.fixture
def version(cast):
    """A version with a card and evidence that passes."""
    return factories.make_releasable(cast)


def ends(version, days: int) -> Evidence:
    """The version's evidence, which ends in so many days."""
    row = Evidence.objects.get(version=version)
    row.valid_until = timezone.now() + timedelta(days=days)
    row.save()
    return row


def test_the_gate_names_the_day_on_which_evidence_ran_out_and_how_to_renew_it(cast, version):
    """Issue C 4: freshness acts at the gate; a run anew opens it."""
    row = ends(version, -3)
    answer = gates.answer("evidence", preview(version))
    assert answer.result == "failed"
    assert date_format(timezone.localtime(row.valid_until), "DATE_FORMAT") in answer.reason
    assert "run the check again" in answer.reason
    factories.make_evidence(
        cast, version, outcome={"verdict": "pass", "thresholds": [{"rule": "selection_rate_difference<=0.1"}]}
    )
    assert gates.answer("evidence", preview(version)).is_open


def test_withdrawn_evidence_is_not_said_to_have_run_out(cast, version):
    row = Evidence.objects.get(version=version)
    actions.withdraw_evidence(row, reason="The table held the wrong month.", actor=cast.owner)
    assert "run out" not in gates.answer("evidence", preview(version)).reason


def test_an_expired_piece_is_shown_as_stale_where_evidence_is_listed(cast, version, client):
    row = ends(version, -1)
    client.force_login(cast.auditor)
    for address in (reverse("version-evidence", args=[version.pk]), reverse("evidence-list"), row.get_absolute_url()):
        assert "verdict-stale" in text_of(client.get(address)), address


def test_evidence_that_ends_within_thirty_days_is_in_the_work_of_owner_and_risk_officer(cast, version, client):
    """S-124: nobody finds out at the gate."""
    ends(version, 29)
    for person, told in ((cast.owner, True), (cast.risk_officer, True), (cast.approver, False), (cast.outsider, False)):
        client.force_login(person)
        assert ("Evidence that runs out" in text_of(client.get(reverse("home")))) is told, person


def test_evidence_that_holds_longer_or_was_renewed_is_in_nobodys_work(cast, version, client):
    ends(version, 31)
    client.force_login(cast.owner)
    assert "Evidence that runs out" not in text_of(client.get(reverse("home")))
    ends(version, 5)
    factories.make_evidence(cast, version)
    assert "Evidence that runs out" not in text_of(client.get(reverse("home")))


def test_the_list_is_cut_down_to_what_ends_soon_and_to_what_has_ended(cast, version, client):
    soon, past = ends(version, 10), factories.make_evidence(cast, factories.make_version(cast))
    past.valid_until = timezone.now() - timedelta(days=1)
    past.save()
    client.force_login(cast.risk_officer)
    for chosen, there, absent in (("soon", soon, past), ("past", past, soon)):
        page = text_of(client.get(reverse("evidence-list"), {"ends": chosen}))
        assert str(there.version.pk) in page
        assert str(absent.version.pk) not in page


# ---- all runs


def test_a_report_lists_every_run_the_failed_cancelled_crashed_and_superseded_among_them(cast):
    """P9: a report after these runs shows all of them, in their order, with what became of each."""
    version = factories.make_version(cast)
    table = read_table(cast, version)

    def asked() -> CheckRun:
        return actions.request_check(
            version, slug="group_fairness", predictions=table, parameters=CHOSEN, actor=cast.owner
        )

    failed, passed = finish(asked(), verdict="fail"), finish(asked(), verdict="pass")
    superseded = failed.evidence
    superseded.superseded_by = passed.evidence
    superseded.save()
    actions.withdraw_evidence(finish(asked(), verdict="pass").evidence, reason="The wrong month.", actor=cast.owner)
    cancelled = asked()
    actions.cancel_check(cancelled, actor=cast.owner)
    crashed = asked()
    jobs.fail(jobs.claim(CheckRun, crashed.pk), "Column “sex” has 12 empty values.")
    told = contents.compliance(version, as_of=timezone.now())["runs"]
    assert [run["verdict"] for run in told] == ["fail", "pass", "pass", "", ""]
    assert len(told) == CheckRun.objects.filter(version=version).count() == 5
    assert [run["id"] for run in told[-2:]] == [str(cancelled.pk), str(crashed.pk)]
    assert "12 empty values" in told[-1]["reason"]


def test_the_page_of_a_version_lists_every_run_and_says_what_became_of_its_evidence(cast, client):
    """P9: superseded and withdrawn evidence stays in sight."""
    version = factories.make_version(cast)
    table = read_table(cast, version)
    for verdict in ("fail", "pass"):
        run = actions.request_check(
            version, slug="group_fairness", predictions=table, parameters=CHOSEN, actor=cast.owner
        )
        finish(run, verdict=verdict)
    old, new = Evidence.objects.order_by("received_at")
    old.superseded_by = new
    old.save()
    client.force_login(cast.auditor)
    page = text_of(client.get(reverse("version-evidence", args=[version.pk])))
    assert "superseded" in page
    assert all(run.get_absolute_url() in page for run in CheckRun.objects.all())
    listed = text_of(client.get(reverse("evidence-list")))
    assert "superseded" in listed
