"""The pages of checks: who sees them, what they offer, and what they say when they refuse."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rai import actions, running
from rai.catalogue import CHECKS
from rai.models import CheckRun, MetricBaseline, Predictions
from registry import jobs
from registry.models import AuditEntry, Evidence, JobStatus
from tests import factories

CSV = b"y,yhat,sex,weight\n1,1,female,2\n0,1,male,1\n"
COLUMNS = [
    {"name": "y", "type": "number", "values": ["1", "0"], "distinct": 2, "nulls": 0, "rows": 2},
    {"name": "yhat", "type": "number", "values": ["1"], "distinct": 1, "nulls": 0, "rows": 2},
    {"name": "sex", "type": "text", "values": ["female", "male"], "distinct": 2, "nulls": 0, "rows": 2},
    {"name": "weight", "type": "number", "values": ["1", "2"], "distinct": 2, "nulls": 0, "rows": 2},
]
CHOSEN = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}
GOOD = "Wrong rejections cost people an offer; a tenth is bearable."


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
    row = actions.upload_predictions(version, content=CSV, name="preds.csv", actor=cast.owner)
    job = jobs.claim(Predictions, row.pk)
    job.rows, job.columns = 2, COLUMNS
    jobs.finish(job)
    return Predictions.objects.get(pk=row.pk)


@pytest.fixture
def queued(cast, version, table):
    """A run that waits."""
    return actions.request_check(version, slug="group_fairness", predictions=table, parameters=CHOSEN, actor=cast.owner)


def finish(run: CheckRun, verdict: str = "pass") -> CheckRun:
    """The run as a worker ends it."""
    job = jobs.claim(CheckRun, run.pk)
    charts = {"en": b'<svg xmlns="http://www.w3.org/2000/svg"/>', "zh-hans": b"<svg><!-- zh --></svg>"}
    running.record_outcome(job, CHECKS[run.slug], outcome(verdict), charts)
    return CheckRun.objects.get(pk=run.pk)


@pytest.fixture
def finished(queued):
    """A run that passed."""
    return finish(queued)


@pytest.fixture
def limit(cast, version):
    """A limit that waits for approval."""
    return actions.propose_baseline(
        version.home_system, slug="group_fairness", rule="selection_rate_difference<=0.1", rationale=GOOD,
        actor=cast.risk_officer,
    )  # fmt: skip


def text_of(response) -> str:
    """The page as text."""
    return response.content.decode()


def queries(client, url: str) -> int:
    """How many queries a page takes once the person is signed in."""
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


# ---- who sees what


def test_pages_of_a_check_are_for_whoever_may_see_its_version(client, cast, version, table, finished, limit):
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


# ---- uploads


def test_owner_uploads_predictions_and_is_led_to_their_page(client, cast, version):
    """The log knows the upload."""
    client.force_login(cast.owner)
    file = SimpleUploadedFile("preds.csv", CSV)
    response = client.post(reverse("predictions-upload", args=[version.pk]), {"file": file, "role": "development"})
    row = Predictions.objects.get()
    assert response.url == row.get_absolute_url()
    assert row.role == "development"
    assert AuditEntry.objects.filter(action="predictions.uploaded", object_id=row.pk).exists()


def test_upload_form_says_its_limits_beforehand(client, cast, version):
    client.force_login(cast.owner)
    page = text_of(client.get(reverse("predictions-upload", args=[version.pk])))
    assert "At most 512 MB" in page
    assert "Parquet" in page


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (SimpleUploadedFile("model.pkl", b"x"), "predictions are a .csv or a .parquet file"),
        (SimpleUploadedFile("preds.csv", b""), "The file is empty"),
        (None, "Choose a .csv or .parquet file"),
    ],
)
def test_refused_upload_says_why_and_keeps_what_was_typed(client, cast, version, file, sentence):
    client.force_login(cast.owner)
    posted = {"role": "development"} | ({"file": file} if file else {})
    response = client.post(reverse("predictions-upload", args=[version.pk]), posted)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert response.context["form"]["role"].value() == "development"
    assert not Predictions.objects.exists()


def test_risk_officer_may_not_upload_predictions(client, cast, version):
    """The access matrix: dataset.upload is the owner's."""
    client.force_login(cast.risk_officer)
    response = client.post(
        reverse("predictions-upload", args=[version.pk]), {"file": SimpleUploadedFile("p.csv", CSV), "role": "test"}
    )
    assert response.status_code == 409
    assert "You may not do this (dataset.upload)" in text_of(response)
    assert not Predictions.objects.exists()


def test_unread_table_shows_progress_that_asks_again_by_itself(client, cast, version):
    row = actions.upload_predictions(version, content=CSV, name="preds.csv", actor=cast.owner)
    client.force_login(cast.owner)
    page = text_of(client.get(row.get_absolute_url()))
    assert 'hx-trigger="every 2s"' in page
    assert "Run the check" not in page


def test_unreadable_table_says_what_was_wrong_with_it(client, cast, version):
    row = actions.upload_predictions(version, content=CSV, name="preds.csv", actor=cast.owner)
    jobs.fail(jobs.claim(Predictions, row.pk), "preds.csv has no rows. Export it again with its rows.")
    client.force_login(cast.owner)
    page = text_of(client.get(row.get_absolute_url()))
    assert "preds.csv has no rows." in page
    assert reverse("predictions-upload", args=[version.pk]) in page


def test_columns_stand_on_the_page_as_the_worker_read_them(client, cast, table):
    client.force_login(cast.owner)
    page = text_of(client.get(table.get_absolute_url()))
    assert "female, male" in page
    assert "numbers" in page


def test_guessed_columns_are_named_on_the_page(client, cast, table):
    client.force_login(cast.owner)
    response = client.get(table.get_absolute_url())
    form = response.context["form"]
    assert (form["target"].value(), form["prediction"].value(), form["sensitive"].value()) == ("y", "yhat", ["sex"])
    assert "Preselected by the names of the columns" in text_of(response)


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


# ---- limits


def test_risk_officer_proposes_a_limit_and_an_approver_puts_it_in_force(client, cast, version):
    """S-119: two people."""
    address = reverse("baselines", args=[version.home_system.pk])
    client.force_login(cast.risk_officer)
    posted = {
        "slug": "group_fairness",
        "rule": "selection_rate_difference <= 0.1",
        "principle": "fairness",
        "rationale": GOOD,
    }
    assert client.post(address, posted).status_code == 302
    row = MetricBaseline.objects.get()
    assert row.status == MetricBaseline.Status.DRAFT
    client.force_login(cast.approver)
    assert reverse("baseline-approve", args=[row.pk]) in text_of(client.get(address))
    client.post(reverse("baseline-approve", args=[row.pk]))
    row.refresh_from_db()
    assert (row.status, row.approved_by) == (MetricBaseline.Status.APPROVED, cast.approver)


def test_refused_limit_says_so_at_its_field_and_loses_nothing(client, cast, version):
    client.force_login(cast.risk_officer)
    posted = {"slug": "group_fairness", "rule": "fairness is good", "principle": "fairness", "rationale": GOOD}
    response = client.post(reverse("baselines", args=[version.home_system.pk]), posted)
    assert response.status_code == 422
    assert "rule" in response.context["form"].errors
    assert response.context["form"]["rationale"].value() == GOOD
    assert not MetricBaseline.objects.exists()


def test_whoever_set_a_limit_does_not_approve_it(client, cast, limit):
    """R6."""
    factories.people.grant_duty(cast.risk_officer, duty="approver", unit=cast.unit, actor=cast.administrator)
    client.force_login(cast.risk_officer)
    response = client.post(reverse("baseline-approve", args=[limit.pk]))
    assert "Whoever set the limit" in text_of(response)
    limit.refresh_from_db()
    assert limit.status == MetricBaseline.Status.DRAFT


def test_owner_sees_limits_and_is_offered_no_act(client, cast, version, limit):
    client.force_login(cast.owner)
    page = text_of(client.get(reverse("baselines", args=[version.home_system.pk])))
    assert limit.rule.replace("<", "&lt;") in page
    assert "Propose a limit" not in page
    assert reverse("baseline-approve", args=[limit.pk]) not in page


def test_limit_is_taken_out_of_force_with_a_reason(client, cast, limit):
    client.force_login(cast.risk_officer)
    address = reverse("baseline-supersede", args=[limit.pk])
    refused = client.post(address, {"reason": "no"})
    assert refused.status_code == 422
    assert "at least ten characters" in text_of(refused)
    client.post(address, {"reason": "A stricter one takes its place."})
    limit.refresh_from_db()
    assert limit.status == MetricBaseline.Status.SUPERSEDED
