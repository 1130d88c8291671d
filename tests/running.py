"""A plugin of pytest that writes down which test each process runs, for whoever sees an attempt on the network.

`manage.py test --no-network` loads it; config/no_network.py reads what it writes.
"""

import os
from pathlib import Path

import pytest

FOLDER = os.environ.get("ATTESTRY_TEST_RUNNING")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """This process begins with a test."""
    if FOLDER:
        Path(FOLDER, str(os.getpid())).write_text(item.nodeid)
