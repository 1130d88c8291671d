"""Real servers for tests: PostgreSQL, Valkey, worker processes, Chromium; and the table of those that a run used."""

import itertools
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from config import migrated, postgres, services, sysroot
from tests import template
from tests.environment import DATA_DIR, POSTGRES

CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync",
                  # It would ask its maker about signing in, filled forms, leaked passwords and updates: no other name is known.
                  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]"]  # fmt: skip
USED: dict[str, str] = {"PostgreSQL": POSTGRES} if POSTGRES else {}
numbers = itertools.count(1)


def print_table(terminal: pytest.TerminalReporter, markers: str) -> None:
    """Which real servers this run used; nothing in a run that was not to use any."""
    if not USED and (not markers or "not real" in markers):
        return
    terminal.section("real servers")
    for name in ("PostgreSQL", "Valkey", "worker", "Chromium"):
        terminal.line(f"{name:<12}{USED.get(name, 'not asked for by a test of this run')}")


@pytest.fixture(scope="session")
def lacking(pytestconfig: pytest.Config) -> Callable[[str, str], None]:
    """Skip because a server, the browser or a sandbox level is not to be had; with --require-real, fail."""

    def lack(name: str, reason: str) -> None:
        USED[name] = f"absent: {reason}"
        if pytestconfig.getoption("--require-real"):
            pytest.fail(f"{name} is required by --require-real: {reason}", pytrace=False)
        pytest.skip(f"{name}: {reason}")

    return lack


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, pytestconfig: pytest.Config
) -> None:
    """A database for each process, on PostgreSQL in the lane with real servers: its tests fail where it must and cannot."""
    if POSTGRES.startswith("absent") and pytestconfig.getoption("--require-real"):
        pytest.fail(f"PostgreSQL is required by --require-real: {POSTGRES}", pytrace=False)
    migrated.lay(Path(connection.creation._get_test_db_name()))
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = template.finished(connection.settings_dict)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The SQLite file may be a copy of a migrated one, and is thrown away with its folder all the same."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The first process that migrates keeps the outcome for those that follow."""
    with django_db_blocker.unblock():
        migrated.keep()


@pytest.fixture(scope="session")
def valkey(lacking: Callable[[str, str], None]) -> Iterator[services.Service]:
    """A private broker for the whole run, in use by this process."""
    service = services.start_valkey(DATA_DIR)
    if not service.process:
        lacking("Valkey", "neither the wheel's server nor one on the search path runs on this machine")
    services.adopt(service)
    number = re.search(r"v=(\S+)", version(service.command[0]))
    USED["Valkey"] = f"{number[1] if number else '?'} ({service.origin})"
    yield service
    service.stop()


@pytest.fixture
def start_worker(valkey: services.Service, transactional_db: None) -> Iterator[Callable[..., services.Process]]:
    """Start real worker processes on the test's own database; all end with the test, however it ends.

    `start_worker(queues=("checks",), concurrency=1, env={...})` returns when the worker takes work;
    `process.kill()` is SIGKILL for it and its children.
    """
    started: list[services.Process] = []

    def launch(*, env: dict[str, str] | None = None, **wishes: Any) -> services.Process:
        number = next(numbers)
        process = services.start_worker(
            {**(env or {}), **worker_env(valkey)}, name=f"test{number}", log=DATA_DIR / f"worker-{number}.log", **wishes
        )
        started.append(process)
        USED["worker"] = "asked for, did not start"
        services.wait_for_worker(process)
        USED["worker"] = f"celery worker, a process of its own; {number} started in this run"
        return process

    yield launch
    for process in started:
        process.kill()


@pytest.fixture
def worker(start_worker: Callable[..., services.Process]) -> services.Process:
    """One real worker for all queues, ready."""
    return start_worker()


def worker_env(valkey: services.Service) -> dict[str, str]:
    """A worker with these variables opens the database that the test process uses."""
    from django.conf import settings

    return {**valkey.env, "ATTESTRY_DATABASE_URL": postgres.address(settings.DATABASES["default"])}


@pytest.fixture(scope="session")
def chromium(lacking: Callable[[str, str], None]) -> Path:
    """The Chromium program."""
    path = services.chromium_path()
    if path is None:
        lacking("Chromium", "none on the search path, none unpacked; `manage.py test` unpacks one where apt-get exists")
    assert path is not None
    USED["Chromium"] = version(path, env=services.chromium_env()).removeprefix("Chromium ")
    return path


@pytest.fixture
def browser_context(chromium: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Open fresh browser profiles, one a person: `browser_context(color_scheme="dark", viewport={...})`."""
    from playwright.sync_api import sync_playwright

    # Playwright's event loop runs in this thread, where Django would refuse the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    for name, value in sysroot.environment("atomic").items():  # for Playwright's own program
        monkeypatch.setenv(name, value)
    profiles = itertools.count(1)
    with sync_playwright() as playwright:
        opened: list[Any] = []

        def launch(**wishes: Any) -> Any:
            context = playwright.chromium.launch_persistent_context(
                tmp_path / f"profile-{next(profiles)}",
                executable_path=chromium,
                headless=True,
                args=CHROMIUM_FLAGS,
                env=services.chromium_env(),
                **wishes,
            )
            opened.append(context)
            return context

        yield launch
        for context in opened:
            context.close()


@pytest.fixture
def browser(browser_context: Callable[..., Any]) -> Any:
    """One browser with a fresh profile."""
    return browser_context()


@pytest.fixture
def page(browser: Any) -> Any:
    """Its first page."""
    return browser.pages[0]


def version(program: str | Path, *, env: dict[str, str] | None = None) -> str:
    """What a program says of itself, one line."""
    done = subprocess.run([str(program), "--version"], capture_output=True, text=True, env=env, check=False)
    return (done.stdout.strip() or done.stderr.strip()).splitlines()[0]
