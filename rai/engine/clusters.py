"""Second moments of clusters (people, households, branches) whose rows are not independent."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from rai.checks.saying import InputError
from rai.engine.cube import MISSING, ClusterCell, Mapped, Values
from rai.engine.labels import MISSING_LABELS, TRUTH
from rai.engine.sources import Source, text_literal

CELLS = ((0, 0), (0, 1), (1, 0), (1, 1))


def cluster_cells(
    source: Source, mapped: Mapped, target: str, prediction: str, weight: str | None, values: Mapping[str, object]
) -> tuple[ClusterCell, ...]:
    """Moments and patterns for every grouping by some sensitive columns, with and without the control columns.

    Marginals of moments are not sums of finer ones where a cluster has rows in several groups, hence one pass each.
    Raises InputError for rows without a cluster.
    """
    is_cut = mapped.prediction not in source.columns
    bound = {**values, "positive": TRUTH.get(mapped.positive.strip().lower(), mapped.positive.strip())}
    truth = binary_sql(target)
    guess = f"({prediction})" if is_cut else binary_sql(prediction)
    names = dict(zip(mapped.keys, (group_sql(source.column(name)) for name in mapped.keys), strict=True))
    cluster = source.column(str(mapped.cluster))
    ((unknown,),) = source.rows(f"SELECT count(*) FROM {{scan}} WHERE {cluster} IS NULL")
    if unknown:
        raise InputError(
            'Cluster column "{cluster}" of {label} is empty in {unknown} rows; name the cluster of every row.',
            cluster=mapped.cluster,
            label=source.label,
            unknown=f"{unknown:,}",
        )
    found: list[ClusterCell] = []
    for by in groupings(mapped):
        sql = moments_sql([names[name] for name in by], cluster, truth, guess, weight or "1.0")
        found += [moments_of(by, row) for row in source.rows(sql, **bound)]
    return tuple(found)


def groupings(mapped: Mapped) -> Iterator[Values]:
    """All sets of sensitive columns, the empty one included, alone and followed by the control columns."""
    for size in range(len(mapped.sensitive) + 1):
        for by in combinations(mapped.sensitive, size):
            yield by
            if mapped.control:
                yield (*by, *mapped.control)


def group_sql(column: str) -> str:
    """A group's value as text, one name for everything that is missing."""
    text = f"CAST({column} AS VARCHAR)"
    return f"CASE WHEN {column} IS NULL OR trim({text}) = '' THEN {text_literal(MISSING)} ELSE {text} END"


def binary_sql(column: str) -> str:
    """A label as 1, 0 or NULL, spelled as in `labels.canonical`."""
    text = f"trim(CAST({column} AS VARCHAR))"
    missing = ", ".join(text_literal(each) for each in sorted(MISSING_LABELS))
    truth = f"CASE lower({text}) WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE {text} END"
    plain = f"regexp_replace({truth}, '^([+-]?[0-9]+)[.]0*$', '\\1')"
    positive = "regexp_replace($positive, '^([+-]?[0-9]+)[.]0*$', '\\1')"
    return f"CASE WHEN {column} IS NULL OR lower({text}) IN ({missing}) THEN NULL ELSE CAST({plain} = {positive} AS TINYINT) END"


def moments_sql(keys: list[str], cluster: str, truth: str, guess: str, weight: str) -> str:
    """Per group Σ_c T_i T_j over clusters c, and how many clusters have rows in which cells."""
    named = "".join(f"{key} AS g{place}, " for place, key in enumerate(keys))
    groups = "".join(f"g{place}, " for place in range(len(keys)))
    sums = ", ".join(
        f"coalesce(sum(w) FILTER (y = {y} AND p = {p}), 0) AS t{i}, count(*) FILTER (y = {y} AND p = {p}) AS n{i}"
        for i, (y, p) in enumerate(CELLS)
    )
    moments = ", ".join(f"sum(t{i} * t{j})" for i in range(4) for j in range(4))
    mask = " + ".join(f"CASE WHEN n{i} > 0 THEN {1 << i} ELSE 0 END" for i in range(4))
    patterns = ", ".join(f"count(*) FILTER (mask = {m})" for m in range(16))
    rows = f"SELECT {named}{cluster} AS c, {truth} AS y, {guess} AS p, {weight} AS w FROM {{scan}}"
    each = f"SELECT {groups}c, {sums} FROM ({rows}) WHERE y IS NOT NULL AND p IS NOT NULL GROUP BY {groups}c"
    masked = f"SELECT *, {mask} AS mask FROM ({each})"
    grouped = f"GROUP BY {groups.rstrip(', ')}" if keys else ""
    return f"SELECT {groups}{moments}, {patterns} FROM ({masked}) {grouped} ORDER BY ALL"


def moments_of(by: Values, row: tuple) -> ClusterCell:
    """One group's row as a cell."""
    width = len(by)
    moments = tuple(float(value or 0) for value in row[width : width + 16])
    return ClusterCell(by, tuple(row[:width]), moments, tuple(int(value) for value in row[width + 16 :]))
