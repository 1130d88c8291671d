"""Sends each person's mail of a day once, and again later where the mail server did not take it."""

import logging
from datetime import date, timedelta
from typing import Final

from celery import current_app
from django.conf import settings
from django.core.mail import get_connection
from django.db import IntegrityError, transaction
from django.utils import timezone

from registry import jobs
from registry.mailing import contents
from registry.models import DailyMail, User

EVERY: Final = timedelta(minutes=1)
LEASE: Final = 14  # the row of the lease
HOUR: Final = 6  # not before, by the installation's clock
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
KEPT: Final = timedelta(days=30)
logger = logging.getLogger(__name__)


def ring() -> None:
    """Have a worker's child send what is due, once a minute whichever worker's timer it is."""
    if not settings.SENDS_MAIL or not jobs.take_lease(LEASE, EVERY):
        return
    try:
        current_app.send_task("registry.send_mails", retry=False, expires=EVERY.total_seconds())
    except Exception:
        logger.warning("The broker could not be rung for the mails of the day; it is tried again.", exc_info=True)


def send_logged() -> None:
    """One round of which a failure is logged and leaves the worker running."""
    try:
        if timezone.localtime().hour >= HOUR:
            send_due(timezone.localdate())
    except Exception:
        logger.warning("The mails of the day could not be sent; it is tried again.", exc_info=True)


def send_due(today: date) -> int:
    """Send everybody's mail of the day that was not sent yet and whose time has come; the number of letters sent.

    Nothing is sent, and nothing remembered, where no mail server is named.
    """
    if not settings.SENDS_MAIL:
        return 0
    DailyMail.objects.filter(day__lt=today - KEPT).delete()
    for person in User.objects.filter(is_active=True).exclude(daily_mails__day=today):
        prepare(person, today)
    waiting = DailyMail.objects.filter(day=today, sent_at__isnull=True, next_try_at__lte=timezone.now())
    return sum(send(row) for row in waiting.select_related("person"))


def prepare(person: User, today: date) -> None:
    """The row by which the mail of a day is sent once; where there is nothing to tell, it is done with."""
    now = timezone.now()
    nothing = contents.of_person(person, today).is_empty
    try:
        with transaction.atomic():
            DailyMail(person=person, day=today, next_try_at=now, sent_at=now if nothing else None).save()
    except IntegrityError:
        logger.info("The mail of %s is prepared by another worker.", person.pk)


def send(row: DailyMail) -> int:
    """Try once: the row is taken first, so that two workers never send one mail twice. 1 when it was sent."""
    wait = min(FIRST_WAIT * 2**row.tries, LONGEST_WAIT)
    mine = DailyMail.objects.filter(pk=row.pk, tries=row.tries, sent_at__isnull=True)
    if not mine.update(tries=row.tries + 1, next_try_at=timezone.now() + wait):
        return 0
    found = contents.of_person(row.person, row.day)  # afresh: what was done meanwhile is told to nobody
    try:
        if not found.is_empty:
            with get_connection(timeout=settings.EMAIL_TIMEOUT) as server:
                letter = contents.letter(row.person, found)
                letter.connection = server
                letter.send()
    except OSError as error:  # what smtplib raises, refusals of the server among it
        logger.error("The mail of %s for %s could not be sent; it is tried again: %s", row.person_id, row.day, error)
        DailyMail.objects.filter(pk=row.pk).update(says=str(error)[:200])
        return 0
    DailyMail.objects.filter(pk=row.pk).update(sent_at=timezone.now(), says="")
    return 0 if found.is_empty else 1
