"""An attacker who owns the database: changes of the log and of governed rows in eleven ways, with all hashes mended or not."""

import contextlib
import hashlib
import json
import random
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from registry.audit import agreement, log, merkle
from registry.canonical import canonical
from registry.models import AuditCheckpoint
from tests import append_only

ENTRY, BODY, HEAD = "registry_auditentry", "registry_auditbody", "registry_audithead"
Row = dict[str, Any]
Change = Callable[[dict[str, Any]], dict[str, Any]]


@contextlib.contextmanager
def at_will() -> Iterator[None]:
    """The database obeys: SQLite without its triggers, PostgreSQL as a replica, which fires none."""
    if connection.vendor == "sqlite":
        append_only.drop(connection)
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


def run(statement: str, *values: Any) -> None:
    """SQL past the program."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def read(table: str, order: str) -> list[Row]:
    """All rows of a table as the database hands them out."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY {order}")
        names = [column[0] for column in cursor.description]
        return [
            {name: plain(value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()
        ]  # fmt: skip


def plain(value: Any) -> Any:
    """PostgreSQL's views of bytes as bytes."""
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def write(table: str, rows: list[Row]) -> None:
    """Insert rows."""
    if not rows:
        return
    marks = ", ".join(["%s"] * len(rows[0]))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({marks})", [list(row.values()) for row in rows]
        )  # fmt: skip


class Copy:
    """The log in memory, to be bent and laid back. `rows[i]` has the entry `i + 1` with its body in `bodies[i]`."""

    def __init__(self) -> None:
        self.rows, self.bodies = read(ENTRY, "seq"), read(BODY, "entry_id")

    def renumber(self, start: int = 0) -> None:
        """Numbers without a gap, in headers and columns."""
        for at in range(start, len(self.rows)):
            self.rows[at] = with_header(self.rows[at], header(self.rows[at]) | {"seq": at + 1})
            self.bodies[at] = self.bodies[at] | {"entry_id": at + 1}

    def recount(self) -> None:
        """Revisions of objects without a gap."""
        last: dict[Any, int] = {}
        for at, row in enumerate(self.rows):
            key = (row["object_type"], row["object_id"])
            last[key] = last.get(key, 0) + 1
            if row["object_rev"] != last[key]:
                self.rows[at] = with_header(row, header(row) | {"object_rev": last[key]})

    def rehash(self, start: int = 0) -> None:
        """Leaves and chain as the headers give them."""
        for at in range(start, len(self.rows)):
            row = self.rows[at]
            leaf = hashlib.sha256(b"\x00" + row["header"]).digest()
            before = self.rows[at - 1]["entry_hash"] if at else bytes(32)
            chained = hashlib.sha256(b"\x03" + before + leaf).digest()
            self.rows[at] = row | {"leaf_hash": leaf, "prev_hash": before, "entry_hash": chained}

    def lay_back(self, start: int = 0, *, with_head: bool = True) -> None:
        """Put it into the database, with a head that fits."""
        run(f"DELETE FROM {BODY} WHERE entry_id > %s", start)
        run(f"DELETE FROM {ENTRY} WHERE seq > %s", start)
        write(ENTRY, self.rows[start:])
        write(BODY, self.bodies[start:])
        if with_head:
            edge = merkle.frontier_of(merkle.leaf(row["header"]) for row in self.rows)
            run(
                f"UPDATE {HEAD} SET size = %s, entry_hash = %s, frontier = %s",
                len(self.rows), self.rows[-1]["entry_hash"], edge.packed(),
            )  # fmt: skip


def header(row: Row) -> dict[str, Any]:
    """The header of an entry, read."""
    return json.loads(row["header"])


def with_header(row: Row, said: dict[str, Any]) -> Row:
    """The entry with another header, and the columns that repeat it."""
    columns = {name: fitting(row, name, value) for name, value in log.columns_of(said).items()}
    return row | columns | {"header": canonical(said)}


def fitting(row: Row, name: str, value: Any) -> Any:
    """An id as this database stores it."""
    is_id = name in {"actor_id", "object_id", "unit_id", "about_id"} and value is not None
    if not is_id:
        return value
    return uuid.UUID(value).hex if connection.vendor == "sqlite" else uuid.UUID(value)


def rehash_from(seq: int, *, change: Change) -> None:
    """Another header for an entry, everything after it hashed again, and the checkpoints in the database forgotten."""
    with at_will():
        copy = Copy()
        copy.rows[seq - 1] = with_header(copy.rows[seq - 1], change(header(copy.rows[seq - 1])))
        copy.rehash(seq - 1)
        copy.lay_back(seq - 1)


def flipped(rng: random.Random, value: bytes) -> bytes:
    """One bit changed."""
    at = rng.randrange(len(value) * 8)
    changed = bytearray(value)
    changed[at // 8] ^= 1 << at % 8
    return bytes(changed)


# ---- the eleven kinds; each changes the log or a row at or before entry `upto`


def column(rng: random.Random, upto: int) -> None:
    """One column of an entry says something else."""
    seq = rng.randint(1, upto)
    name = rng.choice(["ts_utc", "token_id", "action", "object_type", "object_id", "object_rev", "actor_id", "unit_id",
                       "about_id", "object_digest", "body_commit"])  # fmt: skip
    new: Any = {
        "object_rev": rng.randint(100, 999),
        "object_digest": rng.randbytes(32),
        "body_commit": rng.randbytes(32),
    }
    value = new.get(name, f"forged.{rng.randrange(10**6)}")
    if name.endswith("_id") and name != "token_id":
        value = fitting({}, name, str(uuid.UUID(bytes=rng.randbytes(16))))
    run(f"UPDATE {ENTRY} SET {name} = %s WHERE seq = %s", value, seq)


def header_bytes(rng: random.Random, upto: int) -> None:
    """The header has a bit flipped, a key twice, a key more, or blanks; its hashes are mended or not."""
    copy, at = Copy(), rng.randrange(upto)
    was = copy.rows[at]["header"]
    copy.rows[at]["header"] = rng.choice([
        flipped(rng, was), b'{"action":"version.approved",' + was[1:], was[:-1] + b',"x":1}', was.replace(b",", b", ", 1),
    ])  # fmt: skip
    if rng.random() < 0.5:
        copy.rehash(at)
    copy.lay_back(at)


def hashes(rng: random.Random, upto: int) -> None:
    """A hash of an entry or of the head is another one."""
    name = rng.choice(["leaf_hash", "prev_hash", "entry_hash", "head", "edge", "size"])
    if name == "size":
        return run(f"UPDATE {HEAD} SET size = size + %s", rng.choice([-1, 1, 7]))
    if name in {"head", "edge"}:
        field = {"head": "entry_hash", "edge": "frontier"}[name]
        return run(f"UPDATE {HEAD} SET {field} = %s", flipped(rng, read(HEAD, "id")[0][field]))
    return run(f"UPDATE {ENTRY} SET {name} = %s WHERE seq = %s", rng.randbytes(32), rng.randint(1, upto))


def body(rng: random.Random, upto: int) -> None:
    """A body or its salt is changed, taken away, exchanged, or put back after its erasure."""
    bodies = read(BODY, "entry_id")[:upto]
    kept = [row for row in bodies if row["body"] is not None]
    one, other = rng.sample(kept, 2)
    seq = one["entry_id"]
    erased = [row["entry_id"] for row in bodies if row["body"] is None]
    kind = rng.choice(["text", "salt", "gone", "marked", "row", "swap", *(["back", "reason"] if erased else [])])
    if kind == "text":
        run(f"UPDATE {BODY} SET body = %s WHERE entry_id = %s", flipped(rng, one["body"]), seq)
    elif kind == "salt":
        run(f"UPDATE {BODY} SET salt = %s WHERE entry_id = %s", flipped(rng, one["salt"]), seq)
    elif kind in {"gone", "marked"}:
        when = "CURRENT_TIMESTAMP" if kind == "marked" else "NULL"
        run(f"UPDATE {BODY} SET body = NULL, salt = NULL, erased_at = {when} WHERE entry_id = %s", seq)
    elif kind == "row":
        run(f"DELETE FROM {BODY} WHERE entry_id = %s", seq)
    elif kind == "swap":
        for row, source in ((one, other), (other, one)):
            run(
                f"UPDATE {BODY} SET body = %s, salt = %s WHERE entry_id = %s",
                source["body"],
                source["salt"],
                row["entry_id"],
            )
    elif kind == "back":
        run(f"UPDATE {BODY} SET body = %s, salt = %s WHERE entry_id = %s", one["body"], one["salt"], rng.choice(erased))
    else:
        run(f"UPDATE {BODY} SET erased_reason = 'another reason' WHERE entry_id = %s", rng.choice(erased))


def delete(rng: random.Random, upto: int) -> None:
    """An entry is gone; the others are numbered and hashed again, or not."""
    copy, at = Copy(), rng.randrange(upto)
    del copy.rows[at], copy.bodies[at]
    mended(rng, copy, at)


def mended(rng: random.Random, copy: Copy, at: int) -> None:
    """Lay it back with as much care as the attacker has: numbers, revisions, hashes, head, checkpoints."""
    care = rng.randrange(4)
    if care > 0:
        copy.renumber(at)
    if care > 1:
        copy.recount()
        copy.rehash()
        forget_checkpoints()
    copy.lay_back(0, with_head=care != 3)


def forget_checkpoints() -> None:
    """The notes that lie in the database itself."""
    run(f"DELETE FROM {AuditCheckpoint._meta.db_table}")


def truncate(rng: random.Random, upto: int) -> None:
    """The last entries are gone, some of which the note knows; head, edge and stored checkpoints fit."""
    copy, keep = Copy(), rng.randrange(upto)
    del copy.rows[keep:], copy.bodies[keep:]
    forget_checkpoints()
    if not keep:
        run(f"DELETE FROM {BODY}")
        run(f"DELETE FROM {ENTRY}")
        return run(f"UPDATE {HEAD} SET size = 0, entry_hash = %s, frontier = %s", bytes(32), b"")
    return copy.lay_back(keep, with_head=rng.random() < 0.8)


def insert(rng: random.Random, upto: int) -> None:
    """An entry that never was stands between two others."""
    copy, at = Copy(), rng.randrange(upto)
    model, text = rng.choice(copy.rows), rng.randbytes(40)
    salt = rng.randbytes(32)
    said = header(model) | {
        "action": "sign_off.given", "body_commit": hashlib.sha256(b"\x02" + salt + text).hexdigest(), "seq": at + 1,
    }  # fmt: skip
    forged = with_header(model, said)
    forged |= {"entry_hash": rng.randbytes(32)}
    copy.rows.insert(at, forged)
    copy.bodies.insert(at, copy.bodies[at] | {"salt": salt, "body": text, "erased_at": None, "erased_reason": ""})
    copy.renumber(at)
    mended(rng, copy, at)


def reorder(rng: random.Random, upto: int) -> None:
    """Two entries have changed places."""
    copy = Copy()
    one, other = sorted(rng.sample(range(upto), 2))
    for part in (copy.rows, copy.bodies):
        part[one], part[other] = part[other], part[one]
    copy.renumber()
    mended(rng, copy, one)


def rehash(rng: random.Random, upto: int) -> None:
    """An entry tells another story, and everything after it is hashed again; only a note outside knows."""
    copy, at = Copy(), rng.randrange(upto)
    change = rng.choice([
        {"action": "version.approved"}, {"actor": str(uuid.UUID(bytes=rng.randbytes(16)))},
        {"ts": "2020-01-01T00:00:00.000000+00:00"}, {"token": "forged"}, {"unit": None}, {"about": None},
    ])  # fmt: skip
    said = header(copy.rows[at])
    if all(said[key] == value for key, value in change.items()):
        change = {"token": "forged"}
    copy.rows[at] = with_header(copy.rows[at], said | change)
    copy.rehash(at)
    forget_checkpoints()
    copy.lay_back(at)


def restore(rng: random.Random, upto: int) -> None:
    """An old copy was put back and has grown anew, to as many entries as before or more."""
    copy, keep = Copy(), rng.randrange(1, upto)
    size = len(copy.rows) + rng.randrange(3)
    model = [copy.rows[at] for at in range(keep)]
    del copy.rows[keep:], copy.bodies[keep:]
    while len(copy.rows) < size:
        text, salt = rng.randbytes(30), rng.randbytes(32)
        said = header(rng.choice(model)) | {
            "seq": len(copy.rows) + 1, "body_commit": hashlib.sha256(b"\x02" + salt + text).hexdigest(),
        }  # fmt: skip
        copy.rows.append(with_header(copy.rows[-1], said))
        copy.bodies.append({
            **copy.bodies[-1], "entry_id": len(copy.rows), "salt": salt, "body": text, "erased_at": None,
            "erased_reason": "",
        })  # fmt: skip
    copy.recount()
    copy.rehash(keep)
    forget_checkpoints()
    copy.lay_back(keep)


def governed(rng: random.Random, upto: int) -> None:
    """A row of the registry is changed, made or removed beside the log."""
    models = [model for model in agreement.audited_models() if model._base_manager.exists()]
    model = rng.choice(models)
    key, table = model._meta.pk.column, model._meta.db_table
    row = rng.choice(read(table, key))
    kind = rng.choice(["change", "change", "ghost", "vanish"])
    if kind == "vanish":
        return run(f"DELETE FROM {table} WHERE {key} = %s", row[key])
    texts = [
        field for field in model._meta.concrete_fields
        if field.get_internal_type() in {"CharField", "TextField", "SlugField", "EmailField"}
        and field.name not in model.unaudited
    ]  # fmt: skip
    if kind == "ghost" and not model._meta.constraints and not any(field.unique for field in model._meta.fields[1:]):
        return write(table, [row | {key: fitting({}, "object_id", str(uuid.UUID(bytes=rng.randbytes(16))))}])
    field = rng.choice(texts) if texts else None
    name = field.column if field else "created_at"
    value = f"forged{rng.randrange(100)}"[: min(7, field.max_length or 7)] if field else "2020-01-01 00:00:00+00:00"
    return run(f"UPDATE {table} SET {name} = %s WHERE {key} = %s", value, row[key])


KINDS = (column, header_bytes, hashes, body, delete, truncate, insert, reorder, rehash, restore, governed)
