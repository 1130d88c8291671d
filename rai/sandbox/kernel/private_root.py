"""A root folder of its own for the child: a few places of the machine, read-only, and nothing else of any disk."""

import ctypes
import os
from collections.abc import Iterable
from contextlib import suppress

from rai.sandbox.kernel.calls import call

READ_ONLY, NO_SETUID, NO_DEVICES, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 32, 1 << 12, 1 << 14, 1 << 18
DETACH = 2
# What statvfs(3) says of a file system -> the flag of mount(2) that keeps it so: a user namespace may take none away.
KEPT = {1: READ_ONLY, 2: NO_SETUID, 4: NO_DEVICES, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}


def enter(places: Iterable[str], folder: str) -> None:
    """Make a root of `places` and nothing else, put together in `folder`. Raises OSError where the kernel refuses.

    Needs a namespace of mounts of one's own; that anything is mounted here is seen by nobody else.
    """
    mount("", "/", RECURSIVE | PRIVATE)
    mount("tmpfs", folder, NO_SETUID | NO_DEVICES, kind="tmpfs")
    for place in outermost(places):
        # What cannot be shown is not there for the child, as if it were closed to it.
        with suppress(OSError):
            show(place, folder)
    mount("", folder, REMOUNT | BIND | READ_ONLY | NO_SETUID | NO_DEVICES)
    os.chdir(folder)
    # The old root comes to lie on the new one, and is taken off.
    call("pivot_root", text("."), text("."))
    call("umount2", text("."), DETACH)
    os.chdir("/")


def outermost(places: Iterable[str]) -> list[str]:
    """The places that exist and lie in no other of them."""
    found: list[str] = []
    for place in sorted(filter(os.path.exists, map(os.path.abspath, places)), key=len):
        if not any(place == other or place.startswith(other.rstrip("/") + "/") for other in found):
            found.append(place)
    return found


def show(place: str, folder: str) -> None:
    """One place, at the same path below the folder; not at all where it could be written to."""
    target = folder + place
    os.makedirs(target if os.path.isdir(place) else os.path.dirname(target), exist_ok=True)
    if not os.path.isdir(place):
        os.close(os.open(target, os.O_CREAT | os.O_RDONLY | os.O_CLOEXEC, 0o444))
    bind(place, target)
    said = os.statvfs(target).f_flag
    kept = sum(flag for bit, flag in KEPT.items() if said & bit and flag != READ_ONLY)
    try:
        mount("", target, REMOUNT | BIND | READ_ONLY | kept)
    except OSError:
        call("umount2", text(target), DETACH)
        raise


def bind(place: str, target: str) -> None:
    """Without what is mounted below it, unless the system hands the two out together only."""
    try:
        mount(place, target, BIND)
    except OSError:
        mount(place, target, BIND | RECURSIVE)


def mount(source: str, target: str, flags: int, *, kind: str = "") -> None:
    """mount(2)."""
    call("mount", text(source), text(target), text(kind), flags, None)


def text(value: str) -> "ctypes.Array[ctypes.c_char]":
    """A text as the kernel takes it."""
    return ctypes.create_string_buffer(os.fsencode(value))
