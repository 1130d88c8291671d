"""A worker is killed at every named point of a job, for every kind of job; each has exactly one result in the end."""

import random

import pytest

from config import sysroot
from rai import actions
from rai.models import CheckRun, Predictions
from registry.audit import verification
from registry.models import AuditEntry, Evidence, JobStatus
from reports import actions as documents
from reports.models import Pack, Report, Signature, SigningKey
from reports.verifier import verify
from tests import factories
from tests.conftest import is_full
from tests.environment import DATA_DIR
from tests.faults.test_worker_killed import PARAMETERS, ROWS, fresh, until

# How many kinds of job pass each point, and of them those that the shorter run does: reading a table, a check.
POINTS = {"claimed": (5, 2), "finishing": (5, 2), "finished": (5, 2), "computed": (1, 1)}
RESULTS = {"predictions.read": 1, "check.finished": 1, "report.built": 1, "pack.built": 1}

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def chosen_points():
    """All of them with the full counts, else one that the seed draws."""
    from tests.conftest import run_seed

    return sorted(POINTS) if is_full() else [random.Random(run_seed()).choice(sorted(POINTS))]


def done(job, seconds=120):
    """The job when it is over and well."""
    assert until(lambda: fresh(job).is_over, seconds), fresh(job).status
    assert fresh(job).status == JobStatus.FINISHED, fresh(job).reason
    return fresh(job)


def forget_earlier_kills():
    """Points are passed for the first time again."""
    for place in DATA_DIR.glob("fault-*"):
        place.unlink()


def killed():
    """How many times a worker was killed."""
    return len(list(DATA_DIR.glob("fault-*")))


def checked(cast):
    """A version whose predictions were read and checked."""
    version = factories.make_version(cast)
    factories.make_limit(cast, version.home_system, rule="selection_rate_difference<=0.5")
    predictions = done(actions.upload_predictions(version, content=ROWS.encode(), name="rows.csv", actor=cast.owner))
    done(actions.request_check(
        version, slug="group_fairness", predictions=predictions, parameters=PARAMETERS, actor=cast.owner
    ))  # fmt: skip
    return version


def documented(cast, version):
    """Its report, and its pack, which the verifier accepts."""
    done(documents.request_report(version, kind="compliance", actor=cast.risk_officer))
    pack = done(documents.request_pack(version, actor=cast.auditor))
    assert verify.problems(pack.blob.read(), SigningKey.objects.get().fingerprint) == []
    assert not Signature.objects.exclude(status__in=[JobStatus.FINISHED, JobStatus.ERRORED]).exists()


@pytest.mark.parametrize("point", chosen_points())
def test_a_worker_killed_at_a_point_leaves_one_result_of_each_job(point, start_worker, capsys):
    """P5, P8: SIGKILL after the claim, before the commit, after it; nothing is lost and nothing is there twice.

    With the full counts at every point and for every kind of job, else at one point for tables and checks.
    """
    forget_earlier_kills()
    env = {**sysroot.environment(), "ATTESTRY_FAULTS": f"*.{point}:kill-once", "ATTESTRY_SIGN_BY_QUEUE": "true"}
    start_worker(env=env, concurrency=3)
    cast = factories.make_cast()
    version = checked(cast)
    if is_full():
        documented(cast, version)
    with capsys.disabled():
        print(f"\nfaults: {killed()} kills at “{point}”")
    assert killed() == POINTS[point][0 if is_full() else 1]
    found = {action: AuditEntry.objects.filter(action=action).count() for action in RESULTS}
    assert found == (
        RESULTS if is_full() else {**dict.fromkeys(RESULTS, 0), "predictions.read": 1, "check.finished": 1}
    )
    rows = [table.objects.count() for table in (Predictions, CheckRun, Evidence, Report, Pack)]
    assert rows == [1, 1, 1, *([1, 1] if is_full() else [0, 0])]
    assert list(verification.findings()) == []
