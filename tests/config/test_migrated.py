"""The kept copy of a migrated database: what is laid in place of migrating anew, and where it is not."""

import sqlite3
from contextlib import closing

import pytest
from django.core.management import call_command
from django.db import connection

from config import migrated

LIST = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of its own for the kept copy."""
    if connection.vendor != "sqlite":
        pytest.skip("only an SQLite database is a file that can be copied")
    monkeypatch.setattr(migrated, "kept", lambda: tmp_path / "migrated" / "digest.sqlite3")
    return tmp_path


def schema(place):
    """Every table, index and trigger of a database file."""
    with closing(sqlite3.connect(place)) as database:
        return database.execute(LIST).fetchall()


@pytest.mark.django_db(transaction=True)
def test_a_new_database_is_a_copy_with_every_table_index_and_trigger(folder):
    migrated.keep()
    assert migrated.lay(folder / "new.sqlite3")
    with connection.cursor() as cursor:
        cursor.execute(LIST)
        assert schema(folder / "new.sqlite3") == cursor.fetchall()
    assert any(
        kind == "trigger" and "append-only" in sql for kind, _name, _table, sql in schema(folder / "new.sqlite3")
    )


def test_a_database_that_is_there_is_left_alone(folder):
    place = folder / "there.sqlite3"
    place.write_bytes(b"of somebody")
    assert not migrated.lay(place)
    assert place.read_bytes() == b"of somebody"


def test_without_a_kept_copy_a_new_database_is_migrated(folder):
    assert migrated.lay(folder / "new.sqlite3")
    assert not (folder / "new.sqlite3").exists()


def test_a_copy_has_another_name_once_a_migration_changes(tmp_path, monkeypatch):
    """Nobody is given the tables of yesterday."""
    app = type("App", (), {"label": "app", "path": str(tmp_path)})
    monkeypatch.setattr(migrated.apps, "get_app_configs", lambda: [app])
    (tmp_path / "migrations").mkdir()
    file = tmp_path / "migrations" / "0001_initial.py"
    file.write_text("first")
    first = migrated.kept.__wrapped__()
    file.write_text("second")
    assert migrated.kept.__wrapped__() != first


def test_nothing_is_left_to_migrate_after_the_copy(folder):
    """What tests run on is what the migrations make."""
    call_command("migrate", check_unapplied=True, verbosity=0)
