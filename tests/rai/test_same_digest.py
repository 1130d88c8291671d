"""Thirty checks have one digest each, whatever process, time zone, language, hash seed, order of rows or database."""

import json
import os
import random
import subprocess
import sys

import pytest

from config.places import ROOT
from rai.catalogue import CHECKS
from rai.checks.contract import digest_of_value
from rai.running.replaying import content
from registry.models import Evidence
from tests import factories
from tests.rai import thirty_jobs

ENVIRONMENTS = {
    "plain": {},
    "Tokyo": {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
    "ASCII": {"TZ": "America/St_Johns", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "2"},
    "Turkish": {"TZ": "Europe/Istanbul", "LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr", "PYTHONHASHSEED": "3"},
    "shuffled": {"TZ": "Pacific/Chatham", "PYTHONHASHSEED": "4"},
}


@pytest.fixture
def chosen(seed, amount):
    """The jobs of this run: six that the seed draws, all of them with --full."""
    every = range(len(thirty_jobs.JOBS))
    return sorted(random.Random(seed).sample(every, max(6, amount(len(every)))))


def digests(folder, name, chosen):
    """Both digests of every chosen job, computed in a process of its own."""
    path = folder / name / "rows.csv"
    path.parent.mkdir()
    thirty_jobs.write(path, order=9 if name == "shuffled" else None)
    kept = {key: os.environ[key] for key in ("ATTESTRY_SECRET_KEY",) if key in os.environ}
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "ATTESTRY_DATA_DIR": str(folder / "var"), **kept}
    command = [sys.executable, "-m", "tests.rai.thirty_jobs", str(path), *map(str, chosen)]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=110, env={**env, **ENVIRONMENTS[name]}
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_every_check_that_reads_files_is_among_the_jobs():
    """P6: none is left out."""
    assert {job[0] for job in thirty_jobs.JOBS} == {slug for slug, check in CHECKS.items() if check.measure}


@pytest.mark.long
def test_thirty_checks_have_one_digest_each_in_five_environments(tmp_path, chosen):
    """P6: another order of the rows is another file, so its bytes are left out of that comparison alone."""
    found = {name: digests(tmp_path, name, chosen) for name in ENVIRONMENTS}
    assert len(thirty_jobs.JOBS) >= 30
    assert len({digest for digest, _ in found["plain"]}) == len(chosen)
    for name, each in found.items():
        apart = [pair[1] for pair in each] if name == "shuffled" else each
        expected = [pair[1] for pair in found["plain"]] if name == "shuffled" else found["plain"]
        assert apart == expected, name


@pytest.mark.both
def test_the_database_gives_back_what_the_digest_was_made_of(cast, tmp_path, chosen):
    """P6: thirty outcomes stored and read again, on SQLite and on PostgreSQL."""
    thirty_jobs.write(tmp_path / "rows.csv", order=None)
    version = factories.make_version(cast)
    for outcome in thirty_jobs.outcomes(tmp_path / "rows.csv", chosen):
        row = Evidence(version=version, kind="check", digest=outcome.digest, outcome=outcome.to_json())
        row.save()
        stored = Evidence.objects.get(pk=row.pk).outcome
        assert digest_of_value(content(stored)) == stored["digest"] == row.digest
