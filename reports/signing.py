"""Signatures of packs: the Ed25519 key in its file, in-toto statements, and DSSE envelopes around them."""

import base64
import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils.translation import gettext as _

from registry.canonical import canonical
from registry.errors import DomainError

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"


class KeyUnusable(DomainError):
    """The signing key cannot be used as it lies; the sentence names the file and the remedy."""


class Refused(KeyUnusable):
    """The process that holds the key did not sign; the sentence is its own."""


class Signer(Protocol):
    """Whoever signs: a key in hand, or the process that holds it."""

    @property
    def fingerprint(self) -> str:
        """The lower-case hex SHA-256 of the DER SubjectPublicKeyInfo."""

    @property
    def public_pem(self) -> str:
        """The public key in PEM form."""

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature."""


@dataclass(frozen=True)
class Key:
    """A signing key. `fingerprint` is the lower-case hex SHA-256 of the DER SubjectPublicKeyInfo."""

    fingerprint: str
    public_pem: str
    private: Ed25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def of(cls, private: Ed25519PrivateKey) -> Self:
        """The key with what is public about it."""
        public, spki = private.public_key(), serialization.PublicFormat.SubjectPublicKeyInfo
        der = public.public_bytes(serialization.Encoding.DER, spki)
        pem = public.public_bytes(serialization.Encoding.PEM, spki).decode("ascii")
        return cls(hashlib.sha256(der).hexdigest(), pem, private)

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature; the same for the same message, always (RFC 8032)."""
        return self.private.sign(message)


def ensure_key(folder: Path) -> Key:
    """The one key of the installation, made on first use; processes that start together get the same one.

    `folder` is `<data dir>/keys`: it gets mode 0700, the key lies there as `<fingerprint>.pem` with mode 0600.
    Raises KeyUnusable when there are several keys, or one that others may read, or a file that is no such key.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    with locked(folder):
        found = sorted(folder.glob("*.pem"))
        if not found:
            return new_key(folder)
        if len(found) > 1:
            names = ", ".join(path.name for path in found)
            raise KeyUnusable(
                _("%(folder)s holds several signing keys (%(names)s). Leave the one to sign with, move the others.")
                % {"folder": folder, "names": names}
            )
        return stored_key(found[0])


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait until no other process makes or reads a key here; a crash frees the lock."""
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def new_key(folder: Path) -> Key:
    """Make a key and put its file in place whole or not at all."""
    key = Key.of(Ed25519PrivateKey.generate())
    pem = key.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    handle, half_made = tempfile.mkstemp(prefix=".new-", dir=folder)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        Path(half_made).rename(folder / f"{key.fingerprint}.pem")
    except BaseException:
        Path(half_made).unlink(missing_ok=True)
        raise
    sync(folder)
    return key


def replaced_key(folder: Path) -> tuple[Key, Key]:
    """A new key in place of the one that signs; the old one moves to `retired/`, where nothing looks for a key."""
    old = ensure_key(folder)
    with locked(folder):
        retired = folder / "retired"
        retired.mkdir(mode=0o700, exist_ok=True)
        new = new_key(folder)
        (folder / f"{old.fingerprint}.pem").rename(retired / f"{old.fingerprint}.pem")
    sync(retired)
    sync(folder)
    return old, new


def sync(folder: Path) -> None:
    """Make a new name in a folder last through a power cut: packs must not outlive the key that signed them."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def stored_key(path: Path) -> Key:
    """The key of a file that only its owner may read and that is named for the key's fingerprint."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise KeyUnusable(_("%s is no regular file. Put the key itself there, not a link to it.") % path)
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise KeyUnusable(_("Others may read the signing key %(path)s. Run: chmod 600 %(path)s") % {"path": path})
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise unreadable(path) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise unreadable(path)
    key = Key.of(private)
    if path.stem != key.fingerprint:
        raise KeyUnusable(
            _("%(path)s holds the key %(fingerprint)s. Restore the file that belongs there from a backup.")
            % {"path": path, "fingerprint": key.fingerprint}
        )
    return key


def unreadable(path: Path) -> KeyUnusable:
    """The refusal of a file that holds no key of our kind."""
    return KeyUnusable(
        _("%s is no unencrypted Ed25519 key in PEM form. Restore it from a backup, or move it to get a new key.") % path
    )


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that DSSE signs: its pre-authentication encoding, version 1 (lengths in bytes)."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def dsse(payload: bytes, payload_type: str, key: Signer) -> bytes:
    """A DSSE envelope in canonical JSON with one signature, whose `keyid` is the key's fingerprint."""
    signature = key.sign(pae(payload_type, payload))
    return canonical(
        {
            "payload": base64.b64encode(payload).decode("ascii"),
            "payloadType": payload_type,
            "signatures": [{"keyid": key.fingerprint, "sig": base64.b64encode(signature).decode("ascii")}],
        }
    )


def statement(subjects: Mapping[str, str], predicate_type: str, predicate: Mapping[str, Any]) -> dict[str, Any]:
    """An in-toto Statement v1 on files: `subjects` gives the hex SHA-256 by name; they stand sorted by name."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": subjects[name]}} for name in sorted(subjects)],
        "predicateType": predicate_type,
        "predicate": dict(predicate),
    }
