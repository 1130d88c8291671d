"""Looks over an ONNX file before any runtime sees it: what it may hold, and every place where it could hold more.

Refused are data outside the file, operators that are not of the two standard sets, and functions and settings that a
file brings along. A file may nest graphs in attributes of nodes and tensors in either, so that all of them are walked.
"""

from collections.abc import Iterator
from typing import Any

from rai.checks.saying import InputError, Said

DOMAINS = {"", "ai.onnx", "ai.onnx.ml"}
# What is read from a file's own settings: names of the columns of one matrix, as JSON.
NAMES = "feature_names"
EXTERNAL = 1
MOST_NODES = 200_000


def read(raw: bytes, title: str) -> Any:
    """The `onnx.ModelProto` of the bytes, looked over; raises InputError that says what it holds and must not."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.ModelProto.FromString(raw)
    except (DecodeError, ValueError, RecursionError) as error:
        raise damaged(title) from error
    if not model.graph.node or not model.graph.output or not is_text(model):
        raise damaged(title)
    for what in forbidden(model):
        raise InputError(
            "{title} is not run: {what}. Save it again as one ONNX file with standard operators alone "
            "(docs/models.md says how for each library), or upload a table of predictions instead.",
            title=title,
            what=what,
        )
    return model


def is_text(model: Any) -> bool:
    """Names and settings are UTF-8; the parser hands over as bytes what is not."""
    names = (one.name for one in (*model.graph.input, *model.graph.output))
    return all(isinstance(one, str) for one in (*names, *(entry.key for entry in model.metadata_props)))


def damaged(title: str) -> InputError:
    """The sentence for what is no ONNX model."""
    return InputError("{title} is not a whole ONNX model. Export it again.", title=title)


def forbidden(model: Any) -> Iterator[Said]:
    """What a file holds and must not, in a few words each."""
    if foreign := {one.domain for one in model.opset_import} - DOMAINS:
        yield Said("it imports operators of “{domain}”", domain=min(foreign)[:60])
    if len(model.functions):
        yield Said("it brings functions of its own")
    if len(model.training_info):
        yield Said("it holds instructions for training")
    if any(entry.key.startswith(("ep_", "ort_", "session.", "ep.")) for entry in model.metadata_props):
        yield Said("it holds settings for the runtime")
    seen = 0
    for graph in graphs(model.graph):
        seen += len(graph.node)
        if seen > MOST_NODES:
            yield Said("it holds more than {most} steps", most=f"{MOST_NODES:,}")
        yield from in_graph(graph)


def graphs(graph: Any) -> Iterator[Any]:
    """The graph and every graph inside it."""
    waiting = [graph]
    while waiting:
        one = waiting.pop()
        yield one
        for attribute in attributes(one):
            waiting += ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs)


def attributes(graph: Any) -> Iterator[Any]:
    """The attributes of all nodes of one graph."""
    for node in graph.node:
        yield from node.attribute


def in_graph(graph: Any) -> Iterator[Said]:
    """Foreign operators and outside data of one graph."""
    for node in graph.node:
        if node.domain not in DOMAINS:
            yield Said(
                "it uses the operator “{operator}” of “{domain}”",
                operator=str(node.op_type)[:60],
                domain=str(node.domain)[:60],
            )
    for tensor in tensors(graph):
        if tensor.data_location == EXTERNAL or len(tensor.external_data):
            yield Said("it keeps data in another file")


def tensors(graph: Any) -> Iterator[Any]:
    """Every tensor of one graph, also the parts of those that are mostly empty."""
    sparse = list(graph.sparse_initializer)
    yield from graph.initializer
    for attribute in attributes(graph):
        if attribute.HasField("t"):
            yield attribute.t
        yield from attribute.tensors
        sparse += ([attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []) + list(
            attribute.sparse_tensors
        )
    for one in sparse:
        yield from (one.values, one.indices)
