"""Checks the log against itself and every governed row against its last entry."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.apps import apps

from registry.audit.log import BODY, ENTRY, GENESIS, LEAF, columns_of, object_digest, sha256
from registry.canonical import plain
from registry.models.audit import AuditEntry, AuditHead
from registry.models.base import Audited

BATCH = 2000


def findings() -> Iterator[str]:
    """One sentence a finding; nothing when the log and all governed rows agree with it."""
    yield from chain_findings()
    yield from object_findings()


def chain_findings() -> Iterator[str]:
    """Entries in order: bytes, links, columns, bodies, and the head."""
    previous, expected = GENESIS, 1
    for entry in AuditEntry.objects.select_related("body").order_by("seq").iterator(BATCH):
        if entry.seq != expected:
            yield f"entry {expected}: missing; the next one is {entry.seq}"
        yield from (f"entry {entry.seq} ({entry.action}): {what}" for what in entry_findings(entry, previous))
        previous, expected = bytes(entry.entry_hash), entry.seq + 1
    head = AuditHead.objects.filter(pk=1).first()
    size, last = (head.size, bytes(head.entry_hash)) if head else (0, GENESIS)
    if size != expected - 1:
        yield f"head: says {size} entries, the log holds {expected - 1}"
    if last != previous:
        yield "head: does not carry the hash of the last entry"


def entry_findings(entry: AuditEntry, previous: bytes) -> Iterator[str]:
    """What is wrong with one entry, given the hash of the one before."""
    header = bytes(entry.header)
    leaf = sha256(LEAF, header)
    if leaf != bytes(entry.leaf_hash):
        yield "its header's bytes do not give its leaf hash"
    if bytes(entry.prev_hash) != previous:
        yield "it does not follow the entry before it"
    if sha256(ENTRY, bytes(entry.prev_hash), leaf) != bytes(entry.entry_hash):
        yield "its hash does not follow from its header and the entry before it"
    yield from column_findings(entry, header)
    yield from body_findings(entry)


def column_findings(entry: AuditEntry, header: bytes) -> Iterator[str]:
    """Columns that say something else than the header's bytes."""
    try:
        said = columns_of(json.loads(header))
    except (ValueError, KeyError):
        yield "its header cannot be read"
        return
    for name, value in said.items():
        column = getattr(entry, name)
        column = bytes(column) if isinstance(column, memoryview | bytes) else column
        if plain(column) != plain(value):
            yield f"column {name} says {plain(column)}, its header {plain(value)}"


def body_findings(entry: AuditEntry) -> Iterator[str]:
    """A body that is gone without a reason, or is not the one committed to."""
    body = getattr(entry, "body", None)
    if body is None:
        yield "its body row is missing"
    elif body.body is None:
        if body.erased_at is None:
            yield "its body is gone without a recorded erasure"
    elif sha256(BODY, bytes(body.salt), bytes(body.body)) != bytes(entry.body_commit):
        yield "its body is not the one that was committed to"


def audited_models() -> list[type[Audited]]:
    """Every governed table."""
    return [model for model in apps.get_models() if issubclass(model, Audited)]


def object_findings() -> Iterator[str]:
    """Rows that differ from their last entry, rows without an entry, and entries whose row is gone."""
    last: dict[tuple[str, UUID], int] = {}
    for kind, pk, seq in AuditEntry.objects.order_by("seq").values_list("object_type", "object_id", "seq").iterator():
        last[(kind, pk)] = seq
    for model in audited_models():
        for row in model._base_manager.all().iterator(BATCH):
            known = last.pop((model._meta.label, row.pk), None)
            if known is None:
                yield f"{model._meta.label} {row.pk}: exists without any entry in the log"
            else:
                yield from row_findings(row, AuditEntry.objects.select_related("body").get(pk=known))
    for (kind, pk), seq in last.items():
        yield f"{kind} {pk}: has entry {seq} but the row is gone"


def row_findings(row: Audited, entry: AuditEntry) -> Iterator[str]:
    """A row whose columns are not those of its last entry, with the names of the columns where the body is kept."""
    snapshot = row.snapshot()
    if object_digest(snapshot) == bytes(entry.object_digest):
        return
    changed = ", ".join(changed_columns(snapshot, entry)) or "its columns"
    yield f"{row._meta.label} {row.pk}: {changed} changed outside the log since entry {entry.seq} ({entry.action})"


def changed_columns(snapshot: dict[str, Any], entry: AuditEntry) -> list[str]:
    """Names of the columns that differ from the snapshot of the entry; empty when its body was erased."""
    body = getattr(entry, "body", None)
    if body is None or body.body is None:
        return []
    kept = json.loads(bytes(body.body))["snapshot"]
    now = plain(snapshot)
    return sorted(name for name in now.keys() | kept.keys() if now.get(name) != kept.get(name))
