"""A large table is counted in parts that workers share: the outcome is that of one reading, whoever dies in between."""

import io
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai import actions
from rai.catalogue import CHECKS
from rai.models import CheckRun, Predictions
from rai.running import partitions, runs
from rai.sandbox import launcher
from registry import jobs
from registry.audit import verification
from registry.errors import BadInput
from registry.models import Attachment, AuditEntry, Evidence, JobStatus
from tests import factories

CHOSEN = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}
ROWS = 4_000


def parquet(**changes) -> bytes:
    """Rows in eight row groups."""
    generator = np.random.Generator(np.random.PCG64(5))
    columns = {"y": generator.integers(2, size=ROWS), "yhat": generator.integers(2, size=ROWS)}
    columns |= {"sex": [["f", "m", None][place] for place in generator.integers(3, size=ROWS)], **changes}
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, row_group_size=500)
    return file.getvalue()


@pytest.fixture
def tasks(monkeypatch):
    """The tasks that the sandbox was given, in order; the sandbox itself is the real one."""
    seen, run = [], launcher.run

    def watched(task, request, *args, **more):
        seen.append((task, tuple(request.get("span", ()))))
        return run(task, request, *args, **more)

    monkeypatch.setattr(launcher, "run", watched)
    return seen


@pytest.fixture
def rings(monkeypatch):
    """What the broker was given for other workers."""
    seen = []
    monkeypatch.setattr(partitions.current_app, "send_task", lambda name, args, **more: seen.append((name, args)))
    return seen


def uploaded(cast, content: bytes):
    """Predictions whose columns were read."""
    version = factories.make_version(cast)
    row = actions.upload_predictions(version, content=content, name="rows.parquet", actor=cast.owner)
    runs.read_columns(jobs.claim(Predictions, row.pk))
    return Predictions.objects.get(pk=row.pk)


def asked(cast, table, **changes):
    """A check that a worker has claimed."""
    run = actions.request_check(
        table.version, slug="group_fairness", predictions=table, parameters={**CHOSEN, **changes}, actor=cast.owner
    )
    return jobs.claim(CheckRun, run.pk)


def outcome(job):
    """What the check comes to."""
    return runs.resolved(CHECKS[job.slug].compute)(job)


def test_counting_in_parts_makes_the_digest_of_one_reading(cast, tasks, rings, settings):
    """P6: how the work was shared leaves no trace in the outcome."""
    table = uploaded(cast, parquet())
    whole = outcome(asked(cast, table))
    settings.PART_ROWS = 1_000
    shared = outcome(asked(cast, table, positive="1"))
    assert [task for task, _span in tasks].count("count_part") == 4
    assert shared["digest"] == whole["digest"]
    assert len(rings) == 3


def test_a_part_that_another_worker_counted_is_not_counted_again(cast, tasks, rings, settings):
    settings.PART_ROWS = 1_000
    job = asked(cast, uploaded(cast, parquet()))
    read = {"target": "y", "prediction": "yhat", "sensitive": ["sex"], "positive": "1"}
    partitions.help_with(str(job.pk), read, (0, 1_000))
    outcome(job)
    assert [span for task, span in tasks if task == "count_part"] == [
        (0, 1_000),
        (3_000, 4_000),
        (2_000, 3_000),
        (1_000, 2_000),
    ]
    assert Attachment.objects.of(job).filter(role=partitions.ROLE).count() == 4


def test_nobody_helps_with_a_run_that_is_not_running(cast, tasks, settings):
    settings.PART_ROWS = 1_000
    table = uploaded(cast, parquet())
    run = actions.request_check(
        table.version, slug="group_fairness", predictions=table, parameters=CHOSEN, actor=cast.owner
    )
    actions.cancel_check(run, actor=cast.owner)
    partitions.help_with(str(run.pk), {**CHOSEN, "positive": "1"}, (0, 1_000))
    assert "count_part" not in [task for task, _span in tasks]
    assert not Attachment.objects.of(run).exists()


def test_a_broker_that_is_away_leaves_all_parts_to_one_worker(cast, tasks, settings, monkeypatch):
    def away(*args, **more):
        raise ConnectionError("no broker")

    monkeypatch.setattr(partitions.current_app, "send_task", away)
    settings.PART_ROWS = 1_000
    assert outcome(asked(cast, uploaded(cast, parquet())))["rows"] == ROWS
    assert [task for task, _span in tasks].count("count_part") == 4


def test_what_is_wrong_is_said_with_its_row_in_the_whole_table(cast, tasks, rings, settings):
    settings.PART_ROWS = 1_000
    y = [0, 1] * (ROWS // 2)
    y[3_210] = 7
    job = asked(cast, uploaded(cast, parquet(y=y)))
    with pytest.raises(BadInput, match="stands first in row 3,211") as caught:
        outcome(job)
    assert "rows.parquet" in str(caught.value)


def test_a_table_that_is_not_large_is_read_in_one_go(cast, tasks, settings):
    settings.PART_ROWS = ROWS
    outcome(asked(cast, uploaded(cast, parquet())))
    assert [task for task, _span in tasks][-1] == "count"


# ---- with real workers


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


@pytest.mark.real
@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_two_parts_leaves_one_result(start_worker):
    """P5: what was counted is kept, the run is taken up again, and ends once."""
    cast = factories.make_cast()
    version = factories.make_version(cast)
    parts = {"ATTESTRY_PART_ROWS": "1000"}
    worker = start_worker(env={**parts, "ATTESTRY_FAULTS": "part.counted:sleep"})
    table = actions.upload_predictions(version, content=parquet(), name="rows.parquet", actor=cast.owner)
    assert until(lambda: fresh(table).is_over, 40)
    run = actions.request_check(
        version, slug="group_fairness", predictions=fresh(table), parameters=CHOSEN, actor=cast.owner
    )
    assert until(lambda: Attachment.objects.of(run).filter(role=partitions.ROLE).exists(), 40)
    worker.kill()
    before = set(Attachment.objects.of(run).values_list("pk", flat=True))
    assert not Evidence.objects.exists()
    for _each in range(2):
        start_worker(env=parts)
    assert until(lambda: fresh(run).is_over, 60)
    assert fresh(run).status == JobStatus.FINISHED, fresh(run).reason
    found = Attachment.objects.of(run).filter(role=partitions.ROLE)
    assert before <= set(found.values_list("pk", flat=True))
    assert found.count() == found.values("name").distinct().count() == 4
    assert Evidence.objects.count() == 1
    assert AuditEntry.objects.filter(object_id=run.pk, action="check.finished").count() == 1
    assert list(verification.findings()) == []
