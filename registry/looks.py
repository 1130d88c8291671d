"""One look: what several gates and parts of the material ask alike is read once while they are asked."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, ParamSpec, TypeVar

from registry.models import Release

P = ParamSpec("P")
T = TypeVar("T")
SEEN: Final[ContextVar[dict[Any, Any] | None]] = ContextVar("seen", default=None)


@contextmanager
def one_look(release: Release) -> Iterator[None]:
    """Within this block `read_once` reads once: for questions, which change nothing. One within another is part of it."""
    share_system(release)
    if SEEN.get() is not None:
        yield
        return
    begun = SEEN.set({})
    try:
        yield
    finally:
        SEEN.reset(begun)


def share_system(release: Release) -> None:
    """Where a release is for the home system of its version, both lead to one row of it."""
    model = release.version.model
    if model.system_id == release.system_id:
        model.system = release.system


def read_once(read: Callable[P, T]) -> Callable[P, T]:
    """A function of rows whose answer is kept for one look, for those very rows; nobody changes what it returns."""

    @functools.wraps(read)
    def seen(*rows: P.args, **named: P.kwargs) -> T:
        kept = SEEN.get()
        if kept is None or named:
            return read(*rows, **named)
        key = (read, *map(id, rows))
        if key not in kept:
            kept[key] = (read(*rows, **named), rows)  # the rows stay alive with it, so no other takes their id
        answer: T = kept[key][0]
        return answer

    return seen
