"""Where a signature is had: from the key in hand, or from the one process that holds it (queue `sign`)."""

import hashlib
import time
from dataclasses import dataclass, field
from datetime import datetime

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


def remember_key(key: signing.Key) -> None:
    """Keep the public half of the signing key, so that old packs can be matched after a rotation."""
    if not SigningKey.objects.filter(fingerprint=key.fingerprint).exists():
        row = SigningKey(fingerprint=key.fingerprint, public_pem=key.public_pem, valid_from=timezone.now())
        row.save()
        log.record(None, "key.made", row)


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
