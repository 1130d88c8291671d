"""The wire between child and parent: one byte of kind, eight bytes of length, then that many bytes."""

import json
import math
import struct
from collections.abc import Callable, Iterator
from typing import Any

HEADER = struct.Struct(">cQ")
READY, PROGRESS, ARRAY, ANSWER, ERROR = b"L", b"P", b"A", b"R", b"E"


class WireError(ValueError):
    """What arrived is not what was agreed; the sentence says what."""


def pack(kind: bytes, body: bytes) -> bytes:
    """One frame."""
    return HEADER.pack(kind, len(body)) + body


def pack_json(kind: bytes, value: Any) -> bytes:
    """One frame of JSON; a number that is not finite is refused here already."""
    return pack(kind, json.dumps(value, allow_nan=False, ensure_ascii=False).encode())


class Unpacker:
    """Takes bytes as they come and yields whole frames; `largest` says how long a frame of each kind may be."""

    def __init__(self, largest: Callable[[bytes], int]) -> None:
        self.largest = largest
        self.waiting = bytearray()

    def feed(self, chunk: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The frames that are complete now. A length beyond the limit is refused before its bytes arrive."""
        self.waiting += chunk
        while len(self.waiting) >= HEADER.size:
            kind, length = HEADER.unpack_from(self.waiting)
            if length > self.largest(kind):
                raise WireError(f"a message of {length} bytes, more than was asked for")
            if len(self.waiting) < HEADER.size + length:
                return
            body = bytes(self.waiting[HEADER.size : HEADER.size + length])
            del self.waiting[: HEADER.size + length]
            yield kind, body


def loads(body: bytes) -> Any:
    """Strict JSON: UTF-8, no repeated names, finite numbers, no more than 32 levels."""
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=without_repeats, parse_constant=refuse, parse_float=finite
        )
    except (ValueError, RecursionError) as error:
        raise WireError("an answer that is not the JSON agreed on") from error
    require_depth(value, 32)
    return value


def finite(text: str) -> float:
    """A float, unless it overflows."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def refuse(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are all different."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a name stands twice")
    return result


def require_depth(value: Any, left: int) -> None:
    """No deeper than agreed."""
    if left == 0:
        raise WireError("an answer nested too deeply")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        require_depth(one, left - 1)
