"""Looks over a skops archive in plain Python: its members, and every type that its description names."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from rai.checks.saying import Said
from rai.sandbox.limits import GIB, MIB
from rai.sandbox.skops_types import LOADERS, TYPES

MOST_MEMBERS, LARGEST_SCHEMA, LARGEST, MOST_RATIO = 100_000, 64 * MIB, GIB, 200


def forbidden(raw: bytes) -> Iterator[Said]:
    """What an archive holds and must not, in a few words each. Nothing of it is loaded for that."""
    if not raw.startswith(b"PK\x03\x04"):
        yield Said("it is no ZIP archive")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            yield from in_members(archive.infolist(), len(raw))
            schema = json.loads(archive.read("schema.json"))
    except (zipfile.BadZipFile, KeyError, ValueError, RecursionError, NotImplementedError, OSError, EOFError):
        yield Said("it is no whole skops archive")
        return
    for node in nodes(schema):
        name = f"{node.get('__module__')}.{node.get('__class__')}"
        if node.get("__loader__") not in LOADERS or name not in TYPES:
            yield Said("it names the type “{name}”, which is not on the list of reviewed types", name=name[:100])


def in_members(members: list[zipfile.ZipInfo], packed: int) -> Iterator[Said]:
    """Members that are too many or too large, stand twice, or are none that skops writes."""
    names = [one.filename for one in members]
    unpacked = sum(one.file_size for one in members)
    if len(names) > MOST_MEMBERS or unpacked > LARGEST or unpacked > MOST_RATIO * max(packed, MIB):
        yield Said("it unpacks to more than a model may")
    if len(set(names)) != len(names):
        yield Said("a file stands in it twice")
    if any(one.filename == "schema.json" and one.file_size > LARGEST_SCHEMA for one in members):
        yield Said("its description is too long")
    if other := next((name for name in names if name != "schema.json" and not name.endswith((".npy", ".npz"))), ""):
        yield Said("it holds the file “{name}”", name=other[:60])


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of the description that names a type."""
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if {"__class__", "__module__", "__loader__"} & set(one):
                yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
