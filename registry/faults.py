"""Named points where a test can make a worker stop; without ATTESTRY_FAULTS they do nothing."""

import os
import signal
import time
from fnmatch import fnmatchcase
from pathlib import Path

from django.conf import settings

SLEEP = 3600.0


def point(name: str) -> None:
    """Die or sleep here when ATTESTRY_FAULTS names this point in a test installation.

    `name:kill` dies at every passage, `name:kill-once` at the first of all processes, `name:sleep` sleeps; a name may
    hold `*`.
    """
    wanted, _colon, how = (os.environ.get("ATTESTRY_FAULTS", "") if settings.TESTING else "").rpartition(":")
    if not wanted or not fnmatchcase(name, wanted):
        return
    if how == "kill" or (how == "kill-once" and is_first(name)):
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "sleep":
        time.sleep(SLEEP)


def is_first(name: str) -> bool:
    """Nobody passed this point before; a file remembers it, since whoever passes dies."""
    try:
        (Path(settings.DATA_DIR) / f"fault-{name}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
