"""Where the environment, caches and state lie; standard library only, since it is read before any package exists."""

import hashlib
import os
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@cache
def home() -> Path:
    """The repository's root; or, where this user may not write there, a folder of the user's own for this clone."""
    if os.access(ROOT, os.W_OK):
        return ROOT
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "attestry" / hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]


def cache_folder() -> Path:
    """Where what can be made again lies: locks, logs, unpacked system libraries, tools' caches."""
    folder = home() / ".cache"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
