"""Benchmark: exact SHAP values of tree ensembles, all of it from the model's text on, against each library's own, in CPU-seconds."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
INPUTS, TREES, LEAVES, DEPTH = 20, 200, 31, 6
MISSING = 0.15


def main(rows: int = 10_000, rounds: int = 5) -> dict[str, float]:
    """Both sides in turn, one thread each: reading the trees, building the tables and looking the rows up are ours."""
    found: dict[str, float] = {}
    for name, made in (("LightGBM", lightgbm_model), ("XGBoost", xgboost_model)):
        for share in (0.0, MISSING):
            ours, theirs = made(share)
            matrix = rows_of(rows, share, seed=1)
            label = f"{name}, {rows:,} rows" + (f", {share:.0%} missing" if share else "")
            found |= {f"{label}, {key}": value for key, value in paired(ours, theirs, matrix, rounds).items()}
    for key, value in found.items():
        print(f"{key:<48} {value:12.3g}")
    return found


def rows_of(count: int, missing: float, *, seed: int) -> np.ndarray:
    """Seeded rows, `missing` of their cells empty."""
    draw = np.random.Generator(np.random.PCG64(seed))
    matrix = draw.normal(size=(count, INPUTS))
    if missing:
        matrix[draw.random(matrix.shape) < missing] = np.nan
    return matrix


def trained_on(missing: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows and outcomes that both libraries learn from."""
    matrix = rows_of(20_000, missing, seed=0)
    filled = np.nan_to_num(matrix)
    noise = np.random.Generator(np.random.PCG64(2)).normal(size=len(matrix))
    return matrix, filled[:, 0] + filled[:, 1] * filled[:, 2] + 0.5 * filled[:, 3] + noise > 0


def lightgbm_model(missing: float) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Our values from the model's text, and the library's own."""
    import lightgbm

    from rai.sandbox.forests import of_lightgbm

    data = lightgbm.Dataset(*trained_on(missing))
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": LEAVES, "num_threads": 1, "verbosity": -1}, data, TREES
    )
    text = booster.model_to_string()
    return (
        lambda matrix: of_lightgbm(text).values(matrix)[0],
        lambda matrix: booster.predict(matrix, pred_contrib=True, num_threads=1)[:, :-1],
    )


def xgboost_model(missing: float) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Our values from the model's JSON, and the library's own; making its matrix is not counted against it."""
    import xgboost

    from rai.sandbox.forests import of_xgboost

    options = {"objective": "binary:logistic", "max_depth": DEPTH, "nthread": 1, "eta": 0.1}
    booster = xgboost.train(options, xgboost.DMatrix(*trained_on(missing)), TREES)
    raw = bytes(booster.save_raw("json"))
    return (
        lambda matrix: of_xgboost(raw).values(matrix)[0],
        lambda matrix: booster.predict(xgboost.DMatrix(matrix, nthread=1), pred_contribs=True)[:, :-1],
    )


def paired(
    ours: Callable[[Any], Any], theirs: Callable[[Any], Any], matrix: np.ndarray, rounds: int
) -> dict[str, float]:
    """The median of the rounds' ratios, both sides' seconds, and the largest difference of a value."""
    pairs = [(timed(ours, matrix), timed(theirs, matrix)) for _ in range(rounds)]
    return {
        "ours, CPU-seconds": statistics.median(mine[0] for mine, _peer in pairs),
        "library, CPU-seconds": statistics.median(peer[0] for _mine, peer in pairs),
        "ratio": statistics.median(peer[0] / mine[0] for mine, peer in pairs),
        "largest difference": float(np.abs(pairs[0][0][1] - pairs[0][1][1]).max()),
    }


def timed(explain: Callable[[Any], Any], matrix: np.ndarray) -> tuple[float, Any]:
    """CPU-seconds of one run, and its values."""
    started = time.process_time()
    values = explain(matrix)
    return time.process_time() - started, values


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    print(json.dumps(main(*numbers)))
