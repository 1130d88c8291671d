"""Lets the test database be emptied after a test with real transactions although the log's tables refuse it."""

from typing import Any

from django.core.management.commands import flush
from django.db import connections

TABLES = ("registry_auditentry", "registry_auditbody")
# A replica fires no trigger; ALTER TABLE would be refused while foreign keys wait to be checked.
AS_REPLICA = ["SET session_replication_role = replica"]
# Every trigger ever seen: what a test with real transactions dropped comes back when its tables are emptied.
seen: dict[str, str] = {}


def triggers(connection: Any) -> list[tuple[str, str]]:
    """Name and SQL of the triggers that SQLite keeps on the log's tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s)", TABLES)
        found = cursor.fetchall()
    seen.update(found)
    return found


def switches(connection: Any) -> tuple[list[str], list[str]]:
    """The statements that take the triggers away, as whoever owns the database can, and those that put them back."""
    if connection.vendor == "sqlite":
        return [f"DROP TRIGGER {name}" for name, _sql in triggers(connection)], list(seen.values())
    off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES]
    return off, [statement.replace("DISABLE", "ENABLE") for statement in off]


def drop(connection: Any) -> None:
    """What an attacker with the database's password does first; undone with the transaction that the test runs in."""
    statements = (
        [f"DROP TRIGGER {name}" for name, _sql in triggers(connection)] if connection.vendor == "sqlite" else AS_REPLICA
    )
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def let_flush_empty_the_log() -> None:
    """Django empties all tables after a test with real transactions: the triggers are away while it does."""
    plain = flush.sql_flush

    def sql_flush(style: Any, connection: Any, **options: Any) -> list[str]:
        off, on = switches(connections[connection.alias])
        # The framework's own token table lies unused beside ours and refers to people: it is emptied with them. SQLite
        # asks for no such thing, and would search all its tables for references first.
        cascade = {"allow_cascade": connection.vendor == "postgresql"}
        return [*off, *plain(style, connection, **{**options, **cascade}), *on]

    flush.sql_flush = sql_flush
