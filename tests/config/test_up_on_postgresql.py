"""`up` on PostgreSQL: every process in a role of its own, and one alone holds the key."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from config import grants, postgres, services
from config.places import ROOT
from tests.config.test_services import children_of, is_alive, wait_until
from tests.config.test_up import said, status

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]
DATABASE, OWNER = "attestry_up", "attestry_migrator"


@pytest.fixture
def database(lacking):
    """A fresh database of an installation; how each process finds it."""
    if connection.vendor != "postgresql":
        lacking("PostgreSQL", "roles of a database need it")
    known = connection.settings_dict
    place = {"host": known["HOST"] or None, "port": known["PORT"] or None, "dbname": "postgres"}
    with psycopg.connect(user=known["USER"], password=known["PASSWORD"] or None, autocommit=True, **place) as link:
        link.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        link.execute(f"DROP ROLE IF EXISTS {OWNER}")
        link.execute(f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEROLE")
        link.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        yield lambda user: postgres.address({**known, "NAME": DATABASE, **({"USER": user} if user else {})})
        link.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        link.execute(f"DROP ROLE {OWNER}")


def manage(env, *words):
    """The command that runs a management command, and its environment."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ATTESTRY_")}
    command = [sys.executable, "-m", "django", *words, "--settings", "config.settings"]
    return {"args": command, "cwd": ROOT, "env": {**inherited, **env, "PYTHONUNBUFFERED": "1"}}


@pytest.fixture
def up(database, tmp_path, valkey):
    """An installation in roles of its own that serves on a free port."""
    bind = f"127.0.0.1:{services.free_port()}"
    env = {"ATTESTRY_DATA_DIR": str(tmp_path / "data"), "ATTESTRY_BIND": bind, "ATTESTRY_DATABASE_URL": database(OWNER)}
    subprocess.run(**manage(env, "migrate", "--verbosity", "0"), check=True)
    superuser = {**env, "ATTESTRY_DATABASE_URL": database("")}
    for who, part in ((superuser, "roles"), (env, "grants"), (env, "grants")):
        subprocess.run(
            **manage(who, "database_roles", "--apply", "--part", part), check=True, capture_output=True, text=True
        )
    apart = {f"ATTESTRY_DATABASE_URL_{one.upper()}": database(f"attestry_{one}") for one in grants.PROCESSES}
    keys = tmp_path / "keys"
    with (tmp_path / "up.log").open("w") as log:
        process = subprocess.Popen(
            **manage({**env, **apart, "ATTESTRY_KEY_DIR": str(keys)}, "up"), stdout=log, stderr=log
        )
    try:
        assert wait_until(lambda: "serves on" in said(tmp_path) or process.poll() is not None, seconds=60)
        assert process.poll() is None, said(tmp_path)
        yield process, f"http://{bind}", keys
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)
        services.forget_run_dir(tmp_path / "data" / "valkey")


def environments(process):
    """The environment of each child by what it is, as the kernel shows it."""
    found = {}
    for pid in map(int, children_of(process.pid)):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        name = next(
            (one.partition("@")[0] for one in words if "@%h" in one), "web" if "gunicorn" in words else "valkey"
        )
        pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
        found[name] = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    return found


def test_each_process_gets_its_own_address_and_the_signer_alone_the_key(up, database):
    """P8: what a process does not need is not in its environment; the key is made by the one that holds it."""
    process, url, keys = up
    assert status(f"{url}/login/") == 200
    assert wait_until(lambda: list(keys.glob("*.pem")), seconds=30)
    found = environments(process)
    users = {"web": "web", "checks": "worker", "pdf": "worker", "sign": "signer"}
    assert {name: found[name]["ATTESTRY_DATABASE_URL"] for name in users} == {
        name: database(f"attestry_{user}") for name, user in users.items()
    }
    named = {name for name, env in found.items() for variable in env if variable.startswith("ATTESTRY_DATABASE_URL_")}
    assert named == set()
    assert [name for name, env in found.items() if "ATTESTRY_KEY_DIR" in env] == ["sign"]
    assert all(map(is_alive, map(int, children_of(process.pid))))
