"""ONNX models: their inputs and outputs, and one score a row by onnxruntime on the processor alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rai.checks.saying import InputError
from rai.sandbox import formats, onnx_graphs
from rai.sandbox.models import ModelInfo, of_matrix
from rai.sandbox.scored import finite, one_score

TEXT = 8
# Element type of an input -> how its numbers are handed over.
NUMBERS = {1: "float32", 2: "uint8", 3: "int8", 5: "int16", 6: "int32", 7: "int64", 9: "bool", 11: "float64"}
BATCH = 50_000


def read_info(path: Path, title: str) -> ModelInfo:
    """Inputs, outputs and producer. One matrix of numbers names its columns in the setting `feature_names`, else f0, f1, …"""
    model = onnx_graphs.read(path.read_bytes(), title)
    inputs = inputs_of(model)
    for one in inputs:
        if one.type.WhichOneof("value") != "tensor_type" or one.type.tensor_type.elem_type not in {*NUMBERS, TEXT}:
            raise InputError("{title}: the input “{name}” is neither numbers nor text.", title=title, name=one.name)
    names = tuple(one.name for one in inputs)
    if len(inputs) == 1 and (width := width_of(inputs[0])) != 1:
        names = named(model, width, title)
    elif any(width_of(one) != 1 for one in inputs):
        raise InputError(
            "{title} takes several matrices. Export it with one matrix of all columns, or with one input a column.",
            title=title,
        )
    texts = tuple(one.name for one in inputs if one.type.tensor_type.elem_type == TEXT)
    return ModelInfo(
        format=formats.ONNX, library="onnx", objective=str(model.producer_name)[:60], features=names, categorical=(),
        trees=0, outputs=outputs_of(model), texts=(names if texts and len(inputs) == 1 else texts),
    )  # fmt: skip


def inputs_of(model: Any) -> list[Any]:
    """What a caller has to give: old files list their constants among the inputs, too."""
    constants = {one.name for one in model.graph.initializer}
    return [one for one in model.graph.input if one.name not in constants]


def width_of(one: Any) -> int:
    """How many columns an input has: 1 for a list, 0 where the file does not say."""
    sizes = one.type.tensor_type.shape.dim
    return 1 if len(sizes) == 1 else int(sizes[1].dim_value) if len(sizes) == 2 else -1


def named(model: Any, width: int, title: str) -> tuple[str, ...]:
    """The names of the columns of one matrix."""
    kept = next((entry.value for entry in model.metadata_props if entry.key == onnx_graphs.NAMES), "")
    try:
        names = tuple(json.loads(kept)) if kept else ()
    except (ValueError, RecursionError, TypeError):
        names = ()
    if not names and width > 0:
        return tuple(f"f{place}" for place in range(width))
    if width < 0 or len(names) != (width or len(names)) or not all(isinstance(name, str) for name in names):
        raise InputError(
            "{title} does not say which columns it takes. Write their names, as a JSON list, into its metadata under "
            "“feature_names” (docs/models.md), or export it with one input a column.",
            title=title,
        )
    return names


def outputs_of(model: Any) -> int:
    """How many scores a row gets: two columns are the two classes, and so are one."""
    widths = [width_of(one) for one in model.graph.output if one.type.WhichOneof("value") == "tensor_type"]
    widest = max([width for width in widths if width > 0], default=1)
    return 1 if widest <= 2 else widest


class OnnxModel:
    """A session on the processor, from bytes, with the operators that come along and no others."""

    def __init__(self, path: Path, title: str, info: ModelInfo) -> None:
        import onnxruntime

        self.version, self.info, self.title = onnxruntime.__version__, info, title
        raw = path.read_bytes()
        self.inputs = inputs_of(onnx_graphs.read(raw, title))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.load_model_format", "ONNX")
        try:
            self.native = onnxruntime.InferenceSession(raw, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise InputError(
                "{title} is an ONNX model that the runtime does not take. Export it again.", title=title
            ) from error

    def predict(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """The score of each row."""
        rows = len(next(iter(columns.values())))
        parts = [
            self.scored({name: values[start : start + BATCH] for name, values in columns.items()})
            for start in range(0, rows, BATCH)
        ]
        return finite(np.concatenate(parts) if parts else np.empty(0), title=self.title)

    def scored(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """The scores of some rows."""
        rows = len(next(iter(columns.values())))
        try:
            outputs = self.native.run(None, self.given(columns))
        except MemoryError:
            raise
        except Exception as error:
            # The runtime says so in words alone; the parent then names the limit.
            if "allocat" in str(error).lower():
                raise MemoryError from error
            raise InputError(
                "{title} stopped at the rows it was given. Its inputs may be of other types than it says: export it "
                "again and try it on a few rows with onnxruntime.",
                title=self.title,
            ) from error
        return one_score([plain(one) for one in outputs], rows, title=self.title)

    def given(self, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The columns as the graph takes them: one matrix, or a column an input."""
        if len(self.inputs) == 1 and len(self.info.features) > 1:
            one = self.inputs[0]
            return {one.name: np.column_stack([self.typed(columns[name], one) for name in self.info.features])}
        return {
            one.name: self.typed(columns[name], one).reshape((-1,) if len(one.type.tensor_type.shape.dim) == 1 else (-1, 1))
            for one, name in zip(self.inputs, self.info.features, strict=True)
        }  # fmt: skip

    def typed(self, column: np.ndarray, one: Any) -> np.ndarray:
        """A column in the type of an input; an empty cell of text is an empty text. Raises InputError for what is none."""
        kind = one.type.tensor_type.elem_type
        if kind == TEXT:
            return np.array(["" if value is None else str(value) for value in column], dtype=object)
        if kind not in (1, 11) and np.isnan(column).any():
            raise InputError(
                "{title} takes whole numbers in “{name}”, and {rows} rows of the data are empty there. Fill or leave "
                "out these rows.",
                title=self.title, name=one.name, rows=int(np.isnan(column).sum()),
            )  # fmt: skip
        return column.astype(NUMBERS[kind])

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        """The score: an ONNX file does not say what it was before."""
        return self.predict(of_matrix(self.info, matrix))

    def forest(self) -> None:
        """The runtime hands out no trees."""


def plain(output: Any) -> Any:
    """An output as an array; rows of class and probability, as some exporters write them, by class in order."""
    if isinstance(output, list) and output and isinstance(output[0], Mapping):
        return np.array([[row[key] for key in sorted(output[0], key=str)] for row in output], dtype=np.float64)
    return np.asarray(output)


LOADERS = {formats.ONNX: OnnxModel}
