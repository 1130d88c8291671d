"""Nobody asks for more than an installation can do, and each refusal says when to come back."""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from rai import actions as checks
from rai.models import Predictions
from registry import jobs, quotas
from registry.errors import QuotaReached
from registry.models import AuditEntry, Blob
from reports import actions as documents
from tests import factories
from tests.rai.uploads import CSV, read_table

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(cast):
    """A version of the lending unit."""
    return factories.make_version(cast)


def send(cast, version, person=None, text=b""):
    """A table sent by a person."""
    return checks.upload_predictions(version, content=CSV + text, name="rows.csv", actor=person or cast.owner)


def refusal(act, *args, **kwargs):
    """What the refused person reads; nothing was entered into the log."""
    before = AuditEntry.objects.count()
    with pytest.raises(QuotaReached) as refused:
        act(*args, **kwargs)
    assert AuditEntry.objects.count() == before
    return str(refused.value)


def test_a_person_has_so_many_jobs_at_a_time(cast, version, settings):
    """P14: five jobs in flight, of all kinds together."""
    settings.JOBS_PER_PERSON = 2
    send(cast, version)
    send(cast, version, text=b"1,1,male,3\n")
    said = refusal(send, cast, version, text=b"0,0,male,3\n")
    assert said.startswith("2 of your jobs are not done")
    assert said.endswith("ask again when one of them is.")


def test_the_sentence_for_one_job_is_one_of_one_job(cast, version, settings):
    settings.JOBS_PER_PERSON = 1
    send(cast, version)
    assert refusal(send, cast, version).startswith("1 of your jobs is not done")


def test_a_job_that_is_done_makes_room(cast, version, settings):
    settings.JOBS_PER_PERSON = 1
    read_table(cast, version)
    jobs.fail(jobs.claim(Predictions, send(cast, version, text=b"1,1,male,3\n").pk), "Left undone.")
    assert send(cast, version, text=b"0,0,male,3\n")


def test_a_unit_has_so_many_jobs_at_a_time_whoever_asked(cast, version, settings):
    settings.JOBS_PER_UNIT = 2
    send(cast, version)
    documents.request_report(version, kind="compliance", actor=cast.risk_officer)
    said = refusal(documents.request_pack, version, actor=cast.auditor)
    assert said == "2 jobs of Lending are not done, the most of a unit at a time; ask again when one of them is."


def test_jobs_of_another_unit_do_not_count(cast, version, settings):
    settings.JOBS_PER_UNIT = 1
    send(cast, version)
    assert quotas.in_flight(lambda model: {model.unit_path: cast.other_unit}) == 0
    quotas.require_room(cast.outsider, cast.other_unit)


def test_the_interface_answers_429_with_the_sentence(cast, version, settings, client):
    settings.JOBS_PER_PERSON = 1
    send(cast, version)
    client.force_login(cast.owner)
    file = SimpleUploadedFile("more.csv", CSV + b"1,1,male,3\n")
    answer = client.post("/api/v1/predictions/", {"version": version.pk, "file": file})
    assert (answer.status_code, answer["Retry-After"]) == (429, "60"), answer.content
    assert "ask again" in answer.json()["detail"]


def test_so_many_files_a_minute_and_the_refusal_names_the_seconds(cast, settings, monkeypatch):
    """P14: uploads a minute; whoever waits as long as it says is let in."""
    cache.clear()
    settings.UPLOADS_PER_MINUTE, clock = 2, [1000.0]
    monkeypatch.setattr(quotas.time, "time", lambda: clock[0])
    quotas.require_upload(cast.owner)
    clock[0] += 20
    quotas.require_upload(cast.owner)
    quotas.require_upload(cast.risk_officer)
    with pytest.raises(QuotaReached, match=r"You sent 2 files within a minute.*send it again in 40 s") as refused:
        quotas.require_upload(cast.owner)
    assert refused.value.seconds == 40
    clock[0] += 40
    quotas.require_upload(cast.owner)


def test_the_files_of_a_unit_take_so_much_room(cast, version, settings):
    """P14: storage. Nothing is kept of what was refused, and the sentence says who gives more."""
    held = quotas.stored(cast.unit)
    assert held == version.artifact.size
    read_table(cast, version)
    assert quotas.stored(cast.unit) == held + len(CSV)
    settings.STORAGE_PER_UNIT, blobs = held + len(CSV), Blob.objects.count()
    assert "ATTESTRY_STORAGE_PER_UNIT" in refusal(send, cast, version, text=b"1,1,male,3\n")
    assert "Nothing was stored" in refusal(factories.make_version, cast, version.model)
    assert Blob.objects.count() == blobs


def test_a_unit_with_much_room_is_counted_once_a_minute_and_anew_when_the_limit_changes(cast, settings, monkeypatch):
    """P14: registering costs the same however many files a unit has; a tighter limit holds at once."""
    cache.clear()
    held, asked = iter((5, 40, 100)), []
    monkeypatch.setattr(quotas, "stored", lambda unit: asked.append(unit) or next(held))
    settings.STORAGE_PER_UNIT = 100
    quotas.require_storage(cast.unit)
    quotas.require_storage(cast.unit)
    assert len(asked) == 1
    settings.STORAGE_PER_UNIT = 99
    quotas.require_storage(cast.unit)
    with pytest.raises(QuotaReached):
        quotas.require_storage(cast.unit)


def test_equal_bytes_take_room_once(cast, version):
    read_table(cast, version)
    held = quotas.stored(cast.unit)
    read_table(cast, factories.make_version(cast, artifact=b"x"))
    assert quotas.stored(cast.unit) == held + 1


def test_files_of_another_unit_take_no_room(cast, version):
    assert quotas.stored(cast.other_unit) == 0
