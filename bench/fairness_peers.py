"""Benchmark: group fairness from a Parquet file against fairlearn's MetricFrame on the same file, in turn in one process."""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FEATURES = ["race", "sex", "age_band"]
THREADS = 2
REPEATS = 5
NAMES = (
    "selection_rate", "true_positive_rate", "false_positive_rate", "true_negative_rate", "false_negative_rate",
    "accuracy", "precision",
)  # fmt: skip
Values = dict[tuple[str, ...], dict[str, float]]


def main(rows: int = 100_000, rounds: int = 3) -> dict[str, float]:
    """Times both sides in turn on one synthetic file; prints medians, ratios and the largest difference of any value."""
    from bench.fairness_scan import write

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "predictions.parquet"
        write(path, rows)
        sides = (by_fairlearn, counted, cold, checked)
        for side in sides[1:]:
            side(path)
        found = [[by_fairlearn(path), *(middle(side, path) for side in sides[1:])] for _ in range(rounds)]
    theirs, *ours = ([each[place][0] for each in found] for place in range(len(sides)))
    names = ("the same metrics", "the same metrics, DuckDB started anew", "the whole check")
    figures = {"fairlearn, seconds": statistics.median(theirs)}
    figures |= {f"ours, {name}, seconds": statistics.median(seconds) for name, seconds in zip(names, ours, strict=True)}
    for name, seconds in zip(names, ours, strict=True):
        figures[f"ratio, {name}"] = statistics.median(a / b for a, b in zip(theirs, seconds, strict=True))
    figures["largest difference"] = difference(found[0][0][1], found[0][1][1])
    print(
        f"{rows:,} rows, 40 groups by 3 features, 7 metrics, from Parquet, {rounds} rounds, ours with {THREADS} threads"
    )
    for name, value in figures.items():
        print(f"{name:<54} {value:12.4g}")
    return figures


def middle(side: Callable[[Path], tuple[float, Any]], path: Path) -> tuple[float, Any]:
    """The median of several runs: each takes a hundredth of the peer's time, so that one alone is mostly noise."""
    return sorted((side(path) for _ in range(REPEATS)), key=lambda each: each[0])[REPEATS // 2]


def by_fairlearn(path: Path) -> tuple[float, Values]:
    """Seconds and values of MetricFrame over the groups of all three features."""
    import pandas as pd
    from fairlearn import metrics as fl
    from sklearn import metrics as sk

    metrics: dict[str, Any] = {name: getattr(fl, name) for name in NAMES if hasattr(fl, name)}
    metrics |= {"accuracy": sk.accuracy_score, "precision": sk.precision_score}
    started = time.perf_counter()
    table = pd.read_parquet(path, columns=["y", "yhat", *FEATURES])
    frame = fl.MetricFrame(metrics=metrics, y_true=table["y"], y_pred=table["yhat"], sensitive_features=table[FEATURES])
    values, _spread = frame.by_group, frame.difference()
    seconds = time.perf_counter() - started
    return seconds, {group: row.to_dict() for group, row in values.iterrows()}


def counted(path: Path) -> tuple[float, Values]:
    """Seconds and values of the same seven metrics; DuckDB was started before, as the peer's libraries were imported."""
    from rai.engine import connections

    connections.start(threads=THREADS).result()
    return cold(path)


def cold(path: Path) -> tuple[float, Values]:
    """The same with the time that a DuckDB takes to start, of which every table has one of its own."""
    from rai.engine.counts import read
    from rai.engine.rates import METRICS, rates_of

    started = time.perf_counter()
    table = read(path, target="y", prediction="yhat", sensitive=FEATURES, threads=THREADS).table(tuple(FEATURES))
    values = {name: rates_of(table, METRICS[name]).value for name in NAMES}
    _spread = {name: column.max() - column.min() for name, column in values.items()}
    seconds = time.perf_counter() - started
    places = enumerate(table.groups)
    return seconds, {group: {name: float(values[name][place]) for name in NAMES} for place, group in places}


def checked(path: Path) -> tuple[float, None]:
    """Seconds of the check as it is recorded: eight metrics with intervals, pairs, tests and a rule, all intersections."""
    from rai.checks.group_fairness import run
    from rai.engine import connections
    from rai.engine.counts import read

    connections.start(threads=THREADS).result()
    started = time.perf_counter()
    cube = read(path, target="y", prediction="yhat", sensitive=FEATURES, threads=THREADS)
    run(cube, thresholds=["selection_rate_difference<=0.1"], intersections=3).to_json()
    return time.perf_counter() - started, None


def difference(theirs: Values, ours: Values) -> float:
    """The largest difference of any value of any group."""
    return max(abs(row[name] - ours[group][name]) for group, row in theirs.items() for name in NAMES)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
    main(rows=1_000_000, rounds=1)
