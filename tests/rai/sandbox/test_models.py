"""One score a row from every format, or a sentence that says why not and what to do."""

import io
import json
import zipfile

import numpy as np
import pytest

from rai.checks.contract import InputError
from rai.sandbox import launcher, levels, skops_types
from rai.sandbox.launcher import run
from tests.rai.sandbox import makers

pytestmark = pytest.mark.skipif(
    launcher.level() not in (levels.KERNEL_WALLS, levels.BUBBLEWRAP), reason="this kernel offers no walls: level D"
)


@pytest.fixture
def predicted(tmp_path):
    """The reply of the child to a model file and the rows, some of them changed."""

    def ask(made, *, array=(1000, 1), beside=None, **changed):
        path = tmp_path / made.name
        path.write_bytes(made.content)
        files = {"model": path, "data": makers.table(tmp_path, **changed)}
        return run("predict", {"caps": None, "beside": beside}, files=files, array=array)

    return ask


@pytest.mark.parametrize("kind", makers.MODELS)
def test_a_model_gives_the_scores_of_its_library(predicted, kind):
    """Every format gives in the child what its library gives outside; ONNX computes in float32."""
    made = makers.MODELS[kind]()
    found = predicted(made)
    assert found.json["format"] == kind.split()[0] and found.json["rows_used"] == makers.ROWS
    assert np.abs(np.sort(found.array[:, 0]) - np.sort(made.scores)).max() <= (2e-6 if "onnx" in kind else 0)


def test_scores_stand_beside_what_was_uploaded(predicted):
    """A model whose predictions disagree with the uploaded ones can be told from one whose agree."""
    made = makers.MODELS["skops"]()
    found = predicted(made, array=(1000, 2), beside="said", said=made.scores)
    assert np.array_equal(found.array[:, 0], found.array[:, 1])
    other = predicted(made, array=(1000, 2), beside="said", said=1 - made.scores)
    assert np.allclose(other.array.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("kind", "changed", "said"),
    [
        ("skops", {"age": np.array(["old"] * makers.ROWS)}, r"column “age” holds “old” in row 1"),
        ("onnx", {"debt": np.full(makers.ROWS, np.inf)}, r"column “debt” holds “inf”"),
        (
            "skops with text",
            {"age": np.full(makers.ROWS, np.nan)},
            r"does not take empty cells, and column “age” has 300",
        ),
    ],
)
def test_rows_that_a_model_cannot_take_are_named(predicted, kind, changed, said):
    """Other types than the data has, and missing values."""
    with pytest.raises(InputError, match=said):
        predicted(makers.MODELS[kind](), **changed)


def test_a_column_that_the_data_lacks_is_named(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(makers.MODELS["onnx"]().content)
    (tmp_path / "rows.csv").write_text("age\n1\n")
    with pytest.raises(InputError, match=r"lacks 1 of the columns that are needed: .*debt"):
        run("predict", {"caps": None}, files={"model": path, "data": tmp_path / "rows.csv"}, array=(10, 1))


def test_scores_that_are_not_finite_are_counted(predicted):
    import onnx

    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Log", ["age"], ["y"])], "g",
        [onnx.helper.make_tensor_value_info("age", onnx.TensorProto.DOUBLE, [None, 1])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.DOUBLE, [None, 1])],
    )  # fmt: skip
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    age = np.ones(makers.ROWS)
    age[:7] = -1
    with pytest.raises(InputError, match=r"gives no finite number for 7 of 300 rows"):
        predicted(makers.Made("log.onnx", model.SerializeToString(), age), age=age)


def test_a_model_of_three_classes_is_refused_with_a_sentence(predicted):
    import skops.io
    from sklearn.linear_model import LogisticRegression

    three = LogisticRegression().fit(makers.given_to("logistic"), np.arange(makers.ROWS) % 3)
    with pytest.raises(InputError, match=r"gives 3 scores a row.*Export one model a score"):
        predicted(makers.Made("three.skops", skops.io.dumps(three), three))


# ---- ONNX: what a file must not hold


def spoilt(**parts):
    """The forest as ONNX, opened to be spoilt."""
    import onnx

    return onnx.ModelProto.FromString(makers.MODELS["onnx"]().content)


def outside(tensor):
    """A tensor whose data lie in another file."""
    tensor.name, tensor.data_type, tensor.data_location = "w", 1, 1
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"


def nested(model):
    """A graph in an attribute of a node."""
    node = model.graph.node.add(op_type="If", input=["c"], output=["o"])
    attribute = node.attribute.add(name="then_branch", type=5)
    return attribute.g


def spoil_in_graph(model):
    outside(model.graph.initializer.add())


def spoil_in_constant(model):
    node = model.graph.node.add(op_type="Constant", output=["w"])
    outside(node.attribute.add(name="value", type=4).t)


def spoil_in_list(model):
    node = model.graph.node.add(op_type="Constant", output=["w"])
    outside(node.attribute.add(name="values", type=9).tensors.add())


def spoil_in_branch(model):
    outside(nested(model).initializer.add())


def spoil_in_inner_constant(model):
    node = nested(model).node.add(op_type="Constant", output=["w"])
    outside(node.attribute.add(name="value", type=4).t)


def spoil_in_sparse(model):
    outside(model.graph.sparse_initializer.add().values)


def spoil_in_sparse_indices(model):
    outside(model.graph.sparse_initializer.add().indices)


def spoil_with_entries_alone(model):
    tensor = model.graph.initializer.add(name="w", data_type=1)
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../x"


def spoil_with_function(model):
    model.functions.add(name="f", domain="mine")


def spoil_with_domain(model):
    model.opset_import.add(domain="com.microsoft", version=1)


def spoil_with_operator(model):
    model.graph.node[0].domain = "com.example"


def spoil_with_inner_operator(model):
    nested(model).node.add(op_type="Shell", domain="com.example")


def spoil_with_settings(model):
    entry = model.metadata_props.add()
    entry.key, entry.value = "ort_config", "{}"


def spoil_with_training(model):
    model.training_info.add()


SPOILS = [value for name, value in sorted(globals().items()) if name.startswith("spoil_")]


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda one: one.__name__)
def test_an_onnx_file_that_holds_more_than_a_model_is_refused_before_the_runtime(monkeypatch, predicted, spoil):
    """Attacks 4 and 5: data outside the file, wherever it is named, foreign operators, functions and settings."""
    model = spoilt()
    spoil(model)
    with pytest.raises(InputError, match=r"is not run: it (keeps data|imports|brings|uses|holds)"):
        predicted(makers.Made("bad.onnx", model.SerializeToString(), None))


# ---- skops: what an archive must not name


def renamed(change) -> bytes:
    """The forest's archive with its description changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(makers.MODELS["skops"]().content)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            new.writestr(name, json.dumps(change(json.loads(body))).encode() if name == "schema.json" else body)
    return file.getvalue()


TRICKS = {
    "os.system": {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"},
    "a method": {"__class__": "system", "__module__": "os", "__loader__": "MethodNode"},
    "operator.methodcaller": {"__class__": "methodcaller", "__module__": "operator", "__loader__": "OperatorFuncNode"},
    "a reviewed type read by another reader": {
        "__class__": "Tree",
        "__module__": "sklearn.tree._tree",
        "__loader__": "ReduceNode",
    },
    "a subprocess": {"__class__": "Popen", "__module__": "subprocess", "__loader__": "ObjectNode"},
    "no reader": {"__class__": "Pipeline", "__module__": "sklearn.pipeline"},
    "joblib": {"__class__": "NumpyArrayWrapper", "__module__": "joblib.numpy_pickle", "__loader__": "ObjectNode"},
    "a partial function": {"__class__": "partial", "__module__": "functools", "__loader__": "PartialNode"},
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_type_that_nobody_reviewed_is_refused_before_skops_sees_it(predicted, trick):
    """Attack 3: the list is ours; what an archive says of itself changes nothing."""
    node = TRICKS[trick] | {"__id__": 1, "content": {}}
    content = renamed(lambda schema: schema | {"further": node})
    with pytest.raises(InputError, match=r"is not run: it names the type .* not on the list of reviewed types"):
        predicted(makers.Made("trick.skops", content, None))


def test_the_list_was_reviewed_for_the_release_in_use():
    """A new scikit-learn comes with new types, which somebody has to look at."""
    import importlib

    import sklearn

    assert sklearn.__version__ == skops_types.REVIEWED
    assert not any(name.startswith(("os.", "builtins.eval", "operator.", "subprocess.")) for name in skops_types.TYPES)
    for name in skops_types.TYPES:
        module, _, owner = name.rpartition(".")
        assert isinstance(getattr(importlib.import_module(module), owner), type), name


@pytest.mark.parametrize("place", ["left_child", "right_child", "feature"])
def test_a_tree_whose_nodes_point_nowhere_is_refused(predicted, place):
    """scikit-learn follows indexes without a look, so that they are looked at before."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(makers.MODELS["skops"]().content)) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name.endswith(".npy"):
                array = np.load(io.BytesIO(body))
                if array.dtype.names and place in array.dtype.names:
                    array = array.copy()
                    array[place][0] = 100_000
                    changed = io.BytesIO()
                    np.save(changed, array)
                    body = changed.getvalue()
            new.writestr(name, body)
    with pytest.raises(InputError, match="is not a whole skops archive"):
        predicted(makers.Made("tree.skops", content.getvalue(), None))


# ---- XGBoost


@pytest.mark.parametrize(
    ("name", "to", "said"),
    [
        ("left_children", 100_000, "do not form a tree"),
        ("right_children", 0, "do not form a tree"),
        ("split_indices", 2, "splits by an input that does not exist"),
        ("split_indices", -1, "splits by an input that does not exist"),
    ],
)
def test_a_damaged_tree_of_xgboost_is_named_before_its_library_sees_it(predicted, name, to, said):
    model = json.loads(makers.MODELS["xgboost_json"]().content)
    model["learner"]["gradient_booster"]["model"]["trees"][1][name][0] = to
    with pytest.raises(InputError, match=f"tree 1: .*{said}"):
        predicted(makers.Made("bad.json", json.dumps(model).encode(), None))
