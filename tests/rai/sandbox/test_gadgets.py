"""Pickles that would run code: sent to every address, read by every task, and never opened (attacks 1 and 2)."""

import random
import subprocess
import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from rai.checks.contract import InputError
from rai.sandbox import formats
from rai.sandbox.launcher import SandboxError, run
from registry.actions.record_checks import run_record_check
from registry.record_checks import sentences_of
from tests import factories
from tests.authz.test_addresses import OF_NO_UNIT, address_of
from tests.authz.test_routes import patterns
from tests.authz.world import addresses, make_world
from tests.rai.sandbox import makers
from tests.rai.sandbox.gadgets import WRAPS, gadgets

# Under these names the product's forms and interfaces take files.
FIELDS = ("file", "files", "artifact", "logo", "content", "note", "list", "evidence", "document")


@pytest.fixture
def canary(tmp_path):
    """A file that nobody makes."""
    return tmp_path / "canary"


def test_there_are_forty_and_they_work_where_somebody_opens_them(canary):
    """The test can fail: opened in a plain subprocess, a gadget makes the canary."""
    made = gadgets(str(canary))
    assert len({content for _name, content in made}) == 40
    opening = "import sys; from importlib import import_module; import_module('pick' 'le').load(sys.stdin.buffer)"
    for wrapped in ("model.pkl", "scores.csv", "model.pickle", "scores.parquet"):
        for name, content in made:
            if name == wrapped:
                subprocess.run([sys.executable, "-c", opening], input=content, capture_output=True)
                assert canary.exists(), (name, content)
                canary.unlink()


def test_no_gadget_is_taken_for_a_model_or_a_table(canary, tmp_path):
    for name, content in gadgets(str(canary)):
        (tmp_path / name).write_bytes(content)
        assert formats.detect(tmp_path / name).kind == "", (name, content)


@pytest.mark.parametrize("task", ["columns", "model_info", "predict", "attribute", "artifact"])
def test_no_task_of_the_child_opens_one(canary, tmp_path, task, drawn):
    """Even the look at a file only lists what opening it would call."""
    for name, content in drawn(gadgets(str(canary))):
        path = tmp_path / name
        path.write_bytes(content)
        data = path if task == "columns" else makers.table(tmp_path)
        files = (
            {"data": data}
            if task == "columns"
            else {"model": path, **({} if task in ("model_info", "artifact") else {"data": data})}
        )
        if task == "artifact":
            found = run(task, {}, files=files).json
            assert found["is_pickle"] or found["format"] == "numpy"
            continue
        with pytest.raises((InputError, SandboxError)):
            run(task, {"caps": None}, files=files, array=(10, 1) if task in ("predict", "attribute") else None)
    assert not canary.exists()


@pytest.fixture
def drawn(amount, seed):
    """A tenth of some things by default, all of them in a full run."""
    return lambda things: random.Random(seed).sample(things, max(1, len(things) * amount(100) // 100))


@pytest.mark.long
def test_no_address_opens_one(cast, client, canary, drawn, monkeypatch, seed):
    """Also where no file is expected, under every name that files go by: gadgets at a tenth of all addresses, at all in a full run."""
    monkeypatch.setattr("celery.current_app.send_task", lambda *args, **more: None)
    world = make_world(cast)
    client.force_login(cast.owner)
    client.raise_request_exception = False
    known = {found.name for found in patterns()}
    found = [one for one in addresses() if not one.route.startswith("api/") or one.name in known]
    tried = drawn([one for one in found if one.name not in ("logout", "readyz")])
    every, draw = gadgets(str(canary)), random.Random(seed)
    for one in tried:
        page = not one.route.startswith("api/") and one.arguments and one.name not in OF_NO_UNIT
        place = address_of(one, world) if page else one.anywhere
        name, content = draw.choice(every)
        sent = {field: SimpleUploadedFile(name, content) for field in FIELDS}
        more = {"reason": "Sent by a test.", "name": "Thing", "version": "9", "role": "test", "title": "Thing"}
        assert client.post(place, sent | more).status_code < 500, (place, name)
    assert len(tried) >= 40 and not canary.exists()


# ---- the check that looks at the file


@pytest.mark.parametrize(("name", "calls"), [("model.pkl", "os.system"), ("model.joblib", "os.system"), ("model.pickle", "os.system"), ("model.pt", "os.system")])  # fmt: skip
def test_the_scan_fails_a_pickle_and_lists_what_it_would_call(cast, canary, name, calls):
    """security.artifact_scan: information for people, which opens no door."""
    content = WRAPS[name]("os", "system", f"touch {canary}")
    version = factories.make_version(cast, artifact=content, artifact_name=name)
    row = run_record_check(version, check="security.artifact_scan", actor=cast.owner)
    assert row.verdict == "fail"
    said = sentences_of(row.outcome)[0]
    assert name in said and calls in said and "never opened here" in said
    assert not canary.exists()


@pytest.mark.parametrize(("kind", "verdict"), [("lightgbm_text", "pass"), ("skops", "pass"), ("onnx", "pass")])
def test_the_scan_passes_a_file_of_data(cast, kind, verdict):
    made = makers.MODELS[kind]()
    version = factories.make_version(cast, artifact=made.content, artifact_name=made.name)
    row = run_record_check(version, check="security.artifact_scan", actor=cast.owner)
    assert row.verdict == verdict, row.outcome


def test_a_pickle_that_looks_harmless_is_treated_like_every_other(cast, tmp_path):
    """Attack 2: an empty list of calls gives no permission."""
    version = factories.make_version(cast, artifact=b"\x80\x04]\x94.", artifact_name="harmless.pkl")
    row = run_record_check(version, check="security.artifact_scan", actor=cast.owner)
    assert row.verdict == "fail" and "never opened here" in sentences_of(row.outcome)[0]
    with pytest.raises(InputError, match="is never opened here"):
        run("model_info", {}, files={"model": version.artifact.path})


def test_integrity_finds_stored_bytes_that_were_changed(cast):
    """security.artifact_integrity: the digest is computed anew."""
    version = factories.make_version(cast)
    row = run_record_check(version, check="security.artifact_integrity", actor=cast.owner)
    assert row.verdict == "pass"
    path = version.artifact.path
    path.chmod(0o600)
    path.write_bytes(b"something else")
    row = run_record_check(version, check="security.artifact_integrity", actor=cast.owner)
    assert row.verdict == "fail" and "another digest" in sentences_of(row.outcome)[0]
    path.unlink()
    row = run_record_check(version, check="security.artifact_integrity", actor=cast.owner)
    assert row.verdict == "fail" and "are gone" in sentences_of(row.outcome)[0]
