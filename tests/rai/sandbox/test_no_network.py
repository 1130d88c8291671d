"""The work on models and tables where there is no network at all: nothing tries to reach one."""

import os
import shutil
import subprocess
import sys

import pytest

from config.places import ROOT
from rai.sandbox import launcher

# Runs the given tests under a kernel that counts: every socket of another family than a local one is written down.
WATCHED = """
import socket, sys
import pytest
tried = []
def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        where = args[1] if event in ("socket.connect", "socket.sendto") else args[0]
        if not isinstance(where, (str, bytes)) or event in ("socket.getaddrinfo", "socket.gethostbyname"):
            tried.append((event, str(where)))
sys.addaudithook(watch)
ended = pytest.main(sys.argv[1:])
print("TRIED", tried)
sys.exit(int(ended))
"""
PART = ["tests/rai/test_formats.py", "tests/rai/sandbox/test_models.py"]


def without_network(command: list[str]) -> subprocess.CompletedProcess[str]:
    """The command in a network namespace of its own, which has no route."""
    kinds = ["-n"] if os.geteuid() == 0 else ["-r", "-n"]
    return subprocess.run(["unshare", *kinds, *command], capture_output=True, text=True, cwd=ROOT, timeout=500)


@pytest.mark.long
def test_models_and_tables_are_read_without_a_network_and_nothing_asks_for_one(tmp_path):
    """Attack 30, 0 connection attempts; docs/running.md says how the whole suite is run so."""
    if shutil.which("unshare") is None or without_network(["true"]).returncode:
        pytest.skip("network namespaces are not to be had here")
    (tmp_path / "watched.py").write_text(WATCHED)
    chosen = ["-k", "kind_is_told or three_classes or (gives_the_scores and xgboost_ubj)"]
    done = without_network([sys.executable, str(tmp_path / "watched.py"), *PART, *chosen, "-q", "-p", "no:cacheprovider", "--no-header"])  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "TRIED []" in done.stdout and " passed" in done.stdout


def test_no_runtime_reports_home():
    """onnxruntime would otherwise send telemetry: every entry point says no before anything is imported."""
    assert launcher.ENVIRONMENT["ORT_DISABLE_TELEMETRY"] == "1"
    for entry in ("config.settings", "config.celery", "config.bootstrap"):
        asked = f"import {entry.split('.')[0]}, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
        clean = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, cwd=ROOT, env=clean)
        assert done.stdout.strip() == "1", (entry, done.stderr)
