"""Namespaces of its own for the child: a network without a route, no shared memory of others, and no capabilities."""

import os
import struct
from collections.abc import Iterable
from contextlib import suppress

from rai.sandbox.kernel.calls import call, control_process

NEW_USER, NEW_NETWORK, NEW_IPC, NEW_NAMES, NEW_MOUNTS = 0x10000000, 0x40000000, 0x08000000, 0x04000000, 0x00020000
OTHERS = NEW_NETWORK | NEW_IPC | NEW_NAMES
DROP_FROM_BOUND, LAST_CAPABILITY = 24, 63
CAPABILITY_VERSION = 0x20080522
# CAP_DAC_READ_SEARCH: a worker of root may use packages below a closed home of somebody else.
READ_ANYTHING = 1 << 2


def leave(*, mounts: bool = False) -> bool:
    """Move into namespaces of one's own, with a user namespace where only that allows it. False where the system refuses.

    Must come before any thread exists. It costs a process its capabilities over the outside, unless it is root. `mounts`
    asks for one more, in which folders can be put together.
    """
    wanted = OTHERS | (NEW_MOUNTS if mounts else 0)
    users, groups = os.geteuid(), os.getegid()
    if users == 0:
        with suppress(OSError, KeyError):
            call("unshare", wanted)
            return True
    with suppress(OSError, KeyError):
        call("unshare", NEW_USER | wanted)
        if mounts:
            stay_oneself(users, groups)
        return True
    return False


def stay_oneself(user: int, group: int) -> None:
    """Go by the same numbers in the new user namespace: who has none there owns no file. Raises OSError."""
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def drop_capabilities(*, kept: int = 0, ready: bool = True) -> None:
    """Give up every capability but those in the mask `kept`, for good; those may be at hand or only within reach."""
    import ctypes

    for capability in range(LAST_CAPABILITY + 1):
        if control_process(DROP_FROM_BOUND, capability) < 0:
            break
    header = ctypes.create_string_buffer(struct.pack("=Ii", CAPABILITY_VERSION, 0), 8)
    held = ctypes.create_string_buffer(struct.pack("=6I", kept if ready else 0, kept, 0, 0, 0, 0), 24)
    with suppress(OSError, KeyError):
        call("capset", header, held)


def readable(files: Iterable[str]) -> bool:
    """Every file opens without any capability."""
    return all(os.access(name, os.R_OK, effective_ids=True) for name in files)


def drop_the_rest(files: Iterable[str]) -> None:
    """Give up reading what others own, unless root was handed a file that is closed to it otherwise."""
    drop_capabilities(kept=READ_ANYTHING, ready=False)
    if readable(files):
        drop_capabilities()
    else:
        drop_capabilities(kept=READ_ANYTHING)
