"""A DuckDB that was started ahead of its table is closed off as one that was not, and gives the same counts."""

import os

import duckdb
import pytest

from rai.engine import connections
from rai.engine.counts import read


@pytest.fixture
def table(tmp_path):
    """A small table."""
    path = tmp_path / "data.csv"
    path.write_text("g,y,p\na,1,1\nb,0,1\n")
    return path


def test_an_instance_started_ahead_opens_the_named_file_and_no_other(table, tmp_path):
    """P7: whatever stands in a statement, another file stays closed."""
    other = tmp_path / "other.csv"
    other.write_text("g\na\n")
    connections.start(threads=1)
    with connections.hardened([str(table)], threads=1, memory="512MB") as connection:
        assert connection.execute(f"SELECT count(*) FROM read_csv('{table}')").fetchall() == [(2,)]
        with pytest.raises(duckdb.PermissionException):
            connection.execute(f"SELECT count(*) FROM read_csv('{other}')")
        with pytest.raises(duckdb.Error, match="locked"):
            connection.execute("SET threads = 2")


def test_each_table_has_an_instance_of_its_own(table):
    connections.start(threads=1)
    with connections.hardened([str(table)], threads=1, memory="512MB") as first:
        first.execute("CREATE TABLE kept AS SELECT 1")
    connections.start(threads=1)
    with (
        connections.hardened([str(table)], threads=1, memory="512MB") as second,
        pytest.raises(duckdb.CatalogException),
    ):
        second.execute("SELECT * FROM kept")


def test_counts_are_the_same_with_an_instance_started_ahead(table):
    columns = {"target": "y", "prediction": "p", "sensitive": ["g"], "threads": 2}
    cold = read(table, **columns)
    connections.start(threads=2)
    assert read(table, **columns) == cold


def test_a_forked_process_does_not_wait_for_the_instance_of_its_parent(table, monkeypatch):
    started = connections.start(threads=1).result()
    parent = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: parent + 1)
    with connections.hardened([str(table)], threads=1, memory="512MB") as connection:
        assert connection is not started


def test_no_bar_of_progress_is_drawn_on_standard_output():
    """Outcomes go there: DuckDB draws one as soon as a statement takes two seconds."""
    connection = connections.blank(1)
    assert connection.execute("SELECT current_setting('enable_progress_bar')").fetchall() == [(False,)]
