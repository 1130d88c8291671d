"""Chooses a private folder for this test process and starts Django in it; imported first by conftest."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django

from config import postgres, services
from tests import template

KEPT = ("ATTESTRY_TEST_", "ATTESTRY_FULL", "ATTESTRY_SEED", "ATTESTRY_WHEELHOUSE")


def private_folder() -> Path:
    """A new folder that goes away with this process; each xdist worker makes its own."""
    folder = Path(tempfile.mkdtemp(prefix="attestry-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def isolate(folder: Path) -> None:
    """Forget the settings of an installation, so that no test touches its database, broker or files.

    The test database is a file: threads, the live server and a worker process all open the same one.
    """
    for name in [name for name in os.environ if name.startswith("ATTESTRY_") and not name.startswith(KEPT)]:
        del os.environ[name]
    os.environ["ATTESTRY_TESTING"] = "1"
    os.environ["ATTESTRY_DATA_DIR"] = str(folder)
    (folder / "static").mkdir()  # WhiteNoise warns where nothing was collected
    os.environ["ATTESTRY_TEST_DB"] = str(folder / "test.sqlite3")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"


def find_postgres() -> str:
    """In the lane with real servers, open PostgreSQL: the named one, else one of our own; what is used or is lacking.

    Settings are read once, so this comes before Django; xdist's workers inherit the address and start none.
    """
    if os.environ.get("ATTESTRY_TEST_LANE") != "real":
        return ""
    found = os.environ.get("ATTESTRY_TEST_DATABASE_ORIGIN") or "named by ATTESTRY_TEST_DATABASE_URL"
    if not os.environ.get("ATTESTRY_TEST_DATABASE_URL"):
        try:
            server = postgres.start_private(DATA_DIR / "postgres.log")
        except services.ServiceError as error:
            return f"absent, SQLite instead: {error}"
        atexit.register(server.stop)
        os.environ["ATTESTRY_TEST_DATABASE_ORIGIN"] = found = server.version
        os.environ["ATTESTRY_TEST_DATABASE_URL"] = server.url()
        template.begin(server, DATA_DIR / "template.log")
    os.environ["ATTESTRY_DATABASE_URL"] = os.environ["ATTESTRY_TEST_DATABASE_URL"]
    return found


DATA_DIR = private_folder()
isolate(DATA_DIR)
POSTGRES = find_postgres()
django.setup()
# Where it stays, pytest-django starts Django in xdist's workers before they have a folder of their own.
del os.environ["DJANGO_SETTINGS_MODULE"]

from tests import append_only  # isort: skip  # noqa: E402  # Django has to be set up before it

append_only.let_flush_empty_the_log()
