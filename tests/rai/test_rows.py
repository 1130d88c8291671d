"""Rows of scores come out of files whole: what is missing is told apart and counted, what is broken is refused by its place."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai.checks.calibration import run
from rai.checks.contract import InputError
from rai.engine.rows import Asked, read_rows
from rai.engine.scores import read_scores
from rai.engine.sources import Limits

ASKED = Asked("y", "s", ("g",))


@pytest.fixture
def csv(tmp_path):
    """Writes a CSV file."""

    def write(text, name="t.csv"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


@pytest.fixture
def parquet(tmp_path):
    """Writes a Parquet file."""

    def write(name="t.parquet", **columns):
        pq.write_table(pa.table(columns), tmp_path / name)
        return tmp_path / name

    return write


def test_null_nan_and_empty_texts_are_told_apart(parquet):
    path = parquet(
        y=["1", "0", "1", None, "", "nan", "1", "n/a"], s=["0.5", None, "", "0.1", "0.2", "0.3", "NaN", "0.4"],
        g=["a", "b", "", None, " ", "a", "b", "a"],
    )  # fmt: skip
    found = read_rows(path, ASKED)
    assert found.missing == {
        "no label: NULL": 1, "no label: empty text": 1, "no label: NaN": 1, 'no label: "n/a"': 1,
        "no score: NULL": 1, "no score: empty text": 1, "no score: NaN": 1,
    }  # fmt: skip
    assert found.values["g"] == ("(missing)", "a", "b")
    assert [found.values["g"][code] for code in found.codes["g"][2:5]] == ["(missing)"] * 3
    assert (found.label[0], found.score[0]) == (1, 0.5)


def test_a_row_that_lacks_both_is_counted_once(parquet):
    """Rows counted as missing and complete rows together are all rows."""
    path = parquet(y=[1, None, 0, None], s=[0.1, None, math.nan, 0.4], g=["a"] * 4)
    found = read_rows(path, ASKED)
    assert found.missing == {"no label: NULL": 2, "no score: NaN": 1}
    assert np.isfinite(found.label + found.score).sum() + sum(found.missing.values()) == 4


def test_numbers_are_read_exactly_whatever_their_type(parquet):
    generator = np.random.default_rng(0)
    s = generator.random(1000)
    for column in (s, s.astype(np.float32), [f"{value!r}" for value in s.tolist()]):
        found = read_rows(parquet(y=[0, 1] * 500, s=column, g=["a"] * 1000), ASKED, threads=1)
        assert (found.score == np.asarray(column, dtype=np.float64)).all()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("y,s,g\n1,0.5,a\n0,x7,a\n", 'holds "x7" in row 2 below the header, which is no number'),
        ("y,s,g\n1,0.5,a\n0,inf,a\n", 'holds "inf" in row 2 below the header, which is no finite number'),
        ("y,s,g\n1,0.5,nan\n", "Group column"),
        ("y,s,g\n1,0.5,a\n2,0.5,a\n3,0.5,a\n", "3 different labels"),
        ("y,s,g\n", "a header and no rows"),
        ("y,s\n1,0.5\n", 'no column "g"'),
        ("y,s,g\nyes,0.5,a\nno,0.4,b\n", "never the positive label"),
    ],
)
def test_what_is_broken_is_refused_by_its_place(csv, text, says):
    with pytest.raises(InputError, match=says):
        read_rows(csv(text), ASKED)


def test_a_probability_beyond_one_is_named_with_its_row(csv):
    path = csv("y,s,g\n1,0.5,a\n0,12.5,a\n1,,a\n0,90,b\n")
    with pytest.raises(InputError, match=r"holds 12.5 in row 2 below the header \(2 rows outside 0 to 1\)"):
        read_scores(path, target="y", score="s", groups=["g"], is_probability=True)
    assert read_scores(path, target="y", score="s", groups=["g"]).most == 90


def test_rows_without_any_pair_of_label_and_score_say_what_is_missing(csv):
    book = read_scores(csv("y,s,g\n1,,a\n0,NaN,b\n"), target="y", score="s", groups=["g"])
    with pytest.raises(InputError, match="1 rows: no score: NULL"):
        run(book)


def test_one_column_in_two_parts_is_refused(csv):
    path = csv("y,s,g\n1,0.5,a\n")
    for asked in (Asked("y", "y", ()), Asked("y", "s", ("s",)), Asked("y", "s", ("g", "g"))):
        with pytest.raises(InputError, match=r"at once|twice"):
            read_rows(path, asked)


def test_a_column_of_dates_is_no_score(parquet):
    path = parquet(y=[0, 1], s=pa.array([1, 2], pa.date32()), g=["a", "b"])
    with pytest.raises(InputError, match="type DATE; a column of numbers"):
        read_rows(path, ASKED)


def test_a_group_column_with_a_value_for_each_row_is_refused(parquet):
    n = 10_001
    path = parquet(y=[0, 1] * (n // 2) + [0], s=np.linspace(0, 1, n), g=[f"id{place}" for place in range(n)])
    with pytest.raises(InputError, match="more than 10,000 values"):
        read_rows(path, ASKED)


def test_uploads_have_their_caps(parquet):
    path = parquet(y=[0, 1] * 50, s=np.linspace(0, 1, 100), g=["a"] * 100)
    with pytest.raises(InputError, match="more than the 50"):
        read_rows(path, ASKED, limits=Limits(rows=50))


def test_group_values_are_texts_and_never_sql(csv):
    """P5: a value out of a file ends in no statement unquoted."""
    wicked = "a'); DROP TABLE x; --"
    found = read_rows(csv(f'y,s,g\n1,0.5,"{wicked}"\n0,0.2,"b\'\'"\n'), ASKED)
    assert set(found.values["g"]) == {wicked, "b''"}


def test_the_same_rows_in_several_files_and_in_any_order_give_one_digest(parquet):
    """P6: same rows, same outcome."""
    generator = np.random.default_rng(1)
    s, g = generator.random(3000), np.array(["a", "b"])[generator.integers(2, size=3000)]
    y, order = (generator.random(3000) < s).astype(int), generator.permutation(3000)
    whole = parquet("whole.parquet", y=y[order], s=s[order], g=g[order])
    parts = [parquet(f"p{k}.parquet", y=y[k::2], s=s[k::2], g=g[k::2]) for k in range(2)]
    books = [
        read_scores(files, target="y", score="s", groups=["g"], threads=n) for files, n in ((whole, 1), (parts, 4))
    ]
    assert books[0].parts == books[1].parts
    assert run(books[0]).digest == run(books[1]).digest
