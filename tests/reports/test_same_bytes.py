"""Two builds of one document, in another process, database, time zone and locale, on another day: the same bytes."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.db import connection

from config import sysroot
from config.places import ROOT
from registry.models import AISystem
from tests.reports.every_kind import KINDS, LANGUAGES, digests_of, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.both, pytest.mark.long, pytest.mark.timeout(600)]
EVERY = [(kind, language) for kind in KINDS for language in LANGUAGES]


@pytest.fixture
def renderer(lacking):
    """The libraries of the renderer; `manage.py test` brings them."""
    if not sysroot.loads(*sysroot.PANGO_LIBRARIES):
        lacking("Pango", "the libraries of the PDF renderer are not on this machine")


def test_every_file_has_the_same_bytes_elsewhere(renderer, cast, amount, tmp_path, capsys):
    """S-185, P4: SQLite in another process, 400 days later, in Kathmandu, in a Chinese locale, against this run's."""
    world = make_world(cast)
    documents = random.Random(3).sample(EVERY, max(2, amount(len(EVERY))))
    here = digests_of(world, documents)
    subjects = {kind: [row._meta.label, str(row.pk)] for kind, row in world.subjects.items()}
    asked = {"zone": settings.TIME_ZONE, "as_of": world.as_of.isoformat(), "documents": documents, "subjects": subjects}
    (tmp_path / "subjects.json").write_text(json.dumps(asked))
    (tmp_path / "rows.json").write_text(dumped())
    assert AISystem.objects.exists()
    elsewhere(tmp_path)
    assert json.loads((tmp_path / "digests.json").read_text()) == here
    with capsys.disabled():
        print(f"\n{connection.vendor} and sqlite: {len(documents)} documents, {len(here)} files, 0 that differ")


def dumped() -> str:
    """Every row of every table, as JSON."""
    rows = [
        row
        for model in apps.get_models()
        if not model._meta.proxy
        for row in model._base_manager.order_by("pk").iterator()
    ]
    return str(serializers.serialize("json", rows))


def elsewhere(folder: Path) -> None:
    """Run the other computer."""
    variables = {
        **os.environ, "ATTESTRY_DATABASE_URL": f"sqlite:///{folder / 'other.sqlite3'}", "TZ": "Asia/Kathmandu",
        "LC_ALL": "C", "LANG": "zh_CN.UTF-8", "PYTHONHASHSEED": "77", "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.reports.elsewhere", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
