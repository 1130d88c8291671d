"""What a file is, told from its first bytes, and what is said of a kind that is never opened.

Looking at bytes is not parsing: everything here is safe on hostile files and is the only thing done to a pickle.
"""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from rai.checks.saying import InputError

HEAD = 4096
PARQUET, CSV, LIGHTGBM, XGBOOST = "parquet", "csv", "lightgbm_text", "xgboost_json"
XGBOOST_UBJ, ONNX, SKOPS = "xgboost_ubj", "onnx", "skops"


@dataclass(frozen=True)
class Format:
    """A kind of file. `kind` is "table" or "model" for what is read here, else ""; `refusal` says why it is not."""

    slug: str
    name: str
    kind: str = ""
    refusal: str = ""


RUNS_CODE = (
    "is never opened here, because opening one runs whatever code it contains. Export the model as ONNX, as skops "
    "(scikit-learn), as XGBoost JSON or as LightGBM text, or upload a table of predictions instead of the model"
)
OTHER_WAY = "is not read here. Export it as ONNX, or as XGBoost JSON, or upload a table of predictions instead"
UNPACK = "is packed. Unpack it and upload the table or the model inside"
TABLES = "is neither a table nor a model. Tables are CSV (UTF-8) or Parquet; models are ONNX, skops, XGBoost JSON or UBJ, and LightGBM text"

FORMATS = {
    one.slug: one
    for one in (
        Format(PARQUET, "Parquet table", "table"),
        Format(CSV, "CSV table", "table"),
        Format(LIGHTGBM, "LightGBM text model", "model"),
        Format(XGBOOST, "XGBoost JSON model", "model"),
        Format("pickle", "Python pickle (also joblib and cloudpickle)", refusal=RUNS_CODE),
        Format("torch", "PyTorch archive, which holds a pickle", refusal=RUNS_CODE),
        Format("hdf5", "HDF5 file (Keras, pandas)", refusal=RUNS_CODE),
        Format("keras", "Keras archive", refusal=RUNS_CODE),
        Format(SKOPS, "skops archive", "model"),
        Format(ONNX, "ONNX model", "model"),
        Format(XGBOOST_UBJ, "XGBoost binary JSON (UBJ) model", "model"),
        Format("xgboost_binary", "XGBoost model in the old binary format", refusal=OTHER_WAY),
        Format("catboost", "CatBoost model", refusal=OTHER_WAY),
        Format("numpy", "NumPy array, which may hold pickled objects", refusal=RUNS_CODE),
        Format("excel", "Excel workbook", refusal="is not read here. Save the sheet as CSV (UTF-8) or Parquet"),
        Format("zip", "ZIP archive", refusal=UNPACK),
        Format("packed", "compressed file", refusal=UNPACK),
        Format("packed_pickle", "compressed Python pickle (joblib)", refusal=RUNS_CODE),
        Format("json", "JSON file that holds no XGBoost model", refusal=TABLES),
        Format("binary", "binary file of a kind not known here", refusal=TABLES),
        Format("utf16", "text in UTF-16", refusal="is not UTF-8. Save it again as UTF-8"),
        Format("empty", "empty file", refusal="has no content. Export it again"),
    )
}

MAGIC = (
    (b"PAR1", PARQUET),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"\x93NUMPY", "numpy"),
    (b"\xd0\xcf\x11\xe0", "excel"),
    (b"CBM1", "catboost"),
    (b"binf", "xgboost_binary"),
    (b"BZh", "packed"),
    (b"\xfd7zXZ\x00", "packed"),
    (b"\x28\xb5\x2f\xfd", "packed"),
    (b"\x04\x22\x4d\x18", "packed"),
    (b"7z\xbc\xaf\x27\x1c", "packed"),
    (b"Rar!", "packed"),
    (b"\xff\xfe", "utf16"),
    (b"\xfe\xff", "utf16"),
)


def detect(path: Path) -> Format:
    """The kind of a file by its content; its name counts for nothing. Raises OSError when it cannot be read."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(0, path.stat().st_size - 64))
        tail = file.read()
    return FORMATS[slug_of(head, tail, path)]


def slug_of(head: bytes, tail: bytes, path: Path) -> str:
    """The first kind whose mark the bytes bear."""
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        return "empty"
    for mark, slug in MAGIC:
        if head.startswith(mark):
            return slug
    if head.startswith(b"PK"):
        return zip_slug(path)
    if is_pickle(head, tail):
        return "pickle"
    if head[:2] == b"\x1f\x8b" or head[:2] in (b"x\x01", b"x\x9c", b"x\xda"):
        return packed_slug(head)
    if head[:1] == b"{":
        return brace_slug(head)
    return text_slug(head)


def is_pickle(head: bytes, tail: bytes) -> bool:
    """A pickle of protocol 2 and later by its first opcode, one of the older text protocols by first and last."""
    if head[0] == 0x80:
        return len(head) > 1 and head[1] <= 5
    if not tail.rstrip(b"\n").endswith(b"."):
        return False
    return head[:2] in (b"(l", b"(d", b"(i", b"(c", b"(t", b"]q", b"}q", b"(S", b"(V") or text_pickle_global(head)


def text_pickle_global(head: bytes) -> bool:
    """Protocol 0 beginning with GLOBAL: `c`, a module, a line end, a name, a line end."""
    first, _, rest = head.partition(b"\n")
    name, _, _ = rest.partition(b"\n")
    return (
        first[:1] == b"c"
        and is_dotted(first[1:])
        and is_dotted(name)
        and rest[len(name) + 1 : len(name) + 2] in b"(tq.NRp"
    )


def is_dotted(name: bytes) -> bool:
    """A Python name, possibly dotted."""
    text = name.decode("ascii", "replace")
    return bool(text) and all(part.isidentifier() for part in text.split("."))


def zip_slug(path: Path) -> str:
    """What an archive holds, by the names in its directory; nothing in it is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[:2000]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "zip"
    last = {name.rsplit("/", 1)[-1] for name in names}
    if "data.pkl" in last or any(name.endswith((".pkl", ".pickle", ".joblib")) for name in last):
        return "torch"
    if "schema.json" in last:
        return SKOPS
    if "[Content_Types].xml" in last:
        return "excel"
    if "model.weights.h5" in last:
        return "keras"
    return "numpy" if any(name.endswith(".npy") for name in last) else "zip"


def packed_slug(head: bytes) -> str:
    """Packed bytes, told apart by the first few that come out."""
    try:
        first = zlib.decompressobj(wbits=47).decompress(head, 64)
    except zlib.error:
        return "binary"
    return "packed_pickle" if first[:1] == b"\x80" else "packed"


def brace_slug(head: bytes) -> str:
    """JSON by its first name, or the binary JSON that begins with a brace too."""
    if head[1:2] in b"iIlLU" and head[1:2] and 0 in head[:16]:
        return XGBOOST_UBJ
    inside = head[1:].lstrip()
    return XGBOOST if inside.startswith((b'"learner"', b'"version"')) and b'"' in inside else "json"


def text_slug(head: bytes) -> str:
    """A text model, a table of text, or bytes that are no text."""
    body = head.removeprefix(b"\xef\xbb\xbf")
    if body.split(b"\n", 1)[0].strip() == b"tree" and b"\nversion=" in body[:200]:
        return LIGHTGBM
    if body[:1] == b"\x08" and any(mark in head for mark in (b"onnx", b"skl2onnx", b"pytorch", b"\x12")):
        return ONNX
    if b"\x00" in body or sum(byte < 9 or 13 < byte < 32 for byte in body) > len(body) // 100:
        return "binary"
    return "json" if body.lstrip()[:1] in (b"{", b"[") else CSV


def require(path: Path, kind: str, *, title: str) -> Format:
    """The format of a table or of a model; raises InputError that says what the file is, why not, and what instead."""
    found = detect(path)
    if found.kind == kind:
        return found
    if found.kind:
        wanted = (
            "a table (CSV or Parquet)"
            if kind == "table"
            else "a model (ONNX, skops, XGBoost JSON or UBJ, LightGBM text)"
        )
        raise InputError("{title} is a {name}; {wanted} is wanted here.", title=title, name=found.name, wanted=wanted)
    if found.slug == "empty":
        raise InputError("{title} is an empty file. Export it again with its rows.", title=title)
    raise InputError(
        "{title} is recognised as: {name}. Such a file {refusal}.", title=title, name=found.name, refusal=found.refusal
    )
