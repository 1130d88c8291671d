"""Each level of the sandbox on one machine: the walls of the levels above it are left away, and bubblewrap is at hand or not."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial

import pytest

from config import sysroot
from config.places import ROOT
from rai.sandbox import bubblewrap, launcher, levels

# Level -> the walls that are left away, and whether bubblewrap is to be had.
LEFT_AWAY = {
    "A": ((), False),
    "B": (("landlock",), True),
    "C": (("landlock",), False),
    "D": (("landlock", "private root"), False),
}
REACHED = {letter: level for level, letter in levels.LETTERS.items()}


@contextmanager
def at_level(letter: str, monkeypatch: pytest.MonkeyPatch, lacking: Callable[[str, str], None]) -> Iterator[str]:
    """Children reach this level and no other; a machine that cannot is told of by `lacking`."""
    without, wrapped = LEFT_AWAY[letter]
    program = sysroot.bubblewrap() if wrapped else None
    if wrapped and program is None:
        lacking("bubblewrap", sysroot.PARTS["bubblewrap"].lack)
    monkeypatch.setattr(launcher, "WITHOUT", without)
    monkeypatch.setattr(bubblewrap, "program", lambda: program and str(program))
    launcher.wrapped.cache_clear()
    try:
        if launcher.level() != REACHED[letter]:
            # Where namespaces are to be had, a level that is not reached is a fault of ours.
            refuse = pytest.fail if letter != "A" and has_namespaces() else partial(lacking, f"level {letter}")
            refuse(f"children reach {launcher.level()} where level {letter} was forced")
        yield REACHED[letter]
    finally:
        launcher.wrapped.cache_clear()


@cache
def has_namespaces() -> bool:
    """A process may move into namespaces of its own here, with mounts."""
    asked = "import sys; from rai.sandbox.kernel import namespaces; sys.exit(not namespaces.leave(mounts=True))"
    return subprocess.run([sys.executable, "-c", asked], cwd=ROOT).returncode == 0
