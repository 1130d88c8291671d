"""Checks every governed row against its last entry in the log, table by table, without a query for each row."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Set
from functools import cache
from typing import Any, NamedTuple

from django.apps import apps
from django.db import DatabaseError
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField

from registry.audit.log import object_digest
from registry.canonical import plain
from registry.models.audit import AuditBody
from registry.models.base import Audited

BATCH = 2000
# What reading a tampered database may raise.
UNREADABLE = (DatabaseError, TypeError, ValueError, KeyError, AttributeError, OverflowError, UnicodeError)


class Last(NamedTuple):
    """The last entry about an object, as the walk has met it."""

    seq: int
    revision: int
    digest: bytes
    action: str


Known = dict[tuple[str, str], Last]


def audited_models() -> list[type[Audited]]:
    """Every governed table."""
    return [model for model in apps.get_models() if issubclass(model, Audited)]


def object_findings(last: Known) -> Iterator[str]:
    """Rows that differ from their last entry, rows without one, and entries whose row is gone."""
    met: set[tuple[str, str]] = set()
    for model in audited_models():
        label = model._meta.label
        try:
            snapshot = snapshots(model)
            for row in model._base_manager.order_by("pk").iterator(BATCH):
                key = (label, str(row.pk))
                met.add(key)
                yield from (said for check in ROW_CHECKS if (said := check(row, snapshot, last.get(key))))
        except UNREADABLE as error:
            yield f"{label}: its rows cannot be read ({error})"
    yield from vanished(last, met)


def is_known(row: Audited, snapshot: Callable[[Any], dict[str, Any]], entry: Last | None) -> str:
    """A row came into being by an entry."""
    return "" if entry else f"{row._meta.label} {row.pk}: exists without any entry in the log"


def is_as_recorded(row: Audited, snapshot: Callable[[Any], dict[str, Any]], entry: Last | None) -> str:
    """A row is as its last entry left it; else the columns that differ are named, where the body is kept."""
    if entry is None:
        return ""
    now = snapshot(row)
    if object_digest(now) == entry.digest:
        return ""
    kept = kept_snapshot(entry.seq)
    if any(is_only_wider(row, plain(now), names, entry.digest) for names in earlier_columns(row, kept)):
        return ""
    changed = ", ".join(changed_columns(now, kept)) or "its columns"
    return f"{row._meta.label} {row.pk}: {changed} changed outside the log since entry {entry.seq} ({entry.action})"


ROW_CHECKS = (is_known, is_as_recorded)


def vanished(last: Known, met: set[tuple[str, str]]) -> Iterator[str]:
    """Entries whose row is gone."""
    for (kind, pk), entry in last.items():
        if (kind, pk) not in met:
            yield f"{kind} {pk}: has entry {entry.seq} but the row is gone"


def snapshots(model: type[Audited]) -> Callable[[Any], dict[str, Any]]:
    """How a row's snapshot is taken; the links of a whole table are read at once, not row by row."""
    fields = model._meta.many_to_many
    if not fields:
        return model.snapshot
    links = {field.name: links_of(field) for field in fields}
    return lambda row: row.own_columns() | {name: sorted(found.get(row.pk, ())) for name, found in links.items()}


def links_of(field: Any) -> dict[Any, list[str]]:
    """The ids that each row is linked with."""
    found: dict[Any, list[str]] = defaultdict(list)
    ends = (f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id")
    for source, target in field.remote_field.through._base_manager.values_list(*ends).iterator():
        found[source].append(str(target))
    return found


def kept_snapshot(seq: int) -> dict[str, Any] | None:
    """The snapshot in the body of an entry, or None when the body was erased."""
    row = AuditBody.objects.filter(pk=seq).first()
    return None if row is None or row.body is None else json.loads(bytes(row.body))["snapshot"]


def is_only_wider(row: Audited, now: dict[str, Any], names: Set[str], digest: bytes) -> bool:
    """The row has columns that a later release added, still at their defaults, and is otherwise as recorded."""
    added = now.keys() - names
    if not added or object_digest({name: now[name] for name in now.keys() & names}) != digest:
        return False
    defaults = {field.name: plain(field.get_default()) for field in row._meta.concrete_fields}
    return all(name in defaults and now[name] == defaults[name] for name in added)


def earlier_columns(row: Audited, kept: dict[str, Any] | None) -> Iterator[Set[str]]:
    """The columns that the row had when its entry was made: those of its body, else of each release before this one."""
    if kept is not None:
        yield kept.keys()
        return
    names, added = set(row.snapshot()), columns_added(row._meta.label_lower)
    yield from (names - set(added[first:]) for first in range(len(added)))


@cache
def columns_added(label: str) -> list[str]:
    """The columns that migrations added to a table after it was made, in their order."""
    found = MigrationLoader(None).disk_migrations
    steps = [step for _key, migration in sorted(found.items()) for step in on_table(migration, label)]
    return [step.name for step in steps]


def on_table(migration: Any, label: str) -> list[AddField]:
    """The steps of a migration that add a column to the table."""
    here = [step for step in migration.operations if isinstance(step, AddField)]
    return [step for step in here if f"{migration.app_label}.{step.model_name_lower}" == label]


def changed_columns(snapshot: dict[str, Any], kept: dict[str, Any] | None) -> list[str]:
    """Names of the columns that differ from the snapshot of the entry; empty when its body was erased."""
    now = plain(snapshot)
    if kept is None:
        return []
    return sorted(name for name in now.keys() | kept.keys() if now.get(name) != kept.get(name))
