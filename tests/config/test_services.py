"""Private services start, answer, and end with whoever started them."""

import os
import signal
import subprocess
import sys
import time

import pytest

from config import services


def is_alive(pid: int) -> bool:
    """The process exists and is not only waiting to be collected."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(question, seconds=10):
    """Wait for something to become true; whether it did."""
    deadline = time.monotonic() + seconds
    while not question() and time.monotonic() < deadline:
        time.sleep(0.05)
    return question()


def test_a_broker_url_of_the_installation_is_used_as_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("ATTESTRY_REDIS_URL", "redis://broker.example:6379/0")
    service = services.start_valkey(tmp_path)
    assert (service.url, service.process) == ("redis://broker.example:6379/0", None)


def test_without_any_server_messages_go_through_files_with_a_warning(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("ATTESTRY_REDIS_URL", raising=False)
    monkeypatch.setattr(services, "valkey_binary", lambda: None)
    service = services.start_valkey(tmp_path)
    assert service.url == "filesystem://"
    assert "No Valkey or Redis server" in capsys.readouterr().err


def test_the_sockets_path_is_short_enough_even_where_the_temporary_folder_is_deep(monkeypatch, tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    monkeypatch.setattr(services.tempfile, "gettempdir", lambda: str(deep))
    folder = services.short_folder()
    assert len(str(folder / "s")) <= services.SOCKET_PATH_LIMIT
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()


def test_a_child_that_ignores_the_polite_end_is_killed_with_its_own_children(tmp_path):
    command = ["bash", "-c", 'trap "" TERM; sleep 300 & echo $! > "$0"; while :; do wait; done', tmp_path / "pid"]
    process = services.start("stubborn", command, log=tmp_path / "log")
    assert wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
    grandchild = int((tmp_path / "pid").read_text())
    process.stop(seconds=0.3)
    assert not process.is_running
    assert wait_until(lambda: not is_alive(grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent ended")
def test_children_do_not_outlive_a_killed_parent(tmp_path):
    program = (
        "from pathlib import Path; from config import services; import time\n"
        f"print(services.start('child', ['sleep', '300'], log=Path({str(tmp_path)!r}) / 'log').popen.pid, flush=True)\n"
        "time.sleep(300)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=services.ROOT, stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
    assert wait_until(lambda: not is_alive(child))


@pytest.mark.real
def test_a_private_valkey_answers_only_on_a_socket_of_its_owner(valkey):
    assert valkey.url.startswith("redis+socket:///")
    assert [place.stat().st_mode & 0o077 for place in (valkey.run_dir, valkey.run_dir / "s")] == [0, 0]
    assert services.answers(valkey.run_dir / "s")


@pytest.mark.real
def test_what_valkey_holds_survives_its_being_killed(tmp_path, valkey):
    import redis

    first = services.start_valkey_of_our_own(tmp_path)
    redis.Redis(unix_socket_path=str(first.run_dir / "s")).lpush("kept", "message")
    time.sleep(1.2)  # the append-only file is flushed every second
    first.process.kill()
    first.lock.close()  # as the kernel does when the whole installation is killed
    second = services.start_valkey_of_our_own(tmp_path)
    try:
        assert not first.run_dir.exists()
        assert redis.Redis(unix_socket_path=str(second.run_dir / "s")).lrange("kept", 0, -1) == [b"message"]
    finally:
        second.stop()


@pytest.mark.real
def test_two_installations_on_one_folder_do_not_share_valkeys_files(tmp_path, valkey):
    first, second = services.start_valkey_of_our_own(tmp_path), services.start_valkey_of_our_own(tmp_path)
    try:
        assert first.process.log.parent != second.process.log.parent
    finally:
        first.stop()
        second.stop()


@pytest.mark.real
def test_a_real_worker_takes_work_and_is_gone_after_a_kill(start_worker):
    process = start_worker(concurrency=1)
    children = [int(pid) for pid in children_of(process.popen.pid)]
    assert children
    process.kill()
    assert wait_until(lambda: not any(map(is_alive, [process.popen.pid, *children])))


def children_of(pid: int) -> list[str]:
    """The process ids that the kernel lists as children."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return file.read().split()


@pytest.mark.real
def test_a_worker_opens_the_database_of_the_test(worker):
    """The first sweep of a worker leaves its lease there."""
    from registry.models import SweepLease

    assert wait_until(lambda: SweepLease.objects.filter(until__isnull=False).exists())


@pytest.mark.real
def test_the_browser_opens_a_page(page):
    page.goto("data:text/html,<title>Ready</title>")
    assert page.title() == "Ready"
