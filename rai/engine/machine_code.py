"""Loops as machine code that is made once, kept beside its source and only read where nothing may be written."""

from collections.abc import Callable
from typing import Any

import numba
from numba.core.caching import InTreeCacheLocator

# Its stubs know neither the options as a dictionary nor where the kept code is looked for.
njit: Any = numba.njit
config: Any = numba.config
OPTIONS = {"error_model": "numpy", "nogil": True}


class Beside(InTreeCacheLocator):
    """The folder beside the source, also where it can only be read: numba itself asks to write there first."""

    def ensure_cache_path(self) -> None:
        """The folder is there, or is not needed."""


def kept(*signature: Any) -> Callable[[Any], Any]:
    """A function that is machine code from its import on; where none is kept and none can be, for this process alone."""

    def decorate(function: Any) -> Any:
        chosen, config.CACHE_LOCATOR_CLASSES = config.CACHE_LOCATOR_CLASSES, f"{__name__}.{Beside.__name__}"
        try:
            return njit(*signature, cache=True, **OPTIONS)(function)
        except (OSError, RuntimeError):
            return njit(*signature, **OPTIONS)(function)
        finally:
            config.CACHE_LOCATOR_CLASSES = chosen

    return decorate


# Of a function that others call: it becomes part of their machine code.
inner = njit(**OPTIONS)
