"""What an outcome was computed with: interpreter, machine class and the versions of the libraries that make numbers."""

import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

LIBRARIES = ("duckdb", "numpy", "scipy")


def environment(libraries: Sequence[str] = LIBRARIES) -> dict[str, Any]:
    """Python, processor family and library versions, as they enter the outcome and its digest."""
    packages = {name: version(name) for name in libraries}
    return {"python": platform.python_version(), "machine": platform.machine(), "packages": packages}
