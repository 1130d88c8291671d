"""A clock that tests set, for days that pass."""

from datetime import timedelta

import pytest
from django.utils import timezone


class Clock:
    """Goes on as the real one does, so much ahead."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead, real = timedelta(), timezone.now
        monkeypatch.setattr(timezone, "now", lambda: real() + self.ahead)

    def on(self, **time: int) -> None:
        """Move on by so much."""
        self.ahead += timedelta(**time)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """The clock of the test."""
    return Clock(monkeypatch)
