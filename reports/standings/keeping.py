"""What a worker does for the standings: notices that the log has moved on, takes the changes in, and keeps what came out.

The statuses stay in the memory of the process that decided them, so that its next look costs only what changed. Any
process may do it, from cold where it is new; a day's first look is from cold everywhere, and so checks what was kept.
"""

import gc
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from celery import current_app
from django.utils import timezone

from registry import jobs
from registry.models import SweepLease
from reports.framework_files import Framework
from reports.imported import lookup
from reports.standings import kept
from reports.standings.live import Standings
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
    return any(kept.in_step(found) is None for found in lookup.in_use())


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
    now, wanted = timezone.now(), lookup.in_use()
    known = _live and rules_of(_live[0].frameworks.values()) == rules_of(wanted)
    if known and _live[0].as_of.date() == now.date():
        _live[0].refresh(now)
    else:
        _live.clear()
        _live.append(begun(*wanted, as_of=now))
    return store(_live[0])


def begun(*frameworks: Framework, as_of: datetime) -> Standings:
    """Standings from cold, which stay for the day: the collector of garbage need not look through them again."""
    gc.unfreeze()
    found = Standings(*frameworks, as_of=as_of)
    gc.collect()
    gc.freeze()
    return found


def rules_of(frameworks: Iterable[Framework]) -> list[tuple[str, str]]:
    """By which rules they decide; another edition of one begins from cold."""
    return [(found.slug, found.digest) for found in frameworks]


def store(standings: Standings) -> int:
    """Keep what came out otherwise since the last time; everything where what is kept was changed, or is of another day."""
    changed, day = 0, standings.as_of.date()
    for slug, framework in standings.frameworks.items():
        head = kept.head_of(framework)
        is_ours = head is not None and head.day == day
        cells = standings.cells[slug]
        found = {key or kept.ORGANISATION: cells[key] for key in (standings.unkept[slug] if is_ours else cells)}
        changed += kept.keep(framework, found, day=day, seq=standings.seq)
        standings.unkept[slug] = set()
    return changed
