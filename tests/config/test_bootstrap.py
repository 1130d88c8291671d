"""The environment is made once, entered from anywhere, and failures say what to do."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config import bootstrap, places
from config.places import ROOT


@pytest.fixture
def clone(tmp_path) -> Path:
    """A copy of what the start needs, without an environment, in a folder with a space and Chinese in its name."""
    folder = tmp_path / "a clone 克隆"
    (folder / "config").mkdir(parents=True)
    (folder / "tests").mkdir()
    for name in ("manage.py", "config/__init__.py", "config/bootstrap.py", "config/places.py", "config/sysroot.py"):
        (folder / name).write_text((ROOT / name).read_text())
    for name in ("requirements.txt", "tests/requirements.txt"):
        (folder / name).write_text("# nothing is needed here\n")
    return folder


def start(clone: Path, *arguments: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Start manage.py of the clone with a Python that is not its environment's."""
    python = Path(sys.base_prefix) / "bin" / "python3"
    return subprocess.run(
        [python, str(clone / "manage.py"), *arguments],
        cwd=cwd or clone.parent,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_without_an_environment_says_which_command_makes_it(clone):
    done = start(clone, "check")
    assert done.returncode == 1
    assert "python3 manage.py demo" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["measure", "gate"])
def test_commands_that_answer_by_exit_code_call_a_missing_environment_an_error(clone, command):
    assert start(clone, command).returncode == 3


@pytest.fixture
def makeable(clone) -> Path:
    """A clone whose command `lock` only says where it runs, on a machine that has every library."""
    (clone / "config" / "lock.py").write_text(
        "import os, sys\ndef main(arguments):\n    print(sys.prefix, os.getcwd(), arguments)\n    return 7\n"
    )
    (clone / "config" / "sysroot.py").write_text(
        "import os\nRUNTIME_PARTS = TEST_PARTS = ()\ndef is_unlinked(): return False\n"
        "def environment(): return dict(os.environ)\n"
    )
    return clone


@pytest.mark.long
def test_the_environment_is_made_once_and_entered_from_any_folder(makeable):
    done = start(makeable, "lock", "--upgrade", cwd=makeable.parent)
    assert done.returncode == 7, done.stderr
    assert done.stdout.splitlines() == [f"{makeable / '.venv'} {makeable} ['--upgrade']"]
    again = start(makeable, "lock")
    assert again.returncode == 7
    assert "Making" in done.stderr
    assert "Making" not in again.stderr


@pytest.mark.long
def test_of_two_starts_at_once_one_waits_for_the_other(makeable):
    with ThreadPoolExecutor() as pool:
        both = [done.result() for done in [pool.submit(start, makeable, "lock") for _ in range(2)]]
    assert [done.returncode for done in both] == [7, 7]
    assert sorted("Making the environment" in done.stderr for done in both) == [False, True]


@pytest.mark.long
def test_a_failed_installation_shows_the_end_of_its_log_and_what_to_do(clone):
    (clone / "requirements.txt").write_text("a-package==1.0 --hash=sha256:" + "0" * 64 + "\n")
    wheelhouse = clone / "wheels"
    wheelhouse.mkdir()
    done = start(clone, "up", ATTESTRY_WHEELHOUSE=str(wheelhouse))
    assert done.returncode == 1
    assert "No matching distribution" in done.stderr
    assert "ATTESTRY_WHEELHOUSE" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_python_is_refused_in_one_line(clone):
    code = (
        f"import sys; sys.argv = ['manage.py', 'up']; sys.path.insert(0, {str(clone)!r}); sys.version_info = (3, 13, 1)\n"
        "import manage; manage.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "Attestry needs Python 3.11 or 3.12, this is 3.13: start it with python3.11."


def test_a_changed_lock_is_installed_again(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "venv", lambda: tmp_path)
    monkeypatch.setattr(bootstrap, "is_alive", lambda: True)
    lock = tmp_path / "requirements.txt"
    lock.write_text("Django==1")
    bootstrap.stamp_file(lock).write_text(bootstrap.stamp(lock))
    assert bootstrap.is_stamped(lock)
    lock.write_text("Django==2")
    assert not bootstrap.is_stamped(lock)


@pytest.mark.parametrize("words", [["--data-dir", "here"], ["--data-dir=here"]])
def test_the_data_folder_of_demo_is_known_before_settings_are_read(monkeypatch, tmp_path, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTESTRY_DATA_DIR", "elsewhere")
    bootstrap.keep_data_dir("demo", ["manage.py", "demo", *words])
    assert os.environ["ATTESTRY_DATA_DIR"] == str(tmp_path / "here")


def test_a_clone_that_this_user_may_not_write_keeps_its_environment_in_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.setattr(places.os, "access", lambda *_: False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert places.home.__wrapped__().parent == tmp_path / "attestry"


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "Free about 2 GB"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "differs from the lock"),
        ("ConnectTimeoutError: timed out", "network"),
        ("something else", "start again"),
    ],
)
def test_each_kind_of_failure_has_its_remedy(end, words):
    assert words in bootstrap.remedy(end)


def test_the_start_uses_the_standard_library_alone():
    """Without the site module no installed package can be found."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); from config import bootstrap"
    done = subprocess.run([sys.executable, "-ISc", code, str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
