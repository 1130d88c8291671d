"""What every test may ask for: options of the run, real servers, the shared data, and the cast."""

from tests import environment  # isort: skip  # before anything that touches Django

import gc
import os
import random
import time
from pathlib import Path
from typing import Any

import pytest

from config.places import ROOT
from tests import servers, template
from tests.order import pytest_collection_modifyitems  # noqa: F401
from tests.servers import (  # noqa: F401
    browser,
    browser_context,
    chromium,
    django_db_keepdb,
    django_db_modify_db_settings,
    django_db_setup,
    lacking,
    page,
    start_worker,
    valkey,
    worker,
)

CURSORS: dict[str, int] = {}  # how many cursors the database had opened by name when cycles were last collected


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options that `manage.py test` hands on."""
    parser.addoption("--require-real", action="store_true", help="an absent server or browser is a failure, not a skip")


def pytest_report_header() -> list[str]:
    """The seed and the amount, so that a run can be repeated."""
    amount = "full counts" if is_full() else "a tenth of the full counts (--full runs all)"
    return [f"attestry: seed {run_seed()} (repeat with ATTESTRY_SEED={run_seed()}), {amount}"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of real servers, before pytest's own last line."""
    servers.print_table(terminalreporter, str(config.getoption("markexpr")))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of xdist tells the one that prints which servers it used."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["servers"] = dict(servers.USED)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Wait here for the migrated database, where no test's time is running out."""
    from django.db import connection

    if session.items and not session.config.option.collectonly and connection.vendor == "postgresql":
        template.finished(connection.settings_dict)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Close half-read cursors that lie in reference cycles now, while no transaction is open.

    PostgreSQL refuses to close a cursor whose transaction is over; were it collected in the midst of the next test,
    that refusal would abort a transaction which has nothing to do with it.
    """
    from django.db import connection

    opened = getattr(connection, "_named_cursor_idx", 0)
    if connection.vendor == "postgresql" and opened != CURSORS.get("opened"):
        CURSORS["opened"] = opened
        gc.collect()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """The servers that a process of xdist used."""
    servers.USED.update(getattr(node, "workeroutput", {}).get("servers", {}))


def run_seed() -> int:
    """The seed of this run; the same in every xdist worker."""
    return int(os.environ.setdefault("ATTESTRY_SEED", str(random.SystemRandom().randrange(2**31))))


def is_full() -> bool:
    """The run was asked for the full counts."""
    return os.environ.get("ATTESTRY_FULL") == "1"


@pytest.fixture
def seed() -> int:
    """The seed of this run, for tests that draw their cases."""
    return run_seed()


@pytest.fixture
def amount():
    """How many cases to run: `amount(1000)` is 100, and 1000 with --full."""
    return lambda full: full if is_full() else max(1, full // 10)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of published data sets, which lies beside the repository and not in it."""
    folder = Path(os.environ.get("ATTESTRY_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no data sets in {folder} (ATTESTRY_TEST_DATA names another folder)")
    return folder


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The private folder where this run keeps its state."""
    return environment.DATA_DIR


@pytest.fixture(autouse=True)
def password_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever a test signs in by force has just given the password, as somebody who came in by the page has."""
    from django.test import Client

    from registry.fresh_password import KEY

    force = Client.force_login

    def force_login(client: Client, person: Any, backend: Any = None) -> None:
        force(client, person, backend)
        session = client.session
        session[KEY] = time.time()
        session.save()

    monkeypatch.setattr(Client, "force_login", force_login)


# ---- the cast (fixtures of people and objects) is imported below this line


@pytest.fixture
def cast(db):
    """The people of every story."""
    from tests import kept_cast

    return kept_cast.cast()
