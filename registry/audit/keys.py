"""The key that signs checkpoints: an Ed25519 key of the log alone, in its own file that only its owner may read."""

import base64
import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils.translation import gettext as _

from registry.errors import BadInput, NotAllowed

SIGNATURE, COSIGNATURE = b"\x01", b"\x04"


class LogKeyUnusable(NotAllowed):
    """The log's key cannot be used as it lies; the sentence names the file and the remedy."""


@dataclass(frozen=True)
class LogKey:
    """The log's key. `public` are its 32 bytes; `fingerprint` the hex SHA-256 of the DER SubjectPublicKeyInfo.

    `private` is None in a process that only checks signatures, because another one holds the key.
    """

    public: bytes
    fingerprint: str
    private: Ed25519PrivateKey | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, private: Ed25519PrivateKey) -> Self:
        """The key with what is public about it."""
        return replace(cls.seen(private.public_key()), private=private)

    @classmethod
    def seen(cls, public: Ed25519PublicKey) -> Self:
        """What is public about a key."""
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return cls(public.public_bytes_raw(), hashlib.sha256(der).hexdigest())

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature."""
        if self.private is None:
            raise LogKeyUnusable(_("This process does not hold the log's key: another one signs."))
        return self.private.sign(message)

    @property
    def origin(self) -> str:
        """The name of the log: the one that is set, or one made of the key's fingerprint."""
        return settings.LOG_ORIGIN or f"attestry/{self.fingerprint[:16]}"

    @property
    def verifier(self) -> "VerifierKey":
        """What others need to check signatures."""
        return VerifierKey(self.origin, self.public)


@dataclass(frozen=True)
class VerifierKey:
    """The public half with its name, as C2SP signed-note writes it: `name+hash+base64(type ‖ public key)`."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one; raises BadInput with what is wrong."""
        name, _plus, rest = text.strip().partition("+")
        short, _plus, encoded = rest.partition("+")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            raw = b""
        if not name or len(raw) != 33 or raw[:1] != SIGNATURE or key_hash(name, SIGNATURE, raw[1:]).hex() != short:
            raise BadInput(_("“%s” is no verifier key: name+hash+key is wanted, as the other log prints it.") % text)
        return cls(name, raw[1:])

    def __str__(self) -> str:
        short = key_hash(self.name, SIGNATURE, self.public).hex()
        return f"{self.name}+{short}+{base64.b64encode(SIGNATURE + self.public).decode()}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the 64 bytes are this key's signature of the message (RFC 8032)."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def key_hash(name: str, kind: bytes, public: bytes) -> bytes:
    """The four bytes by which a signature line names its key (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def log_key() -> LogKey:
    """The log's key; only what is public about it where another process holds it. Made on first use."""
    place = Path(settings.KEY_DIR) / "log" / "ed25519.pem"
    return stored(place) if place.exists() or not settings.SIGN_BY_QUEUE else known()


def signing_key() -> LogKey:
    """The log's key in the process that signs, whose public half it lays out for the others."""
    key = stored(Path(settings.KEY_DIR) / "log" / "ed25519.pem")
    text = f"{key.verifier}\n"
    if settings.SIGN_BY_QUEUE and not (public_place().exists() and public_place().read_text() == text):
        public_place().write_text(text)
    return key


def verifier() -> VerifierKey | None:
    """What checks the notes of this log; None while the process that holds the key apart has not laid it out."""
    try:
        return log_key().verifier
    except LogKeyUnusable:
        return None


def public_place() -> Path:
    """Where processes without the key find what is public about it."""
    return Path(settings.DATA_DIR) / "log-key.txt"


def known() -> LogKey:
    """What is public about the key that another process holds."""
    try:
        text = public_place().read_text()
    except FileNotFoundError as error:
        raise LogKeyUnusable(
            _("The process that holds the log's key has made no checkpoint yet. See that a worker of queue sign runs.")
        ) from error
    return LogKey.seen(Ed25519PublicKey.from_public_bytes(VerifierKey.parse(text).public))


def put_new_key(place: Path) -> None:
    """Make a key and put its file in place whole; whoever comes second leaves the first one's."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    handle, half_made = tempfile.mkstemp(prefix=".new-", dir=place.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(half_made, place)
    except FileExistsError:
        return
    finally:
        Path(half_made).unlink(missing_ok=True)


def stored(place: Path) -> LogKey:
    """The key of a file that only its owner may read; made when there is none, and by processes together one."""
    if not place.exists():
        put_new_key(place)
    status = place.lstat()
    if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) & 0o077:
        raise LogKeyUnusable(_("Others may read the log's key %(path)s. Run: chmod 600 %(path)s") % {"path": place})
    try:
        private = serialization.load_pem_private_key(place.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise LogKeyUnusable(_("%s is no unencrypted Ed25519 key in PEM form. Restore it from a backup.") % place)
    return LogKey.of(private)
