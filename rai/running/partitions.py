"""Counting a large table in parts that several workers share; the sum is the cube of the whole.

Not a chord of Celery: its reduce hangs on a result kept by the broker, and a broker that forgets loses the run. Here a
part's counts are a row beside the run. The worker that holds the run counts from the last part on and takes whatever is
there already; rings invite other workers to begin with the first. A ring that is lost costs time and nothing else, and
a worker that takes a run over finds the parts that were counted.
"""

import hashlib
import json
import logging
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction

from rai.models import CheckRun
from rai.running.child import in_child, upload_caps
from registry import blobs, faults, jobs
from registry.audit import log
from registry.canonical import digest
from registry.errors import BadInput
from registry.models import Attachment, JobStatus

ROLE = "part"
MEDIA_TYPE = "application/json"
TASK = "rai.count_part"
PARQUET = b"PAR1"
# Behind small jobs that wait, before those of units that asked for a lot.
PRIORITY = 3
logger = logging.getLogger(__name__)

Span = tuple[int, int]


def parts_of(job: CheckRun) -> tuple[Span, ...]:
    """The spans of rows that are counted by themselves; none where the table is read in one go."""
    from rai.engine.partitions import spans

    table = job.predictions
    if job.replayed is not None or (table.rows or 0) <= settings.PART_ROWS:
        return ()
    if len(table.files) > 1:
        return ()
    with table.blob.path.open("rb") as file:
        return spans(table.rows or 0, settings.PART_ROWS) if file.read(4) == PARQUET else ()


def counted(job: CheckRun, read: dict[str, Any]) -> tuple[dict[str, Any], str] | None:
    """The cube as JSON and how the children were held; None where only a reading in one go can say what is wrong."""
    from rai.checks.contract import InputError
    from rai.engine.partitions import Part, summed

    parts = parts_of(job)
    if not parts:
        return None
    invite(job, read, parts)
    found: dict[int, dict[str, Any]] = {}
    width = len(read["sensitive"]) + len(read.get("control") or ())
    try:
        for place in reversed(range(len(parts))):
            found[place] = kept(job, key_of(job, read, parts[place])) or count(job, read, parts[place])
            faults.point("part.counted")
            jobs.report_progress(job, 10 + 80 * len(found) // len(parts), "count")
        counts = [Part.from_json(one["part"], width) for one in found.values()]
        cube = summed(counts, label=job.predictions.name, **read)
    except (InputError, BadInput):
        return None
    if cube.rows != job.predictions.rows:
        return None
    return {**cube.to_json(), "timings": {}}, found[0]["level"]


def invite(job: CheckRun, read: dict[str, Any], parts: tuple[Span, ...]) -> None:
    """Ring for every part; whoever hears it in time helps."""
    for part in parts[:-1]:
        try:
            current_app.send_task(TASK, args=[str(job.pk), read, list(part)], retry=False, priority=PRIORITY)
        except Exception:
            logger.warning("The broker could not be rung for parts of %s; one worker counts them all.", job.pk)
            return


def help_with(pk: str, read: dict[str, Any], part: Span) -> None:
    """Count a part of somebody else's run, unless that is over or has it."""
    job = CheckRun.objects.select_related("predictions__blob").filter(pk=pk, status=JobStatus.RUNNING).first()
    if job is None or part not in parts_of(job) or kept(job, key_of(job, read, part)):
        return
    job.lease_token = None  # the run is not ours: what this child says of its progress is nobody's
    try:
        count(job, read, part)
    except BadInput:
        logger.info("A part of %s could not be counted; the worker of the run will say why.", pk)
    except jobs.LeaseLost:
        logger.info("%s is over; its part is no longer wanted.", pk)


def count(job: CheckRun, read: dict[str, Any], part: Span) -> dict[str, Any]:
    """Count a part in the child and keep it beside the run, once, and only as long as the run is running."""
    files = {"data": job.predictions.files}
    found = in_child(job, "count_part", {"read": read, "span": list(part), "caps": upload_caps()}, files)
    value = {"part": found.json, "level": found.level}
    blob = blobs.store(json.dumps(value, sort_keys=True).encode(), MEDIA_TYPE)
    key = key_of(job, read, part)
    with transaction.atomic():
        running = CheckRun.objects.select_for_update(of=("self",)).filter(pk=job.pk, status=JobStatus.RUNNING)
        if running.first() is not None and not rows_of(job, key).exists():
            row = Attachment(blob=blob, name=key, role=ROLE, object_type=CheckRun._meta.label, object_id=job.pk)
            row.save()
            log.record(None, "counts.kept", row)
    return value


def key_of(job: CheckRun, read: dict[str, Any], part: Span) -> str:
    """What decides the counts of a part: the bytes, the rows, the columns and the library that reads them."""
    from rai.engine.environment import environment

    asked = {"data": job.predictions.blob.digest, "read": read, "span": list(part)}
    return digest({**asked, "environment": environment(("duckdb",))})


def rows_of(job: CheckRun, key: str) -> Any:
    """The rows that keep this part."""
    return Attachment.objects.of(job).filter(role=ROLE, name=key)


def kept(job: CheckRun, key: str) -> dict[str, Any] | None:
    """The part as it was counted before, if its bytes are still what they were."""
    row = rows_of(job, key).select_related("blob").first()
    if row is None or not row.blob.path.exists():
        return None
    body = row.blob.read()
    if hashlib.sha256(body).hexdigest() != row.blob.sha256:
        return None
    value: dict[str, Any] = json.loads(body)
    return value
