"""How often these tests repeat: all of it with --full, else so few that a run stays short."""

from collections.abc import Callable

import pytest

from tests.conftest import is_full


@pytest.fixture
def times() -> Callable[[int, int], int]:
    """`times(500, 5)` is 5, and 500 with --full."""
    return lambda full, few: full if is_full() else few
