"""Tables that are odd and not damaged: mixed types, moments in time zones, very many groups, patterns that match nothing."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.places import ROOT
from rai.checks.contract import InputError
from rai.engine.counts import read

COLUMNS = {"target": "y", "prediction": "p", "sensitive": ["g"]}
MOMENTS = [datetime(2026, 1, 31, 23, 30, tzinfo=UTC), datetime(2026, 2, 1, 3, tzinfo=UTC)]
PRINTS_CELLS = """
import sys
from rai.engine.counts import read
cube = read(sys.argv[1], target="y", prediction=sys.argv[2], sensitive=["g", "naive"])
print([(cell.values, cell.prediction) for cell in cube.cells])
"""


def refusal(files, **more) -> str:
    """The sentence with which reading is refused."""
    with pytest.raises(InputError) as caught:
        read(files, **{**COLUMNS, **more})
    return str(caught.value)


@pytest.fixture
def moments(tmp_path):
    """Two moments, as New York and as no place writes them."""
    path = tmp_path / "moments.parquet"
    there = pa.array(MOMENTS, pa.timestamp("us", tz="America/New_York"))
    naive = pa.array([moment.replace(tzinfo=None) for moment in MOMENTS], pa.timestamp("us"))
    pq.write_table(pa.table({"g": there, "naive": naive, "y": [1, 0], "p": [1, 0]}), path)
    return path


@pytest.mark.parametrize("prediction", ["p", "g>=2026-02-01", "naive>=2026-02-01"])
def test_moments_are_the_same_groups_in_every_time_zone_of_the_reader(moments, prediction):
    """P6: a moment is written in UTC, wherever the process that reads it stands."""
    said = set()
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        run = subprocess.run(
            [sys.executable, "-c", PRINTS_CELLS, moments, prediction], capture_output=True, text=True, check=True,
            cwd=ROOT, env={**os.environ, "TZ": zone},
        )  # fmt: skip
        said.add(run.stdout)
    assert len(said) == 1
    assert "2026-01-31 23:30:00+00" in said.pop()


def test_a_cut_at_a_moment_is_a_cut_in_utc(moments):
    cube = read(moments, target="y", prediction="g>=2026-02-01", sensitive=["naive"])
    assert [cell.prediction for cell in cube.cells] == [0, 1]


def test_a_cut_at_what_is_no_moment_says_how_one_is_written(moments):
    assert "write it as 2026-12-31" in refusal(moments, prediction="g>=soon", sensitive=["naive"])


def test_numbers_and_words_for_one_label_are_named_with_their_rows(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_text("g,y,p\na,1,1\na,0,0\nb,yes,1\nb,1.0,0\n")
    sentence = refusal(path)
    assert 'holds 3 different labels: "1" (2 rows), "0" (1 row), "yes" (1 row)' in sentence
    assert "stands first in row" in sentence


def test_numbers_words_and_dates_in_one_column_are_groups_as_they_stand(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_text("g,y,p\n1,1,1\n1.0,0,0\none,1,1\n2026-01-31,1,1\ntrue,0,0\n")
    groups = [group for (group,) in read(path, **COLUMNS).table(("g",)).groups]
    assert groups == ["1", "1.0", "2026-01-31", "one", "true"]


def test_a_column_of_other_type_in_one_of_several_files_is_named(tmp_path):
    for name, values in (("one", [1, 0]), ("two", ["1", "0"])):
        pq.write_table(pa.table({"g": ["a", "b"], "y": values, "p": [1, 0]}), tmp_path / f"{name}.parquet")
    assert "two.parquet differs from one.parquet: it " in refusal(tmp_path / "*.parquet")


@pytest.mark.parametrize("pattern", ["none*.csv", "*.parquet", "part-[0-9].csv", "nowhere/*.csv"])
def test_a_pattern_that_matches_nothing_says_so(tmp_path, pattern):
    sentence = refusal(tmp_path / pattern)
    assert pattern in sentence
    assert "no file matches it" in sentence


def test_ten_thousand_groups_are_counted_and_one_more_is_refused(tmp_path):
    path = tmp_path / "many.csv"
    for groups in (10_000, 10_001):
        path.write_text("g,y,p\n" + "".join(f"{n % groups},{n % 2},{n % 3 % 2}\n" for n in range(2 * groups)))
        cube = read(path, **COLUMNS)
        if groups == 10_000:
            assert len(cube.table(("g",))) == groups
        else:
            with pytest.raises(InputError, match=r"make 10,001 groups, more than 10,000\. Put values into fewer bands"):
                cube.table(("g",))
