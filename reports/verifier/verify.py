"""Verifies an Attestry evidence pack without network or other software: container, manifest, signature, contents.

`python3 verify.py PACK.zip --key-fingerprint HEX` exits with 0 when the pack is whole and signed by the key with this
fingerprint, else, and on a wrong call, with 1 and the reasons on standard output. Needs Python 3.9 or later. Use a copy
of this file and a fingerprint from outside the pack: whoever forges a pack forges the verifier and the key in it too.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    # Beside this file may lie an unpacked hostile pack with a json.py of its own.
    del sys.path[0]

import base64
import hashlib
import json
import os
import re
import stat
import struct
import unicodedata
import zlib
from typing import Any

Members = dict[str, memoryview]  # by name
Point = tuple[int, int, int, int]  # extended coordinates (X, Y, Z, T) of RFC 8032, section 5.1.4
MAX_PACK, MAX_JSON = 512 * 2**20, 64 * 2**20  # bytes of a pack; of one JSON document or line of the log
MAX_MEMBERS, MAX_DEPTH = 10_000, 100
MANIFEST = "MANIFEST.sha256"
SIGNATURE_MEMBERS = ("pubkey.pem", "statement.dsse.json", "statement.json", "statement.pae", "statement.sig")
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:attestry:evidence-pack:v1"
HEADER_KEYS = {"seq", "ts", "actor", "action", "object_type", "object_id", "object_rev", "object_digest", "body_commit"}
FLAG = "--key-fingerprint"


class Refused(Exception):
    """The pack is not accepted; every argument is one reason that begins with the member's name or `container`."""


def need(condition: bool, reason: str) -> None:
    """Refuse with this reason unless the condition holds."""
    if not condition:
        raise Refused(reason)


# Ed25519: RFC 8032, sections 5.1.2 to 5.1.4 (points) and 5.1.7 (verification).

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def added(a: Point, b: Point) -> Point:
    """The sum of two points (section 5.1.4)."""
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, z - t, z + t, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiple(scalar: int, point: Point) -> Point:
    """`scalar` times `point` by doubling and adding; not constant in time, for public values only."""
    total = (0, 1, 1, 0)
    while scalar:
        total = added(total, point) if scalar & 1 else total
        point = added(point, point)
        scalar >>= 1
    return total


def encoded(point: Point) -> bytes:
    """The 32 bytes of a point (section 5.1.2)."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decoded(raw: bytes) -> Point | None:
    """The point of 32 bytes; None when they are no point or not its only encoding (section 5.1.3)."""
    sign, y = divmod(int.from_bytes(raw, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if len(raw) != 32 or y >= P or x * x % P != square or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


def is_signed(message: bytes, signature: bytes, public: bytes) -> bool:
    """Whether `signature` (64 bytes) is the key's (`public`, 32 bytes) Ed25519 signature of `message` (any length).

    The equation without cofactor, compared on the bytes of R as OpenSSL does (section 5.1.7). False for S >= L, a
    key that is not encoded in the one allowed way, and keys of small order, under which a signature says nothing.
    """
    key, base = decoded(public), decoded((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or base is None or len(signature) != 64 or scalar >= L or multiple(8, key)[0] == 0:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    negative = (P - key[0], key[1], key[2], P - key[3])
    return encoded(added(multiple(scalar, base), multiple(challenge, negative))) == signature[:32]


def canonical(value: Any) -> str:
    """The RFC 8785 text of a value as `parsed` gives it: keys sorted as UTF-16, which ASCII text need not care about."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if text.isascii() or not isinstance(value, (dict, list)):
        return text
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(canonical(key) + ":" + canonical(value[key]) for key in keys) + "}"


def digest_of(value: Any) -> str:
    """`sha256:` and the hex SHA-256 of the canonical bytes."""
    return "sha256:" + hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def parsed(where: str, raw: bytes | memoryview) -> Any:
    """The value of a JSON text, fractions and integers beyond 2^53 as text; refuses repeated keys, NaN, wild nesting."""

    def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key stands twice in one object")
        return dict(pairs)

    def whole(digits: str) -> int | str:
        if len(digits) > 40:  # for longer ones old versions of Python take long; NaN and Infinity fail below
            raise ValueError("an integer has more than 40 digits")
        return int(digits) if abs(int(digits)) < 2**53 else digits

    def fraction(digits: str) -> str:
        return f"{float(digits) + 0.0:.12g}"  # as every digest has it

    need(len(raw) <= MAX_JSON, f"{where}: is larger than {MAX_JSON} bytes")
    reader = json.JSONDecoder(object_pairs_hook=distinct, parse_int=whole, parse_constant=whole, parse_float=fraction)
    try:
        value = reader.decode(bytes(raw).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused(f"{where}: is not strict JSON ({error})") from None
    layer = [value]
    for _ in range(MAX_DEPTH):
        groups = [one.values() if isinstance(one, dict) else one for one in layer if isinstance(one, (dict, list))]
        layer = [inner for group in groups for inner in group]
    need(not layer, f"{where}: is not strict JSON (nested {MAX_DEPTH} deep)")
    return value


def parsed_canonical(where: str, raw: bytes | memoryview) -> dict[str, Any]:
    """The object of a JSON text; refuses any but its canonical form."""
    value = parsed(where, raw)
    same = isinstance(value, dict) and canonical(value).encode("utf-8", "surrogatepass") == raw
    need(same, f"{where}: is not a JSON object in canonical form (RFC 8785)")
    return value


LOCAL, CENTRAL, END = map(struct.Struct, ("<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"))
FORBIDDEN = re.compile(r'[\\:*?"<>|]|^[ -]|[ .]$|^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$', re.IGNORECASE)


def name_fault(name: str) -> str:
    """Why no member may be called so: it would be unsafe, or read differently, on some system. Empty when it may."""
    if not 0 < len(name.encode("utf-8", "replace")) <= 240:
        return "is empty or longer than 240 bytes"
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in name):
        return "holds control or invisible characters or is not UTF-8"
    if unicodedata.normalize("NFC", name) != name:
        return "is not in Unicode form NFC"
    if any(part in {"", ".", ".."} or FORBIDDEN.search(part) for part in name.split("/")):
        return "is absolute, leaves its folder, or is not allowed on some systems"
    return ""


def check_names(names: list[str]) -> None:
    """Names must be safe, sorted, and different even where case does not count."""
    taken: set[str] = set()
    for before, name in zip(["", *names], names):
        fault = name_fault(name)
        need(not fault, f"{name!a}: its name {fault}")
        need(name.casefold() not in taken, f"{name}: stands twice in the pack, case aside")
        need(name > before, f"{name}: is not in the sorted order of names")
        taken.add(name.casefold())


def local_header(raw: bytes, crc: int, size: int) -> bytes:
    """What stands before a member's bytes: stored, 1980-01-01, no extra field, no data descriptor."""
    flags = 0 if raw.isascii() else 0x800
    return LOCAL.pack(b"PK\3\4", 20, flags, 0, 0, 0x21, crc, size, size, len(raw), 0) + raw


def central_header(local: bytes, offset: int) -> bytes:
    """The directory entry that belongs to a local header: made on Unix, a regular file of mode 0644."""
    fields = LOCAL.unpack(local[: LOCAL.size])[1:]
    return CENTRAL.pack(b"PK\1\2", 0x0314, *fields, 0, 0, 0, 0o100644 << 16, offset) + local[LOCAL.size :]


def directory_entries(data: memoryview) -> list[tuple[bytes, int]]:
    """Name and size of every entry of the directory that the last 22 bytes point to."""
    is_zip = bytes(data[-END.size :][:4]) == b"PK\5\6"
    need(is_zip, "container: does not end with the end-of-directory record of a ZIP without comment")
    count, _, at, _ = END.unpack(data[-END.size :])[4:]
    need(count <= MAX_MEMBERS, f"container: claims more than {MAX_MEMBERS} members")
    directory, entries = data[: -END.size], []
    for number in range(1, count + 1):
        header = directory[at : at + CENTRAL.size]
        need(len(header) == CENTRAL.size and bytes(header[:4]) == b"PK\1\2", f"container: no directory entry {number}")
        size, length = CENTRAL.unpack(header)[9:11]
        at += CENTRAL.size + length
        entries.append((bytes(directory[at - length : at]), size))
    need(at == len(directory), "container: its directory does not end where its end record begins")
    return entries


def read_container(data: bytes) -> dict[str, memoryview]:
    """The members by name, in order. Raises Refused unless `data` is exactly the container that they give."""
    need(len(data) <= MAX_PACK, f"container: is larger than {MAX_PACK} bytes")
    view, at, directory, members = memoryview(data), 0, [], {}
    entries = directory_entries(view)
    names = [raw.decode("utf-8", "surrogateescape") for raw, _ in entries]
    check_names(names)
    for name, (raw, size) in zip(names, entries):
        body = view[at + LOCAL.size + len(raw) :][:size]
        need(len(body) == size, f"{name}: claims more bytes than the container holds")
        head = local_header(raw, zlib.crc32(body), size)
        need(view[at : at + len(head)] == head, f"{name}: its bytes or its header were changed: they do not fit")
        directory.append((name, central_header(head, at)))
        members[name] = body
        at += len(head) + size
    start = at
    for name, head in directory:
        need(view[at : at + len(head)] == head, f"{name}: its directory entry is not what its name and bytes give")
        at += len(head)
    end = END.pack(b"PK\5\6", 0, 0, len(names), len(names), at - start, start, 0)
    need(view[at:] == end, "container: its end record is not what the members give, or other bytes stand before it")
    return members


def check_manifest(members: Members, digests: dict[str, str]) -> str:
    """MANIFEST.sha256 must be the sorted `sha256sum -c` list of the covered members, and of nothing else."""
    if members[MANIFEST] == "".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode("utf-8"):
        return f"manifest: {len(digests)} members, every SHA-256 agrees"
    lines = bytes(members[MANIFEST]).decode("utf-8", "replace").splitlines()
    listed = {line[66:]: line[:64] for line in lines}
    reasons = [f"{name}: is in the pack but not covered by {MANIFEST}" for name in digests.keys() - listed.keys()]
    reasons += [f"{name}: is listed in {MANIFEST} but not in the pack" for name in listed.keys() - digests.keys()]
    changed = [name for name in digests.keys() & listed.keys() if digests[name] != listed[name]]
    reasons += [f"{name}: its SHA-256 is not the one in {MANIFEST}" for name in changed]
    raise Refused(*sorted(reasons or [f"{MANIFEST}: is not in its canonical form"]))


def check_signature(members: Members, fingerprint: str) -> str:
    """The key must be the expected one, the signature its own, and each signature member what the others give."""
    pem, signature, payload = (bytes(members[name]) for name in ("pubkey.pem", "statement.sig", "statement.json"))
    form = re.fullmatch(rb"-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/]{59}=)\n-----END PUBLIC KEY-----\n", pem)
    written = form[1] if form else b""
    der = base64.b64decode(written)
    is_key = der[:12].hex() == "302a300506032b6570032100" and base64.b64encode(der) == written  # RFC 8410
    need(is_key, "pubkey.pem: is no Ed25519 key in its canonical form")
    found = hashlib.sha256(der).hexdigest()
    need(found == fingerprint, f"pubkey.pem: the key's fingerprint is {found}, not the expected {fingerprint}")
    pae = b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)
    need(is_signed(pae, signature, der[12:]), "statement.sig: is not this key's signature of statement.json")
    one = {"keyid": fingerprint, "sig": base64.b64encode(signature).decode()}
    dsse = {"payload": base64.b64encode(payload).decode(), "payloadType": PAYLOAD_TYPE, "signatures": [one]}
    need(members["statement.pae"] == pae, "statement.pae: is not what statement.json gives")
    is_envelope = members["statement.dsse.json"] == canonical(dsse).encode("utf-8")
    need(is_envelope, "statement.dsse.json: is not what statement.json, statement.sig and the key give")
    return f"signature: Ed25519, key fingerprint {fingerprint}"


def check_statement(members: Members, digests: dict[str, str]) -> str:
    """The statement must be canonical, of the expected types, and about exactly the members of the manifest."""
    said = parsed_canonical("statement.json", members["statement.json"])
    need(said.keys() == {"_type", "subject", "predicateType", "predicate"}, "statement.json: has other keys")
    types = [said["_type"], said["predicateType"], type(said["predicate"])]
    need(types == [STATEMENT_TYPE, PREDICATE_TYPE, dict], f"statement.json: is no statement about a pack but {types}")
    subjects = [{"name": name, "digest": {"sha256": digest}} for name, digest in digests.items()]
    need(said["subject"] == subjects, f"statement.json: its subjects are not exactly the members of {MANIFEST}")
    words = [f"{key} {value}" for key, value in said["predicate"].items() if isinstance(value, (str, int))]
    return f"statement: {len(subjects)} subjects; the signer says: {', '.join(words) or 'nothing more'}"


def check_log(members: Members) -> str:
    """Hashes of every entry of audit.jsonl, links between neighbours, and bodies against their commitments."""
    last, last_hash, links, bodies = 0, bytes(32), 0, 0
    lines = bytes(members["audit.jsonl"]).split(b"\n")
    need(lines.pop() == b"", "audit.jsonl: does not end with a line break")
    for number, line in enumerate(lines, 1):
        where = f"audit.jsonl: line {number}"
        entry = parsed(where, line)
        try:
            prev, leaf, chained = (bytes.fromhex(entry[key]) for key in ("prev", "leaf", "hash"))
            header, seq = base64.b64decode(entry["header"], validate=True), entry["seq"]
            body = base64.b64decode(entry["body"], validate=True) if "body" in entry else None
            salt = b"" if body is None else bytes.fromhex(entry["salt"])
        except (ValueError, TypeError, LookupError) as error:
            raise Refused(f"{where} lacks a value, or holds one that is neither hex nor base64 ({error})") from None
        said = parsed_canonical(f"{where}: header", header)
        need(said.keys() >= HEADER_KEYS and said.get("v") == 1, f"{where}: its header lacks a key or is no version 1")
        need(type(seq) is int and said["seq"] == seq > last, f"{where}: its seq is not the header's or does not rise")
        need(hashlib.sha256(b"\0" + header).digest() == leaf, f"{where}: its leaf is not the hash of its header")
        follows = len(prev) == 32 and hashlib.sha256(b"\3" + prev + leaf).digest() == chained
        need(follows, f"{where}: its hash is not that of its leaf and the entry before")
        need(prev == last_hash or seq != last + 1, f"{where}: does not continue the entry before it")
        commitment = hashlib.sha256(b"\2" + salt + (body or b"")).hexdigest()
        is_committed = len(salt) == 32 and commitment == said["body_commit"]
        need(body is None or is_committed, f"{where}: its body is not the one committed to")
        links, bodies, last, last_hash = links + (seq == last + 1), bodies + (body is not None), seq, chained
    return f"log: {len(lines)} entries hashed, {links} linked to the entry before, {bodies} bodies as committed to"


def check_approvals(members: Members) -> str:
    """material.json must add up to its digest, and every approval that was not voided must carry this digest."""
    need("material.json" in members, "signoffs.json: there is no material.json that it could be about")
    material, rows = (parsed(name, members.get(name, b"[]")) for name in ("material.json", "signoffs.json"))
    need(isinstance(material, dict) and isinstance(material.get("parts"), dict), "material.json: has no parts")
    need(isinstance(rows, list) and all(isinstance(row, dict) for row in rows), "signoffs.json: is no list of objects")
    parts, values = material["parts"], material.get("values")
    digest = digest_of(parts) if parts else ""  # before a review there is nothing to decide on
    need(material.get("digest") == digest, f"material.json: its digest is not that of its parts, {digest}")
    found = {name: digest_of(value) for name, value in values.items()} if isinstance(values, dict) else None
    need(values is None or found == parts, "material.json: a value is not the one whose digest stands among the parts")
    standing = [row for row in rows if row.get("decision") == "approve" and not row.get("voided_at")]
    names = [f"{row.get('person')} ({row.get('duty')})" for row in standing]
    strangers = [name for name, row in zip(names, standing) if row.get("subject_digest") != digest or not digest]
    need(not strangers, f"signoffs.json: approved something else than {digest or 'nothing'}: {', '.join(strangers)}")
    return f"approvals: {len(names)} at the digest {digest} of material.json: {', '.join(names) or 'nobody'}"


def check_outcomes(members: Members) -> str:
    """An outcome that names its digest must have it: over its content without digest and timings."""
    names, decided = [name for name in members if name.startswith("outcomes/") and name.endswith(".json")], 0
    for name in names:
        outcome = parsed(name, members[name])
        need(isinstance(outcome, dict), f"{name}: is no object")
        digest = digest_of({key: value for key, value in outcome.items() if key not in {"digest", "timings"}})
        need(outcome.get("digest", digest) == digest, f"{name}: its digest is not that of its content, {digest}")
        decided += digest.encode() in bytes(members.get("material.json", b""))
    return f"outcomes: {len(names)} files, digests agree; {decided} of them stand in material.json"


CONTENTS = {("audit.jsonl",): check_log, ("material.json", "signoffs.json"): check_approvals}


def verify(data: bytes, fingerprint: str) -> list[str]:
    """What was checked in the bytes of a pack; raises Refused with every reason that the first failing step found.

    `fingerprint` is the lower-case hex SHA-256 of the signer's public key as DER SubjectPublicKeyInfo.
    """
    members = read_container(data)
    if missing := [f"{name}: is missing" for name in (MANIFEST, *SIGNATURE_MEMBERS) if name not in members]:
        raise Refused(*missing)
    covered = sorted(members.keys() - {MANIFEST, *SIGNATURE_MEMBERS})
    digests = {name: hashlib.sha256(members[name]).hexdigest() for name in covered}
    facts = [f"container: {len(members)} members, {len(data)} bytes, every byte accounted for"]
    facts += [check_manifest(members, digests), check_signature(members, fingerprint)]
    facts.append(check_statement(members, digests))
    for names, check in CONTENTS.items():
        is_here = not members.keys().isdisjoint(names)
        facts.append(check(members) if is_here else f"not checked: the pack holds no {' or '.join(names)}")
    return [*facts, check_outcomes(members)]


def problems(data: bytes, fingerprint: str) -> list[str]:
    """Every reason against the pack that the first failing step finds; none when it is accepted."""
    try:
        verify(data, fingerprint)
    except Refused as refusal:
        return list(refusal.args)
    return []


def main(argv: list[str]) -> int:
    """Print what was checked or every reason against the pack; 0 when it is accepted, else 1."""
    usage = f"usage: python3 verify.py PACK.zip {FLAG} HEX (64 hex digits, got from outside the pack)"
    words = [part for word in argv for part in (word.split("=", 1) if word.startswith(FLAG + "=") else [word])]
    words = words[2:] + words[:2] if words[:1] == [FLAG] else words
    try:
        need(len(words) == 3 and words[1] == FLAG and re.fullmatch("[0-9a-fA-F]{64}", words[2]) is not None, usage)
        need(stat.S_ISREG(os.stat(words[0]).st_mode), f"container: {words[0]} is not a regular file")
        with open(words[0], "rb") as file:
            lines = [*verify(file.read(MAX_PACK + 1), words[2].lower()), "ACCEPTED"]
    except Refused as refusal:
        lines = [f"REFUSED {reason}" for reason in refusal.args]
    except Exception as error:  # a hostile pack must end in a refusal, whatever it broke
        lines = [f"REFUSED container: could not be read ({type(error).__name__}: {error})"]
    for line in lines:
        visible = "".join(letter if letter.isprintable() else "?" for letter in line)
        print(visible.encode(sys.stdout.encoding or "ascii", "backslashreplace").decode(sys.stdout.encoding or "ascii"))
    return 0 if lines[-1] == "ACCEPTED" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
