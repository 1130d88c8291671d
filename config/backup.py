"""A backup: one ZIP file with all rows, stored files and keys of one moment, listed by SHA-256 in a signed manifest."""

import base64
import hashlib
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.audit import checkpoints, verification
from registry.canonical import canonical
from registry.errors import BadInput
from registry.models import Blob
from registry.models.audit import AuditHead
from reports.signing import dsse, ensure_key, pae

FORMAT: Final = 1
TYPE: Final = "application/vnd.attestry.backup+json"
MANIFEST, ENVELOPE, ROWS, NOTE, SECRET = (
    "MANIFEST.json",
    "MANIFEST.dsse.json",
    "rows.jsonl",
    "checkpoint.note",
    "secret_key",
)
CHUNK: Final = 1 << 20
# Made by migrations, or of no use elsewhere: whoever was signed in signs in again.
LEFT_OUT: Final = frozenset({"contenttypes.contenttype", "auth.permission", "sessions.session"})


# What a broken ZIP file or JSON text makes the standard library raise.
BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, ValueError, TypeError, AttributeError, RuntimeError,
    OSError,
)  # fmt: skip


class Exact(DjangoJSONEncoder):
    """Times to the microsecond: what is rounded no longer agrees with the log."""

    def default(self, value: Any) -> Any:
        """A time as ISO 8601, whole."""
        return value.isoformat() if isinstance(value, datetime) else super().default(value)


@dataclass(frozen=True)
class Made:
    """What a backup holds: entries of the log, rows and files; its digest; the fingerprint of the key that signed it."""

    entries: int
    rows: int
    files: int
    sha256: str
    fingerprint: str


class Writer:
    """Writes members into the archive and remembers size and SHA-256 of each."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.members: dict[str, dict[str, Any]] = {}

    def put(self, name: str, chunks: Iterator[bytes]) -> str:
        """Add a member; its SHA-256 in hex."""
        hashed, size = hashlib.sha256(), 0
        with self.archive.open(name, "w", force_zip64=True) as file:
            for chunk in chunks:
                hashed.update(chunk)
                size += len(chunk)
                file.write(chunk)
        self.members[name] = {"sha256": hashed.hexdigest(), "size": size}
        return hashed.hexdigest()


def write(place: Path) -> Made:
    """Write the backup of this moment to a file that does not exist yet; whole or not at all, for its owner's eyes alone.

    Raises BadInput where the file exists, or where a stored file is missing or is no longer what it was.
    """
    if place.exists():
        raise BadInput(_("%s exists already; a backup never replaces another. Name a new file.") % place)
    half = place.with_name(f".{place.name}.part")
    try:
        with half.open("xb") as file:
            half.chmod(0o600)
            with verification.one_moment(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                made = fill(Writer(archive))
            file.flush()
            os.fsync(file.fileno())
        half.rename(place)
    except OSError as error:
        raise BadInput(
            _("The backup cannot be written to %(place)s: %(why)s.") % {"place": place, "why": error.strerror}
        ) from error
    finally:
        half.unlink(missing_ok=True)
    return Made(*made, sha256_of(place), ensure_key(settings.KEY_DIR).fingerprint)


def fill(writer: Writer) -> tuple[int, int, int]:
    """All members, the manifest and its signature last; the numbers of entries, rows and files."""
    head = AuditHead.objects.get()
    newest = checkpoints.newest()
    rows = write_rows(writer)
    files = write_blobs(writer)
    write_keys(writer)
    if newest is not None:
        writer.put(NOTE, iter([newest.note.encode()]))
    manifest = {
        "format": FORMAT, "made_at": timezone.now().isoformat(), "log": {"size": head.size, "head": bytes(head.entry_hash).hex()},
        "migrations": migrations(), "rows": rows, "members": writer.members,
    }  # fmt: skip
    text = canonical(manifest)
    writer.archive.writestr(MANIFEST, text)
    writer.archive.writestr(ENVELOPE, dsse(text, TYPE, ensure_key(settings.KEY_DIR)))
    return head.size, rows, files


def kept_models() -> list[type[models.Model]]:
    """Every table of the installation, those first that others point at."""
    found = [(config, None) for config in apps.get_app_configs() if config.models_module]
    return [
        model for model in serializers.sort_dependencies(found)
        if model._meta.label_lower not in LEFT_OUT and model._meta.managed and not model._meta.proxy
    ]  # fmt: skip


def write_rows(writer: Writer) -> int:
    """Every row as a line of JSON."""
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        for model in kept_models():
            for row in model._base_manager.order_by("pk").iterator(chunk_size=500):
                count += 1
                yield serializers.serialize("jsonl", [row], cls=Exact).encode()

    writer.put(ROWS, lines())
    return count


def write_blobs(writer: Writer) -> int:
    """Every stored file under its digest."""
    count = 0
    for blob in Blob.objects.order_by("sha256").iterator():
        if not blob.path.exists():
            raise BadInput(
                _("The stored file %s is missing; this would be the backup of a broken installation.") % blob.path
            )
        if writer.put(f"blobs/{blob.sha256}", chunks_of(blob.path)) != blob.sha256:
            raise BadInput(
                _("The stored file %s was changed on disk; its bytes are not those of its name.") % blob.path
            )
        count += 1
    return count


def write_keys(writer: Writer) -> None:
    """The keys of packs and log, and the secret under which second factors are stored."""
    folder = Path(settings.KEY_DIR)
    ensure_key(folder)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            writer.put(f"keys/{path.relative_to(folder).as_posix()}", chunks_of(path))
    writer.put(SECRET, iter([settings.SECRET_KEY.encode()]))


def migrations() -> list[str]:
    """Every applied migration, as `app.name`."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def chunks_of(path: Path) -> Iterator[bytes]:
    """A file, a piece at a time."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def sha256_of(path: Path) -> str:
    """The hex SHA-256 of a file."""
    hashed = hashlib.sha256()
    for chunk in chunks_of(path):
        hashed.update(chunk)
    return hashed.hexdigest()


# ---- reading


@dataclass(frozen=True)
class Checked:
    """A backup whose every byte was compared with its signed manifest."""

    archive: zipfile.ZipFile
    manifest: dict[str, Any]
    fingerprint: str


def check(file: IO[bytes], fingerprint: str = "") -> Checked:
    """Open a backup and compare all of it; `fingerprint` is the key that is to have signed it, got elsewhere.

    Raises BadInput that names the member and what is wrong with it.
    """
    try:
        archive = zipfile.ZipFile(file)
        names = archive.namelist()
        if len(names) != len(set(names)):
            raise BadInput(_("A member stands in the backup twice; it was put together by hand."))
        manifest, signer = signed_manifest(archive)
        if fingerprint and signer != fingerprint.lower():
            raise BadInput(
                _("The backup is signed by the key %(found)s, not by %(asked)s.")
                % {"found": signer, "asked": fingerprint}
            )
        compare(archive, manifest, set(names) - {MANIFEST, ENVELOPE})
    except BROKEN as error:
        raise BadInput(_("This is no whole backup: %s.") % str(error).strip(".'\"")) from error
    return Checked(archive, manifest, signer)


def signed_manifest(archive: zipfile.ZipFile) -> tuple[dict[str, Any], str]:
    """The manifest, signed by the key that lies in the backup, and that key's fingerprint."""
    text, envelope = archive.read(MANIFEST), json.loads(archive.read(ENVELOPE))
    manifest = json.loads(text)
    if manifest["format"] != FORMAT:
        raise BadInput(
            _("The backup has format %(found)s; this version reads format %(known)d.")
            % {"found": manifest["format"], "known": FORMAT}
        )
    (signature,) = envelope["signatures"]
    if envelope["payloadType"] != TYPE or base64.b64decode(envelope["payload"], validate=True) != text:
        raise BadInput(_("The signature of the backup is about another manifest."))
    place = f"keys/{signature['keyid']}.pem"
    if place not in archive.namelist():
        raise BadInput(_("The backup is signed by a key that is not in it."))
    pem = archive.read(place)
    public = serialization.load_pem_private_key(pem, None).public_key()
    if not isinstance(public, Ed25519PublicKey):
        raise BadInput(_("The key in the backup is no Ed25519 key."))
    try:
        public.verify(base64.b64decode(signature["sig"], validate=True), pae(TYPE, text))
    except InvalidSignature as error:
        raise BadInput(_("The manifest of the backup was changed after it was signed.")) from error
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return manifest, hashlib.sha256(der).hexdigest()


def compare(archive: zipfile.ZipFile, manifest: dict[str, Any], names: set[str]) -> None:
    """Every listed member is there with its bytes, and nothing else is."""
    listed = manifest["members"]
    for name in sorted(names ^ set(listed)):
        raise BadInput(
            _("%s is in the backup and not in its manifest.") % name if name in names
            else _("%s is in the manifest and not in the backup.") % name
        )  # fmt: skip
    for name, facts in listed.items():
        hashed, size = hashlib.sha256(), 0
        with archive.open(name) as file:
            while size <= facts["size"] and (chunk := file.read(CHUNK)):
                hashed.update(chunk)
                size += len(chunk)
        if (hashed.hexdigest(), size) != (facts["sha256"], facts["size"]):
            raise BadInput(_("%s in the backup is not what its manifest says.") % name)


def blob_names(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The members with stored files, each with its SHA-256."""
    return ((name, name.removeprefix("blobs/")) for name in chain(manifest["members"]) if name.startswith("blobs/"))
