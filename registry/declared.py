"""Versions of which only a digest is known yet: a short description of it stands in the place of the bytes."""

from typing import Final

from django.utils.translation import gettext as _

from registry.canonical import canonical
from registry.errors import BadInput
from registry.models import ModelVersion
from registry.models.evidence import DECLARED

MEDIA_TYPE: Final = DECLARED


def description(digest: str, name: str) -> bytes:
    """What is stored in the place of bytes that nobody has uploaded."""
    return canonical({"declared": digest, "file": name})


def require_bytes(version: ModelVersion) -> None:
    """Refuse to put up for review what nobody could check."""
    if version.artifact.media_type == MEDIA_TYPE:
        raise BadInput(
            _("Of %s only a digest was declared. Upload its file as a version of its own, and submit that.") % version,
            field="artifact",
        )
