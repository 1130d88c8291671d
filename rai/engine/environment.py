"""Where a number was computed: Python, platform, package versions. Part of an outcome's digest."""

import platform
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any


def environment(packages: Iterable[str]) -> dict[str, Any]:
    """Versions of Python and of the named packages, and the machine's kind."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: version(name) for name in sorted(packages)},
    }
