"""Forty gadgets sent by the client for pipelines to a server on a socket: neither side opens what it hashes (attack 1)."""

import hashlib
import random

import pytest

from rai import tasks
from rai.models import Predictions
from registry.actions.record_checks import run_record_check
from registry.models import Evidence, JobStatus, ModelVersion
from tests import factories
from tests.api.test_client import run  # noqa: F401 (a fixture)
from tests.rai.sandbox.gadgets import gadgets

pytestmark = [pytest.mark.timeout(1200), pytest.mark.django_db(transaction=True)]
# What the client takes a file for; `{number}` is another one each time.
MODELS = ("register", "{model}", "7.{number}", "{file}")
TABLES = ("predictions", "{version}", "{file}")
RESULTS = ("report", "{version}", "{file}")


@pytest.fixture
def canary(tmp_path):
    """A file that nobody makes."""
    return tmp_path / "canary"


@pytest.fixture
def sent(cast, run, tmp_path, canary, amount, seed, monkeypatch):  # noqa: F811
    """Sends gadgets by one command of the client: how each ended, with name and content; never with the canary touched."""
    monkeypatch.setattr("celery.current_app.send_task", lambda *args, **more: None)
    for limit in ("require_upload", "require_room"):
        monkeypatch.setattr(f"registry.quotas.{limit}", lambda *about: None)
    version = factories.make_version(cast)

    def send(command, *, named=None):
        ends = []
        drawn = random.Random(f"{seed} {command[0]} {named}").sample(gadgets(str(canary)), amount(40))
        for number, (name, content) in enumerate(drawn):
            file = tmp_path / (named or name)
            file.write_bytes(content)
            places = {
                "model": version.model_id,
                "version": version.pk,
                "number": f"{number}{named or ''}",
                "file": file,
            }
            done = run(*(word.format(**places) for word in command))
            assert not canary.exists(), (command[0], name)
            assert "Traceback" not in done.stderr, done.stderr
            ends.append((done, file.name, content))
        return ends

    return send


def test_a_gadget_that_the_client_registers_is_kept_as_bytes_and_opened_by_nobody(cast, sent, canary, amount):
    """P7, attack 1: under its own name and under that of a model; the scan that follows fails and opens nothing either."""
    kept = 0
    for done, _name, content in [*sent(MODELS), *sent(MODELS, named="model.onnx")]:
        # The same bytes under a second name are refused by their digest.
        if "These exact bytes are registered already" in done.stderr:
            continue
        assert done.returncode == 0, done.stderr
        kept += 1
        version = ModelVersion.objects.get(pk=done.stdout.strip())
        assert version.artifact_hash == "sha256:" + hashlib.sha256(content).hexdigest()
        assert version.artifact.path.read_bytes() == content
        assert run_record_check(version, check="security.artifact_scan", actor=cast.owner).verdict == "fail"
        assert not canary.exists()
    assert kept >= amount(40)


def test_a_gadget_that_the_client_sends_as_a_table_is_refused_there_or_by_the_job_that_reads_it(sent, canary):
    """P7, attack 1: what is kept as a table ends with a sentence, and no row is counted."""
    for done, name, _content in [*sent(TABLES), *sent(TABLES, named="rows.csv"), *sent(TABLES, named="rows.parquet")]:
        if not name.endswith((".csv", ".parquet")):
            assert done.returncode == 3 and "predictions are a .csv or a .parquet file" in done.stderr
            continue
        assert done.returncode == 0, done.stderr
        row = Predictions.objects.get(pk=done.stdout.strip())
        tasks.read_columns(str(row.pk))
        row.refresh_from_db()
        assert (row.status, row.rows, row.columns) == (JobStatus.ERRORED, None, []) and row.name in row.reason
        assert not canary.exists()


def test_a_gadget_is_no_result_and_never_leaves_the_pipeline(sent):
    """P7, attack 1: the client reads results as JSON alone; its sentence is all that comes of a gadget."""
    for done, name, _content in sent(RESULTS):
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.startswith("attestry: ") and f"{name} is no JSON" in done.stderr
    assert not Evidence.objects.exists()
