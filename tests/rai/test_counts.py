"""Tables become counts exactly, and what cannot be counted is refused with its place and the remedy."""

import math
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai.checks.contract import InputError
from rai.engine.counts import UPLOAD_LIMITS, Limits, columns_of, digest_of, read
from rai.engine.sources import opened

COLUMNS = {"target": "y", "prediction": "p", "sensitive": ["g"]}


@pytest.fixture
def write(tmp_path):
    """Writes a file of text or bytes and gives its path."""

    def write_file(content, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture
def parquet(tmp_path):
    """Writes columns as Parquet and gives the path."""

    def write_table(name="data.parquet", **columns):
        pq.write_table(pa.table(columns), tmp_path / name)
        return tmp_path / name

    return write_table


def counts(cube):
    """(values…, label, prediction) → rows."""
    return {(*cell.values, cell.label, cell.prediction): cell.rows for cell in cube.cells}


def refusal(files, **more):
    """The sentence with which reading is refused."""
    with pytest.raises(InputError) as caught:
        read(files, **{**COLUMNS, **more})
    return str(caught.value)


# ---- counting


def test_rows_are_counted_by_group_label_and_prediction(write):
    cube = read(write("g,y,p\na,1,1\na,1,1\na,0,1\nb,0,0\n"), **COLUMNS)
    assert counts(cube) == {("a", 1, 1): 2, ("a", 0, 1): 1, ("b", 0, 0): 1}
    assert cube.rows == 4


def test_parquet_gives_the_same_cells_as_csv(write, parquet):
    text = read(write("g,y,p\na,1,1\na,0,1\nb,0,0\n"), **COLUMNS)
    table = read(parquet(g=["a", "a", "b"], y=[1, 0, 0], p=[1, 1, 0]), **COLUMNS)
    assert table == text


def test_the_format_is_told_by_the_bytes_and_not_by_the_name(parquet):
    assert read(parquet("data.csv", g=["a"], y=[1], p=[1]), **COLUMNS).rows == 1


@pytest.mark.parametrize(
    ("labels", "predictions"),
    [
        ([1, 0, 1], [True, False, True]),
        ([1.0, 0.0, 1.0], [1, 0, 1]),
        (["1", "0", "1.0"], ["true", "False", "TRUE"]),
        ([Decimal("1.00"), Decimal("0.00"), Decimal("1.00")], [1, 0, 1]),
    ],
)
def test_one_label_may_be_spelled_in_several_ways(parquet, labels, predictions):
    cube = read(parquet(g=["a", "a", "b"], y=labels, p=predictions), **COLUMNS)
    assert counts(cube) == {("a", 1, 1): 1, ("a", 0, 0): 1, ("b", 1, 1): 1}


@pytest.mark.parametrize(
    ("kind", "no", "yes"),
    [(pa.int8(), 0, 1), (pa.int8(), -1, 1), (pa.int8(), 0, -128), (pa.int8(), 127, -1), (pa.uint8(), 0, 255)],
)
def test_labels_of_one_byte_are_counted_as_wider_ones(parquet, kind, no, yes):
    y, p = [no, yes, None, yes, None, no, yes], [yes, yes, None, None, no, no, yes]
    groups = ["a", "a", "a", "b", "b", "b", "b"]
    small = read(
        parquet("small.parquet", g=groups, y=pa.array(y, kind), p=pa.array(p, kind)), **COLUMNS, positive=str(yes)
    )
    wide = read(parquet("wide.parquet", g=groups, y=pa.array(y, pa.int64()), p=p), **COLUMNS, positive=str(yes))
    assert small == wide
    assert sum(cell.rows for cell in small.cells if cell.label is None) == 2


@pytest.mark.parametrize("target", [pa.int8(), pa.int64()])
def test_a_cut_off_beside_a_small_label_says_the_same(parquet, target):
    scores = [0.9, None, math.nan, 0.2, 0.9]
    file = parquet(g=["a"] * 5, y=pa.array([1, 1, 0, None, 0], target), s=scores)
    cube = read(file, target="y", prediction="s>=0.5", sensitive=["g"])
    assert counts(cube) == {("a", 1, 1): 1, ("a", 1, None): 1, ("a", 0, None): 1, ("a", None, 0): 1, ("a", 0, 1): 1}


def test_other_words_for_the_labels_are_named(write):
    cube = read(write("g,y,p\na,yes,no\nb,no,yes\n"), **COLUMNS, positive="yes")
    assert counts(cube) == {("a", 1, 0): 1, ("b", 0, 1): 1}


def test_rows_without_label_or_prediction_stay_in_the_cube_as_such(write):
    cube = read(write("g,y,p\na,,1\na,1,\nb,nan,0\nb,1,1\nb,NA,\n"), **COLUMNS)
    assert counts(cube) == {
        ("a", None, 1): 1,
        ("a", 1, None): 1,
        ("b", None, 0): 1,
        ("b", 1, 1): 1,
        ("b", None, None): 1,
    }


def test_missing_group_values_are_a_group_of_their_own(write):
    cube = read(write('g,y,p\n,1,1\n"",1,1\n  ,1,1\nb,1,1\n'), **COLUMNS)
    assert counts(cube) == {("(missing)", 1, 1): 3, ("b", 1, 1): 1}


def test_groups_of_numbers_dates_and_truth_values_are_their_texts(parquet):
    file = parquet(n=[1, 2], d=[date(2026, 1, 31)] * 2, t=[True, None], y=[1, 0], p=[1, 0])
    cube = read(file, target="y", prediction="p", sensitive=["n", "d", "t"])
    assert set(counts(cube)) == {("1", "2026-01-31", "true", 1, 1), ("2", "2026-01-31", "(missing)", 0, 0)}


def test_marginals_of_the_finest_cells_are_the_groups_of_each_column(write):
    lines = "r1,s1,1,1\nr1,s2,1,0\nr2,s1,0,1\n"
    cube = read(write("r,s,y,p\n" + lines), target="y", prediction="p", sensitive=["r", "s"])
    assert cube.table(("r",)).n.tolist() == [2, 1]
    assert cube.table(("s",)).n.tolist() == [2, 1]
    assert cube.table(("r", "s")).n.tolist() == [1, 1, 1]


def test_several_files_and_globs_are_one_table(write, tmp_path):
    write("g,y,p\na,1,1\n", "part1.csv")
    write("g,y,p\nb,0,1\n", "part2.csv")
    assert read(tmp_path / "part*.csv", **COLUMNS).rows == 2
    assert read([tmp_path / "part1.csv", tmp_path / "part*.csv"], **COLUMNS).rows == 2


def test_a_file_name_with_pattern_signs_is_itself(write):
    write("g,y,p\na,1,1\na,1,1\n", "a1.csv")
    assert read(write("g,y,p\na,1,1\n", "a[1].csv"), **COLUMNS).rows == 1


@pytest.mark.parametrize(
    "content", ["g;y;p\na;1;1\n", "g\ty\tp\na\t1\t1\n", "\ufeffg,y,p\r\na,1,1\r\n", "g,y,p\na,1,1"]
)
def test_usual_ways_to_write_csv_are_read(write, content):
    assert counts(read(write(content), **COLUMNS)) == {("a", 1, 1): 1}


def test_quotes_line_breaks_and_delimiters_in_fields_are_read(write):
    cube = read(write('g,y,p\n"a,b",1,1\n"a\nb",1,1\n"say ""b""",1,1\n'), **COLUMNS)
    assert set(counts(cube)) == {("a,b", 1, 1), ("a\nb", 1, 1), ('say "b"', 1, 1)}


def test_sums_of_weights_and_their_squares_are_exact(write):
    cube = read(write("g,y,p,w\n" + "a,1,1,0.1\n" * 10), **COLUMNS, weight="w")
    assert (cube.cells[0].weight, cube.cells[0].square) == pytest.approx((1.0, 0.1), abs=1e-15)


def test_weighted_sums_are_the_same_at_every_reading(tmp_path):
    """P6: sums of floats depend on their order, so the order is fixed however many threads there are."""
    n, file = 400_000, tmp_path / "data.parquet"
    columns = {"g": ["a"] * n, "y": [1] * n, "p": [1] * n, "w": [1 / (place % 997 + 3) for place in range(n)]}
    pq.write_table(pa.table(columns), file, row_group_size=20_000)
    assert len({read(file, **COLUMNS, weight="w", threads=4).cells for _ in range(6)}) == 1


# ---- predictions by a cut-off


SCORES = "g,y,s,my score\na,1,0.9,x\na,0,0.5,Low\nb,1,0.1,High\n"


@pytest.mark.parametrize(
    ("prediction", "positives"),
    [
        ("s>=0.5", 2),
        ("s > 0.5", 1),
        ("s<0.5", 1),
        ("s<=.5", 2),
        ("s==0.50", 1),
        ("s=0.5", 1),
        ("s!=0.5", 2),
        ("my score!=Low", 2),
        ("my score = 'Low'", 1),
        ('"my score"="High"', 1),
    ],
)
def test_a_cut_off_makes_predictions(write, prediction, positives):
    cube = read(write(SCORES), target="y", prediction=prediction, sensitive=["g"])
    assert sum(cell.rows for cell in cube.cells if cell.prediction == 1) == positives


@pytest.mark.parametrize("kind", [pa.float32(), pa.float64()])
def test_a_score_is_compared_in_its_own_precision(parquet, kind):
    file = parquet(g=["a"], y=[1], s=pa.array([0.7], kind))
    assert counts(read(file, target="y", prediction="s>=0.7", sensitive=["g"])) == {("a", 1, 1): 1}


def test_a_missing_score_is_a_missing_prediction(parquet):
    file = parquet(g=["a"] * 3, y=[1] * 3, s=[math.nan, None, 0.9])
    cube = read(file, target="y", prediction="s>=0.5", sensitive=["g"])
    assert counts(cube) == {("a", 1, None): 2, ("a", 1, 1): 1}


def test_a_column_named_like_a_cut_off_is_the_column(write):
    cube = read(write("g,y,s>=0.5\na,1,0\n"), target="y", prediction="s>=0.5", sensitive=["g"])
    assert counts(cube) == {("a", 1, 0): 1}


def test_dates_and_truth_values_can_be_cut(parquet):
    file = parquet(g=["a", "b"], y=[1, 1], d=[date(2026, 1, 1), date(2026, 6, 1)], t=[True, False])
    assert counts(read(file, target="y", prediction="d>=2026-03-01", sensitive=["g"]))["b", 1, 1] == 1
    assert counts(read(file, target="y", prediction="t=true", sensitive=["g"]))["a", 1, 1] == 1


@pytest.mark.parametrize(
    ("prediction", "says"),
    [
        ("scoer>=0.5", 'has no column "scoer"'),
        ("s>=", "compares s with nothing"),
        ("s>=high", "compares numbers"),
        ("my score>=1", 'holds "High", "Low" and "x"'),
        ("lower(s)='a'", "has no column"),
        ("s>=0.5) --", "compares numbers"),
    ],
)
def test_a_cut_off_that_makes_no_sense_is_refused(write, prediction, says):
    assert says in refusal(write(SCORES), prediction=prediction)


@pytest.mark.parametrize(
    "name", ['g"; DROP TABLE x; --', "g' OR 1=1 --", "count(*)", "{scan}", "$files", 'a"b', "SELECT", "日本", " g "]
)
def test_column_names_are_never_taken_for_sql(write, parquet, name):
    """P7: a hostile column name is a name."""
    quoted = '"' + name.replace('"', '""') + '"'
    files = (write(f"{quoted},y,p\na,1,1\n"), parquet(**{name: ["a"], "y": [1], "p": [1]}))
    for file in files:
        cube = read(file, target="y", prediction="p", sensitive=[name])
        assert counts(cube) == {("a", 1, 1): 1}


def test_values_of_a_cut_off_are_never_taken_for_sql(write):
    cube = read(write(SCORES), target="y", prediction="my score!=Low' OR '1'='1", sensitive=["g"])
    assert all(cell.prediction == 1 for cell in cube.cells)


# ---- bad input


def test_a_missing_column_is_named_with_near_matches(write):
    assert refusal(write("G_roup,y,p\na,1,1\n"), sensitive=["group"]) == (
        'data.csv has no column "group". Did you mean "G_roup"?'
    )


def test_a_missing_column_without_near_matches_lists_the_columns(write):
    assert refusal(write("x,y,p\na,1,1\n"), sensitive=["race"]).endswith('Its columns are "x", "y" and "p".')


def test_case_matters_in_column_names(write):
    assert 'Did you mean "g"?' in refusal(write("g,y,p\na,1,1\n"), sensitive=["G"])


def test_more_than_two_labels_are_named_with_their_rows(write):
    sentence = refusal(write("g,y,p\n" + "a,1,1\n" * 5 + "a,0,1\n" * 3 + "a,2,1\n" * 2))
    assert 'Column "y" of data.csv holds 3 different labels: "1" (5 rows), "0" (3 rows), "2" (2 rows)' in sentence


def test_the_row_of_the_rarest_label_is_named(parquet, write):
    rows = "a,1,1\n" * 5 + "a,0,1\n" * 3
    assert '"2" stands first in row 9 below the header.' in refusal(write("g,y,p\n" + rows + "a,2.0,1\n" + rows))
    assert '"2" stands first in row 2.' in refusal(parquet(g=["a"] * 5, y=[1, 2, 0, 1, 0], p=[1] * 5))


def test_over_several_files_no_row_is_named(write, tmp_path):
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text("g,y,p\na,1,1\na,0,1\na,2,1\n")
    assert "stands first" not in refusal(tmp_path / "*.csv")


def test_labels_without_the_positive_one_are_named(write):
    sentence = refusal(write("g,y,p\na,yes,yes\nb,no,no\n"))
    assert 'never the positive label "1"' in sentence
    assert "--positive" in sentence


def test_target_and_prediction_must_speak_of_the_same_labels(write):
    assert "do not speak of the same two labels" in refusal(write("g,y,p\na,1,1\nb,0,-1\n"))


def test_scores_given_as_labels_are_recognised_before_counting(parquet):
    file = parquet(g=["a"] * 500, y=[1] * 500, p=[place / 500 for place in range(500)])
    assert "predict by a cut-off such as 'p>=0.5'" in refusal(file)


@pytest.mark.parametrize("content", ["", "g,y,p\n", "\n\n"])
def test_an_empty_table_is_refused(write, content):
    assert any(words in refusal(write(content)) for words in ("is empty", "no rows", "empty line"))


@pytest.mark.parametrize("value", ["nan", "NaN", "inf", "-Infinity"])
def test_a_group_that_is_no_number_is_refused(write, value):
    sentence = refusal(write(f"g,y,p\n{value},1,1\nb,1,1\n"))
    assert f'Group column "g" of data.csv holds {value} in 1 row, first in row 1 below the header' in sentence


def test_a_nan_in_a_parquet_group_column_is_refused(parquet):
    assert 'Group column "g" of data.parquet holds nan in 1 row, first in row 2;' in refusal(
        parquet(g=[1.0, math.nan], y=[1, 0], p=[1, 0])
    )


def test_text_that_is_not_utf8_is_named_with_the_remedy(write):
    sentence = refusal(write("g,y,p\nJosé,1,1\nb,0,0\n".encode("latin-1")))
    assert sentence.startswith("data.csv is not UTF-8")
    assert "CSV UTF-8" in sentence


def test_a_header_that_is_not_utf8_is_named_too(write):
    assert "data.csv is not UTF-8 (line 1)" in refusal(write("größe,y,p\na,1,1\n".encode("latin-1")))


def test_a_text_among_numbers_is_named_and_not_taken_for_damage(parquet, write):
    file = write("g,y,s\n" + "a,1,0.5\n" * 10 + "a,1,high\n")
    sentence = refusal(file, prediction="s>=0.5")
    assert 'Column "s" of data.csv holds "high" (the first in 1 row, from row 11 below the header on)' in sentence


def test_a_line_with_too_few_fields_is_named(write):
    assert "line 3: it has 2 fields, the header 3" in refusal(write("g,y,p\na,1,1\nb,1\nc,1,1\n"))


def test_an_open_quote_is_named(write):
    assert "a quote is never closed" in refusal(write('g,y,p\na,1,1\n"b,1,1\n'))


def test_two_columns_of_one_name_are_refused(write):
    assert 'two columns named "g"' in refusal(write("g,g,y,p\na,b,1,1\n"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00.", "pickle"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\x1f\x8brest", "gzip"),
        (b"g,y\0p", "binary"),
        ("g,y,p\na,1,1\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_other_formats_named_csv_are_refused_unopened(write, content, says):
    """P7: a pickle named .csv is never opened."""
    assert says in refusal(write(content))


def test_a_damaged_parquet_file_is_refused(write):
    assert "damaged" in refusal(write(b"PAR1" + b"x" * 100 + b"PAR1", "bad.parquet"))


def test_a_parquet_footer_that_claims_two_gigabytes_is_refused(write):
    assert "damaged" in refusal(
        write(b"PAR1" + b"x" * 100 + (2**31 - 1).to_bytes(4, "little") + b"PAR1", "bad.parquet")
    )


def test_a_footer_that_claims_other_rows_than_there_are_is_refused(parquet):
    file = parquet(g=["a"] * 100, y=[1] * 100, p=[1] * 100)
    # num_rows of the footer, field 3 of its Thrift structure: 100 becomes 101.
    head, footer = file.read_bytes().split(b"schema", 1)
    file.write_bytes(head + b"schema" + footer.replace(b"\x16\xc8\x01", b"\x16\xca\x01", 1))
    assert "claims 101 rows and holds 100" in refusal(file)


def test_a_cut_parquet_file_is_refused(parquet):
    file = parquet(g=["a"] * 100, y=[1] * 100, p=[1] * 100)
    file.write_bytes(file.read_bytes()[:200])
    assert "damaged" in refusal(file)


def test_a_column_of_lists_is_refused(parquet):
    assert 'Column "g"' in refusal(parquet(g=[["a"], ["b"]], y=[1, 0], p=[1, 0]))


def test_files_of_two_formats_are_refused(write, parquet):
    files = [write("g,y,p\na,1,1\n"), parquet(g=["a"], y=[1], p=[1])]
    assert "mix CSV and Parquet" in refusal(files)


def test_files_with_other_columns_are_refused(write):
    files = [write("g,y,p\na,1,1\n", "one.csv"), write("y,g,p\n1,a,1\n", "two.csv")]
    assert "two.csv differs from one.csv: it " in refusal(files)


def test_a_file_that_does_not_exist_is_named(tmp_path):
    assert "does not exist" in refusal(tmp_path / "none*.csv")
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("weights", "kind", "says"),
    [
        (["1", ""], None, "empty or no finite number in 1 rows"),
        (["1", "x"], None, "empty or no finite number in 1 rows"),
        (["1", "inf"], None, "empty or no finite number in 1 rows"),
        (["1", "-2"], None, "negative in 1 rows"),
        (["1", "1.5"], "frequency", "no whole number in 1 rows"),
    ],
)
def test_weights_that_weigh_nothing_sensible_are_refused(write, weights, kind, says):
    file = write("g,y,p,w\n" + "".join(f"a,1,1,{weight}\n" for weight in weights))
    assert says in refusal(file, weight="w", weight_kind=kind)


def test_rows_without_a_cluster_are_refused(write):
    assert 'Cluster column "c"' in refusal(write("g,y,p,c\na,1,1,\na,1,1,7\n"), cluster="c")


def test_no_group_column_is_refused(write):
    assert "at least one sensitive column" in refusal(write("g,y,p\na,1,1\n"), sensitive=[])


def test_a_column_in_two_roles_is_refused(write):
    file = write("g,y,p\na,1,1\n")
    assert "named twice" in refusal(file, control=["g"])
    assert "cannot be a group column and target" in refusal(file, sensitive=["y"])


# ---- caps of uploads


def test_an_upload_with_too_many_columns_is_refused_by_its_header(write):
    with pytest.raises(InputError, match="4 columns, more than 3"):
        read(write("g,y,p,x\na,1,1,1\n"), **COLUMNS, limits=Limits(columns=3))


def test_a_footer_that_claims_too_many_rows_is_refused_before_rows_are_read(parquet):
    """P7: the size of a file says nothing about its rows."""
    file = parquet(g=["a"] * 1000, y=[1] * 1000, p=[1] * 1000)
    with (
        pytest.raises(InputError, match="1,000 rows of 3 columns, more than the 999"),
        opened(file, limits=Limits(rows=999)),
    ):
        pytest.fail("the file was opened")


def test_a_csv_with_too_many_cells_is_refused(write):
    file = write("g,y,p\n" + "a,1,1\n" * 101)
    with pytest.raises(InputError, match="more than the 100"):
        read(file, **COLUMNS, limits=Limits(cells=300))


def test_local_files_have_no_caps(write):
    assert read(write("g,y,p\n" + "a,1,1\n" * 101), **COLUMNS).rows == 101
    assert Limits(5_000_000, 2_000, 100_000_000) == UPLOAD_LIMITS


# ---- walls


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{other}')",
        "SELECT * FROM read_text('{other}')",
        "SELECT * FROM read_csv('{folder}/sub/../other.csv')",
        "SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '{folder}/new.csv'",
        "ATTACH '{folder}/new.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_paths = ['{other}']",
        "RESET lock_configuration",
        "SELECT * FROM 'https://example.org/a.parquet'",
    ],
)
def test_the_reading_connection_reaches_the_named_files_only(write, tmp_path, statement):
    """P7: whatever gets into a statement reaches no other file, no network and no setting."""
    file, other = write("g,y,p\na,1,1\n"), write("secret\n1\n", "other.csv")
    with opened(file) as source, pytest.raises(duckdb.Error):
        source.connection.execute(statement.format(other=other, folder=tmp_path)).fetchall()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv", "other.csv"]


# ---- digests and columns


def test_the_digest_is_that_of_the_bytes(write):
    """P6."""
    assert digest_of(write("abc")) == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_digest_of_several_files_does_not_depend_on_their_order(write):
    """P6."""
    one, two = write("g\n1\n", "one.csv"), write("g\n2\n", "two.csv")
    assert digest_of([one, two]) == digest_of([two, one]) != digest_of(one)


def test_columns_are_described_for_the_mapping_page(write):
    columns = columns_of(write("id,g,y,s,t\n1,a,1,0.25,true\n2,b,0,,false\n3,b,1,0.5,true\n"))
    assert [(column.name, column.type, column.distinct, column.nulls, column.rows) for column in columns] == [
        ("id", "number", 3, 0, 3),
        ("g", "text", 2, 0, 3),
        ("y", "number", 2, 0, 3),
        ("s", "number", 2, 1, 3),
        ("t", "truth", 2, 0, 3),
    ]
    assert columns[1].values == ("b", "a")


def test_columns_of_parquet_have_their_own_types(parquet):
    columns = columns_of(parquet(n=[1, 2], d=[date(2026, 1, 1), None], b=[True, False], l=[[1], [2]]))
    assert [column.type for column in columns] == ["number", "date", "truth", "other"]


def test_columns_of_a_hostile_table_are_refused_like_its_rows(write):
    with pytest.raises(InputError, match="pickle"):
        columns_of(write(b"\x80\x04rest"), limits=UPLOAD_LIMITS)


def test_long_values_are_cut_for_the_page(write):
    (column,) = columns_of(write("g\n" + "x" * 500 + "\n"))
    assert column.values == ("x" * 80,)
