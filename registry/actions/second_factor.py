"""Second factors beside the password: an authenticator app, passkeys, and ten recovery codes for the day they are lost."""

from typing import Final

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, validate_totp_code
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import passkeys
from registry.audit import log
from registry.errors import BadInput
from registry.models import User
from registry.second_factor import Type, factors_of

# As many codes are good at a time: the present one and its neighbours. None of them is taken twice.
GOOD_AT_A_TIME: Final = 3
MOST_PASSKEYS: Final = 10
LONGEST_NAME: Final = 60


def bare(code: str) -> str:
    """A code without the spaces in which apps group it."""
    return "".join(code.split())


def held(person: User) -> None:
    """Hold the person's row until the transaction ends, so that two requests at once do not both add the first factor."""
    list(User.objects.select_for_update(no_key=True).filter(pk=person.pk))


@transaction.atomic
def add_app(person: User, *, secret: str, code: str) -> list[str]:
    """Take codes of an app, once it has shown that it knows the secret; the recovery codes to show once, if new."""
    if not validate_totp_code(secret, bare(code)):
        raise BadInput(_("This is not the code that the app shows now. Look at the clock of the phone."), field="code")
    held(person)
    if factors_of(person).app is not None:
        raise BadInput(_("You have an authenticator app already; remove it first."))
    row = TOTP.activate(person, secret).instance
    return noted(person, row, name="")


@transaction.atomic
def add_passkey(person: User, *, name: str, credential: str) -> list[str]:
    """Take answers of a passkey that the browser has made just now; the recovery codes to show once, if new."""
    held(person)
    name, others = name.strip()[:LONGEST_NAME], factors_of(person).passkeys
    if name in {other.data["name"] for other in others}:
        raise BadInput(_("You have a passkey of this name already; choose another one."), field="name")
    if len(others) >= MOST_PASSKEYS:
        raise BadInput(_("You have %d passkeys, the most of a person; remove one first.") % len(others))
    made = passkeys.created(credential)
    row = WebAuthn.add(person, name, made).instance
    return noted(person, row, name=name)


def noted(person: User, row: Authenticator, *, name: str) -> list[str]:
    """The entry of a new factor; with the first one, the recovery codes."""
    log.record(person, "person.second_factor_added", person, kind=str(row.type), name=name)
    if factors_of(person).codes is not None:
        return []
    return RecoveryCodes.activate(person).generate_codes()


@transaction.atomic
def passes(person: User, code: str) -> bool:
    """Whether the code of the app, or a recovery code that was not used yet, is right; it is used up by this."""
    rows = Authenticator.objects.select_for_update().filter(user_id=person.pk)
    app = rows.filter(type=Type.TOTP).first()
    if app is not None and is_new_code(app, bare(code)):
        return True
    spare = rows.filter(type=Type.RECOVERY_CODES).first()
    if spare is None or not RecoveryCodes(spare).validate_code(bare(code)):
        return False
    Authenticator.objects.filter(pk=spare.pk).update(last_used_at=timezone.now())
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


@transaction.atomic
def passes_with_passkey(person: User, answer: str) -> bool:
    """Whether a passkey of this person answered; one whose counter did not move on is refused, and the log is told."""
    list(Authenticator.objects.select_for_update().filter(user_id=person.pk, type=Type.WEBAUTHN))
    passkey, counter = passkeys.answered(person, answer)
    if passkeys.went_back(before=passkeys.counter_of(passkey), now=counter):
        log.record(None, "person.passkey_copied", person, name=passkey.data["name"])
        return False
    passkey.data[passkeys.COUNTER], passkey.last_used_at = counter, timezone.now()
    passkey.save()
    return True


def codes_left(person: User) -> int:
    """How many recovery codes are not used."""
    spare = factors_of(person).codes
    return 0 if spare is None else len(RecoveryCodes(spare).get_unused_codes())


@transaction.atomic
def renew_codes(person: User) -> list[str]:
    """Ten new recovery codes; the old ones are good for nothing."""
    held(person)
    if factors_of(person).are_none:
        raise BadInput(_("Recovery codes stand in for a second factor; add one first."))
    Authenticator.objects.filter(user_id=person.pk, type=Type.RECOVERY_CODES).delete()
    log.record(person, "person.recovery_codes_renewed", person)
    return RecoveryCodes.activate(person).generate_codes()


@transaction.atomic
def remove(person: User, *, factor: Authenticator) -> None:
    """Take no answer of one factor any more; with the last one the recovery codes go."""
    held(person)
    Authenticator.objects.filter(user_id=person.pk, pk=factor.pk).delete()
    log.record(person, "person.second_factor_removed", person, kind=str(factor.type), name=factor.data.get("name", ""))
    if factors_of(person).are_none:
        Authenticator.objects.filter(user_id=person.pk).delete()


@transaction.atomic
def remove_all(person: User) -> None:
    """Ask for the password alone again; done on the command line of the installation for whoever lost everything."""
    Authenticator.objects.filter(user_id=person.pk).delete()
    log.record(None, "person.second_factor_removed", person, kind="all")
