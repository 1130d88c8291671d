"""The writer's container: reproducible, listed, safe to unpack, and read alike by other tools."""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from reports import pack
from reports.verifier import verify
from tests.reports.sample_packs import KEY, PREDICATE, good_pack, members, problems, unpacked


def written(names: dict[str, bytes]) -> bytes:
    return pack.write(names, key=KEY, predicate=PREDICATE, verifier_source=b"")


def test_the_same_members_give_the_same_bytes_in_any_order():
    """P4"""
    reversed_order = dict(reversed(list(members().items())))
    assert written(members()) == written(reversed_order)


def test_members_are_stored_sorted_dated_1980_and_without_extras():
    """P4"""
    with zipfile.ZipFile(io.BytesIO(good_pack())) as archive:
        entries = archive.infolist()
        assert archive.comment == b""
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    for entry in entries:
        found = (entry.compress_type, entry.date_time, entry.extra, entry.comment, entry.external_attr >> 16)
        assert found == (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0), b"", b"", 0o100644)


def test_the_pack_adds_manifest_statement_signature_key_verifier_and_instructions():
    """P4"""
    added = unpacked(good_pack()).keys() - members().keys()
    assert added == {verify.MANIFEST, "HOWTO.txt", "verify.py", *verify.SIGNATURE_MEMBERS}


def test_the_manifest_lists_every_member_but_itself_and_the_signatures():
    """P4, S-186"""
    content = unpacked(good_pack())
    listed = dict(reversed(line.split("  ", 1)) for line in content[verify.MANIFEST].decode().splitlines())
    expected = {
        name: hashlib.sha256(body).hexdigest()
        for name, body in content.items()
        if name != verify.MANIFEST and name not in verify.SIGNATURE_MEMBERS
    }
    assert listed == expected


def test_the_pack_carries_the_verifier_of_this_installation_unless_told_otherwise():
    content = unpacked(pack.write(members(), key=KEY, predicate=PREDICATE))
    assert content["verify.py"] == Path(verify.__file__).read_bytes()
    assert unpacked(good_pack())["verify.py"] == b"print('not this one')\n"


def test_a_pack_of_nothing_else_is_accepted():
    assert problems(written({})) == ""


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../a", "a/../b", "a/./b", "/etc/passwd", "a//b", "a/", "a\\b", "C:a", "a\x00b", "a\nb", "a\x7fb",
        "a\u202eb", "a\u200bb", "a\u2028b", "e\u0301", "-rf", "d/-x", " a", "a ", "a.", "a*", "a?", 'a"', "a<", "a|",
        "nul", "con.txt", "LPT1", "d/aux.json", "\ud800", "x" * 241,
    ],
)  # fmt: skip
def test_a_name_that_is_unsafe_on_some_system_is_refused(name):
    """P4"""
    with pytest.raises(pack.Unpackable) as refusal:
        written({name: b""})
    assert ascii(name) in str(refusal.value)


@pytest.mark.parametrize("name", [*sorted(pack.RESERVED), "manifest.SHA256", "VERIFY.py"])
def test_a_name_of_the_pack_itself_is_refused(name):
    with pytest.raises(pack.Unpackable, match="belongs to the pack itself"):
        written({name: b""})


@pytest.mark.parametrize("pair", [("a.json", "A.json"), ("straße", "STRASSE"), ("d/x", "D/x")])
def test_names_that_differ_only_by_case_are_refused(pair):
    with pytest.raises(pack.Unpackable, match="only by case"):
        written(dict.fromkeys(pair, b""))


@pytest.mark.parametrize("pair", [("a", "a/b"), ("A", "a/b/c"), ("verify.py/x", "y")])
def test_a_file_that_is_also_a_folder_is_refused(pair):
    with pytest.raises(pack.Unpackable, match="lies in a folder that is itself"):
        written(dict.fromkeys(pair, b""))


def test_more_members_than_the_verifier_takes_are_refused():
    with pytest.raises(pack.Unpackable, match="can be verified"):
        written({f"m{number}": b"" for number in range(verify.MAX_MEMBERS)})


def test_more_bytes_than_the_verifier_takes_are_refused(monkeypatch):
    monkeypatch.setattr(pack, "MAX_PACK", 1000)
    with pytest.raises(pack.Unpackable, match="at most 1000"):
        written(members())


@pytest.fixture
def folder(tmp_path):
    """A pack with the real verifier, unpacked by the standard tool where there is one."""
    file = tmp_path / "pack.zip"
    file.write_bytes(pack.write(members(), key=KEY, predicate=PREDICATE))
    if shutil.which("unzip"):
        utf8 = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run(["unzip", "-q", file, "-d", tmp_path / "unpacked"], check=True, env=utf8)
    else:
        zipfile.ZipFile(file).extractall(tmp_path / "unpacked")
    return tmp_path / "unpacked"


def commands(folder: Path) -> list[str]:
    return [line.strip() for line in (folder / "HOWTO.txt").read_text().splitlines() if line.startswith("    ")]


def test_the_instructions_name_the_five_commands(folder):
    assert [line.split()[0] for line in commands(folder)] == ["python3", "sha256sum", "openssl", "openssl", "grep"]


@pytest.mark.skipif(not shutil.which("sha256sum") or not shutil.which("openssl"), reason="needs sha256sum and openssl")
def test_the_other_tools_of_the_instructions_accept_the_unpacked_pack(folder):
    """P4"""
    outputs = [
        subprocess.run(line, shell=True, cwd=folder, check=True, capture_output=True, text=True).stdout
        for line in commands(folder)[1:]
    ]
    assert outputs[0].count(": OK") == len(members()) + 2
    assert outputs[1].split()[0] == KEY.fingerprint
    assert "Verified Successfully" in outputs[2]
    assert outputs[3] == "1\n"


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs sha256sum")
def test_sha256sum_refuses_a_changed_file(folder):
    (folder / "card.json").write_bytes(b"[]")
    done = subprocess.run(["sha256sum", "-c", verify.MANIFEST], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1
    assert "card.json: FAILED" in done.stdout


def test_the_verifier_in_the_pack_accepts_the_pack(folder):
    command = [sys.executable, "verify.py", "../pack.zip", "--key-fingerprint", KEY.fingerprint]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.stdout.endswith("ACCEPTED\n")
