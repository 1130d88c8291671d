"""Run in the environment of the extra: loads one Parquet file into each engine and prints the md5 of every cube counted there."""

import contextlib
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

TABLE = "scored_rows"
TYPES = {
    "age": "integer",
    "person": "boolean",
    "day": "date",
    "score": "real",
    "rate": "double precision",
    "y": "bigint",
}


def in_duckdb(order: dict[str, Any]) -> Any:
    """A database in memory."""
    from rai.engine import warehouse

    connection = warehouse.connect("duckdb", {})
    connection.con.execute(f"CREATE TABLE \"{TABLE}\" AS SELECT * FROM read_parquet('{order['file']}')")
    return connection


def in_postgres(order: dict[str, Any]) -> Any:
    """A table of the server that runs for these tests, filled by COPY."""
    import psycopg
    import pyarrow.parquet as pq

    from rai.engine import warehouse

    table = pq.read_table(order["file"])
    fields = ", ".join(f'"{name}" {TYPES.get(name, "text")}' for name in table.column_names)
    place = order["postgres"]
    with psycopg.connect(host=place["host"], user=place["user"], dbname=place["database"]) as connection:
        connection.execute(f'DROP TABLE IF EXISTS "{TABLE}"')
        connection.execute(f'CREATE TABLE "{TABLE}" ({fields})')
        with connection.cursor().copy(f'COPY "{TABLE}" FROM STDIN') as copy:
            for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                copy.write_row(row)
    return warehouse.connect("postgres", place)


def in_spark(order: dict[str, Any]) -> Any:
    """Spark in this process's own Java, with the file as a view."""
    from rai.engine import warehouse

    options = {"spark.master": "local[2]", "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4"}
    options |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    options |= {"spark.sql.warehouse.dir": f"{order['folder']}/spark", "spark.local.dir": order["folder"]}
    connection = warehouse.connect("pyspark", options)
    connection._session.read.parquet(order["file"]).createOrReplaceTempView(TABLE)
    return connection


def md5(cube: Any) -> str:
    """Of the cube's canonical JSON."""
    import rfc8785

    value = {key: value for key, value in cube.to_json().items() if key != "timings"}
    return hashlib.md5(rfc8785.dumps(json.loads(json.dumps(value)))).hexdigest()


def counted(connection: Any, order: dict[str, Any]) -> list[str]:
    """The md5 of each cube asked for, or the sentence with which it is refused."""
    from rai.checks.contract import InputError
    from rai.engine import warehouse

    found = []
    for columns in order["asked"]:
        try:
            found.append(md5(warehouse.count(connection, TABLE, **columns)))
        except InputError as error:
            found.append(str(error))
    return found


def main() -> None:
    """One JSON object: engine → the list of what was found, and `seconds` by engine."""
    order = json.load(sys.stdin)
    engines = {"duckdb": in_duckdb, "postgres": in_postgres, "spark": in_spark}
    found: dict[str, Any] = {"seconds": {}}
    for name in order["engines"]:
        started = time.perf_counter()
        # Spark says on standard output what it thinks of its host.
        with contextlib.redirect_stdout(sys.stderr):
            found[name] = counted(engines[name](order), order)
        found["seconds"][name] = time.perf_counter() - started
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
