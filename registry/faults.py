"""Named points where a test can make a worker stop; without ATTESTRY_FAULTS they do nothing."""

import itertools
import os
import signal
import time
from fnmatch import fnmatchcase
from pathlib import Path

from django.conf import settings

SLEEP = 3600.0
TOGETHER = 10
waiting = itertools.count(1)


def point(name: str) -> None:
    """Die or sleep here when ATTESTRY_FAULTS names this point in a test installation.

    `name:kill-once` dies at the first passage of all processes, `name:kill-ten` when ten threads of one process have
    come here, none of which goes on; `name:sleep` sleeps. A name may hold `*`.
    """
    wanted, _colon, how = (os.environ.get("ATTESTRY_FAULTS", "") if settings.TESTING else "").rpartition(":")
    if not wanted or not fnmatchcase(name, wanted):
        return
    if (how == "kill-once" and is_first(name)) or (how == "kill-ten" and next(waiting) == TOGETHER):
        os.kill(os.getpid(), signal.SIGKILL)
    elif how in {"sleep", "kill-ten"}:
        time.sleep(SLEEP)


def is_first(name: str) -> bool:
    """Nobody passed this point before; a file remembers it, since whoever passes dies."""
    try:
        (Path(settings.DATA_DIR) / f"fault-{name}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
