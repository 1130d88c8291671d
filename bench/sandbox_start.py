"""Benchmark: how long a child takes until its walls stand, over the same Python that only imports the library."""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The bare side: the same interpreter, flags, environment and imports, also without optional companions, and no wall.
BARE = """
import importlib, json, os, sys
class Without:
    def find_spec(self, name, path, target=None):
        if name in json.loads(sys.argv[2]):
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Without())
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
os._exit(0)
"""
SETS = {
    "nothing": [],
    "tables (DuckDB, Arrow)": ["duckdb", "pyarrow"],
    "LightGBM": ["lightgbm"],
    "ONNX": ["onnx", "onnxruntime"],
}


def main(rounds: int = 15) -> dict[str, dict[str, float]]:
    """Milliseconds of wall clock and of processor, both sides in turn; the median of the rounds' differences."""
    found = {name: measured(libraries, rounds) for name, libraries in SETS.items()}
    for name, figures in found.items():
        print(f"{name} ({rounds} rounds)")
        for key, value in figures.items():
            print(f"  {key:<44} {value:12.1f}")
    return found


def measured(libraries: list[str], rounds: int) -> dict[str, float]:
    """One set of libraries."""
    walled, bare = [], []
    for _ in range(rounds):
        walled.append(timed(lambda: child(libraries)))
        bare.append(timed(lambda: plain(libraries)))
    figures: dict[str, float] = {}
    for place, kind in enumerate(("wall clock", "processor")):
        figures[f"in the walled child, ms of {kind}"] = statistics.median(one[place] for one in walled)
        figures[f"bare Python with the same imports, ms of {kind}"] = statistics.median(one[place] for one in bare)
        more = [one[place] - other[place] for one, other in zip(walled, bare, strict=True)]
        figures[f"difference, ms of {kind}"] = statistics.median(more)
    return figures


def timed(work) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """Milliseconds of wall clock and of the processor time of children."""
    before, started = spent(), time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000, (spent() - before) * 1000


def spent() -> float:
    """Processor seconds of children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def child(libraries: list[str]) -> None:
    """A child of the product that imports the libraries, puts up its walls and does nothing."""
    from rai.sandbox import launcher

    launcher.CHILD = started(libraries)
    launcher.run("nothing", {}, files={})


def started(libraries: list[str]) -> Path:
    """The child's own script with a task that needs these libraries."""
    path = Path(tempfile.gettempdir()) / "attestry-bench" / f"{'-'.join(libraries) or 'nothing'}.py"
    path.parent.mkdir(exist_ok=True)
    real = ROOT / "rai" / "sandbox" / "child.py"
    path.write_text(
        "import importlib.util, sys, types\n"
        f"spec = importlib.util.spec_from_file_location('child', {str(real)!r})\n"
        "child = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(child)\n"
        "def work(order):\n    from rai.sandbox.order import Reply\n    return Reply({})\n"
        "module = types.ModuleType('idle')\n"
        f"module.libraries, module.work = (lambda order: {tuple(libraries)!r}), work\n"
        "sys.modules['idle'] = module\nchild.main({'nothing': 'idle:work'})\n"
    )
    return path


def plain(libraries: list[str]) -> None:
    """The bare side."""
    from rai.sandbox.child import COMPANIONS
    from rai.sandbox.launcher import environment

    command = [
        sys.executable,
        "-I",
        "-B",
        "-X",
        "utf8",
        "-c",
        BARE,
        json.dumps(libraries),
        json.dumps(sorted(COMPANIONS)),
    ]
    subprocess.run(command, env=environment(), check=True, capture_output=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
