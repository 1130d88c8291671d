"""Models that are well-formed and still no good: they never end, eat memory, flood, or want and give other things than the data."""

import time

import numpy as np
import pytest

from rai.checks.contract import InputError
from rai.sandbox import launcher, levels
from rai.sandbox.launcher import SandboxError, run
from rai.sandbox.limits import GIB, Limits
from tests.rai.sandbox import makers

pytestmark = pytest.mark.skipif(
    launcher.level() not in (levels.KERNEL_WALLS, levels.BUBBLEWRAP), reason="this kernel offers no walls: level D"
)
TIGHT = Limits(memory=4 * GIB, processor=2, wall=20)


def predicted(folder, made, *, limits=None, **changed):
    """The reply of the child to a model file and the rows."""
    (folder / made.name).write_bytes(made.content)
    files = {"model": folder / made.name, "data": makers.table(folder, **changed)}
    return run("predict", {"caps": None}, files=files, array=(1000, 1), limits=limits)


def of_nodes(*nodes, constants=()):
    """An ONNX model that takes the age and gives `y`."""
    import onnx

    column = onnx.TensorProto.DOUBLE, [None, 1]
    graph = onnx.helper.make_graph(
        list(nodes), "g", [onnx.helper.make_tensor_value_info("age", *column)],
        [onnx.helper.make_tensor_value_info("y", *column)], initializer=list(constants),
    )  # fmt: skip
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    return makers.Made("model.onnx", model.SerializeToString(), np.zeros(0))


def constant(name, values, kind):
    """A constant of a graph."""
    import onnx

    return onnx.helper.make_tensor(name, kind, [len(values)] if isinstance(values, list) else [], np.ravel(values))


def endless():
    """A loop that takes 2^63 steps."""
    import onnx

    def value(name, kind, shape):
        return onnx.helper.make_tensor_value_info(name, kind, shape)

    of, node = onnx.TensorProto, onnx.helper.make_node
    body = onnx.helper.make_graph(
        [node("Identity", ["go"], ["go_on"]), node("Add", ["before", "before"], ["after"])], "body",
        [value("step", of.INT64, []), value("go", of.BOOL, []), value("before", of.DOUBLE, [None, 1])],
        [value("go_on", of.BOOL, []), value("after", of.DOUBLE, [None, 1])],
    )  # fmt: skip
    steps = [constant("most", 2**63 - 1, of.INT64), constant("yes", True, of.BOOL)]
    return of_nodes(node("Loop", ["most", "yes", "age"], ["y"], body=body), constants=steps)


def huge(*shape):
    """A model that makes an array of this shape, whatever it is given."""
    import onnx

    of, node = onnx.TensorProto, onnx.helper.make_node
    fill = onnx.helper.make_tensor("fill", of.DOUBLE, [1], [0.5])
    size = constant("size", list(shape), of.INT64)
    return of_nodes(node("ConstantOfShape", ["size"], ["y"], value=fill), constants=[size])


def test_a_model_that_never_ends_is_ended_and_the_next_runs(tmp_path):
    """Bad input: infinite loops; the time is the processor's, and nothing of the model is recorded."""
    began = time.monotonic()
    with pytest.raises(SandboxError, match=r"model\.onnx.*more than 2 seconds of processor time.*Nothing was recorded"):
        predicted(tmp_path, endless(), limits=TIGHT)
    assert time.monotonic() - began < 15
    assert predicted(tmp_path, makers.MODELS["onnx"]()).json["rows_used"] == makers.ROWS


def test_a_model_that_eats_memory_is_refused_and_the_next_runs(tmp_path):
    """Bad input: memory bombs, here of 160 GB."""
    with pytest.raises((SandboxError, InputError), match=r"model\.onnx"):
        predicted(tmp_path, huge(20_000_000_000, 1), limits=TIGHT)
    assert predicted(tmp_path, makers.MODELS["onnx"]()).json["rows_used"] == makers.ROWS


def test_a_model_that_gives_more_than_a_score_a_row_is_refused(tmp_path):
    """Bad input: output floods of the model itself."""
    with pytest.raises(InputError, match=r"model\.onnx"):
        predicted(tmp_path, huge(5_000_000, 1))


@pytest.mark.parametrize("kind", ["skops", "onnx", "onnx in two parts"])
def test_a_model_of_two_outputs_is_refused_with_a_sentence(tmp_path, kind):
    """Bad input: multi-output models, of two numbers and not of two classes; none of the two is taken for the score."""
    with pytest.raises(InputError, match=r"gives 2 scores a row.*Export one model a score"):
        predicted(tmp_path, two_outputs(kind))


def two_outputs(kind):
    """A model that gives the age twice, in the one format or the other."""
    import onnx

    if kind == "skops":
        import skops.io
        from sklearn.linear_model import LinearRegression

        both = np.column_stack([makers.truth(), 2 * makers.truth()])
        return makers.Made("two.skops", skops.io.dumps(LinearRegression().fit(makers.given_to("logistic"), both)), None)
    made = of_nodes(onnx.helper.make_node("Concat" if kind == "onnx" else "Identity", ["age", "age"][: 1 + (kind == "onnx")], ["y"],
                                          **({"axis": 1} if kind == "onnx" else {})))  # fmt: skip
    model = onnx.ModelProto.FromString(made.content)
    if kind == "onnx":
        model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 2
    else:
        model.graph.node.append(onnx.helper.make_node("Neg", ["age"], ["z"]))
        model.graph.output.append(onnx.helper.make_tensor_value_info("z", onnx.TensorProto.DOUBLE, [None, 1]))
    return makers.Made("two.onnx", model.SerializeToString(), None)


def test_a_category_that_the_model_never_saw_is_told(tmp_path):
    """Bad input: string categories."""
    never = np.array(["unheard of"] * makers.ROWS, dtype=object)
    with pytest.raises(InputError, match=r"model\.skops stopped at the rows.*another kind than in training"):
        predicted(tmp_path, makers.MODELS["skops with text"](), job=never)
