"""Files of register entries: kept by their digest, with the entry that they belong to."""

from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from registry import blobs, quotas
from registry.actions.inventory import display_name
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import Attachment, Blob, RegisterEntry, User
from registry.registers import rights
from registry.transactions import retried

LARGEST: Final = 10_000_000
ROLE: Final = "entry"


@retried
def attach_file(row: RegisterEntry, *, file: Any, actor: User) -> Attachment:
    """Keep a file with an entry that is in use: minutes, a certificate, a signed page."""
    rights.require_write(row.of, actor, row)
    quotas.require_storage(row.unit)
    log.locked_head()
    if not RegisterEntry.objects.get(pk=row.pk).is_standing:
        raise NotAllowed(_("%s is no longer in use; it stays as it is.") % row)
    if file.size > LARGEST:
        raise BadInput(_("The file is larger than %d MB. Split it.") % (LARGEST // 1_000_000), field="file")
    file.seek(0)
    kept = Attachment(
        blob=blobs.store(file.read(), "application/octet-stream"), name=display_name(file.name), role=ROLE,
        object_type=row._meta.label, object_id=row.pk,
    )  # fmt: skip
    kept.save()
    log.record(actor, "entry.file_attached", kept)
    return kept


@transaction.atomic
def take_file(row: RegisterEntry, kept: Attachment, *, actor: User) -> Blob:
    """Hand out a file of an entry; the log says who took it."""
    log.record(actor, "entry.file_downloaded", kept)
    return kept.blob
