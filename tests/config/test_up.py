"""`up` serves with real services, heals what dies, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from config import services
from config.places import ROOT
from tests.config.test_services import children_of, is_alive, wait_until

pytestmark = pytest.mark.real


@pytest.fixture
def up(tmp_path, valkey):
    """An installation that serves on a free port, as a process; the broker's fixture skips where there is no server."""
    bind = f"127.0.0.1:{services.free_port()}"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ATTESTRY_")}
    env = {**inherited, "ATTESTRY_DATA_DIR": str(tmp_path), "ATTESTRY_BIND": bind, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "django", "up", "--settings", "config.settings"]
    with (tmp_path / "up.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        assert wait_until(lambda: "serves on" in said(tmp_path) or process.poll() is not None, seconds=60)
        assert process.poll() is None, said(tmp_path)
        yield process, f"http://{bind}", tmp_path
    finally:
        process.kill()
        process.wait()
        services.forget_run_dir(tmp_path / "valkey")


def said(folder: Path) -> str:
    """What `up` has printed."""
    return (folder / "up.log").read_text()


def status(url: str) -> int:
    """The answer's status."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status


def test_it_serves_and_a_polite_end_leaves_no_process_and_no_socket(up):
    process, url, folder = up
    assert status(f"{url}/livez") == 200
    assert "create_admin" in said(folder)
    children = list(map(int, children_of(process.pid)))
    sockets = [
        word for pid in children for word in Path(f"/proc/{pid}/cmdline").read_text().split("\0") if word.endswith("/s")
    ]
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0, said(folder)
    assert len(children) >= 4
    assert not any(map(is_alive, children))
    assert not any(Path(socket).exists() for socket in sockets)


def test_a_killed_worker_is_replaced_while_the_pages_stay(up):
    process, url, folder = up
    worker = next(
        pid for pid in map(int, children_of(process.pid)) if b"checks" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )
    os.killpg(worker, signal.SIGKILL)
    assert wait_until(lambda: "checks ended with code -9" in said(folder))
    assert status(f"{url}/livez") == 200
    assert wait_until(lambda: len(children_of(process.pid)) >= 4)


def test_what_up_started_ends_with_it_even_when_it_is_killed(up):
    process, _, _ = up
    children = list(map(int, children_of(process.pid)))
    process.kill()
    process.wait()
    assert wait_until(lambda: not any(map(is_alive, children)))


def test_a_taken_address_is_refused_in_a_sentence(up, tmp_path_factory):
    _, url, _ = up
    env = {
        **os.environ,
        "ATTESTRY_BIND": url.removeprefix("http://"),
        "ATTESTRY_DATA_DIR": str(tmp_path_factory.mktemp("second")),
    }
    begun = time.monotonic()
    second = subprocess.run(
        [sys.executable, "-m", "django", "up", "--settings", "config.settings"],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert "ATTESTRY_BIND" in second.stderr
    assert time.monotonic() - begun < 30
