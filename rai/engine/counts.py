"""Reading a table of predictions into a count cube: one GROUP BY, no row ever leaves DuckDB."""

import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from rai.checks.saying import InputError
from rai.engine.cells import Row, merged
from rai.engine.clusters import cluster_cells
from rai.engine.columns import Column, columns_of
from rai.engine.cube import Cell, Cube, Mapped, WeightKind
from rai.engine.labels import too_many
from rai.engine.periods import banded
from rai.engine.places import place_of
from rai.engine.predictions import BROKEN, Cut, broken_values, cut_sql, parsed
from rai.engine.sources import UPLOAD_LIMITS, Limits, Source, check_rows, digest_of, opened

__all__ = ["UPLOAD_LIMITS", "Column", "Cube", "Limits", "columns_of", "digest_of", "read"]

MAX_CELLS = 400_000
PROBED_ROWS = 20_000
MAX_PROBED_LABELS = 100
BYTES = {"TINYINT", "UTINYINT"}
PLAIN_TYPES = re.compile(r"^(LIST|STRUCT|MAP|UNION|BLOB|INTERVAL|BIT)|\[\d*\]$")


@dataclass(frozen=True)
class Plan:
    """The SQL of one reading: expressions of keys, labels and weight, and the bound values they use.

    `is_small` when label and prediction are both numbers of one byte, which make one key together.
    """

    keys: tuple[str, ...]
    target: str
    prediction: str
    cut: Cut | None
    weight: str | None
    values: dict[str, object]
    is_small: bool = False


def read(
    files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    target: str,
    prediction: str,
    sensitive: Sequence[str],
    control: Sequence[str] = (),
    positive: str = "1",
    weight: str | None = None,
    weight_kind: WeightKind | None = None,
    cluster: str | None = None,
    limits: Limits | None = None,
    threads: int | None = None,
    memory: str = "2GB",
    period: tuple[str, str] | None = None,
) -> Cube:
    """The count cube of CSV or Parquet files (a path, a glob, or several).

    `prediction` is a column or `COLUMN OP VALUE` (OP one of = == != < <= > >=). Rows without label or prediction stay
    in the cube as such; a missing sensitive value becomes the group "(missing)". `weight_kind` is `sampling` (default
    where a weight is given) or `frequency` (whole numbers of rows). `limits` caps what an upload may hold.
    `period` names a column of times and whether it is put into days, months, quarters or years. `timings`
    of the cube: `read` (opening, footers, types), `count` (the GROUP BY), in seconds.

    Raises InputError that names file, column or value and the remedy.
    """
    kind = (weight_kind or "sampling") if weight else None
    mapped = Mapped(target, prediction, tuple(sensitive), tuple(control), positive, weight, kind, cluster)
    check_mapped(mapped)
    started = time.perf_counter()
    # Sums of floats depend on their order, so weighted sums are taken by one thread: same file, same digest.
    with opened(files, limits=limits, threads=1 if weight else threads, memory=memory) as source:
        if period:
            source, _span = banded(source, *period)
        plan = planned(source, mapped)
        probe(source, mapped, plan)
        opened_at = time.perf_counter()
        cells = counted(source, mapped, plan)
        clusters = (
            cluster_cells(source, mapped, plan.target, plan.prediction, plan.weight, plan.values) if cluster else ()
        )
        rows = sum(cell.rows for cell in cells)
        check_total(source, rows, limits)
    timings = {"read": opened_at - started, "count": time.perf_counter() - opened_at}
    return Cube(mapped, rows, cells, clusters, timings)


def check_mapped(mapped: Mapped) -> None:
    """Refuse a mapping that names no group column or one column twice."""
    if not mapped.sensitive:
        raise InputError("Name at least one sensitive column: groups are what is compared.")
    keys = mapped.keys
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice:
        raise InputError(
            'Column "{twice}" is named twice among sensitive and control columns; name it once.', twice=twice
        )
    used = [column for column in (mapped.target, mapped.weight, mapped.cluster) if column in keys]
    if used:
        raise InputError(
            'Column "{used}" cannot be a group column and target, weight or cluster at once.', used=used[0]
        )


def planned(source: Source, mapped: Mapped) -> Plan:
    """The SQL expressions; every column is checked to exist and to be of a type that can serve."""
    keys = tuple(key_column(source, name) for name in mapped.keys)
    target = key_column(source, mapped.target)
    what = parsed(mapped.prediction, source)
    weight = weight_sql(source, mapped.weight) if mapped.weight else None
    if mapped.cluster:
        source.column(mapped.cluster)
    is_small = source.type_of(mapped.target) in BYTES
    if isinstance(what, str):
        is_small = is_small and source.type_of(what) in BYTES
        return Plan(keys, target, key_column(source, what), None, weight, {}, is_small)
    sql, values = cut_sql(what, source)
    return Plan(keys, target, sql, what, weight, values, is_small)


def key_column(source: Source, name: str) -> str:
    """The identifier of a column whose values are single ones."""
    column, kind = source.column(name), source.type_of(name)
    if PLAIN_TYPES.search(kind):
        raise InputError(
            'Column "{name}" of {label} is of type {kind}; a text, number or date is needed.',
            name=name,
            label=source.label,
            kind=kind,
        )
    return column


def weight_sql(source: Source, name: str) -> str:
    """The weight as a float64 (NULL where it is none)."""
    return f"TRY_CAST({source.column(name)} AS DOUBLE)"


def probe(source: Source, mapped: Mapped, plan: Plan) -> None:
    """Refuse scores given as labels by the first rows, before a GROUP BY makes a cell of each of them."""
    columns = {mapped.target: plan.target} | ({} if plan.cut else {mapped.prediction: plan.prediction})
    wide = {name: column for name, column in columns.items() if not source.type_of(name).endswith("TINYINT")}
    inner = ", ".join(f"{column} AS v{place}" for place, column in enumerate(wide.values()))
    if not inner:
        return
    outer = ", ".join(f"count(DISTINCT v{place})" for place in range(len(wide)))
    (found,) = source.rows(f"SELECT {outer} FROM (SELECT {inner} FROM {{scan}} LIMIT {PROBED_ROWS})")
    for (name, column), distinct in zip(wide.items(), found, strict=True):
        if distinct > MAX_PROBED_LABELS:
            some = source.rows(f"SELECT DISTINCT v FROM (SELECT {column} AS v FROM {{scan}} LIMIT 50) LIMIT 4")
            raise too_many(name, [value for (value,) in some], source.label)


def counted(source: Source, mapped: Mapped, plan: Plan) -> tuple[Cell, ...]:
    """The cells, merged after values and labels are brought to one spelling."""
    rows = raw_rows(source, mapped, plan)
    return merged(rows, mapped, label=source.label, place=partial(place_of, source), is_cut=plan.cut is not None)


def raw_rows(source: Source, mapped: Mapped, plan: Plan) -> list[Row]:
    """Rows of counts by what stands in the file: texts of the group columns, label and prediction, n, sums of weights."""
    rows = source.rows(group_by_sql(plan), **plan.values)
    if not rows:
        raise InputError("{label} has a header and no rows.", label=source.label)
    if len(rows) > MAX_CELLS:
        raise InputError(
            "{listed_keys} make more than {max_cells} groups; put values into fewer bands.",
            listed_keys=listed_keys(mapped),
            max_cells=f"{MAX_CELLS:,}",
        )
    width = len(mapped.keys)
    if plan.cut and any(row[width + 1] == str(BROKEN) for row in rows):
        raise broken_values(plan.cut, source)
    check_weights(source, mapped, rows)
    return rows


def group_by_sql(plan: Plan) -> str:
    """One pass over the files: group by raw values (cheap), then turn the few groups' values into text."""
    keys, found = [*plan.keys, plan.target, plan.prediction], [f"k{place}" for place in range(len(plan.keys) + 2)]
    if plan.is_small:
        # A tenth of the time: the fewer columns a key has, the less there is to compare.
        both = " * 1024 + ".join(f"coalesce(CAST({label} AS INTEGER), 511)" for label in keys[-2:])
        keys, apart = [*plan.keys, both], f"({found[-2]} + 128 * 1024 + 128)"
        found[-2:] = [f"nullif({apart} // 1024 - 128, 511)", f"nullif({apart} % 1024 - 128, 511)"]
    named = ", ".join(f"{key} AS k{place}" for place, key in enumerate(keys))
    texts = ", ".join(f"CAST({each} AS VARCHAR)" for each in found)
    spots = ", ".join(str(place + 1) for place in range(len(keys)))
    inner, outer = "count(*) AS n", "n"
    if plan.weight:
        w = plan.weight
        inner += f", sum({w}) AS s1, sum({w} * {w}) AS s2, count(*) FILTER ({w} IS NULL OR NOT isfinite({w})) AS bad"
        inner += f", count(*) FILTER ({w} < 0) AS negative, count(*) FILTER ({w} <> floor({w})) AS broken"
        outer += ", s1, s2, bad, negative, broken"
    return (
        f"SELECT {texts}, {outer} FROM (SELECT {named}, {inner} FROM {{scan}} GROUP BY {spots}) LIMIT {MAX_CELLS + 1}"
    )


def listed_keys(mapped: Mapped) -> str:
    """The group columns for a sentence."""
    return ", ".join(mapped.keys)


def check_weights(source: Source, mapped: Mapped, rows: Sequence[Row]) -> None:
    """Refuse weights that are missing, no finite numbers, negative, or broken where they count rows."""
    if not mapped.weight:
        return
    bad, negative, broken = (sum(row[place] for row in rows) for place in (-3, -2, -1))
    name = f'Weight column "{mapped.weight}" of {source.label}'
    if bad:
        raise InputError(
            "{name} is empty or no finite number in {bad} rows; give every row a weight.", name=name, bad=f"{bad:,}"
        )
    if negative:
        raise InputError(
            "{name} is negative in {negative} rows; weights are 0 or more.", name=name, negative=f"{negative:,}"
        )
    if broken and mapped.weight_kind == "frequency":
        raise InputError(
            "{name} is no whole number in {broken} rows; frequencies count rows. Use --weight-kind sampling.",
            name=name,
            broken=f"{broken:,}",
        )


def check_total(source: Source, rows: int, limits: Limits | None) -> None:
    """What was counted must be what the footer claims, and within the caps."""
    if source.claimed_rows is not None and rows != source.claimed_rows:
        raise InputError(
            "{label} claims {claimed_rows} rows and holds {rows}; it is damaged, write it again.",
            label=source.label,
            claimed_rows=f"{source.claimed_rows:,}",
            rows=f"{rows:,}",
        )
    if limits:
        check_rows(source, rows, limits)
