"""Keeps the library of JSON schemas from building its forty grammars of addresses before an address is to be judged."""

import sys
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

NAME = "rfc3987_syntax"


class Later(ModuleType):
    """Stands for the package of grammars, which takes more than a second to import, until somebody asks it something."""

    @staticmethod
    def is_valid_syntax(term: str, value: str) -> bool:
        """What the package itself says of a text."""
        return bool(grammars().is_valid_syntax(term, value))


@cache
def grammars() -> Any:
    """The package itself, in its own place again."""
    sys.modules.pop(NAME, None)
    return import_module(NAME)


def put_off() -> None:
    """Let whoever imports the package get the one that stands for it; where it was imported already, it stays."""
    sys.modules.setdefault(NAME, Later(NAME))
