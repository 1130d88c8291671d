"""Keeps the record of the training run of a version: parameters, metadata and provenance, as a pipeline gives them."""

import json
from typing import Any, Final

from django.utils.translation import gettext as _

from registry import access, canonical
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import ModelVersion, User
from registry.transactions import retried

SECTIONS: Final = ("parameters", "metadata", "provenance")
LARGEST: Final = 256 * 1024


@retried
def write_training_record(version: ModelVersion, *, record: Any, actor: User) -> ModelVersion:
    """Set the whole record of a draft; what was submitted keeps the one it was decided on with."""
    access.require(actor, access.MODEL_EDIT, version)
    version = ModelVersion.objects.select_for_update().get(pk=version.pk)
    if not version.is_draft:
        raise NotAllowed(_("%s has been submitted; the record of its training run stays as it is.") % version)
    require_record(record)
    version.training_record = record
    version.save()
    log.record(actor, "version.edited", version, fields=["training_record"])
    return version


def require_record(record: Any) -> None:
    """An object of the known sections, each an object, that has a canonical form and is not too long."""
    if not isinstance(record, dict) or not all(isinstance(part, dict) for part in record.values()):
        raise BadInput(_("Give an object with the objects %s.") % ", ".join(SECTIONS), field="record")
    unknown = sorted(set(record) - set(SECTIONS))
    if unknown:
        raise BadInput(
            _("“%(name)s” is no section of the record; known are %(known)s.")
            % {"name": unknown[0], "known": ", ".join(SECTIONS)},
            field="record",
        )
    try:
        canonical.canonical(record)
    except (TypeError, ValueError) as error:
        raise BadInput(_("The record has no canonical form: %s") % error, field="record") from error
    if len(json.dumps(record)) > LARGEST:
        raise BadInput(
            _("The record may have %d kB; attach longer files to the card.") % (LARGEST // 1024), field="record"
        )


def digest_of(version: ModelVersion) -> str:
    """The digest of the canonical record; empty where there is none."""
    return canonical.digest(version.training_record) if version.training_record else ""
