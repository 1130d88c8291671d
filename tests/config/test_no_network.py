"""`test --no-network` counts and names what tries to leave the machine, and lets what stays on it through."""

import subprocess
import sys

import pytest

from config import lanes, no_network
from config.places import ROOT

PLANTED = """
import socket
from contextlib import suppress

QUESTION = b"\\0\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\x09telemetry\\x07example\\0\\0\\1\\0\\1"

def test_reaches_out():
    for family, address in ((socket.AF_INET, ("192.0.2.77", 443)), (socket.AF_INET6, ("2001:db8::99", 80))):
        with socket.socket(family) as one, suppress(OSError):
            one.settimeout(0.3)
            one.connect(address)
    for body, address in ((b"x", ("198.51.100.1", 9)), (QUESTION, ("203.0.113.53", 53))):
        with suppress(OSError):
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(body, address)

def test_stays():
    for family, place in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        server = socket.create_server((place, 0), family=family)
        socket.create_connection(server.getsockname()[:2]).close()
"""


@pytest.fixture
def planted(tmp_path, lacking):
    """A run of one of two planted tests where no network is: the exit code and what was printed."""
    if subprocess.run([sys.executable, "-m", "config.no_network", "true"], cwd=ROOT, capture_output=True).returncode:
        lacking("network namespace", "neither root nor user namespaces are to be had")
    (tmp_path / "test_planted.py").write_text(PLANTED)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def run(chosen: str, *, before: str = "pass") -> tuple[int, str]:
        start = f"import sys; from config import no_network; {before}; sys.exit(no_network.main(sys.argv[1:]))"
        tests = ["-m", "pytest", "-p", "tests.running", "-p", "no:cacheprovider", "--noconftest"]
        done = subprocess.run(
            [sys.executable, "-c", start, sys.executable, *tests, "-q", str(tmp_path), "-k", chosen],
            cwd=ROOT, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    return run


def test_what_tries_to_leave_fails_the_run_and_is_named_with_its_test(planted):
    """Attack 30: the run itself can fail; TCP of both versions, UDP, and the name that is asked for."""
    code, said = planted("reaches_out")
    assert code == 1 and "1 passed" in said and "4 attempts" in said
    for line in ("TCP to 192.0.2.77:443", "TCP to [2001:db8::99]:80", "UDP to 198.51.100.1:9",
                 "UDP to 203.0.113.53:53, asking for telemetry.example"):  # fmt: skip
        assert line in said
    # Once when it is tried, and once in the list at the end.
    assert said.count("(test_planted.py::test_reaches_out)") == 8


def test_what_stays_on_the_machine_is_no_attempt(planted):
    code, said = planted("stays")
    assert code == 0 and "1 passed" in said and "network: 0 attempts" in said


def test_where_no_tunnel_is_to_be_had_the_kernel_counts(planted):
    code, said = planted("reaches_out", before="no_network.tunnels = lambda: []")
    assert code == 1 and "network: 4 attempts" in said


def test_where_no_namespace_is_to_be_had_a_sentence_says_so(monkeypatch, capsys):
    def refuse(*_given):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(no_network, "call", refuse)
    assert no_network.main(["true"]) == no_network.NOT_TO_BE_HAD
    assert "Nothing was run" in (said := capsys.readouterr().err) and "user namespaces" in said


def test_both_lanes_run_so(monkeypatch):
    """`manage.py test --no-network` puts every lane inside and has each test say that it runs."""
    ran = []
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_more: ran.append(command) or subprocess.CompletedProcess(command, 0)
    )
    assert lanes.main(["--no-network"]) == 0
    assert len(ran) == 2
    for command in ran:
        assert command[1:3] == ["-m", "config.no_network"] and "tests.running" in command


def test_without_the_option_nothing_is_put_around_the_lanes(monkeypatch):
    monkeypatch.delenv(lanes.NO_NETWORK, raising=False)  # this very run may have it
    ran = []
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_more: ran.append(command) or subprocess.CompletedProcess(command, 0)
    )
    lanes.main([])
    assert not any("config.no_network" in command for command in ran)
