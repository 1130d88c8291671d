"""Bearer tokens in the REST API: who the bearer is, and what a scope lets through."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from registry.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView


A_MINUTE = timedelta(minutes=1)


class BearerToken(TokenAuthentication):
    """`Authorization: Bearer gov_…`."""

    model = ApiToken

    def authenticate_credentials(self, token: bytes) -> tuple[Any, Any]:
        """The person with the token in hand, so that every question of registry/access.py is asked of both."""
        person, found = super().authenticate_credentials(token)
        person.bearer = found
        note_use(found)
        return person, found


def note_use(token: ApiToken) -> None:
    """Remember when the token was last used, to the minute."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= A_MINUTE:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


class ScopeAllows(BasePermission):
    """A token needs the scope that the view names for the method; a session has the person's own rights.

    A view says `scopes = {"GET": "models:read", "POST": "models:write"}`. A method that it does not name is closed to
    tokens: decisions, publications and grants are never made by one.
    """

    message = _("This token's scopes do not permit this.")

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the request may go on to the action, which asks the access table."""
        if not isinstance(request.auth, ApiToken):
            return bool(request.user and request.user.is_authenticated)
        needed = getattr(view, "scopes", {}).get(request.method)
        return needed is not None and needed in request.auth.scopes


def bound_unit(request: Request) -> Any:
    """The unit that a token is bound to, or None for a session."""
    return request.auth.unit if isinstance(request.auth, ApiToken) else None
