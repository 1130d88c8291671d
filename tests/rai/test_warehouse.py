"""The same cube from a file, DuckDB, PostgreSQL and Spark: counted where the rows lie, and refused there in the same words."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings

from config import extras
from config.places import ROOT
from rai.checks.contract import InputError
from rai.engine.counts import read
from rai.measuring import warehouses
from tests.rai.warehouse_engines import md5

# Not manage.py, which would go on in the product's own environment.
COMMAND = "import sys; from django.core.management import execute_from_command_line as run; run(sys.argv)"
SCRIPT = Path(__file__).parent / "warehouse_engines.py"
PLAIN = {"target": "y", "prediction": "word", "sensitive": ["race"]}
ASKED = [
    PLAIN,
    {**PLAIN, "sensitive": ["age", "person"], "control": ["day"], "prediction": "score>=0.7"},
    {**PLAIN, "sensitive": ["day"], "prediction": "grade!=Low"},
    {**PLAIN, "target": "person", "positive": "true", "prediction": "person=true"},
    {**PLAIN, "sensitive": ["race", "age"], "prediction": "day>=2026-01-01"},
]
REFUSED = [
    ({**PLAIN, "sensitive": ["rate"]}, 'Column "rate" of scored_rows is of type float64'),
    ({**PLAIN, "prediction": "number"}, 'Column "number" of scored_rows holds many different values'),
    ({**PLAIN, "sensitive": ["rcae"]}, 'scored_rows has no column "rcae". Did you mean'),
    ({**PLAIN, "sensitive": ["age>=30"]}, 'scored_rows has no column "age>=30". Did you mean "age"?'),
    ({**PLAIN, "prediction": "grade"}, 'Column "grade" of scored_rows holds'),
]


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter of the extra's environment, which only a full run makes: with Spark it takes 800 MB."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which this machine does not have")
    found = extras.python_of(extras.WAREHOUSE)
    if found is not None:
        return found
    if os.environ.get("ATTESTRY_FULL") != "1":
        pytest.skip("the extra `warehouse` is not installed here: `manage.py test --full` makes an environment of it")
    try:
        return extras.make(extras.WAREHOUSE)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"the environment of the extra `warehouse` cannot be made: {error.stderr.strip().splitlines()[-1]}")


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    """Rows of every type that serves, with every way to say nothing."""
    generator = np.random.Generator(np.random.PCG64(1))
    rows = 5_000

    def drawn(*values, kind=None):
        return pa.array([values[place] for place in generator.integers(len(values), size=rows)], kind)

    path = tmp_path_factory.mktemp("warehouse") / "scored_rows.parquet"
    columns = {
        "race": drawn("A", "B", " ", "", None, "日本", 'a "b"'), "age": drawn(1, 2, 30, None, kind=pa.int32()),
        "person": drawn(True, False, None), "day": drawn(date(2026, 1, 31), date(2025, 12, 1), None),
        "score": drawn(0.1, 0.7, 0.9, float("nan"), None, kind=pa.float32()), "rate": drawn(0.1, 2.5),
        "y": drawn(0, 1, 1, None), "word": drawn("1", "1.0", "0", "NaN", "", "NA", None),
        "grade": drawn("Low", "High", "Higher", None, "", " nan"), "number": pa.array(range(rows)),
    }  # fmt: skip
    pq.write_table(pa.table(columns), path)
    return path


def found_by(python: Path, engines: list[str], file: Path) -> dict:
    """What the engines say to all that is asked."""
    database = settings.DATABASES["default"]
    postgres = {"host": database.get("HOST"), "user": database.get("USER"), "database": "postgres"}
    order = {"file": str(file), "folder": str(file.parent), "engines": engines, "postgres": postgres}
    order["asked"] = [*ASKED, *(columns for columns, _says in REFUSED)]
    run = subprocess.run([python, SCRIPT], input=json.dumps(order), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout)


@pytest.mark.real
@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_file_duckdb_postgresql_and_spark_give_one_cube(python, file):
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        pytest.skip("PostgreSQL runs in the lane with real servers only")
    found = found_by(python, ["duckdb", "postgres", "spark"], file)
    expected = [md5(read(file, **columns)) for columns in ASKED]
    assert len(set(expected)) == len(ASKED)
    for engine in ("duckdb", "postgres", "spark"):
        assert found[engine][: len(ASKED)] == expected, engine
    for engine in ("duckdb", "postgres", "spark"):
        for sentence, (_columns, says) in zip(found[engine][len(ASKED) :], REFUSED, strict=True):
            assert sentence.startswith(says), engine


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes the operator's file of connections."""

    def write(text):
        path = tmp_path / "warehouses.toml"
        path.write_text(text)
        monkeypatch.setattr(settings, "WAREHOUSES", str(path))

    return write


def refusal(**named) -> str:
    """The sentence with which a connection or table is refused."""
    with pytest.raises(InputError) as caught:
        warehouses.found(**named)
    return str(caught.value)


def test_without_the_operators_file_no_connection_is_made(monkeypatch):
    monkeypatch.setattr(settings, "WAREHOUSES", "")
    assert "ATTESTRY_WAREHOUSES" in refusal(name="risk", table="scored")


@pytest.mark.parametrize("name", ["other", "postgres://elsewhere/db", "../risk", ""])
def test_a_connection_that_the_operator_did_not_write_down_is_refused(written, name):
    """P7: an address that somebody types is never called."""
    written('[risk]\nbackend = "postgres"\ntables = ["scored"]\n')
    assert f'There is no connection "{name}"' in refusal(name=name, table="scored")


def test_a_table_that_the_operator_did_not_write_down_is_refused(written):
    written('[risk]\nbackend = "postgres"\ntables = ["scored"]\n')
    assert 'does not open the table "people"; it opens: scored' in refusal(name="risk", table="people")


@pytest.mark.parametrize("text", ["[risk", "[risk]\nbackend = 1\n", "risk = 1\n", '[risk]\nbackend = "postgres"\n'])
def test_a_damaged_file_of_connections_is_named(written, text):
    written(text)
    assert "warehouses.toml" in refusal(name="risk", table="scored")


def test_measure_takes_a_connection_for_group_fairness_only(tmp_path, capsys):
    code, said = measure("performance", "--target", "y", "--prediction", "p", "--connection", "risk", "--table", "t")
    assert code == 3
    assert "group_fairness" in said


def test_measure_needs_data_or_a_connection():
    code, said = measure("group_fairness", "--target", "y", "--prediction", "p", "--sensitive", "g")
    assert (code, "needs --data" in said) == (3, True)


@pytest.mark.real
@pytest.mark.long
def test_measure_judges_a_table_of_postgresql_as_it_judges_the_file(python, file, tmp_path):
    """The command in the extra's environment with the product's packages behind it."""
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        pytest.skip("PostgreSQL runs in the lane with real servers only")
    found_by(python, ["postgres"], file)
    database = settings.DATABASES["default"]
    (tmp_path / "warehouses.toml").write_text(
        '[risk]\nbackend = "postgres"\ntables = ["scored_rows"]\n[risk.options]\n'
        f'host = "{database["HOST"]}"\nuser = "{database["USER"]}"\ndatabase = "postgres"\n'
    )
    columns = ["--target", "y", "--prediction", "score>=0.7", "--sensitive", "race"]
    table = ["--connection", "risk", "--table", "scored_rows"]
    outcomes = []
    for what in (["--data", str(file)], table):
        run = subprocess.run(
            [python, "-c", COMMAND, "measure", "group_fairness", *what, *columns, "--json", "-"],
            capture_output=True, text=True, check=False, cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": f"{ROOT}:{product_packages()}",
                 "ATTESTRY_WAREHOUSES": str(tmp_path / "warehouses.toml")},
        )  # fmt: skip
        assert run.returncode == 0, run.stderr[-2000:]
        outcomes.append(json.loads(run.stdout))
    of_file, of_table = outcomes
    assert {name: of_file[name] for name in ("rows", "dropped", "groups")} == {
        name: of_table[name] for name in ("rows", "dropped", "groups")
    }
    assert of_table["inputs"]["parameters"]["table"] == "scored_rows"
    assert of_table["inputs"]["data"].startswith("sha256:")


def product_packages() -> str:
    """Where the packages of this process are."""
    return next(path for path in sys.path if path.endswith("site-packages"))


def measure(*arguments: str) -> tuple[int, str]:
    """Exit code and what the command says to people."""
    command = [sys.executable, ROOT / "manage.py", "measure", *arguments, "--json", "-"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return run.returncode, run.stderr
