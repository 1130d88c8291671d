"""Puts a checked backup into an empty installation: rows, stored files and keys, all of it or none."""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from config import backup
from registry.audit import log, verification
from registry.errors import BadInput
from registry.models import Blob, BusinessUnit
from registry.models.audit import AuditEntry, AuditHead

KEY_FILE: Final = re.compile(r"^(?:log/|retired/|second/|stamp/)?[\w.-]+$")


def restore(found: backup.Checked, *, verify: bool) -> int:
    """Load the backup; the number of entries of its log. With `verify` log, rows and files are compared afterwards.

    Raises BadInput, with nothing left behind, where this installation is not empty, where the backup comes from a newer
    version, or where what was loaded does not agree with itself.
    """
    require_empty()
    require_known(found.manifest["migrations"])
    placed: list[Path] = []
    try:
        with transaction.atomic():
            load_rows(found)
            placed.extend(put_files(found))
            require_same_log(found)
            if verify:
                require_sound()
            say_so(found)
    except BaseException:
        for path in placed:
            path.unlink(missing_ok=True)
        raise
    put_secret(found)
    return int(found.manifest["log"]["size"])


def require_empty() -> None:
    """A backup is never mixed with what is there."""
    if AuditEntry.objects.exists() or get_user_model()._base_manager.exists():
        raise BadInput(
            _(
                "This installation holds data already. Restore into an empty one: name another --data-dir or an empty database."
            )
        )
    keys = list(Path(settings.KEY_DIR).rglob("*.pem"))
    if keys:
        raise BadInput(_("%s holds a key already. Restore into an empty installation, or move the key away.") % keys[0])


def require_known(applied: list[str]) -> None:
    """The backup's tables are those of this version, or of one before it whose tables are the same."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(connection).disk_migrations or {}}
    newer, missing = set(applied) - known, known - set(applied)
    if newer:
        raise BadInput(
            _("The backup comes from a newer version (%s is unknown here). Restore it with that version.")
            % sorted(newer)[0]
        )
    if missing:
        raise BadInput(
            _("The backup comes from an older version (it lacks %s). Restore it with that version, then update.")
            % sorted(missing)[0]
        )


def load_rows(found: backup.Checked) -> None:
    """Every row as it was, without the acts that made it."""
    tables = set()
    with connection.constraint_checks_disabled(), found.archive.open(backup.ROWS) as file:
        for row in serializers.deserialize("jsonl", file):
            row.save()
            tables.add(row.object.__class__)
    connection.check_constraints(table_names=[model._meta.db_table for model in tables])
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)


def put_files(found: backup.Checked) -> Iterator[Path]:
    """Stored files and keys, each for its owner's eyes alone; yields what was put."""
    for name, sha256 in backup.blob_names(found.manifest):
        path = Blob(sha256=sha256).path
        if not path.exists():
            yield put(found, name, path, mode=0o400)
    for name in found.manifest["members"]:
        if name.startswith("keys/"):
            inside = PurePosixPath(name.removeprefix("keys/"))
            if not KEY_FILE.match(str(inside)):
                raise BadInput(_("%s is no name of a key.") % name)
            yield put(found, name, Path(settings.KEY_DIR) / inside, mode=0o600)


def put(found: backup.Checked, name: str, path: Path, *, mode: int) -> Path:
    """One member to its place."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as target, found.archive.open(name) as source:
        while chunk := source.read(backup.CHUNK):
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    return path


def put_secret(found: backup.Checked) -> None:
    """The secret under which second factors are stored, for an installation that keeps its secret in a file."""
    place = Path(settings.DATA_DIR) / backup.SECRET
    if place.exists():
        place.write_bytes(found.archive.read(backup.SECRET))


def require_same_log(found: backup.Checked) -> None:
    """The log ends where the manifest says."""
    head = AuditHead.objects.get()
    if (head.size, bytes(head.entry_hash).hex()) != (found.manifest["log"]["size"], found.manifest["log"]["head"]):
        raise BadInput(_("The log in the backup does not end where its manifest says."))


def require_sound() -> None:
    """Log and rows agree, and every stored file has the bytes of its name."""
    for finding in verification.findings():
        raise BadInput(_("The backup does not agree with itself: %s") % finding)
    for blob in Blob.objects.iterator():
        if not blob.path.exists() or backup.sha256_of(blob.path) != blob.sha256:
            raise BadInput(
                _("The backup does not agree with itself: the stored file %s is not there whole.") % blob.sha256
            )


def say_so(found: backup.Checked) -> None:
    """The restoration is an entry of the log, filed under the unit above all others."""
    unit = BusinessUnit._base_manager.filter(parent=None).order_by("created_at").first()
    if unit is not None:
        log.record(
            None, "installation.restored", unit, made_at=found.manifest["made_at"], size=found.manifest["log"]["size"]
        )
