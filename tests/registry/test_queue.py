"""A unit that asks for much does not make another wait: which job a ring starts, and how the broker sorts rings."""

import itertools

import pytest
from celery import current_app

from rai import actions as checks
from rai.models import Predictions
from registry import jobs
from registry.models import JobStatus
from reports import actions as documents
from reports.models import Pack, Report
from tests import factories
from tests.authz.test_twins import mirrored
from tests.faults.test_worker_killed import fresh, until
from tests.rai.uploads import CSV

QUIET_SECONDS = 30


@pytest.fixture
def units(cast, settings):
    """Two units with a version each; there is room for a flood."""
    settings.JOBS_PER_PERSON = settings.JOBS_PER_UNIT = settings.UPLOADS_PER_MINUTE = 100_000
    here = mirrored(cast)
    return (cast, factories.make_version(cast)), (here, factories.make_version(here))


def flood(unit, number):
    """So many tables of a unit, each with other bytes."""
    cast, version = unit
    return [
        checks.upload_predictions(
            version, content=CSV + b"1,1,male,%d\n" % one, name=f"{one}.csv", actor=cast.owner
        )
        for one in range(number)
    ]  # fmt: skip


def unit_of(job):
    """The unit of a claimed job."""
    return job.version.model.system.unit


@pytest.mark.both
@pytest.mark.timeout(600)
@pytest.mark.django_db
def test_the_other_units_job_is_the_next_that_starts(units, amount):
    """P14: a thousand jobs of one unit wait; the other's only job is started by the very next ring but one."""
    many, few = units
    waiting = flood(many, amount(1000))
    taken = [jobs.take(Predictions, waiting[0].pk)]
    (quiet,) = flood(few, 1)
    taken += [jobs.take(Predictions, job.pk) for job in waiting[1:3]]
    assert quiet.pk in {job.pk for job in taken}
    assert [unit_of(job) for job in taken[1:]].count(few[0].unit) == 1


@pytest.mark.django_db
def test_two_units_take_turns_however_many_jobs_each_has(units):
    many, few = units
    rings = flood(many, 9) + flood(few, 3)
    order = [unit_of(jobs.take(Predictions, ring.pk)).name for ring in rings]
    assert sorted(order[:6]) == ["Insurance"] * 3 + ["Lending"] * 3
    assert all(one != two for one, two in itertools.pairwise(order[:6]))


@pytest.mark.django_db
def test_within_a_unit_the_oldest_comes_first(units):
    waiting = flood(units[0], 4)
    assert [jobs.take(Predictions, waiting[-1].pk).pk for _ in range(4)] == [job.pk for job in waiting]


@pytest.fixture
def sent(monkeypatch):
    """What was put on the broker: task and priority, 0 coming first."""
    found = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, retry, priority: found.append((name, args[0], priority))
    )
    return found


@pytest.mark.django_db
def test_a_ring_of_a_unit_that_asked_for_little_overtakes(units, sent):
    """Reports and packs share a queue: a pack does not stand behind all reports of another unit."""
    (cast, version), (here, other) = units
    for _ in range(30):
        job = documents.request_report(version, kind="compliance", actor=cast.risk_officer)
    pack = documents.request_pack(other, actor=here.auditor)
    jobs.ring(Report, job.pk)
    jobs.ring(Pack, pk=pack.pk)
    assert [(name, priority) for name, _pk, priority in sent] == [
        ("reports.build_report", 9),
        ("reports.build_pack", 0),
    ]


@pytest.mark.django_db
def test_the_sweep_sorts_its_rings_too(units, sent):
    flood(units[0], 7)
    (quiet,) = flood(units[1], 1)
    jobs.sweep()
    assert {pk: priority for _name, pk, priority in sent}[str(quiet.pk)] == 0
    assert sorted(priority for _name, _pk, priority in sent) == [0] + [6] * 7


@pytest.mark.real
@pytest.mark.timeout(600)
def test_a_flood_of_one_unit_does_not_keep_another_waiting(transactional_db, start_worker, amount, settings, capsys):
    """P14: one unit floods; the job of the other starts within thirty seconds, in a real worker."""
    settings.JOBS_PER_PERSON = settings.JOBS_PER_UNIT = 100_000
    cast = factories.make_cast()
    here = mirrored(cast)
    many, few = (cast, factories.make_version(cast)), (here, factories.make_version(here))
    flood(many, amount(1000))
    start_worker()
    assert until(lambda: Predictions.objects.filter(status=JobStatus.RUNNING).exists(), 30)
    (quiet,) = flood(few, 1)
    assert until(lambda: fresh(quiet).started_at is not None, QUIET_SECONDS + 5)
    waited = (fresh(quiet).started_at - quiet.created_at).total_seconds()
    left = Predictions.objects.filter(status=JobStatus.QUEUED).count()
    with capsys.disabled():
        print(f"\nfairness: started after {waited:.1f} s while {left} jobs of the other unit still waited")
    assert waited <= QUIET_SECONDS
    assert left > amount(1000) / 2
