"""Appends to the log: exact header bytes, a salted commitment to the erasable body, a chain and a tree over one head."""

import hashlib
import os
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import ForeignKey
from django.utils import timezone

from registry import search
from registry.audit import followers, merkle
from registry.canonical import canonical
from registry.models.audit import AuditBody, AuditEntry, AuditHead
from registry.models.base import Audited

FORMAT = 1
GENESIS = bytes(32)
BODY, LEAF, ENTRY = b"\x02", b"\x00", b"\x03"
Statement = tuple[str, list[Any]]


def sha256(*parts: bytes) -> bytes:
    """SHA-256 of the parts joined; the first part is a domain byte, so that no hash stands for another."""
    return hashlib.sha256(b"".join(parts)).digest()


def object_digest(snapshot: dict[str, Any]) -> bytes:
    """SHA-256 of the canonical snapshot: what binds a row to its last entry."""
    return hashlib.sha256(canonical(snapshot)).digest()


def record(actor: Any, action: str, obj: Audited, *, reason: str = "", token: str = "", **data: Any) -> AuditEntry:
    """Append one entry on one changed row, inside the transaction of the change.

    `actor` is the person, or None when the software acts by itself. `action` is `noun.past_tense`. `data` are further
    facts of the change, kept in the erasable body with the snapshot and the reason. Raises RuntimeError outside a
    transaction: an entry without its change, or a change without its entry, must be impossible.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record() needs the transaction of the change that it records.")
    stored = as_stored(obj)
    share(obj, stored)
    search.keep(stored)
    snapshot = stored.snapshot()
    body = canonical(
        {"snapshot": snapshot, "reason": reason, "data": data, "actor": "" if actor is None else str(actor)}
    )
    entry = append(header_of(actor, action, stored, object_digest(snapshot), token), body)
    followers.tell(actor, action, stored)
    return entry


def as_stored(obj: Audited) -> Audited:
    """The row as the database has it, in plain SQL for the same reason as `append`."""
    table = obj._meta  # not that of type(obj): the person of a request is a lazy proxy of its row
    key = table.pk.get_db_prep_value(obj.pk, connection)
    rows = table.model._base_manager.raw(f"SELECT * FROM {table.db_table} WHERE {table.pk.column} = %s", [key])
    return rows[0]  # type: ignore[return-value]


def header_of(actor: Any, action: str, obj: Audited, digest: bytes, token: str) -> dict[str, Any]:
    """The header without what the head row gives (seq) and what the body gives (body_commit)."""
    return {
        "v": FORMAT,
        "ts": timezone.now().isoformat(timespec="microseconds"),
        "actor": None if actor is None else str(actor.pk),
        "token": token,
        "action": action,
        "object_type": obj._meta.label,
        "object_id": str(obj.pk),
        "object_digest": digest.hex(),
        "unit": str(unit_id(obj) or "") or None,
        "about": str(getattr(obj, "about", None) or "") or None,
    }


def share(known: Audited, stored: Audited) -> None:
    """Let the stored row lead to the rows that the caller's has read already, where both still name the same."""
    read = (field for field in known._meta.concrete_fields if isinstance(field, ForeignKey) and field.is_cached(known))
    for field in read:
        if getattr(known, field.attname) == getattr(stored, field.attname):
            field.set_cached_value(stored, field.get_cached_value(known))


def unit_id(obj: Audited) -> Any:
    """The unit that answers for the row; without reading the unit where the row names it."""
    return getattr(obj, "unit_id", None) or getattr(getattr(obj, "unit", None), "pk", None)


def append(header: dict[str, Any], body: bytes) -> AuditEntry:
    """Lock the head, chain the entry to it, and move the head: the last statements of a transaction.

    In plain SQL: each change of the registry passes here while it holds the one lock, and composing these statements
    takes many times as long as running them.
    """
    head = locked_head()
    salt = os.urandom(32)
    commit = sha256(BODY, salt, body)
    edge = frontier(head)
    revision = last_revision(header["object_type"], header["object_id"]) + 1
    full = {**header, "seq": head.size + 1, "object_rev": revision, "body_commit": commit.hex()}
    exact = canonical(full)
    leaf = sha256(LEAF, exact)
    chained = sha256(ENTRY, bytes(head.entry_hash), leaf)
    entry = AuditEntry(
        **columns_of(full), header=exact, leaf_hash=leaf, prev_hash=bytes(head.entry_hash), entry_hash=chained
    )
    edge.append(leaf)
    move = f"UPDATE {AuditHead._meta.db_table} SET size = %s, entry_hash = %s, frontier = %s WHERE id = 1"
    write(
        insertion(entry), insertion(AuditBody(entry=entry, salt=salt, body=body)),
        (move, [edge.size, chained, edge.packed()]),
    )  # fmt: skip
    entry._state.adding, entry._state.db = False, connection.alias
    return entry


def locked_head() -> AuditHead:
    """The head, held until the transaction ends; made with the first entry."""
    lock = "FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT size, entry_hash, frontier FROM {AuditHead._meta.db_table} WHERE id = 1 {lock}")
        row = cursor.fetchone()
    if row is None:
        return AuditHead.objects.select_for_update().get_or_create(pk=1, defaults={"entry_hash": GENESIS})[0]
    return AuditHead(pk=1, size=row[0], entry_hash=row[1], frontier=row[2])


def last_revision(object_type: str, object_id: str) -> int:
    """How many entries there are on an object."""
    field = AuditEntry._meta.get_field("object_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT MAX(object_rev) FROM {AuditEntry._meta.db_table} WHERE object_type = %s AND object_id = %s",
            [object_type, field.get_db_prep_value(object_id, connection)],
        )
        return cursor.fetchone()[0] or 0


def insertion(row: AuditEntry | AuditBody) -> Statement:
    """The statement that makes a new row of the log."""
    fields = row._meta.concrete_fields
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    names, marks = ", ".join(str(field.column) for field in fields), ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {row._meta.db_table} ({names}) VALUES ({marks})", values


def write(*statements: Statement) -> None:
    """Run statements; in one message where the database is elsewhere, since the next writer waits meanwhile."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            for text, values in statements:
                cursor.execute(text, values)
            return
        *first, (last, _values) = statements
        parts = ", ".join(f"part{number} AS ({text})" for number, (text, _values) in enumerate(first))
        cursor.execute(f"WITH {parts} {last}", [value for _text, values in statements for value in values])


def frontier(head: AuditHead) -> merkle.Frontier:
    """The edge of the tree as the head keeps it; worked out from all leaves where an older copy has none yet."""
    if head.frontier is None and head.size:
        return merkle.frontier_of(leaf_hashes(0, head.size))
    return merkle.Frontier(head.size, bytes(head.frontier or b""))


def leaf_hashes(low: int, high: int) -> Iterator[bytes]:
    """The leaf hashes of entries low + 1 … high, as the tree counts them from 0."""
    rows = AuditEntry.objects.filter(seq__gt=low, seq__lte=high).order_by("seq")
    return map(bytes, rows.values_list("leaf_hash", flat=True).iterator(2000))


def columns_of(header: dict[str, Any]) -> dict[str, Any]:
    """The columns that repeat the header for queries; verification compares them with the header's bytes."""
    return {
        "seq": header["seq"],
        "ts_utc": header["ts"],
        "actor_id": header["actor"],
        "token_id": header["token"],
        "action": header["action"],
        "object_type": header["object_type"],
        "object_id": header["object_id"],
        "object_rev": header["object_rev"],
        "unit_id": header["unit"],
        "about_id": header["about"],
        "object_digest": bytes.fromhex(header["object_digest"]),
        "body_commit": bytes.fromhex(header["body_commit"]),
    }
