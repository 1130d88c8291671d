"""Files are told by their first bytes, and what is never opened is refused with a reason and a way out."""

import io
import zipfile
import zlib

import pytest

from config.places import ROOT
from rai.checks.contract import InputError
from rai.sandbox import formats
from rai.sandbox.lightgbm_text import require_trees

MODEL = ROOT / "rai" / "demo" / "card_offer_model.txt"
TABLE = ROOT / "rai" / "demo" / "card_offer_test.parquet"


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    return file.getvalue()


PICKLE = b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94."
KNOWN = {
    "pickle": [PICKLE, b"\x80\x02]q\x00.", b"cos\nsystem\n(S'id'\ntR.", b"(lp0\nI1\na.", b"(dp0\nS'a'\nI1\ns."],
    "packed_pickle": [zlib.compress(PICKLE), b"\x1f\x8b\x08" + b"\0" * 7 + zlib.compress(PICKLE)[2:-4]],
    "torch": [zipped("archive/data.pkl", "archive/version"), zipped("model.joblib")],
    "keras": [zipped("config.json", "model.weights.h5")],
    "skops": [zipped("schema.json", "1.npy")],
    "excel": [zipped("[Content_Types].xml", "xl/workbook.xml"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40],
    "numpy": [zipped("arr_0.npy"), b"\x93NUMPY\x01\x00v\x00{'descr': '|O'}"],
    "zip": [zipped("predictions.csv"), b"PK\x03\x04 broken"],
    "packed": [b"BZh91AY&SY", b"\xfd7zXZ\x00\x00", b"\x28\xb5\x2f\xfd\x00", zlib.compress(b"a,b\n1,2\n")],
    "hdf5": [b"\x89HDF\r\n\x1a\n\x00"],
    "onnx": [b"\x08\x09\x12\x08skl2onnx\x1a\x06" + b"\0" * 20],
    "xgboost_ubj": [b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner{"],
    "xgboost_binary": [b"binf\x00\x00\x00\x00"],
    "catboost": [b"CBM1\x10\x00\x00\x00"],
    "json": [b'{"rows": [1, 2]}', b"[1, 2, 3]"],
    "utf16": ["a;b\n1;2\n".encode("utf-16")],
    "empty": [b"", b"\n\n  \n", b"\xef\xbb\xbf\n"],
    "binary": [b"\x7fELF\x02\x01\x01\x00\x00", bytes(range(256))],
    "parquet": [b"PAR1\x15\x04"],
    "csv": [b"a,b\n1,2\n", "gr\u00f6\u00dfe;rasse\n1;x\n".encode(), b"a\n1.\n", b"class\nyes.", b'"tree"\nversion=1\n'],
    "lightgbm_text": [b"tree\nversion=v4\nnum_class=1\n"],
    "xgboost_json": [b'{"learner":{"attributes":{}}}', b'{ "version":[3,2,0],"learner":{}}'],
}


@pytest.mark.parametrize(("slug", "content"), [(slug, one) for slug, many in KNOWN.items() for one in many])
def test_a_kind_is_told_by_its_content_and_not_by_its_name(tmp_path, slug, content):
    path = tmp_path / "model.csv.txt"
    path.write_bytes(content)
    assert formats.detect(path).slug == slug


@pytest.mark.parametrize("slug", ["pickle", "packed_pickle", "torch", "keras", "hdf5", "numpy"])
def test_what_could_run_code_is_refused_with_the_reason_and_an_alternative(tmp_path, slug):
    """A pickle as model is a bad input that the product must name (attack 1)."""
    path = tmp_path / "model.txt"
    path.write_bytes(KNOWN[slug][0])
    with pytest.raises(InputError) as refused:
        formats.require(path, "model", title="scorecard.pkl")
    sentence = str(refused.value)
    assert sentence.startswith("scorecard.pkl is recognised as: ")
    assert "never opened" in sentence and "runs whatever code it contains" in sentence
    assert "LightGBM text" in sentence and "XGBoost JSON" in sentence


def test_every_refused_kind_says_what_to_do():
    for one in formats.FORMATS.values():
        assert bool(one.kind) != bool(one.refusal)
    for one in formats.FORMATS.values():
        words = ("Export", "Save", "Unpack", "Tables are")
        assert one.kind or any(word in one.refusal for word in words), one.slug


def test_a_model_where_a_table_is_wanted_is_named_as_such():
    with pytest.raises(InputError, match=r"x is a LightGBM text model; a table \(CSV or Parquet\) is wanted here"):
        formats.require(MODEL, "table", title="x")
    with pytest.raises(InputError, match="is a Parquet table; a model"):
        formats.require(TABLE, "model", title="x")


# ---- the trees of a LightGBM text model, looked over before the library sees them


def changed(line_of_a_tree: str, to: str) -> str:
    """The demo's model with one line of its second tree changed, and sizes that fit again."""
    text = MODEL.read_text()
    start = text.index("\nTree=1\n") + 1
    at = text.index("\n" + line_of_a_tree, start) + 1
    return resized(text[:at] + to + text[text.index("\n", at) :])


def resized(text: str) -> str:
    header, _, rest = text.partition("\nTree=")
    blocks = ["Tree=" + block + "\n" for block in rest.partition("\nend of trees")[0].split("\nTree=")]
    at = header.index("tree_sizes=")
    end = header.index("\n", at)
    return text.replace(header[at:end], "tree_sizes=" + " ".join(str(len(block)) for block in blocks), 1)


def test_a_sound_model_passes():
    require_trees(MODEL.read_text(), features=6, title="m")
    require_trees(resized(MODEL.read_text()), features=6, title="m")


@pytest.mark.parametrize(
    ("line", "to", "said"),
    [
        ("num_leaves=", "num_leaves=1000000000", "claims 1000000000 leaves"),
        ("num_leaves=", "num_leaves=11", "leaves are not as many"),
        ("num_cat=", "num_cat=3", "splits by categories"),
        ("decision_type=", "decision_type=" + " ".join(["3"] * 11), "splits by categories"),
        ("split_feature=", "split_feature=" + " ".join(["6"] * 11), "input that does not exist"),
        ("split_feature=", "split_feature=" + " ".join(["-1"] * 11), "input that does not exist"),
        ("left_child=", "left_child=" + " ".join(["0"] * 11), "do not form a tree"),
        ("left_child=", "left_child=1 4 7 5 9 -3 -4 -2 -5 -1 -800000", "do not form a tree"),
        ("right_child=", "right_child=2 3 6 8 -6 -7 10 -9 -10 -11 2147483647", "do not form a tree"),
        ("threshold=", "threshold=1 2 3", "threshold has 3 entries"),
        ("threshold=", "threshold=" + " ".join(["nan"] * 11), "no number"),
        ("internal_count=", "internal_counts=1", "no internal_count"),
        ("leaf_count=", "leaf_count=1", "leaf_count has 1 entries"),
    ],
)  # fmt: skip
def test_a_damaged_tree_is_named_before_the_library_sees_it(line, to, said):
    """An index beyond its array would be read, or written, out of bounds (attack 6)."""
    with pytest.raises(InputError, match=said) as refused:
        require_trees(changed(line, to), features=6, title="m.txt")
    assert "m.txt is not a whole LightGBM model (tree 1" in str(refused.value)


def test_trees_must_be_where_the_header_says():
    text = MODEL.read_text()
    sizes = text[text.index("tree_sizes=") : text.index("\n", text.index("tree_sizes="))]
    for other in (sizes.replace("=1", "=2", 1), sizes + " 17", "tree_sizes=", "sizes=1"):
        with pytest.raises(InputError, match="not where its header says"):
            require_trees(text.replace(sizes, other), features=6, title="m")
