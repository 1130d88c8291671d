"""The pages of checks: who sees them, what they offer, and what they say when they refuse."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rai import actions
from rai.catalogue import CHECKS
from rai.models import CheckRun
from rai.running import runs
from registry import jobs
from registry.models import AuditEntry, Evidence, JobStatus
from tests import factories
from tests.rai.uploads import read_table, text_of

CHOSEN = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}


def measure(value: float) -> dict:
    """A value object as checks store it."""
    return {"value": value, "low": value - 0.05, "high": value + 0.05, "method": "wilson", "n": 40}


def outcome(verdict: str = "pass") -> dict:
    """An outcome of group fairness with one rule and two groups; a column is named like a formula."""
    groups = [
        {
            "by": [column],
            "group": {column: "a"},
            "n": 40,
            "evaluable": True,
            "metrics": {"selection_rate": measure(0.31)},
        }
        for column in ("sex", "=1+1")
    ]
    rule = {
        "rule": "selection_rate_difference<=0.1", "value": 0.02, "low": 0.0, "high": 0.0904, "verdict": verdict,
        "by": ["sex"], "groups": 2, "attempt": 1, "reasons": [], "left_out": [], "rows_needed": None, "chance": 0.01,
        "worst": {"group": {"sex": "female"}, "versus": {"sex": "male"}},
    }  # fmt: skip
    return {
        "check": "group_fairness", "version": "1", "rows": 80, "dropped": [], "digest": "sha256:" + "ab" * 32,
        "inputs": {"data": "sha256:" + "cd" * 32, "parameters": {}},
        "environment": {"python": "3.11", "packages": {"duckdb": "1.4"}, "isolation": "process limits only"},
        "groups": groups, "disparities": [], "thresholds": [rule], "verdict": verdict,
    }  # fmt: skip


@pytest.fixture
def version(cast):
    """A draft version of the owner."""
    return factories.make_version(cast)


@pytest.fixture
def table(cast, version):
    """Uploaded predictions whose columns were read."""
    return read_table(cast, version)


@pytest.fixture
def queued(cast, version, table):
    """A run that waits."""
    return actions.request_check(version, slug="group_fairness", predictions=table, parameters=CHOSEN, actor=cast.owner)


def finish(run: CheckRun, verdict: str = "pass") -> CheckRun:
    """The run as a worker ends it."""
    job = jobs.claim(CheckRun, run.pk)
    charts = {"en": b'<svg xmlns="http://www.w3.org/2000/svg"/>', "zh-hans": b"<svg><!-- zh --></svg>"}
    runs.record_outcome(job, CHECKS[run.slug], outcome(verdict), charts)
    return CheckRun.objects.get(pk=run.pk)


@pytest.fixture
def finished(queued):
    """A run that passed."""
    return finish(queued)


def queries(client, url: str) -> int:
    """How many queries a page takes once the person is signed in."""
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


# ---- who sees what


def test_pages_of_a_check_are_for_whoever_may_see_its_version(client, cast, version, table, finished):
    """P5: an outsider meets 404 everywhere, as if nothing were there."""
    addresses = [
        reverse("version-evidence", args=[version.pk]),
        reverse("predictions", args=[table.pk]),
        reverse("check", args=[finished.pk]),
        reverse("check-chart", args=[finished.pk]),
        reverse("check-figures", args=[finished.pk]),
        reverse("evidence-outcome", args=[finished.evidence_id]),
        reverse("baselines", args=[version.home_system.pk]),
    ]
    client.force_login(cast.auditor)
    assert {url: client.get(url).status_code for url in addresses} == dict.fromkeys(addresses, 200)
    client.force_login(cast.outsider)
    assert {url: client.get(url).status_code for url in addresses} == dict.fromkeys(addresses, 404)


def test_nobody_reads_checks_without_signing_in(client, finished):
    for url in (reverse("checks"), reverse("check", args=[finished.pk]), reverse("check-chart", args=[finished.pk])):
        assert client.get(url).status_code == 302


def test_list_of_checks_holds_only_runs_of_own_units(client, cast, finished):
    client.force_login(cast.outsider)
    assert "No run yet" in text_of(client.get(reverse("checks")))
    client.force_login(cast.risk_officer)
    assert finished.get_absolute_url() in text_of(client.get(reverse("checks")))


# ---- runs


def test_owner_asks_for_a_check(client, cast, version, table):
    client.force_login(cast.owner)
    posted = {
        "check": "group_fairness",
        "predictions": table.pk,
        "positive": "1",
        "intersections": "1",
        "min_group": "30",
    }
    response = client.post(reverse("check-request", args=[version.pk]), posted | CHOSEN)
    run = CheckRun.objects.get()
    assert response.url == run.get_absolute_url()
    assert run.parameters["sensitive"] == ["sex"]
    assert AuditEntry.objects.filter(action="check.requested", object_id=run.pk).exists()


def test_refused_request_names_the_field_and_keeps_the_rest(client, cast, version, table):
    client.force_login(cast.owner)
    posted = {"check": "group_fairness", "predictions": table.pk, "target": "y", "min_group": "3", "positive": "yes"}
    response = client.post(reverse("check-request", args=[version.pk]), posted)
    form = response.context["form"]
    assert response.status_code == 422
    assert {"prediction", "sensitive", "min_group"} <= set(form.errors)
    assert form["positive"].value() == "yes"
    assert not CheckRun.objects.exists()


def test_approver_may_not_run_checks(client, cast, version, table):
    client.force_login(cast.approver)
    assert "Run the check" not in text_of(client.get(table.get_absolute_url()))
    posted = {
        "check": "group_fairness",
        "predictions": table.pk,
        "positive": "1",
        "intersections": "1",
        "min_group": "30",
    }
    response = client.post(reverse("check-request", args=[version.pk]), posted | CHOSEN)
    assert "You may not do this (check.run)" in text_of(response)
    assert not CheckRun.objects.exists()


@pytest.mark.parametrize("posted", [{"check": "nonsense"}, {"check": "group_fairness", "predictions": "no-uuid"}])
def test_request_for_what_is_not_there_is_not_found(client, cast, version, table, posted):
    client.force_login(cast.owner)
    response = client.post(reverse("check-request", args=[version.pk]), {"predictions": table.pk} | posted)
    assert response.status_code == 404


def test_queued_run_is_cancelled_once(client, cast, queued):
    """A second click says that it is cancelled already."""
    client.force_login(cast.owner)
    address = reverse("check-cancel", args=[queued.pk])
    assert client.post(address).url == queued.get_absolute_url()
    assert CheckRun.objects.get().status == JobStatus.CANCELLED
    assert "cannot be cancelled" in text_of(client.post(address))


def test_cancelling_needs_a_post(client, cast, queued):
    client.force_login(cast.owner)
    assert client.get(reverse("check-cancel", args=[queued.pk])).status_code == 405


def test_finished_run_shows_verdict_sentences_figures_and_digests(client, cast, finished):
    client.force_login(cast.auditor)
    page = text_of(client.get(finished.get_absolute_url()))
    assert "verdict-pass" in page
    assert "Selection rates differ by at most" in page
    assert "0.310 (0.260–0.360)" in page
    assert finished.evidence.digest in page
    assert "sha256:" + "cd" * 32 in page
    assert "child process of its own" in page


def test_printed_interval_never_looks_better_than_the_verdict(client, cast, finished):
    """0.0904 is printed as 0.091: bounds are rounded away from the estimate."""
    client.force_login(cast.auditor)
    assert "0.020 (0.000–0.091)" in text_of(client.get(finished.get_absolute_url()))


@pytest.mark.parametrize("name", ["check", "predictions"])
def test_job_that_ended_while_somebody_watches_brings_the_rest_of_the_page(client, cast, table, finished, name):
    """The poll finds the job ended and fetches the page once; a plain reload shows no job any more."""
    address = {"check": finished, "predictions": table}[name].get_absolute_url()
    client.force_login(cast.owner)
    polled = text_of(client.get(address, headers={"HX-Request": "true"}))
    assert f'hx-get="{address}?settled=1"' in polled
    assert "settled=1" not in text_of(client.get(address))
    assert 'class="job ' not in text_of(client.get(address, {"settled": 1}, headers={"HX-Request": "true"}))


def test_failed_run_says_why_and_how_to_mend_it(client, cast, queued):
    jobs.fail(jobs.claim(CheckRun, queued.pk), "Column “sex” has 12 empty values. Fill them, then upload again.")
    client.force_login(cast.owner)
    page = text_of(client.get(queued.get_absolute_url()))
    assert "Column “sex” has 12 empty values." in page
    assert "Ask again with other columns" in page
    assert "verdict-error" in page


def test_chart_is_a_picture_that_can_do_nothing(client, cast, finished):
    """S-177: an SVG is served sandboxed, never sniffed, and never kept by shared caches."""
    client.force_login(cast.auditor)
    response = client.get(reverse("check-chart", args=[finished.pk]))
    assert response["Content-Type"] == "image/svg+xml"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "script-src" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_chart_speaks_the_language_of_the_reader_and_else_english(client, cast, finished):
    client.force_login(cast.auditor)
    address = reverse("check-chart", args=[finished.pk])
    assert b"zh" in client.get(address, headers={"accept-language": "zh-hans"}).content
    assert b"zh" not in client.get(address, headers={"accept-language": "fr"}).content


def test_figures_are_safe_to_open_in_a_spreadsheet(client, cast, finished):
    """A column called like a formula stays text, and numbers stay numbers."""
    client.force_login(cast.auditor)
    response = client.get(reverse("check-figures", args=[finished.pk]))
    lines = list(csv.reader(io.StringIO(text_of(response).removeprefix("\ufeff"))))
    assert response["Content-Disposition"].startswith("attachment")
    assert ["group", "'=1+1", "'=1+1: a", "selection_rate", "0.31"] in [line[:5] for line in lines]
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "@"))]


def test_every_run_stands_on_the_page_of_the_version(client, cast, version, table, finished):
    """P9: a run that failed is listed beside the one that passed."""
    more = actions.request_check(version, slug="group_fairness", predictions=table, parameters=CHOSEN, actor=cast.owner)
    finish(more, verdict="fail")
    client.force_login(cast.auditor)
    page = text_of(client.get(reverse("version-evidence", args=[version.pk])))
    assert finished.get_absolute_url() in page
    assert more.get_absolute_url() in page
    assert "verdict-fail" in page


def test_empty_evidence_page_offers_the_first_step(client, cast, version):
    client.force_login(cast.owner)
    page = text_of(client.get(reverse("version-evidence", args=[version.pk])))
    assert "No evidence yet" in page
    assert reverse("predictions-upload", args=[version.pk]) in page


def test_list_of_checks_is_filtered_by_status_and_verdict(client, cast, version, table, finished):
    waiting = actions.request_check(
        version, slug="group_fairness", predictions=table, parameters=CHOSEN, actor=cast.owner
    )
    client.force_login(cast.auditor)
    for query, there, gone in (
        ({"status": "queued"}, waiting, finished),
        ({"verdict": "pass"}, finished, waiting),
    ):
        page = text_of(client.get(reverse("checks"), query))
        assert there.get_absolute_url() in page
        assert gone.get_absolute_url() not in page


def test_list_of_checks_takes_the_same_queries_for_one_run_and_for_many(client, cast, version, table, finished):
    client.force_login(cast.auditor)
    one = queries(client, reverse("checks"))
    for _number in range(4):
        actions.request_check(version, slug="group_fairness", predictions=table, parameters=CHOSEN, actor=cast.owner)
    assert queries(client, reverse("checks")) == one
    assert one <= 12


def test_evidence_page_takes_the_same_queries_for_one_run_and_for_many(client, cast, version, table, finished):
    client.force_login(cast.auditor)
    address = reverse("version-evidence", args=[version.pk])
    one = queries(client, address)
    for _number in range(3):
        finish(
            actions.request_check(
                version, slug="group_fairness", predictions=table, parameters=CHOSEN, actor=cast.owner
            )
        )
    assert queries(client, address) == one


# ---- evidence


def test_evidence_leads_to_the_run_that_made_it(client, cast, finished):
    client.force_login(cast.auditor)
    assert client.get(finished.evidence.get_absolute_url()).url == finished.get_absolute_url()


def test_evidence_without_a_run_has_a_page_of_its_own(client, cast, version):
    row = factories.make_evidence(cast, version)
    client.force_login(cast.auditor)
    assert row.digest in text_of(client.get(row.get_absolute_url()))


def test_outcome_downloads_as_it_is_stored(client, cast, finished):
    client.force_login(cast.auditor)
    response = client.get(reverse("evidence-outcome", args=[finished.evidence_id]))
    assert response.json() == finished.evidence.outcome
    assert response["Content-Disposition"].startswith("attachment")


def test_withdrawal_names_the_evidence_and_asks_for_a_reason(client, cast, finished):
    """The row stays; the log carries the reason."""
    client.force_login(cast.owner)
    address = reverse("evidence-withdraw", args=[finished.evidence_id])
    assert finished.evidence.digest in text_of(client.get(address))
    short = client.post(address, {"reason": "no"})
    assert "at least ten characters" in text_of(short)
    assert short.context["form"]["reason"].value() == "no"
    client.post(address, {"reason": "The rows were those of another month."})
    row = Evidence.objects.get(pk=finished.evidence_id)
    assert row.withdrawn_reason == "The rows were those of another month."
    assert AuditEntry.objects.filter(action="evidence.withdrawn", object_id=row.pk).exists()


def test_auditor_may_not_withdraw_evidence(client, cast, finished):
    client.force_login(cast.auditor)
    response = client.post(
        reverse("evidence-withdraw", args=[finished.evidence_id]), {"reason": "I do not like it at all."}
    )
    assert response.status_code == 409
    assert Evidence.objects.get(pk=finished.evidence_id).withdrawn_at is None
