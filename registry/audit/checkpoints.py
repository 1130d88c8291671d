"""Checkpoints: when one is made, what is checked of those that are stored, notes of others, and what is protected."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.audit import log, notes, publishing
from registry.audit.keys import VerifierKey, log_key
from registry.audit.notes import Note
from registry.errors import BadInput
from registry.models.audit import AuditCheckpoint, AuditHead

EVERY = timedelta(seconds=60)
ENTRIES = 256
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
    root, key = log.frontier(head).root(), log_key()
    return AuditCheckpoint.objects.create(
        size=head.size, root=root, note=notes.signed(head.size, root, key), key_fingerprint=key.fingerprint
    )


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
    """A tick whose failure is logged and leaves the worker running."""
    try:
        tick()
    except Exception:
        logger.warning("No checkpoint of the log could be made; it is tried again in a few seconds.", exc_info=True)


# ---- checking


def findings(walk: Any) -> Iterator[str]:
    """Stored checkpoints that the log does not agree with. `walk` has gone through the log (see verification)."""
    verifier = log_key().verifier
    for row in AuditCheckpoint.objects.order_by("size").iterator():
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
    return (
        "" if now >= note.size else f"the note speaks of {note.size} entries, the log holds {now}: entries were removed"
    )


def has_its_root(note: Note, verifier: VerifierKey, walk: Any) -> str:
    """The first entries of the log are those that the note was made of."""
    if walk.edge.size < note.size or walk.roots.get(note.size, log.merkle.EMPTY) == note.root:
        return ""
    return f"the first {note.size} entries are not those that the note was made of: the log was rewritten"


NOTE_CHECKS = (is_signed, is_ours, is_not_larger, has_its_root)


def note_findings(note: Note, verifier: VerifierKey, walk: Any) -> Iterator[str]:
    """What speaks against a note, given the walk through the log with the note's size among the wanted ones."""
    yield from (said for check in NOTE_CHECKS if (said := check(note, verifier, walk)))


# ---- telling


@dataclass(frozen=True)
class Protection:
    """How far the log is protected from whoever owns the database: by a note that lies outside."""

    size: int
    made_at: datetime | None
    places: tuple[str, ...]
    failures: tuple[str, ...]
    entries: int


def protection() -> Protection:
    """Up to which entry a note lies in an outside place, since when, and which places refused the newest one."""
    entries = AuditHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    recent = list(AuditCheckpoint.objects.order_by("-size")[:100])
    outside = next((row for row in recent if publishing.is_outside(row)), None)
    failures = publishing.failures(recent[0]) if recent else ()
    names = tuple(place.name for place in publishing.places())
    if outside is None:
        return Protection(0, None, names, failures, entries)
    return Protection(outside.size, outside.made_at, names, failures, entries)


def origin() -> str:
    """The name of this log."""
    return log_key().origin


def same_volume_warning() -> str:
    """What to say of a folder for notes that lies on the disk of the database; empty when it does not."""
    if not settings.CHECKPOINT_DIR or not publishing.shares_the_disk(settings.CHECKPOINT_DIR):
        return ""
    return _("The folder for checkpoints lies on the same disk as the database; put it on another one.")
