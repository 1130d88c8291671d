"""Where a signature is had: from the key in hand, or from the one process that holds it (queue `sign`)."""

import hashlib
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import jobs
from registry.audit import log
from registry.models import JobStatus
from reports import signing
from reports.models import Pack, Signature, SigningKey

PAUSE = 0.1


@dataclass(frozen=True)
class KeyElsewhere:
    """The installation's key as a process knows it that does not hold it. It signs by asking, and waits."""

    fingerprint: str
    public_pem: str
    pack: Pack
    as_of: datetime
    given: dict[bytes, bytes] = field(default_factory=dict, repr=False, compare=False)

    def sign(self, message: bytes) -> bytes:
        """The signature that the other process gives; asked for once a message. Raises KeyUnusable with its reason."""
        if message not in self.given:
            self.given[message] = waited(asked(self.pack, message, self.as_of))
        return self.given[message]


def key_for(pack: Pack, as_of: datetime) -> signing.Signer:
    """What signs a pack in this process."""
    if not settings.SIGN_BY_QUEUE:
        return own_key()
    known = SigningKey.objects.filter(valid_to=None).order_by("-valid_from").first()
    if known is None:
        raise signing.KeyUnusable(
            _("No signing key is known yet: start the worker of the queue “sign”, which makes it.")
        )
    return KeyElsewhere(known.fingerprint, known.public_pem, pack, as_of)


def own_key() -> signing.Key:
    """The key in this process's folder, made on first use, with its public half kept in the database."""
    key = signing.ensure_key(settings.KEY_DIR)
    with transaction.atomic():
        remember_key(key)
    return key


def remember_key(key: signing.Key, **said: str) -> None:
    """Keep the public half of the signing key, so that old packs can be matched after a rotation.

    A key that is new ends those before it: one signs at a time. `said` goes into the log beside it.
    """
    if SigningKey.objects.filter(fingerprint=key.fingerprint).exists():
        return
    now = timezone.now()
    for before in SigningKey.objects.filter(valid_to=None):
        before.valid_to = now
        before.save()
        log.record(None, "key.retired", before)
    row = SigningKey(fingerprint=key.fingerprint, public_pem=key.public_pem, valid_from=now)
    row.save()
    log.record(None, "key.made", row, **said)
    transaction.on_commit(write_readme)


def rotate() -> tuple[signing.Key, signing.Key]:
    """Sign with a new key from now on; the old and the new one, each of which has signed the other's fingerprint.

    Packs that the old one signed verify for ever: by its fingerprint, which stays on the public page with its days.
    """
    own_key()  # so that the old one is known
    old, new = signing.replaced_key(settings.KEY_DIR)
    with transaction.atomic():
        remember_key(
            new, signed_by_the_one_before=old.sign(new.fingerprint.encode()).hex(),
            signed_the_one_before=new.sign(old.fingerprint.encode()).hex(),
        )  # fmt: skip
    return old, new


def write_readme() -> None:
    """The fingerprints in a file of the installation, for who looks there and not at the page."""
    rows = SigningKey.objects.order_by("-valid_from")
    lines = [
        f"{row.fingerprint}  {row.valid_from.date()} – {row.valid_to.date() if row.valid_to else ''}" for row in rows
    ]
    place = Path(settings.DATA_DIR) / "KEYS.txt"
    half = place.with_suffix(".part")
    half.write_text("\n".join([_("Keys that sign evidence packs here, the newest first:"), *lines, ""]))
    half.rename(place)


@transaction.atomic
def asked(pack: Pack, message: bytes, as_of: datetime) -> Signature:
    """A request of a signature, on its way."""
    row = Signature(
        pack=pack, as_of=as_of, digest=hashlib.sha256(message).hexdigest(), statement=message.decode(),
        requested_by=pack.requested_by,
    )  # fmt: skip
    row.save()
    log.record(None, "signature.requested", row)
    jobs.enqueue(row)
    return row


def waited(row: Signature) -> bytes:
    """The signature when it is given. Raises KeyUnusable when it is refused or nobody answers in time."""
    until = time.monotonic() + settings.SIGN_SECONDS
    while time.monotonic() < until:
        row = Signature.objects.get(pk=row.pk)
        if row.status == JobStatus.FINISHED:
            return bytes.fromhex(row.signature)
        if row.is_over:
            raise signing.Refused(row.reason)
        time.sleep(PAUSE)
    raise signing.KeyUnusable(
        _("The process that signs did not answer within %d s: start the worker of the queue “sign”, then ask again.")
        % settings.SIGN_SECONDS
    )
