"""How the library keeps and shows the secrets of second factors: encrypted under a key of the installation's own."""

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings


class Adapter(DefaultMFAAdapter):
    """Secrets are never stored in the clear: who reads the database cannot make codes."""

    def encrypt(self, text: str) -> str:
        """The text as a Fernet token."""
        return box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text again; raises InvalidToken under another secret key."""
        return box().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """The secret for the camera, on white: on the dark page a camera would see nothing."""
        import qrcode
        from qrcode.image.svg import SvgPathFillImage

        return qrcode.make(url, image_factory=SvgPathFillImage).to_string().decode()


def box() -> Fernet:
    """The cipher, under a key that serves nothing else."""
    key = hashlib.sha256(b"second factor\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
