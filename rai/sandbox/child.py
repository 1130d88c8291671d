"""The child's first and last steps: put up the walls, run one task on the named files, write the answer, end.

Started by `launcher` as `python -I -B child.py` and never imported by the product.
"""

import contextlib
import importlib
import importlib.machinery
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Task -> the function that does it. The function's module says by `libraries(order)` what it needs, so that these
# are loaded before the walls go up and no code is loaded after untrusted bytes were read.
TASKS = {
    "level": "rai.sandbox.order:nothing",
    "columns": "rai.sandbox.tables:columns",
    "count": "rai.sandbox.tables:count",
    "count_part": "rai.sandbox.partitions:count_part",
    "classes": "rai.sandbox.classes:classes",
    "scores": "rai.sandbox.scores:scores",
    "cuts": "rai.sandbox.scores:cuts",
    "model_info": "rai.sandbox.models:model_info",
    "attribute": "rai.sandbox.trees:attribute",
    "attempt": "rai.sandbox.trials:attempt",
    "predict": "rai.sandbox.predicting:predict",
    "artifact": "rai.sandbox.scanning:artifact",
    "weaknesses": "rai.sandbox.supply:weaknesses",
    "compare": "rai.sandbox.comparing:compare",
    "look": "rai.sandbox.comparing:look",
    "beside": "rai.sandbox.comparing:beside",
    "pair": "rai.sandbox.pairing:pair",
    "parts": "rai.sandbox.parts:parts",
    "labelled": "rai.sandbox.labelled:labelled",
    "personal": "rai.sandbox.privacy:personal",
    "classes_apart": "rai.sandbox.privacy:classes_apart",
}


SENTENCE_BYTES = 12_000
READ_AT_ANY_LEVEL = {"artifact"}


class OnlyRai:
    """Finds the package `rai` beside this file. The repository is not on the path, so nothing else of it is found."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        """The place of `rai`, and no opinion on anything else."""
        if name != "rai":
            return None
        root = Path(__file__).resolve().parents[2]
        return importlib.machinery.PathFinder.find_spec(name, [str(root)])


# What the model libraries would load if it is there: it doubles the start and adds code that hostile bytes could reach.
COMPANIONS = {"sklearn", "pandas", "dask", "matplotlib", "graphviz", "cffi", "datatable", "cupy", "modin"}


class NoCompanions:
    """Answers that optional companions are not installed."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        """Refuses a companion, and has no opinion on anything else."""
        if name in self.names:
            raise ModuleNotFoundError(f"{name} is kept out of the child", name=name)
        return None


def main(tasks: dict[str, str] | None = None) -> None:
    """Serve the order on stdin and end the process without running anybody's exit handlers."""
    wire = os.dup(1)
    # A library that prints must not reach the wire.
    os.dup2(2, 1)
    order = json.load(sys.stdin.buffer)
    if not any(isinstance(finder, OnlyRai) for finder in sys.meta_path):
        sys.meta_path.append(OnlyRai())
    from rai.sandbox import frames

    status = 0
    try:
        serve(order, wire, tasks or TASKS)
    except MemoryError:
        send(wire, frames.pack_json(frames.ERROR, {"kind": "memory"}))
    except BrokenPipeError:
        status = 1
    except Exception as error:
        send(wire, frames.pack_json(frames.ERROR, described(error, order)))
    os._exit(status)


def serve(sent: dict[str, Any], wire: int, tasks: dict[str, str]) -> None:
    """Walls, libraries, walls, then the task."""
    from rai.checks.saying import InputError
    from rai.sandbox import frames, walls
    from rai.sandbox.limits import Limits

    limits = Limits.from_json(sent["limits"])
    without = sent["without"]
    named = [path for paths in sent["files"].values() for path in paths]
    held = walls.before_imports(limits, named, parent=sent["parent"], without=without, inside=sent["inside"])
    order = order_from(sent, wire)
    module_name, function = tasks[order.task].split(":")
    module = importlib.import_module(module_name)
    load(module.libraries(order))
    level = walls.before_bytes(named, held, without=without, inside=sent["inside"])
    send(wire, frames.pack_json(frames.READY, {"level": level}))
    require_walls(order, level)
    reply = getattr(module, function)(order)
    if order.array is not None:
        send(wire, frames.pack(frames.ARRAY, float_bytes(reply.array)))
    answer = frames.pack_json(frames.ANSWER, reply.json)
    if len(answer) > limits.answer:
        raise InputError("The result is too large to hand over. Choose columns with fewer different values.")
    send(wire, answer)


def require_walls(order: Any, level: str) -> None:
    """Refuse a model where the walls are too few for its format. Tables, and headers in plain Python, are read at any level."""
    from rai.checks.saying import InputError
    from rai.sandbox import formats, levels

    if "model" not in order.files or order.task in READ_AT_ANY_LEVEL:
        return
    found = formats.detect(order.path("model"))
    if not levels.runs(level, found.slug):
        raise InputError(
            "{title} was not run: this machine does not put the walls around a {name} that running one needs (level "
            "{level} of A to D; Landlock and seccomp, or bubblewrap, are missing). Upload a table of the model's "
            "predictions instead: fairness, performance and calibration need no model file.",
            title=order.title("model"), name=found.name, level=levels.letter(level),
        )  # fmt: skip


def order_from(sent: dict[str, Any], wire: int) -> Any:
    """The order in the shape that tasks take."""
    from rai.sandbox import frames
    from rai.sandbox.order import Order

    def progress(percent: int, message: str) -> None:
        send(wire, frames.pack_json(frames.PROGRESS, {"percent": int(percent), "message": message[:200]}))

    files = {name: [Path(one) for one in paths] for name, paths in sent["files"].items()}
    array = tuple(sent["array"]) if sent["array"] else None
    return Order(sent["task"], sent["request"], files, sent["titles"], array, progress)


def load(libraries: Sequence[str]) -> None:
    """Import what the task needs, without the companions that it does not."""
    sys.meta_path.insert(0, NoCompanions(COMPANIONS - set(libraries)))
    for name in libraries:
        importlib.import_module(name)


def float_bytes(array: Any) -> bytes:
    """Little-endian float64 in row order, whatever the machine."""
    import numpy

    return numpy.ascontiguousarray(array, dtype="<f8").tobytes()


def send(wire: int, body: bytes) -> None:
    """All the bytes: a pipe may take them in parts."""
    view = memoryview(body)
    while view:
        view = view[os.write(wire, view) :]


def described(error: Exception, order: dict[str, Any]) -> dict[str, Any]:
    """An error as it travels: the sentence of bad input, or only the type of anything else."""
    from rai.checks.saying import InputError

    if isinstance(error, InputError):
        said = entitled_parts(error.said.to_json(), order)
        told = {"kind": "input", "sentence": entitled(str(error), order)[:2000], "said": said}
        # A sentence too long for its frame travels as a text alone.
        return told if len(json.dumps(told)) < SENTENCE_BYTES else told | {"said": None}
    with contextlib.suppress(OSError):
        sys.excepthook(type(error), error, error.__traceback__)
    return {"kind": "crash", "sentence": type(error).__name__}


def entitled_parts(said: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    """The same of a sentence that is not finished yet."""
    values = {
        name: entitled_parts(one, order) if isinstance(one, dict) else entitled(one, order)
        for name, one in said["values"].items()
    }
    return {"template": said["template"], "values": values}


def entitled(sentence: str, order: dict[str, Any]) -> str:
    """A sentence with files called what people call them, not where they lie."""
    for name, paths in order["files"].items():
        for path, shown in zip(paths, order["titles"][name], strict=True):
            sentence = sentence.replace(path, shown).replace(os.path.basename(path), shown)
    return sentence


if __name__ == "__main__":
    main()
