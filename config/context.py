"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from reports.models import SigningKey


def site(request: HttpRequest) -> dict[str, Any]:
    """The installation's name, and the fingerprint of the key that signs its packs once there is one."""
    return {
        "installation_name": settings.INSTALLATION_NAME,
        "key_fingerprint": SimpleLazyObject(newest_fingerprint),
    }


def newest_fingerprint() -> str:
    """The fingerprint of the newest signing key, or an empty string."""
    return SigningKey.objects.order_by("-valid_from").values_list("fingerprint", flat=True).first() or ""
