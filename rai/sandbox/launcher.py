"""The parent's side of the sandbox: start the child, hand it one order, believe nothing that it answers."""

import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from rai.checks.saying import InputError, Said
from rai.sandbox import bubblewrap, frames, walls
from rai.sandbox.heard import heard, plain
from rai.sandbox.levels import BUBBLEWRAP, KERNEL_WALLS, LEVELS
from rai.sandbox.limits import DEFAULT, GIB, MIB, Limits
from rai.sandbox.processes import compiled, empty_folder, has_ended, kill_group

if TYPE_CHECKING:
    from numpy import ndarray

CHILD = Path(__file__).with_name("child.py")
# All the child gets to see of the environment. One thread keeps results equal from run to run; onnxruntime would
# otherwise report home.
ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    # The same instructions everywhere: the same last bits, and sorting that some processors do five times slower with more.
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL",
    "ORT_DISABLE_TELEMETRY": "1",
}
# Where libraries were unpacked that the machine lacks; without it a bare machine finds no OpenMP.
PASSED_ON = ("LD_LIBRARY_PATH",)
REQUEST_BYTES = MIB
# Walls that a test leaves away to see what is then refused. Fewer walls are a lower level, never more rights.
WITHOUT: tuple[str, ...] = ()
# How often `watch` is asked whether the child should go on, in seconds.
WATCH = 1.0
# Many groups make many counts, and exact SHAP values of a large model take their time.
TASK_LIMITS = {
    "count": Limits(processor=600, wall=600.0, answer=16 * MIB),
    "count_part": Limits(processor=600, wall=600.0, answer=16 * MIB),
    "compare": Limits(processor=1200, wall=900.0, answer=16 * MIB),
    "look": Limits(processor=1200, wall=900.0, answer=16 * MIB),
    "personal": Limits(processor=1200, wall=900.0, answer=4 * MIB),
    "classes_apart": Limits(processor=600, wall=600.0, answer=4 * MIB),
    "scores": Limits(processor=600, wall=600.0, answer=16 * MIB),
    "attribute": Limits(processor=600, wall=900.0),
}
logger = logging.getLogger(__name__)

Files = Mapping[str, Path | Sequence[Path]]
Titles = Mapping[str, str | Sequence[str]]
Progress = Callable[[int, str], None]


class SandboxError(Exception):
    """The child gave no usable answer; the sentence says why and what to do. Nothing was recorded.

    `noise` is what the child wrote to stderr, for somebody who looks into it. It may quote the file: never show it.
    """

    noise: bytes = b""

    def __init__(self, said: Said) -> None:
        self.said = said
        super().__init__(str(said))


@dataclass(frozen=True)
class Result:
    """What came back: JSON, the float64 array (rows x columns) if one was ordered, and how the child was held."""

    json: dict[str, Any]
    array: "ndarray | None"
    level: str


def describe(level: str) -> str:
    """What a level means, in a sentence for reports. Raises KeyError for a level that does not exist."""
    return str(LEVELS[level])


def level() -> str:
    """The level that children of this process reach, found out once by starting one."""
    return reached(WITHOUT, wrapped(WITHOUT))


@cache
def reached(without: tuple[str, ...], inside: str) -> str:
    """The level of a child that does nothing."""
    return run("level", {}, files={}, inside=inside).level


@cache
def wrapped(without: tuple[str, ...]) -> str:
    """bubblewrap, where it is installed, works, and is better than what the child can put up by itself; else nothing."""
    if bubblewrap.program() is None or reached(without, "") == KERNEL_WALLS:
        return ""
    try:
        return BUBBLEWRAP if reached(without, BUBBLEWRAP) == BUBBLEWRAP else ""
    except SandboxError:
        return ""


def run(
    task: str,
    request: dict[str, Any],
    *,
    files: Files,
    limits: Limits | None = None,
    array: tuple[int, int] | None = None,
    progress: Progress | None = None,
    titles: Titles | None = None,
    watch: Callable[[], None] | None = None,
    inside: str | None = None,
) -> Result:
    """Have a child process do `task` on `files`.

    `limits` are those of the task unless given. `array` orders a float64 array of at most array[0] rows and exactly
    array[1] columns. `titles` are the names that sentences use instead of the paths, one for each file or one for all. `progress(percent, message)` is
    called as the child goes, `watch()` about once a second; if one raises, the child is killed and the error passes on. Raises InputError with the child's sentence when the file is at fault, and SandboxError when the child crashed, ran out of a limit or broke the
    agreement. `inside` names the wall to put around the child, where it is not to be found out here.
    """
    walls.hide()
    compiled()
    limits = limits or TASK_LIMITS.get(task, DEFAULT)
    paths = {name: [given] if isinstance(given, Path) else list(given) for name, given in files.items()}
    names = {name: titled((titles or {}).get(name), found) for name, found in paths.items()}
    around = wrapped(WITHOUT) if inside is None else inside
    order = ordered(task, request, files=paths, titles=names, limits=limits, array=array, inside=around)
    talk = Conversation(
        limits=limits,
        array=array,
        progress=progress,
        watch=watch,
        about=", ".join(called[0] for called in names.values() if called) or task,
    )
    with order, empty_folder() as folder:
        seen = [str(CHILD), *(str(path.resolve()) for found in paths.values() for path in found)]
        before = bubblewrap.command(seen, folder) if around else []
        child = subprocess.Popen(
            [*before, sys.executable, "-I", "-B", "-X", "utf8", str(CHILD)],
            stdin=order, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment(), cwd=folder, close_fds=True, start_new_session=True,
        )  # fmt: skip
        try:
            talk.listen(child)
        finally:
            ended = kill_group(child)
    return talk.result(bubblewrap.ended(ended) if around else ended)


def titled(titles: str | Sequence[str] | None, paths: Sequence[Path]) -> list[str]:
    """A name for every file: its own, or one for all of them with a number."""
    if titles is None or isinstance(titles, str):
        title = titles or (paths[0].name if paths else "")
        return [title if len(paths) == 1 else f"{title} ({number + 1})" for number in range(len(paths))]
    return list(titles)


def ordered(
    task: str,
    request: dict[str, Any],
    *,
    files: dict[str, list[Path]],
    titles: dict[str, list[str]],
    limits: Limits,
    array: tuple[int, int] | None,
    inside: str,
) -> BinaryIO:
    """The order as the child's stdin: a nameless file, so that a child that reads nothing cannot block the parent."""
    absolute = {name: [str(path.resolve()) for path in found] for name, found in files.items()}
    for name, found in files.items():
        missing = [title for path, title in zip(found, titles[name], strict=True) if not path.is_file()]
        if missing or not found:
            raise InputError("{value}: there is no such file.", value=missing[0] if missing else name)
    body = json.dumps(
        {"task": task, "request": request, "files": absolute, "titles": titles, "limits": limits.as_json(),
         "array": array, "parent": 1 if inside else os.getpid(), "without": WITHOUT, "inside": inside},
        allow_nan=False,
    ).encode()  # fmt: skip
    if len(body) > REQUEST_BYTES:
        raise InputError(
            "The request is {body} bytes long; {request_bytes} are the limit. Name fewer columns.",
            body=f"{len(body):,}",
            request_bytes=f"{REQUEST_BYTES:,}",
        )
    order = tempfile.TemporaryFile(prefix="attestry-")  # noqa: SIM115 (the caller closes it)
    order.write(body)
    order.seek(0)
    return order  # type: ignore[return-value]


def environment() -> dict[str, str]:
    """All that the child gets to see: constants, and where unpacked libraries lie."""
    return ENVIRONMENT | {name: os.environ[name] for name in PASSED_ON if name in os.environ}


class Conversation:
    """What one child said, checked as it arrives."""

    def __init__(
        self, *, limits: Limits, array: tuple[int, int] | None, progress: Progress | None, about: str,
        watch: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self.limits, self.shape, self.progress, self.watch, self.about = limits, array, progress, watch, about
        self.unpacker = frames.Unpacker(self.largest)
        self.noise = bytearray()
        self.level: str | None = None
        self.floats: bytes | None = None
        self.answer: dict[str, Any] | None = None
        self.error: dict[str, Any] | None = None
        self.messages = 0

    def largest(self, kind: bytes) -> int:
        """The longest frame of a kind that this order allows."""
        if kind == frames.ARRAY:
            return 8 * self.shape[0] * self.shape[1] if self.shape else 0
        return {frames.ANSWER: self.limits.answer, frames.ERROR: 16_384, frames.PROGRESS: 2_048, frames.READY: 256}.get(
            kind, 0
        )

    def listen(self, child: subprocess.Popen[bytes]) -> None:
        """Read both pipes until the child closes its ends, or raise when the time is up."""
        watched = time.monotonic()
        deadline = watched + self.limits.wall
        with selectors.DefaultSelector() as selector:
            for pipe in (child.stdout, child.stderr):
                selector.register(pipe, selectors.EVENT_READ)  # type: ignore[arg-type]
            while selector.get_map():
                left = deadline - time.monotonic()
                if left <= 0:
                    raise self.failure(
                        Said("reading took longer than {seconds} seconds", seconds=f"{self.limits.wall:g}")
                    )
                ready = selector.select(min(left, WATCH))
                if self.watch is not None and time.monotonic() >= watched + WATCH:
                    self.watch()
                    watched = time.monotonic()
                for key, _mask in ready:
                    if not self.take(child, key.fileobj):
                        selector.unregister(key.fileobj)
        # Both pipes are closed, so the child is about to end; one that lingers is ended, and counts as killed.
        patience = time.monotonic() + 2
        while not has_ended(child) and time.monotonic() < patience:
            time.sleep(0.002)

    def take(self, child: subprocess.Popen[bytes], pipe: Any) -> bool:
        """One chunk from a pipe; False at its end."""
        chunk = os.read(pipe.fileno(), 1 << 16)
        if pipe is child.stderr:
            self.noise += chunk[: self.limits.noise - len(self.noise)]
            return bool(chunk)
        try:
            for kind, body in self.unpacker.feed(chunk):
                self.hear(kind, body)
        except frames.WireError as error:
            raise self.failure(Said("the child process sent {what}", what=str(error))) from error
        return bool(chunk)

    def hear(self, kind: bytes, body: bytes) -> None:
        """One frame: each but progress at most once, and none after the last."""
        if self.answer is not None or self.error is not None:
            raise frames.WireError("more after its answer")
        if kind == frames.PROGRESS:
            self.report(frames.loads(body))
        elif kind == frames.READY and self.level is None:
            self.level = known_level(frames.loads(body))
        elif kind == frames.ARRAY and self.floats is None:
            self.floats = body
        elif kind == frames.ANSWER and self.level is not None:
            self.answer = an_object(frames.loads(body))
        elif kind == frames.ERROR:
            self.error = an_object(frames.loads(body))
        else:
            raise frames.WireError("a message out of turn")

    def report(self, value: Any) -> None:
        """Pass progress on, as long as it is progress."""
        self.messages += 1
        percent, message = an_object(value).get("percent"), value.get("message")
        if self.messages > self.limits.messages or type(percent) is not int or not isinstance(message, str):
            raise frames.WireError("progress that is none")
        if self.progress is not None:
            self.progress(max(0, min(100, percent)), plain(message, 200))

    def result(self, ended: int) -> Result:
        """The answer, when the child ended well and sent what was ordered."""
        if self.noise:
            logger.info("the child process wrote %d bytes of noise", len(self.noise))
        if self.error is not None:
            raise self.reported()
        if ended < 0:
            raise self.failure(self.cause(-ended))
        if ended != 0 or self.answer is None or self.level is None or self.unpacker.waiting:
            raise self.failure(Said("the child process ended without a whole answer"))
        return Result(self.answer, self.matrix(), self.level)

    def reported(self) -> Exception:
        """The error that the child itself told of."""
        error = self.error or {}
        kind, text = error.get("kind"), error.get("sentence", "")
        if kind == "input" and isinstance(text, str) and text:
            return InputError(heard(error.get("said")) or plain(text, 2000))
        if kind == "memory":
            size = f"{self.limits.memory / GIB:g}"
            return self.failure(Said("it needs more than {size} GiB of memory to be read", size=size))
        return self.failure(
            Said("the parser failed ({what}); the file is damaged or hostile", what=plain(str(text), 60))
        )

    def cause(self, number: int) -> Said:
        """Why a signal ended the child."""
        if number == signal.SIGXCPU:
            return Said("reading used more than {seconds} seconds of processor time", seconds=self.limits.processor)
        if number == signal.SIGSYS:
            return Said("it tried to reach beyond the walls around it and was ended; the file is hostile")
        if number == signal.SIGKILL:
            return Said("the system ended the parser with SIGKILL, most likely for want of memory or processor time")
        name = f"signal {number}"
        with suppress(ValueError):
            name = signal.Signals(number).name
        return Said("the parser ended with {name}; the file is damaged or hostile", name=name)

    def matrix(self) -> "ndarray | None":
        """The array in the ordered shape, every number finite."""
        if self.shape is None:
            return None
        import numpy

        width = 8 * self.shape[1]
        if self.floats is None or len(self.floats) % width:
            raise self.failure(Said("the child process sent an array of another size than ordered"))
        matrix = numpy.frombuffer(self.floats, dtype="<f8").reshape(-1, self.shape[1])
        if not numpy.isfinite(matrix).all():
            raise self.failure(Said("the child process sent numbers that are not finite"))
        return matrix

    def failure(self, cause: Said) -> SandboxError:
        """The error that people read."""
        about = plain(self.about, 200)
        error = SandboxError(Said("{file} could not be used: {cause}. Nothing was recorded.", file=about, cause=cause))
        error.noise = bytes(self.noise)
        return error


def known_level(value: Any) -> str:
    """The level the child reports before it reads untrusted bytes."""
    level = an_object(value).get("level")
    if level not in LEVELS:
        raise frames.WireError("a level that does not exist")
    return str(level)


def an_object(value: Any) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise frames.WireError("an answer that is not the JSON agreed on")
    return value
