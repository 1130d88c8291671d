"""What journeys ask for: people, each with a browser profile of his or her own, and a check of all that they met."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config import services, sysroot
from tests import factories
from tests.journeys.walking import Walker


@pytest.fixture
def people(transactional_db: None) -> factories.Cast:
    """The people of every story, in the database that the live server opens."""
    return factories.make_cast()


@pytest.fixture
def worker(start_worker: Callable[..., services.Process]) -> services.Process:
    """A worker for checks, reports and packs, with the libraries that PDFs need however pytest was started."""
    return start_worker(concurrency=2, env=sysroot.environment())


@pytest.fixture
def walk(browser_context: Callable[..., Any], live_server: Any, tmp_path: Any) -> Iterator[Callable[..., Walker]]:
    """Sign a person in with a fresh profile; at the end nobody has met a fault, and failures leave pictures."""
    walkers: list[Walker] = []

    def begin(person: Any) -> Walker:
        walker = Walker(browser_context(accept_downloads=True).pages[0], live_server.url, person, tmp_path)
        walkers.append(walker)
        return walker.sign_in()

    yield begin
    for walker in walkers:
        walker.picture(str(walker.person).lower().replace(" ", "-"))
    print("\n".join(line for walker in walkers for line in walker.visited))
    assert [fault for walker in walkers for fault in walker.faults] == []
