"""Counts are kept beside the evidence: a later check of the same columns reads no row again, and is told nothing false."""

import pytest

from rai import actions
from rai.catalogue import CHECKS
from rai.models import CheckRun, Predictions
from rai.running import counting, runs
from rai.sandbox import launcher
from registry import jobs
from registry.models import Attachment
from tests import factories

CHOSEN = {"target": "y", "prediction": "yhat", "sensitive": ["sex"]}
ROWS = "y,yhat,sex,age\n" + "".join(f"{n % 3 == 0:d},{n % 5 < 2:d},{'fm'[n % 2]},{n % 4}\n" for n in range(400))


@pytest.fixture
def tasks(monkeypatch):
    """The tasks that the sandbox was given, in order; the sandbox itself is the real one."""
    seen, run = [], launcher.run

    def watched(task, *args, **more):
        seen.append(task)
        return run(task, *args, **more)

    monkeypatch.setattr(launcher, "run", watched)
    return seen


@pytest.fixture
def table(cast):
    """Uploaded predictions whose columns were read."""
    version = factories.make_version(cast)
    row = actions.upload_predictions(version, content=ROWS.encode(), name="rows.csv", actor=cast.owner)
    runs.read_columns(jobs.claim(Predictions, row.pk))
    return Predictions.objects.get(pk=row.pk)


def checked(cast, table, **changes):
    """The evidence of a check as the worker makes it, without the charts."""
    run = actions.request_check(
        table.version, slug="group_fairness", predictions=table, parameters={**CHOSEN, **changes}, actor=cast.owner
    )
    job = jobs.claim(CheckRun, run.pk)
    check = CHECKS[run.slug]
    runs.record_outcome(job, check, runs.resolved(check.compute)(job), {})
    return CheckRun.objects.get(pk=run.pk).evidence


def kept(evidence):
    """The counts beside the evidence."""
    return Attachment.objects.of(evidence).get(role=counting.ROLE)


def test_a_later_check_of_the_same_columns_reads_no_row(cast, table, tasks):
    """S-121: new limits are judged on the counts that are there."""
    first = checked(cast, table)
    factories.make_limit(cast, table.home_system, rule="selection_rate_difference<=0.1")
    second = checked(cast, table)
    assert tasks.count("count") == 1
    assert second.outcome["groups"] == first.outcome["groups"]
    assert [each["rule"] for each in second.outcome["thresholds"]] == ["selection_rate_difference<=0.1"]
    assert kept(first).blob_id == kept(second).blob_id


def test_counts_kept_or_read_make_the_same_digest(cast, table, tasks):
    """P6."""
    assert checked(cast, table).digest == checked(cast, table).digest
    assert tasks.count("count") == 1


@pytest.mark.parametrize("changes", [{"sensitive": ["age"]}, {"target": "yhat", "prediction": "y"}, {"positive": "0"}])
def test_other_columns_are_counted_anew(cast, table, tasks, changes):
    checked(cast, table)
    checked(cast, table, **changes)
    assert tasks.count("count") == 2


def test_a_replay_reads_the_rows_again(cast, table, tasks):
    """P6: what was kept proves nothing about itself."""
    from rai.running.replaying import replayed

    evidence = checked(cast, table)
    assert replayed(evidence).is_same
    assert tasks.count("count") == 2


def test_counts_that_were_changed_on_disk_are_not_believed(cast, table, tasks):
    first = checked(cast, table)
    path = kept(first).blob.path
    body = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(body.replace(b'"rows": ', b'"rows": 9', 1))
    try:
        second = checked(cast, table)
    finally:
        path.write_bytes(body)
    assert tasks.count("count") == 2
    assert second.digest == first.digest


def test_counts_of_withdrawn_evidence_are_not_used(cast, table, tasks):
    first = checked(cast, table)
    actions.withdraw_evidence(first, reason="The columns were mixed up.", actor=cast.owner)
    checked(cast, table)
    assert tasks.count("count") == 2
