"""Landlock: from here on this process reads what lies below a few places and touches nothing else on any disk."""

import os
import struct
from collections.abc import Iterable
from contextlib import suppress

from rai.sandbox.kernel.calls import call

READ_FILE, READ_DIR = 1 << 2, 1 << 3
# How many rights on files, and which on the network and on other processes, each version of the interface can withhold.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
CONNECT_AND_BIND, SIGNALS_AND_SOCKETS = 3, 3
BENEATH_A_PATH, ASK_VERSION = 1, 1


def version() -> int:
    """The version of the interface that the kernel offers, or 0."""
    try:
        return call("landlock_create_ruleset", None, 0, ASK_VERSION)
    except (OSError, KeyError):
        return 0


def restrict(places: Iterable[str]) -> int:
    """Leave reading below `places` and nothing else; returns the version used. Raises OSError where the kernel refuses.

    Threads that exist already are not held, so there must be none. Needs PR_SET_NO_NEW_PRIVS.
    """
    offered = version()
    if offered == 0:
        raise OSError("the kernel has no Landlock")
    handled = rules(offered)
    ruleset = call("landlock_create_ruleset", handled, len(handled.raw), 0)
    for place in places:
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            allow_reading(ruleset, place)
    call("landlock_restrict_self", ruleset, 0)
    os.close(ruleset)
    return offered


def rules(offered: int):  # type: ignore[no-untyped-def]
    """What is withheld: every right that this version knows, in a structure as long as this version knows it."""
    import ctypes

    words = [(1 << FILE_RIGHTS.get(offered, 16)) - 1]
    words += [CONNECT_AND_BIND] if offered >= 4 else []
    words += [SIGNALS_AND_SOCKETS] if offered >= 6 else []
    return ctypes.create_string_buffer(struct.pack(f"={len(words)}Q", *words), 8 * len(words))


def allow_reading(ruleset: int, place: str) -> None:
    """One place, with all below it where it is a folder."""
    import ctypes

    folder = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = READ_FILE | READ_DIR if os.path.isdir(place) else READ_FILE
        body = ctypes.create_string_buffer(struct.pack("=Qi", rights, folder), 12)
        call("landlock_add_rule", ruleset, BENEATH_A_PATH, body, 0)
    finally:
        os.close(folder)
