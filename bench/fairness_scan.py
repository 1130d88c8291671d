"""Benchmark: reading and counting for group_fairness against a bare pyarrow scan of the same columns."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
FEATURES = {
    "race": ("A", "B", "C", "D", "E"),
    "sex": ("female", "male"),
    "age_band": ("18-29", "30-44", "45-64", "65+"),
}
COLUMNS = ["y", "yhat", *FEATURES]
CHUNK = 1_000_000
THREADS = 2

# Passed on the clock, and on all processors together.
Seconds = tuple[float, float]


def main(rows: int = 10_000_000, rounds: int = 9) -> dict[str, float]:
    """Times both sides in turn on one synthetic file, prints medians, ratios and the command's peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "predictions.parquet"
        write(path, rows)
        pairs = [(scanned(path), counted(path)) for _ in range(rounds + 1)][1:]
        found = summary(pairs) | measured(path)
    print(f"{rows:,} rows, {len(FEATURES)} features, {rounds} rounds, {THREADS} threads, page cache warm")
    for name, value in found.items():
        print(f"{name:<32} {value:10.4f}")
    return found


def write(path: Path, rows: int) -> None:
    """Seeded labels, predictions and features, a chunk at a time."""
    generator = np.random.Generator(np.random.PCG64(0))
    writer = None
    for start in range(0, rows, CHUNK):
        table = chunk(generator, min(CHUNK, rows - start))
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def chunk(generator: np.random.Generator, rows: int) -> pa.Table:
    """One chunk: a logistic score decides label and prediction; two columns are there that nobody reads."""
    score = 1 / (1 + np.exp(-generator.normal(size=rows)))
    texts = {
        name: pa.array(np.array(values)[generator.integers(len(values), size=rows)])
        for name, values in FEATURES.items()
    }
    labels = {"y": (generator.random(rows) < score).astype(np.int8), "yhat": (score >= 0.5).astype(np.int8)}
    return pa.table({"id": np.arange(rows), "score": score, **labels, **texts})


def scanned(path: Path) -> Seconds:
    """A bare scan: every batch of the needed columns decoded, texts as dictionaries, nothing computed."""
    pa.set_cpu_count(THREADS)
    options = ds.ParquetFileFormat(read_options=ds.ParquetReadOptions(dictionary_columns=list(FEATURES)))
    started, began = time.perf_counter(), time.process_time()
    rows = sum(batch.num_rows for batch in ds.dataset(path, format=options).scanner(columns=COLUMNS).to_batches())
    seconds = time.perf_counter() - started
    assert rows > 0
    return seconds, time.process_time() - began


def counted(path: Path) -> Seconds:
    """`timings.read + timings.count`; DuckDB is started ahead, as the command does while it hashes the file."""
    from rai.engine import connections
    from rai.engine.counts import read

    connections.start(threads=THREADS).result()
    began = time.process_time()
    cube = read(path, target="y", prediction="yhat", sensitive=list(FEATURES), threads=THREADS)
    return cube.timings["read"] + cube.timings["count"], time.process_time() - began


def summary(pairs: list[tuple[Seconds, Seconds]]) -> dict[str, float]:
    """Medians and the median of the rounds' ratios; that of the processors' time holds on a busy machine too."""
    scan, ours = ([each[0] for each in side] for side in zip(*pairs, strict=True))
    ratios = [mine / bare for bare, mine in zip(scan, ours, strict=True)]
    busy = statistics.median(mine[1] / bare[1] for bare, mine in pairs)
    spread = {"ratio, smallest": min(ratios), "ratio, largest": max(ratios)}
    medians = {"scan, seconds": statistics.median(scan), "read + count, seconds": statistics.median(ours)}
    middle = {"ratio, median of rounds": statistics.median(ratios), "ratio of processor time, median": busy}
    return {**medians, **middle, **spread}


def measured(path: Path) -> dict[str, float]:
    """The whole command in a process of its own: its timings and its peak memory."""
    arguments = ["measure", "group_fairness", "--data", str(path), "--target", "y", "--prediction", "yhat"]
    arguments += ["--sensitive", *FEATURES, "--intersections", "3", "--json", str(path.with_suffix(".json"))]
    code = (
        "import os, sys; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')\n"
        "from django.core.management import execute_from_command_line\n"
        "try: execute_from_command_line(sys.argv)\n"
        # ru_maxrss would begin with the size of this process, which the child is forked from.
        "finally: print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ATTESTRY_DATA_DIR": str(path.parent / "var")}
    command = [sys.executable, "-c", code, *arguments]
    started = time.perf_counter()
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=True)
    seconds = time.perf_counter() - started
    timings = json.loads(path.with_suffix(".json").read_text())["timings"]
    named = {f"command, {name}, seconds": value for name, value in timings.items()}
    return {**named, "command, whole, seconds": seconds, "command, peak MB": int(run.stdout.split()[-1]) / 1024}


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
