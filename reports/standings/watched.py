"""What is read while something is looked up, and what the log says has changed since: by table, part of the scope, and row."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from django.apps import apps

from registry.models import AISystem, AuditHead, RegisterEntry
from registry.models.audit import AuditEntry
from reports.scope import Scope

TABLE: Final = re.compile(r'(?:FROM|JOIN) "(\w+)"')
# What a scope looks up once. Rows are taken to have changed whenever their tables did; the rest is compared.
ROWS: Final = ("systems", "versions", "releases")
DERIVED: Final = ("system_ids", "systems_of_version", "versions_in_force", "data_links", "systems_of_data", "data_of_version",
                  "releases_of_version")  # fmt: skip
LOG: Final = AuditEntry._meta.db_table
REGISTER: Final = RegisterEntry._meta.db_table
SYSTEMS: Final = AISystem._meta.db_table
# Many kinds of rows in one table: a statement that asks for some of them by name has not read the others.
PARTED: Final = {REGISTER: "kind", LOG: "action"}
Changes = dict[str, set[UUID]]


class Reads:
    """Which tables and which parts of the scope were read since, for everything that is being looked up at the moment."""

    def __init__(self) -> None:
        self.open: list[set[str]] = []

    @contextmanager
    def taken(self) -> Iterator[set[str]]:
        """Everything that is read inside."""
        found: set[str] = set()
        self.open.append(found)
        try:
            yield found
        finally:
            self.open.pop()

    @contextmanager
    def alone(self) -> Iterator[set[str]]:
        """Everything that is read inside, of which whoever is looking something up learns nothing."""
        outer, self.open = self.open, []
        try:
            with self.taken() as found:
                yield found
        finally:
            self.open = outer

    def add(self, *names: str) -> None:
        """These were read by all that is being looked up."""
        for found in self.open:
            found.update(names)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """A statement of the database passes through."""
        for table in set(TABLE.findall(sql)):
            self.add(*parts(table, sql, params))
        return execute(sql, params, many, context)


def parts(table: str, sql: str, params: Any) -> list[str]:
    """The table, or those parts of it that the statement asks for by name; never the rest after a "not"."""
    column = f'"{table}"."{PARTED.get(table, "")}"'
    if (f"{column} = %s" not in sql and f"{column} IN (%s" not in sql) or re.search(
        rf"NOT \(+{re.escape(column)}", sql
    ):
        return [table]
    return [f"{table}={value}" for value in params or () if isinstance(value, str)]


class WatchedScope(Scope):
    """A scope that knows from which tables each of its parts was made, and who looked at it."""

    def __init__(self, *, as_of: Any, reads: Reads) -> None:
        self.reads = reads
        self.made_of: dict[str, set[str]] = {}
        self.memory: dict[tuple[str, UUID], Any] = {}
        super().__init__(user=None, as_of=as_of)

    def __getattribute__(self, name: str) -> Any:
        if name not in ROWS and name not in DERIVED:
            return super().__getattribute__(name)
        if name not in self.__dict__:
            with self.reads.alone() as found:
                super().__getattribute__(name)
            # Rows that hang on systems are joined to them again when those change (see `forget`).
            self.made_of[name] = found - {"scope.systems"} if name in ROWS else found
        self.reads.add(f"scope.{name}")
        return super().__getattribute__(name)

    def once(self, name: str, made: Callable[[], Any]) -> Any:
        """What several answers need; whoever asks has read what it was made of, not only the first."""
        if name not in self.kept:
            with self.reads.taken() as found:
                super().once(name, made)
            self.made_of[name] = found
        self.reads.add(*self.made_of[name])
        return self.kept[name]

    def remembered(self, key: tuple[str, UUID], made: Callable[[], Any]) -> Any:
        """What is kept of one version until something is logged about it or its system."""
        if key not in self.memory:
            self.memory[key] = made()
        return self.memory[key]

    def forget(self, touched: set[str], rows: set[UUID]) -> set[str]:
        """Make anew what was made of anything touched; the names of the parts that came out otherwise."""
        self.kept.clear()
        self._forget_rows(rows)
        changed: set[str] = set()
        for name in (*ROWS, *DERIVED):
            if self.made_of.get(name, set()) & (touched | changed):
                before = self.__dict__.pop(name)
                if name in ROWS or getattr(self, name) != before:
                    changed.add(f"scope.{name}")
        if "scope.systems" in changed:
            self.join(self.versions.values(), self.releases.values())
        return changed

    def _forget_rows(self, rows: set[UUID]) -> None:
        known = {pk: {pk, *self.systems_of_version[pk]} for pk in self.versions}
        if not rows <= set().union(*known.values(), self.system_ids):
            self.memory.clear()
        elif rows:
            nothing: set[UUID] = rows  # of what is gone
            self.memory = {key: kept for key, kept in self.memory.items() if not known.get(key[1], nothing) & rows}


def logged() -> int:
    """How many entries the log has."""
    head = AuditHead.objects.first()
    return head.size if head else 0


def changes_between(since: int, last: int) -> Changes:
    """What the log tells of, by table and part of a table, with the tables that join its rows to others: each row with
    what it is filed under."""
    found: Changes = {LOG: set()} if last != since else {}
    rows = AuditEntry.objects.filter(seq__gt=since, seq__lte=last).order_by() if found else AuditEntry.objects.none()
    entries: set[UUID] = set()
    for label, row, about, action in rows.values_list("object_type", "object_id", "about_id", "action"):
        model = apps.get_model(label)
        joins = [field.remote_field.through._meta.db_table for field in model._meta.many_to_many]
        for table in (model._meta.db_table, *joins):
            found.setdefault(table, set()).add(about or row)
        found.setdefault(f"{LOG}={action}", set())
        entries |= {row} if model is RegisterEntry else set()
    for kind in RegisterEntry.objects.filter(pk__in=entries).values_list("kind", flat=True).distinct().order_by():
        found[f"{REGISTER}={kind}"] = found[REGISTER]
    return found
