"""LightGBM and XGBoost boosters behind the questions that are asked of a model.

The libraries' parsers are memory-unsafe on hostile files, which is why they are loaded in the child and nowhere else,
and only after the trees were looked over in plain Python.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rai.checks.saying import InputError
from rai.engine.forests import Forest
from rai.sandbox import forests, formats, xgboost_trees
from rai.sandbox.lightgbm_text import require_trees
from rai.sandbox.models import ModelInfo, matrix_of


class LightGBMModel:
    """A LightGBM booster behind the three questions asked of it. Arrays are rows x features, float64."""

    def __init__(self, path: Path, title: str, info: ModelInfo) -> None:
        import lightgbm

        self.version, self.info = lightgbm.__version__, info
        text = path.read_text(encoding="utf-8")
        require_trees(text, features=len(info.features), title=title)
        try:
            self.native = self.booster = lightgbm.Booster(model_str=text, params={"num_threads": 1})
        # ValueError: the settings that the text holds come back as no JSON.
        except (lightgbm.basic.LightGBMError, ValueError) as error:
            raise InputError(
                "{title} is not a LightGBM text model that can be loaded. Save it again.", title=title
            ) from error
        if tuple(self.booster.feature_name()) != info.features:
            raise InputError("{title} contradicts itself about its inputs. Save it again with save_model.", title=title)
        self.text = text

    def predict(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """The score of each row, in the units of the objective: a probability for two classes."""
        return np.asarray(self.booster.predict(matrix_of(self.info, columns), num_threads=1), dtype=np.float64)

    def forest(self) -> Forest | None:
        """The trees as plain arrays; None where one input is read in two ways."""
        return forests.of_lightgbm(self.text)

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
        self.info = info
        self.native = self.booster = xgboost.Booster({"nthread": 1})
        model = xgboost_trees.document(path, title)
        self.written = xgboost_trees.written_anew(model, features=len(info.features), title=title)
        try:
            self.booster.load_model(bytearray(self.written))
        except (xgboost.core.XGBoostError, ValueError, TypeError) as error:
            raise InputError(
                "{title} is not an XGBoost JSON model that can be loaded. Save it again.", title=title
            ) from error

    def predict(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """The score of each row, in the units of the objective: a probability for two classes."""
        return np.asarray(self.booster.predict(self.data(matrix_of(self.info, columns))), dtype=np.float64)

    def forest(self) -> Forest | None:
        """The trees as plain arrays; None where it splits by categories."""
        return forests.of_xgboost(self.written)

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


LOADERS: dict[str, Any] = {
    formats.LIGHTGBM: LightGBMModel,
    formats.XGBOOST: XGBoostModel,
    formats.XGBOOST_UBJ: XGBoostModel,
}
