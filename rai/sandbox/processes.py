"""What surrounds one child process: compiled code before it, an empty folder for it, and the end of it and all it started."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path


@cache
def compiled() -> None:
    """Compile what children import, once: they write nothing, and each would do it anew. A folder closed to us stays as it is."""
    import compileall

    for folder in ("checks", "engine", "sandbox", "sandbox/kernel"):
        compileall.compile_dir(Path(__file__).parents[1] / folder, maxlevels=0, quiet=2)


@contextmanager
def empty_folder() -> Iterator[str]:
    """A folder that is empty, cannot be written to, and is gone afterwards."""
    folder = tempfile.mkdtemp(prefix="attestry-")
    os.chmod(folder, 0o500)
    try:
        yield folder
    finally:
        os.chmod(folder, 0o700)
        shutil.rmtree(folder, ignore_errors=True)


def kill_group(child: subprocess.Popen[bytes]) -> int:
    """End the child and all it started; returns how the child ended.

    Before the child is waited for, so that its number cannot be another's yet. One that has ended keeps its status.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
    return child.wait()


def has_ended(child: subprocess.Popen[bytes]) -> bool:
    """The child has ended. Where the system can look without waiting for it, it keeps its number until it is killed."""
    if not hasattr(os, "waitid"):
        return child.poll() is not None
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
