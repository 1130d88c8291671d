"""The verifier as an auditor runs it: one file, any Python from 3.9, exit code and reasons on standard output."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.places import ROOT
from reports import signing
from reports.verifier import verify
from tests.reports.sample_packs import KEY, STRANGER, good_pack, pack_with, repacked, unpacked


def run(*arguments: object, python: str = sys.executable) -> subprocess.CompletedProcess:
    command = [python, "-I", verify.__file__, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={"PATH": os.environ["PATH"]})


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "pack.zip"
    path.write_bytes(good_pack())
    return path


def pythons() -> list[str]:
    """Every Python from 3.9 that this machine has and that starts."""
    named = [shutil.which(f"python3.{minor}") for minor in range(9, 15)]
    built = map(str, Path.home().glob(".pyenv/versions/3.*/bin/python3"))
    probe = ["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]
    paths = sorted(
        {path for path in [*named, *built, "/usr/bin/python3", sys.executable] if path and Path(path).exists()}
    )
    return [path for path in paths if subprocess.run([path, *probe], capture_output=True).returncode == 0]


@pytest.mark.parametrize("python", pythons())
def test_the_command_accepts_and_refuses_under_every_python_here(file, python):
    """P4"""
    accepted = run(file, "--key-fingerprint", KEY.fingerprint, python=python)
    assert (accepted.returncode, accepted.stdout.splitlines()[-1], accepted.stderr) == (0, "ACCEPTED", "")
    refused = run(file, "--key-fingerprint", STRANGER.fingerprint, python=python)
    assert (refused.returncode, refused.stderr) == (1, "")
    assert refused.stdout.startswith("REFUSED pubkey.pem: ")


@pytest.mark.parametrize("python", pythons())
def test_wild_nesting_is_refused_under_every_python_here(file, python):
    """P4: parsers differ in how deep they go; none may crash."""
    for member, depth in (("audit", 1000), ("outcomes/group_fairness-1", 1000), ("material", 10**5)):
        file.write_bytes(pack_with(**{member: b'{"a":' + b"[" * depth + b"]" * depth + b"}\n"}))
        done = run(file, "--key-fingerprint", KEY.fingerprint, python=python)
        assert done.stderr == ""
        assert done.stdout.startswith(f"REFUSED {member}")
        assert "is not strict JSON" in done.stdout


def test_the_command_takes_its_arguments_in_any_order_and_case(file):
    for arguments in (
        ["--key-fingerprint", KEY.fingerprint.upper(), file],
        [f"--key-fingerprint={KEY.fingerprint}", file],
        [file, f"--key-fingerprint={KEY.fingerprint}"],
    ):
        assert run(*arguments).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["FILE"], ["--key-fingerprint", KEY.fingerprint], ["FILE", "--key-fingerprint"], ["--help"],
        ["FILE", "--key-fingerprint", ""], ["FILE", "--key-fingerprint", "abc"],
        ["FILE", "--key-fingerprint", KEY.fingerprint + "0"], ["FILE", "--key-fingerprint", "g" * 64],
        ["FILE", "--key-fingerprint", KEY.fingerprint + "\n"], ["FILE", "FILE", "--key-fingerprint", KEY.fingerprint],
        ["FILE", "--key-fingerprint", KEY.fingerprint, "--key-fingerprint", STRANGER.fingerprint],
        ["FILE", "--key", KEY.fingerprint],
    ],
)  # fmt: skip
def test_a_wrong_call_is_refused_with_a_sentence(file, arguments):
    """P4: the key is always named from outside."""
    done = run(*[file if word == "FILE" else word for word in arguments])
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("REFUSED usage: python3 verify.py PACK.zip --key-fingerprint HEX")


def test_what_cannot_be_read_is_refused_with_a_sentence(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "absent.zip", tmp_path, tmp_path / "fifo", "/dev/zero"):
        done = run(path, "--key-fingerprint", KEY.fingerprint)
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.startswith("REFUSED container: ")


def test_whatever_breaks_ends_in_a_refusal(file, monkeypatch, capsys):
    monkeypatch.setattr(verify, "check_manifest", lambda *_: 1 / 0)
    assert verify.main([str(file), "--key-fingerprint", KEY.fingerprint]) == 1
    assert capsys.readouterr().out == "REFUSED container: could not be read (ZeroDivisionError: division by zero)\n"


def test_a_module_that_lies_beside_the_verifier_is_not_imported(file):
    """Threat 23: a pack unpacked into one folder with the verifier brings its own json.py."""
    shutil.copy(verify.__file__, file.parent / "verify.py")
    for module in ("json", "hashlib", "base64", "zlib", "struct", "re"):
        (file.parent / f"{module}.py").write_text("print('ACCEPTED'); raise SystemExit(0)")
    command = [sys.executable, "verify.py", "pack.zip", "--key-fingerprint", STRANGER.fingerprint]
    done = subprocess.run(command, cwd=file.parent, capture_output=True, text=True)
    assert (done.returncode, "ACCEPTED" in done.stdout) == (1, False)


def test_importing_the_verifier_leaves_the_search_path_alone():
    code = "import sys; before = list(sys.path); from reports.verifier import verify; assert sys.path == before"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_names_beyond_the_terminals_encoding_do_not_break_the_output(file):
    content = unpacked(good_pack())
    del content["数据/表.csv"]
    file.write_bytes(repacked(content))
    command = [sys.executable, verify.__file__, str(file), "--key-fingerprint", KEY.fingerprint]
    environment = {"PYTHONIOENCODING": "ascii", "PATH": os.environ["PATH"]}
    done = subprocess.run(command, capture_output=True, env=environment)
    assert done.stderr == b""
    assert done.stdout.startswith(rb"REFUSED \u6570\u636e/\u8868.csv: is listed")


def test_the_verifier_is_one_file_of_the_standard_library_within_its_limits():
    """P4"""
    source = Path(verify.__file__).read_text()
    imported = {line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))}
    assert imported - {"__future__"} <= set(sys.stdlib_module_names)
    assert len(source.splitlines()) <= 400
    assert {signing.STATEMENT_TYPE, signing.PAYLOAD_TYPE} == {verify.STATEMENT_TYPE, verify.PAYLOAD_TYPE}
