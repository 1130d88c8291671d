"""The work on models and tables where there is no network at all: nothing tries to reach one."""

import os
import subprocess
import sys

import pytest

from config import no_network
from config.places import ROOT
from rai.sandbox import launcher

PART = "tests/rai/sandbox/test_models.py"


@pytest.mark.long
def test_models_and_tables_are_read_without_a_network_and_nothing_asks_for_one():
    """Attack 30, 0 connection attempts of model libraries; `manage.py test --no-network` runs everything so."""
    chosen = [
        "-k",
        "gives_the_scores and (onnx or xgboost_ubj)",
        "-q",
        "-p",
        "no:cacheprovider",
    ]
    command = [sys.executable, "-m", "config.no_network", sys.executable, "-m", "pytest", PART, *chosen]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=500)
    if done.returncode == no_network.NOT_TO_BE_HAD:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "network: 0 attempts" in done.stdout and " passed" in done.stdout


def test_no_runtime_reports_home():
    """onnxruntime would otherwise send telemetry: every entry point says no before anything is imported."""
    assert launcher.ENVIRONMENT["ORT_DISABLE_TELEMETRY"] == "1"
    for entry in ("config.settings", "config.celery", "config.bootstrap"):
        asked = f"import {entry.split('.')[0]}, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
        clean = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, cwd=ROOT, env=clean)
        assert done.stdout.strip() == "1", (entry, done.stderr)
