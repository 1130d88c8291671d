"""Good packs of any names and bytes, and ways in which a pack is spoilt, some of them signed anew with the right key."""

import base64
import json
import random
from collections.abc import Callable
from typing import Any, Final

from reports import pack
from reports.verifier import verify
from tests.reports.sample_packs import (
    KEY,
    PREDICATE,
    STRANGER,
    good_pack,
    log_entries,
    log_slice,
    members,
    repacked,
    signed_anew,
    unpacked,
)

Draw = random.Random
KINDS: Final[dict[str, Callable[[Draw], bytes]]] = {}


def kind(make: Callable[[Draw], bytes]) -> Callable[[Draw], bytes]:
    """A way to spoil the good pack."""
    KINDS[make.__name__] = make
    return make


def any_good(draw: Draw) -> bytes:
    """A whole pack: the sample members, and others of any names and bytes."""
    names = ["".join(draw.choices("abcXYZ019_-=+é中😀", k=draw.randrange(1, 12))).lstrip("-") for _ in range(8)]
    more = {f"d{number}/{name}x": draw.randbytes(draw.randrange(200)) for number, name in enumerate(names)}
    predicate = {**PREDICATE, "number": draw.randrange(10**6)}
    return pack.write({**members(), **more}, key=KEY, predicate=predicate, verifier_source=b"")


def spoilt(content: bytes, draw: Draw) -> bytes:
    """One bit of these bytes is another; of no bytes, one byte."""
    if not content:
        return b"\0"
    at = draw.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :]


def with_member(name: str, body: bytes) -> bytes:
    """The good pack with one member replaced or added, its signature as it was."""
    return repacked({**unpacked(good_pack()), name: body})


def signed_with(name: str, body: bytes) -> bytes:
    """The good pack with one member replaced, and all of it signed anew by the right key."""
    return signed_anew({**unpacked(good_pack()), name: body})


def covered(draw: Draw) -> str:
    """One of the members that the manifest lists."""
    return draw.choice(sorted(unpacked(good_pack()).keys() - {verify.MANIFEST, *verify.SIGNATURE_MEMBERS}))


def with_json(name: str, change: Callable[[Any], Any]) -> bytes:
    """A JSON member changed, and the pack signed anew by the right key."""
    value = json.loads(unpacked(good_pack())[name])
    change(value)
    return signed_with(name, json.dumps(value).encode())


def with_log(change: Callable[[list[dict[str, Any]]], Any]) -> bytes:
    """The slice of the log changed, and the pack signed anew by the right key."""
    entries = log_entries()
    change(entries)
    return signed_with("audit.jsonl", log_slice(entries))


@kind
def a_bit_anywhere(draw: Draw) -> bytes:
    return spoilt(good_pack(), draw)


@kind
def a_bit_of_a_file(draw: Draw) -> bytes:
    name = covered(draw)
    return with_member(name, spoilt(unpacked(good_pack())[name], draw))


@kind
def a_bit_of_the_manifest(draw: Draw) -> bytes:
    return with_member(verify.MANIFEST, spoilt(unpacked(good_pack())[verify.MANIFEST], draw))


@kind
def a_bit_of_the_signature(draw: Draw) -> bytes:
    return with_member("statement.sig", spoilt(unpacked(good_pack())["statement.sig"], draw))


@kind
def a_bit_of_the_statement(draw: Draw) -> bytes:
    return with_member("statement.json", spoilt(unpacked(good_pack())["statement.json"], draw))


@kind
def a_bit_of_the_envelope(draw: Draw) -> bytes:
    return with_member("statement.dsse.json", spoilt(unpacked(good_pack())["statement.dsse.json"], draw))


@kind
def a_bit_of_what_is_signed(draw: Draw) -> bytes:
    return with_member("statement.pae", spoilt(unpacked(good_pack())["statement.pae"], draw))


@kind
def a_bit_of_the_key(draw: Draw) -> bytes:
    return with_member("pubkey.pem", spoilt(unpacked(good_pack())["pubkey.pem"], draw))


@kind
def cut_short(draw: Draw) -> bytes:
    return good_pack()[: draw.randrange(len(good_pack()))]


@kind
def made_longer(draw: Draw) -> bytes:
    return good_pack() + draw.randbytes(draw.randrange(1, 40))


@kind
def bytes_before_it(draw: Draw) -> bytes:
    return draw.randbytes(draw.randrange(1, 40)) + good_pack()


@kind
def a_member_removed(draw: Draw) -> bytes:
    content = unpacked(good_pack())
    del content[draw.choice(sorted(content))]
    return repacked(content)


@kind
def a_member_added(draw: Draw) -> bytes:
    return with_member(f"more-{draw.randrange(1000)}.txt", draw.randbytes(9))


@kind
def a_member_renamed(draw: Draw) -> bytes:
    content, name = unpacked(good_pack()), covered(draw)
    content[f"{name}.{draw.randrange(1000)}"] = content.pop(name)
    return repacked(content)


@kind
def two_members_swapped(draw: Draw) -> bytes:
    content = unpacked(good_pack())
    one, other = draw.sample(sorted(name for name in content if content[name]), 2)
    content[one], content[other] = content[other], content[one]
    return repacked(content)


@kind
def a_stretch_overwritten(draw: Draw) -> bytes:
    at, length = draw.randrange(len(good_pack()) - 40), draw.randrange(1, 40)
    before, last, after = good_pack()[:at], good_pack()[at + length], good_pack()[at + length + 1 :]
    return before + draw.randbytes(length) + bytes([last ^ 1]) + after


@kind
def signed_by_a_stranger(draw: Draw) -> bytes:
    return signed_anew({**unpacked(good_pack()), "card.json": b'{"n":%d}' % draw.randrange(10**6)}, key=STRANGER)


@kind
def a_strangers_signature_under_our_key(draw: Draw) -> bytes:
    strange = unpacked(signed_by_a_stranger(draw))
    return repacked({**strange, "pubkey.pem": KEY.public_pem.encode()})


@kind
def a_digest_in_the_statement(draw: Draw) -> bytes:
    def change(statement: dict[str, Any]) -> None:
        subject = draw.choice(statement["subject"])
        subject["digest"]["sha256"] = draw.randbytes(32).hex()

    return signed_anew(unpacked(good_pack()), change=change)


@kind
def a_member_that_the_statement_leaves_out(draw: Draw) -> bytes:
    def change(statement: dict[str, Any]) -> None:
        statement["subject"].remove(draw.choice(statement["subject"]))

    return signed_anew(unpacked(good_pack()), change=change)


@kind
def an_entry_taken_from_the_log(draw: Draw) -> bytes:
    return with_log(lambda entries: entries.pop(draw.randrange(1, 3)) and entries[1].update(prev="00" * 32))


@kind
def a_body_of_the_log_rewritten(draw: Draw) -> bytes:
    body = base64.b64encode(b'{"reason":"%d"}' % draw.randrange(10**9)).decode()
    return with_log(lambda entries: entries[draw.choice([0, 1, 3, 4])].update(body=body))


@kind
def a_hash_of_the_log_rewritten(draw: Draw) -> bytes:
    name = draw.choice(["leaf", "hash"])
    return with_log(lambda entries: draw.choice(entries).update({name: draw.randbytes(32).hex()}))


@kind
def an_approval_of_something_else(draw: Draw) -> bytes:
    return with_json("signoffs.json", lambda rows: rows[0].update(subject_digest=f"sha256:{draw.randbytes(32).hex()}"))


@kind
def material_rewritten(draw: Draw) -> bytes:
    return with_json("material.json", lambda it: it["values"]["card"].update(purpose=str(draw.random())))


@kind
def an_outcome_rewritten(draw: Draw) -> bytes:
    return with_json("outcomes/group_fairness-1.json", lambda it: it.update(value=draw.random()))
