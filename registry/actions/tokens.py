"""Makes and revokes API tokens; the token itself is shown once and stored as a hash."""

from datetime import timedelta

from django.utils.translation import gettext as _

from registry import access
from registry.audit import log
from registry.errors import BadInput, NotAllowed
from registry.models import ApiToken, BusinessUnit, User
from registry.transactions import retried

SCOPES = (
    "models:read",
    "models:write",
    "checks:run",
    "evidence:read",
    "risks:write",
    "incidents:write",
    "reports:read",
    "audit:read",
    "log:witness",
    "calendar:read",
    "deployments:report",
)
LONGEST = timedelta(days=90)


@retried
def create_token(
    owner: User, *, name: str, scopes: list[str], unit: BusinessUnit, days: int = 90
) -> tuple[ApiToken, str]:
    """A token of one's own with no more than one's own rights; the row and the secret to show once."""
    access.require(owner, access.TOKEN_CREATE, unit)
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise BadInput(_("Choose scopes among: %s.") % ", ".join(SCOPES), field="scopes")
    if not 1 <= days <= LONGEST.days:
        raise BadInput(_("A token is valid for 1 to %d days.") % LONGEST.days, field="days")
    token, secret = ApiToken.objects.create(user=owner, expiry=timedelta(days=days), prefix="gov_")
    token.name, token.scopes, token.unit = name[:80], sorted(scopes), unit
    token.save()
    log.record(owner, "token.created", owner, name=token.name, scopes=token.scopes, key=token.token_key)
    return token, secret


@retried
def revoke_token(token: ApiToken, *, actor: User) -> None:
    """End a token at once."""
    if token.user_id != actor.pk:
        access.require_anywhere(actor, access.PEOPLE_MANAGE)
    if not ApiToken.objects.select_for_update().filter(pk=token.pk).exists():
        raise NotAllowed(_("This token was revoked already."))
    log.record(actor, "token.revoked", token.user, name=token.name, key=token.token_key)
    token.delete()
