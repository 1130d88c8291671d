"""Stores bytes under their SHA-256: written to a temporary name, flushed to disk, then renamed."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.models import Blob


def store(content: bytes | Iterable[bytes], media_type: str) -> Blob:
    """Keep the bytes and return their row; equal bytes are kept once.

    Raises BadInput when there are none, or more than the installation's limit for an upload.
    """
    folder = Path(default_storage.path("incoming"))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        incoming = Path(file.name)
        try:
            sha256, size = write(file, [content] if isinstance(content, bytes) else content)
        except BaseException:
            incoming.unlink(missing_ok=True)
            raise
    blob, made = Blob.objects.get_or_create(sha256=sha256, defaults={"size": size, "media_type": media_type})
    settle(incoming, blob, keep=made or not blob.path.exists())
    return blob


def write(file: "tempfile._TemporaryFileWrapper[bytes]", chunks: Iterable[bytes]) -> tuple[str, int]:
    """Write the chunks, flush them to the disk, and return digest and size."""
    hashed, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > settings.UPLOAD_MAX_BYTES:
            raise BadInput(
                _("The file is larger than %(limit)d MB, the limit of this installation. Nothing was stored.")
                % {"limit": settings.UPLOAD_MAX_BYTES // 2**20}
            )
        hashed.update(chunk)
        file.write(chunk)
    if size == 0:
        raise BadInput(_("The file is empty. Nothing was stored."))
    file.flush()
    os.fsync(file.fileno())
    return hashed.hexdigest(), size


def settle(incoming: Path, blob: Blob, *, keep: bool) -> None:
    """Move the file to its place, or drop it when the place is taken already."""
    if not keep:
        incoming.unlink()
        return
    blob.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    incoming.chmod(0o400)
    incoming.rename(blob.path)
    folder = os.open(blob.path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
