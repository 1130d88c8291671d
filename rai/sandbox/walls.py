"""What holds the child in, in the order in which it must be put up, and the name of the level reached."""

import os
import resource
import signal
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from rai.sandbox.kernel import landlock, namespaces, private_root, seccomp
from rai.sandbox.kernel.calls import control_process, known_machine
from rai.sandbox.levels import BUBBLEWRAP, KERNEL_WALLS, PRIVATE_ROOT, PROCESS_LIMITS
from rai.sandbox.limits import Limits

__all__ = ["before_bytes", "before_imports", "control_process", "hide"]

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
NAMESPACES, LANDLOCK, ROOT, SECCOMP = "namespaces", "landlock", "private root", "seccomp"
# What libraries ask of the machine while they work: which processors there are, where shared libraries lie, chance.
MACHINE = (
    "/sys/devices/system/cpu", "/sys/fs/cgroup", "/proc/self/cgroup", "/proc/self/maps", "/proc/cpuinfo", "/proc/meminfo",
    "/etc/ld.so.cache", "/dev/null", "/dev/urandom", "/usr/share/zoneinfo",
)  # fmt: skip
# How folders are called that hold the packages of a Python.
CODE = ("/site-packages", "/dist-packages", "/lib-dynload")
# What nobody may see from inside. One that opens shows that the walls do not stand.
FORBIDDEN = ("/etc/passwd", "/proc/1/status", "/etc/hostname")


def before_imports(
    limits: Limits, files: list[str], *, parent: int, without: Collection[str] = (), inside: str = ""
) -> set[str]:
    """Limits, namespaces of its own and Landlock, before any library starts a thread; returns the walls that stand.

    `files` are the only files that may be read from here on, besides the program's own. `inside` names the wall that the
    parent put around all this.
    """
    lower_limits(limits)
    held: set[str] = set()
    places = [*program_places(), *MACHINE, *files]
    has_landlock = LANDLOCK not in without and landlock.version() > 0
    needs_root = not has_landlock and not inside and ROOT not in without
    if known_machine() and NAMESPACES not in without and namespaces.leave(mounts=needs_root):
        held.add(NAMESPACES)
        held |= attempted(ROOT, lambda: private_root.enter(places, os.getcwd())) if needs_root else set()
    # After the namespaces: whoever enters one is asked anew whether it may be looked into and when it dies.
    control_process(PR_SET_PDEATHSIG, signal.SIGKILL)
    control_process(PR_SET_NO_NEW_PRIVS, 1)
    hide()
    if os.getppid() != parent:
        os._exit(1)
    if known_machine():
        namespaces.drop_capabilities(kept=namespaces.READ_ANYTHING)
    return held | (attempted(LANDLOCK, lambda: landlock.restrict(places)) if has_landlock else set())


def lower_limits(limits: Limits) -> None:
    """What a process of any system can do: no core, no writing, and so much of everything."""
    set_limit(resource.RLIMIT_CORE, 0)
    set_limit(resource.RLIMIT_FSIZE, 0)
    set_limit(resource.RLIMIT_NOFILE, limits.open_files)
    set_limit(resource.RLIMIT_MEMLOCK, 0)
    set_limit(resource.RLIMIT_AS, limits.memory)
    # Two seconds between the soft limit (SIGXCPU) and the hard one (SIGKILL), should a library catch the first.
    set_limit(resource.RLIMIT_CPU, limits.processor, limits.processor + 2)


def hide() -> None:
    """Nobody of the same user may look into this process's memory, environment and open files, nor trace it."""
    control_process(PR_SET_DUMPABLE, 0)


def before_bytes(files: list[str], held: set[str], *, without: Collection[str] = (), inside: str = "") -> str:
    """The last step before untrusted bytes are read; returns the level that holds from here on.

    `held` are the walls that stand already, and `inside` names the one that the parent put around all this.
    """
    if known_machine():
        namespaces.drop_the_rest(files)
    if known_machine() and SECCOMP not in without:
        held |= attempted(SECCOMP, lambda: seccomp.restrict(known_machine()))
    return level_of(held, inside)


def attempted(name: str, put_up: Callable[[], object]) -> set[str]:
    """The wall's name where it could be put up, nothing where the kernel refuses it."""
    try:
        put_up()
    except OSError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return set()
    return {name}


def level_of(held: Collection[str], inside: str) -> str:
    """The level that was reached, which counts only where a look from inside agrees."""
    # bubblewrap shows processes of its own under /proc, and the first of them is its own.
    closed = not any(opens(place) for place in FORBIDDEN if not (inside and place.startswith("/proc")))
    if not closed or SECCOMP not in held or not seccomp.stands():
        return PROCESS_LIMITS
    if LANDLOCK in held:
        return KERNEL_WALLS
    return BUBBLEWRAP if inside == BUBBLEWRAP else PRIVATE_ROOT if ROOT in held else PROCESS_LIMITS


def opens(place: str) -> bool:
    """The file can be opened."""
    try:
        with open(place, "rb"):
            return True
    except OSError:
        return False


def program_places() -> list[str]:
    """Where code lies: Python's own library, the packages, this package, and the system's shared libraries."""
    own = [os.path.dirname(os.__file__), *(one for one in sys.path if one.endswith(CODE))]
    own += [os.path.join(prefix, "lib") for prefix in (sys.prefix, sys.base_prefix)]
    system = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib"]
    unpacked = [one for one in os.environ.get("LD_LIBRARY_PATH", "").split(":") if one]
    return list(dict.fromkeys([*own, str(Path(__file__).resolve().parents[1]), *system, *unpacked]))


def set_limit(which: int, soft: int, hard: int | None = None) -> None:
    """Lower a limit, never above the ceiling this process already has."""
    ceiling = resource.getrlimit(which)[1]
    wanted = (soft, soft if hard is None else hard)
    if ceiling != resource.RLIM_INFINITY:
        wanted = (min(wanted[0], ceiling), min(wanted[1], ceiling))
    resource.setrlimit(which, wanted)
