"""Runs a model of any format over the rows of a table: its scores, beside what was uploaded as its predictions."""

from typing import Any

import numpy as np

from rai.sandbox import models, tables
from rai.sandbox.order import Order, Reply


def libraries(order: Order) -> tuple[str, ...]:
    """What runs the model and what reads the table."""
    return (*models.libraries(order), *tables.LIBRARIES)


def predict(order: Order) -> Reply:
    """Scores of sampled rows.

    Request: `seed`; `caps`; `beside`, a column of numbers that is handed back with the scores, or None. Array: rows x 1, or
    rows x 2 with that column, which is NaN-free: rows where it is empty are counted in the reply's `unsaid` and left out.
    """
    model = models.loaded(order)
    columns, sample, beside = read_columns(order, model.info)
    scores = model.predict(columns)
    reply = {
        "format": model.info.format, "library": model.info.library, "library_version": model.version,
        "features": list(model.info.features), "rows_available": sample.rows_available, "rows_used": len(scores),
        "missing": sample.missing, "unsaid": 0,
    }  # fmt: skip
    if beside is None:
        return Reply(reply, scores.reshape(-1, 1))
    said = np.isfinite(beside)
    return Reply(reply | {"unsaid": int((~said).sum())}, np.column_stack([scores, beside])[said])


def read_columns(order: Order, info: models.ModelInfo) -> tuple[dict[str, Any], tables.Sample, np.ndarray | None]:
    """The model's inputs as it takes them, on sampled rows, and the column beside them."""
    beside = order.request.get("beside")
    numbers = tuple(name for name in info.features if name not in info.texts)
    wanted = tables.Wanted(
        numbers=(*numbers, *([beside] if beside else [])), labels=info.texts, seed=int(order.request.get("seed", 0)),
        rows=order.array[0] if order.array else 0,
    )  # fmt: skip
    sample = tables.sampled(order, wanted)
    columns: dict[str, Any] = {name: sample.numbers[:, place] for place, name in enumerate(numbers)}
    for place, name in enumerate(info.texts):
        columns[name] = np.array(sample.labels[place], dtype=object)[sample.codes[:, place]]
    return columns, sample, sample.numbers[:, len(numbers)] if beside else None
