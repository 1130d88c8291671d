"""Our verifier beside others: RFC 8032's vectors, OpenSSL's Ed25519, securesystemslib's envelopes, rfc8785's JSON."""

import hashlib
import json
import random
import shutil
import subprocess

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from reports.verifier import verify
from tests.reports.sample_packs import KEY, good_pack, problems, repacked, unpacked

# Secret key, public key, message, signature: RFC 8032, section 7.1, tests 1, 2, 3 and SHA(abc).
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
        "3dca179c138ac17ad9bef1177331a704",
    ),
]


def cryptography_accepts(message: bytes, signature: bytes, public: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_standard_are_accepted(secret, public, message, signature):
    """P4"""
    public, message, signature = (bytes.fromhex(text) for text in (public, message, signature))
    assert Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw() == public
    assert verify.is_signed(message, signature, public)


def test_openssl_and_our_ed25519_agree_on_every_changed_bit(seed, amount):
    """P4"""
    draw = random.Random(seed)
    for _ in range(amount(1000)):
        key = Ed25519PrivateKey.from_private_bytes(draw.randbytes(32))
        message = draw.randbytes(draw.randrange(80))
        parts = [message, key.sign(message), key.public_key().public_bytes_raw()]
        assert verify.is_signed(*parts)
        which = draw.randrange(3)
        changed = bytearray(parts[which] or b"\0")
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
        parts[which] = bytes(changed)
        assert not verify.is_signed(*parts)
        assert not cryptography_accepts(*parts)


def test_a_signature_with_a_larger_s_is_refused_though_the_equation_holds():
    """RFC 8032, section 5.1.7: S in [0, L)."""
    public = bytes.fromhex(VECTORS[0][1])
    signature = bytes.fromhex(VECTORS[0][3])
    larger = int.from_bytes(signature[32:], "little") + verify.L
    assert not verify.is_signed(b"", signature[:32] + larger.to_bytes(32, "little"), public)


@pytest.mark.parametrize("length", [0, 31, 32, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length):
    signature = (bytes.fromhex(VECTORS[0][3]) * 2)[:length]
    assert not verify.is_signed(b"", signature, bytes.fromhex(VECTORS[0][1]))


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",  # order 1
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # order 2
    "0000000000000000000000000000000000000000000000000000000000000000",  # order 4
    "0000000000000000000000000000000000000000000000000000000000000080",  # order 4
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",  # order 8
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",  # order 8
]


@pytest.mark.parametrize("public", SMALL_ORDER)
def test_a_key_of_small_order_signs_nothing(public):
    """Under the neutral key R = B, S = 1 would fit every message."""
    point = verify.decoded(bytes.fromhex(public))
    assert point is not None
    assert verify.encoded(verify.multiple(8, point)) == verify.encoded((0, 1, 1, 0))
    base = verify.decoded((4 * pow(5, verify.P - 2, verify.P) % verify.P).to_bytes(32, "little"))
    signature = verify.encoded(base) + (1).to_bytes(32, "little")
    for message in (b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h"):
        assert not verify.is_signed(message, signature, bytes.fromhex(public))


@pytest.mark.parametrize(
    "raw",
    [
        verify.P.to_bytes(32, "little"),  # y = 0 written as p
        (verify.P + 1).to_bytes(32, "little"),  # y = 1 written as p + 1
        b"\xff" * 32,
        (1 | 1 << 255).to_bytes(32, "little"),  # x = 0 with the sign bit set
        (2).to_bytes(32, "little"),  # no point of the curve has this y
        (1).to_bytes(31, "little"),
        (1).to_bytes(33, "little"),
    ],
)
def test_a_point_that_is_not_encoded_in_the_one_allowed_way_is_none(raw):
    """RFC 8032, section 5.1.3."""
    assert verify.decoded(raw) is None


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"b": 1, "a": [True, False, None, -5, 0, 2**53 - 1]},
        {"\ufb33": 1, "\U0001f600": 2, "ö": 3, "\r": 4, "1": 5},  # UTF-16 order differs from that of code points
        {"text": '"\\\b\f\n\r\t\x00\x1f\x7f\u2028 信 </script>'},
    ],
)
def test_canonical_json_is_that_of_the_other_library(value):
    """RFC 8785"""
    assert verify.canonical(value).encode() == rfc8785.dumps(value)


def securesystemslib_accepts(envelope: bytes) -> bool:
    public = serialization.load_pem_public_key(KEY.public_pem.encode()).public_bytes_raw().hex()
    key = SSlibKey(KEY.fingerprint, "ed25519", "ed25519", {"public": public})
    try:
        return bool(Envelope.from_dict(json.loads(envelope)).verify([key], 1))
    except Exception:  # whatever it raises on a mutant is a refusal
        return False


def changed_once(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def test_an_envelope_that_we_accept_is_accepted_by_securesystemslib_and_mutants_by_neither(seed, amount):
    """P4"""
    content, draw = unpacked(good_pack()), random.Random(seed)
    assert securesystemslib_accepts(content["statement.dsse.json"])
    theirs = 0
    for _ in range(amount(2000)):
        mutant = changed_once(content["statement.dsse.json"], draw)
        found = problems(repacked({**content, "statement.dsse.json": mutant}))
        assert found.startswith("statement.dsse.json: ")
        theirs += not securesystemslib_accepts(mutant)
    assert theirs > 0


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
@pytest.mark.parametrize("name", ["statement.pae", "statement.sig"])
def test_openssl_and_we_refuse_the_same_mutants(tmp_path, seed, amount, name):
    """P4"""
    content, draw = unpacked(good_pack()), random.Random(seed)
    inputs = ["-inkey", "pubkey.pem", "-in", "statement.pae", "-sigfile", "statement.sig"]
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", *inputs]

    def openssl_accepts(members: dict[str, bytes]) -> bool:
        for member in ("pubkey.pem", "statement.pae", "statement.sig"):
            (tmp_path / member).write_bytes(members[member])
        return subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 0

    assert openssl_accepts(content)
    assert problems(repacked(content)) == ""
    for _ in range(amount(500)):
        mutant = {**content, name: changed_once(content[name], draw)}
        assert problems(repacked(mutant)).startswith(f"{name}: ")
        assert not openssl_accepts(mutant)
