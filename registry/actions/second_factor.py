"""A second factor beside the password: codes of an authenticator app, and ten recovery codes for the day it is lost."""

from typing import Final

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, validate_totp_code
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.audit import log
from registry.errors import BadInput
from registry.models import User

# As many codes are good at a time: the present one and its neighbours. None of them is taken twice.
GOOD_AT_A_TIME: Final = 3


def has_one(person: User) -> bool:
    """Whether signing in asks for a code."""
    return Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP).exists()


def bare(code: str) -> str:
    """A code without the spaces in which apps group it."""
    return "".join(code.split())


@transaction.atomic
def add(person: User, *, secret: str, code: str) -> list[str]:
    """Begin to ask for codes, once the app has shown that it knows the secret; the recovery codes to show once."""
    if not validate_totp_code(secret, bare(code)):
        raise BadInput(_("This is not the code that the app shows now. Look at the clock of the phone."), field="code")
    if has_one(person):
        raise BadInput(_("You have a second factor already; remove it first."))
    TOTP.activate(person, secret)
    log.record(person, "person.second_factor_added", person)
    return RecoveryCodes.activate(person).generate_codes()


@transaction.atomic
def passes(person: User, code: str) -> bool:
    """Whether the code of the app, or a recovery code that was not used yet, is right; it is used up by this."""
    rows = Authenticator.objects.select_for_update().filter(user_id=person.pk)
    app = rows.filter(type=Authenticator.Type.TOTP).first()
    if app is not None and is_new_code(app, bare(code)):
        return True
    spare = rows.filter(type=Authenticator.Type.RECOVERY_CODES).first()
    if spare is None or not RecoveryCodes(spare).validate_code(bare(code)):
        return False
    log.record(person, "person.recovery_code_used", person)
    return True


def is_new_code(app: Authenticator, code: str) -> bool:
    """The code is right now and was not taken before."""
    used = app.data.get("used", [])
    if code in used or not validate_totp_code(decrypt(app.data["secret"]), code):
        return False
    app.data["used"], app.last_used_at = [*used, code][-GOOD_AT_A_TIME:], timezone.now()
    app.save()
    return True


def codes_left(person: User) -> int:
    """How many recovery codes are not used."""
    spare = Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    return 0 if spare is None else len(RecoveryCodes(spare).get_unused_codes())


@transaction.atomic
def renew_codes(person: User) -> list[str]:
    """Ten new recovery codes; the old ones are good for nothing."""
    Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.RECOVERY_CODES).delete()
    log.record(person, "person.recovery_codes_renewed", person)
    return RecoveryCodes.activate(person).generate_codes()


@transaction.atomic
def remove(person: User, *, actor: User | None) -> None:
    """Ask for no code any more; `actor` is the person, or None for the command line of the installation."""
    Authenticator.objects.filter(user_id=person.pk).delete()
    log.record(actor, "person.second_factor_removed", person)
