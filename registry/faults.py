"""Named points where a test can make a worker stop; without ATTESTRY_FAULTS they do nothing."""

import os
import signal
import time

from django.conf import settings

SLEEP = 3600.0


def point(name: str) -> None:
    """Die or sleep here when ATTESTRY_FAULTS names this point (`name:kill` or `name:sleep`) in a test installation."""
    wanted = os.environ.get("ATTESTRY_FAULTS", "") if settings.TESTING else ""
    if wanted == f"{name}:kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif wanted == f"{name}:sleep":
        time.sleep(SLEEP)
