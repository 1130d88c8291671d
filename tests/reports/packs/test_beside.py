"""Beside a pack: a second signature that OpenSSL verifies, and stamps of a time authority that the installation knows."""

import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from registry import jobs
from registry.errors import BadInput
from registry.models import Attachment
from reports.models import Pack
from reports.packs import beside, building
from reports.packs.actions import request_wide_pack
from reports.signing import KeyUnusable
from tests.reports.packs.test_wide_packs import keys  # noqa: F401

pytestmark = [
    pytest.mark.django_db, pytest.mark.usefixtures("keys"),
    pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl"),
]  # fmt: skip
CONFIG = """[tsa]
default_tsa = here
[here]
serial = {0}/serial
signer_cert = {0}/tsa.pem
signer_key = {0}/tsa.key
signer_digest = sha256
certs = {0}/tsa.pem
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def openssl(*words, folder):
    return subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def built(cast) -> Pack:
    """A finished pack."""
    row = request_wide_pack(cast.other_unit, actor=cast.outsider)
    building.build_pack(jobs.claim(Pack, row.pk))
    row.refresh_from_db()
    return row


@pytest.fixture
def second(settings):
    """A P-256 key where the administrator puts it."""
    place = settings.KEY_DIR / "second" / "p256.pem"
    place.parent.mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    place.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    place.chmod(0o600)
    return place


def test_openssl_verifies_the_second_signature_over_the_whole_pack(cast, second, tmp_path):
    """P4: for estates without Ed25519."""
    pack = built(cast)
    (tmp_path / "pack.zip").write_bytes(pack.blob.read())
    for row in Attachment.objects.of(pack).select_related("blob"):
        (tmp_path / row.name).write_bytes(row.blob.read())
    command = ["dgst", "-sha256", "-verify", "p256.pem", "-signature", "pack.zip.p256.sig", "pack.zip"]
    assert "Verified OK" in openssl(*command, folder=tmp_path)
    (tmp_path / "pack.zip").write_bytes(pack.blob.read() + b"\0")
    with pytest.raises(subprocess.CalledProcessError):
        openssl(*command, folder=tmp_path)


def test_a_second_key_that_others_may_read_or_that_is_none_signs_nothing(cast, second, settings):
    second.chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        beside.second_key(settings.KEY_DIR)
    second.chmod(0o600)
    second.write_text("no key")
    with pytest.raises(KeyUnusable, match="no unencrypted P-256 key"):
        beside.second_key(settings.KEY_DIR)


@pytest.fixture
def authority(settings, tmp_path):
    """A time authority of the test's own, made with openssl, whose certificate the installation knows."""
    folder = tmp_path / "tsa"
    folder.mkdir()
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder))
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.pem", "-days", "2", "-subj",
            "/CN=TSA", "-addext", "extendedKeyUsage=critical,timeStamping", "-addext", "keyUsage=critical,digitalSignature",
            folder=folder)  # fmt: skip
    place = settings.KEY_DIR / "stamp" / "roots.pem"
    place.parent.mkdir(parents=True)
    shutil.copy(folder / "tsa.pem", place)
    return folder


def stamped(content: bytes, folder) -> bytes:
    """What the authority answers about these bytes."""
    (folder / "data").write_bytes(content)
    openssl("ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq", folder=folder)
    openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-out", "r.tsr", folder=folder)
    return (folder / "r.tsr").read_bytes()


def test_a_stamp_on_this_very_pack_is_kept_beside_it(cast, authority, client):
    """P4: brought by hand; nothing is fetched from anywhere."""
    pack = built(cast)
    client.force_login(cast.outsider)
    answer = SimpleUploadedFile("r.tsr", stamped(pack.blob.read(), authority))
    assert client.post(reverse("pack-stamp", args=[pack.pk]), {"file": answer}).status_code == 302
    kept = Attachment.objects.of(pack).get(role=beside.STAMP)
    assert "pack.zip.tsr" in client.get(pack.get_absolute_url()).content.decode()
    assert client.get(reverse("pack-beside", args=[pack.pk, kept.pk])).status_code == 200
    client.force_login(cast.auditor)
    assert client.get(reverse("pack-beside", args=[pack.pk, kept.pk])).status_code == 404


@pytest.mark.parametrize("content", [b"another pack", None])
def test_a_stamp_on_something_else_and_no_stamp_at_all_are_refused(cast, authority, content):
    pack = built(cast)
    answer = stamped(content, authority) if content else b"not an answer"
    with pytest.raises(BadInput, match="no stamp on this pack"):
        beside.keep_stamp(pack, file=SimpleUploadedFile("r.tsr", answer), actor=cast.outsider)


def test_a_stamp_of_an_authority_that_nobody_named_is_refused(cast, authority, settings):
    pack = built(cast)
    answer = SimpleUploadedFile("r.tsr", stamped(pack.blob.read(), authority))
    (settings.KEY_DIR / "stamp" / "roots.pem").unlink()
    with pytest.raises(BadInput, match="No time authority is known here"):
        beside.keep_stamp(pack, file=answer, actor=cast.outsider)
