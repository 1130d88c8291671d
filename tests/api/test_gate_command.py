"""`manage.py gate` in a shell pipeline, as a build server calls it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import jsonschema
import pytest
import xmlschema
from django.conf import settings

from config import postgres
from config.places import ROOT
from tests import factories

SCHEMAS = Path(__file__).parent.parent / "registry" / "schemas"
# What a build step does: the gate's answer goes on through a pipe, and its exit code decides.
STEP = """
set -o pipefail
"$PYTHON" "$ROOT/manage.py" gate "$VERSION" --junit gate.xml --sarif gate.sarif | tee gate.log | tail -n 1
code=$?
case $code in
  0) echo "deploy" ;; 1) echo "stop: closed" ;; 2) echo "stop: too little known" ;; *) echo "stop: error" ;;
esac
exit $code
"""


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_the_four_answers_of_the_gate_stop_or_pass_a_shell_pipeline(cast, tmp_path):
    """S-141: 0 open, 1 closed, 2 too little known, 3 error; JUnit and SARIF are valid where there is an answer."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash on this machine")
    asked = {
        "deploy": (0, factories.make_releasable(cast).pk),
        "stop: closed": (1, factories.make_releasable(cast, verdict="fail").pk),
        "stop: too little known": (2, factories.make_releasable(cast, verdict="insufficient").pk),
        "stop: error": (3, uuid4()),
    }
    address = postgres.address(settings.DATABASES["default"])
    for said, (code, version) in asked.items():
        env = {**os.environ, "ATTESTRY_DATABASE_URL": address, "PYTHON": sys.executable, "ROOT": str(ROOT),
               "VERSION": str(version)}  # fmt: skip
        folder = tmp_path / str(code)
        folder.mkdir()
        ended = subprocess.run([bash, "-c", STEP], cwd=folder, env=env, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stdout.strip().splitlines()[-1]) == (code, said), ended.stderr
        assert (folder / "gate.xml").exists() == (folder / "gate.sarif").exists() == (code < 3)
        if code < 3:
            is_valid(folder)


def is_valid(folder: Path) -> None:
    """Both files keep to their schemas."""
    import json

    xmlschema.validate(folder / "gate.xml", SCHEMAS / "junit.xsd")
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads((folder / "gate.sarif").read_text(encoding="utf-8")), schema)
