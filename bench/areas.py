"""Benchmark: exact areas under the ROC curve by group against scikit-learn on the same arrays, in turn in one process."""

import statistics
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
GROUPS = 10
THREADS = (1, 2, 4)

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


def main(rows: int = 1_000_000, rounds: int = 9) -> dict[str, float]:
    """Times scikit-learn and ours with one, two and four threads in turn; prints medians, ratios and the difference."""
    arrays = drawn(rows)
    theirs, ours = by_scikit_learn(arrays)[1], by_us(arrays, 1)[1]
    turns = [(by_scikit_learn(arrays)[0], *(by_us(arrays, threads)[0] for threads in THREADS)) for _ in range(rounds)]
    found = {"scikit-learn, seconds": statistics.median(turn[0] for turn in turns)}
    for place, threads in enumerate(THREADS, start=1):
        ratios = [turn[0] / turn[place] for turn in turns]
        name = f"ours, {threads} thread{'s' if threads > 1 else ''}"
        found[f"{name}, seconds"] = statistics.median(turn[place] for turn in turns)
        found[f"{name}, ratio, median of rounds"] = statistics.median(ratios)
        found[f"{name}, ratio, smallest"] = min(ratios)
    found["largest difference"] = float(np.abs(np.array(theirs) - ours).max())
    print(f"{rows:,} rows in memory, {GROUPS} groups, {rounds} rounds; ours computes DeLong's variance as well")
    for name, value in found.items():
        print(f"{name:<44} {value:12.4g}")
    return found


def drawn(rows: int) -> Arrays:
    """Labels, scores and group codes; a score is the chance of its label."""
    generator = np.random.Generator(np.random.PCG64(0))
    score = generator.random(rows)
    return (
        (generator.random(rows) < score).astype(np.int8),
        score,
        generator.integers(GROUPS, size=rows).astype(np.int32),
    )


def by_scikit_learn(arrays: Arrays) -> tuple[float, list[float]]:
    """Seconds and areas of scikit-learn, a mask for each group."""
    from sklearn.metrics import roc_auc_score

    label, score, codes = arrays
    started = time.perf_counter()
    found = [float(roc_auc_score(label[codes == code], score[codes == code])) for code in range(GROUPS)]
    return time.perf_counter() - started, found


def by_us(arrays: Arrays, threads: int) -> tuple[float, list[float]]:
    """Seconds and areas of `rai.engine.areas`."""
    from rai.engine.areas import areas

    started = time.perf_counter()
    found = [area.value or 0.0 for area in areas(*arrays, GROUPS, threads=threads)]
    return time.perf_counter() - started, found


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
