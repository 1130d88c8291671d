"""Checkpoints as C2SP signed notes: written, read, signed, cosigned and checked; pure, without a database.

A note is the origin's name, the size of the log, the root of its tree in base64, an empty line, and signature lines
`— name base64(key hash ‖ signature)`. See C2SP tlog-checkpoint, signed-note and tlog-cosignature.
"""

import base64
from dataclasses import dataclass

from django.utils.translation import gettext as _

from registry.audit.keys import COSIGNATURE, SIGNATURE, LogKey, VerifierKey, key_hash
from registry.errors import BadInput

LONGEST = 64 * 1024
MARK = "— "


@dataclass(frozen=True)
class Signature:
    """One signature line: the name it gives, the four bytes that name the key, and what follows them."""

    name: str
    short: bytes
    value: bytes


@dataclass(frozen=True)
class Note:
    """What a note says, and the signatures under it. `body` are the bytes that are signed."""

    origin: str
    size: int
    root: bytes
    body: bytes
    signatures: tuple[Signature, ...]

    def is_signed_by(self, key: VerifierKey) -> bool:
        """Whether one of the lines is this key's signature under its own name."""
        short = key_hash(key.name, SIGNATURE, key.public)
        return any(
            line.name == key.name and line.short == short and len(line.value) == 64
            and key.verifies(line.value, self.body)
            for line in self.signatures
        )  # fmt: skip

    def is_cosigned_by(self, key: VerifierKey) -> bool:
        """Whether a witness with this key has countersigned (C2SP cosignature/v1: with the time it saw the note)."""
        short = key_hash(key.name, COSIGNATURE, key.public)
        return any(
            line.name == key.name and line.short == short and len(line.value) == 72
            and key.verifies(line.value[8:], cosigned(int.from_bytes(line.value[:8]), self.body))
            for line in self.signatures
        )  # fmt: skip


def body_of(origin: str, size: int, root: bytes) -> str:
    """The three lines that are signed."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def signature_line(name: str, short: bytes, value: bytes) -> str:
    """A line under a note."""
    return f"{MARK}{name} {base64.b64encode(short + value).decode()}\n"


def signed(size: int, root: bytes, key: LogKey) -> str:
    """The note on a log of this size and root, under the key's signature."""
    body = body_of(key.origin, size, root)
    short = key_hash(key.origin, SIGNATURE, key.public)
    return f"{body}\n{signature_line(key.origin, short, key.sign(body.encode()))}"


def cosigned(seconds: int, body: bytes) -> bytes:
    """What a witness signs: the time and the note's body."""
    return b"cosignature/v1\ntime %d\n" % seconds + body


def cosignature(note: Note, seconds: int, key: LogKey) -> str:
    """A witness's line under a note, with the time (Unix seconds) at which it was found consistent."""
    value = seconds.to_bytes(8) + key.sign(cosigned(seconds, note.body))
    return signature_line(key.origin, key_hash(key.origin, COSIGNATURE, key.public), value)


def parse(text: str) -> Note:
    """Read a note; line ends of a pasted text are mended. Raises BadInput with what is wrong."""
    if len(text) > LONGEST:
        raise BadInput(_("This is longer than any checkpoint note (%d characters).") % LONGEST, field="note")
    lines = text.replace("\r\n", "\n").strip("\n") + "\n"
    body, gap, below = lines.rpartition("\n\n")
    said = body.split("\n")
    if not gap or len(said) < 3 or not said[0].strip():
        raise malformed(_("It has an origin, a size, a root, an empty line and a signature, each on its own line."))
    if not (said[1].isascii() and said[1].isdigit() and str(int(said[1])) == said[1] and len(said[1]) < 17):
        raise malformed(_("Its second line is no size."))
    root = decoded(said[2])
    if len(root) != 32:
        raise malformed(_("Its third line is no root: 32 bytes in base64."))
    signatures = tuple(signature_of(line) for line in below.rstrip("\n").split("\n"))
    return Note(said[0], int(said[1]), root, f"{body}\n".encode(), signatures)


def signature_of(line: str) -> Signature:
    """Read a signature line."""
    name, _space, encoded = line.removeprefix(MARK).rpartition(" ")
    raw = decoded(encoded)
    if not line.startswith(MARK) or not name or len(raw) < 5:
        raise malformed(_("Below the empty line stand signatures only: “— name base64”."))
    return Signature(name, raw[:4], raw[4:])


def decoded(text: str) -> bytes:
    """Base64, or nothing when it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def malformed(why: str) -> BadInput:
    """The refusal of a text that is no note."""
    return BadInput(_("This is no checkpoint note. %s") % why, field="note")
