"""The pages of reports, packs, frameworks and codes: who sees them, what they hand out, what they refuse."""

import hashlib
import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from registry import blobs, jobs
from registry.models import AuditEntry
from reports import actions, printing
from reports.models import Pack, Report
from tests import factories

PDF, ZIP, KEY = b"%PDF-1.7 for tests", b"PK for tests", "ab" * 32


@pytest.fixture
def version(cast):
    """A version with card and evidence."""
    return factories.make_submittable(cast)


@pytest.fixture
def waiting(cast, version):
    """A report that waits for a worker."""
    return actions.request_report(version, kind="compliance", actor=cast.risk_officer)


@pytest.fixture
def report(waiting):
    """A report with its files, ended as a worker ends it but without rendering."""
    job = jobs.claim(Report, waiting.pk)
    with transaction.atomic():
        job.blob, job.data = blobs.store(PDF, "application/pdf"), blobs.store(b"{}", "application/json")
        job.as_of, job.code = timezone.now(), printing.verification_code(PDF)
        jobs.finish(job)
    return job


@pytest.fixture
def pack(cast, version):
    """A pack with its file."""
    row = actions.request_pack(version, actor=cast.auditor)
    job = jobs.claim(Pack, row.pk)
    with transaction.atomic():
        job.blob, job.key_fingerprint = blobs.store(ZIP, "application/zip"), KEY
        job.as_of, job.code = timezone.now(), printing.verification_code(ZIP)
        jobs.finish(job)
    return job


def text_of(response) -> str:
    """The page as text."""
    return response.content.decode()


def queries(client, url: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


# ---- who sees what


def test_documents_are_for_whoever_may_see_their_system(client, cast, version, report, pack):
    """P5: an outsider meets 404 everywhere, as if nothing were there."""
    addresses = [
        reverse("report", args=[report.pk]),
        reverse("report-file", args=[report.pk]),
        reverse("report-data", args=[report.pk]),
        reverse("pack", args=[pack.pk]),
        reverse("pack-file", args=[pack.pk]),
        reverse("version-reports", args=[version.pk]),
        reverse("frameworks") + f"?system={version.home_system.pk}",
        reverse("requirement", args=["nist_ai_rmf", "MEASURE-2.11"]) + f"?system={version.home_system.pk}",
    ]
    client.force_login(cast.auditor)
    assert {url: client.get(url).status_code for url in addresses} == dict.fromkeys(addresses, 200)
    client.force_login(cast.outsider)
    assert {url: client.get(url).status_code for url in addresses} == dict.fromkeys(addresses, 404)


def test_nobody_reads_reports_without_signing_in(client, report):
    for url in (reverse("reports"), reverse("report-file", args=[report.pk])):
        assert client.get(url).status_code == 302


def test_lists_hold_only_documents_of_own_units(client, cast, report, pack):
    client.force_login(cast.outsider)
    assert report.get_absolute_url() not in text_of(client.get(reverse("reports")))
    assert pack.get_absolute_url() not in text_of(client.get(reverse("packs")))


# ---- requests


def test_risk_officer_asks_for_a_report_on_the_page_of_the_version(client, cast, version):
    client.force_login(cast.risk_officer)
    posted = {"kind": "compliance", "language": "zh-hans"}
    response = client.post(reverse("report-request", args=[version.pk]), posted)
    row = Report.objects.get()
    assert response.url == row.get_absolute_url()
    assert row.language == "zh-hans"
    assert AuditEntry.objects.filter(action="report.requested", object_id=row.pk).exists()


def test_report_is_asked_for_from_the_list_too(client, cast, version):
    client.force_login(cast.auditor)
    client.post(reverse("reports"), {"version": version.pk, "kind": "compliance", "language": "en"})
    assert Report.objects.get().version == version


def test_list_offers_no_version_of_another_unit(client, cast, version):
    client.force_login(cast.outsider)
    response = client.post(reverse("reports"), {"version": version.pk, "kind": "compliance", "language": "en"})
    assert response.status_code == 422
    assert not Report.objects.exists()


def test_approver_is_offered_no_report_and_gets_none(client, cast, version):
    client.force_login(cast.approver)
    address = reverse("version-reports", args=[version.pk])
    assert "Build the report" not in text_of(client.get(address))
    response = client.post(address, {"kind": "compliance", "language": "en"})
    assert response.status_code == 422
    assert "You may not do this (report.generate)" in text_of(response)
    assert not Report.objects.exists()


def test_owner_asks_for_reports_but_not_for_packs(client, cast, version):
    """The access matrix: pack.generate is not the owner's."""
    client.force_login(cast.owner)
    page = text_of(client.get(reverse("version-reports", args=[version.pk])))
    assert "Build the report" in page
    assert "Build the pack" not in page
    response = client.post(reverse("pack-request", args=[version.pk]), {"language": "en"})
    assert "You may not do this (pack.generate)" in text_of(response)
    assert not Pack.objects.exists()


def test_auditor_asks_for_a_pack(client, cast, version):
    client.force_login(cast.auditor)
    response = client.post(reverse("pack-request", args=[version.pk]), {"language": "en"})
    assert response.url == Pack.objects.get().get_absolute_url()


def test_unknown_language_is_refused_at_its_field(client, cast, version):
    client.force_login(cast.auditor)
    response = client.post(reverse("pack-request", args=[version.pk]), {"language": "tlh"})
    assert response.status_code == 422
    assert "language" in response.context["pack_form"].errors


def test_pack_is_not_asked_for_by_reading(client, cast, version):
    client.force_login(cast.auditor)
    assert client.get(reverse("pack-request", args=[version.pk])).status_code == 405


# ---- pages and downloads


def test_waiting_report_asks_again_by_itself_and_has_no_file(client, cast, waiting):
    client.force_login(cast.auditor)
    assert 'hx-trigger="every 2s"' in text_of(client.get(waiting.get_absolute_url()))
    assert client.get(reverse("report-file", args=[waiting.pk])).status_code == 404


def test_report_that_ended_while_somebody_watches_brings_the_rest_of_the_page(client, cast, report):
    """The poll finds the job ended and fetches the page once; a plain reload shows no job any more."""
    client.force_login(cast.auditor)
    polled = text_of(client.get(report.get_absolute_url(), headers={"HX-Request": "true"}))
    assert f'hx-get="{report.get_absolute_url()}?settled=1"' in polled
    assert "settled=1" not in text_of(client.get(report.get_absolute_url()))


def test_failed_report_says_why_and_where_to_ask_again(client, cast, version, waiting):
    jobs.fail(jobs.claim(Report, waiting.pk), "The chart could not be read.")
    client.force_login(cast.auditor)
    page = text_of(client.get(waiting.get_absolute_url()))
    assert "The chart could not be read." in page
    assert reverse("version-reports", args=[version.pk]) in page


def test_report_shows_digest_and_code(client, cast, report):
    client.force_login(cast.auditor)
    page = text_of(client.get(report.get_absolute_url()))
    assert hashlib.sha256(PDF).hexdigest() in page
    assert report.code in page


@pytest.mark.parametrize(("name", "content"), [("report-file", PDF), ("report-data", b"{}")])
def test_report_downloads_as_a_file_that_is_never_opened_in_place(client, cast, report, name, content):
    client.force_login(cast.auditor)
    response = client.get(reverse(name, args=[report.pk]))
    assert b"".join(response.streaming_content) == content
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_log_knows_who_took_a_pack(client, cast, pack):
    """S-177."""
    client.force_login(cast.publisher)
    response = client.get(reverse("pack-file", args=[pack.pk]))
    assert b"".join(response.streaming_content) == ZIP
    entry = AuditEntry.objects.get(action="pack.downloaded", object_id=pack.pk)
    assert entry.actor == cast.publisher


def test_pack_page_says_how_a_stranger_verifies_it(client, cast, pack):
    """P4: the commands, with the fingerprint and the digest of this very pack."""
    client.force_login(cast.auditor)
    page = text_of(client.get(pack.get_absolute_url()))
    assert page.count("<pre") == 4
    assert f"--key-fingerprint {KEY}" in page
    assert hashlib.sha256(ZIP).hexdigest() in page


def test_verifier_is_handed_out_apart_from_packs(client, cast):
    client.force_login(cast.auditor)
    content = b"".join(client.get(reverse("verifier")).streaming_content)
    assert b"--key-fingerprint" in content


@pytest.mark.parametrize(("name", "noun"), [("reports", "report"), ("packs", "pack")])
def test_lists_take_the_same_queries_for_one_row_and_for_many(
    client, cast, version, report, pack, name, noun, settings
):
    settings.JOBS_PER_PERSON = 20
    client.force_login(cast.auditor)
    address = reverse(name)
    one = queries(client, address)
    for _number in range(3):
        actions.request_report(version, kind="compliance", actor=cast.auditor)
        actions.request_pack(version, actor=cast.auditor)
    assert queries(client, address) == one
    assert one <= 16


# ---- codes


@pytest.mark.parametrize(
    "change", [str, str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " ")]
)
def test_code_leads_to_its_document_however_it_is_typed(client, cast, pack, change):
    client.force_login(cast.auditor)
    response = client.get(reverse("verify-ask"), {"code": change(pack.code)}, follow=True)
    assert pack.get_absolute_url() in text_of(response)
    assert hashlib.sha256(ZIP).hexdigest() in text_of(response)


def test_typing_error_in_a_code_is_said_and_kept(client, cast):
    client.force_login(cast.auditor)
    page = text_of(client.get(reverse("verify-ask"), {"code": "0A1B-XYZ"}))
    assert "A code is sixteen digits or letters from A to F" in page
    assert 'value="0A1B-XYZ"' in page


# ---- frameworks


def test_grid_shows_all_requirements_with_words(client, cast, version):
    """S-185: the 72 of the NIST AI RMF."""
    client.force_login(cast.risk_officer)
    response = client.get(reverse("frameworks"), {"system": version.home_system.pk})
    page = text_of(response)
    assert page.count("/frameworks/nist_ai_rmf/M") + page.count("/frameworks/nist_ai_rmf/G") == 72
    assert "Not met" in page
    assert f"?system={version.home_system.pk}" in page
    assert sum(n for _name, _label, n in response.context["counts"]) == 72


@pytest.mark.parametrize(("slug", "size"), [("nist_ai_600_1", 12), ("eu_ai_act", 37), ("iso_42001", 70)])
def test_every_framework_has_its_grid_with_a_page_for_every_requirement(client, cast, slug, size):
    """S-185: generative AI profile, EU AI Act and ISO/IEC 42001 are decided from the same evidence."""
    client.force_login(cast.risk_officer)
    page = text_of(client.get(reverse("framework", args=[slug])))
    addresses = set(re.findall(rf'href="(/frameworks/{slug}/[^"]+/)"', page))
    assert len(addresses) == size
    for address in list(addresses)[:5]:
        assert client.get(address).status_code == 200


def test_a_requirement_leads_to_what_the_other_frameworks_ask_like_it(client, cast):
    client.force_login(cast.risk_officer)
    page = text_of(client.get(reverse("requirement", args=["eu_ai_act", "Art.-17"])))
    assert "/frameworks/nist_ai_rmf/GOVERN-1.2/" in page and "/frameworks/iso_42001/A.6.1.2/" in page


def test_a_framework_that_is_not_here_is_not_found(client, cast):
    client.force_login(cast.risk_officer)
    assert client.get(reverse("framework", args=["soc2"])).status_code == 404


def test_requirement_opens_to_rule_reason_and_evidence(client, cast, version):
    client.force_login(cast.risk_officer)
    address = reverse("requirement", args=["nist_ai_rmf", "MEASURE-2.11"])
    response = client.get(address, {"system": version.home_system.pk})
    page = text_of(response)
    result = response.context["result"]
    assert "MEASURE 2.11" in page
    assert result.items[0].item.shows in page
    assert "required" in page


def test_requirement_says_the_same_as_its_cell(client, cast, version):
    client.force_login(cast.risk_officer)
    system = {"system": version.home_system.pk}
    grid = client.get(reverse("frameworks"), system).context["evaluation"]
    one = client.get(reverse("requirement", args=["nist_ai_rmf", "MAP-1.1"]), system).context["result"]
    [cell] = [entry.cell for entry in grid.requirements if entry.requirement.id == "MAP 1.1"]
    assert (one.result, one.basis) == (cell.result, cell.basis)


def test_unknown_requirement_is_not_found(client, cast):
    client.force_login(cast.auditor)
    assert client.get(reverse("requirement", args=["nist_ai_rmf", "MAP-99"])).status_code == 404
