"""A migrated, empty PostgreSQL database of which each process of the tests gets a copy; made while they are collected.

Run as `python -m tests.template SOCKET` with ATTESTRY_DATABASE_URL naming the database to migrate; `begin` does that.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from config import postgres

NAME, UNFINISHED = "attestry_migrated", "attestry_migrating"
LOCK = 7_281_903  # held by whoever makes it: that process may end in any way, and nobody waits for ever


def begin(server: postgres.Server, log: Path) -> None:
    """Start making it on a server of our own; returns once it is under way, so that whoever asks for it waits."""
    env = {**os.environ, "ATTESTRY_DATABASE_URL": server.url(UNFINISHED), "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-m", "tests.template", str(server.folder / "socket")]
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, env=env)
    assert process.stdout is not None
    process.stdout.readline()


def make(socket: str) -> None:
    """Migrate a new database, and give it its name when it is whole."""
    with psycopg.connect(host=socket, user=postgres.OWNER, dbname="postgres", autocommit=True) as link:
        link.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        print("under way", flush=True)
        import django
        from django.core.management import call_command

        django.setup()
        link.execute(f"CREATE DATABASE {UNFINISHED}")
        call_command("migrate", verbosity=0)
        connection.close()
        link.execute(f"ALTER DATABASE {UNFINISHED} RENAME TO {NAME}")


def finished(known: dict[str, Any]) -> str | None:
    """The name of the migrated database on the server of these settings, once nobody makes it any more; None without one."""
    place = {"host": known["HOST"] or None, "port": known["PORT"] or None, "user": known["USER"]}
    with psycopg.connect(**place, password=known["PASSWORD"] or None, dbname="postgres", autocommit=True) as link:
        link.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        return NAME if link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone() else None


if __name__ == "__main__":
    make(sys.argv[1])
