"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The installation's name."""
    return {"installation_name": settings.INSTALLATION_NAME}
