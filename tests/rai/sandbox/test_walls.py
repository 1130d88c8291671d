"""Attacks from inside the child, each shown to come through where no wall stands (P7, attack 24)."""

import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest

from config import health
from config.places import ROOT
from rai.checks.contract import InputError
from rai.sandbox import bubblewrap, launcher, levels
from rai.sandbox.kernel import calls, seccomp
from rai.sandbox.launcher import SandboxError, run
from rai.sandbox.limits import Limits
from tests.rai.sandbox import makers
from tests.rai.sandbox.attacks import ATTACKS, script
from tests.rai.sandbox.forced import at_level

MODEL = ROOT / "rai" / "demo" / "card_offer_model.txt"
TABLE = ROOT / "rai" / "demo" / "card_offer_test.parquet"
NEEDS_WALLS = pytest.mark.skipif(
    launcher.level() not in (levels.KERNEL_WALLS, levels.BUBBLEWRAP), reason="this kernel offers no walls: level D"
)
BEYOND = "tried to reach beyond the walls"


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    """Whom and what an attack is aimed at: another process, servers, files."""
    folder = tmp_path_factory.mktemp("at")
    victim = subprocess.Popen(
        [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(600)"],
        env={"SECRET": "canary"}, stdout=subprocess.PIPE,
    )  # fmt: skip
    victim.stdout.readline()
    (folder / "secret").write_text("canary")
    tcp, udp, named, nameless = (socket.socket(*kind) for kind in KINDS)
    tcp.bind(("127.0.0.1", 0)), udp.bind(("127.0.0.1", 0)), named.bind(str(folder / "s"))
    nameless.bind(f"\0attestry-{os.getpid()}")
    for server in (tcp, named, nameless):
        server.listen(50)
    yield {
        "victim": victim.pid, "address": readable_address(victim.pid), "tcp": tcp.getsockname()[1],
        "udp": udp.getsockname()[1], "socket": str(folder / "s"), "abstract": f"attestry-{os.getpid()}",
        "secret": str(folder / "secret"), "folder": str(folder), "precious": str(folder / "precious"),
    }  # fmt: skip
    for server in (tcp, udp, named, nameless):
        server.close()
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    victim.stdout.close()


KINDS = (
    (socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM),
    (socket.AF_UNIX, socket.SOCK_STREAM), (socket.AF_UNIX, socket.SOCK_STREAM),
)  # fmt: skip


def readable_address(pid: int) -> int:
    """Where some of a process's memory lies."""
    return int(Path(f"/proc/{pid}/maps").read_text().split("-", 1)[0], 16)


@pytest.fixture(scope="module")
def comes_through_outside(at):
    """Whether an attack succeeds in a plain subprocess of the same user; each is tried once."""

    @cache
    def tried(name: str) -> bool:
        Path(at["precious"]).write_text("precious")
        body = script(name, at) + "\nprint('WON' if won else 'LOST', flush=True)\n"
        done = subprocess.run([sys.executable, "-c", body], capture_output=True, text=True, timeout=30)
        for made in ("written", "link"):
            Path(at["folder"], made).unlink(missing_ok=True)
        return "WON" in done.stdout

    return tried


@pytest.fixture
def level(request, monkeypatch, lacking):
    """The children of this test reach the level that it names."""
    with at_level(request.param, monkeypatch, lacking) as reached:
        yield reached


@pytest.mark.parametrize("level", ["A", "B", "C"], indirect=True)
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_that_comes_through_elsewhere_is_stopped_in_the_child(
    hostile, at, name, level, comes_through_outside
):
    """P7: 22 attacks at every level that runs models, each tried first where it succeeds."""
    if not comes_through_outside(name):
        pytest.skip("this machine refuses it to everybody, so that nothing can be shown")
    Path(at["precious"]).write_text("precious")
    try:
        found = hostile(script(name, at) + "\nreturn Reply({'won': bool(won)})")
        assert found.level == level and not found.json["won"]
    except SandboxError as error:
        assert BEYOND in str(error)
    assert Path(at["precious"]).read_text() == "precious"
    assert not Path(at["folder"], "written").exists() and not Path(at["folder"], "link").is_symlink()


@pytest.mark.parametrize("level", ["B"], indirect=True)
def test_a_model_runs_inside_bubblewrap(level):
    found = run("attribute", {"caps": None}, files={"model": MODEL, "data": TABLE}, array=(256, 7))
    assert found.level == level and found.json["rows_used"] == 256


@pytest.mark.parametrize("level", ["C"], indirect=True)
@pytest.mark.parametrize("kind", ["onnx", "skops", "lightgbm_text", "xgboost_json", "xgboost_ubj"])
def test_a_private_root_runs_the_formats_whose_readers_trust_nothing(tmp_path, level, kind):
    """P7, level C: ONNX and skops are run, and the result says so; the parsers in C++ are one wall short and refused."""
    made = makers.MODELS[kind]()
    (tmp_path / made.name).write_bytes(made.content)
    files = {"model": tmp_path / made.name, "data": makers.table(tmp_path)}
    if levels.runs(level, kind):
        found = run("predict", {"caps": None}, files=files, array=(1000, 1))
        assert found.level == level and "level C of four" in launcher.describe(found.level)
        return
    assert kind not in ("onnx", "skops")
    with pytest.raises(InputError, match=r"was not run.*level C of A to D.*Upload a table of the model's predictions"):
        run("predict", {"caps": None}, files=files, array=(1000, 1))


LOOK = """
import os
seen = sorted(os.listdir('/'))
won = []
for place in {places!r}:
    try:
        os.listdir(place) if os.path.isdir(place) else open(place).close()
        won.append(place)
    except OSError:
        pass
for place in {writable!r}:
    try:
        os.close(os.open(place, os.O_WRONLY))
        won.append(place)
    except OSError:
        pass
return Reply({{'seen': seen, 'won': won}})
"""


@pytest.mark.parametrize("level", ["C"], indirect=True)
def test_a_private_root_shows_the_program_and_nothing_else(hostile, level, tmp_path):
    """Neither the homes nor the configuration, other processes or temporary files of the machine are there."""
    (tmp_path / "other").write_text("canary")
    body = LOOK.format(places=["/etc/shadow", "/etc/hosts", "/var/log", "/proc/1", str(ROOT / "tests"), str(tmp_path / "other")],
                       writable=["/dev/null", os.__file__])  # fmt: skip
    found = hostile(body).json
    assert found["won"] == [] and not {"boot", "var", "home", "sbin"} & set(found["seen"])


BOMBS = {
    "memory": ("held = bytearray(3 << 29)", "more than 1 GiB of memory"),
    "processor": ("while True: pass", "more than 1 seconds of processor time"),
    "output": (
        "while True: os.write(1, b'x' * 65536); os.write(wire, b'R' + b'\\xff' * 65535)",
        "more than was asked for",
    ),
}


@cache
def goes_on_outside(name: str) -> bool:
    """Nothing ends the bomb in a plain subprocess."""
    plain = subprocess.Popen(
        [sys.executable, "-c", f"import os, time\nwire = 1\n{BOMBS[name][0]}\ntime.sleep(60)"], stdout=subprocess.PIPE
    )
    drained = len(plain.stdout.read(2 << 20)) if name == "output" else 0
    time.sleep(1.5)
    goes_on = plain.poll() is None and (name != "output" or drained == 2 << 20)
    plain.kill()
    plain.communicate()
    return goes_on


@pytest.mark.parametrize("level", ["A", "B", "C", "D"], indirect=True)
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_at_its_limit_and_the_next_job_runs(hostile, level, name):
    """Attack 7: memory, processor and output, each of which goes on where no limit stands."""
    bomb, said = BOMBS[name]
    assert goes_on_outside(name)
    started = time.monotonic()
    wire = "wire = max(n for n in range(3, 60) if os.path.exists(f'/dev/fd/{n}') or is_open(n))\n"
    opened = "def is_open(n):\n    try:\n        os.fstat(n)\n        return True\n    except OSError:\n        return False\n"
    with pytest.raises(SandboxError, match=said):
        hostile((opened + wire if name == "output" else "") + bomb, limits=Limits(memory=1 << 30, processor=1, wall=20))
    assert time.monotonic() - started < 5
    assert hostile("return Reply({'fine': True})").json == {"fine": True}


@pytest.mark.parametrize("missing", [("landlock", "private root"), ("landlock", "namespaces"), ("seccomp",)])
def test_where_a_wall_is_missing_a_model_is_refused_and_a_table_is_read(monkeypatch, missing):
    """P7: at level D no model runs, and the sentence offers the way without one."""
    monkeypatch.setattr(launcher, "WITHOUT", missing)
    monkeypatch.setattr(bubblewrap, "program", lambda: None)
    launcher.wrapped.cache_clear()
    assert run("columns", {"caps": None}, files={"data": TABLE}).level == levels.PROCESS_LIMITS
    for task, array in (("attribute", (256, 7)), ("predict", (256, 1))):
        with pytest.raises(
            InputError, match=r"was not run.*level D of A to D.*Upload a table of the model's predictions"
        ):
            run(task, {"caps": None}, files={"model": MODEL, "data": TABLE}, array=array)


@NEEDS_WALLS
def test_without_namespaces_the_other_two_walls_still_make_level_a(monkeypatch):
    """Many containers allow no namespaces: then Landlock and seccomp hold alone."""
    monkeypatch.setattr(launcher, "WITHOUT", ("namespaces",))
    assert run("columns", {"caps": None}, files={"data": TABLE}).level == levels.KERNEL_WALLS


def runs_for_all(interpreter: str) -> bool:
    """Another user may start it."""
    drop = (
        "import os; os.setgroups([]); os.setgid(65534); os.setuid(65534); import sysconfig, json; open(json.__file__)"
    )
    return (
        os.path.exists(interpreter)
        and subprocess.run([interpreter, "-I", "-c", drop], capture_output=True).returncode == 0
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a process of another user")
@NEEDS_WALLS
@pytest.mark.parametrize(("without", "reached"), [((), levels.KERNEL_WALLS), (("landlock",), levels.PRIVATE_ROOT)])
def test_an_ordinary_user_gets_the_same_walls(without, reached):
    """The child needs no right that an ordinary user lacks, at level A nor C."""
    interpreter = next(
        (one for one in (os.path.realpath(sys.executable), "/usr/bin/python3") if runs_for_all(one)), None
    )
    if interpreter is None:
        pytest.skip("every interpreter here lies in a folder that is closed to other users")
    code = (
        f"import os, sys; sys.path[:0] = [{str(ROOT)!r}]\n"
        "from rai.sandbox import walls; from rai.sandbox.limits import DEFAULT\n"
        f"held = walls.before_imports(DEFAULT, [], parent=os.getppid(), without={without!r})\n"
        "print(walls.before_bytes([], held))"
    )
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, 65534, 65534)
        done = subprocess.run(
            [interpreter, "-c", code],
            capture_output=True,
            text=True,
            cwd=folder,
            user=65534,
            group=65534,
            extra_groups=[],
        )
    assert done.stdout.strip() == reached, done.stderr[-500:]


def test_the_child_loads_no_more_than_it_needs(hostile):
    """Speed: what shapes outcomes costs 20 ms to load and is the parent's affair; neither are the companions of libraries there."""
    found = hostile("import sys\nreturn Reply({'loaded': sorted(sys.modules)})").json["loaded"]
    assert not {"rai.checks.contract", "rfc8785", "sysconfig", "numpy", "pandas", "sklearn"} & set(found)


def test_the_walls_stand_for_threads_that_libraries_started_before(hostile):
    """Arrow starts a thread while it is loaded; what is read there is behind the same walls."""
    level = run("columns", {"caps": None}, files={"data": TABLE}).level
    assert level == launcher.level()


@pytest.mark.parametrize("machine", sorted(calls.MACHINES))
def test_the_filter_names_every_call_on_both_processors(machine):
    """A name without a number would be a hole in the list of attacks, or a library that stops for no reason."""
    known = calls.numbers(machine)
    old = {"open", "stat", "lstat", "access", "pipe", "select", "dup2", "getdents", "readlink", "getpgrp", "arch_prctl",
           "time", "epoll_wait", "fork", "vfork", "poll"}  # fmt: skip
    asked = {*seccomp.ALLOWED, *seccomp.ATTACKS, *seccomp.arguments_matter(1)}
    assert asked - set(known) == (old if machine == "aarch64" else set())
    assert len(set(known.values())) == len(known)
    assert len(seccomp.program(machine, 1)) % 8 == 0 and len(seccomp.program(machine, 1)) // 8 < 4096


@pytest.mark.skipif(platform.machine() not in calls.MACHINES, reason="no table of numbers for this processor")
def test_the_numbers_of_this_processor_are_those_of_its_header():
    """The table is written by hand; the system's own header says what is true here."""
    headers = [
        Path("/usr/include") / one
        for one in ("x86_64-linux-gnu/asm/unistd_64.h", "asm-generic/unistd.h", "asm/unistd_64.h")
    ]
    found = next((one for one in headers if one.exists()), None)
    if found is None:
        pytest.skip("the system's headers are not installed")
    lines = (line.split() for line in found.read_text().splitlines() if line.startswith("#define __NR"))
    said = {parts[1].removeprefix("__NR_"): int(parts[2]) for parts in lines if len(parts) == 3 and parts[2].isdigit()}
    known = calls.numbers(platform.machine())
    assert {name: said[name] for name in known if name in said} == {
        name: number for name, number in known.items() if name in said
    }


def test_every_level_has_a_letter_and_a_sentence():
    """Reports say how files were read, and what was recorded before this release stays readable."""
    assert [levels.letter(one) for one in levels.LEVELS] == ["A", "B", "C", "D"]
    assert "process limits only" in levels.LEVELS
    assert levels.runs(levels.PRIVATE_ROOT, "onnx") and not levels.runs(levels.PRIVATE_ROOT, "lightgbm_text")
    assert not any(
        levels.runs(levels.PROCESS_LIMITS, one) for one in ("onnx", "skops", "lightgbm_text", "xgboost_json")
    )


@pytest.mark.parametrize("level", ["A", "B", "C", "D"], indirect=True)
def test_readyz_says_which_level_this_machine_reaches(client, db, level, monkeypatch):
    """P7: whoever runs the installation sees it before a file does."""
    monkeypatch.setattr(health, "broker", lambda: "ok")
    said = client.get("/readyz").json()["sandbox"]
    assert said["level"] == levels.letter(level)
    assert said["walls"] == launcher.describe(level)
