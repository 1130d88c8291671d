"""What risk does by the calendar: acceptances that are over, runs that open or close risks, systems that are silent."""

import logging
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from registry import jobs
from risk.actions import measured, responses
from risk.response import silence

EVERY: Final = timedelta(minutes=10)
LEASE: Final = 15  # the row of the lease
BACK: Final = timedelta(days=2)
logger = logging.getLogger(__name__)


def tick_logged() -> None:
    """One look of which a failure is logged and leaves the process running."""
    try:
        if jobs.take_lease(LEASE, EVERY):
            look()
    except Exception:
        logger.warning("What risk does by the calendar could not be done; it is tried again.", exc_info=True)


def look() -> int:
    """All of it; how much was done. Done twice, it does nothing twice."""
    done = responses.lapse(timezone.localdate()) + measured.look(timezone.now() - BACK)
    with transaction.atomic():
        return done + silence.ask()
