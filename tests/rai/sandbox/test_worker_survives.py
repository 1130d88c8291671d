"""Damaged model files in a real worker: it stays the same process, records nothing of a crash, and goes on (attack 6)."""

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from rai import actions
from rai.models import CheckRun
from registry.audit import verification
from registry.models import Evidence, JobStatus
from tests import factories
from tests.faults.test_worker_killed import fresh, until
from tests.rai.sandbox import makers
from tests.rai.sandbox.mutants import of_file

FORMATS = ("lightgbm_text", "xgboost_json", "xgboost_ubj", "onnx", "skops")
PATIENCE = 120.0


def lines() -> bytes:
    """Some of the rows as a table."""
    given = makers.rows()
    found = zip(given["age"][:60], given["debt"][:60], given["job"][:60], makers.truth()[:60])
    return ("age,debt,job,y\n" + "".join(f"{age},{debt},{job},{y}\n" for age, debt, job, y in found)).encode()


def processes(worker) -> set[int]:
    """The worker and those of its own children that take jobs, which are no children of the sandbox."""
    pool = Path(f"/proc/{worker.popen.pid}/task/{worker.popen.pid}/children").read_text().split()
    return {worker.popen.pid, *map(int, pool)}


def uploaded(cast, made, content):
    """A version with this file, and rows for it."""
    version = factories.make_version(cast, artifact=content, artifact_name=made.name)
    return actions.upload_predictions(version, content=lines(), name="rows.csv", actor=cast.owner)


def asked(cast, table):
    """A run of the explanation on these rows, once they are read."""
    assert until(lambda: fresh(table).is_over, PATIENCE)
    return actions.request_check(
        table.version, slug="feature_attribution", predictions=fresh(table), parameters={}, actor=cast.owner
    )


@pytest.mark.real
@pytest.mark.long
@pytest.mark.timeout(3000)
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_outlives_damaged_models_and_records_nothing_of_a_crash(
    transactional_db, start_worker, amount, seed, settings, capsys
):
    """P7: the processes of the worker stay those they were, each error leaves no evidence, and the next job runs."""
    settings.JOBS_PER_PERSON = settings.JOBS_PER_UNIT = 1000
    cast, worker = factories.make_cast(), start_worker(concurrency=2)
    sound = makers.MODELS["xgboost_ubj"]()
    good = asked(cast, uploaded(cast, sound, sound.content))
    assert until(lambda: fresh(good).is_over, PATIENCE) and fresh(good).evidence, fresh(good).reason
    before, draw = processes(worker), random.Random(seed)
    models = [makers.MODELS[kind]() for kind in FORMATS for _ in range(amount(10))]
    tables = [uploaded(cast, made, of_file(made.content, draw)) for made in models]
    runs = [asked(cast, table) for table in tables]
    for run in runs:
        if not until(lambda run=run: fresh(run).is_over, PATIENCE):
            actions.cancel_check(run, actor=cast.owner)
    last = asked(cast, uploaded(cast, sound, sound.content))
    assert until(lambda: fresh(last).is_over, PATIENCE) and fresh(last).status == JobStatus.FINISHED
    assert processes(worker) == before and os.getpgid(worker.popen.pid)
    ends = Counter(fresh(run).status for run in runs)
    assert not CheckRun.objects.exclude(status=JobStatus.FINISHED).filter(evidence__isnull=False).exists()
    assert Evidence.objects.count() == ends[JobStatus.FINISHED] + 2
    assert all(fresh(run).reason for run in runs if fresh(run).status == JobStatus.ERRORED)
    assert list(verification.findings()) == []
    crashed = sum("ended with SIG" in fresh(run).reason for run in runs)
    with capsys.disabled():
        print(
            f"\n{len(runs)} damaged models in a real worker: {dict(ends)}, {crashed} crashes of a child; same processes"
        )
