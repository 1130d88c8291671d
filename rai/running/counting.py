"""The counts of an uploaded table: those of an earlier check of the same bytes by the same columns, else read in the child."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from rai.models import CheckRun
from rai.running import partitions
from rai.running.child import in_child, upload_caps
from registry import blobs
from registry.audit import log
from registry.canonical import digest
from registry.models import Attachment, Evidence

ROLE = "counts"
MEDIA_TYPE = "application/json"
# Counts of very many groups are not worth keeping beside every piece of evidence.
MOST_BYTES = 4 << 20


@dataclass(frozen=True)
class Counts:
    """A count cube as JSON, how the child was held that read it, and the digest of what it was read from and how."""

    json: dict[str, Any]
    level: str
    key: str


def counted(job: CheckRun, read: dict[str, Any]) -> Counts:
    """The counts by these columns, kept with the run so that they are stored beside its evidence.

    A replay always reads the rows: it is there to find out whether what was kept is true.
    """
    key = key_of(job, read)
    found = None if job.replayed is not None else earlier(job, key)
    parts = None if found is not None else partitions.counted(job, read)
    if parts is not None:
        found = Counts(*parts, key)
    if found is None:
        files = {"data": job.predictions.files}
        result = in_child(job, "count", {"read": read, "caps": upload_caps()}, files)
        found = Counts(result.json, result.level, key)
    job.counts = found
    return found


def key_of(job: CheckRun, read: dict[str, Any]) -> str:
    """What decides the counts: the bytes, the columns and the library that reads them."""
    from rai.engine.environment import environment

    return digest({"data": job.predictions.blob.digest, "read": read, "environment": environment(("duckdb",))})


def earlier(job: CheckRun, key: str) -> Counts | None:
    """The counts beside the standing evidence of an earlier check of the same bytes; None where there are none."""
    runs = CheckRun.objects.filter(predictions__blob=job.predictions.blob, evidence__withdrawn_at__isnull=True)
    kept = Attachment.objects.filter(
        object_type=Evidence._meta.label, object_id__in=runs.values("evidence_id"), role=ROLE, name=key
    )
    attachment = kept.select_related("blob").order_by("created_at").first()
    if attachment is None or not attachment.blob.path.exists():
        return None
    body = attachment.blob.read()
    if hashlib.sha256(body).hexdigest() != attachment.blob.sha256:
        return None
    value = json.loads(body)
    return Counts({**value["counts"], "timings": {}}, value["level"], key)


def keep(job: CheckRun, evidence: Evidence) -> None:
    """Store the run's counts beside its evidence; equal ones share their bytes."""
    found: Counts | None = job.counts
    if found is None:
        return
    counts = {name: value for name, value in found.json.items() if name != "timings"}
    body = json.dumps({"counts": counts, "level": found.level}, sort_keys=True).encode()
    if len(body) > MOST_BYTES:
        return
    row = Attachment(
        blob=blobs.store(body, MEDIA_TYPE),
        name=found.key,
        role=ROLE,
        object_type=Evidence._meta.label,
        object_id=evidence.pk,
    )
    row.save()
    log.record(None, "counts.kept", row)
