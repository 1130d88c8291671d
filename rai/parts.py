"""One table in several files: what it is called, and the digest of all of them, whatever order they came in."""

import hashlib
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _, ngettext

from registry.errors import BadInput
from registry.models import Blob

MEDIA_TYPE = "text/x-digests"
MOST = 200


def manifest(blobs: Iterable[Blob]) -> bytes:
    """The digests of the files in their order, a line each: its own digest is that of the whole, as `measure` counts it."""
    return "\n".join(sorted(blob.sha256 for blob in blobs)).encode()


def digest_of_parts(blobs: Iterable[Blob]) -> str:
    """The digest of a table in several files."""
    return f"sha256:{hashlib.sha256(manifest(blobs)).hexdigest()}"


def name_of(names: Sequence[str]) -> str:
    """What a table in several files is called."""
    more = len(names) - 1
    return ngettext("%(first)s and one more", "%(first)s and %(more)d more", more) % {"first": names[0], "more": more}


def require_apart(names: Sequence[str], blobs: Sequence[Blob]) -> None:
    """Refuse a file that was handed in twice: its rows would count twice."""
    first: dict[str, str] = {}
    for name, blob in zip(names, blobs, strict=True):
        if blob.sha256 in first:
            facts = {"name": name, "other": first[blob.sha256]}
            raise BadInput(
                _("%(name)s holds the same bytes as %(other)s; its rows would count twice.") % facts, field="file"
            )
        first[blob.sha256] = name
