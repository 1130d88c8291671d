"""`up` restarts what died, with longer pauses, and ends everything in reverse order."""

import time

import pytest

from config import services
from config.supervisor import FIRST_PAUSE, LONGEST_PAUSE, Child, Supervisor


@pytest.fixture
def supervised(tmp_path):
    """A supervisor of two sleeping children, and what it said."""
    said = []

    def child(name):
        return Child(name, lambda: services.start(name, ["sleep", "300"], log=tmp_path / name))

    supervisor = Supervisor([child("first"), child("second")], say=said.append)
    supervisor.start()
    yield supervisor, said
    supervisor.stop()


def kill_and_look(supervisor, child):
    """End a child from outside and let the supervisor see it."""
    child.process.kill()
    supervisor.look()


def test_a_dead_child_is_started_again(supervised):
    supervisor, said = supervised
    child = supervisor.children[0]
    dead = child.process.popen.pid
    kill_and_look(supervisor, child)
    assert "first ended with code -9" in said[0]
    child.due_at = time.monotonic()
    supervisor.look()
    assert child.process.is_running
    assert child.process.popen.pid != dead


def test_a_child_that_keeps_dying_is_started_ever_more_seldom(supervised):
    supervisor, _ = supervised
    child = supervisor.children[0]
    pauses = []
    for _ in range(7):
        kill_and_look(supervisor, child)
        pauses.append(round(child.due_at - time.monotonic()))
        child.launch()
    assert pauses[:3] == [1, 2, 4]
    assert pauses[-1] == LONGEST_PAUSE


def test_a_child_that_ran_for_long_begins_again_with_the_first_pause(supervised):
    supervisor, _ = supervised
    child = supervisor.children[0]
    child.pause, child.started_at = LONGEST_PAUSE, time.monotonic() - 3600
    kill_and_look(supervisor, child)
    assert child.due_at - time.monotonic() <= FIRST_PAUSE


def test_the_last_started_is_ended_first(supervised):
    supervisor, _ = supervised
    assert [process.name for process in supervisor.running()] == ["second", "first"]
    supervisor.stop()
    assert supervisor.running() == []


def test_a_second_signal_kills_at_once(supervised):
    supervisor, _ = supervised
    supervisor.ask_to_stop(2, None)
    assert len(supervisor.running()) == 2
    supervisor.ask_to_stop(2, None)
    assert supervisor.running() == []
