"""A report of more than sixty pages in a real worker: drawn in parts, its progress shown, and nothing left of a killed one."""

import io
from pathlib import Path

import pytest
from django.db.models import QuerySet
from pypdf import PdfReader

from rai.models import CheckRun, Predictions
from registry import blobs
from registry.models import JobStatus
from reports import actions
from tests import factories
from tests.faults.test_worker_killed import fresh, until

pytestmark = [pytest.mark.real, pytest.mark.long, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
RUNS = 850
REASON = "Column income has 12 empty values (rows 4, 90, 91). Fill them and upload the table again."
PROGRAM = b"reports.pdf.chapters"


@pytest.fixture
def asked(transactional_db):
    """A report on a version with many runs that went wrong."""
    cast = factories.make_cast()
    version = factories.make_submittable(cast)
    table = Predictions(
        version=version, blob=blobs.store(b"a\n1\n", "text/csv"), name="rows.csv", requested_by=cast.owner
    )
    ended = {"status": JobStatus.ERRORED, "reason": REASON, "requested_by": cast.owner}
    table.save()
    QuerySet(CheckRun).bulk_create(
        CheckRun(version=version, slug="group_fairness", predictions=table, **ended) for _run in range(RUNS)
    )
    return actions.request_report(version, kind="fairness", actor=cast.risk_officer)


def drawing() -> set[Path]:
    """The processes of this machine that draw a document in parts."""
    return {place for place in Path("/proc").glob("[0-9]*/cmdline") if PROGRAM in command_of(place)}


def command_of(place: Path) -> bytes:
    """What a process was started with; nothing of one that has gone."""
    try:
        return place.read_bytes()
    except OSError:
        return b""


def test_a_worker_draws_a_long_report_in_parts_and_shows_how_far_it_is(asked, start_worker):
    """S-185: the worker's child is daemonic; the page shows what is said on the row."""
    start_worker()
    told = []
    assert until(lambda: told.append(fresh(asked).message) or fresh(asked).is_over, 120)
    ended = fresh(asked)
    assert ended.status == JobStatus.FINISHED, ended.reason
    assert len(PdfReader(io.BytesIO(ended.blob.read())).pages) > 60
    assert len({words for words in told if words.startswith("drawing page ")}) > 2


def test_a_worker_that_is_killed_leaves_no_process_that_draws(asked, start_worker):
    worker = start_worker()
    before = drawing()
    assert until(lambda: fresh(asked).message.startswith("drawing page "), 60)
    ours = drawing() - before
    worker.kill()
    assert len(ours) == 3  # the program and two parts
    assert until(lambda: not ours & drawing(), 30) and fresh(asked).blob is None
