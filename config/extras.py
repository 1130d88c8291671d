"""Environments beside the product's own, each made from one hash-locked file: packages that the product does without."""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from config.places import ROOT, cache_folder

WAREHOUSE = ROOT / "requirements-warehouse.txt"
AEQUITAS = ROOT / "bench" / "requirements" / "aequitas.txt"
MLFLOW = ROOT / "bench" / "requirements" / "mlflow.txt"


def folder(lock: Path) -> Path:
    """Where the environment of a lock is, or will be."""
    return cache_folder() / "extras" / lock.stem.removeprefix("requirements-")


def python_of(lock: Path) -> Path | None:
    """The interpreter of an environment that holds exactly what the lock names; None where there is none."""
    stamped = folder(lock) / "lock.stamp"
    fits = stamped.exists() and stamped.read_text() == stamp(lock)
    return folder(lock) / "bin" / "python" if fits else None


def stamp(lock: Path) -> str:
    """What must be unchanged for the installed packages to be the right ones."""
    return hashlib.sha256(f"{lock.read_text()} {sys.version} {sysconfig.get_platform()}".encode()).hexdigest()


def make(lock: Path) -> Path:
    """The interpreter of the environment, made first where it is missing or out of date.

    Raises CalledProcessError with pip's last words where a package cannot be had.
    """
    found = python_of(lock)
    if found:
        return found
    place = folder(lock)
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True, capture_output=True, text=True)
    command = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install", "--quiet"]
    wheelhouse = os.environ.get("ATTESTRY_WHEELHOUSE")
    offline = ["--no-index", "--find-links", wheelhouse] if wheelhouse else []
    subprocess.run(
        [*command, "--no-input", "--require-hashes", "-r", str(lock), *offline],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    (place / "lock.stamp").write_text(stamp(lock))
    return place / "bin" / "python"
