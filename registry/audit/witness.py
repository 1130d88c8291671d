"""The other side: this installation as witness of other logs, refusing a note that does not continue the last one."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.audit import merkle, notes
from registry.audit.keys import VerifierKey, log_key
from registry.errors import DomainError
from registry.models.audit import WitnessedNote

MOST_STEPS = 64


class Inconsistent(DomainError):
    """The note is refused. `size` is that of the last note seen, so that the sender can prove from there."""

    def __init__(self, sentence: str, size: int) -> None:
        super().__init__(sentence)
        self.size = size


@dataclass(frozen=True)
class Witnessed:
    """What the sender gets: the size taken, and the witness's line to stand under the note."""

    size: int
    cosignature: str


def known_keys() -> dict[str, VerifierKey]:
    """The logs that this installation watches, by their names."""
    return {key.name: key for key in map(VerifierKey.parse, settings.WITNESS_KEYS)}


@transaction.atomic
def witness(text: str, *, old_size: int, proof: list[bytes]) -> Witnessed:
    """Take a note when its log is watched, its signature holds and it continues the last one; else Inconsistent."""
    note = notes.parse(text)
    key = known_keys().get(note.origin)
    if key is None or not note.is_signed_by(key):
        raise Inconsistent(_("This installation watches no log of that name and key."), 0)
    last = WitnessedNote.objects.select_for_update().filter(pk=note.origin).first()
    if last is not None:
        continued(note, last, old_size, proof)
    WitnessedNote.objects.update_or_create(
        pk=note.origin, defaults={"size": note.size, "root": note.root, "note": text.replace("\r\n", "\n")}
    )
    return Witnessed(note.size, notes.cosignature(note, int(timezone.now().timestamp()), log_key()))


def continued(note: notes.Note, last: WitnessedNote, old_size: int, proof: list[bytes]) -> None:
    """Refuse a log that became smaller, tells another story of the same size, or does not begin with the last one."""
    if note.size < last.size:
        raise Inconsistent(_("The log became smaller: %d entries were seen before.") % last.size, last.size)
    if old_size != last.size:
        raise Inconsistent(_("The proof must begin at the %d entries that were seen last.") % last.size, last.size)
    steps = proof[: MOST_STEPS + 1]
    if not merkle.proves_consistency(last.size, note.size, steps, bytes(last.root), note.root):
        raise Inconsistent(
            _("The log does not continue the one of %d entries that was seen before.") % last.size, last.size
        )
