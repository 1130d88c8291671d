"""The signing key in its file, and signatures that other libraries read."""

import base64
import json
import shutil
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from config.places import ROOT
from reports import signing
from tests.reports.sample_packs import KEY, STRANGER


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def key_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.pem"))


def sslib_key(key: signing.Key) -> SSlibKey:
    public = serialization.load_pem_public_key(key.public_pem.encode())
    return SSlibKey(key.fingerprint, "ed25519", "ed25519", {"public": public.public_bytes_raw().hex()})


def test_the_first_use_makes_a_key_that_only_its_owner_may_read(tmp_path):
    """P4"""
    key = signing.ensure_key(tmp_path / "data" / "keys")
    assert [path.name for path in key_files(tmp_path / "data" / "keys")] == [f"{key.fingerprint}.pem"]
    assert mode(tmp_path / "data" / "keys" / f"{key.fingerprint}.pem") == 0o600
    assert mode(tmp_path / "data" / "keys") == 0o700


def test_a_folder_that_others_could_read_is_closed(tmp_path):
    tmp_path.chmod(0o755)
    signing.ensure_key(tmp_path)
    assert mode(tmp_path) == 0o700


def test_the_second_use_finds_the_same_key(tmp_path):
    assert signing.ensure_key(tmp_path) == signing.ensure_key(tmp_path)


def test_the_fingerprint_is_the_hash_of_the_public_key_in_der_form():
    public = serialization.load_pem_public_key(KEY.public_pem.encode())
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    digest = hashes.Hash(hashes.SHA256())
    digest.update(public.public_bytes(serialization.Encoding.DER, form))
    assert KEY.fingerprint == digest.finalize().hex()


def test_processes_that_start_together_get_one_key(tmp_path):
    """P4"""
    code = "import sys, pathlib; from reports import signing; print(signing.ensure_key(pathlib.Path(sys.argv[1])).fingerprint)"
    command = [sys.executable, "-c", code, str(tmp_path / "keys")]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    found = {process.communicate()[0].strip() for process in running}
    assert found == {path.stem for path in key_files(tmp_path / "keys")}
    assert len(found) == 1


def test_threads_that_start_together_get_one_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(signing.ensure_key, [tmp_path] * 64))
    assert len({key.fingerprint for key in keys}) == len(key_files(tmp_path)) == 1


def test_a_half_made_key_of_a_killed_process_is_no_key(tmp_path):
    (tmp_path / ".new-killed").write_bytes(b"-----BEGIN PRIV")
    assert [path.stem for path in key_files(tmp_path)] == []
    assert signing.ensure_key(tmp_path).fingerprint == key_files(tmp_path)[0].stem


def test_a_failed_write_leaves_no_key_and_no_rest(tmp_path, monkeypatch):
    monkeypatch.setattr(signing.os, "fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        signing.ensure_key(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_the_private_key_does_not_show_in_the_text_of_a_key():
    assert "private" not in repr(KEY)


def test_a_key_that_others_may_read_is_refused_with_the_command_that_mends_it(tmp_path):
    signing.ensure_key(tmp_path)
    path = key_files(tmp_path)[0]
    path.chmod(0o640)
    with pytest.raises(signing.KeyUnusable, match=f"chmod 600 {path}"):
        signing.ensure_key(tmp_path)


def test_a_link_instead_of_a_key_is_refused(tmp_path):
    signing.ensure_key(tmp_path / "keys")
    path = key_files(tmp_path / "keys")[0]
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(signing.KeyUnusable, match="no regular file"):
        signing.ensure_key(tmp_path / "keys")


def test_two_keys_are_refused_by_name(tmp_path):
    signing.ensure_key(tmp_path)
    (tmp_path / "other.pem").touch(0o600)
    with pytest.raises(signing.KeyUnusable, match=r"several signing keys \(.*other\.pem"):
        signing.ensure_key(tmp_path)


def test_a_file_named_for_another_key_is_refused(tmp_path):
    fingerprint = signing.ensure_key(tmp_path).fingerprint
    key_files(tmp_path)[0].rename(tmp_path / f"{'0' * 64}.pem")
    with pytest.raises(signing.KeyUnusable, match=f"holds the key {fingerprint}"):
        signing.ensure_key(tmp_path)


def pem_of(private) -> bytes:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, form, plain)


def locked_pem() -> bytes:
    form, locked = serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    return Ed25519PrivateKey.generate().private_bytes(serialization.Encoding.PEM, form, locked)


@pytest.mark.parametrize(
    "content",
    [b"", b"not a key", KEY.public_pem.encode(), pem_of(ec.generate_private_key(ec.SECP256R1())), locked_pem()],
    ids=["empty", "text", "public", "P-256", "encrypted"],
)
def test_a_file_that_holds_no_plain_ed25519_key_is_refused(tmp_path, content):
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(signing.KeyUnusable, match=f"{path} is no unencrypted Ed25519 key"):
        signing.ensure_key(tmp_path)


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        ("http://example.com/HelloWorld", b"hello world", b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"),
        ("", b"", b"DSSEv1 0  0 "),
        ("型", b"\x00\xff", b"DSSEv1 3 \xe5\x9e\x8b 2 \x00\xff"),
    ],
)
def test_the_pre_authentication_encoding_counts_bytes(kind, payload, expected):
    assert signing.pae(kind, payload) == expected


def envelope(key: signing.Key = KEY, payload: bytes = b'{"a":1}') -> dict:
    return json.loads(signing.dsse(payload, signing.PAYLOAD_TYPE, key))


def test_securesystemslib_accepts_the_envelope():
    """P4"""
    accepted = Envelope.from_dict(envelope()).verify([sslib_key(KEY)], 1)
    assert list(accepted) == [KEY.fingerprint]


def test_securesystemslib_refuses_another_payload():
    changed = {**envelope(), "payload": base64.b64encode(b'{"a":2}').decode()}
    with pytest.raises(VerificationError):
        Envelope.from_dict(changed).verify([sslib_key(KEY)], 1)


def test_securesystemslib_refuses_a_stranger_who_uses_our_key_id():
    forged = envelope(STRANGER)
    forged["signatures"][0]["keyid"] = KEY.fingerprint
    with pytest.raises(VerificationError):
        Envelope.from_dict(forged).verify([sslib_key(KEY)], 1)


def test_signatures_are_the_same_every_time():
    assert signing.dsse(b"x", "t", KEY) == signing.dsse(b"x", "t", KEY)


def test_a_statement_names_every_subject_in_order():
    made = signing.statement({"b": "02", "a": "01"}, "urn:example", {"version": "1"})
    assert made == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "a", "digest": {"sha256": "01"}}, {"name": "b", "digest": {"sha256": "02"}}],
        "predicateType": "urn:example",
        "predicate": {"version": "1"},
    }


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
@pytest.mark.parametrize(("message", "code"), [(b"message", 0), (b"massage", 1)])
def test_openssl_accepts_the_signature_of_exactly_the_message(tmp_path, message, code):
    """P4"""
    (tmp_path / "key").write_text(KEY.public_pem)
    (tmp_path / "sig").write_bytes(KEY.sign(b"message"))
    (tmp_path / "in").write_bytes(message)
    command = "openssl pkeyutl -verify -pubin -inkey key -rawin -in in -sigfile sig"
    assert subprocess.run(command.split(), cwd=tmp_path, capture_output=True).returncode == code
