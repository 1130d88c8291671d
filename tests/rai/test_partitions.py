"""Counts of partitions add up to the cube of the whole table, whatever the parts hold."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai.checks.contract import InputError
from rai.engine.counts import read
from rai.engine.partitions import Part, read_part, spans, summed

COLUMNS = {"target": "y", "prediction": "p", "sensitive": ["g", "h"], "positive": "yes"}


@pytest.fixture
def table(tmp_path):
    """A Parquet file of five row groups, whose first ones lack a label and a spelling that the last has."""
    generator = np.random.Generator(np.random.PCG64(3))
    rows = 5_000

    def drawn(values):
        return [values[place] for place in generator.integers(len(values), size=rows)]

    late = ["no"] * 2_000 + drawn(["yes", "no", None, "", " yes"])[2_000:]
    columns = {"y": late, "p": drawn(["yes", "no", "NA"]), "g": drawn(["a", "b", None, " "]), "h": drawn([1, 2, None])}
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({**columns, "s": generator.random(rows)}), path, row_group_size=1_000)
    return path


@pytest.mark.parametrize("most", [500, 999, 1_000, 1_700, 5_000])
@pytest.mark.parametrize("prediction", ["p", "s>=0.5"])
def test_spans_of_a_file_add_up_to_its_cube(table, most, prediction):
    columns = {**COLUMNS, "prediction": prediction}
    parts = [read_part(table, **columns, span=span) for span in spans(5_000, most)]
    assert summed(parts, label="data.parquet", **columns) == read(table, **columns)


def test_files_of_a_folder_add_up_to_the_cube_of_the_glob(table, tmp_path):
    whole = pq.read_table(table)
    for place in range(4):
        pq.write_table(whole.slice(place * 1_250, 1_250), tmp_path / f"part-{place}.parquet")
    parts = [read_part(path, **COLUMNS) for path in sorted(tmp_path.glob("part-*.parquet"))]
    assert summed(parts, label="parts", **COLUMNS) == read(tmp_path / "part-*.parquet", **COLUMNS)


def test_a_part_travels_as_json(table):
    part = read_part(table, **COLUMNS, span=(0, 1_500))
    assert Part.from_json(part.to_json(), width=2) == part
    for damaged in ({}, {"rows": [["a", 1]], "is_cut": False}, {"rows": [["a", "b", "c", "d", -1]], "is_cut": True}):
        with pytest.raises(InputError, match="not those of a part"):
            Part.from_json(damaged, width=2)


@pytest.mark.parametrize(("rows", "most"), [(0, 10), (1, 10), (10, 10), (11, 10), (5_000_000, 2_000_000), (7, 2)])
def test_spans_cover_every_row_once_and_none_is_too_long(rows, most):
    found = spans(rows, most)
    assert [row for first, end in found for row in range(first, end)] == list(range(rows)) if rows < 100 else True
    assert found[0][0] == 0
    assert found[-1][1] == rows
    assert all(end - first <= most for first, end in found)
    assert all(one[1] == other[0] for one, other in pairwise(found))


def test_a_third_label_is_found_in_the_sum_though_no_part_has_three(tmp_path):
    for name, label in (("one", "maybe"), ("two", "yes")):
        (tmp_path / f"{name}.csv").write_text(f"g,h,y,p\na,1,{label},yes\na,1,no,no\n")
    parts = [read_part(tmp_path / f"{name}.csv", **COLUMNS) for name in ("one", "two")]
    with pytest.raises(InputError, match="holds 3 different labels"):
        summed(parts, label="parts", **COLUMNS)


def test_rows_of_a_csv_are_not_numbered(tmp_path):
    (tmp_path / "data.csv").write_text("g,h,y,p\na,1,yes,yes\n")
    with pytest.raises(InputError, match="cannot be read in parts"):
        read_part(tmp_path / "data.csv", **COLUMNS, span=(0, 1))
