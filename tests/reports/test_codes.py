"""The page that a stranger opens with the code of a document: what it says, to whom it says more, and how often."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from registry import blobs, jobs
from registry.actions import sign_ins
from registry.models import FailedSignIn, VersionStatus
from reports import actions, formats, printing
from reports.models import Report
from tests import factories

pytestmark = pytest.mark.django_db

PDF, WORD = b"%PDF-1.7 for tests", b"a document of a word processor"
NOBODYS = "0000-1111-2222-3333"


@pytest.fixture
def version(cast):
    """A version with card and evidence."""
    return factories.make_submittable(cast)


def filed(version, person, *, later=0) -> Report:
    """A report that is finished, some days later than now."""
    job = jobs.claim(Report, actions.request_report(version, kind="compliance", actor=person).pk)
    content = PDF + str(later).encode()
    with transaction.atomic():
        job.blob, job.data = blobs.store(content, "application/pdf"), blobs.store(b"{}", "application/json")
        job.as_of, job.code = job.created_at + timedelta(days=later), printing.verification_code(content)
        jobs.finish(job)
        formats.attach(job, "docx", WORD)
    return job


@pytest.fixture
def report(cast, version):
    """A report with its files."""
    return filed(version, cast.risk_officer)


def page_of(client, code, **query) -> str:
    """What the page of a code says, for whom the client is signed in as."""
    answer = client.get(reverse("verify", args=[code]), query)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_a_stranger_is_told_kind_day_digest_and_that_it_stands(client, report):
    """P4: the code of a PDF leads somewhere without an account."""
    page = page_of(client, report.code)
    assert "NIST AI RMF compliance report" in page and f"{report.as_of:%Y-%m-%d}" in page
    assert hashlib.sha256(PDF + b"0").hexdigest() in page and "It is the newest of its kind" in page


def test_a_stranger_is_told_no_name_and_no_address_of_anything(client, report, version):
    """P5: the page says nothing more than the paper, and less."""
    page = page_of(client, report.code)
    system = version.home_system
    hidden = [system.name, system.slug, system.unit.name, str(version), version.model.name, str(report.requested_by)]
    hidden += [str(row.pk) for row in (report, version, system, system.unit)] + [report.requested_by.email]
    assert [text for text in hidden if text in page] == []


def test_somebody_of_another_unit_is_told_what_a_stranger_is_told(client, cast, report):
    """P5: signing in shows an outsider no more than signing out."""
    client.force_login(cast.outsider)
    page = page_of(client, report.code)
    assert report.get_absolute_url() not in page and report.home_system.name not in page


def test_who_may_see_the_document_is_led_to_it(client, cast, report):
    client.force_login(cast.auditor)
    assert report.get_absolute_url() in page_of(client, report.code)


def test_names_are_shown_only_where_the_organisation_chose_it(client, settings, report):
    settings.VERIFY_SHOWS_NAMES = True
    assert str(report.version) in page_of(client, report.code)


def test_a_document_with_a_newer_edition_is_called_superseded(client, cast, report, version):
    newer = filed(version, cast.risk_officer, later=3)
    assert "Superseded: a newer one of the same kind about the same was made" in page_of(client, report.code)
    assert "It is the newest of its kind" in page_of(client, newer.code)


def test_a_document_about_what_is_out_of_use_says_so(client, report, version):
    version.status = VersionStatus.SUSPENDED
    version.save()
    assert "What it tells of is in use no more: Suspended." in page_of(client, report.code)


@pytest.mark.parametrize(("content", "form"), [(PDF + b"0", "PDF"), (WORD, "DOCX"), (b"{}", "JSON")])
def test_the_file_in_hand_is_the_same_in_any_of_its_formats(client, report, content, form):
    digest = hashlib.sha256(content).hexdigest()
    assert f"byte for byte ({form})" in page_of(client, report.code, sha256=f"sha256:{digest.upper()}")


def test_a_file_that_was_changed_is_called_another_one(client, report):
    page = page_of(client, report.code, sha256=hashlib.sha256(PDF + b"?").hexdigest())
    assert "your file has another SHA-256" in page and "byte for byte" not in page


def test_what_is_no_digest_is_sent_back_with_what_is_wanted(client, report):
    assert "A SHA-256 is 64 digits or letters from a to f." in page_of(client, report.code, sha256="my file")


def test_a_code_of_nothing_and_a_code_of_a_document_that_is_still_made_answer_alike(client, cast, version):
    """A job that waits has no code, so that nobody learns of it."""
    actions.request_report(version, kind="compliance", actor=cast.risk_officer)
    answer = client.get(reverse("verify", args=[NOBODYS]))
    assert answer.status_code == 404 and "No document of this installation carries the code" in answer.content.decode()


def test_a_code_is_of_sixty_four_bits_that_no_other_code_tells_of():
    """Who tries a million codes a second for a hundred years meets one of a million documents in a blue moon only:
    with the limit of an address it is not a thousandth of that."""
    codes = {printing.verification_code(str(number).encode()) for number in range(1000)}
    assert len(codes) == 1000 and all(re.fullmatch(r"[0-9A-F]{4}(-[0-9A-F]{4}){3}", code) for code in codes)
    tries = sign_ins.LIMITS[sign_ins.Kind.VERIFY].account * 4 * 24 * 365
    assert tries * 1_000_000 / 2**64 < 1e-5


def test_a_stranger_who_tries_codes_is_shut_out_for_a_while(client, report):
    """Sixty in a quarter of an hour of one address, right ones and wrong ones alike."""
    limit = sign_ins.LIMITS[sign_ins.Kind.VERIFY].address
    FailedSignIn.objects.bulk_create(
        FailedSignIn(kind=sign_ins.Kind.VERIFY, account="", address="127.0.0.1") for _n in range(limit - 1)
    )
    assert client.get(reverse("verify", args=[NOBODYS])).status_code == 404
    for code in (NOBODYS, report.code):
        answer = client.get(reverse("verify", args=[code]))
        assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
        assert "Too many attempts" in answer.content.decode() and report.blob.sha256 not in answer.content.decode()


def test_people_with_an_account_are_not_counted(client, cast, report):
    client.force_login(cast.outsider)
    page_of(client, report.code)
    assert not FailedSignIn.objects.filter(kind=sign_ins.Kind.VERIFY).exists()


def test_a_code_that_is_none_is_neither_counted_nor_looked_up(client):
    assert client.get(reverse("verify", args=["<b>"])).status_code == 404
    assert not FailedSignIn.objects.filter(kind=sign_ins.Kind.VERIFY).exists()
