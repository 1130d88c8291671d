"""SHAP values of a model on sampled rows of a table, as many as the stop rule asks for, and of chosen rows one by one."""

import time
from dataclasses import asdict
from typing import Any

import numpy as np

from rai.checks.saying import InputError
from rai.engine import attribution, curves, effects, forests
from rai.sandbox import chosen, models, tables
from rai.sandbox.means import Means, means_of
from rai.sandbox.models import LoadedModel, ModelInfo, of_matrix
from rai.sandbox.order import Order, Reply


def libraries(order: Order) -> tuple[str, ...]:
    """What runs this model, the compiled loops where they are kept, and what reads the table."""
    loops = (forests.LOOPS,) if forests.is_prepared() else ()
    return (*models.libraries(order), *loops, *tables.LIBRARIES)


def attribute(order: Order) -> Reply:
    """SHAP values on sampled rows, as many as the stop rule asks for.

    Request: `seed`; `groups`, columns whose values are kept beside each row; `rows`, numbers of rows to explain one by
    one; `cut`, the score from which one is positive, and `fixed`, inputs that nobody can change, where the nearest change
    of each is asked for; `curves`, inputs whose curves are drawn; `caps`, or None for files of one's own.
    Array: rows x (features + 1 + groups): SHAP values in raw-score units, the model's own raw score, and for each
    group column the number of the row's label in the reply's `groups`.
    """
    started = time.perf_counter()
    info = models.read_info(order)
    refuse_unsupported(info, order.title("model"))
    wanted = tables.Wanted(
        numbers=info.features, labels=tuple(order.request.get("groups", ())), seed=int(order.request.get("seed", 0)),
        rows=order.array[0] if order.array else 0,
    )  # fmt: skip
    model = models.loaded(order)
    sample = tables.sampled(order, wanted)
    read = time.perf_counter()
    means = means_of(model, sample.numbers, seed=wanted.seed)
    phi, steps, reason = doubled(order, means, sample.numbers[: means.most], sample.rows_available)
    raw = means.raw(sample.numbers[: len(phi)])
    codes = sample.codes[: len(phi)].astype(np.float64)
    done = time.perf_counter()
    return Reply(
        {
            **asdict(info), "library_version": model.version, "base": means.base, "seed": wanted.seed,
            "rows_available": sample.rows_available, "rows_used": len(phi), "dropped": sample.dropped,
            "stop_reason": reason, "steps": steps, "missing": sample.missing, "method": means.to_json(),
            "shapes": effects.shapes(sample.numbers[: len(phi)], phi, info.features),
            "surrogate": effects.surrogate(sample.numbers[: len(phi)], raw),
            "local": one_by_one(order, model, means, sample.numbers),
            "curves": curves_of(order, model, sample.numbers),
            "groups": [{"by": by, "labels": labels} for by, labels in zip(wanted.labels, sample.labels, strict=True)],
            "timings": {"read": read - started, "attribute": done - read},
        },
        np.column_stack([phi, raw, codes]),
    )  # fmt: skip


def one_by_one(order: Order, model: LoadedModel, means: Means, seen: np.ndarray) -> list[dict[str, Any]]:
    """The chosen rows, each with what moved its score and, where a cut is given, the nearest change that turns it."""
    numbers = [int(each) for each in order.request.get("rows", ())]
    if not numbers:
        return []
    names, cut = model.info.features, order.request.get("cut")
    cells = chosen.rows_at(order, names, numbers)
    values, raw = means.values(cells), means.raw(cells)
    decision = None if cut is None else chosen.Decision(float(cut), tuple(order.request.get("fixed", ())))
    return [
        chosen.explained(names, cells[place], values[place], row=row, raw=raw[place], base=means.base)
        | ({} if decision is None else {"turned": chosen.nearest(model, cells[place], seen, decision)})
        for place, row in enumerate(numbers)
    ]


def curves_of(order: Order, model: LoadedModel, seen: np.ndarray) -> list[dict[str, Any]]:
    """The curves of the chosen inputs over the first rows of the sample; raises InputError for what is no input."""
    names, chosen_inputs = model.info.features, list(order.request.get("curves", ()))
    unknown = [name for name in chosen_inputs if name not in names]
    if unknown or len(chosen_inputs) > curves.MOST_CURVES:
        raise InputError(
            "{title}: curves are drawn for up to {most} inputs of the model, and “{name}” is none or one too many. Choose "
            "among the inputs.",
            title=order.title("model"), most=curves.MOST_CURVES, name=(unknown or chosen_inputs)[-1],
        )  # fmt: skip
    rows = seen[: curves.ROWS]
    return [
        curves.curve(lambda matrix: model.predict(of_matrix(model.info, matrix)), rows, names.index(name), names)
        for name in chosen_inputs
    ]


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
    if info.texts:
        raise InputError(
            "{title} takes text in “{name}”. Only numeric inputs can be explained here: train the model on numbers, or "
            "put the step that reads text outside it, then upload it again.",
            title=title, name=info.texts[0],
        )  # fmt: skip
    if info.categorical:
        raise InputError(
            "{title} treats “{categorical}” as a category. Only numeric inputs can be explained here: train "
            "the model on numbers (for instance one column a category), then upload it again.",
            title=title,
            categorical=info.categorical[0],
        )


def doubled(
    order: Order, means: Means, matrix: np.ndarray, available: int
) -> tuple[np.ndarray, list[dict[str, Any]], str]:
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
    return np.concatenate(parts), steps, reason
