"""Checkpoints: when one is made, what is checked of those that are stored, notes of others, and what is protected."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.audit import log, notes, publishing
from registry.audit.keys import LogKeyUnusable, VerifierKey, log_key, signing_key
from registry.audit.notes import Note
from registry.errors import BadInput
from registry.models.audit import AuditCheckpoint, AuditEntry, AuditHead
from registry.models.jobs import SweepLease

EVERY = timedelta(seconds=55)  # looked at every five seconds: so a minute at the most
ENTRIES = 256
TURN = 2  # the row of the lease; the first is the sweep's
LONGEST_TURN = timedelta(seconds=60)
LATE = timedelta(minutes=5)
logger = logging.getLogger(__name__)


def sizes() -> frozenset[int]:
    """The sizes at which a checkpoint was made."""
    return frozenset(AuditCheckpoint.objects.values_list("size", flat=True))


def newest() -> AuditCheckpoint | None:
    """The last checkpoint that was made."""
    return AuditCheckpoint.objects.order_by("-size").first()


# ---- making


def is_due() -> bool:
    """The log grew, and by so much or so long ago that it is time."""
    size = AuditHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    last = newest()
    if last is None:
        return size > 0
    return size - last.size >= ENTRIES or (size > last.size and timezone.now() - last.made_at >= EVERY)


@transaction.atomic
def make() -> AuditCheckpoint | None:
    """A signed note on the log as it is now; None when there is one already, or nothing to sign."""
    head = AuditHead.objects.select_for_update().filter(pk=1).first()
    if head is None or not head.size or AuditCheckpoint.objects.filter(size__gte=head.size).exists():
        return None
    root, key = log.frontier(head).root(), signing_key()
    return AuditCheckpoint.objects.create(
        size=head.size, root=root, note=notes.signed(head.size, root, key), key_fingerprint=key.fingerprint,
        made_at=timezone.now(),
    )  # fmt: skip


def tick() -> AuditCheckpoint | None:
    """Make a checkpoint when one is due and put it outside; try again where a place did not take the last one."""
    row = make() if is_due() else None
    if row is None:
        last = newest()
        row = last if last is not None and publishing.is_unsettled(last) else None
    if row is not None:
        publishing.publish(row)
    return row


def tick_logged() -> None:
    """A tick by one worker at a time; its failure is logged and leaves the worker running."""
    try:
        if is_wanted() and take_turn():
            tick()
            SweepLease.objects.filter(pk=TURN).update(until=None)
    except Exception:
        logger.warning("No checkpoint of the log could be made; it is tried again in a few seconds.", exc_info=True)


def is_wanted() -> bool:
    """There is a checkpoint to make or to put outside."""
    last = newest()
    return is_due() or (last is not None and publishing.is_unsettled(last))


def take_turn() -> bool:
    """Whether this worker makes and publishes the next checkpoint."""
    now = timezone.now()
    SweepLease.objects.get_or_create(pk=TURN)
    free = SweepLease.objects.filter(pk=TURN).filter(Q(until__isnull=True) | Q(until__lt=now))
    return free.update(until=now + LONGEST_TURN) == 1


# ---- checking


@dataclass(frozen=True)
class Held:
    """A note that was kept: how a finding names it, what it says, and the key that is to have signed it."""

    name: str
    note: Note
    verifier: VerifierKey


def held(name: str, text: str, keys: Sequence[VerifierKey] = ()) -> Held:
    """A note with the key of its origin among those that are named, else the key of this log. Raises BadInput."""
    note = notes.parse(text)
    known = [key for key in keys if key.name == note.origin] or list(keys) or [log_key().verifier]
    return Held(name, note, known[0])


def findings(walk: Any, against: Iterable[Held] = ()) -> Iterator[str]:
    """Checkpoints, stored ones and those kept elsewhere, that the log does not agree with.

    `walk` has gone through the log with the sizes of all of them among the wanted ones (see verification).
    """
    rows = list(AuditCheckpoint.objects.order_by("size"))
    if rows:
        yield from stored_findings(rows, walk)
    for one in sorted(against, key=lambda one: one.note.size):
        yield from (f"{one.name}: {said}" for said in note_findings(one.note, one.verifier, walk))


def stored_findings(rows: Iterable[AuditCheckpoint], walk: Any) -> Iterator[str]:
    """What is wrong with the checkpoints that lie in the database."""
    try:
        verifier = log_key().verifier
    except (LogKeyUnusable, OSError) as error:
        yield f"the stored checkpoints cannot be checked: {error}"
        return
    for row in rows:
        try:
            note = notes.parse(row.note)
        except BadInput:
            yield f"checkpoint {row.size}: its note cannot be read"
            continue
        if (note.size, note.root) != (row.size, bytes(row.root)):
            yield f"checkpoint {row.size}: its columns do not say what its note says"
        yield from (f"checkpoint {row.size}: {said}" for said in note_findings(note, verifier, walk))


def is_signed(note: Note, verifier: VerifierKey, walk: Any) -> str:
    """The note carries the signature of the log's key."""
    return "" if note.is_signed_by(verifier) else "the note is not signed by the key of this log"


def is_ours(note: Note, verifier: VerifierKey, walk: Any) -> str:
    """The note speaks of this log."""
    return (
        ""
        if note.origin == verifier.name
        else f"the note is of another log ({note.origin}); this one is {verifier.name}"
    )


def is_not_larger(note: Note, verifier: VerifierKey, walk: Any) -> str:
    """The log has not become smaller than when the note was made."""
    now = walk.edge.size
    if now >= note.size:
        return ""
    return f"the note speaks of {note.size} entries, the log holds {now}: entries {now + 1} to {note.size} were removed"


def has_its_root(note: Note, verifier: VerifierKey, walk: Any) -> str:
    """The first entries of the log are those that the note was made of."""
    if walk.edge.size < note.size or walk.roots.get(note.size, log.merkle.EMPTY) == note.root:
        return ""
    since = max((size for size in walk.agreed if size < note.size), default=0) + 1
    return f"entries {since} to {note.size} are not those that the note was made of: the log was rewritten"


NOTE_CHECKS = (is_signed, is_ours, is_not_larger, has_its_root)


def note_findings(note: Note, verifier: VerifierKey, walk: Any) -> Iterator[str]:
    """What speaks against a note, given the walk through the log with the note's size among the wanted ones."""
    found = [said for check in NOTE_CHECKS if (said := check(note, verifier, walk))]
    if not found:
        walk.agreed.add(note.size)
    yield from found


# ---- telling


def origin() -> str:
    """The name of this log."""
    return log_key().origin


def same_volume_warning() -> str:
    """What to say of a folder for notes that lies on the disk of the database; empty when it does not."""
    if not settings.CHECKPOINT_DIR or not publishing.shares_the_disk(settings.CHECKPOINT_DIR):
        return ""
    return _("The folder for checkpoints lies on the same disk as the database; put it on another one.")


def late_warning() -> str:
    """What to say when entries wait for a checkpoint for minutes: no worker runs, or it cannot make one."""
    last = newest()
    waiting = AuditEntry.objects.filter(seq=(last.size if last else 0) + 1).values_list("ts_utc", flat=True).first()
    if waiting is None or timezone.now() - datetime.fromisoformat(waiting) < LATE:
        return ""
    return (
        _("Entries wait for a checkpoint since %s. See that a worker runs; its log says what hinders it.")
        % waiting[:16]
    )
