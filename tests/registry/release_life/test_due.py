"""What the web server does every minute by itself."""

import threading

import pytest

from registry.models import ModelVersion
from registry.release_life import due
from tests import factories
from tests.registry import releasing
from tests.registry.release_life.test_later_runs import lands
from tests.registry.reviews.scenes import under


@pytest.mark.django_db
def test_one_process_looks_at_a_time(monkeypatch):
    """The lease lets the next one wait, however many web processes there are."""
    calls = []
    monkeypatch.setattr(due, "look", lambda: calls.append(1) or 0)
    for _process in range(3):
        due.tick()
    assert calls == [1]


def test_an_error_ends_no_further_look(monkeypatch):
    """It is logged and tried again."""
    over, calls = threading.Event(), []

    def look_once():
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the database is away")
        over.set()

    monkeypatch.setattr(due, "tick", look_once)
    monkeypatch.setattr(due.connection, "close", lambda: None)
    due.go_on(over, 0.001)
    assert len(calls) == 2


@pytest.mark.django_db(transaction=True)
def test_the_thread_of_the_web_server_carries_out_what_the_policy_says(transactional_db, monkeypatch):
    """S-125: nobody clicks anything; what runs in the thread has a connection of its own."""
    cast = factories.make_cast()
    under(monkeypatch, on_failed_run="suspend")
    release = releasing.published(cast, factories.make_releasable(cast, affects_people=True))
    lands(cast, release)
    over = threading.Event()
    real = due.tick
    monkeypatch.setattr(due, "tick", lambda: (real(), over.set()))
    thread = threading.Thread(target=due.go_on, args=[over, 0.01])
    thread.start()
    thread.join(timeout=30)
    assert ModelVersion.objects.get(pk=release.version_id).status == "suspended"
