"""What holds the child in, in the order in which it must be put up, and the name of the level reached.

Today these are process limits. Walls of the kernel (namespaces, Landlock, seccomp) belong into the same two functions.
"""

import ctypes
import os
import resource
import signal

from rai.sandbox.limits import Limits

PROCESS_LIMITS = "process limits only"
LEVELS = {
    PROCESS_LIMITS: (
        "The file was read in a child process of its own with limits on memory, processor time, wall clock, files and "
        "output, an empty environment and an empty folder. The kernel did not wall the child off from network and disk."
    ),
}
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38


def before_imports(limits: Limits, *, parent: int) -> None:
    """Limits on the process, set before anything but the order was read."""
    set_limit(resource.RLIMIT_CORE, 0)
    set_limit(resource.RLIMIT_FSIZE, 0)
    set_limit(resource.RLIMIT_NOFILE, limits.open_files)
    set_limit(resource.RLIMIT_AS, limits.memory)
    # Two seconds between the soft limit (SIGXCPU) and the hard one (SIGKILL), should a library catch the first.
    set_limit(resource.RLIMIT_CPU, limits.processor, limits.processor + 2)
    control_process(PR_SET_PDEATHSIG, signal.SIGKILL)
    control_process(PR_SET_NO_NEW_PRIVS, 1)
    if os.getppid() != parent:
        os._exit(1)


def before_bytes(files: list[str]) -> str:
    """The last step before untrusted bytes are read; returns the level that holds from here on.

    `files` are the only files the task still has to open.
    """
    return PROCESS_LIMITS


def set_limit(which: int, soft: int, hard: int | None = None) -> None:
    """Lower a limit, never above the ceiling this process already has."""
    ceiling = resource.getrlimit(which)[1]
    wanted = (soft, soft if hard is None else hard)
    if ceiling != resource.RLIM_INFINITY:
        wanted = (min(wanted[0], ceiling), min(wanted[1], ceiling))
    resource.setrlimit(which, wanted)


def control_process(option: int, value: int) -> None:
    """prctl(2) where the system has it; other systems rely on the parent's kill of the group."""
    call = getattr(ctypes.CDLL(None), "prctl", None)
    if call is not None:
        call(option, int(value), 0, 0, 0)
