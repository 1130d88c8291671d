"""The child process: what it may see and use, and a parent that survives and believes nothing, whatever the child does."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from config.places import ROOT
from rai.checks.contract import InputError
from rai.engine import counts
from rai.engine.cube import Cube
from rai.sandbox import frames, launcher
from rai.sandbox.launcher import SandboxError, run
from rai.sandbox.levels import PROCESS_LIMITS
from rai.sandbox.limits import UPLOADS, Limits
from tests.rai.children import FRAME

MODEL = ROOT / "rai" / "demo" / "card_offer_model.txt"
TABLE = ROOT / "rai" / "demo" / "card_offer_test.parquet"
READ = {"target": "accepted", "prediction": "mail", "sensitive": ["gender", "region"]}
CAPS = UPLOADS.as_json()


@pytest.fixture
def private_temp(tmp_path, monkeypatch):
    """A temporary folder of this test's own, so that it can be seen to be empty afterwards."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


# ---- the work it is there for


def test_columns_of_a_table_are_read_in_the_child():
    result = run("columns", {"caps": CAPS}, files={"data": TABLE})
    assert (result.json["format"], result.json["rows"]) == ("parquet", 20_000)
    gender = next(column for column in result.json["columns"] if column["name"] == "gender")
    assert sorted(gender["values"]) == ["female", "male"] and gender["nulls"] == 0


def test_counts_from_the_child_equal_counts_made_here():
    result = run("count", {"read": READ, "caps": CAPS}, files={"data": TABLE})
    assert Cube.from_json(result.json) == counts.read(TABLE, **READ)


def test_a_model_says_what_it_is_without_its_library():
    info = run("model_info", {}, files={"model": MODEL}).json
    assert info["format"] == "lightgbm_text" and info["trees"] == 60 and info["outputs"] == 1
    assert info["features"] == ["income", "balance", "tenure_months", "products", "digital_use", "recent_inquiries"]


def test_the_level_is_reported_and_can_be_told_in_a_sentence():
    """Every result says how the child was held in (P7)."""
    result = run("model_info", {}, files={"model": MODEL})
    assert result.level == launcher.level()
    assert "The file was read in a child process of its own" in launcher.describe(result.level)


def test_sentences_name_the_file_as_people_do(tmp_path):
    path = tmp_path / "0f3a77"
    path.write_bytes(b"a,b\n")
    with pytest.raises(InputError) as refused:
        run("columns", {"caps": CAPS}, files={"data": path}, titles={"data": "loans.csv"})
    assert str(refused.value).startswith("loans.csv") and "0f3a77" not in str(refused.value)


# ---- what the child can see


def test_the_child_sees_no_secret_of_the_parent(hostile, monkeypatch):
    """Nothing of the parent's environment reaches the child (attack 24)."""
    monkeypatch.setenv("ATTESTRY_SECRET_KEY", "canary-4711")
    seen = hostile("return Reply(dict(os.environ))").json
    assert "canary-4711" not in seen.values()
    assert set(seen) <= {*launcher.ENVIRONMENT, *launcher.PASSED_ON, "LC_CTYPE", "PWD"}
    assert seen["ORT_DISABLE_TELEMETRY"] == "1" and seen["OMP_NUM_THREADS"] == "1"


def test_the_child_inherits_no_open_files(hostile):
    read, write = os.pipe()
    os.set_inheritable(write, True)
    seen = hostile(
        """
import fcntl
def is_open(number):
    try:
        return fcntl.fcntl(number, fcntl.F_GETFD) >= 0
    except OSError:
        return False
return Reply({"open": [number for number in range(120) if is_open(number)]})
"""
    ).json["open"]
    os.close(read), os.close(write)
    # 0-2 and the wire.
    assert len(seen) == 4 and write not in seen


def test_the_child_works_in_an_empty_folder_and_writes_no_file(hostile, private_temp):
    seen = hostile(
        """
try:
    found = os.listdir(".")
except PermissionError:
    found = []
try:
    with open("left.txt", "wb", buffering=0) as file:
        file.write(b"x")
    wrote = os.path.getsize("left.txt")
except OSError:
    wrote = 0
return Reply({"found": found, "wrote": wrote})
"""
    ).json
    assert seen == {"found": [], "wrote": 0}
    assert list(private_temp.iterdir()) == []


def test_only_the_pure_parts_of_rai_can_be_imported(hostile):
    seen = hostile(
        """
found = {}
for name in ("rai.engine.attribution", "registry", "config", "reports", "risk"):
    try:
        __import__(name)
        found[name] = True
    except ImportError:
        found[name] = False
return Reply({**found, "django": "django" in sys.modules, "on_path": [p for p in sys.path if p == ROOT]})
""".replace("ROOT", repr(str(ROOT)))
    ).json
    assert seen.pop("rai.engine.attribution") is True
    assert seen.pop("on_path") == []
    assert not any(seen.values())


# ---- what the child may use


def test_a_child_that_never_answers_is_killed_by_the_clock(hostile):
    started = time.monotonic()
    with pytest.raises(SandboxError, match=r"took longer than 1\.5 seconds"):
        hostile("time.sleep(60)", limits=Limits(wall=1.5))
    assert time.monotonic() - started < 10


def test_an_endless_loop_ends_at_its_processor_time(hostile):
    """A bomb ends within its limit and names it (attack 7)."""
    with pytest.raises(SandboxError, match="used more than 1 seconds of processor time"):
        hostile("while True: pass", limits=Limits(processor=1))


def test_a_memory_bomb_is_refused_by_its_limit(hostile):
    with pytest.raises(SandboxError, match="more than 1 GiB of memory"):
        hostile("return Reply({'length': len(bytearray(8 << 30))})", limits=Limits(memory=1 << 30))


def test_processes_that_the_child_leaves_behind_are_killed(hostile):
    """Before the walls stand a library may start processes; afterwards nothing can."""
    script = """
import os, struct, sys, time
pid = os.fork()
if pid == 0:
    os.closerange(0, 100)
    time.sleep(60)
for kind, body in ((b"L", b'{"level": "process limits only"}'), (b"R", b'{"pid": %d}' % pid)):
    os.write(1, struct.pack(">cQ", kind, len(body)) + body)
"""
    pid = hostile.bare(script).json["pid"]
    deadline = time.monotonic() + 5
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(pid)


def is_running(pid: int) -> bool:
    """The process exists and is no zombie that nobody has waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_child_dies_with_its_parent(tmp_path):
    script = FRAME.format(
        child=str(Path(launcher.__file__).with_name("child.py")),
        body="    order.progress(0, str(os.getpid()))\n    time.sleep(60)",
    )
    (tmp_path / "hostile.py").write_text(script)
    parent = subprocess.Popen(
        [
            sys.executable, "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
            "from pathlib import Path\nfrom rai.sandbox import launcher\n"
            f"launcher.CHILD = Path({str(tmp_path / 'hostile.py')!r})\n"
            "launcher.run('hostile', {}, files={}, progress=lambda percent, text: print(text, flush=True))",
        ],
        stdout=subprocess.PIPE, env={"PATH": "", "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    pid = int(parent.stdout.readline())
    assert is_running(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(pid)


# ---- what the parent believes


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGILL", "SIGBUS"])
def test_a_crash_of_the_parser_names_its_signal(hostile, name):
    with pytest.raises(SandboxError, match=f"ended with {name}; the file is damaged or hostile. Nothing was recorded"):
        hostile(f"import signal; os.kill(os.getpid(), signal.{name})")


def test_an_error_in_a_library_is_told_without_its_text(hostile):
    with pytest.raises(SandboxError) as failed:
        hostile("raise RuntimeError('row 7: Jane Doe')")
    assert "RuntimeError" in str(failed.value) and "Jane" not in str(failed.value)
    assert b"Jane Doe" in failed.value.noise


def test_a_sentence_from_the_child_is_made_harmless(hostile):
    with pytest.raises(InputError) as refused:
        hostile(
            "from rai.checks.contract import InputError; raise InputError('a\\x1b[31m\\u202eb\\n\\nc' + 'x' * 9999)"
        )
    text = str(refused.value)
    assert text.startswith("a[31mb  c") and len(text) <= 2000


def test_a_flood_on_the_wire_is_cut_off(hostile):
    started = time.monotonic()
    with pytest.raises(SandboxError, match="more than was asked for"):
        hostile.bare("import os\nwhile True: os.write(1, b'R' + b'\\xff' * 65535)")
    assert time.monotonic() - started < 5


def test_an_answer_larger_than_agreed_is_refused(hostile):
    with pytest.raises(InputError, match="too large to hand over"):
        hostile("return Reply({'text': 'x' * (2 << 20)})")
    body = "import sys, struct\nsys.stdout.buffer.write(struct.pack('>cQ', b'R', 2 << 20))\nsys.stdout.flush()"
    with pytest.raises(SandboxError, match="2097152 bytes, more than was asked for"):
        hostile.bare(body)


def test_noise_is_kept_short_and_never_shown(hostile):
    result = hostile(
        "for _ in range(200): os.write(2, b'n' * 65536)\nprint('to stdout', flush=True)\nreturn Reply({'fine': 1})"
    )
    assert result.json == {"fine": 1}


@pytest.mark.parametrize(
    "array", ["[[1.0, 2.0]]", "[[1.0] * 3] * 6", "[[1.0, 2.0, 3.0, 4.0]]", "[[1.0, float('nan'), 3.0]]", "[[1.0, float('inf'), 3.0]]"]
)  # fmt: skip
def test_an_array_of_another_size_or_with_a_number_that_is_none_is_refused(hostile, array):
    with pytest.raises(SandboxError, match=r"another size than ordered|not finite|more than was asked for"):
        hostile(f"import numpy\nreturn Reply({{}}, numpy.array({array}))", array=(5, 3))


def test_an_array_of_the_ordered_size_arrives_as_it_was(hostile):
    result = hostile("import numpy\nreturn Reply({}, numpy.arange(12.0).reshape(4, 3))", array=(5, 3))
    assert result.array.shape == (4, 3) and result.array.dtype == np.float64
    assert result.array.tolist() == np.arange(12.0).reshape(4, 3).tolist()


def test_an_array_nobody_ordered_is_refused(hostile):
    with pytest.raises(SandboxError, match="more than was asked for"):
        hostile.bare("import os, struct\nos.write(1, struct.pack('>cQ', b'A', 8) + b'\\0' * 8)")


READY = frames.pack_json(frames.READY, {"level": PROCESS_LIMITS})


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", "without a whole answer"),
        (READY, "without a whole answer"),
        (READY + frames.pack(frames.ANSWER, b'{"a": 1}')[:-2], "without a whole answer"),
        (frames.pack_json(frames.ANSWER, {}), "out of turn"),
        (frames.pack_json(frames.READY, {"level": "behind seven walls"}), "level that does not exist"),
        (READY + READY, "out of turn"),
        (READY + 2 * frames.pack_json(frames.ANSWER, {}), "more after its answer"),
        (READY + frames.pack(frames.ANSWER, b'{"a": NaN}'), "not the JSON agreed on"),
        (READY + frames.pack(frames.ANSWER, b'{"a": 1e999}'), "not the JSON agreed on"),
        (READY + frames.pack(frames.ANSWER, b'{"a": 1, "a": 2}'), "not the JSON agreed on"),
        (READY + frames.pack(frames.ANSWER, b"[1]"), "not the JSON agreed on"),
        (READY + frames.pack(frames.ANSWER, b'{"a": "\xff"}'), "not the JSON agreed on"),
        (READY + frames.pack(frames.ANSWER, b'{"a":' + b"[" * 40 + b"]" * 40 + b"}"), "nested too deeply"),
        (READY + frames.pack(frames.ANSWER, b"[" * 100_000), "not the JSON agreed on"),
        (READY + frames.pack_json(frames.PROGRESS, {"percent": "50", "message": "x"}), "progress that is none"),
        (READY + frames.pack_json(b"Z", {}), "more than was asked for"),
    ],
)
def test_an_answer_that_breaks_the_agreement_is_no_answer(hostile, tmp_path, said, reason):
    """Strict JSON, finite numbers, each message once and in its turn."""
    (tmp_path / "said").write_bytes(said)
    with pytest.raises(SandboxError, match=reason):
        hostile.bare(f"import sys\nsys.stdout.buffer.write(open({str(tmp_path / 'said')!r}, 'rb').read())")


def test_progress_reaches_the_caller_and_a_caller_that_gives_up_ends_the_child(hostile):
    heard = []
    hostile(
        "order.progress(40, 'half')\nreturn Reply({})",
        progress=lambda percent, message: heard.append((percent, message)),
    )
    assert heard == [(40, "half")]

    def lost(percent, message):
        raise LookupError("lease lost")

    started = time.monotonic()
    with pytest.raises(LookupError, match="lease lost"):
        hostile("order.progress(1, 'x')\ntime.sleep(60)", progress=lost)
    assert time.monotonic() - started < 10


def test_nothing_is_left_in_temp(hostile, private_temp):
    run("columns", {"caps": CAPS}, files={"data": TABLE})
    with pytest.raises(SandboxError):
        hostile("os.abort()")
    with pytest.raises(SandboxError):
        hostile("time.sleep(60)", limits=Limits(wall=0.8))
    assert list(private_temp.iterdir()) == []


# ---- hostile and damaged files


def test_a_parquet_footer_that_claims_too_much_is_refused_before_it_is_read(tmp_path):
    """A small file may claim 200 million rows or gigabytes (attack 8)."""
    path = claiming(tmp_path, rows_a_group=1_000_000, groups=200)
    assert path.stat().st_size < 200_000
    started = time.monotonic()
    with pytest.raises(InputError, match=r"200,000,000 rows of 2 columns, more than the 5,000,000"):
        run("columns", {"caps": CAPS}, files={"data": path})
    assert time.monotonic() - started < 10
    path = claiming(tmp_path, rows_a_group=20_000, groups=150, text="x" * 1000)
    with pytest.raises(InputError, match=r"unpacks to 2\.8 GiB; 2 are the limit"):
        run("columns", {"caps": CAPS}, files={"data": path})


def claiming(folder: Path, *, rows_a_group: int, groups: int, text: str = "x") -> Path:
    """A Parquet file with one group of rows and a footer that speaks of many."""
    table = pyarrow.table(
        {"a": pyarrow.array(np.zeros(rows_a_group, np.int64)), "b": pyarrow.array([text] * rows_a_group)}
    )
    path = folder / "claims.parquet"
    parquet.write_table(table, path, compression="zstd", use_dictionary=False, row_group_size=rows_a_group)
    footer = parquet.read_metadata(path)
    one = parquet.read_metadata(path)
    for _ in range(groups - 1):
        footer.append_row_groups(one)
    footer.write_metadata_file(folder / "footer")
    written, length = path.read_bytes(), int.from_bytes(path.read_bytes()[-8:-4], "little")
    path.write_bytes(written[: -8 - length] + (folder / "footer").read_bytes()[4:])
    return path


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty file"),
        (b"a,b\n", "no rows"),
        (b"a,b\n1,2\n3,\xff\xfe\n", "not UTF-8"),
        (b"a,b\n1,2\n3,4,5\n", "line 3"),
        (b"a,a\n1,2\n", "two columns named"),
        (b"PAR1 and then nothing", "damaged or not a table"),
        (b"\x80\x04\x95....", "never opened"),
    ],
)
def test_a_damaged_table_gets_a_sentence_that_names_the_file(tmp_path, content, said):
    path = tmp_path / "loans.csv"
    path.write_bytes(content)
    for task, request in (("columns", {"caps": CAPS}), ("count", {"caps": CAPS, "read": {**READ, "target": "a", "prediction": "a", "sensitive": ["b"]}})):  # fmt: skip
        if task == "count" and content.startswith(b"a,b\n1,2\n3,4"):
            continue
        with pytest.raises(InputError, match=said if task == "columns" else "loans.csv"):
            run(task, request, files={"data": path})


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(InputError, match=r"loans\.csv: there is no such file"):
        run("columns", {}, files={"data": tmp_path / "loans.csv"})


@pytest.mark.long
def test_twenty_mutated_models_never_harm_the_parent(tmp_path, seed, amount):
    """Whatever a damaged LightGBM text does to its parser, the parent lives and says so (attack 6)."""
    lines = MODEL.read_text().split("\n")
    before = os.getpid()

    def refused(number: int) -> str:
        path = tmp_path / f"mutant{number}.txt"
        path.write_text(mutated(lines, random.Random(seed + number)))
        with pytest.raises((SandboxError, InputError)) as failed:
            run("attribute", {}, files={"model": path, "data": TABLE}, array=(256, 7))
        return str(failed.value)

    with ThreadPoolExecutor(2) as pool:
        assert all("mutant" in sentence for sentence in pool.map(refused, range(amount(200))))
    assert os.getpid() == before


def mutated(lines: list[str], draw: random.Random) -> str:
    """The model with one of its arrays cut, blown up or turned to noise."""
    name = draw.choice(
        ["left_child=", "right_child=", "split_feature=", "threshold=", "num_leaves=", "leaf_value=", "tree_sizes="]
    )
    at = draw.choice([index for index, line in enumerate(lines) if line.startswith(name)])
    to = draw.choice(
        ["", " ".join("9" * draw.randrange(5, 12) for _ in range(11)), "".join(draw.choices("abc%\x7f -", k=40))]
    )
    return "\n".join([*lines[:at], name + to, *lines[at + 1 :]])


def test_a_model_that_slips_past_every_look_and_aborts_its_library_is_reported(tmp_path, hostile):
    """LightGBM itself ends the process on a text it cannot parse; the parent reads that as a finding."""
    bad = tmp_path / "bad.txt"
    bad.write_text(MODEL.read_text().replace("num_leaves=12", "num_leaves=999999999", 1))
    with pytest.raises(SandboxError, match=r"ended with SIG(ABRT|SEGV)"):
        hostile(
            "import lightgbm\nlightgbm.Booster(model_str=order.path('bad').read_text())\nreturn Reply({})",
            files={"bad": bad},
        )
