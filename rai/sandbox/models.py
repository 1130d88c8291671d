"""Any model file behind one shape: what its header says, and a model that predicts, whatever library wrote it.

For whoever explains or tests a model, in the child only:

    info = read_info(order)        the header of order.files["model"] as `ModelInfo`; runs nothing
    model = loaded(order)          a `LoadedModel`; name `models.libraries(order)` in your task's `libraries(order)`
    model.predict(columns)         float64, shape (rows,): one finite score a row
    model.raw(matrix)              float64, shape (rows,): the raw score that SHAP values of trees add up to
    model.forest()                 `rai.engine.forests.Forest`, or None where the model is no forest that tables serve
    model.native                   the library's own object (lightgbm.Booster, xgboost.Booster, scikit-learn estimator
                                   or pipeline, onnxruntime.InferenceSession)

`columns` maps every name of `info.features` to an array of one length. A number is float64 with NaN where the cell is
empty; an input of `info.texts` (string categories) is an array of objects, each str or None. `matrix(columns)` of a model
gives rows x features, float64, in the model's order; `of_matrix(info, matrix)` gives columns of a matrix of numbers.
The score is the probability of the second class for a classifier of two classes (`info.classes`), the prediction for a
regression; an ONNX file that gives labels alone is scored by them. Missing values pass to the model as they are; where the
library refuses them, and where a score is NaN or infinite, InputError says how many rows and which is first. Several
outputs and classes, sequences, inputs of two dimensions beyond one matrix, and categories of LightGBM and XGBoost are
refused by `loaded` with a sentence.
"""

import importlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rai.checks.saying import InputError
from rai.sandbox import formats, xgboost_trees
from rai.sandbox.limits import MIB
from rai.sandbox.order import Order, Reply

if TYPE_CHECKING:
    import numpy as np

    from rai.engine.forests import Forest

MODEL_BYTES = 256 * MIB
MOST_FEATURES = 2_000
HEADER_TASK = "model_info"
TREES = {formats.LIGHTGBM, formats.XGBOOST, formats.XGBOOST_UBJ}
# Format -> the packages to import before the walls stand, and the module whose `LOADERS` makes a model of it.
READERS = {
    formats.LIGHTGBM: (("lightgbm",), "rai.sandbox.boosters"),
    formats.XGBOOST: (("xgboost",), "rai.sandbox.boosters"),
    formats.XGBOOST_UBJ: (("xgboost",), "rai.sandbox.boosters"),
    formats.ONNX: (("onnx", "onnxruntime"), "rai.sandbox.onnx_models"),
    formats.SKOPS: (("sklearn", "pandas", "skops.io"), "rai.sandbox.skops_models"),
}


def libraries(order: Order) -> tuple[str, ...]:
    """The packages that run this file's format, told from its first bytes; headers of boosters need none."""
    slug = formats.require(order.path("model"), "model", title=order.title("model")).slug
    return () if order.task == HEADER_TASK and slug in TREES else READERS[slug][0]


@dataclass(frozen=True)
class ModelInfo:
    """What a model file says of itself. `outputs` counts scores a row; `categorical` names inputs that are codes.

    `is_linear` is true where leaves hold linear functions rather than numbers.
    """

    format: str
    library: str
    objective: str
    features: tuple[str, ...]
    categorical: tuple[str, ...]
    trees: int
    outputs: int
    is_linear: bool = False
    # Inputs that take text, and what a classifier calls its two classes, where the file says so.
    texts: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


class LoadedModel(Protocol):
    """A model that answers. See the head of this module for shapes and units."""

    info: ModelInfo
    version: str
    native: Any

    def predict(self, columns: Mapping[str, "np.ndarray"]) -> "np.ndarray":
        """One score a row."""

    def raw(self, matrix: "np.ndarray") -> "np.ndarray":
        """The raw score of each row."""

    def forest(self) -> "Forest | None":
        """The trees as plain arrays, where it is made of such."""


def model_info(order: Order) -> Reply:
    """The header of the model file as JSON."""
    return Reply(asdict(read_info(order)))


def loaded(order: Order) -> LoadedModel:
    """The model in the file, with one score a row; raises InputError that says what is wrong with it."""
    info = read_info(order)
    if info.outputs != 1:
        raise InputError(
            "{title} gives {outputs} scores a row. Only models with one score can be run here: two classes, or one "
            "number. Export one model a score, or upload a table of predictions instead.",
            title=order.title("model"),
            outputs=info.outputs,
        )
    module = importlib.import_module(READERS[info.format][1])
    return module.LOADERS[info.format](order.path("model"), order.title("model"), info)  # type: ignore[no-any-return]


def matrix_of(info: ModelInfo, columns: Mapping[str, "np.ndarray"]) -> "np.ndarray":
    """Columns of numbers as rows x features, float64, in the model's order."""
    import numpy as np

    return np.column_stack([np.asarray(columns[name], dtype=np.float64) for name in info.features])


def of_matrix(info: ModelInfo, matrix: "np.ndarray") -> dict[str, "np.ndarray"]:
    """The columns of a matrix by the model's names."""
    return {name: matrix[:, place] for place, name in enumerate(info.features)}


def read_info(order: Order) -> ModelInfo:
    """The header of the model file; raises InputError that says what is wrong with it."""
    path, title = order.path("model"), order.title("model")
    found = formats.require(path, "model", title=title)
    if path.stat().st_size > MODEL_BYTES:
        raise InputError(
            "{title} is larger than {value} MiB, the limit for a model file.", title=title, value=MODEL_BYTES // MIB
        )
    info = HEADERS[found.slug](path, title)
    if not 1 <= len(info.features) <= MOST_FEATURES:
        raise InputError(
            "{title} has {features} inputs; 1 to {most_features} can be explained.",
            title=title,
            features=f"{len(info.features):,}",
            most_features=f"{MOST_FEATURES:,}",
        )
    twice = sorted({name for name in info.features if info.features.count(name) > 1})
    if twice:
        raise InputError(
            "{title} names the input “{twice}” twice; train it with names that differ.", title=title, twice=twice[0]
        )
    if info.trees == 0 and info.format in TREES:
        raise InputError("{title} holds no trees. Save it again after training.", title=title)
    return info


def lightgbm_info(path: Path, title: str) -> ModelInfo:
    """The header of a LightGBM text model: `key=value` lines up to the first tree."""
    header: dict[str, str] = {}
    trees, is_linear, complete = 0, False, False
    with path.open(encoding="utf-8", errors="strict") as file:
        try:
            for line in file:
                if line.startswith("Tree="):
                    trees += 1
                elif trees == 0 and "=" in line:
                    key, _, value = line.strip().partition("=")
                    header[key] = value
                is_linear = is_linear or line.startswith("is_linear=1")
                complete = complete or line.startswith("end of trees")
        except UnicodeDecodeError as error:
            raise InputError(
                "{title} is not UTF-8 text near byte {start}. Save the model again.",
                title=title,
                start=f"{error.start:,}",
            ) from error
    counts = [header.get(name, "") for name in ("num_class", "num_tree_per_iteration")]
    if not complete or "feature_names" not in header or not all(text.isdecimal() and len(text) < 6 for text in counts):
        raise InputError(
            "{title} begins like a LightGBM text model but is not whole. Save it again with save_model.", title=title
        )
    names, ranges = header["feature_names"].split(), header.get("feature_infos", "").split()
    sizes, scores = len(header.get("tree_sizes", "").split()), max(map(int, counts))
    if sizes != trees or len(ranges) != len(names) or header.get("max_feature_idx") != str(len(names) - 1):
        raise InputError(
            "{title} contradicts itself about its trees or inputs. Save it again with save_model.", title=title
        )
    codes = tuple(name for name, span in zip(names, ranges, strict=True) if span != "none" and not span.startswith("["))
    return ModelInfo(
        format=formats.LIGHTGBM, library="lightgbm", objective=header.get("objective", ""), features=tuple(names),
        categorical=codes, trees=trees, outputs=scores, is_linear=is_linear,
    )  # fmt: skip


def xgboost_info(path: Path, title: str) -> ModelInfo:
    """The header of an XGBoost JSON model."""
    try:
        model = xgboost_trees.document(path, title)
        learner, trees = model["learner"], xgboost_trees.trees_of(model)
        parameters = learner["learner_model_param"]
        count = int(parameters["num_feature"])
        names = tuple(str(name) for name in learner.get("feature_names") or [f"f{index}" for index in range(count)])
        kinds = learner.get("feature_types") or ["float"] * count
        info = ModelInfo(
            format=formats.detect(path).slug, library="xgboost", objective=str(learner["objective"]["name"]), features=names,
            categorical=tuple(name for name, kind in zip(names, kinds, strict=True) if kind == "c"),
            trees=len(trees["trees"]),
            outputs=max(1, int(parameters.get("num_class", 0)), int(parameters.get("num_target", 1))),
        )  # fmt: skip
    except xgboost_trees.DAMAGE as error:
        raise xgboost_trees.no_model(title) from error
    if len(info.features) != count:
        raise InputError(
            "{title} names {features} inputs and claims {count}. Save it again.",
            title=title,
            features=f"{len(info.features):,}",
            count=f"{count:,}",
        )
    return info


def onnx_info(path: Path, title: str) -> ModelInfo:
    """The inputs and outputs of an ONNX graph, after it was looked over."""
    from rai.sandbox import onnx_models

    return onnx_models.read_info(path, title)


def skops_info(path: Path, title: str) -> ModelInfo:
    """What a scikit-learn model in a skops archive says of itself, once it is loaded from types on our list alone."""
    from rai.sandbox import skops_models

    return skops_models.read_info(path, title)


HEADERS = {
    formats.LIGHTGBM: lightgbm_info, formats.XGBOOST: xgboost_info, formats.XGBOOST_UBJ: xgboost_info,
    formats.ONNX: onnx_info, formats.SKOPS: skops_info,
}  # fmt: skip
