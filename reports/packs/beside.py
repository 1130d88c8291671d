"""What lies beside a pack: a second signature for those who may not use Ed25519, and stamps of a time authority."""

from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509 import load_pem_x509_certificates
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from registry import blobs
from registry.audit import log
from registry.errors import BadInput
from registry.models import Attachment, Blob, User
from reports import signing
from reports.models import Pack
from reports.packs.actions import require_take

SIGNATURE, KEY, STAMP = "second_signature", "second_key", "stamp"
LARGEST: Final = 100_000


def second_key(folder: Path) -> ec.EllipticCurvePrivateKey | None:
    """The P-256 key in `second/p256.pem` of the key folder, where the administrator put one there. Raises KeyUnusable."""
    place = folder / "second" / "p256.pem"
    if not place.exists():
        return None
    if place.stat().st_mode & 0o077:
        raise signing.KeyUnusable(
            _("Others may read the signing key %(path)s. Run: chmod 600 %(path)s") % {"path": place}
        )
    try:
        key = serialization.load_pem_private_key(place.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise signing.KeyUnusable(_("%s is no unencrypted P-256 key in PEM form.") % place) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise signing.KeyUnusable(_("%s is no unencrypted P-256 key in PEM form.") % place)
    return key


def sign_again(pack: Pack) -> None:
    """Sign the bytes of a whole stored pack with the second key, where there is one."""
    key = second_key(Path(settings.KEY_DIR))
    if key is None or pack.blob is None:
        return
    signature = key.sign(bytes.fromhex(pack.blob.sha256), ec.ECDSA(Prehashed(hashes.SHA256())))
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    keep(pack, SIGNATURE, "pack.zip.p256.sig", signature)
    keep(pack, KEY, "p256.pem", public)


def keep(pack: Pack, role: str, name: str, content: bytes, actor: Any = None) -> Attachment:
    """Keep a file beside a pack."""
    blob: Blob = blobs.store(content, "application/octet-stream")
    row = Attachment(blob=blob, name=name, role=role, object_type=pack._meta.label, object_id=pack.pk)
    row.save()
    log.record(actor, f"pack.{role}_kept", row)
    return row


@transaction.atomic
def keep_stamp(pack: Pack, *, file: Any, actor: User) -> Attachment:
    """Keep the answer of a time authority about a pack (RFC 3161), once it proves to be about these very bytes.

    The certificates of authorities that count lie in `stamp/roots.pem` of the key folder; nothing is fetched.
    """
    require_take(actor, pack)
    if pack.blob is None:
        raise BadInput(_("The pack is not finished."))
    if file.size > LARGEST:
        raise BadInput(_("This is no answer of a time authority: it is too large."), field="file")
    file.seek(0)
    content = file.read()
    require_stamp(content, bytes.fromhex(pack.blob.sha256))
    return keep(pack, STAMP, "pack.zip.tsr", content, actor)


def require_stamp(content: bytes, sha256: bytes) -> None:
    """Raise BadInput unless the answer is a stamp on this SHA-256 by an authority that the installation knows."""
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    place = Path(settings.KEY_DIR) / "stamp" / "roots.pem"
    if not place.exists():
        raise BadInput(_("No time authority is known here. An administrator puts its certificate into %s.") % place)
    builder = VerifierBuilder()
    for certificate in load_pem_x509_certificates(place.read_bytes()):
        builder = builder.add_root_certificate(certificate)
    try:
        builder.build().verify(decode_timestamp_response(content), sha256)
    except (ValueError, VerificationError) as error:
        raise BadInput(
            _("This is no stamp on this pack by an authority that is known here (%s).") % error, field="file"
        ) from error
