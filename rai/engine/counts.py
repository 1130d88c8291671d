"""Reading a table of predictions into a count cube: one GROUP BY, no row ever leaves DuckDB."""

import math
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rai.checks.contract import InputError
from rai.engine.clusters import cluster_cells
from rai.engine.columns import Column, columns_of
from rai.engine.cube import MISSING, Cell, Cube, Mapped, WeightKind
from rai.engine.labels import Place, canonical, check_labels, too_many
from rai.engine.places import place_of, rows_of
from rai.engine.predictions import BROKEN, Cut, broken_values, cut_sql, parsed
from rai.engine.sources import UPLOAD_LIMITS, Limits, Source, check_rows, digest_of, opened

__all__ = ["UPLOAD_LIMITS", "Column", "Cube", "Limits", "columns_of", "digest_of", "read"]

MAX_CELLS = 400_000
PROBED_ROWS = 20_000
MAX_PROBED_LABELS = 100
PLAIN_TYPES = re.compile(r"^(LIST|STRUCT|MAP|UNION|BLOB|INTERVAL|BIT)|\[\d*\]$")
NOT_A_NUMBER = re.compile(r"^[+-]?(nan|inf|infinity)$", re.IGNORECASE)

Row = tuple


@dataclass(frozen=True)
class Plan:
    """The SQL of one reading: expressions of keys, labels and weight, and the bound values they use."""

    keys: tuple[str, ...]
    target: str
    prediction: str
    cut: Cut | None
    weight: str | None
    values: dict[str, object]


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
) -> Cube:
    """The count cube of CSV or Parquet files (a path, a glob, or several).

    `prediction` is a column or `COLUMN OP VALUE` (OP one of = == != < <= > >=). Rows without label or prediction stay
    in the cube as such; a missing sensitive value becomes the group "(missing)". `weight_kind` is `sampling` (default
    where a weight is given) or `frequency` (whole numbers of rows). `limits` caps what an upload may hold. `timings`
    of the cube: `read` (opening, footers, types), `count` (the GROUP BY), in seconds.

    Raises InputError that names file, column or value and the remedy.
    """
    kind = (weight_kind or "sampling") if weight else None
    mapped = Mapped(target, prediction, tuple(sensitive), tuple(control), positive, weight, kind, cluster)
    check_mapped(mapped)
    started = time.perf_counter()
    # Sums of floats depend on their order, so weighted sums are taken by one thread: same file, same digest.
    with opened(files, limits=limits, threads=1 if weight else threads, memory=memory) as source:
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
        raise InputError(f'Column "{twice}" is named twice among sensitive and control columns; name it once.')
    used = [column for column in (mapped.target, mapped.weight, mapped.cluster) if column in keys]
    if used:
        raise InputError(f'Column "{used[0]}" cannot be a group column and target, weight or cluster at once.')


def planned(source: Source, mapped: Mapped) -> Plan:
    """The SQL expressions; every column is checked to exist and to be of a type that can serve."""
    keys = tuple(key_column(source, name) for name in mapped.keys)
    target = key_column(source, mapped.target)
    what = parsed(mapped.prediction, source)
    weight = weight_sql(source, mapped.weight) if mapped.weight else None
    if mapped.cluster:
        source.column(mapped.cluster)
    if isinstance(what, str):
        return Plan(keys, target, key_column(source, what), None, weight, {})
    sql, values = cut_sql(what, source)
    return Plan(keys, target, sql, what, weight, values)


def key_column(source: Source, name: str) -> str:
    """The identifier of a column whose values are single ones."""
    column, kind = source.column(name), source.type_of(name)
    if PLAIN_TYPES.search(kind):
        raise InputError(f'Column "{name}" of {source.label} is of type {kind}; a text, number or date is needed.')
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
    rows = source.rows(group_by_sql(plan), **plan.values)
    if not rows:
        raise InputError(f"{source.label} has a header and no rows.")
    if len(rows) > MAX_CELLS:
        raise InputError(f"{listed_keys(mapped)} make more than {MAX_CELLS:,} groups; put values into fewer bands.")
    width = len(mapped.keys)
    if plan.cut and any(row[width + 1] == str(BROKEN) for row in rows):
        raise broken_values(plan.cut, source)
    check_weights(source, mapped, rows)
    check_group_values(source, mapped, rows)
    return merged(rows, mapped, source, is_cut=plan.cut is not None)


def group_by_sql(plan: Plan) -> str:
    """One pass over the files: group by raw values (cheap), then turn the few groups' values into text."""
    keys = [*plan.keys, plan.target, plan.prediction]
    named = ", ".join(f"{key} AS k{place}" for place, key in enumerate(keys))
    texts = ", ".join(f"CAST(k{place} AS VARCHAR)" for place in range(len(keys)))
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
        raise InputError(f"{name} is empty or no finite number in {bad:,} rows; give every row a weight.")
    if negative:
        raise InputError(f"{name} is negative in {negative:,} rows; weights are 0 or more.")
    if broken and mapped.weight_kind == "frequency":
        raise InputError(
            f"{name} is no whole number in {broken:,} rows; frequencies count rows. Use --weight-kind sampling."
        )


def check_group_values(source: Source, mapped: Mapped, rows: Sequence[Row]) -> None:
    """Refuse NaN and infinity as groups: they are failed computations, not people."""
    for place, name in enumerate(mapped.keys):
        found = [
            (row[place], row[len(mapped.keys) + 2]) for row in rows if row[place] and NOT_A_NUMBER.match(row[place])
        ]
        if found:
            row = place_of(source, name, found[0][0])
            first = f", first in {row}" if row else ""
            raise InputError(
                f'Group column "{name}" of {source.label} holds {found[0][0]} in {rows_of(sum(n for _, n in found))}'
                f"{first}; leave the field empty where the value is unknown."
            )


def merged(rows: Sequence[Row], mapped: Mapped, source: Source, *, is_cut: bool) -> tuple[Cell, ...]:
    """Cells summed over the spellings of one value; labels checked to be binary."""
    width = len(mapped.keys)
    positive = canonical(mapped.positive)
    if positive is None:
        raise InputError("The positive label cannot be empty; name it with --positive.")
    found = list(labelled(rows, mapped, positive, source, is_cut=is_cut))
    sums: dict[tuple, list[list[float]]] = {}
    for row, (truth, guess) in zip(rows, found, strict=True):
        values = tuple(value if value and value.strip() else MISSING for value in row[:width])
        n = row[width + 2]
        weight, square = (row[width + 3], row[width + 4]) if mapped.weight else (n, n)
        sums.setdefault((values, truth, guess), []).append([n, weight, square])
    cells = [(key, [math.fsum(column) for column in zip(*parts, strict=True)]) for key, parts in sums.items()]
    ordered = sorted(cells, key=lambda cell: str(cell[0]))
    return tuple(
        Cell(values, truth, guess, int(n), weight, square) for (values, truth, guess), (n, weight, square) in ordered
    )


def labelled(
    rows: Sequence[Row], mapped: Mapped, positive: str, source: Source, *, is_cut: bool
) -> Iterator[tuple[int | None, int | None]]:
    """Label and prediction of each row of counts as 1, 0 or None."""
    width = len(mapped.keys)
    truths = [canonical(row[width]) for row in rows]
    guesses = [canonical(row[width + 1]) for row in rows]
    found = [(mapped.target, truth, row[width + 2]) for truth, row in zip(truths, rows, strict=True)]
    if not is_cut:
        found += [(mapped.prediction, guess, row[width + 2]) for guess, row in zip(guesses, rows, strict=True)]
    place = finder(source, mapped, rows)
    check_labels(found, positive=positive, label=source.label, place=place)
    for truth, guess in zip(truths, guesses, strict=True):
        yield binary(truth, positive), binary(guess, "1" if is_cut else positive)


def finder(source: Source, mapped: Mapped, rows: Sequence[Row]) -> Place:
    """Finds the first row of a label by one of its spellings in the file."""
    width = len(mapped.keys)
    spots = {mapped.prediction: width + 1, mapped.target: width}

    def place(column: str, value: str) -> str:
        spelled = next(row[spots[column]] for row in rows if canonical(row[spots[column]]) == value)
        return place_of(source, column, spelled)

    return place


def binary(value: str | None, positive: str) -> int | None:
    """1 for the positive label, 0 for the other, None for a missing one."""
    return None if value is None else int(value == positive)


def check_total(source: Source, rows: int, limits: Limits | None) -> None:
    """What was counted must be what the footer claims, and within the caps."""
    if source.claimed_rows is not None and rows != source.claimed_rows:
        raise InputError(
            f"{source.label} claims {source.claimed_rows:,} rows and holds {rows:,}; it is damaged, write it again."
        )
    if limits:
        check_rows(source, rows, limits)
