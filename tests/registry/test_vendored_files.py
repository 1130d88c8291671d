"""Front-end files that come from elsewhere are the ones that were checked when they were fetched."""

import json

import pytest

from bench.vendor_assets import VENDOR, integrity
from config.places import ROOT

FOLDERS = sorted((ROOT / "config" / "static" / "vendor").iterdir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_vendored_file_has_the_recorded_hash_and_a_licence(folder):
    record = json.loads((folder / "vendor.json").read_text())
    named = {entry["file"]: entry["integrity"] for entry in record["files"]}
    present = {file.name for file in folder.iterdir()} - {"vendor.json", record["licence_file"]}
    assert present == set(named)
    for name, expected in named.items():
        assert integrity((folder / name).read_bytes(), "sha384") == expected
    assert "Permission is hereby granted" in (folder / record["licence_file"]).read_text()


def test_own_javascript_stays_below_three_hundred_lines():
    own = (ROOT / "config" / "static" / "js").glob("*.js")
    assert sum(len(file.read_text().splitlines()) for file in own) < 300


def test_no_vendored_file_fetches_from_elsewhere():
    sheet = (VENDOR / "tabler.min.css").read_text()
    assert "@import" not in sheet
    assert "url(http" not in sheet.replace('"', "").replace("'", "")
