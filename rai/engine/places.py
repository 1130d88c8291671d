"""Where in a table a value stands, looked up only when it is about to be refused, and how rows are counted in words."""

from dataclasses import replace

from rai.checks.saying import Said
from rai.engine.connections import hardened
from rai.engine.sources import Source

MEMORY = "512MB"


def place_of(source: Source, name: str, value: str) -> Said | str:
    """The first row with this text in a column, for a sentence; empty for several files, whose rows have no one order.

    A second reading by one thread, so that rows come in the order of the file. A CSV's header is not counted.
    """
    if len(source.files) > 1:
        return ""
    column = source.column(name)
    numbered = f"SELECT row_number() OVER () AS row, CAST({column} AS VARCHAR) AS value FROM {{scan}}"
    with hardened(source.files, threads=1, memory=MEMORY) as connection:
        ordered = replace(source, connection=connection)
        # Not WHERE: DuckDB leaves out the rows of a Parquet group whose statistics do not count NaN.
        ((row,),) = ordered.rows(f"SELECT min(row) FILTER (value = $value) FROM ({numbered})", value=value)
    return row_name(source, row) if row else ""


def row_name(source: Source, row: int) -> Said:
    """A row as people find it: an editor shows the header of a CSV as line 1."""
    number = f"{row:,}"
    return (
        Said("row {number} below the header", number=number)
        if source.kind == "csv"
        else Said("row {number}", number=number)
    )


def rows_of(number: int) -> Said:
    """So many rows."""
    return Said("1 row") if number == 1 else Said("{number} rows", number=f"{number:,}")
