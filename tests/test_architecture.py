"""The house holds its own rules, and breaking one of them turns the lint red."""

import ast
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from config import lint
from config.places import ROOT

HEAVY = {"shap", "fairlearn", "altair", "duckdb", "weasyprint", "pandas", "sklearn", "lightgbm", "xgboost", "pyarrow"}
NO_HOME = {"utils", "util", "helpers", "helper", "common", "signals", "managers", "misc"}
LONGEST_FUNCTION, LONGEST_FILE, MEDIAN_FUNCTION = 50, 400, 8


def own_files() -> list[Path]:
    """The product's Python files, without migrations."""
    return [path for path in lint.sources(ROOT) if "migrations" not in path.parts]


def functions() -> list[tuple[str, int]]:
    """Every function of the product as `file:line name`, with its length in lines."""
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1)
        for path in own_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory) -> Path:
    """The packages' Python files and the contracts, in a folder where violations can be planted."""
    folder = tmp_path_factory.mktemp("skeleton")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for app in lint.APPS:
        shutil.copytree(ROOT / app, folder / app, ignore=only_python)
    return folder


def only_python(folder: str, names: list[str]) -> list[str]:
    """What copytree is to leave out."""
    return [n for n in names if n == "__pycache__" or not (n.endswith(".py") or (Path(folder) / n).is_dir())]


PLANTS = [
    ("registry/planted.py", "import rai", "Imports point down"),
    ("registry/planted.py", "from config import celery", "Imports point down"),
    ("risk/planted.py", "def lazily():\n    from rai import models", "Imports point down"),
    ("rai/planted.py", "import risk", "Imports point down"),
    ("rai/planted.py", "from reports import models", "Imports point down"),
    ("reports/planted.py", "def lazily():\n    import shap", "Only checks, engine and sandbox know"),
    ("rai/planted.py", "import duckdb", "Only checks, engine and sandbox know"),
    ("rai/engine/planted.py", "import lightgbm", "Only the sandbox knows the model formats"),
    ("rai/planted.py", "import skops.io", "Only the sandbox knows the model formats"),
    ("reports/planted.py", "import altair", "rai.charts alone"),
    ("rai/planted.py", "import pygraphviz", "registry.lineage_graph alone"),
    ("rai/checks/planted.py", "from django.conf import settings", "Checks are pure"),
    ("rai/checks/planted.py", "from registry.models import Evidence", "Checks are pure"),
    ("rai/checks/planted.py", "from rai import models", "Checks are pure"),
    ("rai/planted.py", "import weasyprint", "reports.pdf alone"),
    ("reports/building.py", "import weasyprint", "reports.pdf alone"),
]


def test_the_packages_keep_the_import_contracts(skeleton):
    code, output = lint.imports(skeleton)
    assert code == 0, output


@pytest.mark.parametrize(("place", "line", "contract"), PLANTS)
def test_a_planted_import_turns_the_lint_red(skeleton, place, line, contract):
    file = skeleton / place
    before = file.read_text() if file.exists() else None
    file.write_text((before or "") + "\n" + line + "\n")
    try:
        code, output = lint.imports(skeleton)
    finally:
        file.write_text(before) if before is not None else file.unlink()
    broken = [line for line in output.splitlines() if " BROKEN" in line]
    assert code != 0
    assert any(contract in line for line in broken), output


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from joblib import load",
        "import cloudpickle",
        "import dill",
        "import torch",
        "import numpy; numpy.load('f', allow_pickle=True)",
        "import numpy; numpy.load('f', allow_pickle=chosen)",
        "import pandas; pandas.read_pickle('f')",
        "eval('1')",
        "exec('1')",
    ],
)
def test_planted_code_that_runs_stored_objects_turns_the_lint_red(tmp_path, line):
    for folder in ("rai", "tests", "bench"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "planted.py").write_text(f"def lazily(chosen):\n    {line}\n")
    code, output = lint.bans(tmp_path)
    assert code != 0
    assert output.count("planted.py:2") == 3


@pytest.mark.parametrize(
    ("source", "is_clean"),
    [
        ("<p>Bare words</p>", False),
        ('<img alt="Bare words">', False),
        ("<h1{% if x %} class='a'{% endif %}>Bare words</h1>", False),
        ("<p>{% trans 'Marked words' %}</p>", True),
        ("<p>{% blocktrans %}Marked words{% endblocktrans %}</p>", True),
        ('<img alt="{% trans "Marked words" %}" class="{% if x %}some names{% endif %}">', True),
        ('<button lang="zh-hans">简体中文</button><code>manage.py gate</code> {{ value }} SHA-256', True),
    ],
)
def test_text_without_a_translation_mark_turns_the_lint_red(tmp_path, source, is_clean):
    folder = tmp_path / "rai" / "templates"
    folder.mkdir(parents=True)
    (folder / "planted.html").write_text(source)
    code, _ = lint.translations(tmp_path)
    assert (code == 0) == is_clean


def test_no_code_of_ours_runs_stored_objects():
    code, output = lint.bans()
    assert code == 0, output


def test_no_function_is_longer_than_fifty_lines():
    assert [f"{name} ({length})" for name, length in functions() if length > LONGEST_FUNCTION] == []


def test_the_median_function_has_eight_lines_at_most():
    assert statistics.median(length for _, length in functions()) <= MEDIAN_FUNCTION


def test_no_file_is_longer_than_four_hundred_lines():
    sizes = [(path, len(path.read_text().splitlines())) for path in own_files()]
    assert [f"{path.relative_to(ROOT)} ({size})" for path, size in sizes if size > LONGEST_FILE] == []


def test_every_file_has_a_name_that_says_what_it_holds():
    assert [str(path.relative_to(ROOT)) for path in own_files() if NO_HOME & {path.stem, *path.parent.parts}] == []


def test_every_module_says_in_its_first_sentence_what_belongs_in_it():
    silent = [
        path for path in own_files() if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert [str(path.relative_to(ROOT)) for path in silent] == []


def test_no_error_is_swallowed_without_a_word():
    swallowed = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in own_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and is_broad(node)
        and all(isinstance(step, ast.Pass) for step in node.body)
    ]
    assert swallowed == []


def is_broad(handler: ast.ExceptHandler) -> bool:
    """It catches whatever comes."""
    return handler.type is None or getattr(handler.type, "id", "") in {"Exception", "BaseException"}


def test_no_template_has_inline_script_or_style():
    inline = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=[\"']|javascript:", re.IGNORECASE)
    # A PDF is no page: its style sheet is its own, and nothing in it is fetched or run.
    pages = [
        path for app in lint.APPS for path in (ROOT / app).glob("templates/**/*.html") if "documents" not in path.parts
    ]
    assert pages
    assert [
        f"{page.relative_to(ROOT)}: {found[0]}" for page in pages if (found := inline.search(page.read_text()))
    ] == []


def test_the_web_process_starts_without_the_heavy_libraries(tmp_path):
    code = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'\n"
        "import config.wsgi, config.urls\n"
        "print(' '.join(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    env = {**lint.private_env(), "ATTESTRY_DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert HEAVY & set(done.stdout.split()) == set()
