"""Damaged and hostile model files: the parent lives, nothing of a crashed child is recorded, the next job runs (attack 6)."""

import json
import os
import subprocess
import sys

import pytest

from config.places import ROOT
from rai.sandbox import launcher, levels
from tests.rai.sandbox import makers

FORMATS = ("lightgbm_text", "xgboost_json", "xgboost_ubj", "onnx", "skops")


@pytest.mark.long
@pytest.mark.skipif(launcher.level() != levels.KERNEL_WALLS, reason="this kernel offers no walls: level D")
@pytest.mark.parametrize("kind", FORMATS)
def test_a_thousand_mutated_files_never_harm_the_parent(tmp_path, seed, amount, kind, capsys):
    """P7: 1,000 files a format; the process that runs them stays the same, and after each crash the next job runs."""
    made = makers.MODELS[kind]()
    (tmp_path / made.name).write_bytes(made.content)
    count = amount(1000)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.rai.sandbox.mutants", kind, str(tmp_path / made.name), str(count), str(seed)],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, **launcher.ENVIRONMENT}, timeout=3000,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    with capsys.disabled():
        print(
            f"\n{count} mutated files of {kind}: {found['ends']}; the next job ran after each of {found['crashed']} crashes"
        )
    assert found["same_pid"] and sum(found["ends"].values()) == count
    assert found["next_ran"] == found["crashed"]
    # A wall that was touched would be named: these files crash parsers at most.
    assert set(found["ends"]) <= {"answer", "refused", *(end for end in found["ends"] if end.startswith("ended by"))}
    assert found["ends"]["refused"] > 0
