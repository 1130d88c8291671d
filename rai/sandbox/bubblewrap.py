"""bubblewrap around the child, where it is installed and the kernel has no Landlock: an empty root, no network, no others."""

import os
import shutil
import sys
from collections.abc import Iterable

from rai.sandbox import walls


def program() -> str | None:
    """Where bubblewrap lies, or None."""
    return shutil.which("bwrap")


def command(files: Iterable[str], folder: str) -> list[str]:
    """What stands before the child's own command: it sees the program, these files and an empty folder."""
    places = dict.fromkeys([sys.prefix, sys.base_prefix, *walls.program_places(), *walls.MACHINE[:2]])
    seen = [place for place in (*places, *files) if os.path.exists(place)]
    binds = [word for place in seen for word in ("--ro-bind", place, place)]
    return [
        program() or "bwrap", "--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--dev", "/dev", "--proc", "/proc",
        *binds, "--ro-bind", folder, folder, "--chdir", folder, "--",
    ]  # fmt: skip


def ended(code: int) -> int:
    """How the child ended, which bubblewrap tells by a number above 128 for a signal."""
    return 128 - code if code > 128 else code
