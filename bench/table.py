"""Maintainer script: runs the measurements named below and writes docs/benchmarks.md from the figures they return."""

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
PACKAGES = (
    "duckdb",
    "pyarrow",
    "numpy",
    "scipy",
    "fairlearn",
    "scikit-learn",
    "pandas",
    "lightgbm",
    "xgboost-cpu",
    "numba",
)
HEAD = """# Benchmarks

Written by `python3 manage.py bench table`; do not edit by hand. Each table is one run on one machine, with both sides
in turn in the same process (aequitas in one of its own) and the page cache warm. Ratios can be compared between
machines, seconds cannot.
"""


@dataclass(frozen=True)
class Shown:
    """A measurement, how large it is run for the table, and what it should reach."""

    script: str
    title: str
    goal: str
    options: Mapping[str, Any] = field(default_factory=dict)


TABLES = (
    Shown(
        "fairness_scan", "Counting for group fairness against a bare pyarrow scan of the same columns, 10 million rows",
        "ratio at most 1.5", {"rows": 10_000_000, "rounds": 5},
    ),
    Shown(
        "fairness_scan", "The same, 100 million rows", "ratio at most 1.25 and a peak of at most 250 MB",
        {"rows": 100_000_000, "rounds": 3},
    ),
    Shown(
        "fairness_peers", "Group fairness against fairlearn's MetricFrame, 100,000 rows from Parquet",
        "ratio at least 400", {"rows": 100_000, "rounds": 5},
    ),
    Shown(
        "fairness_peers", "Group fairness against fairlearn's MetricFrame, 1 million rows from Parquet",
        "ratio at least 600", {"rows": 1_000_000, "rounds": 1},
    ),
    Shown("aequitas_groups", "Group metrics of one attribute against aequitas in memory", "ratio at least 5"),
    Shown("areas", "Exact areas under the ROC curve against scikit-learn, 1 million rows", "ratio at least 5"),
    Shown(
        "inventory", "Lists, filters, search and impact among 100,000 models, 400,000 versions, 1,000,000 links; milliseconds",
        "pages at most 5 in the database and 200 whole (p95), search at most 50, impact at most 300", {"rows": 100_000},
    ),
    Shown("drift_distances", "Kolmogorov–Smirnov and Wasserstein distances against scipy", "ratio at least 6"),
    Shown(
        "tree_shap", "Exact SHAP values of tree ensembles against each library's own contributions, 200 trees, 20 inputs, 10,000 rows",
        "ratio at least 8, and at least 4 with missing values", {"rows": 10_000, "rounds": 5},
    ),
    Shown(
        "sandbox_start", "Starting a walled child against bare Python with the same imports; milliseconds",
        "difference at most 50", {"rounds": 31},
    ),
    Shown(
        "report_pages", "The PDF of a long report on one core and on two, in a process of its own",
        "100 pages in at most 20 seconds on one core, in at most 0.7 of that on two, with at most 600 MB",
    ),
    Shown(
        "framework_status", "Status of the 72 subcategories of the NIST AI RMF for 1,000 systems, from cold and after one change of each kind",
        "from cold at most 60 seconds, after a change at most 1 second", {"rows": 1_000},
    ),
)  # fmt: skip


def main() -> None:
    """Measure one after the other and write the page once all are there; or anew what ATTESTRY_BENCH_ONLY names."""
    only = os.environ.get("ATTESTRY_BENCH_ONLY")
    if only:
        renew([shown for shown in TABLES if shown.script == only])
        return
    parts = [HEAD, surroundings()]
    for shown in TABLES:
        print(f"-- {shown.script} {dict(shown.options)}", flush=True)
        parts.append(section(shown, import_module(f"bench.{shown.script}").main(**shown.options)))
    PAGE.write_text("\n".join(parts), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")


def renew(chosen: list[Shown]) -> None:
    """Measure these alone and put their tables in the places of the old ones, or last, each with its own surroundings."""
    page = PAGE.read_text(encoding="utf-8")
    for shown in chosen:
        told = surroundings()
        made = section(shown, import_module(f"bench.{shown.script}").main(**shown.options))
        head, line, table = made.split("\n\n", 2)
        new = f"{head}\n\n{line}\n\n{told}\n{table}".strip("\n")
        _before, found, rest = page.partition(f"## {shown.title}\n")
        page = page.replace(found + rest.split("\n## ", 1)[0].rstrip("\n"), new) if found else f"{page}\n{new}\n"
    PAGE.write_text(page, encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")


def surroundings() -> str:
    """When and on what."""
    libraries = ", ".join(f"{name} {found}" for name in PACKAGES if (found := installed(name)))
    return (
        f"{datetime.now(UTC):%d %b %Y}, {os.cpu_count()} cores of {platform.machine()}, load before {os.getloadavg()[0]:.1f}."
        f" Python {platform.python_version()}, {libraries}.\n"
    )


def installed(name: str) -> str | None:
    """The version of a package; None where it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def section(shown: Shown, figures: Mapping[str, Any]) -> str:
    """One measurement as a table; a measurement in several settings has a column for each."""
    columns = figures if all(isinstance(each, Mapping) for each in figures.values()) else {"value": figures}
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    rows = [["figure", *columns], ["---", *("---:" for _ in columns)]]
    rows += [[name, *(written(column.get(name)) for column in columns.values())] for name in names]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    rows = f" --rows {shown.options['rows']}" if "rows" in shown.options else ""
    rounds = f" Rounds: {shown.options['rounds']}." if "rounds" in shown.options else ""
    alone = f"Alone: `python3 manage.py bench {shown.script}{rows}`. Goal: {shown.goal}.{rounds}"
    return f"## {shown.title}\n\n{alone}\n\n{table}\n"


def written(value: float | None) -> str:
    """Three digits, whole numbers above a hundred."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
