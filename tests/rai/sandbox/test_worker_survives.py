"""Damaged model files in a real worker: it stays the same process, records nothing of a crash, and goes on (attack 6)."""

from collections import Counter
from pathlib import Path

import pytest
from django.db import transaction

from rai import actions
from rai.models import CheckRun, Predictions
from registry import jobs
from registry.audit import log, verification
from registry.models import Evidence, JobStatus
from tests import factories
from tests.conftest import is_full
from tests.faults.test_worker_killed import fresh, until
from tests.rai.sandbox import makers
from tests.rai.sandbox.mutants import mutant

# Mutants of this seed's sequence, by number: those that end a child with a signal, as far as a format has such ones
# (`python -m tests.rai.sandbox.mutants FORMAT FILE 1000 1` finds them), and the first, which does not.
SEED, FULL = 1, 1000
CHOSEN = {
    "lightgbm_text": (20, 381, 0),
    "xgboost_ubj": (166, 287, 0),
    "onnx": (0,),
    "xgboost_json": (0,),
    "skops": (0,),
}
PATIENCE, AT_ONCE = 240.0, 40


def lines() -> bytes:
    """Some of the rows as a table."""
    given = makers.rows()
    found = zip(given["age"][:60], given["debt"][:60], given["job"][:60], makers.truth()[:60])
    return ("age,debt,job,y\n" + "".join(f"{age},{debt},{job},{y}\n" for age, debt, job, y in found)).encode()


def processes(worker) -> set[int]:
    """The worker and those of its own children that take jobs, which are no children of the sandbox."""
    pool = Path(f"/proc/{worker.popen.pid}/task/{worker.popen.pid}/children").read_text().split()
    return {worker.popen.pid, *map(int, pool)}


def require_same(worker, before: set[int]) -> None:
    """The worker is the process it was; in a full run it replaces its own children as planned, after fifty jobs each."""
    assert worker.is_running and (is_full() or processes(worker) == before)


class Sender:
    """Registers versions of one model, uploads their rows, and asks the model again and again (the check of consistency)."""

    def __init__(self, cast) -> None:
        self.cast, self.model, self.read = cast, factories.make_model(cast), None

    def uploaded(self, made, content):
        """A new version with this file, and rows for it; the worker reads the rows, which are always the same, once."""
        with transaction.atomic():
            version = factories.make_version(self.cast, self.model, artifact=content, artifact_name=made.name)
            table = actions.upload_predictions(version, content=lines(), name="rows.csv", actor=self.cast.owner)
            if self.read is not None:
                job = jobs.claim(Predictions, table.pk)
                job.rows, job.columns = self.read.rows, self.read.columns
                jobs.finish(job)
                log.record(None, "predictions.read", job)
        assert until(lambda: fresh(table).is_over, PATIENCE)
        self.read = fresh(table)
        assert self.read.status == JobStatus.FINISHED, self.read.reason
        return self.read

    def asked(self, made, content) -> CheckRun:
        """A run on this model file."""
        table = self.uploaded(made, content)
        return actions.request_check(
            table.version, slug="consistency", predictions=table, parameters={}, actor=self.cast.owner
        )

    def ended(self, made, contents) -> list[CheckRun]:
        """Runs on these files, each at its end."""
        runs = [self.asked(made, content).pk for content in contents]
        rows = CheckRun.objects.filter(pk__in=runs)
        over = [JobStatus.FINISHED, JobStatus.ERRORED]
        assert until(lambda: not rows.exclude(status__in=over).exists(), PATIENCE), rows.exclude(status__in=over)
        return list(rows)


def require_nothing_of_a_crash(runs) -> int:
    """A run whose child crashed has no evidence and says the file and the signal; returns how many there are.

    Each was taken up once: had the process that took it died with its child, another would have tried again.
    """
    for run in runs:
        assert run.attempts == 1
        assert (run.evidence is not None) == (run.status == JobStatus.FINISHED)
        assert run.status == JobStatus.FINISHED or run.version.artifact_name in run.reason, run.reason
    crashed = [run for run in runs if "the parser ended with SIG" in run.reason]
    assert all(run.reason.endswith("Nothing was recorded.") and run.verdict == "" for run in crashed)
    return len(crashed)


@pytest.mark.real
@pytest.mark.long
@pytest.mark.timeout(9000)
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_outlives_models_that_crash_their_child_and_records_nothing_of_them(
    transactional_db, start_worker, settings, capsys
):
    """P7: the worker's processes stay those they were, a crash leaves a sentence and no evidence, the next good model runs."""
    settings.JOBS_PER_PERSON = settings.JOBS_PER_UNIT = 1000
    worker, sender, evidence = start_worker(concurrency=3), Sender(factories.make_cast()), 0
    before = processes(worker)
    for kind, few in CHOSEN.items():
        made, ends, crashed = makers.MODELS[kind](), Counter[str](), 0
        numbers = [*few, *(set(range(FULL)) - set(few))] if is_full() else few
        for first in range(0, len(numbers), AT_ONCE):
            batch = numbers[first : first + AT_ONCE]
            runs = sender.ended(made, [mutant(made.content, SEED, number) for number in batch])
            crashed += require_nothing_of_a_crash(runs)
            ends.update(run.status for run in runs)
            require_same(worker, before)
        (good,) = sender.ended(made, [made.content])
        assert good.evidence is not None and good.verdict == "recorded", good.reason
        evidence += ends[JobStatus.FINISHED] + 1
        assert Evidence.objects.count() == evidence
        with capsys.disabled():
            print(f"\n{len(numbers)} damaged {kind} models in a real worker: {dict(ends)}, {crashed} crashes of a child, "
                  "the good one ran after them; the worker is the same process", flush=True)  # fmt: skip
        # Which of them crash hangs on where the system lays out memory; of two at least one does.
        assert crashed or len(few) == 1, f"{kind}: the mutants that crash are others now; find their numbers anew"
    assert list(verification.findings()) == []
