"""Keeps the migrated, empty SQLite database of each state of the migrations, so that the next new one is a copy."""

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from config.places import cache_folder


def migrate() -> None:
    """Bring the database of the settings up to date; a new one by the kept copy, and kept where there was none."""
    place = Path(settings.DATABASES["default"]["NAME"])
    is_new = lay(place)
    call_command("migrate", interactive=False, verbosity=0)
    if is_new:
        keep()


def lay(place: Path) -> bool:
    """Whether this is the place of a new SQLite database; the kept one is copied there, if there is one."""
    if connection.vendor != "sqlite" or place.exists():
        return False
    with suppress(FileNotFoundError):
        shutil.copyfile(kept(), place)
    return True


def keep() -> None:
    """Keep what the connection has open: a database that was migrated and holds nothing else yet."""
    place = kept()
    if connection.vendor != "sqlite" or place.exists():
        return
    place.parent.mkdir(exist_ok=True)
    for older in place.parent.glob("*.sqlite3"):
        older.unlink(missing_ok=True)
    part = place.with_suffix(f".{os.getpid()}")
    connection.ensure_connection()
    with closing(sqlite3.connect(part)) as copy:
        connection.connection.backup(copy)
    part.replace(place)  # whole or not at all: other processes may copy it at this moment


@cache  # read before the migrations are: what is kept under this name is never older than it says
def kept() -> Path:
    """Where the copy for these migrations lies: its name is the digest of their files."""
    digest = hashlib.sha256()
    for app in apps.get_app_configs():
        for file in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label}/{file.name}\0".encode() + file.read_bytes())
    return cache_folder() / "migrated" / f"{digest.hexdigest()[:32]}.sqlite3"
