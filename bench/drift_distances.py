"""Benchmark: Kolmogorov–Smirnov and Wasserstein distance of one column in two tables, exact, against scipy in the same process."""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
SIZES = ((100_000, 100_000), (1_000_000, 1_000_000), (1_000_000, 900_000))


def main(rounds: int = 7) -> dict[str, dict[str, float]]:
    """Both sides in turn on seeded samples; once with the instructions that numpy chooses, once as the child process runs."""
    from rai.sandbox.launcher import ENVIRONMENT

    settings = {
        "as numpy chooses": {},
        "as the child runs": {"NPY_DISABLE_CPU_FEATURES": ENVIRONMENT["NPY_DISABLE_CPU_FEATURES"]},
    }
    found = {name: measured(more, rounds) for name, more in settings.items()}
    for name, figures in found.items():
        print(f"{name} ({rounds} rounds, median of the rounds' ratios)")
        for key, value in figures.items():
            print(f"  {key:<44} {value:12.3g}")
    return found


def measured(more: dict[str, str], rounds: int) -> dict[str, float]:
    """The figures of a process of its own with these settings."""
    environment = {**os.environ, **more, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__, "--one", str(rounds)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=True)
    return json.loads(run.stdout)


def one(rounds: int) -> dict[str, float]:
    """Seconds, ratios and the largest difference of the results, for each pair of sizes."""
    generator = np.random.Generator(np.random.PCG64(0))
    found: dict[str, float] = {}
    for n, m in SIZES:
        first, second = generator.normal(size=n), generator.normal(0.1, size=m)
        pairs = [(ours(first, second), scipys(first, second)) for _ in range(rounds + 1)][1:]
        name = f"{n:,} and {m:,} rows"
        found[f"{name}, scipy, seconds"] = statistics.median(peer[0] for _mine, peer in pairs)
        found[f"{name}, ours, seconds"] = statistics.median(mine[0] for mine, _peer in pairs)
        found[f"{name}, times faster"] = statistics.median(peer[0] / mine[0] for mine, peer in pairs)
        found[f"{name}, largest difference"] = max(
            abs(a - b) for a, b in zip(pairs[0][0][1:], pairs[0][1][1:], strict=True)
        )
    return found


def ours(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """Seconds and both distances, sorting included."""
    from rai.engine.distances import kolmogorov_smirnov, sorted_pair, wasserstein

    started = time.perf_counter()
    pair = sorted_pair(first, second)
    distances = kolmogorov_smirnov(*pair), wasserstein(*pair)
    return time.perf_counter() - started, *distances


def scipys(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """Seconds and both distances; the exact p-value is not asked for, which would take longer."""
    from scipy import stats

    started = time.perf_counter()
    distances = stats.ks_2samp(first, second, method="asymp").statistic, stats.wasserstein_distance(first, second)
    return time.perf_counter() - started, float(distances[0]), float(distances[1])


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(int(sys.argv[2]))))
    else:
        main()
