"""Checks the log against itself: every entry in order, the head, the tree, bodies and their erasures; in one pass."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, transaction

from registry.audit import merkle
from registry.audit.agreement import BATCH, UNREADABLE, Last, object_findings
from registry.audit.log import BODY, ENTRY, FORMAT, GENESIS, sha256
from registry.models.audit import AuditBody, AuditEntry, AuditHead, BodyErasure

if TYPE_CHECKING:
    from registry.audit import checkpoints

numbers = count(1)
quoted = json.JSONEncoder(ensure_ascii=False).encode


class Line(NamedTuple):
    """An entry with its body as the database hands them out, in the order of the query below."""

    seq: Any
    ts: Any
    actor: Any
    token: Any
    action: Any
    object_type: Any
    object_id: Any
    object_rev: Any
    unit: Any
    about: Any
    object_digest: Any
    body_commit: Any
    header: Any
    leaf_hash: Any
    prev_hash: Any
    entry_hash: Any
    body_of: Any
    salt: Any
    body: Any
    erased_at: Any
    erased_reason: Any

    @property
    def who(self) -> str:
        """How a finding names it."""
        return f"entry {self.seq} ({self.action})"


@dataclass
class Walk:
    """What the pass carries from entry to entry, and what is known at its end.

    `wanted` are sizes of the log whose roots are asked for; `roots` gives them as far as the log reaches. The tree is
    built from the bytes of the headers, not from the hashes that stand beside them. `erased` are the entries whose text
    went by a confirmed request, with its reason; `agreed` the sizes of the notes that the log agrees with.
    """

    wanted: frozenset[int] = frozenset()
    erased: dict[int, str] = field(default_factory=dict)
    previous: bytes = GENESIS
    expected: int = 1
    edge: merkle.Frontier = field(default_factory=merkle.Frontier)
    last: dict[tuple[str, str], Last] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    agreed: set[int] = field(default_factory=set)
    clock: str = ""
    set_back: list[int] = field(default_factory=list)

    def step(self, line: Line, leaf: bytes) -> None:
        """Go past an entry."""
        self.previous, self.expected = bytes(line.entry_hash), line.seq + 1
        self.edge.append(leaf)
        if self.edge.size in self.wanted:
            self.roots[self.edge.size] = self.edge.root()
        found = Last(line.seq, line.object_rev, bytes(line.object_digest), line.action)
        self.last[line.object_type, id_text(line.object_id)] = found
        if line.ts < self.clock:
            self.set_back.append(line.seq)
        self.clock = line.ts


def query() -> str:
    """Every entry with its body, in order; ids as text, which PostgreSQL writes faster than Python."""
    entry, body = AuditEntry._meta, AuditBody._meta
    cast = "CAST(e.{} AS text)" if connection.vendor == "postgresql" else "e.{}"
    ids = {"actor_id", "object_id", "unit_id", "about_id"}
    of_entry = ", ".join(
        (cast if field.column in ids else "e.{}").format(field.column) for field in entry.concrete_fields
    )
    return (
        f"SELECT {of_entry}, b.entry_id, b.salt, b.body, b.erased_at, b.erased_reason FROM {entry.db_table} e "
        f"LEFT JOIN {body.db_table} b ON b.entry_id = e.seq ORDER BY e.seq"
    )


def lines() -> Iterator[Line]:
    """The log, a batch at a time; past Django's rows, whose making takes most of the time."""
    with reading() as cursor:
        cursor.execute(query())
        while batch := cursor.fetchmany(BATCH):
            yield from map(Line._make, batch)


@contextmanager
def reading() -> Iterator[Any]:
    """A cursor over more rows than fit into memory; on PostgreSQL with bytes as bytes, not as hexadecimal digits."""
    if connection.vendor != "postgresql":
        with connection.chunked_cursor() as cursor:
            yield cursor
        return
    connection.ensure_connection()
    raw: Any = connection.connection
    name = f"verification_{next(numbers)}"
    with connection.wrap_database_errors, raw.cursor(name=name, binary=True, withhold=raw.autocommit) as cursor:
        yield cursor


@lru_cache(maxsize=100_000)
def id_text(value: Any) -> str:
    """An id as the header writes it, of which SQLite keeps the 32 digits; the same ones come again and again."""
    text = str(value)
    return text if len(text) != 32 else f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def maybe(value: Any) -> str:
    """An id that may be absent, as JSON."""
    return "null" if value is None else f'"{id_text(value)}"'


def header_of(line: Line) -> bytes:
    """The header that the columns say, in canonical JSON: its keys in order, strings escaped as RFC 8785 does."""
    return (
        f'{{"about":{maybe(line.about)},"action":{quoted(line.action)},"actor":{maybe(line.actor)}'
        f',"body_commit":"{line.body_commit.hex()}","object_digest":"{line.object_digest.hex()}"'
        f',"object_id":"{id_text(line.object_id)}","object_rev":{line.object_rev}'
        f',"object_type":{quoted(line.object_type)},"seq":{line.seq},"token":{quoted(line.token)}'
        f',"ts":{quoted(line.ts)},"unit":{maybe(line.unit)},"v":{FORMAT}}}'
    ).encode()


# ---- what is asked of every entry: each says what is wrong, or an empty string


def in_sequence(line: Line, leaf: bytes, walk: Walk) -> str:
    """No number is left out or comes twice."""
    return "" if line.seq == walk.expected else f"stands where entry {walk.expected} belongs"


def follows(line: Line, leaf: bytes, walk: Walk) -> str:
    """It names the hash of the entry before."""
    return "" if line.prev_hash == walk.previous else "it does not follow the entry before it"


def has_its_leaf(line: Line, leaf: bytes, walk: Walk) -> str:
    """The leaf hash is that of the header's bytes."""
    return "" if line.leaf_hash == leaf else "its header's bytes do not give its leaf hash"


def is_chained(line: Line, leaf: bytes, walk: Walk) -> str:
    """The chained hash follows from the one before and the header."""
    right = line.entry_hash == sha256(ENTRY, line.prev_hash, leaf)
    return "" if right else "its hash does not follow from its header and the entry before it"


def columns_agree(line: Line, leaf: bytes, walk: Walk) -> str:
    """The columns say what the header's bytes say, which are canonical: no key twice, none unknown."""
    return "" if line.header == header_of(line) else differing_columns(line)


def revision_follows(line: Line, leaf: bytes, walk: Walk) -> str:
    """The revisions of an object are counted without a gap."""
    before = walk.last.get((line.object_type, id_text(line.object_id)))
    expected = before.revision + 1 if before else 1
    return "" if line.object_rev == expected else f"says revision {line.object_rev} of its object, which is {expected}"


def body_is_kept(line: Line, leaf: bytes, walk: Walk) -> str:
    """Its body is there, or was erased by an act that two people asked for and that is itself in the log."""
    if line.body_of is None:
        return "its body row is missing"
    if line.body is None and not (line.erased_at and line.seq in walk.erased):
        return "its body is gone without a recorded erasure"
    if line.body is not None and (line.erased_at or line.seq in walk.erased):
        return "its body was erased and is there again"
    if line.erased_reason != walk.erased.get(line.seq, ""):
        return "its body gives another reason for the erasure than the request in the log"
    return ""


def body_is_committed(line: Line, leaf: bytes, walk: Walk) -> str:
    """A body that is there is the one that the header commits to."""
    if line.body is None or sha256(BODY, line.salt, line.body) == line.body_commit:
        return ""
    return "its body is not the one that was committed to"


ENTRY_CHECKS = (
    in_sequence, follows, has_its_leaf, is_chained, columns_agree, revision_follows, body_is_kept, body_is_committed,
)  # fmt: skip


class DoubleKey(ValueError):
    """An object in JSON that says a key twice, so that two readers may read two things."""


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs; DoubleKey where a key comes twice."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise DoubleKey(key)
        found[key] = value
    return found


def differing_columns(line: Line) -> str:
    """Which columns say something else than the header; the slow road, taken when they do."""
    try:
        said = json.loads(bytes(line.header), object_pairs_hook=once)
        now = json.loads(header_of(line))
    except DoubleKey as error:
        return f"its header says {error} twice"
    except ValueError:
        return "its header cannot be read"
    if not isinstance(said, dict):
        return "its header is no object"
    names = {"ts": "ts_utc", "token": "token_id", "actor": "actor_id", "unit": "unit_id", "about": "about_id"}
    wrong = [
        f"column {names.get(key, key)} says {now.get(key)}, its header {said.get(key)}"
        for key in sorted(now.keys() | said.keys())
        if now.get(key) != said.get(key)
    ]
    return "; ".join(wrong) or "its header is not in canonical form"


# ---- the pass, and the head at its end


def chain_findings(walk: Walk) -> Iterator[str]:
    """Entries in order, then the head."""
    for line in lines():
        try:
            yield from entry_findings(line, walk)
        except UNREADABLE as error:
            yield f"{line.who}: its columns cannot be read ({error})"
            return
    head = AuditHead.objects.filter(pk=1).first() or AuditHead(entry_hash=GENESIS, frontier=b"")
    yield from (said for check in HEAD_CHECKS if (said := check(head, walk)))


def entry_findings(line: Line, walk: Walk) -> Iterator[str]:
    """What is wrong with one entry; then the walk goes past it."""
    leaf = merkle.leaf(line.header)
    for check in ENTRY_CHECKS:
        said = check(line, leaf, walk)
        if said:
            yield (
                f"{line.who}: {said}"
                if check is not in_sequence
                else f"entry {walk.expected}: missing; {line.who} {said}"
            )
    walk.step(line, leaf)


def head_counts(head: AuditHead, walk: Walk) -> str:
    """The head says how many entries there are."""
    return (
        "" if head.size == walk.expected - 1 else f"head: says {head.size} entries, the log holds {walk.expected - 1}"
    )


def head_ends_the_chain(head: AuditHead, walk: Walk) -> str:
    """The head carries the last chained hash."""
    return "" if bytes(head.entry_hash) == walk.previous else "head: does not carry the hash of the last entry"


def head_carries_the_edge(head: AuditHead, walk: Walk) -> str:
    """The head carries the edge of the tree over all headers."""
    right = bytes(head.frontier or b"") == walk.edge.packed()
    return "" if right else "head: does not carry the edge of the tree over the entries"


HEAD_CHECKS = (head_counts, head_ends_the_chain, head_carries_the_edge)


def erased_entries() -> dict[int, str]:
    """The entries whose body was erased by a confirmed request, with the reason."""
    rows = BodyErasure._base_manager.filter(confirmed_at__isnull=False)
    return dict(rows.values_list("entry_id", "reason"))


def findings(walk: Walk | None = None, *, against: "Sequence[checkpoints.Held]" = ()) -> Iterator[str]:
    """One sentence a finding; nothing when the log, its checkpoints, the notes brought and all governed rows agree.

    `walk` is filled on the way for whoever wants the roots that it asked for.
    """
    from registry.audit import checkpoints

    walk = walk if walk is not None else Walk()
    try:
        with one_moment():
            walk.erased = erased_entries()
            walk.wanted |= checkpoints.sizes() | {one.note.size for one in against}
            yield from chain_findings(walk)
            yield from checkpoints.findings(walk, against)
            yield from object_findings(walk.last)
    except UNREADABLE as error:
        yield f"the database cannot be read: {error}"


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read is of one moment, though people go on working: log, head and rows would not agree otherwise.

    On SQLite the transaction is begun as a reader's: it holds nobody up.
    """
    if connection.in_atomic_block:
        yield
        return
    usual = getattr(connection, "transaction_mode", None)
    if connection.vendor == "sqlite":
        connection.transaction_mode = None  # type: ignore[attr-defined]
    with transaction.atomic():
        if connection.vendor == "sqlite":
            connection.transaction_mode = usual  # type: ignore[attr-defined]
        else:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def remarks(walk: Walk) -> Iterator[str]:
    """What a reader should know and what is no fault: erasures with reason, person and time; a clock set back."""
    rows = BodyErasure._base_manager.filter(confirmed_at__isnull=False).select_related("confirmed_by", "requested_by")
    for row in rows.order_by("entry_id"):
        yield (
            f"entry {row.entry_id}: erased ({row.reason}; asked for by {row.requested_by}, confirmed by "
            f"{row.confirmed_by}, {row.confirmed_at:%Y-%m-%d %H:%M} UTC)"
        )
    for seq in walk.set_back:
        yield f"entry {seq}: its time lies before that of the entry before it; the order is that of the numbers"
