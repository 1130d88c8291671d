"""A full disk and a killed worker in the middle of a pack: the job ends or begins again, and nothing half-written is offered."""

import resource
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from registry import jobs
from registry.audit import verification
from registry.models import Blob, JobStatus
from reports.models import Pack
from reports.packs import building, wide
from reports.packs.actions import request_wide_pack
from reports.verifier import verify
from tests.reports.packs.test_wide_packs import keys  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]
MB = 1 << 20


@contextmanager
def no_file_larger_than(size):
    """As on a disk that is full once a file has so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def left_over(settings) -> list[str]:
    """What lies where packs are built and where stored files come in."""
    incoming = default_storage.path("incoming")
    names = [path.name for path in Path(incoming).glob("*")] if Path(incoming).exists() else []
    return names + [path.name for path in Path(settings.DATA_DIR).glob("tmp*")]


@pytest.mark.parametrize("filled", [40, 90])
def test_a_full_disk_ends_the_job_with_a_sentence_and_leaves_nothing(cast, settings, monkeypatch, filled):
    """F, bad input: full in the draft, or only in the finished file; the verdict is the same."""
    monkeypatch.setattr(wide, "files_of", lambda ids, people: (bytes(MB) for _ in range(filled)))
    row = request_wide_pack(cast.other_unit, actor=cast.outsider)
    before = Blob.objects.count()
    with no_file_larger_than(64 * MB if filled > 64 else 40 * MB):
        jobs.work(Pack, row.pk, building.build_pack)
    row.refresh_from_db()
    assert row.status == JobStatus.ERRORED and "no room left on the disk" in row.reason
    assert row.blob is None and row.code is None and Blob.objects.count() == before
    assert left_over(settings) == []
    assert list(verification.findings()) == []


class Killed(BaseException):
    """The worker is gone: nothing that it would do comes after this."""


@pytest.mark.parametrize("place", ["fill", "packed"])
def test_a_worker_that_is_gone_in_mid_pack_leaves_a_job_that_another_ends(cast, settings, monkeypatch, place):
    """P5, F bad input: nothing is offered meanwhile; the next worker's pack is whole."""
    row = request_wide_pack(cast.other_unit, actor=cast.outsider)
    whole = getattr(building, place)

    def gone(*args, **kwargs):
        whole(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(building, place, gone)
    with pytest.raises(Killed):
        jobs.work(Pack, row.pk, building.build_pack)
    row.refresh_from_db()
    assert row.status == JobStatus.RUNNING and row.blob is None and left_over(settings) == []
    monkeypatch.undo()
    settings.KEY_DIR = settings.DATA_DIR / "keys-again"
    Pack.objects.filter(pk=row.pk).unlogged_update(lease_until=timezone.now())
    jobs.work(Pack, row.pk, building.build_pack)
    row.refresh_from_db()
    assert (row.status, row.attempts) == (JobStatus.FINISHED, 2)
    assert verify.problems(row.blob.read(), row.key_fingerprint) == []
    assert connection.is_usable()
