"""Looks at a model file without loading it: what it is, and what it would call if somebody opened it.

A list for people to read. It changes no permission: a file that looks harmless is treated like every other of its kind.
"""

import pickletools
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rai.checks.saying import InputError
from rai.sandbox import formats, onnx_graphs
from rai.sandbox.limits import MIB
from rai.sandbox.order import Order, Reply

MOST_READ, MOST_NAMES, MOST_STEPS = 64 * MIB, 40, 2_000_000
PICKLES = {"pickle", "packed_pickle", "torch"}
LISTED = (".pkl", ".pickle", ".joblib")


def libraries(order: Order) -> tuple[str, ...]:
    """What takes an ONNX file apart; everything else is looked at in plain Python."""
    return ("onnx",) if formats.detect(order.path("model")).slug == formats.ONNX else ()


def artifact(order: Order) -> Reply:
    """The format, whether models of it are run here, what its pickles would call, and what is in it that must not be."""
    path = order.path("model")
    found = formats.detect(path)
    names = sorted(set(called(path, found.slug)))
    return Reply(
        {
            "format": found.slug, "name": found.name, "is_model": found.kind == "model",
            "is_pickle": found.slug in PICKLES, "calls": names[:MOST_NAMES], "more": max(0, len(names) - MOST_NAMES),
            "forbidden": [str(one) for one in forbidden(path, found.slug)][:MOST_NAMES],
        }
    )  # fmt: skip


def forbidden(path: Path, slug: str) -> Iterator[Any]:
    """Why a file of a format that is run here would be refused."""
    if slug == formats.ONNX:
        try:
            onnx_graphs.read(path.read_bytes(), path.name)
        except InputError as error:
            yield error.said.values.get("what") or error
    elif slug == formats.SKOPS:
        from rai.sandbox.skops_archive import forbidden as in_archive

        yield from in_archive(path.read_bytes())


def called(path: Path, slug: str) -> Iterator[str]:
    """The names of what opening a file would call, from the instructions of its pickles, which are not carried out."""
    for raw in pickles(path, slug):
        yield from names_in(raw)


def pickles(path: Path, slug: str) -> Iterator[bytes]:
    """The pickles in a file, unpacked as far as a limit."""
    if slug == "pickle":
        with path.open("rb") as file:
            yield file.read(MOST_READ)
    elif slug == "packed_pickle":
        yield zlib.decompressobj(wbits=47).decompress(path.read_bytes(), MOST_READ)
    elif slug == "torch":
        with zipfile.ZipFile(path) as archive:
            for one in archive.infolist():
                if one.filename.endswith(LISTED) and one.file_size <= MOST_READ:
                    yield archive.read(one)


def names_in(raw: bytes) -> Iterator[str]:
    """Module and name of every global that a pickle asks for; it may be cut off or damaged at any place."""
    texts: list[str] = []
    try:
        for step, (code, value, _place) in enumerate(pickletools.genops(raw)):
            if step > MOST_STEPS:
                return
            if code.name in ("GLOBAL", "INST"):
                yield str(value).replace(" ", ".", 1)[:120]
            elif code.name == "STACK_GLOBAL":
                yield ".".join(texts[-2:])[:120]
            elif isinstance(value, str):
                texts = [*texts[-1:], value]
    except (ValueError, IndexError, KeyError, OverflowError, UnicodeError):
        return
