"""What the header of a model file says, read in plain Python: no library's parser sees the bytes here."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rai.checks.contract import InputError
from rai.sandbox import formats
from rai.sandbox.limits import MIB
from rai.sandbox.order import Order, Reply

MODEL_BYTES = 256 * MIB
MOST_FEATURES = 2_000


def libraries(order: Order) -> tuple[str, ...]:
    """Headers are read in plain Python."""
    return ()


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


def model_info(order: Order) -> Reply:
    """The header of the model file as JSON."""
    return Reply(asdict(read_info(order)))


def read_info(order: Order) -> ModelInfo:
    """The header of the model file; raises InputError that says what is wrong with it."""
    path, title = order.path("model"), order.title("model")
    found = formats.require(path, "model", title=title)
    if path.stat().st_size > MODEL_BYTES:
        raise InputError(
            "{title} is larger than {value} MiB, the limit for a model file.", title=title, value=MODEL_BYTES // MIB
        )
    info = lightgbm_info(path, title) if found.slug == formats.LIGHTGBM else xgboost_info(path, title)
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
    if info.trees == 0:
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
        learner = json.loads(path.read_bytes())["learner"]
        parameters, booster = learner["learner_model_param"], learner["gradient_booster"]
        trees = booster.get("model") or booster["gbtree"]["model"]
        count = int(parameters["num_feature"])
        names = tuple(str(name) for name in learner.get("feature_names") or [f"f{index}" for index in range(count)])
        kinds = learner.get("feature_types") or ["float"] * count
        info = ModelInfo(
            format=formats.XGBOOST, library="xgboost", objective=str(learner["objective"]["name"]), features=names,
            categorical=tuple(name for name, kind in zip(names, kinds, strict=True) if kind == "c"),
            trees=len(trees["trees"]),
            outputs=max(1, int(parameters.get("num_class", 0)), int(parameters.get("num_target", 1))),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            "{title} is JSON but not a whole XGBoost tree model. Save it again with booster.save_model('model.json').",
            title=title,
        ) from error
    if len(info.features) != count:
        raise InputError(
            "{title} names {features} inputs and claims {count}. Save it again.",
            title=title,
            features=f"{len(info.features):,}",
            count=f"{count:,}",
        )
    return info
