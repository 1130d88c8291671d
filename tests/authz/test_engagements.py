"""Auditors read a unit for a time; raw data and files only by the flag; what they take stands in the log."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry import access
from registry.actions import people
from registry.errors import NotAllowed
from registry.models import AuditEntry, Duty, RoleAssignment
from tests import factories
from tests.rai.uploads import read_table


@pytest.fixture
def as_person(client):
    """A client signed in as somebody."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def guest(cast):
    """Somebody with an account and no duty that decides."""
    return factories.invite("guest", "Gerda Guest", Duty.END_USER, cast.unit, cast.administrator)


def engaged(cast, guest, client, **changes):
    """What the page answers when an auditor is engaged."""
    client.force_login(cast.administrator)
    day = timezone.localdate() + timedelta(days=30)
    data = {"person": guest.pk, "unit": cast.unit.pk, "ends_on": day, "include_raw_data": "on", **changes}
    return client.post(reverse("engagement-add"), {name: value for name, value in data.items() if value != ""})


def places(cast):
    """The addresses of a version's file and of a table of people's data."""
    version = factories.make_version(cast)
    table = read_table(cast, version)
    return {
        "version.file_downloaded": (reverse("version-file", args=[version.pk]), version),
        "predictions.downloaded": (reverse("predictions-file", args=[table.pk]), table),
    }


def test_an_administrator_engages_an_auditor_until_a_day(cast, guest, client):
    assert engaged(cast, guest, client).status_code == 302
    row = RoleAssignment.objects.get(person=guest, duty=Duty.AUDITOR)
    assert (row.ends_on, row.include_raw_data) == (timezone.localdate() + timedelta(days=30), True)
    assert AuditEntry.objects.filter(action="duty.granted", object_id=row.pk).count() == 1
    page = client.get(reverse("engagements")).content.decode()
    assert "Gerda Guest" in page and "may be taken" in page


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"ends_on": "2020-01-01"}, "The day lies in the past"), ({"ends_on": ""}, "This field is required"),
])  # fmt: skip
def test_an_engagement_without_a_day_to_come_is_refused_and_the_rest_is_kept(cast, guest, client, changes, sentence):
    answer = engaged(cast, guest, client, **changes)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert f'value="{guest.pk}" selected' in answer.content.decode()
    assert not RoleAssignment.objects.filter(person=guest, duty=Duty.AUDITOR).exists()


def test_nobody_else_engages_auditors(cast, guest, as_person):
    for person in (cast.risk_officer, cast.auditor, cast.approver):
        client = as_person(person)
        assert "Engage an auditor" not in client.get(reverse("engagements")).content.decode()
        answer = client.post(
            reverse("engagement-add"), {"person": guest.pk, "unit": cast.unit.pk, "ends_on": "2030-01-01"}
        )
        assert answer.status_code == 409
    assert not RoleAssignment.objects.filter(person=guest, duty=Duty.AUDITOR).exists()


def test_an_administrator_does_not_make_an_auditor_of_him_or_herself(cast, client):
    answer = engaged(cast, cast.administrator, client)
    assert answer.status_code == 422
    with pytest.raises(NotAllowed, match="Nobody changes his or her own duties"):
        people.engage_auditor(
            cast.administrator, unit=cast.unit, ends_on=timezone.localdate(), include_raw_data=True,
            actor=cast.administrator,
        )  # fmt: skip


def test_raw_data_and_files_are_taken_only_with_the_flag_and_each_time_is_in_the_log(cast, guest, client, as_person):
    engaged(cast, guest, client)
    for action, (url, row) in places(cast).items():
        assert as_person(cast.auditor).get(url).status_code == 409, "an auditor without the flag"
        answer = as_person(guest).get(url)
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)
        assert answer["Content-Disposition"].startswith("attachment") and answer["X-Content-Type-Options"] == "nosniff"
        entries = AuditEntry.objects.filter(action=action, object_id=row.pk)
        assert [entry.actor_id for entry in entries] == [guest.pk]


def test_the_owner_takes_own_files_and_the_publisher_none(cast, as_person):
    for url, row in places(cast).values():
        assert as_person(cast.owner).get(url).status_code == 200
        assert as_person(cast.publisher).get(url).status_code == 409
        assert url in as_person(cast.owner).get(row.get_absolute_url()).content.decode()
        assert url not in as_person(cast.publisher).get(row.get_absolute_url()).content.decode()


def test_what_an_auditor_took_is_listed_to_the_risk_officer_and_not_to_the_administrator(
    cast, guest, client, as_person
):
    engaged(cast, guest, client)
    url, _row = places(cast)["predictions.downloaded"]
    b"".join(as_person(guest).get(url).streaming_content)
    duty = RoleAssignment.objects.get(person=guest, duty=Duty.AUDITOR).get_absolute_url()
    assert "Predictions: downloaded" in as_person(cast.risk_officer).get(duty).content.decode()
    assert "Predictions: downloaded" not in as_person(cast.administrator).get(duty).content.decode()
    assert "Nothing that you may see in the log" in as_person(cast.administrator).get(duty).content.decode()


def test_an_engagement_ends_by_itself(cast, guest, client, as_person, monkeypatch):
    engaged(cast, guest, client)
    url, version = places(cast)["version.file_downloaded"]
    assert access.allowed(guest, access.ARTIFACT_DOWNLOAD, version)
    last = timezone.localdate() + timedelta(days=30)
    monkeypatch.setattr(timezone, "localdate", lambda *_: last)
    assert access.allowed(guest, access.ARTIFACT_DOWNLOAD, version), "the last day counts"
    monkeypatch.setattr(timezone, "localdate", lambda *_: last + timedelta(days=1))
    assert not access.allowed(guest, access.MODEL_VIEW, version)
    assert as_person(guest).get(url).status_code == 404


def test_every_download_by_rest_is_in_the_log_too(cast, as_person):
    """Reports and packs by the API, as by the pages."""
    from registry import blobs, jobs
    from reports import actions
    from reports.models import Report

    version = factories.make_version(cast)
    report = actions.request_report(version, kind="compliance", actor=cast.auditor)
    job = jobs.claim(Report, report.pk)
    job.blob = blobs.store(b"%PDF-1.7", "application/pdf")
    jobs.finish(job)
    assert as_person(cast.auditor).get(f"/api/v1/reports/{report.pk}/file/").status_code == 200
    entries = AuditEntry.objects.filter(action="report.downloaded", object_id=report.pk)
    assert [entry.actor_id for entry in entries] == [cast.auditor.pk]


def test_a_pack_is_taken_by_those_whose_duty_says_so_by_the_page_as_by_rest(cast, as_person):
    """An owner asks an auditor or a publisher for the pack: the page once gave it to everybody who saw the system."""
    from registry import blobs, jobs
    from reports import actions
    from reports.models import Pack

    row = actions.request_pack(factories.make_version(cast), actor=cast.auditor)
    job = jobs.claim(Pack, row.pk)
    job.blob = blobs.store(b"PK\x05\x06" + bytes(18), "application/zip")
    jobs.finish(job)
    places = (reverse("pack-file", args=[row.pk]), f"/api/v1/packs/{row.pk}/file/")
    for person, takes in ((cast.auditor, True), (cast.publisher, True), (cast.owner, False), (cast.approver, False)):
        client = as_person(person)
        assert (places[0] in client.get(row.get_absolute_url()).content.decode()) == takes, person
        assert [client.get(place).status_code == 200 for place in places] == [takes, takes], person
    takers = AuditEntry.objects.filter(action="pack.downloaded").values_list("actor_id", flat=True)
    assert sorted(takers) == sorted([cast.auditor.pk, cast.publisher.pk] * 2)
