"""The moment that readers take for now: the clock's, or the one at which a document tells how things are."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_told_at: ContextVar[datetime | None] = ContextVar("told_at", default=None)


def now() -> datetime:
    """The moment of the document that is being gathered, and the clock's everywhere else."""
    return _told_at.get() or timezone.now()


def today() -> date:
    """The day of `now()` in the installation's time zone."""
    return timezone.localdate(now())


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within this block what is late, stale, in force or over is told as of `moment`.

    A document gathered again on another day from the same rows says the same, then. Rows are read as they are now: for
    what they were, see `registry/api/as_of.py`. Acts do not look here: what is done, is done at the clock's time.
    """
    before = _told_at.set(moment)
    try:
        yield
    finally:
        _told_at.reset(before)
