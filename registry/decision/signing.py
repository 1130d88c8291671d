"""How a decision is signed: what the session gave, and what the policy asks of it."""

import time
from typing import Any, Final

from django.utils.translation import gettext as _

from registry.errors import SecondFactorNeeded, SignatureNeeded
from registry.policy import Policy
from registry.second_factor import factors_of, has_one

SESSION, FRESH, PASSKEY = "session", "fresh", "passkey"
# A password given for this very decision: the page that asks for it carries the decision and posts both at once.
SECONDS: Final = 60.0


def signed_by(person: Any, policy: Policy) -> str:
    """How the person signs now, for the sign-off; asks for what the policy wants and the session did not give.

    Who does not come by a session (a command, a job) gives nothing, and its sign-off says so.
    """
    if getattr(person, "password_at", None) is None:
        return SESSION
    if policy.sign_in == PASSKEY:
        return with_passkey(person)
    if policy.sign_in == FRESH and not is_just_now(person, "password_at"):
        raise SignatureNeeded(_("The policy asks for your password for this very decision. Give it now and sign."))
    return level_of(person)


def with_passkey(person: Any) -> str:
    """A passkey answered for this very decision."""
    if not factors_of(person).passkeys:
        raise SecondFactorNeeded(_("The policy asks you to sign with a passkey, and you have none. Nothing was done."))
    if not is_just_now(person, "passkey_at"):
        raise SignatureNeeded(
            _("The policy asks you to sign this very decision with your passkey; a code is not enough. Use it now.")
        )
    return PASSKEY


def level_of(person: Any) -> str:
    """The strongest thing that the session gave for this decision; else that it was a session."""
    if is_just_now(person, "passkey_at"):
        return PASSKEY
    if not is_just_now(person, "password_at"):
        return SESSION
    return "password+factor" if has_one(person) else "password"


def is_just_now(person: Any, moment: str) -> bool:
    """The session gave it within the last minute."""
    return 0 <= time.time() - getattr(person, moment, 0.0) <= SECONDS
