"""What workers do by themselves once in a while, in bounded portions: read stored bytes again, tell of access that ended."""

import logging
from datetime import date, timedelta
from typing import Final

from django.db.models import F
from django.utils import timezone

from registry import jobs
from registry.actions import data_access, observing
from registry.models import ModelVersion, Task

EVERY: Final = timedelta(hours=1)
LEASE: Final = 8  # the row of the lease
# Bytes known to be good are read again after a day; a portion ends with the version that passes this size.
READ_AGAIN: Final = timedelta(hours=20)
MOST_VERSIONS, MOST_BYTES = 50, 4 * 2**30
logger = logging.getLogger(__name__)


def tick_logged() -> None:
    """One look of which a failure is logged and leaves the worker running."""
    try:
        tick()
    except Exception:
        logger.warning("The nightly work could not be done; it is tried again.", exc_info=True)


def tick(today: date | None = None) -> int:
    """A portion of all of it, every hour whichever worker does it; the number of versions whose bytes were read."""
    if not jobs.take_lease(LEASE, EVERY):
        return 0
    data_access.tell_of_past(today or timezone.localdate())
    return verify_portion()


def verify_portion() -> int:
    """Read the bytes of versions known to be good, those first that were read longest ago; how many were read.

    Bytes that differ open a task at once. A version whose bytes could not be read does not keep the others from it.
    """
    read = size = 0
    for version in due()[:MOST_VERSIONS]:
        try:
            size += sum(blob.size for _name, blob in observing.kept(version))
            observing.verify_by_night(version)
        except Exception:  # a border: one version must not keep the others from it
            logger.exception("The stored bytes of %s could not be read; it is tried again.", version.pk)
        read += 1
        if size >= MOST_BYTES:
            break
    return read


def due() -> list[ModelVersion]:
    """Versions known to be good whose bytes nobody has found whole since yesterday, the longest ago first.

    What was found to differ waits for a person, who restores it and has it read again.
    """
    rows = ModelVersion.objects.filter(known_good=True).select_related("artifact", "model__system__unit")
    differing = Task.objects.waiting().filter(kind=Task.Kind.DRIFT, object_type=ModelVersion._meta.label)
    rows = rows.exclude(pk__in=differing.values("object_id"))
    fresh = rows.filter(backup_verified_at__gt=timezone.now() - READ_AGAIN)
    return list(rows.exclude(pk__in=fresh.values("pk")).order_by(F("backup_verified_at").asc(nulls_first=True), "pk"))
