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
    "XGBoost": ["xgboost"],
    "ONNX": ["onnx", "onnxruntime"],
    "skops": ["sklearn", "pandas", "skops.io"],
}
CLOCKS = ("processor", "wall clock")
# How far from the middle the interval's ends lie in the sorted differences, in standard deviations of a binomial count.
NORMAL = 1.96
Pairs = list[tuple[tuple[float, float], tuple[float, float]]]


def main(rounds: int = 31) -> dict[str, dict[str, float]]:
    """Milliseconds of both clocks: in each round every set once, walled and bare side by side and in turn first.

    Other work on the machine slows both sides of a pair alike, so that the median of the differences is what counts; its
    interval (95 %) is made of order statistics, whatever the differences' distribution is.
    """
    pairs: dict[str, Pairs] = {name: [] for name in SETS}
    for number in range(-1, rounds):
        for name, libraries in SETS.items():
            found = pair(libraries, walled_first=number % 2 == 0)
            # The round before the first fills the page cache.
            pairs[name] += [found] if number >= 0 else []
    figures = {name: figures_of(found) for name, found in pairs.items()}
    for name, told in figures.items():
        print(f"{name} ({rounds} rounds)")
        for key, value in told.items():
            print(f"  {key:<44} {value:12.1f}")
    return figures


def pair(libraries: list[str], *, walled_first: bool) -> tuple[tuple[float, float], tuple[float, float]]:
    """One child and one bare Python, whichever is first."""
    if walled_first:
        walled = timed(lambda: child(libraries))
        return walled, timed(lambda: plain(libraries))
    bare = timed(lambda: plain(libraries))
    return timed(lambda: child(libraries)), bare


def figures_of(pairs: Pairs) -> dict[str, float]:
    """Both sides' medians, and the median of the differences with its interval, by each clock."""
    figures: dict[str, float] = {}
    for place, clock in enumerate(CLOCKS):
        more = sorted(walled[place] - bare[place] for walled, bare in pairs)
        reach = NORMAL * len(more) ** 0.5 / 2
        low, high = max(0, int(len(more) / 2 - reach)), min(len(more) - 1, int(len(more) / 2 + reach))
        figures |= {
            f"walled child, ms of {clock}": statistics.median(walled[place] for walled, _bare in pairs),
            f"bare Python, same imports, ms of {clock}": statistics.median(bare[place] for _walled, bare in pairs),
            f"difference, median, ms of {clock}": statistics.median(more),
            f"difference, from, ms of {clock}": more[low],
            f"difference, to, ms of {clock}": more[high],
        }
    return figures


def timed(work) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """Milliseconds of the processor time of children, and of wall clock."""
    before, started = spent(), time.perf_counter()
    work()
    return (spent() - before) * 1000, (time.perf_counter() - started) * 1000


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
    """The bare side; in a session of its own like the child, since the kernel shares processors out by session."""
    from rai.sandbox.child import COMPANIONS
    from rai.sandbox.launcher import environment

    without = sorted(COMPANIONS - set(libraries))
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-c", BARE, json.dumps(libraries), json.dumps(without)]
    subprocess.run(command, env=environment(), check=True, capture_output=True, start_new_session=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(*(int(word) for word in sys.argv[1:] if word.isdecimal()))
