"""Packs that somebody without the key forged, or that the key signed over something that is no whole pack."""

import base64
import hashlib
import json

import pytest
import rfc8785
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from reports import pack, signing
from reports.verifier import verify
from tests.reports.sample_packs import KEY, PREDICATE, STRANGER, good_pack, problems, repacked, signed_anew, unpacked


def forged(**changed: bytes) -> str:
    """What is said against the good pack with members replaced, `__` standing for the dot of a name."""
    content = unpacked(good_pack())
    for name, body in changed.items():
        content[name.replace("__", ".")] = body
    return problems(repacked(content))


def pem(public) -> bytes:
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


SIGNATURE = unpacked(good_pack())["statement.sig"]
STATEMENT = unpacked(good_pack())["statement.json"]
ENVELOPE = json.loads(unpacked(good_pack())["statement.dsse.json"])
MALLEATED = SIGNATURE[:32] + (int.from_bytes(SIGNATURE[32:], "little") + verify.L).to_bytes(32, "little")


def test_a_pack_that_a_stranger_signed_with_his_own_key_inside_is_refused():
    """P4, threat 23: the key comes from the pack."""
    reasons = problems(signed_anew(unpacked(good_pack()), key=STRANGER))
    assert reasons == (
        f"pubkey.pem: the key's fingerprint is {STRANGER.fingerprint}, not the expected {KEY.fingerprint}"
    )


def test_a_strangers_signature_beside_our_key_is_refused():
    """P4, threat 22"""
    content = unpacked(signed_anew(unpacked(good_pack()), key=STRANGER))
    content["pubkey.pem"] = KEY.public_pem.encode()
    assert problems(repacked(content)).startswith("statement.sig: ")


def test_a_signature_of_another_pack_is_refused():
    other = unpacked(pack.write({}, key=KEY, predicate=PREDICATE, verifier_source=b""))
    signature = {name: other[name] for name in ("statement.sig", "statement.dsse.json", "statement.pae")}
    assert problems(repacked({**unpacked(good_pack()), **signature})).startswith("statement.sig: ")


def test_the_statement_of_another_pack_is_refused():
    """The signature is sound, but says nothing of these files."""
    other = unpacked(pack.write({}, key=KEY, predicate=PREDICATE, verifier_source=b""))
    signature = {name: other[name] for name in verify.SIGNATURE_MEMBERS}
    assert problems(repacked({**unpacked(good_pack()), **signature})).startswith("statement.json: its subjects")


@pytest.mark.parametrize(
    "signature",
    [b"", bytes(64), MALLEATED, SIGNATURE + b"\0", SIGNATURE[:-1], SIGNATURE.hex().encode(), SIGNATURE * 2],
    ids=["none", "zero", "S >= L", "longer", "shorter", "hex", "twice"],
)
def test_a_signature_that_is_not_the_one_is_refused(signature):
    """P4, threat 23: also when the envelope carries it too."""
    one = {**ENVELOPE["signatures"][0], "sig": base64.b64encode(signature).decode()}
    envelope = rfc8785.dumps({**ENVELOPE, "signatures": [one]})
    assert forged(statement__sig=signature, statement__dsse__json=envelope).startswith("statement.sig: ")


KEYS = {
    "empty": b"",
    "without the last line break": KEY.public_pem.encode()[:-1],
    "Windows line breaks": KEY.public_pem.replace("\n", "\r\n").encode(),
    "text before": b"# ours\n" + KEY.public_pem.encode(),
    "two keys": KEY.public_pem.encode() + STRANGER.public_pem.encode(),
    "P-256": pem(ec.generate_private_key(ec.SECP256R1()).public_key()),
    "RSA": pem(rsa.generate_private_key(65537, 2048).public_key()),
    "X25519": pem(x25519.X25519PrivateKey.generate().public_key()),
    "neutral point": pem(Ed25519PublicKey.from_public_bytes(b"\1" + bytes(31))),
}


@pytest.mark.parametrize("case", KEYS)
def test_a_key_file_that_is_not_the_canonical_one_is_refused(case):
    """P4, threat 23: confusion of algorithms, keys read in two ways."""
    assert forged(pubkey__pem=KEYS[case]).startswith("pubkey.pem: ")


def test_a_key_of_another_kind_is_refused_even_by_its_own_fingerprint():
    """P4, threat 23: X25519 keys have the same length in another meaning."""
    content = {**unpacked(good_pack()), "pubkey.pem": KEYS["X25519"]}
    fingerprint = hashlib.sha256(base64.b64decode(KEYS["X25519"][27:87])).hexdigest()
    said = verify.problems(repacked(content), fingerprint)
    assert said == ["pubkey.pem: is no Ed25519 key in its canonical form"]


def test_a_key_with_spare_bits_in_its_base64_is_refused():
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = KEY.public_pem.index("=") - 1
    spare = letters[letters.index(KEY.public_pem[last]) + 1]
    changed = KEY.public_pem[:last] + spare + KEY.public_pem[last + 1 :]
    assert base64.b64decode(changed[27:87]) == base64.b64decode(KEY.public_pem[27:87])
    assert forged(pubkey__pem=changed.encode()).startswith("pubkey.pem: ")


ONE = ENVELOPE["signatures"][0]
ENVELOPES = {
    "no signature": {**ENVELOPE, "signatures": []},
    "two signatures": {**ENVELOPE, "signatures": [ONE, {**ONE, "keyid": STRANGER.fingerprint}]},
    "the same signature twice": {**ENVELOPE, "signatures": [ONE, ONE]},
    "another key id": {**ENVELOPE, "signatures": [{**ONE, "keyid": STRANGER.fingerprint}]},
    "no key id": {**ENVELOPE, "signatures": [{"sig": ONE["sig"]}]},
    "algorithm none": {**ENVELOPE, "signatures": [{**ONE, "alg": "none", "sig": ""}]},
    "an algorithm named": {**ENVELOPE, "signatures": [{**ONE, "alg": "EdDSA"}]},
    "another payload type": {**ENVELOPE, "payloadType": "application/json"},
    "another payload": {**ENVELOPE, "payload": base64.b64encode(b"{}").decode()},
    "a further key": {**ENVELOPE, "critical": True},
    "no object": [],
}


@pytest.mark.parametrize("case", ENVELOPES)
def test_an_envelope_that_is_not_the_canonical_one_is_refused(case):
    """P4, threat 23: empty and doubled signature lists, confusion of algorithms."""
    assert forged(statement__dsse__json=rfc8785.dumps(ENVELOPES[case])).startswith("statement.dsse.json: ")


def test_an_envelope_in_another_form_is_refused():
    assert forged(statement__dsse__json=json.dumps(ENVELOPE).encode()).startswith("statement.dsse.json: ")


def test_a_signature_made_for_another_purpose_is_refused():
    """The key may sign other things: their type is part of what is signed."""
    signed = signing.pae("application/json", STATEMENT)
    envelope = signing.dsse(STATEMENT, "application/json", KEY)
    reasons = forged(statement__pae=signed, statement__sig=KEY.sign(signed), statement__dsse__json=envelope)
    assert reasons.startswith("statement.sig: ")


def test_another_text_to_sign_is_refused():
    assert forged(statement__pae=signing.pae(verify.PAYLOAD_TYPE, b"{}")).startswith("statement.pae: ")


def card(statement: dict) -> dict:
    return next(one for one in statement["subject"] if one["name"] == "card.json")


STATEMENTS = {
    "an older statement": lambda it: it.update(_type="https://in-toto.io/Statement/v0.1"),
    "about something else": lambda it: it.update(predicateType="urn:attestry:backup:v1"),
    "a further key": lambda it: it.update(more=1),
    "no predicate": lambda it: it.pop("predicate"),
    "a predicate that is no object": lambda it: it.update(predicate=[]),
    "no subjects": lambda it: it.update(subject=[]),
    "subjects no list": lambda it: it.update(subject=7),
    "one subject less": lambda it: it["subject"].pop(),
    "one subject more": lambda it: it["subject"].append({"name": "x", "digest": {"sha256": "0" * 64}}),
    "one subject twice": lambda it: it["subject"].append(it["subject"][0]),
    "subjects in another order": lambda it: it["subject"].reverse(),
    "another digest": lambda it: card(it).update(digest={"sha256": "0" * 64}),
    "a digest of another kind": lambda it: card(it).update(digest={"md5": "0" * 32}),
    "a further digest": lambda it: card(it)["digest"].update(md5="0" * 32),
    "a number with a fraction": lambda it: it["predicate"].update(rate=0.5),
}


@pytest.mark.parametrize("case", STATEMENTS)
def test_a_signed_statement_about_something_else_is_refused(case):
    """P4: the right key under a statement that is not about exactly these files."""
    assert problems(signed_anew(unpacked(good_pack()), change=STATEMENTS[case])).startswith("statement.json: ")


WRITINGS = {
    "indented": lambda it: json.dumps(it, indent=1, sort_keys=True).encode(),
    "another order of keys": lambda it: json.dumps(dict(reversed(it.items())), separators=(",", ":")).encode(),
    "a key twice": lambda it: rfc8785.dumps(it)[:-1] + b',"_type":"' + verify.STATEMENT_TYPE.encode() + b'"}',
    "not UTF-8": lambda it: rfc8785.dumps(it)[:-1] + b"\xff}",
    "a byte order mark": lambda it: b"\xef\xbb\xbf" + rfc8785.dumps(it),
    "a trailing line break": lambda it: rfc8785.dumps(it) + b"\n",
    "NaN": lambda it: rfc8785.dumps(it)[:-1] + b',"x":NaN}',
    "a lone surrogate": lambda it: rfc8785.dumps(it)[:-1] + rb',"x":"\ud800"}',
    "a lone surrogate as key": lambda it: rfc8785.dumps(it)[:-1] + rb',"\ud800":1}',
    "an endless integer": lambda it: rfc8785.dumps(it)[:-1] + b',"x":' + b"9" * 10**5 + b"}",
    "an integer beyond 2^53": lambda it: rfc8785.dumps(it)[:-1] + b',"x":9007199254740993}',
    "deep nesting": lambda it: b"[" * 10**5,
    "nesting that only some can read": lambda it: b'{"x":' + b"[" * 900 + b"]" * 900 + b"}",
    "a list": lambda it: b"[]",
    "nothing": lambda it: b"",
}


@pytest.mark.parametrize("case", WRITINGS)
def test_a_signed_statement_that_is_not_canonical_json_is_refused(case):
    """P4: two parsers must not read it in two ways, and none may crash."""
    assert problems(signed_anew(unpacked(good_pack()), written=WRITINGS[case])).startswith("statement.json: ")


def test_a_statement_larger_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(verify, "MAX_JSON", 100)
    assert problems(good_pack()) == "statement.json: is larger than 100 bytes"


MANIFESTS = {
    "nothing": lambda text: "",
    "unsorted": lambda text: "\n".join(reversed(text.splitlines())) + "\n",
    "Windows line breaks": lambda text: text.replace("\n", "\r\n"),
    "upper case": lambda text: text.upper(),
    "binary marks": lambda text: text.replace("  ", " *"),
    "a comment": lambda text: "# ours\n" + text,
    "a line twice": lambda text: text + text.splitlines()[-1] + "\n",
    "no last line break": lambda text: text[:-1],
    "an empty line": lambda text: text + "\n",
    "itself": lambda text: text + "0" * 64 + "  MANIFEST.sha256\n",
    "control characters": lambda text: text + "0" * 64 + "  \x1b[2J\n",
}


@pytest.mark.parametrize("case", MANIFESTS)
def test_a_manifest_that_is_not_the_canonical_one_is_refused(case):
    """P4, threat 23"""
    text = unpacked(good_pack())[verify.MANIFEST].decode()
    assert problems(repacked({**unpacked(good_pack()), verify.MANIFEST: MANIFESTS[case](text).encode()}))


def test_a_file_that_manifest_and_statement_leave_out_is_named():
    """P4, threat 23: even when the right key signed the omission."""
    whole = unpacked(good_pack())
    without = unpacked(signed_anew({name: body for name, body in whole.items() if name != "card.json"}))
    reasons = problems(repacked({**without, "card.json": whole["card.json"]}))
    assert reasons == "card.json: is in the pack but not covered by MANIFEST.sha256"
