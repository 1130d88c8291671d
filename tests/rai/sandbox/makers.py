"""Small models of every format, trained on the same few rows, and the files that they were written to."""

import json
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import parquet

ROWS = 300


@dataclass(frozen=True)
class Made:
    """The bytes of a model, and the score that its library gives to each of the rows."""

    name: str
    content: bytes
    scores: np.ndarray


@cache
def rows() -> dict[str, np.ndarray]:
    """Two columns of numbers and one of text."""
    draw = np.random.default_rng(5)
    return {
        "age": draw.normal(size=ROWS),
        "debt": draw.normal(size=ROWS),
        "job": draw.choice(["a", "b", "c"], ROWS).astype(object),
    }


def truth() -> np.ndarray:
    """What is to be learnt."""
    given = rows()
    return ((given["age"] + (given["job"] == "a") + np.random.default_rng(6).normal(size=ROWS)) > 0).astype(int)


def numbers() -> np.ndarray:
    """The columns of numbers as a matrix."""
    return np.column_stack([rows()["age"], rows()["debt"]])


def table(folder: Path, **changed: np.ndarray) -> Path:
    """The rows as a Parquet file, with columns put in the place of theirs."""
    path = folder / "rows.parquet"
    parquet.write_table(pyarrow.table({**rows(), **changed}), path)
    return path


@cache
def lightgbm_text() -> Made:
    """A booster of LightGBM."""
    import lightgbm

    data = lightgbm.Dataset(numbers(), truth(), feature_name=["age", "debt"])
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 7}, data, 10)
    return Made("model.txt", booster.model_to_string().encode(), booster.predict(numbers()))


@cache
def xgboost_of(kind: str) -> Made:
    """A booster of XGBoost, as `json` or `ubj`."""
    import xgboost

    data = xgboost.DMatrix(numbers(), truth(), feature_names=["age", "debt"])
    booster = xgboost.train({"objective": "binary:logistic", "max_depth": 3, "nthread": 1}, data, 10)
    return Made(f"model.{kind}", bytes(booster.save_raw(kind)), booster.predict(data))


@cache
def scikit(kind: str):
    """A fitted model of scikit-learn, on one thread: on a busy machine more of them wait for each other."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return fitted(kind)


def fitted(kind: str):
    """The fit itself."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    if kind == "text":
        import pandas

        columns = make_column_transformer((StandardScaler(), ["age", "debt"]), (OneHotEncoder(), ["job"]))
        return make_pipeline(columns, LogisticRegression()).fit(pandas.DataFrame(rows()), truth())
    made = {
        "forest": RandomForestClassifier(10, max_depth=4, random_state=1),
        "histograms": HistGradientBoostingClassifier(max_iter=10, random_state=1),
        "logistic": LogisticRegression(),
    }[kind]
    import pandas

    return made.fit(pandas.DataFrame({"age": rows()["age"], "debt": rows()["debt"]}), truth())


def given_to(kind: str):
    """The rows as a model of scikit-learn was fitted on them."""
    import pandas

    frame = pandas.DataFrame(rows())
    return frame if kind == "text" else frame[["age", "debt"]]


@cache
def skops_of(kind: str) -> Made:
    """A model of scikit-learn in a skops archive."""
    import skops.io

    return Made("model.skops", skops.io.dumps(scikit(kind)), scikit(kind).predict_proba(given_to(kind))[:, 1])


@cache
def onnx_of(kind: str) -> Made:
    """The same as ONNX."""
    from skl2onnx import convert_sklearn, to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    model = scikit(kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kind == "text":
            types = [
                ("age", FloatTensorType([None, 1])),
                ("debt", FloatTensorType([None, 1])),
                ("job", StringTensorType([None, 1])),
            ]
            found = convert_sklearn(model, initial_types=types)
        else:
            found = to_onnx(model, numbers().astype(np.float32))
    for entry in [*found.metadata_props]:
        found.metadata_props.remove(entry)
    if kind != "text":
        entry = found.metadata_props.add()
        entry.key, entry.value = "feature_names", json.dumps(["age", "debt"])
    return Made("model.onnx", found.SerializeToString(), model.predict_proba(given_to(kind))[:, 1])


MODELS = {
    "lightgbm_text": lightgbm_text,
    "xgboost_json": lambda: xgboost_of("json"),
    "xgboost_ubj": lambda: xgboost_of("ubj"),
    "skops": lambda: skops_of("forest"),
    "skops histograms": lambda: skops_of("histograms"),
    "skops with text": lambda: skops_of("text"),
    "onnx": lambda: onnx_of("forest"),
    "onnx with text": lambda: onnx_of("text"),
}
