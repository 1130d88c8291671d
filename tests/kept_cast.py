"""Makes the people of every story once by the program's own actions; later tests get copies of the very same rows."""

import time
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from registry.models import BusinessUnit, User
from tests import factories

Rows = dict[str, list[tuple[Any, ...]]]
kept: dict[str, Any] = {}
stories: dict[str, tuple[tuple[Any, ...], Rows]] = {}
A_MINUTE = 60


def cast() -> factories.Cast:
    """The cast in an empty database.

    Made afresh on PostgreSQL, since copied rows would leave counters behind, and for tests that live on another day.
    """
    if not may_copy():
        return factories.make_cast()
    before = contents()
    if "cast" not in kept:
        kept["before"], kept["cast"] = before, factories.make_cast()
        kept["after"] = contents()
    elif before == kept["before"]:
        copy_rows(before, kept["after"])
    else:
        return factories.make_cast()
    return read_again(kept["cast"])


def may_copy() -> bool:
    """SQLite, and the test lives on the day of today."""
    return connection.vendor == "sqlite" and abs(timezone.now().timestamp() - time.time()) < A_MINUTE


def story(name: str, cast: factories.Cast, make: Callable[[factories.Cast], tuple[Any, ...]]) -> tuple[Any, ...]:
    """The rows that `make(cast)` returns, with all that it brings about; made once, and copied for later tests.

    Made afresh where the database holds more than the cast. For stories under the shipped policy: a name stands for
    everything that they depend on.
    """
    before = contents() if may_copy() else None
    if before is None or before != kept.get("after"):
        return make(cast)
    if name in stories:
        rows, after = stories[name]
        copy_rows(before, after)
    else:
        rows = make(cast)
        stories[name] = rows, contents()
    return tuple(type(row)._default_manager.get(pk=row.pk) for row in rows)


def contents() -> Rows:
    """Every table that holds something, row by row."""
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True) if here(model)})
    with connection.cursor() as cursor:
        found = {table: cursor.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables}
    return {table: rows for table, rows in found.items() if rows}


def here(model: Any) -> bool:
    """The model has a table of its own that tests write."""
    options = model._meta
    return options.managed and not options.proxy and options.app_label not in {"contenttypes", "auth", "sites"}


@transaction.atomic
def copy_rows(before: Rows, after: Rows) -> None:
    """Bring the tables from one state to the other; keys to other rows are checked when the transaction ends."""
    with connection.cursor() as cursor:
        for table, rows in after.items():
            there = before.get(table, [])
            if rows[: len(there)] != there:
                cursor.execute(f'DELETE FROM "{table}"')
                there = []
            if len(rows) > len(there):  # of the log, which loses nothing, the further entries alone
                places = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows[len(there) :])


def read_again(cast: factories.Cast) -> factories.Cast:
    """The same people and units as fresh objects, so that no test sees what another did to them."""
    people, units = User.objects.in_bulk(), BusinessUnit.objects.in_bulk()
    return factories.Cast(**{
        name: (people if isinstance(value, User) else units)[value.pk] for name, value in vars(cast).items()
    })  # fmt: skip
