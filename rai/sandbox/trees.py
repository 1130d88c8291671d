"""SHAP values of a tree model on sampled rows of a table, by tables over its leaves or by the model's own library.

The libraries' parsers are memory-unsafe on hostile files, which is why they are loaded here and nowhere else.
"""

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rai.checks.contract import InputError
from rai.engine import attribution, forests
from rai.engine.forests import TREES, Forest
from rai.sandbox import formats, tables
from rai.sandbox.boosters import LOADERS
from rai.sandbox.models import ModelInfo, read_info
from rai.sandbox.order import Order, Reply

# Rows on which the tables are held against the library, and how far they may differ for each unit of the largest value.
COMPARED_ROWS = 16
AGREEING = {formats.LIGHTGBM: 1e-9, formats.XGBOOST: 1e-4}
NOT_PREPARED, TWO_WAYS, DISAGREES = "not_prepared", "read_in_two_ways", "disagrees"
LIBRARIES = {formats.LIGHTGBM: "lightgbm", formats.XGBOOST: "xgboost", formats.XGBOOST_UBJ: "xgboost"}


def libraries(order: Order) -> tuple[str, ...]:
    """The one library for this model's format, told from its first bytes, and what reads the table."""
    found = formats.require(order.path("model"), "model", title=order.title("model"))
    loops = (forests.LOOPS,) if forests.is_prepared() else ()
    return (LIBRARIES[found.slug], *loops, *tables.LIBRARIES)


def attribute(order: Order) -> Reply:
    """SHAP values on sampled rows, as many as the stop rule asks for.

    Request: `seed`; `groups`, columns whose values are kept beside each row; `caps`, or None for files of one's own.
    Array: rows x (features + 1 + groups): SHAP values in raw-score units, the model's own raw score, and for each
    group column the number of the row's label in the reply's `groups`.
    """
    started = time.perf_counter()
    info = read_info(order)
    refuse_unsupported(info, order.title("model"))
    wanted = tables.Wanted(
        numbers=info.features, labels=tuple(order.request.get("groups", ())), seed=int(order.request.get("seed", 0)),
        rows=order.array[0] if order.array else 0,
    )  # fmt: skip
    booster = LOADERS[info.format](order.path("model"), order.title("model"), info)
    sample = tables.sampled(order, wanted)
    read = time.perf_counter()
    means = means_of(booster, sample.numbers, AGREEING[info.format])
    phi, raw, base, steps, reason = doubled(order, means, sample.numbers, sample.rows_available)
    codes = sample.codes[: len(phi)].astype(np.float64)
    done = time.perf_counter()
    return Reply(
        {
            **asdict(info), "library_version": booster.version, "base": base, "seed": wanted.seed,
            "rows_available": sample.rows_available, "rows_used": len(phi), "dropped": sample.dropped,
            "stop_reason": reason, "steps": steps, "missing": sample.missing, "method": means.to_json(),
            "groups": [{"by": by, "labels": labels} for by, labels in zip(wanted.labels, sample.labels, strict=True)],
            "timings": {"read": read - started, "attribute": done - read},
        },
        np.column_stack([phi, raw, codes]),
    )  # fmt: skip


def refuse_unsupported(info: ModelInfo, title: str) -> None:
    """One score a row and numbers as inputs; anything else is said so."""
    if info.outputs != 1:
        raise InputError(
            "{title} gives {outputs} scores a row. Only models with one score can be explained here: binary "
            "classification, regression or ranking.",
            title=title,
            outputs=info.outputs,
        )
    if info.is_linear:
        raise InputError(
            "{title} has linear leaves (linear_tree), whose SHAP values are not exact. Train it without them.",
            title=title,
        )
    if info.categorical:
        raise InputError(
            "{title} treats “{categorical}” as a category. Only numeric inputs can be explained here: train "
            "the model on numbers (for instance one column a category), then upload it again.",
            title=title,
            categorical=info.categorical[0],
        )


@dataclass(frozen=True)
class Means:
    """What the values are worked out with: the tables over a forest's leaves, or the library with the reason why."""

    booster: Any
    forest: Forest | None
    reason: str
    difference: float | None

    def values(self, matrix: np.ndarray) -> np.ndarray:
        """SHAP values, rows x features."""
        return self.booster.attributions(matrix)[:, :-1] if self.forest is None else self.forest.values(matrix)[0]

    def to_json(self) -> dict[str, Any]:
        """As it stands in the reply."""
        by = "library" if self.forest is None else TREES
        return {"by": by, "reason": self.reason, "rows_compared": COMPARED_ROWS, "difference": self.difference}


def means_of(booster: Any, matrix: np.ndarray, agreeing: float) -> Means:
    """The tables where they can be made and agree with the library on the first rows, else the library."""
    if not forests.is_prepared():
        return Means(booster, None, NOT_PREPARED, None)
    forest = booster.forest()
    reason = forest.scope(matrix.shape[1]) if forest is not None else TWO_WAYS
    if reason != TREES:
        return Means(booster, None, reason, None)
    some = matrix[:COMPARED_ROWS]
    values, expected = forest.values(some)[0], booster.attributions(some)[:, :-1]
    difference = round(float(np.abs(values - expected).max()), attribution.DECIMALS)
    if difference > agreeing * max(1.0, float(np.abs(expected).max())):
        return Means(booster, None, DISAGREES, difference)
    return Means(booster, forest, TREES, difference)


def doubled(
    order: Order, means: Means, matrix: np.ndarray, available: int
) -> tuple[np.ndarray, np.ndarray, float, list[dict[str, Any]], str]:
    """SHAP values of 256, 512, … rows until the stop rule holds or no rows are left. Earlier rows are not done twice."""
    parts: list[np.ndarray] = []
    steps: list[dict[str, Any]] = []
    done, reason = 0, attribution.ALL_ROWS if len(matrix) == available else attribution.ROW_CAP
    for size in attribution.sizes(len(matrix)):
        parts.append(means.values(matrix[done:size]))
        done = size
        error = attribution.largest_relative_error(np.concatenate(parts))
        steps.append({"rows": size, "largest_relative_error": error})
        order.progress(min(95, 20 + 75 * size // max(1, len(matrix))), f"{size:,} rows explained")
        if error is not None and error <= attribution.TARGET:
            reason = attribution.SETTLED
            break
    base = float(means.booster.attributions(matrix[:1])[0, -1])
    return np.concatenate(parts), means.booster.raw(matrix[:done]), base, steps, reason
