"""Forty files that would run code in whoever unpickles them, written by hand: nothing here makes or opens a pickle."""

import io
import struct
import zipfile
import zlib


def text_call(module: str, name: str, argument: str) -> bytes:
    """Protocol 0: call a global with one text."""
    return f"c{module}\n{name}\n(S{argument!r}\ntR.".encode()


def binary_call(module: str, name: str, argument: str) -> bytes:
    """Protocol 2: the same."""
    raw = argument.encode()
    return b"\x80\x02" + f"c{module}\n{name}\n".encode() + b"X" + struct.pack("<I", len(raw)) + raw + b"\x85R."


def framed_call(module: str, name: str, argument: str) -> bytes:
    """Protocol 4, where the global is made of two texts."""
    texts = b"".join(b"\x8c" + bytes([len(one.encode())]) + one.encode() + b"\x94" for one in (module, name))
    raw = argument.encode()
    body = texts + b"\x93\x94\x8c" + bytes([len(raw)]) + raw + b"\x94\x85\x94R\x94."
    return b"\x80\x04\x95" + struct.pack("<Q", len(body)) + body


def instance(module: str, name: str, argument: str) -> bytes:
    """Protocol 0, by the instruction that makes instances."""
    return f"(S{argument!r}\ni{module}\n{name}\n.".encode()


def archived(raw: bytes, name: str) -> bytes:
    """A ZIP archive around a pickle."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, raw)
    return packed.getvalue()


def objects(raw: bytes) -> bytes:
    """A NumPy array of objects, which holds a pickle."""
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (64 - (len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + raw


CALLS = (
    ("os", "system", "touch {canary}"),
    ("posix", "system", "touch {canary}"),
    ("subprocess", "getoutput", "touch {canary}"),
    ("builtins", "exec", "open({canary!r}, 'w')"),
    ("builtins", "eval", "open({canary!r}, 'w')"),
)
WRAPS = {
    "model.pkl": text_call,
    "model.joblib": lambda *call: zlib.compress(binary_call(*call)),
    "scores.csv": binary_call,
    "model.pickle": framed_call,
    "model.pt": lambda *call: archived(binary_call(*call), "archive/data.pkl"),
    "model.skops": lambda *call: archived(framed_call(*call), "model.joblib"),
    "scores.parquet": instance,
    "model.npy": lambda *call: objects(framed_call(*call)),
}


def gadgets(canary: str) -> list[tuple[str, bytes]]:
    """Name and content of each: 5 calls in 8 wrappings."""
    return [
        (name, wrap(module, called, argument.format(canary=canary)))
        for name, wrap in WRAPS.items() for module, called, argument in CALLS
    ]  # fmt: skip
