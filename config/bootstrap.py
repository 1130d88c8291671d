"""Makes and enters the project's own environment before Django is loaded; standard library only."""

import fcntl
import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from config import sysroot
from config.places import ROOT, home

RUNTIME = ROOT / "requirements.txt"
TESTS = ROOT / "tests" / "requirements.txt"
# Commands that make what they need, with the locks that they need.
MAKES = {
    "demo": (RUNTIME,),
    "up": (RUNTIME,),
    "test": (RUNTIME, TESTS),
    "lint": (RUNTIME, TESTS),
    "lock": (RUNTIME,),
    "texts": (RUNTIME, TESTS),
}
# Commands that are not Django's: module and function, called inside the environment.
OWN = {"test": "config.lanes", "lint": "config.lint", "lock": "config.lock", "texts": "config.texts"}
# Commands with the option `--data-dir`.
KEEPS_STATE = {"demo", "up", "backup", "restore"}
# `measure` and `gate` answer with 1 for "fail" and 2 for "insufficient", so that nothing else may end with these.
ANSWERS = {"measure", "gate"}


class Stop(Exception):
    """The environment cannot be made; the text says why and what to do."""


def enter(argv: list[str]) -> None:
    """Return when running inside the environment (making it first where the command asks for it), else re-execute."""
    command = argv[1] if len(argv) > 1 else "help"
    keep_data_dir(command, argv)
    try:
        if command in MAKES:
            make(MAKES[command], is_test=command == "test")
    except Stop as stop:
        leave(command, str(stop))
    if not is_inside():
        reexecute(command, argv)
    if sysroot.is_unlinked():
        os.execve(sys.executable, [sys.executable, *argv], sysroot.environment())
    if command in OWN:
        os.chdir(ROOT)
        raise SystemExit(importlib.import_module(OWN[command]).main(argv[2:]))


def leave(command: str, sentence: str) -> NoReturn:
    """End with a sentence, and with the exit code that means "error" for this command."""
    sys.stderr.write(sentence + "\n")
    raise SystemExit(3 if command in ANSWERS else 1)


def keep_data_dir(command: str, argv: list[str]) -> None:
    """Settings are read before a command sees its options, so `--data-dir` is handed on as ATTESTRY_DATA_DIR."""
    if command in KEEPS_STATE:
        for at, word in enumerate(argv):
            value = word.partition("=")[2] if word.startswith("--data-dir=") else None
            if word == "--data-dir" and at + 1 < len(argv):
                value = argv[at + 1]
            if value:
                os.environ["ATTESTRY_DATA_DIR"] = os.path.abspath(value)
    if home() != ROOT:
        os.environ.setdefault("ATTESTRY_DATA_DIR", str(home() / "var"))


def venv() -> Path:
    """Where the environment is, or will be."""
    return home() / ".venv"


def venv_python() -> Path:
    """The interpreter inside the environment."""
    return venv() / "bin" / "python"


def is_inside() -> bool:
    """This process runs in the environment."""
    return Path(sys.prefix).resolve() == venv().resolve() and sys.prefix != sys.base_prefix


def reexecute(command: str, argv: list[str]) -> NoReturn:
    """Replace this process by the same command inside the environment."""
    if not is_alive():
        leave(
            command,
            "The environment .venv is not made yet (or its Python is gone): run `python3 manage.py demo` or "
            "`python3 manage.py up` once, which make it.",
        )
    os.execve(venv_python(), [str(venv_python()), *argv], sysroot.environment())


# ---- making it


def make(locks: tuple[Path, ...], *, is_test: bool) -> None:
    """Bring the environment and the system libraries up to date; costs a few milliseconds when they are."""
    if not all(is_stamped(lock) for lock in locks):
        with alone():
            if not all(is_stamped(lock) for lock in locks):
                build(locks)
    for part in sysroot.TEST_PARTS if is_test else sysroot.RUNTIME_PARTS:
        if not sysroot.is_provided(part):
            with alone():
                sysroot.provide(part, say)


def build(locks: tuple[Path, ...]) -> None:
    """Make the environment where it is missing or broken, then install each lock that is not stamped."""
    begun = time.monotonic()
    if not is_alive():
        say(f"Making the environment {venv()} (once; one to two minutes) ...")
        create()
    for lock in locks:
        if not is_stamped(lock):
            say(f"Installing {lock.relative_to(ROOT)} ...")
            install(lock)
            stamp_file(lock).write_text(stamp(lock))
    say(f"The environment is ready ({time.monotonic() - begun:.0f} s).")


def say(line: str) -> None:
    """A progress line; on stderr, since stdout belongs to the command."""
    sys.stderr.write(f"[attestry] {line}\n")
    sys.stderr.flush()


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock against a second start at the same time, saying so when it has to wait."""
    folder = home() / ".cache"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "bootstrap.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is making the environment; waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_alive() -> bool:
    """There is an environment whose interpreter and pip start."""
    has_pip = any(venv().glob("lib/python3.*/site-packages/pip/__main__.py"))
    return has_pip and version_of_venv() is not None and os.access(venv_python(), os.X_OK)


def version_of_venv() -> str | None:
    """The Python that the environment was made with, as its own configuration says."""
    try:
        lines = (venv() / "pyvenv.cfg").read_text().splitlines()
    except OSError:
        return None
    pairs = dict(line.split(" = ", 1) for line in lines if " = " in line)
    return pairs.get("version")


def stamp(lock: Path) -> str:
    """What must be unchanged for the installed packages to be the right ones."""
    return hashlib.sha256(lock.read_bytes() + f"{version_of_venv()} {sysconfig.get_platform()}".encode()).hexdigest()


def stamp_file(lock: Path) -> Path:
    """Where the stamp of a lock stands."""
    return venv() / f"{lock.parent.name if lock.parent != ROOT else 'runtime'}.stamp"


def is_stamped(lock: Path) -> bool:
    """This lock, as it is now, is installed."""
    return is_alive() and stamp_file(lock).exists() and stamp_file(lock).read_text() == stamp(lock)


def create() -> None:
    """Make an empty environment with pip in it; from Debian's pip wheel where ensurepip was left out."""
    if is_inside():
        raise Stop(
            f"{venv()} is broken. Delete it and start again with another Python 3.11 or 3.12, e.g. /usr/bin/python3."
        )
    if ":" in str(venv()):
        raise Stop(
            f"{venv()} has a colon in its path, which no search path can carry: move the folder and start again."
        )
    shutil.rmtree(venv(), ignore_errors=True)
    base = getattr(sys, "_base_executable", sys.executable)
    if has_ensurepip():
        logged([base, "-m", "venv", str(venv())], "make the environment")
        return
    logged([base, "-m", "venv", "--without-pip", str(venv())], "make the environment")
    wheel = pip_wheel()
    logged([str(venv_python()), f"{wheel}/pip", "install", "--no-index", str(wheel)], "install pip")


def has_ensurepip() -> bool:
    """Debian leaves ensurepip, or the wheel that it unpacks, out of its Python unless python3-venv is installed."""
    if importlib.util.find_spec("ensurepip") is None:
        return False
    folder = sysconfig.get_config_var("WHEEL_PKG_DIR")
    return not folder or any(Path(folder).glob("pip-*.whl"))


def pip_wheel() -> Path:
    """Debian's own pip wheel: installed, or unpacked privately."""
    for folder in (Path("/usr/share/python-wheels"), sysroot.place() / "usr/share/python-wheels"):
        found = sorted(folder.glob("pip-*.whl"))
        if found:
            return found[-1]
    if not sysroot.provide("pip", say):
        raise Stop(
            "This Python has no ensurepip and Debian's python3-pip-whl could not be fetched: install python3-venv."
        )
    return pip_wheel()


def install(lock: Path) -> None:
    """Install exactly the locked files, from the index that pip is configured for or from a local folder."""
    command = [str(venv_python()), "-m", "pip", "install", "--require-hashes", "--no-input", "-r", str(lock)]
    wheelhouse = os.environ.get("ATTESTRY_WHEELHOUSE")
    if wheelhouse:
        command += ["--no-index", "--find-links", wheelhouse]
    logged(command, f"install {lock.name}")


def logged(command: list[str], purpose: str, *, tell: Callable[[str], None] = say) -> None:
    """Run a step with its output in a log, a sign of life every 15 seconds, and the log's end when it fails."""
    log = home() / ".cache" / "bootstrap.log"
    environment = {
        k: v for k, v in os.environ.items() if k not in {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONHOME"}
    }
    begun = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=ROOT)
        try:
            while not is_over(process, seconds=15):
                tell(f"... {purpose}: {time.monotonic() - begun:.0f} s")
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise Stop(f"{end}\n\nCould not {purpose} (log: {log}).\n{remedy(end)}")


def is_over(process: "subprocess.Popen[bytes]", *, seconds: float) -> bool:
    """Wait for a while; whether it ended."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def remedy(end: str) -> str:
    """What to do about a failure, read from the end of its log."""
    if "No space left" in end:
        return "Free about 2 GB on this disk and start again."
    if "do not match the hashes" in end.lower() or "THESE PACKAGES DO NOT MATCH" in end:
        return "A file differs from the lock: check which package index or wheelhouse is used, then start again."
    if any(words in end for words in ("No matching distribution", "Could not find a version")):
        return "A package was not found: check pip's index (pip config list), or set ATTESTRY_WHEELHOUSE to a folder with the wheels."
    if any(words in end for words in ("onnection", "timed out", "Temporary failure", "SSL")):
        return "The package index was not reached: check the network and pip's proxy, or set ATTESTRY_WHEELHOUSE to a folder with the wheels."
    return "Mend what the lines above name and start again; deleting .venv is safe."
