"""Mutated model files through the real launcher and the real child, which is forked here instead of started anew.

Run as `python -m tests.rai.sandbox.mutants FORMAT FILE COUNT SEED`; prints what became of each file as one line of JSON. The
libraries are loaded once; walls, limits, wire and every check of the parent are the product's own. `numbers` are those of
the files that ended their child.
"""

import importlib
import io
import json
import os
import random
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from rai.checks.contract import InputError
from rai.sandbox import child, launcher, models
from rai.sandbox.launcher import SandboxError
from rai.sandbox.limits import GIB, Limits
from rai.sandbox.order import Order, Reply

LIMITS = Limits(processor=5, wall=10, memory=4 * GIB)
FEW = 20


def libraries(order: Order) -> tuple[str, ...]:
    """Those of the format."""
    return models.libraries(order)


def score(order: Order) -> Reply:
    """The task: the scores of a few rows."""
    model = models.loaded(order)
    columns: dict[str, Any] = {name: np.linspace(-1, 1, FEW) for name in model.info.features}
    columns |= {name: np.array(["a"] * FEW, dtype=object) for name in model.info.texts}
    return Reply({}, model.predict(columns).reshape(-1, 1))


class Forked:
    """Stands in for `subprocess.Popen` in the launcher: the same child, forked from here."""

    def __init__(self, command: list[str], *, stdin: Any, cwd: str, env: dict[str, str], **rest: Any) -> None:
        outs, errs = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.become(stdin.fileno(), outs[1], errs[1], cwd)
            finally:
                os._exit(1)
        os.close(outs[1]), os.close(errs[1])
        self.stdout, self.stderr = os.fdopen(outs[0], "rb"), os.fdopen(errs[0], "rb")

    def become(self, stdin: int, stdout: int, stderr: int, cwd: str) -> None:
        """What a fresh child begins with."""
        os.setsid()
        for place, number in enumerate((stdin, stdout, stderr)):
            os.dup2(number, place)
        os.closerange(3, 256)
        os.chdir(cwd)
        sys.stdin = os.fdopen(0)
        child.main({"score": "tests.rai.sandbox.mutants:score"})

    def wait(self) -> int:
        """How it ended, as `subprocess` says it."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def mutated(content: bytes, draw: random.Random) -> bytes:
    """The bytes with some changed, cut out, doubled, or cut off; numbers in texts are blown up, too."""
    raw, gentle = bytearray(content), draw.random() < 0.5
    for _ in range(draw.choice([1, 1, 2, 8])):
        at = draw.randrange(len(raw))
        kind = draw.randrange(2) if gentle else draw.randrange(6)
        if kind == 0:
            raw[at] = draw.randrange(256)
        elif kind == 1:
            raw[at] ^= 1 << draw.randrange(8)
        elif kind == 2:
            del raw[at : at + draw.randrange(1, 64)]
        elif kind == 3:
            raw[at:at] = raw[at : at + draw.randrange(1, 64)]
        elif kind == 4 and draw.random() < 0.3:
            del raw[at:]
        else:
            raw[at : at + 4] = draw.choice([b"\xff\xff\xff\x7f", b"9999", b"-800", b"\0\0\0\0", b"1e99"])
        if not raw:
            break
    return bytes(raw)


def of_file(content: bytes, draw: random.Random) -> bytes:
    """A mutant of a file; of an archive, one of its members is mutated and packed anew, since a sum guards the whole."""
    if not content.startswith(b"PK") or draw.random() < 0.1:
        return mutated(content, draw)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        chosen = draw.choice(old.namelist())
        for name in old.namelist():
            new.writestr(name, mutated(old.read(name), draw) if name == chosen else old.read(name))
    return packed.getvalue()


def mutant(content: bytes, seed: int, number: int) -> bytes:
    """The mutant of this number in the sequence of a seed."""
    return of_file(content, random.Random(f"{seed} {number}"))


def run_all(kind: str, good: Path, count: int, seed: int) -> dict[str, Any]:
    """What became of every mutant, how often the next job ran, and who ran all this."""
    content = good.read_bytes()
    bad = good.with_name(f"bad-{good.name}")
    for name in models.READERS[kind][0]:
        importlib.import_module(name)
    importlib.import_module(models.READERS[kind][1])
    launcher.subprocess.Popen = Forked  # type: ignore[misc,assignment]
    # The child finds the task by this name, without reading anything of the tests.
    sys.modules["tests.rai.sandbox.mutants"] = sys.modules[__name__]
    before, ends, next_ran, examples = os.getpid(), Counter[str](), 0, {}
    numbers: list[int] = []
    wanted = result_of(good)
    for number in range(count):
        bad.write_bytes(mutant(content, seed, number))
        try:
            end = "answer" if isinstance(result_of(bad), np.ndarray) else "?"
        except InputError:
            end = "refused"
        except SandboxError as error:
            end = "ended by " + next(
                (word for word in str(error).split() if word.startswith("SIG")), "limit or failure"
            )
            examples.setdefault(end, [str(error), error.noise.decode(errors="replace")[-300:]])
            numbers.append(number)
            next_ran += np.array_equal(result_of(good), wanted)
        ends[end] += 1
    return {"kind": kind, "ends": ends, "crashed": len(numbers), "numbers": numbers, "next_ran": int(next_ran), "same_pid": before == os.getpid(), "examples": examples}  # fmt: skip


def result_of(path: Path) -> np.ndarray | None:
    """The scores that the child gives, or its refusal."""
    return launcher.run("score", {}, files={"model": path}, array=(FEW, 1), limits=LIMITS).array


if __name__ == "__main__":
    print(json.dumps(run_all(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
