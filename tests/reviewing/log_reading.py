"""Reads entries of the log as plain values, and takes digests by the published rule, with nothing of the registry's."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from registry.models import AuditEntry


@dataclass(frozen=True)
class Entry:
    """One entry: who did what to which row when, and the row as it was afterwards."""

    seq: int
    at: str
    actor: str | None
    action: str
    kind: str
    id: str
    about: str | None
    row: dict[str, Any]

    @property
    def day(self) -> str:
        """The day on which it happened."""
        return self.at[:10]

    def __str__(self) -> str:
        return f"entry {self.seq} ({self.action})"


def entries(*, after: int = 0) -> list[Entry]:
    """All entries behind one, in the order of the log; the facts are taken from the hashed bytes, not the columns."""
    rows = AuditEntry.objects.filter(seq__gt=after).order_by("seq").values_list("header", "body__body")
    return [entry(json.loads(bytes(header)), json.loads(bytes(body))) for header, body in rows]


def entry(header: dict[str, Any], body: dict[str, Any]) -> Entry:
    """The entry from its two halves."""
    return Entry(
        header["seq"], header["ts"], header["actor"], header["action"], header["object_type"], header["object_id"],
        header["about"], body["snapshot"],
    )  # fmt: skip


def digest(value: Any) -> str:
    """`sha256:` and the hash of sorted, compact JSON: RFC 8785 for values without floats, as material has none."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def subject_digest(material: dict[str, Any]) -> str:
    """What a decision is bound to: the digest over the digests of all parts."""
    return digest({name: digest(value) for name, value in material.items()})
