"""The two ceremonies of passkeys: adding one, and answering with one. A challenge is good once, for ten minutes, here.

django-allauth's module asks and checks the signature; what it leaves to its caller stands here: the very origin of this
installation, one challenge for one purpose, and the counter that a copied passkey would turn back.
"""

import ipaddress
import json
import struct
import time
from typing import Any, Final

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from registry.errors import BadInput
from registry.models import User
from registry.second_factor import Factors, host_of

ADDING: Final = "passkey_adding"
ANSWERING: Final = "passkey_answering"
PATIENCE: Final = 600.0
LONGEST: Final = 32 * 1024
COUNTER: Final = "counter"
# What the library raises for bytes that are no answer of an authenticator, or not a good one.
NO_ANSWER: Final = (ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError, struct.error)


def can_work(request: HttpRequest) -> bool:
    """Browsers give passkeys to names alone, and over TLS; `localhost` needs none."""
    host = host_of(request)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return request.is_secure()
    return False


def creation_options(person: User) -> str:
    """What the browser is asked in order to make a passkey for the person, as JSON."""
    options = webauthn.begin_registration(person, passwordless=False)
    keep(ADDING)
    return json.dumps(options)


def question_for(request: HttpRequest, person: User, factors: Factors) -> str:
    """What the browser is asked in order to answer with a passkey of the person, as JSON; empty where none can."""
    if not factors.passkeys or not can_work(request):
        return ""
    options = webauthn.begin_authentication(person)
    keep(ANSWERING)
    return json.dumps(options)


def keep(purpose: str) -> None:
    """Put the challenge aside for one purpose: what was asked for adding never answers a sign-in."""
    session = context.request.session
    session[purpose] = [session.pop(webauthn.STATE_SESSION_KEY), time.time()]


def take(purpose: str) -> None:
    """Take the challenge out, whatever becomes of the answer: nothing answers it a second time."""
    state, at = context.request.session.pop(purpose, [None, 0.0])
    if state is None or not 0 <= time.time() - at <= PATIENCE:
        raise BadInput(_("The question to the passkey has expired or was answered before. Try it once more."))
    webauthn.set_state(state)


def created(text: str) -> dict[str, Any]:
    """The new passkey as the browser handed it over, if it answers the challenge that this browser was given, from this site."""
    credential = read(text)
    take(ADDING)
    try:
        response = webauthn.parse_registration_response(credential)
        require_own_origin(response.response.client_data)
        webauthn.complete_registration(credential)
    except NO_ANSWER as error:
        raise refused() from error
    finally:
        webauthn.clear_state()
    return credential


def answered(person: User, text: str) -> tuple[Authenticator, int]:
    """The passkey of this person that signed the challenge which this browser was given, and the counter that it shows."""
    answer = read(text)
    take(ANSWERING)
    try:
        response = webauthn.parse_authentication_response(answer)
        require_own_origin(response.response.client_data)
        return webauthn.complete_authentication(person, answer), response.response.authenticator_data.counter
    except NO_ANSWER as error:
        raise refused() from error
    finally:
        webauthn.clear_state()


def read(text: str) -> dict[str, Any]:
    """The browser's answer as an object."""
    try:
        found = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError) as error:
        raise refused() from error
    if not isinstance(found, dict):
        raise refused()
    return found


def require_own_origin(said: Any) -> None:
    """The page that asked was one of this installation, in no frame of another: names below ours are others."""
    request = context.request
    own = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    if said.origin not in own or said.cross_origin:
        raise ValueError(f"the answer was made for {said.origin}")


def refused() -> BadInput:
    """One sentence for every answer that is not good; what was wrong with it helps only who forged it."""
    return BadInput(_("This passkey did not give an answer that is good here. Try once more, or use another way."))


def counter_of(passkey: Authenticator) -> int:
    """How often the passkey had signed when it was last seen; 0 for one that does not count."""
    kept = passkey.data.get(COUNTER)
    return passkey.wrap().authenticator_data.counter if kept is None else int(kept)


def went_back(*, before: int, now: int) -> bool:
    """The counter did not move on: two devices hold the same key (WebAuthn Level 3, §7.2 step 22)."""
    return (now > 0 or before > 0) and now <= before
