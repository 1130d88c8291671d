"""Verbs of jobs: ring, claim, heartbeat, finish, fail, sweep. The row is the record; the broker only rings.

A worker claims the row by a conditional update that takes a lease, heartbeats from a thread, and finishes in one
transaction that is fenced by its lease: whoever lost the lease writes nothing. The sweep rings for rows that wait and
takes back leases that ran out; after three attempts a job is ERRORED.
"""

import logging
import threading
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from celery import current_app
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Count, F, Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import faults
from registry.audit import log
from registry.errors import DomainError
from registry.models import Job, JobStatus, KeptAnswer, SweepLease
from registry.transactions import was_broken_off

LEASE = timedelta(seconds=12)
HEARTBEAT = 4.0
RING_AGAIN = timedelta(seconds=5)
SWEEP_LEASE = timedelta(seconds=4)
ATTEMPTS = 3
FAIR_OVER = timedelta(hours=1)
TRIES = 5
# How the broker sorts rings: (level, for units of which at most so many jobs wait), 0 comes first.
PRIORITIES = ((0, 2.0), (3, 5.0), (6, 20.0), (9, float("inf")))
logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker took the job over; what this one computed is discarded."""


def job_models() -> list[type[Job]]:
    """Every kind of job."""
    return [model for model in apps.get_models() if issubclass(model, Job)]


def enqueue(job: Job) -> None:
    """Ring for a job once the transaction that accepted it is committed."""
    transaction.on_commit(partial(ring, type(job), job.pk))


def ring(model: type[Job], pk: Any, *, queued: Mapping[Any, int] | None = None) -> None:
    """Put the job's id on the broker. A broker that is away loses nothing: the sweep rings again.

    `queued` says how many jobs of each unit wait: reports and packs share a queue, and whoever asked for little is not
    to stand behind all that another unit asked for.
    """
    unit = model._base_manager.filter(pk=pk).values_list(model.unit_path, flat=True).first()
    waiting = (queued_by_unit() if queued is None else queued).get(unit, 0)
    priority = next(level for level, most in PRIORITIES if waiting <= most)
    try:
        current_app.send_task(model.task, args=[str(pk)], retry=False, priority=priority)
    except Exception:
        logger.warning(
            "The broker could not be rung for %s %s; the sweep will do it.", model.__name__, pk, exc_info=True
        )
        return
    model.objects.filter(pk=pk).unlogged_update(rung_at=timezone.now())


def queued_by_unit() -> Counter[Any]:
    """How many jobs of all kinds wait, by the id of their unit."""
    found: Counter[Any] = Counter()
    for model in job_models():
        rows = model._base_manager.filter(status=JobStatus.QUEUED).order_by()
        found.update(dict(rows.values_list(model.unit_path).annotate(n=Count("pk"))))
    return found


def claim(model: type[Job], pk: Any) -> Job | None:
    """Take the lease of a waiting job, or of one whose lease ran out; None when somebody else has it or it is over."""
    with transaction.atomic():
        job = model._base_manager.select_for_update().filter(pk=pk).first()
        now = timezone.now()
        if (
            job is None
            or job.is_over
            or (job.status == JobStatus.RUNNING and job.lease_until and job.lease_until > now)
        ):
            return None
        again = job.status == JobStatus.RUNNING
        if job.attempts >= ATTEMPTS:
            quarantine(job)
            return None
        job.status, job.attempts, job.started_at = JobStatus.RUNNING, job.attempts + 1, now
        job.lease_token, job.lease_until = uuid.uuid4(), now + LEASE
        job.progress, job.message = 0, ""
        job.save()
        log.record(None, f"{job.noun}.retried" if again else f"{job.noun}.started", job, attempt=job.attempts)
    return job


def take(model: type[Job], pk: Any) -> Job | None:
    """Claim what is to be done at a ring for this job.

    A ring says that there is work of this kind, not whose turn it is: of all that wait, the unit that was served
    longest ago comes first, so that a unit with a thousand jobs does not starve another. Only a job that its worker
    lost is taken up by its own ring; the ring of one that runs (another ring began it) is good for the next.
    """
    if model._base_manager.filter(pk=pk, status=JobStatus.RUNNING).exists():
        lost = claim(model, pk)
        if lost is not None:
            return lost
    for _try in range(TRIES):  # another worker may claim the same one first
        chosen = fairest(model)
        job = None if chosen is None else claim(model, chosen)
        if chosen is None or job is not None:
            return job
    return None


def fairest(model: type[Job]) -> Any:
    """The oldest waiting job of the unit that was served longest ago; None when nothing waits."""
    rows = model._base_manager.order_by()
    waiting = rows.filter(status=JobStatus.QUEUED)
    units = dict(waiting.values_list(model.unit_path).annotate(oldest=Min("created_at")))
    if not units:
        return None
    since = timezone.now() - FAIR_OVER
    served = dict(rows.filter(started_at__gte=since).values_list(model.unit_path).annotate(last=Max("started_at")))
    unit = min(units, key=lambda one: (served.get(one, since), units[one]))
    return waiting.filter(**{model.unit_path: unit}).order_by("created_at").values_list("pk", flat=True).first()


def quarantine(job: Job) -> None:
    """End a job that took its worker down three times."""
    job.status, job.finished_at = JobStatus.ERRORED, timezone.now()
    job.reason = _("Quarantined: its worker ended %d times while running it.") % ATTEMPTS
    job.save()
    log.record(None, f"{job.noun}.errored", job)


@contextmanager
def leased(job: Job) -> Iterator[None]:
    """Renew the lease from a thread while the body runs."""
    over = threading.Event()
    thread = threading.Thread(target=beat, args=(job, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=HEARTBEAT)


def beat(job: Job, over: threading.Event) -> None:
    """The thread's loop: extend the lease as long as it is ours."""
    try:
        while not over.wait(HEARTBEAT):
            try:
                if not mine(job).unlogged_update(lease_until=timezone.now() + LEASE):
                    return
            except Exception:
                logger.warning("The lease of %s %s could not be renewed.", job.noun, job.pk, exc_info=True)
    finally:
        connection.close()


def mine(job: Job) -> Any:
    """The job's row as long as this worker holds its lease."""
    return type(job).objects.filter(pk=job.pk, lease_token=job.lease_token, status=JobStatus.RUNNING)


def report_progress(job: Job, percent: int, message: str) -> None:
    """Show the reader of the page where the job is."""
    mine(job).unlogged_update(progress=max(0, min(100, percent)), message=message[:200])


def finish(job: Job) -> None:
    """Mark the job finished; call it inside the transaction that stores its result. Raises LeaseLost."""
    hold(job)
    faults.point(f"{job.noun}.finishing")
    job.status, job.finished_at, job.progress = JobStatus.FINISHED, timezone.now(), 100
    job.lease_until = None
    job.save()


def hold(job: Job) -> None:
    """Lock the row and see that the lease is still ours. Raises LeaseLost."""
    rows = type(job)._base_manager.select_for_update()
    if not rows.filter(pk=job.pk, lease_token=job.lease_token, status=JobStatus.RUNNING).exists():
        raise LeaseLost


def fail(job: Job, reason: str) -> None:
    """End the job with a sentence that a person can act on."""
    with transaction.atomic():
        try:
            hold(job)
        except LeaseLost:
            return
        job.status, job.finished_at, job.reason, job.lease_until = JobStatus.ERRORED, timezone.now(), reason, None
        job.save()
        log.record(None, f"{job.noun}.errored", job, reason=reason)


def work(model: type[Job], pk: Any, do: Any) -> None:
    """Claim a job and do it under its lease; the one place that catches broadly, so that a crash becomes a sentence."""
    job = take(model, pk)
    if job is None:
        return
    faults.point(f"{job.noun}.claimed")
    with leased(job):
        try:
            do(job)
            faults.point(f"{job.noun}.finished")
        except LeaseLost:
            logger.warning(
                "%s %s was taken over or cancelled; what this worker computed is discarded.", job.noun, job.pk
            )
        except (DomainError, ValueError) as error:
            fail(job, str(error))
        except Exception as error:
            if was_broken_off(error):
                logger.warning("%s %s was broken off by the database; it is taken up again.", job.noun, job.pk)
                return
            logger.exception("%s %s crashed", job.noun, job.pk)
            fail(job, _("The program failed (%s). The trace is in the worker's log.") % type(error).__name__)


def sweep() -> int:
    """Ring for jobs that wait or whose lease ran out, and drop answers kept for a day; the number of rings.

    One worker at a time does it.
    """
    if not take_sweep_lease():
        return 0
    KeptAnswer.objects.expired().delete()
    now, rung, queued = timezone.now(), 0, queued_by_unit()
    waits = Q(status=JobStatus.QUEUED) & (Q(rung_at__isnull=True) | Q(rung_at__lt=now - RING_AGAIN))
    lost = Q(status=JobStatus.RUNNING, lease_until__lt=now)
    for model in job_models():
        for pk in (
            model._base_manager.filter(waits | lost)
            .order_by(F("rung_at").asc(nulls_first=True))[:100]
            .values_list("pk", flat=True)
        ):
            ring(model, pk, queued=queued)
            rung += 1
    return rung


def take_sweep_lease() -> bool:
    """Whether this worker sweeps now."""
    return take_lease(1, SWEEP_LEASE)


def take_lease(number: int, time: timedelta) -> bool:
    """Whether this worker does now what only one is to do within this time; `number` says what: 1 is the sweep."""
    now = timezone.now()
    SweepLease.objects.get_or_create(pk=number)
    free = SweepLease.objects.filter(pk=number).filter(Q(until__isnull=True) | Q(until__lt=now))
    return free.update(until=now + time) == 1


def sweep_logged() -> None:
    """A sweep whose failure is logged and leaves the worker running."""
    try:
        sweep()
    except Exception:
        logger.warning("The sweep failed; it is tried again in a few seconds.", exc_info=True)
