"""Signing in: attempts are counted and closed after a few, links to set a password are sent, and the log is told.

What is said never depends on whether an account exists: whoever guesses learns nothing about who is here.
"""

import logging
import math
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _, override

from registry.actions.people import password_path
from registry.audit import log
from registry.errors import QuotaReached
from registry.models import FailedSignIn, User

Kind = FailedSignIn.Kind
WINDOW: Final = timedelta(minutes=15)
KEPT: Final = timedelta(days=1)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How many attempts within the window: for an account from an address, from an address, for an account."""

    pair: int
    address: int
    account: int


# The last number is high: whoever knows an e-mail address must not be able to shut its owner out with ease.
LIMITS: Final = {
    Kind.PASSWORD: Limits(pair=5, address=50, account=100),
    Kind.LINK: Limits(3, 20, 10),
    Kind.CODE: Limits(5, 50, 10),
    # Reports of people without an account: of one address, and of all of them together.
    Kind.REPORT: Limits(5, 5, 200),
    # Codes of documents that people without an account look up.
    Kind.VERIFY: Limits(60, 60, 3000),
}


class TooManyAttempts(QuotaReached):
    """The place is closed for a while; the sentence says until when, `seconds` for how long."""


def address_of(request: HttpRequest) -> str:
    """Where the request comes from: the last address that the proxy of this installation names, else the peer's."""
    named = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_TLS else ""
    return (named.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", ""))[:64]


def begin_attempt(account: str, *, address: str, kind: str = Kind.PASSWORD) -> FailedSignIn:
    """Count an attempt before it is looked at, so that a hundred at once are no way round; raises TooManyAttempts."""
    # A NUL would be refused by PostgreSQL; no account has one.
    mine = FailedSignIn(kind=kind, account=account.strip().lower().replace("\0", "")[:254], address=address)
    mine.save()
    until = closed_until(mine)
    if until is None:
        return mine
    mine.delete()  # what is refused does not make the wait longer
    sentence = _("Too many attempts. Wait until %(until)s, then try again.") % {
        "until": timezone.localtime(until + timedelta(minutes=1)).strftime("%H:%M %Z")
    }
    raise TooManyAttempts(sentence, seconds=max(1, math.ceil((until - timezone.now()).total_seconds())))


def closed_until(mine: FailedSignIn) -> datetime | None:
    """When the next attempt is open, as earlier ones have it; None when it is open now."""
    limits = LIMITS[Kind(mine.kind)]
    earlier = FailedSignIn.objects.filter(kind=mine.kind, pk__lt=mine.pk, at__gt=timezone.now() - WINDOW)
    filled = (
        (earlier.filter(account=mine.account, address=mine.address), limits.pair),
        (earlier.filter(address=mine.address), limits.address),
        (earlier.filter(account=mine.account), limits.account),
    )
    full = [row for rows, limit in filled if (row := rows.order_by("-pk")[limit - 1 : limit].first())]
    return max((row.at + WINDOW for row in full), default=None)


def forgive(attempt: FailedSignIn) -> None:
    """The password was right: attempts of this account from this address count no more, old ones are thrown away."""
    same = Q(kind=Kind.PASSWORD, account=attempt.account, address=attempt.address)
    FailedSignIn.objects.filter(same | Q(at__lt=timezone.now() - KEPT)).delete()


@transaction.atomic
def note_wrong(attempt: FailedSignIn) -> None:
    """The password was wrong; the log is told once, when the account is closed from this address."""
    same = FailedSignIn.objects.filter(kind=attempt.kind, account=attempt.account, address=attempt.address)
    count = same.filter(pk__lte=attempt.pk, at__gt=timezone.now() - WINDOW).count()
    person = User.objects.filter(email__iexact=attempt.account).first()
    if person is not None and count == LIMITS[Kind.PASSWORD].pair:
        log.record(None, "person.locked_out", person, address=attempt.address, attempts=count)


@transaction.atomic
def note_signed_in(person: User, *, address: str, second_factor: bool = False) -> None:
    """Somebody came in by password, with a second factor or without."""
    log.record(person, "person.signed_in", person, address=address, second_factor=second_factor)


@transaction.atomic
def note_password_set(person: User, *, by_link: bool) -> None:
    """Somebody has a new password; sessions that knew the old one end by themselves."""
    log.record(person, "person.password_set", person, by_link=by_link)
    FailedSignIn.objects.filter(kind=Kind.PASSWORD, account=person.email.lower()).delete()


@transaction.atomic
def send_link(email: str, *, origin: str, address: str) -> None:
    """Send the person of this account a link by which a password is set; for any other address do nothing at all."""
    person = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if person is None:
        return
    log.record(None, "person.link_sent", person, address=address)
    link = origin.rstrip("/") + password_path(person)
    with override(person.language):
        subject = _("Set your password for %s") % settings.INSTALLATION_NAME
        text = _(
            "Somebody, probably you, asked for this link. By it you set a new password; it works once, within an hour."
            "\n\n%s\n\nIf it was not you, nothing needs to be done: your password stays as it is."
        )
        text = text % link
    # In its own thread: how long sending takes would tell whether the account exists.
    thread = threading.Thread(target=deliver, args=(subject, text, person.email), name="link by mail", daemon=True)
    transaction.on_commit(partial(thread.start))


def deliver(subject: str, text: str, to: str) -> None:
    """Hand the message to the mail server; a failure goes to the program's own log, without the link."""
    try:
        send_mail(subject, text, None, [to])
    except OSError as error:
        logger.error("A link to set a password could not be sent: %s", error)
