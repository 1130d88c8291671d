"""What the process that holds the key does: it signs a pack only when the database itself says what the pack says."""

import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from registry import jobs
from registry.audit import log
from registry.errors import BadInput
from registry.models import JobStatus
from reports import desk, pack, signing
from reports.models import Pack, Signature
from reports.packs import building
from reports.packs.crate import DRAWN


def give(job: Signature) -> None:
    """Sign what was asked, or refuse with the reason."""
    key = desk.own_key()
    message = job.statement.encode()
    refuse_unlike(job, message, key)
    with transaction.atomic():
        job.signature, job.key_fingerprint = key.sign(message).hex(), key.fingerprint
        jobs.finish(job)
        log.record(None, "signature.made", job)


def refuse_unlike(job: Signature, message: bytes, key: signing.Key) -> None:
    """Raise BadInput unless the message is the statement on this pack as this process would write it.

    Whoever took over the worker that asks can put a PDF of his own into a pack; card, sign-offs, outcomes, log and
    what the statement says of them are read from the database again.
    """
    if job.pack.status != JobStatus.RUNNING or job.digest != hashlib.sha256(message).hexdigest():
        raise BadInput(_("This pack is not being built: nothing was signed."))
    digests, predicate = expected(job.pack, job, key)
    if DRAWN in digests:
        digests[DRAWN] = digest_of_drawn(message)
    if signing.pae(signing.PAYLOAD_TYPE, pack.statement(digests, predicate)) != message:
        raise BadInput(
            _("What the pack says is not what the registry holds now: nothing was signed. Ask for the pack again.")
        )


def expected(row: Pack, job: Signature, key: signing.Key) -> tuple[dict[str, str], dict[str, Any]]:
    """The digests of all members but the drawn one, and what the statement says beyond them, from the database."""
    with pack.Draft(building.folder()) as draft:
        predicate = building.fill(draft, row, as_of=job.as_of, key=key, drawn=False)
        pack.add_tools(draft)
        return draft.digests, predicate


def digest_of_drawn(message: bytes) -> str:
    """The digest that the message gives the PDF; whatever else it says is compared with our own statement."""
    try:
        found = json.loads(message[message.index(b"{") :])
        named = {one["name"]: one["digest"]["sha256"] for one in found["subject"]}
        return str(named[DRAWN])
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(_("This is no statement on a pack: nothing was signed.")) from error


def introduce() -> None:
    """Make the key known at the start of the process, so that others can name it."""
    if settings.SIGN_BY_QUEUE:
        desk.own_key()
