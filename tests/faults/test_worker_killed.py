"""A worker that is killed loses no accepted work and records no half result."""

import os
import time

import pytest

from rai import actions
from rai.models import CheckRun
from registry.audit import verification
from registry.models import AuditEntry, Evidence, JobStatus
from tests import factories

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]
ROWS = "group,label,prediction\n" + "".join(f"{'ab'[n % 2]},{n % 3 == 0:d},{n % 4 == 0:d}\n" for n in range(400))
PARAMETERS = {"target": "label", "prediction": "prediction", "sensitive": ["group"]}


def until(condition, seconds: float) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def fresh(job):
    """The job as stored now."""
    return type(job).objects.get(pk=job.pk)


@pytest.fixture
def version(transactional_db):
    """A version of a limited system with one limit in force."""
    cast = factories.make_cast()
    version = factories.make_version(cast)
    factories.make_limit(cast, version.home_system, rule="selection_rate_difference<=0.5")
    return cast, version


def uploaded(cast, version):
    """Predictions whose columns the worker has read."""
    row = actions.upload_predictions(version, content=ROWS.encode(), name="rows.csv", actor=cast.owner)
    assert until(lambda: fresh(row).is_over, 40)
    assert fresh(row).status == JobStatus.FINISHED, fresh(row).reason
    return fresh(row)


def test_a_check_survives_the_death_of_its_worker(version, start_worker):
    """P5: SIGKILL in mid-check; done within 30 s of a worker's return, one result, the retry in the log."""
    cast, row = version
    worker = start_worker(env={"ATTESTRY_FAULTS": "check.computed:sleep"})
    predictions = uploaded(cast, row)
    run = actions.request_check(
        row, slug="group_fairness", predictions=predictions, parameters=PARAMETERS, actor=cast.owner
    )
    assert until(lambda: fresh(run).status == JobStatus.RUNNING, 20)
    time.sleep(1)
    worker.kill()
    assert fresh(run).status == JobStatus.RUNNING
    assert not Evidence.objects.exists()
    began = time.monotonic()
    start_worker()
    assert until(lambda: fresh(run).is_over, 30)
    assert time.monotonic() - began < 30
    assert fresh(run).status == JobStatus.FINISHED, fresh(run).reason
    assert Evidence.objects.count() == 1
    assert fresh(run).attempts == 2
    assert AuditEntry.objects.filter(object_id=run.pk, action="check.retried").count() == 1
    assert AuditEntry.objects.filter(object_id=run.pk, action="check.finished").count() == 1
    assert list(verification.findings()) == []


def test_a_job_that_was_never_rung_is_swept_up(version, start_worker, valkey):
    """P5: the broker may forget everything; the row is the record."""
    import redis

    cast, row = version
    job = actions.upload_predictions(row, content=ROWS.encode(), name="rows.csv", actor=cast.owner)
    redis.Redis(unix_socket_path=valkey.url.removeprefix("redis+socket://").split("?")[0]).flushall()
    start_worker()
    assert until(lambda: fresh(job).status == JobStatus.FINISHED, 30)


def test_two_workers_make_one_result(version, start_worker):
    """P5: however often it is rung, a job is done once."""
    from registry import jobs

    cast, row = version
    start_worker()
    start_worker()
    predictions = uploaded(cast, row)
    run = actions.request_check(
        row, slug="group_fairness", predictions=predictions, parameters=PARAMETERS, actor=cast.owner
    )
    for _ in range(10):
        jobs.ring(CheckRun, run.pk)
    assert until(lambda: fresh(run).is_over, 40)
    time.sleep(2)
    assert Evidence.objects.count() == 1
    assert AuditEntry.objects.filter(object_id=run.pk, action="check.started").count() == 1


def test_a_forged_message_changes_nothing(version, start_worker):
    """Attack 25: a message carries an id; the row is the truth."""
    import uuid

    from celery import current_app

    cast, row = version
    start_worker()
    predictions = uploaded(cast, row)
    before = AuditEntry.objects.count()
    for pk in (predictions.pk, uuid.uuid4()):
        current_app.send_task("rai.read_columns", args=[str(pk)])
        current_app.send_task("rai.run_check", args=[str(pk)])
    time.sleep(3)
    assert AuditEntry.objects.count() == before
    assert os.path.exists(predictions.blob.path)
