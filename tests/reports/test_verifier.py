"""The offline verifier accepts whole packs and refuses every other byte string, saying which member is wrong."""

import hashlib
import io
import json
import random
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from reports import pack
from reports.packs.building import FORMAT
from reports.verifier import verify
from tests.reports.sample_packs import (
    KEY,
    PREDICATE,
    Entry,
    entries_of,
    good_pack,
    members,
    problems,
    repacked,
    signed_anew,
    unpacked,
    zip_of,
)


def named(reasons: str) -> set[str]:
    """The members, or `container`, that the reasons begin with."""
    return {line.split(": ")[0] for line in reasons.splitlines()}


def spans(content: bytes) -> list[tuple[str, str, int, int]]:
    """Every part of a container: member, kind of part, first byte, byte after the last."""
    found, end = [], len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        at = archive.start_dir
        for entry in archive.infolist():
            name, start = entry.filename, entry.header_offset
            data = start + 30 + len(name.encode())
            found += [(name, "header", start, start + 30), (name, "name", start + 30, data)]
            found += [(name, "data", data, data + entry.file_size), (name, "entry", at, at + 46)]
            found += [(name, "listed name", at + 46, at + 46 + len(name.encode()))]
            at += 46 + len(name.encode())
    return [*found, ("container", "end", end - 22, end)]


def flipped(content: bytes, position: int, bit: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 1 << bit]) + content[position + 1 :]


# ---- whole packs


def test_a_whole_pack_is_accepted():
    """P4"""
    assert problems(good_pack()) == ""


def test_what_was_checked_is_told():
    """P4"""
    digest = json.loads(members()["material.json"])["digest"]
    listed = hashlib.sha256(unpacked(good_pack())[verify.MANIFEST]).hexdigest()
    assert verify.verify(good_pack(), KEY.fingerprint) == [
        f"container: 16 members, {len(good_pack())} bytes, every byte accounted for",
        "manifest: 10 members, every SHA-256 agrees",
        f"signature: Ed25519, key fingerprint {KEY.fingerprint}",
        f"statement: 10 subjects; the signer says: as_of {PREDICATE['as_of']}, manifest {listed}, version card-offer@3",
        "log: 6 entries hashed, 5 linked to the entry before, 5 bodies as committed to",
        f"approvals: 1 at the digest {digest} of material.json: Ann (risk_officer)",
        "outcomes: 1 files, digests agree; 1 of them stand in material.json",
    ]


def test_what_a_pack_lacks_is_told():
    facts = verify.verify(pack.write({}, key=KEY, predicate={}, verifier_source=b""), KEY.fingerprint)
    assert [fact for fact in facts if fact.startswith("not checked")] == [
        "not checked: the pack holds no audit.jsonl",
        "not checked: the pack holds no material.json or signoffs.json",
    ]


def test_packs_of_any_names_and_bytes_are_accepted(seed, amount):
    """P4"""
    draw = random.Random(seed)
    for _ in range(amount(200)):
        names = ["".join(draw.choices("abcXYZ019_-=+é中😀", k=draw.randrange(1, 12))).lstrip("-") for _ in range(8)]
        content = {f"d{number}/{name}x": draw.randbytes(draw.randrange(200)) for number, name in enumerate(names)}
        assert problems(pack.write(content, key=KEY, predicate=PREDICATE, verifier_source=b"")) == ""


def test_containers_built_field_by_field_are_those_of_the_writer():
    """So that a forged container below differs from a good one in nothing but the forgery."""
    assert zip_of(entries_of(good_pack())) == good_pack()
    assert signed_anew(unpacked(good_pack())) == good_pack()


GOLDEN = sorted((Path(__file__).parent / "golden").glob("pack-format-*.zip"))


@pytest.mark.parametrize("frozen", GOLDEN, ids=lambda path: path.stem)
def test_a_pack_of_each_format_is_accepted_for_ever(frozen):
    """P4: written once, never to be made anew when the writer changes."""
    assert problems(frozen.read_bytes()) == ""


def test_there_is_a_frozen_pack_of_every_format_up_to_this_one():
    assert [path.stem for path in GOLDEN] == [f"pack-format-{number}" for number in range(1, FORMAT + 1)]


# ---- one byte changed


def test_one_flipped_bit_anywhere_is_refused_and_the_member_named(seed, amount):
    """P4, threat 22: 200 drawn positions in every part of every member."""
    draw, content = random.Random(seed), good_pack()
    for name, kind, start, end in spans(content):
        for _ in range(amount(200) if start < end else 0):
            reasons = named(problems(flipped(content, draw.randrange(start, end), draw.randrange(8))))
            assert reasons, (name, kind)
            assert "name" in kind or reasons <= {name, "container"}, (name, kind, reasons)


def test_every_bit_of_every_structural_field_is_refused():
    """P4, threat 22"""
    content = good_pack()
    for name, kind, start, end in spans(content):
        for position in range(start, end) if kind in {"header", "entry", "end"} else ():
            for bit in range(8):
                reasons = named(problems(flipped(content, position, bit)))
                assert reasons, (name, kind, position - start, bit)
                assert reasons <= {name, "container"}, (name, kind, position - start, bit)


@pytest.mark.parametrize("name", sorted((members().keys() | {"verify.py", "HOWTO.txt"}) - {"empty.csv"}))
def test_a_changed_member_in_a_sound_container_is_named(name):
    """P4, threat 22: whoever changes a file also mends the ZIP's checksum."""
    content = unpacked(good_pack())
    assert named(problems(repacked({**content, name: flipped(content[name], len(content[name]) // 2, 0)}))) == {name}


@pytest.mark.parametrize("name", [verify.MANIFEST, *verify.SIGNATURE_MEMBERS])
def test_a_changed_member_of_the_signature_in_a_sound_container_is_refused(name, seed, amount):
    """P4, threat 22"""
    content, draw = unpacked(good_pack()), random.Random(seed)
    for _ in range(amount(300)):
        changed = flipped(content[name], draw.randrange(len(content[name])), draw.randrange(8))
        assert problems(repacked({**content, name: changed}))


def test_every_shortened_or_lengthened_pack_is_refused(seed, amount):
    content, draw = good_pack(), random.Random(seed)
    for _ in range(amount(1000)):
        at, length = draw.randrange(len(content)), draw.randrange(1, 60)
        assert problems(content[:at])
        assert problems(content[:at] + content[at + length :])
        assert problems(content[:at] + draw.randbytes(length) + content[at:])


def test_random_bytes_are_refused_without_a_crash(seed, amount):
    draw = random.Random(seed)
    for _ in range(amount(2000)):
        end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 3, draw.randrange(9), 0, draw.randrange(400), 0)
        assert problems(draw.randbytes(draw.randrange(300)) + draw.choice([b"", end]))


# ---- members added, removed, renamed, doubled


@pytest.mark.parametrize("name", sorted(unpacked(good_pack())))
def test_a_removed_member_is_named(name):
    """P4, threat 22"""
    content = unpacked(good_pack())
    del content[name]
    assert named(problems(repacked(content))) == {name}


@pytest.mark.parametrize("name", ["extra.json", "outcomes/extra.json", "zzz", "Manifest", "statement.tsr"])
def test_an_added_member_is_named(name):
    """P4, threat 22 and 23: the manifest omits a file."""
    assert named(problems(repacked({**unpacked(good_pack()), name: b""}))) == {name}


@pytest.mark.parametrize("name", sorted(members()))
def test_a_renamed_member_is_named_with_its_old_and_new_name(name):
    """P4, threat 22"""
    content = unpacked(good_pack())
    content[f"{name}.bak"] = content.pop(name)
    assert named(problems(repacked(content))) == {name, f"{name}.bak"}


@pytest.mark.parametrize("name", sorted(unpacked(good_pack())))
def test_a_doubled_member_is_named(name):
    """P4, threat 23: two members of one name, of which a reader takes the first or the last."""
    entries = entries_of(good_pack())
    at = [entry.name.decode() for entry in entries].index(name)
    for other in (entries[at], replace(entries[at], data=b"other")):
        assert named(problems(zip_of([*entries[: at + 1], other, *entries[at + 1 :]]))) == {name}


def test_two_members_that_swapped_their_bytes_are_named():
    content = unpacked(good_pack())
    content["card.json"], content["empty.csv"] = content["empty.csv"], content["card.json"]
    assert named(problems(repacked(content))) == {"card.json", "empty.csv"}


# ---- hostile containers (threat 23)


def forged(name: str = "card.json", **fields: object) -> bytes:
    """The good pack with some fields of one member's headers replaced."""
    return zip_of([replace(e, **fields) if e.name.decode() == name else e for e in entries_of(good_pack())])


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


ZIP64 = struct.pack("<HHQQ", 1, 16, 2, 2)
HOSTILE = {
    "deflated": forged(data=deflated(b"{}"), method=8, crc=zlib.crc32(b"{}"), size=2),
    "deflated without saying so in the directory": forged(method=8, central={"method": 0}),
    "encrypted": forged(flags=1),
    "strongly encrypted": forged(flags=0x41),
    "data descriptor": forged(flags=8, crc=0, packed=0, size=0, descriptor=b"PK\7\x08" + bytes(12)),
    "UTF-8 flag on an ASCII name": forged(flags=0x800),
    "no UTF-8 flag on another name": forged("数据/表.csv", flags=0),
    "zip64 sizes": forged(extra=ZIP64, packed=0xFFFFFFFF, size=0xFFFFFFFF, version=45),
    "extra field in both headers": forged(extra=b"UT\5\0\1abcd"),
    "extra field in the directory": forged(central={"extra": b"UT\5\0\1abcd"}),
    "Unicode path extra field": forged(central={"extra": b"up\x0f\0\1" + bytes(4) + b"other.json"}),
    "comment of a member": forged(comment=b"hello"),
    "a date": forged(date=0x5A21),
    "a time": forged(time=1),
    "made on Windows": forged(made_by=20),
    "a later version": forged(version=63),
    "symbolic link": forged(attributes=0o120777 << 16),
    "executable": forged(attributes=0o100755 << 16),
    "device": forged(attributes=0o020666 << 16),
    "folder by attribute": forged(attributes=0o40755 << 16 | 0x10),
    "text by attribute": forged(internal=1),
    "another disk": forged(disk=1),
    "another name in the directory": forged(central={"name": b"cart.json"}),
    "another checksum": forged(crc=0),
    "another checksum in the directory": forged(central={"crc": 0}),
    "a bomb of 4 GiB": forged(packed=0xFFFFFFFF, size=0xFFFFFFFF),
    "a bomb of 1 GiB that is stored small": forged(size=2**30),
    "a size beyond the end": forged(packed=10**6, size=10**6),
    "a size that swallows the next member": forged(packed=40, size=40),
    "prepended bytes": b"#!/bin/sh\n" + good_pack(),
    "trailing byte": good_pack() + b"\0",
    "trailing line break": good_pack() + b"\n",
    "two packs, one after the other": good_pack() * 2,
    "comment of the container": zip_of(entries_of(good_pack()), comment=b"hello"),
    "comment that is itself an end record": zip_of(entries_of(good_pack()), comment=good_pack()[-22:]),
    "bytes before the end record": zip_of(entries_of(good_pack()), before_end=b"\0"),
    "digital signature record": zip_of(entries_of(good_pack()), before_end=b"PK\5\5\0\0"),
    "zip64 locator": zip_of(entries_of(good_pack()), before_end=b"PK\6\7" + bytes(16)),
    "unsorted": zip_of(entries_of(good_pack())[::-1]),
    "folder entry": zip_of([*entries_of(good_pack()), Entry("数据/".encode(), b"", flags=0x800)]),
    "directory entry cut short": b"PK\1\2" + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, 4, 0, 0),
    "empty": b"",
    "an empty ZIP": zip_of([]),
    "text": b"not a pack",
}


def two_directories() -> bytes:
    """A second directory behind the true one; a reader that follows the offset sees only the forged members."""
    body, forgery = good_pack(), [Entry(b"card.json", b"forged")]
    end = zip_of(forgery)
    at = len(forgery[0].local())
    directory, tail = end[at:-22], bytearray(end[-22:])
    offset = len(body) + at
    tail[16:20] = struct.pack("<I", offset)
    return body + end[:at] + directory[:42] + struct.pack("<I", len(body)) + directory[46:] + bytes(tail)


HOSTILE["two central directories"] = two_directories()
HOSTILE["hidden bytes between two members"] = zip_of(
    [replace(e, descriptor=b"hidden") if e.name == b"card.json" else e for e in entries_of(good_pack())]
)


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_container_is_refused(case):
    """P4, threat 23"""
    reasons = named(problems(HOSTILE[case]))
    assert reasons
    assert reasons <= unpacked(good_pack()).keys() | {"container", "cart.json", ascii("数据/")}


@pytest.mark.parametrize("case", ["a bomb of 4 GiB", "a size beyond the end"])
def test_a_member_that_claims_more_than_there_is_is_told_so(case):
    """P4, threat 8"""
    assert problems(HOSTILE[case]) == "card.json: claims more bytes than the container holds"


@pytest.mark.parametrize("case", ["trailing byte", "comment of the container", "empty", "text"])
def test_what_does_not_end_as_a_pack_does_is_told_so(case):
    assert problems(HOSTILE[case]).startswith("container: does not end with the end-of-directory record")


@pytest.mark.parametrize(
    "name",
    [b"../up", b"/etc/passwd", b"a\\b", b"a\0b", b"caf\xe9", b"\xff\xfe", b"a/../b", b"\xed\xa0\x80", "e\u0301".encode(),
     "a\u202eb".encode(), b"con", b"x" * 300, b"", b"C:x", b"a//b", b"-n", b"\x1b[2J"],
)  # fmt: skip
def test_an_unsafe_name_in_a_container_is_refused_and_shown_escaped(name):
    """P4, threat 9"""
    entries = sorted(
        [*entries_of(good_pack()), Entry(name, b"", flags=0 if name.isascii() else 0x800)], key=lambda e: e.name
    )
    reasons = problems(zip_of(entries))
    assert "its name" in reasons
    assert reasons.isascii()
    assert reasons.isprintable()


def test_names_that_differ_only_by_case_are_refused_in_a_container():
    entries = sorted([*entries_of(good_pack()), Entry(b"CARD.json", b"")], key=lambda entry: entry.name)
    assert named(problems(zip_of(entries))) == {"card.json"}


def test_a_container_beyond_the_limits_is_refused(monkeypatch):
    monkeypatch.setattr(verify, "MAX_PACK", 1000)
    assert problems(good_pack()) == "container: is larger than 1000 bytes"
    monkeypatch.undo()
    monkeypatch.setattr(verify, "MAX_MEMBERS", 3)
    assert problems(good_pack()) == "container: claims more than 3 members"
