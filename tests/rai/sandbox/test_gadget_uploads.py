"""Forty gadgets through every way in that a file has: pages, REST API, commands, and the jobs that read what was kept (attack 1)."""

import contextlib
import io
import itertools
import random
import subprocess
import sys

import pytest
from django.core.files.base import File
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from config.places import ROOT
from rai import tasks
from rai.checks.contract import InputError
from rai.models import Predictions
from registry.actions.record_checks import run_record_check
from registry.models import JobStatus, ModelVersion
from tests.authz.test_addresses import address_of
from tests.authz.world import addresses, make_world
from tests.factories import grant
from tests.rai.sandbox.gadgets import gadgets
from tests.rai.sandbox.ways_in import COMMANDS, SENT, WITHOUT_A_FILE, ways_in


@pytest.fixture
def canary(tmp_path):
    """A file that nobody makes."""
    return tmp_path / "canary"


@pytest.fixture
def drawn(amount, seed, canary):
    """The gadgets, a tenth of them by default: other ones for each way in."""
    return lambda name: random.Random(f"{seed} {name}").sample(gadgets(str(canary)), amount(40))


@pytest.fixture
def taken(monkeypatch):
    """The names of the uploaded files whose bytes the product took."""
    names, chunks = [], File.chunks

    def read(self, *size):
        names.append(self.name)
        return self.file.read(*size)

    def in_chunks(self, chunk_size=None):
        names.append(self.name)
        return chunks(self, chunk_size)

    monkeypatch.setattr(InMemoryUploadedFile, "read", read)
    monkeypatch.setattr(InMemoryUploadedFile, "chunks", in_chunks)
    return names


@pytest.fixture
def send(cast, client, monkeypatch):
    """Send a file by one of the ways in."""
    monkeypatch.setattr("celery.current_app.send_task", lambda *args, **more: None)
    for limit in ("require_upload", "require_room"):
        monkeypatch.setattr(f"registry.quotas.{limit}", lambda *about: None)
    world, number = make_world(cast), itertools.count()
    grant(cast, cast.risk_officer, "risk_officer", unit=cast.unit.parent)  # frameworks are the whole organisation's
    known = {one.name: one for one in addresses()}
    version, rows = world["version"], {"api-versions-card-import": "version", "api-artifacts-versions": "artifact"}

    def place(name):
        if name.startswith("api-"):
            return reverse(name, kwargs={"pk": world[rows[name]].pk} if name in rows else {})
        if name == "import-new":
            return reverse(name, kwargs={"kind": "systems"})
        return address_of(known[name], world) if known[name].arguments else known[name].anywhere

    def sender(name, file):
        way = SENT[name]
        values = {"number": next(number), "unit": cast.unit.pk, "model": version.model_id, "version": version.pk}
        sent = {field: text.format(**values) for field, text in way.sent.items()}
        client.force_login(getattr(cast, way.person))
        return client.post(place(name), {**sent, way.called: file}).status_code

    return sender


def test_every_address_that_takes_a_file_is_a_way_in_here():
    """A new page or payload with a file is tried by the gadgets, or this test is red."""
    assert set(ways_in()) == set(SENT) | WITHOUT_A_FILE


@pytest.mark.long
def test_no_way_in_opens_a_gadget(send, taken, canary, drawn, cast, amount, capsys):
    """P7, attack 1: each takes the bytes, keeps or refuses them, and the canary is never touched; nor by the jobs that follow."""
    codes = {}
    for name, way in SENT.items():
        for called, content in drawn(name):
            # Under its own name, and under one that this way in takes.
            for chosen in (called, "gadget" + way.ending):
                codes.setdefault(name, []).append(send(name, SimpleUploadedFile(chosen, content)))
        assert taken, f"{name} takes no bytes, so that nothing was tried"
        taken.clear()
    assert {code for found in codes.values() for code in found} <= {200, 201, 202, 302, 400, 409, 422}, codes
    waiting = list(Predictions.objects.filter(status=JobStatus.QUEUED))[: amount(40)]
    for row in waiting:
        tasks.read_columns(str(row.pk))
    kept = list(ModelVersion.objects.filter(version__regex=r"^[89]\."))
    for version in random.sample(kept, min(len(kept), amount(40))):
        run_record_check(version, check="security.artifact_scan", actor=cast.owner)
    assert kept and not canary.exists()
    with capsys.disabled():
        print(f"\n{sum(map(len, codes.values()))} gadgets by {len(codes)} ways in; {len(kept)} kept as files, "
              f"{len(waiting)} tables read by a job: canary untouched")  # fmt: skip


@contextlib.contextmanager
def silent():
    """What a command prints is not shown."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_no_command_opens_a_gadget(command, tmp_path, canary, drawn):
    """P7: what the command line reads is refused with a sentence, and not opened."""
    for name, content in drawn(" ".join(command)):
        file = tmp_path / name
        file.write_bytes(content)
        with silent(), pytest.raises((CommandError, SystemExit, InputError)):
            call_command(*(word.format(file=file) for word in command))
        assert not canary.exists(), (command, name)


def test_the_verifier_opens_no_gadget(tmp_path, canary, drawn):
    """The file that a stranger runs refuses them too."""
    verifier = ROOT / "reports" / "verifier" / "verify.py"
    for name, content in drawn("verifier"):
        (tmp_path / name).write_bytes(content)
        done = subprocess.run([sys.executable, str(verifier), str(tmp_path / name)], capture_output=True)
        assert done.returncode != 0 and not canary.exists()
