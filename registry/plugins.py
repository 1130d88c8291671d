"""Resolves the dotted paths of the catalogues; done by whoever runs a thing, so that listing it imports nothing heavy."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def resolved(path: str) -> Callable[..., Any]:
    """The function behind `module:name`."""
    module, _colon, name = path.partition(":")
    return getattr(import_module(module), name)
