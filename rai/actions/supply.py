"""Keeps the files that packages are checked by: a bill of materials with its version, advisories with its system."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from rai.dependencies import ADVISORIES, BILL
from registry import access, blobs, quotas
from registry.actions.inventory import display_name
from registry.audit import log
from registry.errors import BadInput
from registry.models import Attachment, ModelVersion, User

MEDIA_TYPES = {".json": "application/json", ".jsonl": "application/jsonl", ".csv": "text/csv", ".txt": "text/plain"}
TAKEN = {BILL: (".json", ".txt"), ADVISORIES: (".json", ".jsonl", ".csv")}


@transaction.atomic
def keep_supply_file(
    version: ModelVersion, *, kind: str, content: bytes | Iterable[bytes], name: str, actor: User
) -> Attachment:
    """Keep a bill of materials for this version, or advisories for all versions of its system. The newest of each counts."""
    access.require(actor, access.DATASET_UPLOAD, version)
    name = display_name(name)
    if kind not in TAKEN:
        raise BadInput(
            _("“%s” is neither a bill of materials nor advisories. Choose one of them.") % kind, field="kind"
        )
    suffix = "." + name.lower().rpartition(".")[2]
    if suffix not in TAKEN[kind]:
        facts = {"name": name, "taken": ", ".join(TAKEN[kind])}
        raise BadInput(_("%(name)s: such a file ends in one of %(taken)s. Nothing was stored.") % facts, field="file")
    quotas.require_room(actor, version.unit)
    owner = version if kind == BILL else version.home_system
    kept = Attachment(
        blob=blobs.store(content, MEDIA_TYPES[suffix]), name=name, role=kind, object_type=owner._meta.label,
        object_id=owner.pk,
    )  # fmt: skip
    kept.save()
    log.record(actor, "supply_file.kept", kept)
    return kept
