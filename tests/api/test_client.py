"""The client for pipelines, run as a pipeline runs it: a process of its own against a server on a socket."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema

from registry.actions import tokens
from registry.models import Evidence, ModelVersion
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / "client" / "attestry.py"
SCHEMAS = ROOT / "tests" / "registry" / "schemas"
FILE = "model.txt"
REPORT = {
    "shows": ["robustness.adversarial"], "measured_at": "2026-11-01T09:00:00Z", "tool": "attack-suite 2.1",
    "inputs": [{"name": "attacks.parquet", "digest": "sha256:" + "ab" * 32}],
    "code": {"name": "git 4f2a", "digest": "sha256:" + "cd" * 32},
    "figures": [{"metric": "attack_success_rate", "value": 0.04, "low": 0.02, "high": 0.07, "n": 500}],
}  # fmt: skip


@pytest.fixture
def run(cast, live_server, tmp_path):
    """Runs the client with the owner's token in an otherwise empty environment; `url` may name another server."""
    _row, secret = tokens.create_token(cast.owner, name="Pipeline", scopes=list(tokens.SCOPES), unit=cast.unit)

    def ran(*given: object, url: str = "") -> subprocess.CompletedProcess:
        settings = {"ATTESTRY_URL": url or live_server.url, "ATTESTRY_TOKEN": secret, "PATH": os.environ["PATH"]}
        command = [sys.executable, "-I", str(CLIENT), *map(str, given)]
        return subprocess.run(command, capture_output=True, text=True, env=settings, cwd=tmp_path, check=False)

    return ran


@pytest.mark.django_db(transaction=True)
def test_a_pipeline_registers_a_version_by_the_bytes_that_lie_with_it(cast, run, tmp_path):
    """S-018: the id that is printed is of a version whose digest is that of the file."""
    (tmp_path / FILE).write_bytes(b"weights")
    model = factories.make_model(cast)
    asked = ("register", model.pk, "1.0.0", FILE, "--field", "provider=In-house")
    first, again = run(*asked), run(*asked)
    assert first.returncode == 0, first.stderr
    version = ModelVersion.objects.get(pk=first.stdout.strip())
    assert version.artifact_hash == "sha256:" + hashlib.sha256(b"weights").hexdigest()
    assert version.provider == "In-house"
    assert (again.returncode, again.stdout) == (0, first.stdout), "sent again, it is the same registration"
    assert ModelVersion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("verdict", "code"), [("pass", 0), ("fail", 1), ("insufficient", 2)])
def test_the_gate_stops_a_pipeline_by_its_exit_code_and_writes_what_build_servers_show(
    cast, run, tmp_path, verdict, code
):
    """S-141, S-025: 0 open, 1 closed, 2 too little known; JUnit and SARIF are valid and say the same."""
    version = factories.make_releasable(cast, verdict=verdict)
    ended = run("gate", version.pk, "--junit", "gate.xml", "--sarif", "gate.sarif")
    assert ended.returncode == code, ended.stdout + ended.stderr
    xmlschema.validate(tmp_path / "gate.xml", SCHEMAS / "junit.xsd")
    suite = ElementTree.parse(tmp_path / "gate.xml").getroot()
    sarif = json.loads((tmp_path / "gate.sarif").read_text(encoding="utf-8"))
    jsonschema.validate(sarif, json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8")))
    closed = [result for result in sarif["runs"][0]["results"] if result["kind"] == "fail"]
    assert len(closed) == int(suite.get("failures")) + int(suite.get("errors"))
    assert bool(closed) == bool(code)


@pytest.mark.django_db(transaction=True)
def test_what_a_pipeline_computed_counts_as_reported_and_never_as_measured(cast, run, tmp_path):
    """S-141: posted with the digests of inputs and code; the evidence says how it came about."""
    version = factories.make_version(cast)
    (tmp_path / "result.json").write_text(json.dumps(REPORT), encoding="utf-8")
    ended = run("report", version.pk, "result.json")
    assert ended.returncode == 0, ended.stderr
    row = Evidence.objects.get(pk=ended.stdout.strip())
    assert (row.kind, row.verdict, row.version_id) == (Evidence.Kind.REPORTED, "recorded", version.pk)


@pytest.mark.django_db(transaction=True)
def test_a_version_that_is_not_there_is_an_error_and_no_verdict(run):
    """S-141: exit code 3, one sentence, no trace."""
    ended = run("gate", "00000000-0000-4000-8000-000000000000")
    assert ended.returncode == 3
    assert ended.stderr.startswith("attestry: 404 ")
    assert "Traceback" not in ended.stderr


@pytest.mark.django_db(transaction=True)
def test_a_token_is_never_sent_in_the_clear_to_another_machine(run):
    """A pipeline's secret leaves this machine over https alone."""
    ended = run("gate", "any", url="http://registry.example")
    assert (ended.returncode, "https only" in ended.stderr) == (3, True)


@pytest.mark.parametrize(
    "given", [["gate"], ["nothing"], ["register", "a"], ["check", "v", "c", "t", "--patience", "x"]]
)
def test_a_wrong_command_line_is_an_error_and_no_verdict(given):
    """argparse's own exit code 2 would read as insufficient."""
    assert subprocess.run([sys.executable, "-I", CLIENT, *given], capture_output=True, check=False).returncode == 3
