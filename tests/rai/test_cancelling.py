"""A check that has begun is cancelled: its child ends, nothing is recorded, and the worker goes on."""

import io
import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from rai import actions
from rai.models import CheckRun
from rai.running import runs
from rai.sandbox import launcher
from registry import jobs
from registry.audit import verification
from registry.models import AuditEntry, Evidence, JobStatus
from tests import factories
from tests.faults.test_worker_killed import fresh, until
from tests.rai.plans import FAIRNESS
from tests.rai.uploads import read_table, text_of

ROWS, COLUMNS = 600_000, 24


@pytest.fixture
def children(monkeypatch):
    """Every child that was started, and a cancellation as soon as one is."""
    started, real = [], launcher.subprocess.Popen

    def start(*args, **more):
        started.append(real(*args, **more))
        return started[-1]

    monkeypatch.setattr(launcher.subprocess, "Popen", start)
    return started


def asked(cast, version):
    """A check that waits."""
    table = read_table(cast, version)
    return actions.request_check(
        version, slug="group_fairness", predictions=table, parameters=FAIRNESS, actor=cast.owner
    )


def test_a_check_cancelled_while_its_child_reads_records_nothing_and_ends_the_child(cast, children, monkeypatch):
    """Issue C, bad input: cancelled runs."""
    run = asked(cast, factories.make_version(cast))
    monkeypatch.setattr(launcher, "WATCH", 0.0)
    monkeypatch.setattr(launcher, "ordered", cancelling(launcher.ordered, run, cast.owner))
    jobs.work(CheckRun, str(run.pk), runs.run_check)
    run = fresh(run)
    assert (run.status, run.evidence, run.verdict, run.reason) == (JobStatus.CANCELLED, None, "", "")
    assert not Evidence.objects.exists()
    assert children[-1].returncode == -9
    acts = AuditEntry.objects.filter(object_id=run.pk).order_by("seq").values_list("action", flat=True)
    assert list(acts) == ["check.requested", "check.started", "check.cancelled"]
    assert [said for said in verification.findings() if str(run.pk) in said] == []


def cancelling(real, run, actor):
    """The order of the child, written after somebody cancelled its run."""

    def ordered(*args, **more):
        actions.cancel_check(run, actor=actor)
        return real(*args, **more)

    return ordered


def test_a_check_cancelled_after_it_was_computed_records_nothing(cast, monkeypatch):
    """The last moment at which it can be: before the transaction that stores evidence."""
    run = asked(cast, factories.make_version(cast))
    monkeypatch.setattr(runs, "drawn", lambda *_args: actions.cancel_check(run, actor=cast.owner) or {})
    jobs.work(CheckRun, str(run.pk), runs.run_check)
    assert fresh(run).status == JobStatus.CANCELLED
    assert not Evidence.objects.exists()


def test_the_button_is_there_while_the_check_runs_and_no_longer(client, cast):
    run = asked(cast, factories.make_version(cast))
    jobs.claim(CheckRun, run.pk)
    client.force_login(cast.owner)
    place = reverse("check-cancel", args=[run.pk])
    assert place in text_of(client.get(run.get_absolute_url()))
    client.post(place)
    assert fresh(run).status == JobStatus.CANCELLED
    assert place not in text_of(client.get(run.get_absolute_url()))


def test_a_run_is_cancelled_by_rest_once(client, cast):
    run = asked(cast, factories.make_version(cast))
    jobs.claim(CheckRun, run.pk)
    client.force_login(cast.owner)
    answer = client.post(f"/api/v1/checks/{run.pk}/cancel/", content_type="application/json")
    assert (answer.status_code, json.loads(answer.content)["status"]) == (200, "cancelled")
    again = client.post(f"/api/v1/checks/{run.pk}/cancel/", content_type="application/json")
    assert again.status_code == 403
    assert "cannot be cancelled" in again.json()["detail"]


def test_nobody_else_cancels_it(client, cast):
    run = asked(cast, factories.make_version(cast))
    client.force_login(cast.auditor)
    assert client.post(reverse("check-cancel", args=[run.pk])).status_code == 409
    assert fresh(run).status == JobStatus.QUEUED


def wide_table() -> bytes:
    """Numbers enough that a worker looks over them for some seconds."""
    generator = np.random.Generator(np.random.PCG64(5))
    file = io.BytesIO()
    pq.write_table(pa.table({f"c{n}": generator.integers(40, size=ROWS) for n in range(COLUMNS)}), file)
    return file.getvalue()


def children_of(worker) -> list[int]:
    """Processes of the sandbox below a worker."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words, parent = (
                (folder / "cmdline").read_bytes(),
                (folder / "stat").read_text().rsplit(")", 1)[1].split()[1],
            )
            if b"sandbox/child.py" in words and os.getpgid(int(parent)) == os.getpgid(worker.popen.pid):
                found.append(int(folder.name))
        except (OSError, IndexError):
            continue
    return found


@pytest.mark.real
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_ends_its_child_and_takes_the_next_job(start_worker, client):
    """Issue C, bad input: cancelled runs. Within three seconds of the answer no child is left, and nothing is recorded."""
    cast = factories.make_cast()
    version, worker = factories.make_version(cast), start_worker()
    table = actions.upload_predictions(version, content=wide_table(), name="wide.parquet", actor=cast.owner)
    assert until(lambda: fresh(table).is_over, 40)
    run = actions.request_check(version, slug="data_quality", predictions=fresh(table), parameters={}, actor=cast.owner)
    assert until(lambda: fresh(run).status == JobStatus.RUNNING and children_of(worker), 20)
    client.force_login(cast.owner)
    assert client.post(reverse("check-cancel", args=[run.pk])).status_code == 302
    assert until(lambda: not children_of(worker), 3)
    assert fresh(run).status == JobStatus.CANCELLED
    small = actions.upload_predictions(version, content=b"y\n1\n0\n", name="small.csv", actor=cast.owner)
    assert until(lambda: fresh(small).status == JobStatus.FINISHED, 15)
    assert fresh(run).status == JobStatus.CANCELLED
    assert not Evidence.objects.exists()
    assert list(verification.findings()) == []
