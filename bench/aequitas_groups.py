"""Benchmark: group metrics of one attribute against aequitas, in turn, each in its own environment."""

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PEER = Path(__file__).with_name("aequitas_peer.py")
SIZES = (100_000, 1_000_000)
THREADS = 2


def main(rounds: int = 7) -> dict[str, dict[str, float]]:
    """Aequitas has the table in memory already; ours reads the Parquet file, because it takes no other table."""
    found = {f"{rows:,} rows": measured(rows, rounds) for rows in SIZES}
    print(f"1 attribute of 5 groups, {rounds} rounds; aequitas from memory, ours from Parquet with {THREADS} threads")
    for size, figures in found.items():
        for name, value in figures.items():
            print(f"{size:<16} {name:<34} {value:12.4g}")
    return found


def measured(rows: int, rounds: int) -> dict[str, float]:
    """Medians, the median of the rounds' ratios, and the largest difference of any value."""
    from bench.fairness_scan import write

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "predictions.parquet"
        write(path, rows)
        with peer(path) as theirs:
            pairs = [(answer(theirs), ours(path)) for _ in range(rounds + 1)][1:]
    first, (_seconds, values) = pairs[0]
    return {
        "aequitas, seconds": statistics.median(one["seconds"] for one, _other in pairs),
        "ours, seconds": statistics.median(other[0] for _one, other in pairs),
        "ratio, median of rounds": statistics.median(one["seconds"] / other[0] for one, other in pairs),
        "largest difference": max(
            abs(value - values[name][group]) for group, row in first["values"].items() for name, value in row.items()
        ),
    }


@contextlib.contextmanager
def peer(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Aequitas in the environment of its lock, which is made when it is missing."""
    from config import extras

    command = [str(extras.make(extras.AEQUITAS)), str(PEER), str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()  # type: ignore[union-attr]


def answer(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """One round of the peer."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def ours(path: Path) -> tuple[float, dict[str, dict[str, float]]]:
    """Seconds and values: every metric there is, from the file."""
    from rai.engine import connections
    from rai.engine.counts import read
    from rai.engine.rates import METRICS, rates_of

    connections.start(threads=THREADS).result()
    started = time.perf_counter()
    table = read(path, target="y", prediction="yhat", sensitive=["race"], threads=THREADS).table(("race",))
    values = {name: rates_of(table, metric).value for name, metric in METRICS.items()}
    seconds = time.perf_counter() - started
    groups = [group for (group,) in table.groups]
    return seconds, {name: dict(zip(groups, map(float, column), strict=True)) for name, column in values.items()}


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
