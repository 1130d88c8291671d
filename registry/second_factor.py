"""What second factors somebody has, and how the library keeps them: secrets encrypted under a key of the installation's own."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest

Type = Authenticator.Type


class Adapter(DefaultMFAAdapter):
    """Secrets are never stored in the clear: who reads the database cannot make codes."""

    def encrypt(self, text: str) -> str:
        """The text as a Fernet token."""
        return box("second factor").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text again; raises InvalidToken under another secret key."""
        return box("second factor").decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """The secret for the camera, on white: on the dark page a camera would see nothing."""
        import qrcode
        from qrcode.image.svg import SvgPathFillImage

        return qrcode.make(url, image_factory=SvgPathFillImage).to_string().decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """What passkeys are bound to: the name by which this installation is reached."""
        return {"id": host_of(context.request), "name": settings.INSTALLATION_NAME}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """For whom the device makes a passkey, as its own list shows it."""
        return {"id": user.pk.bytes, "display_name": user.name, "name": user.email}


def host_of(request: HttpRequest) -> str:
    """The name by which this installation is reached."""
    return urlsplit(f"//{request.get_host()}").hostname or ""


@dataclass(frozen=True)
class Factors:
    """What stands beside somebody's password."""

    app: Authenticator | None
    passkeys: tuple[Authenticator, ...]
    codes: Authenticator | None

    @property
    def are_none(self) -> bool:
        """The password alone lets in; recovery codes are no factor of their own."""
        return self.app is None and not self.passkeys


def factors_of(person: Any) -> Factors:
    """The factors as they stand now, in the order in which they came."""
    rows = list(Authenticator.objects.filter(user_id=person.pk).order_by("pk"))
    first = {row.type: row for row in reversed(rows)}
    passkeys = tuple(row for row in rows if row.type == Type.WEBAUTHN)
    return Factors(first.get(Type.TOTP), passkeys, first.get(Type.RECOVERY_CODES))


def has_one(person: Any) -> bool:
    """Whether signing in, and acts that bind, ask for more than the password."""
    return Authenticator.objects.filter(user_id=person.pk, type__in=(Type.TOTP, Type.WEBAUTHN)).exists()


def box(use: str) -> Fernet:
    """The cipher for one use, under a key that serves no other."""
    key = hashlib.sha256(use.encode() + b"\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
