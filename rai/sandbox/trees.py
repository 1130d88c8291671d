"""SHAP values of a tree model on sampled rows of a table, by the model's own library.

The libraries' parsers are memory-unsafe on hostile files, which is why they are loaded here and nowhere else.
"""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from rai.checks.contract import InputError
from rai.engine import attribution
from rai.sandbox import formats, tables
from rai.sandbox.lightgbm_text import require_trees
from rai.sandbox.models import ModelInfo, read_info
from rai.sandbox.order import Order, Reply

LIBRARIES = {formats.LIGHTGBM: "lightgbm", formats.XGBOOST: "xgboost"}


def libraries(order: Order) -> tuple[str, ...]:
    """The one library for this model's format, told from its first bytes, and what reads the table."""
    found = formats.require(order.path("model"), "model", title=order.title("model"))
    return (LIBRARIES[found.slug], *tables.LIBRARIES)


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
    phi, raw, base, steps, reason = doubled(order, booster, sample.numbers, sample.rows_available)
    codes = sample.codes[: len(phi)].astype(np.float64)
    done = time.perf_counter()
    return Reply(
        {
            **asdict(info), "library_version": booster.version, "base": base, "seed": wanted.seed,
            "rows_available": sample.rows_available, "rows_used": len(phi), "dropped": sample.dropped,
            "stop_reason": reason, "steps": steps, "missing": sample.missing,
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


def doubled(
    order: Order, booster: Any, matrix: np.ndarray, available: int
) -> tuple[np.ndarray, np.ndarray, float, list[dict[str, Any]], str]:
    """SHAP values of 256, 512, … rows until the stop rule holds or no rows are left. Earlier rows are not done twice."""
    parts: list[np.ndarray] = []
    steps: list[dict[str, Any]] = []
    done, reason = 0, attribution.ALL_ROWS if len(matrix) == available else attribution.ROW_CAP
    for size in attribution.sizes(len(matrix)):
        parts.append(booster.attributions(matrix[done:size]))
        done = size
        error = attribution.largest_relative_error(np.concatenate(parts)[:, :-1])
        steps.append({"rows": size, "largest_relative_error": error})
        order.progress(min(95, 20 + 75 * size // max(1, len(matrix))), f"{size:,} rows explained")
        if error is not None and error <= attribution.TARGET:
            reason = attribution.SETTLED
            break
    values = np.concatenate(parts)
    return values[:, :-1], booster.raw(matrix[:done]), float(values[0, -1]), steps, reason


class LightGBMModel:
    """A LightGBM booster behind the three questions asked of it. Arrays are rows x features, float64."""

    def __init__(self, path: Path, title: str, info: ModelInfo) -> None:
        import lightgbm

        self.version = lightgbm.__version__
        text = path.read_text(encoding="utf-8")
        require_trees(text, features=len(info.features), title=title)
        try:
            self.booster = lightgbm.Booster(model_str=text, params={"num_threads": 1})
        except lightgbm.basic.LightGBMError as error:
            raise InputError(
                "{title} is not a LightGBM text model that can be loaded. Save it again.", title=title
            ) from error
        if tuple(self.booster.feature_name()) != info.features:
            raise InputError("{title} contradicts itself about its inputs. Save it again with save_model.", title=title)

    def attributions(self, matrix: np.ndarray) -> np.ndarray:
        """SHAP values and, last, the base value: rows x (features + 1). Path-dependent TreeSHAP, as shap returns it."""
        return np.asarray(self.booster.predict(matrix, pred_contrib=True, num_threads=1))

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        """The raw score of each row, which base and SHAP values add up to."""
        return np.asarray(self.booster.predict(matrix, raw_score=True, num_threads=1))


class XGBoostModel:
    """An XGBoost booster behind the same questions. It computes in float32."""

    def __init__(self, path: Path, title: str, info: ModelInfo) -> None:
        import xgboost

        self.version, self.names, self.make = xgboost.__version__, list(info.features), xgboost.DMatrix
        self.booster = xgboost.Booster({"nthread": 1})
        try:
            self.booster.load_model(bytearray(path.read_bytes()))
        except (xgboost.core.XGBoostError, ValueError, TypeError) as error:
            raise InputError(
                "{title} is not an XGBoost JSON model that can be loaded. Save it again.", title=title
            ) from error

    def data(self, matrix: np.ndarray) -> Any:
        """The rows as XGBoost takes them."""
        names = self.names if self.booster.feature_names else None
        return self.make(matrix.astype(np.float32), feature_names=names, nthread=1)

    def attributions(self, matrix: np.ndarray) -> np.ndarray:
        """SHAP values and, last, the base value: rows x (features + 1)."""
        return np.asarray(self.booster.predict(self.data(matrix), pred_contribs=True), dtype=np.float64)

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        """The raw score of each row, which base and SHAP values add up to."""
        return np.asarray(self.booster.predict(self.data(matrix), output_margin=True), dtype=np.float64)


LOADERS: dict[str, Any] = {formats.LIGHTGBM: LightGBMModel, formats.XGBOOST: XGBoostModel}
