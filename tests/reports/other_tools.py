"""What an auditor without our verifiers does: the commands of docs/evidence-packs.md, and in-toto's envelope and subjects."""

import hashlib
import io
import json
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from config.places import ROOT
from reports.verifier import verify
from tests.reports.sample_packs import KEY, unpacked

Files = dict[str, bytes]
PAGE: Final = ROOT / "docs" / "evidence-packs.md"
# What they do not read, or, of the key's file, only for the key in it. Who changes this alone changes nothing they tell of.
UNREAD: Final = {
    "openssl": frozenset({"statement.json", "statement.dsse.json", "pubkey.pem"}),
    "securesystemslib": frozenset(
        {verify.MANIFEST, "statement.json", "statement.pae", "statement.sig", "pubkey.pem", "statement.dsse.json"}
    ),
}


def commands() -> str:
    """The commands of the page, as a stranger copies them."""
    return re.search(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]


def openssl_reads(content: bytes, fingerprint: str = KEY.fingerprint) -> Files | None:
    """The files as they were unpacked when every command of the page ends with 0; else None."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pack.zip").write_bytes(content)
        script = f"set -e -o pipefail; FINGERPRINT={fingerprint}\n{commands()}"
        place = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
        if subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, env=place).returncode:
            return None
        unpacked_at = folder / "unpacked"
        found = [path for path in unpacked_at.rglob("*") if path.is_file()]
        return {str(path.relative_to(unpacked_at)): path.read_bytes() for path in found}


def securesystemslib_reads(content: bytes) -> Files | None:
    """The files when the expected key signed the envelope and its subjects are exactly they, by SHA-256; else None."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        said = signed_statement(files["statement.dsse.json"])
        subjects = {one["name"]: one["digest"]["sha256"] for one in said["subject"]}
    except Exception:  # whatever it raises on a mutant is a refusal
        return None
    outside = {verify.MANIFEST, *verify.SIGNATURE_MEMBERS}
    found = {name: hashlib.sha256(body).hexdigest() for name, body in files.items() if name not in outside}
    return files if said["_type"] == verify.STATEMENT_TYPE and subjects == found else None


def read_by_all(packs: Sequence[bytes]) -> Iterator[dict[str, Files | None]]:
    """The files that each of the two tools accepted, None where it refused; a few packs at a time."""
    with ThreadPoolExecutor(4) as pool:
        openssl = pool.map(openssl_reads, packs)
        for content, read in zip(packs, openssl, strict=True):
            yield {"openssl": read, "securesystemslib": securesystemslib_reads(content)}


def signed_statement(envelope: bytes) -> dict:
    """The payload of an envelope that securesystemslib verifies against the key from outside the pack."""
    public = serialization.load_pem_public_key(KEY.public_pem.encode()).public_bytes_raw().hex()
    found = Envelope.from_dict(json.loads(envelope))
    found.verify([SSlibKey(KEY.fingerprint, "ed25519", "ed25519", {"public": public})], 1)
    if found.payload_type != verify.PAYLOAD_TYPE:
        raise ValueError("another type of payload")
    return json.loads(found.payload)


def is_as_signed(tool: str, found: Files, good: bytes) -> bool:
    """Every file that the tool read is, byte for byte, that of the good pack, and there is no other."""
    whole = unpacked(good)
    if found.keys() | UNREAD[tool] != whole.keys() | UNREAD[tool]:
        return False
    return all(found[name] == whole[name] for name in found.keys() - UNREAD[tool])
