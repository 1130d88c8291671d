"""The answer to whoever brings a checkpoint note: does the log still begin as it did when the note was made?"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from registry.audit import notes, proofs
from registry.audit.keys import VerifierKey, log_key
from registry.audit.merkle import Frontier
from registry.audit.notes import Note
from registry.errors import BadInput
from registry.models import AuditCheckpoint


class Found(StrEnum):
    """What there is to say of a note."""

    CONSISTENT = "consistent"
    OTHER_LOG = "other_log"
    FORGED = "forged"
    SHORTER = "shorter"
    REWRITTEN = "rewritten"


@dataclass(frozen=True)
class Answer:
    """What was found, in one sentence and what follows from it. `agrees_to` is the last entry known to be unchanged."""

    found: Found
    note: Note
    sentence: str
    advice: str
    agrees_to: int = 0

    @property
    def is_good(self) -> bool:
        """The log holds what the note says."""
        return self.found == Found.CONSISTENT

    @property
    def root(self) -> str:
        """The note's root in hex."""
        return self.note.root.hex()


def answer_to(text: str) -> Answer:
    """Read the note and compare it with the log as it is stored. Raises BadInput for a text that is no note."""
    try:
        note = notes.parse(text)
    except BadInput as refusal:
        raise BadInput(str(refusal), field="text") from refusal
    key = log_key().verifier
    if note.origin != key.name:
        return other_log(note, key)
    if not note.is_signed_by(key):
        return forged(note)
    size = proofs.size_now()
    if note.size > size:
        return shorter(note, size)
    return consistent(note) if proofs.root_at(note.size) == note.root else rewritten(note, key)


def consistent(note: Note) -> Answer:
    """The good answer."""
    return Answer(
        Found.CONSISTENT,
        note,
        _("The log agrees with this note: its first %d entries are those that the note was made of.") % note.size,
        _(
            "None of them was changed, removed or put in another order since. What the entries say of the records "
            "themselves is compared by the command verify_audit."
        ),
        note.size,
    )


def other_log(note: Note, key: VerifierKey) -> Answer:
    """A note that speaks of something else."""
    return Answer(
        Found.OTHER_LOG,
        note,
        _("This is a note of another log: it says “%(other)s”, this log is called “%(own)s”.")
        % {"other": note.origin, "own": key.name},
        _("Check it at the installation that made it. If it was given to you as a note of this log, ask where it came from."),
    )  # fmt: skip


def forged(note: Note) -> Answer:
    """A note without a true signature."""
    return Answer(
        Found.FORGED,
        note,
        _("The signature is forged or damaged: no line under this note is a signature by the key of this log."),
        _(
            "Whoever made this note did not have the key, or its text was changed afterwards. It proves nothing for or "
            "against the log. Take the note again from where you kept it."
        ),
    )


def shorter(note: Note, size: int) -> Answer:
    """A note that is newer than the log."""
    return Answer(
        Found.SHORTER,
        note,
        _("The note is newer than the log: it was made of %(note)d entries, the log holds %(log)d.")
        % {"note": note.size, "log": size},
        _(
            "The note is genuine, so entries were removed, or an older copy of the database was put back. Ask who "
            "restored it and when, and keep the note."
        ),
    )


def rewritten(note: Note, key: VerifierKey) -> Answer:
    """A genuine note that the log contradicts."""
    upto = last_agreement(note.size, key)
    return Answer(
        Found.REWRITTEN,
        note,
        _("The log was rewritten after entry %(upto)d: its first %(size)d entries are not those the note was made of.")
        % {"upto": upto, "size": note.size},
        _(
            "The note is genuine. Up to entry %(upto)d the log agrees with the checkpoints that are kept here; between "
            "that and entry %(size)d something was changed. Keep the note, and run verify_audit."
        )
        % {"upto": upto, "size": note.size},
        upto,
    )


def last_agreement(below: int, key: VerifierKey) -> int:
    """The largest checkpoint kept here, signed and smaller, with which the log agrees; 0 when there is none."""
    signed = {note.size: note.root for note in kept(below) if note.is_signed_by(key)}
    edge, agreed = Frontier(), 0
    for leaf in proofs.leaves(0, max(signed, default=0)):
        edge.append(leaf)
        if edge.size in signed and edge.root() == signed[edge.size]:
            agreed = edge.size
    return agreed


def kept(below: int) -> list[Note]:
    """The notes that are stored here and can still be read."""
    found = []
    for text in AuditCheckpoint.objects.filter(size__lt=below).values_list("note", flat=True):
        try:
            found.append(notes.parse(text))
        except BadInput:
            continue
    return found
