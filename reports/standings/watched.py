"""What is read while something is looked up, and what the log says has changed since: by table, part of the scope, and row."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db.models import Model as Row, Q

from registry.models import (
    AISystem,
    AuditHead,
    Dataset,
    DatasetVersion,
    Evidence,
    LineageLink,
    ModelVersion,
    RegisterEntry,
    Release,
)
from registry.models.audit import AuditEntry
from reports.scope import Scope

TABLE: Final = re.compile(r'(?:FROM|JOIN) "(\w+)"')
# What a scope looks up once. Rows are taken to have changed whenever their tables did; the rest is compared.
ROWS: Final = {
    "systems": AISystem,
    "versions": ModelVersion,
    "releases": Release,
    "links": LineageLink,
    "runs": Evidence,
}
DERIVED: Final = ("system_ids", "tiers", "paths", "in_use", "systems_of_version", "versions_in_force", "served", "relations_from", "data_links",
                  "systems_of_data", "data_of_version", "releases_of_version")  # fmt: skip
LOG: Final = AuditEntry._meta.db_table
REGISTER: Final = RegisterEntry._meta.db_table
SYSTEMS: Final = AISystem._meta.db_table
VERSIONS: Final = ModelVersion._meta.db_table
OF_VERSIONS: Final = ("releases", "runs")
# Whatever is told of one of these concerns the versions that hang on it: none, where it is new.
HOMES: Final = (AISystem, ModelVersion, Dataset, DatasetVersion)
# Many kinds of rows in one table: a statement that asks for some of them by name has not read the others.
PARTED: Final = {REGISTER: "kind", LOG: "action"}


@dataclass(frozen=True)
class Changes:
    """What the log tells of: by table and part of a table, what its rows are filed under; and the changed rows themselves."""

    filed: dict[str, set[UUID]]
    rows: set[UUID]


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
        self.dear: set[str] = set()
        self.facts: dict[tuple[str, UUID], tuple[Row, tuple[Any, ...], Any]] = {}
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
            with self.reads.taken() as found:
                self.memory[key] = made()
            self.dear |= found
        self.reads.add(*self.dear)
        return self.memory[key]

    def fact(self, name: str, row: Row, made_of: tuple[Any, ...], made: Callable[[], Any]) -> Any:
        """A fact, the same one as long as the row was not read anew and the values are the same."""
        known = self.facts.get((name, row.pk))
        if known is None or known[0] is not row or known[1] != made_of:
            self.facts[name, row.pk] = known = (row, made_of, made())
        return known[2]

    def forget(self, changes: Changes) -> set[str]:
        """Make anew what was made of anything touched; the names of the parts that came out otherwise."""
        self.kept.clear()
        self._forget_remembered(changes)
        changed: set[str] = set()
        for name in (*ROWS, *DERIVED):
            causes = self.made_of.get(name, set()) & (changes.filed.keys() | changed)
            if causes:
                before = self.__dict__.pop(name)
                self.__dict__[name] = self._renewed(name, before, causes, changes.rows)
                changed |= {f"scope.{name}"} if differs(name, before, self.__dict__[name]) else set()
        if "scope.systems" in changed:
            self.join(self.versions.values(), self.releases.values())
        return changed

    def _renewed(self, name: str, before: Any, causes: set[str], rows: set[UUID]) -> Any:
        """A part as it is now; where changed rows, or rows of changed versions, can be told, only these are read."""
        tables = {ROWS[name]._meta.db_table, *([VERSIONS] if name in OF_VERSIONS else [])} if name in ROWS else set()
        if not causes <= tables:
            return getattr(self, name)
        with self.reads.alone():
            which = Q(pk__in=rows) | Q(version__in=rows) if name in OF_VERSIONS else Q(pk__in=rows)
            found = {row.pk: row for row in self.asked(name).filter(which)}
            if name in ("versions", "releases"):
                self.join(*((found.values(), ()) if name == "versions" else ((), found.values())))
            order = self.asked(name).select_related(None).values_list("pk", flat=True)
            return {pk: found.get(pk) or before[pk] for pk in order if pk in found or pk in before}

    def _forget_remembered(self, changes: Changes) -> None:
        """Of the versions that anything dear is filed under, by themselves, their systems or their data."""
        joined = self.made_of.get("versions", set()) | self.made_of.get("systems", set())
        rows = set().union(*(rows for table, rows in changes.filed.items() if table in self.dear | joined))
        if not rows:
            return
        homes = {model._meta.db_table for model in HOMES} | (joined - self.dear)
        itself = set().union(*(changes.filed.get(table, ()) for table in homes))
        if rows <= self.versions.keys() | self.system_ids | itself:
            gone = rows & self.versions.keys()
            gone |= self._hanging_on(rows - gone) if rows - gone else set()
            self.memory = {key: kept for key, kept in self.memory.items() if key[1] not in gone}
        else:
            self.memory.clear()

    def _hanging_on(self, rows: set[UUID]) -> set[UUID]:
        """The versions of the models, systems, units, owners, and data with their versions, that are among the rows."""
        near = {
            pk for pk, one in self.systems.items()
            if not rows.isdisjoint((pk, one.unit_id, one.business_owner_id, one.technical_owner_id))
        }  # fmt: skip
        data = {*rows, *DatasetVersion.objects.filter(dataset__in=rows).order_by().values_list("pk", flat=True)}
        return {
            pk for pk, version in self.versions.items()
            if version.model_id in rows
            or not near.isdisjoint(self.systems_of_version[pk]) or not data.isdisjoint(self.data_of_version.get(pk, ()))
        }  # fmt: skip


def differs(name: str, before: Any, after: Any) -> bool:
    """Whether a part is otherwise for whoever read it. Systems that are new are in no row that was there before."""
    return name in ROWS or (bool(before - after) if name == "system_ids" else before != after)


def logged() -> int:
    """How many entries the log has."""
    head = AuditHead.objects.first()
    return head.size if head else 0


def changes_between(since: int, last: int) -> Changes:
    """What the log tells of between two of its entries, with the tables that join its rows to others."""
    found: dict[str, set[UUID]] = {LOG: set()} if last != since else {}
    log = AuditEntry.objects.filter(seq__gt=since, seq__lte=last).order_by() if found else AuditEntry.objects.none()
    rows, entries = set(), set()
    for label, row, about, action in log.values_list("object_type", "object_id", "about_id", "action"):
        model = apps.get_model(label)
        joins = [field.remote_field.through._meta.db_table for field in model._meta.many_to_many]
        for table in (model._meta.db_table, *joins):
            found.setdefault(table, set()).add(about or row)
        found.setdefault(f"{LOG}={action}", set())
        rows.add(row)
        entries |= {row} if model is RegisterEntry else set()
    for kind in RegisterEntry.objects.filter(pk__in=entries).values_list("kind", flat=True).distinct().order_by():
        found[f"{REGISTER}={kind}"] = found[REGISTER]
    return Changes(found, rows)
