"""Packs for the tests of writer and verifier: a whole one, its parts signed anew, and containers built field by field."""

import base64
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports import pack, signing
from reports.verifier import verify

KEY = signing.Key.of(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = signing.Key.of(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
PREDICATE = {"version": "card-offer@3", "as_of": "2026-11-20T12:00:00+00:00"}


def digest(value: Any) -> str:
    """`sha256:` and hex SHA-256 of the RFC 8785 bytes, by the library that the verifier does not use."""
    return "sha256:" + hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def log_entry(seq: int, prev: bytes, *, body: bytes | None = b'{"reason":"because"}', **changed: Any) -> dict[str, Any]:
    """One line of a slice, laid out as promise P1 says; `changed` replaces keys of the header."""
    salt = hashlib.sha256(b"salt %d" % seq).digest()
    header = {
        "v": 1, "seq": seq, "ts": "2026-11-20T12:00:00.000000+00:00", "actor": None, "action": "version.approved",
        "object_type": "registry.ModelVersion", "object_id": "5f0c", "object_rev": seq, "object_digest": "ab" * 32,
        "token": "", "unit": None, "about": None,
        "body_commit": hashlib.sha256(b"\x02" + salt + (body or b"erased")).hexdigest(), **changed,
    }  # fmt: skip
    exact = rfc8785.dumps(header)
    leaf = hashlib.sha256(b"\x00" + exact).digest()
    line = {
        "seq": header["seq"], "header": base64.b64encode(exact).decode(), "prev": prev.hex(), "leaf": leaf.hex(),
        "hash": hashlib.sha256(b"\x03" + prev + leaf).hexdigest(),
    }  # fmt: skip
    return line if body is None else {**line, "body": base64.b64encode(body).decode(), "salt": salt.hex()}


def log_entries() -> list[dict[str, Any]]:
    """Entries 1 to 4 in a row, then 9 and 10 after a gap; the body of entry 3 was erased."""
    entries: list[dict[str, Any]] = []
    for seq in (1, 2, 3, 4, 9, 10):
        before = {1: bytes(32), 9: b"\x07" * 32}.get(seq)
        prev = before if before is not None else bytes.fromhex(entries[-1]["hash"])
        entries.append(log_entry(seq, prev, body=None if seq == 3 else b'{"reason":"step %d"}' % seq))
    return entries


def log_slice(entries: list[dict[str, Any]]) -> bytes:
    """The lines of audit.jsonl."""
    return b"".join(json.dumps(entry, sort_keys=True).encode() + b"\n" for entry in entries)


def outcome() -> dict[str, Any]:
    """An outcome whose digest is over its numbers rounded to 12 significant digits, without timings."""
    content = {"check": "group_fairness", "rows": 7214, "value": 0.30000000000000004, "zero": -0.0, "p": 1.5e-17}
    stable = {**content, "value": "0.3", "zero": "0", "p": "1.5e-17"}
    return {**content, "digest": digest(stable), "timings": {"read": 0.25}}


def material() -> dict[str, Any]:
    """What is decided on: values, their digests, and the digest of these."""
    values = {"evidence": [outcome()["digest"]], "card": {"purpose": "Whom to mail a card offer. 信用卡"}}
    parts = {name: digest(value) for name, value in values.items()}
    return {"parts": parts, "digest": digest(parts), "values": values}


def sign_offs() -> list[dict[str, Any]]:
    """An approval that stands, one that was voided, and a slot that waits."""
    seen = material()["digest"]
    return [
        {"person": "Ann", "duty": "risk_officer", "decision": "approve", "subject_digest": seen, "voided_at": ""},
        {"person": "Bob", "duty": "approver", "decision": "approve", "subject_digest": "sha256:old", "voided_at": "now"},
        {"person": "", "duty": "approver", "decision": "", "subject_digest": "", "voided_at": None},
    ]  # fmt: skip


def members() -> dict[str, bytes]:
    """The members that the caller of the writer chooses."""
    return {
        "report.pdf": b"%PDF-1.7\n" + bytes(range(256)),
        "card.json": b"{}",
        "empty.csv": b"",
        "数据/表.csv": "组,行\n".encode(),
        "outcomes/group_fairness-1.json": json.dumps(outcome(), indent=1).encode(),
        "material.json": json.dumps(material(), indent=1).encode(),
        "signoffs.json": json.dumps(sign_offs()).encode(),
        "audit.jsonl": log_slice(log_entries()),
    }


@cache
def good_pack() -> bytes:
    """A whole pack; its verify.py is short, so that its other bytes are not drowned."""
    return pack.write(members(), key=KEY, predicate=PREDICATE, verifier_source=b"print('not this one')\n")


def pack_with(**changed: bytes | None) -> bytes:
    """A pack of the sample members with some of them replaced (by file name up to its dot), signed by the right key."""
    chosen = {name: changed.get(name.split(".")[0], content) for name, content in members().items()}
    kept = {name: content for name, content in chosen.items() if content is not None}
    return pack.write(kept, key=KEY, predicate=PREDICATE, verifier_source=b"")


def problems(content: bytes, key: signing.Key = KEY) -> str:
    """What the verifier says against a pack, in one text; empty when it accepts."""
    return "\n".join(verify.problems(content, key.fingerprint))


def unpacked(content: bytes) -> dict[str, bytes]:
    """The members as Python's own ZIP reader sees them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def repacked(content: Mapping[str, bytes]) -> bytes:
    """The canonical container of any members, signed or not."""
    return pack.container(content)


def signed_anew(
    content: Mapping[str, bytes],
    *,
    key: signing.Key = KEY,
    change: Callable[[dict[str, Any]], Any] = lambda statement: None,
    written: Callable[[Any], bytes] = rfc8785.dumps,
) -> bytes:
    """A pack whose manifest, statement and signature are made anew by `key`; `change` edits the statement."""
    outside = {verify.MANIFEST, *verify.SIGNATURE_MEMBERS}
    kept = {name: body for name, body in content.items() if name not in outside}
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in kept.items()}
    said = {**PREDICATE, "manifest": hashlib.sha256(pack.manifest(digests)).hexdigest()}
    statement = signing.statement(digests, verify.PREDICATE_TYPE, said)
    change(statement)
    payload = written(statement)
    signed = signing.pae(verify.PAYLOAD_TYPE, payload)
    return repacked(
        {
            **kept,
            verify.MANIFEST: pack.manifest(digests),
            "statement.json": payload,
            "statement.pae": signed,
            "statement.sig": key.sign(signed),
            "statement.dsse.json": signing.dsse(payload, verify.PAYLOAD_TYPE, key),
            "pubkey.pem": key.public_pem.encode(),
        }
    )


@dataclass(frozen=True)
class Entry:
    """One ZIP member with every field that an attacker may set; `central` overrides what the directory says."""

    name: bytes
    data: bytes
    version: int = 20
    flags: int = 0
    method: int = 0
    time: int = 0
    date: int = 0x21
    crc: int | None = None
    packed: int | None = None
    size: int | None = None
    extra: bytes = b""
    comment: bytes = b""
    made_by: int = 0x0314
    internal: int = 0
    attributes: int = 0o100644 << 16
    disk: int = 0
    descriptor: bytes = b""
    central: Mapping[str, Any] = field(default_factory=dict)

    def common(self) -> bytes:
        """The fields that local header and directory share."""
        length = len(self.data)
        return struct.pack(
            "<5H3I2H",
            *(self.version, self.flags, self.method, self.time, self.date),
            zlib.crc32(self.data) if self.crc is None else self.crc,
            length if self.packed is None else self.packed,
            length if self.size is None else self.size,
            *(len(self.name), len(self.extra)),
        )

    def local(self) -> bytes:
        """Header and bytes."""
        return b"PK\3\4" + self.common() + self.name + self.extra + self.data + self.descriptor

    def listed(self, offset: int) -> bytes:
        """The entry of the directory."""
        seen = replace(self, **self.central)
        made = b"PK\1\2" + struct.pack("<H", seen.made_by) + seen.common()
        rest = struct.pack("<3H2I", len(seen.comment), seen.disk, seen.internal, seen.attributes, offset)
        return made + rest + seen.name + seen.extra + seen.comment


def entries_of(content: bytes) -> list[Entry]:
    """The members of a good pack as entries that can be tampered with."""
    return [
        Entry(name.encode(), body, flags=0 if name.isascii() else 0x800) for name, body in unpacked(content).items()
    ]


def zip_of(entries: list[Entry], *, comment: bytes = b"", before_end: bytes = b"") -> bytes:
    """A ZIP of exactly these entries."""
    whole, directory = b"", b""
    for entry in entries:
        directory += entry.listed(len(whole))
        whole += entry.local()
    end = struct.pack("<4H2IH", 0, 0, len(entries), len(entries), len(directory), len(whole), len(comment))
    return whole + directory + before_end + b"PK\5\6" + end + comment
