"""What a worker does for the standings: notices that the log has moved on, takes the changes in, and keeps what came out.

The statuses stay in the memory of the process that decided them, so that its next look costs only what changed. Any
process may do it, from cold where it is new; a day's first look is from cold everywhere, and so checks what was kept.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from celery import current_app
from django.utils import timezone

from registry import jobs
from registry.models import SweepLease
from reports.framework_files import SLUGS, load
from reports.standings import kept
from reports.standings.live import Key, Standings
from reports.standings.watched import logged

EVERY: Final = timedelta(seconds=4)
LEASE, AT_WORK = 19, 20  # the rows of the leases: of who looks, and of who decides
LONGEST: Final = timedelta(minutes=10)
logger = logging.getLogger(__name__)
RESTLESS: Final = 15
_live: list[Standings] = []
_seen: dict[str, int] = {}


def ring() -> None:
    """Have a worker's child renew the standings where they are behind, whichever worker's timer it is."""
    try:
        if jobs.take_lease(LEASE, EVERY) and is_calm() and behind():
            current_app.send_task("reports.renew_standings", retry=False, expires=60)
    except Exception:
        logger.warning("The broker could not be rung for the standings; it is tried again.", exc_info=True)


def is_calm() -> bool:
    """The log has not moved since the last look, or has moved for so many looks that waiting longer helps nobody."""
    last = logged()
    still = _seen.get("seq") == last or _seen.get("looks", 0) >= RESTLESS
    _seen.update(seq=last, looks=0 if still else _seen.get("looks", 0) + 1)
    return still


def behind() -> bool:
    """Some framework's standings are not those of today and of the log's last entry, or were changed from outside."""
    return any(kept.in_step(load(slug)) is None for slug in SLUGS)


def renew_logged() -> None:
    """One renewal of which a failure is logged and leaves the worker running; one process at a time does it."""
    if not jobs.take_lease(AT_WORK, LONGEST):
        return
    try:
        renew()
    except Exception:
        _live.clear()
        logger.warning("The standings could not be renewed; it is tried again.", exc_info=True)
    finally:
        SweepLease.objects.filter(pk=AT_WORK).update(until=None)


def renew() -> int:
    """Bring what is in memory up to date and keep it; how many standings came out otherwise than they were kept."""
    now = timezone.now()
    if not _live:
        _live.append(Standings(*map(load, SLUGS), as_of=now))
        return store(_live[0], _live[0].keys)
    touched = _live[0].refresh(now)
    return store(_live[0], touched)


def store(standings: Standings, touched: Iterable[Key]) -> int:
    """Keep what the touched subjects came to; all of them where what is kept was changed, or is of another day."""
    changed = 0
    for slug, framework in standings.frameworks.items():
        head = kept.head_of(framework)
        is_ours = head is not None and head.day == standings.as_of.date()
        found = {
            key or kept.ORGANISATION: kept.results(standings.of(key, slug))
            for key in (touched if is_ours else standings.keys) if key is None or key in standings.statuses
        }  # fmt: skip
        changed += kept.keep(framework, found, day=standings.as_of.date(), seq=standings.seq)
    return changed
