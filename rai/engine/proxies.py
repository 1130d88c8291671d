"""Reading which values of an input stand beside which protected groups: counts alone, numbers in exact bins of like size."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from rai.checks.saying import InputError
from rai.engine.cube import MISSING
from rai.engine.places import rows_of
from rai.engine.quality import MOSTLY_NUMBERS
from rai.engine.rows import group_values
from rai.engine.shift import Asked as Needed, Cells, Files, Table, cells_of, is_date, number_sql, table_of
from rai.engine.sources import Limits

# Numbers with more different values are put into bins of like size; so many that an area loses nothing to speak of.
MOST_BINS = 256
MOST_CATEGORIES = 2_000
MOST_GROUPS = 50

Kind = Literal["number", "category", "many_values", "one_value", "no_rows"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True)
class Asked:
    """Protected columns, inputs to look at (none: every other column), and columns that are no inputs."""

    protected: tuple[str, ...]
    features: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Protected:
    """A protected column: its groups in order of name, and the rows without a value."""

    name: str
    groups: tuple[str, ...]
    missing: int


@dataclass(frozen=True)
class Feature:
    """An input: `counts` by protected column, each a table of its values (or bins, in order) by group.

    `counts_missing` are the rows of each group whose cell holds no value of the column's kind. `distinct` counts values.
    """

    name: str
    kind: Kind
    cells: Cells
    distinct: int
    counts: Mapping[str, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    counts_missing: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Proxies:
    """All inputs beside all protected columns."""

    rows: int
    protected: tuple[Protected, ...]
    features: tuple[Feature, ...]
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `proxies_of` makes an equal one."""
        return asdict(self)


def read_proxies(files: Files, asked: Asked, *, limits: Limits | None = None) -> Proxies:
    """Count every input's values by protected group.

    A column is one of numbers where at least 95 % of its filled cells are; what is no number counts as missing there.
    Numbers with more than 256 different values are put into 256 bins of like size, exactly and without parting equal
    ones; dates count as seconds. Raises InputError that names file, column or value and the remedy.
    """
    started = time.perf_counter()
    check_asked(asked)
    with table_of(files, Needed(), limits) as table:
        for name in (*asked.protected, *asked.features, *asked.leave_out):
            table.source.column(name)
        texts = {name: group_values(table.source, name) for name in asked.protected}
        protected = tuple(protected_of(table, name, values) for name, values in texts.items())
        names = asked.features or tuple(
            name for name in table.source.columns if name not in {*asked.protected, *asked.leave_out}
        )
        if not names:
            raise InputError(
                "{label} has no column beside the protected ones; there is nothing to compare.",
                label=table.source.label,
            )
        features = tuple(feature_of(table, name, protected, texts) for name in names)
        return Proxies(table.rows, protected, features, {"count": time.perf_counter() - started})


def check_asked(asked: Asked) -> None:
    """Refuse a column in two parts, and a reading without a protected one."""
    if not asked.protected:
        raise InputError("Name at least one protected column: proxies stand in for it.")
    parts = (*asked.protected, *asked.features)
    twice = next((name for name in parts if parts.count(name) > 1), None)
    if twice is not None:
        raise InputError(
            'Column "{twice}" is named twice among protected columns and inputs; name it once.', twice=twice
        )


def protected_of(table: Table, name: str, texts: Mapping[str, str]) -> Protected:
    """The groups of one protected column; raises InputError for more than 50 and for fewer than two."""
    groups = tuple(sorted(set(texts.values()) - {MISSING}))
    if len(groups) > MOST_GROUPS:
        raise InputError(
            'Protected column "{name}" of {label} makes {groups} groups, more than {most_groups}. Put its '
            "values into fewer bands.",
            name=name,
            label=table.source.label,
            groups=f"{len(groups):,}",
            most_groups=MOST_GROUPS,
        )
    if len(groups) < 2:
        held = f'only "{groups[0]}"' if groups else "no value"
        raise InputError(
            'Protected column "{name}" of {label} holds {held} in {rows_of}; two groups are needed to find '
            "what stands in for them.",
            name=name,
            label=table.source.label,
            held=held,
            rows_of=rows_of(table.rows),
        )
    cell = text_sql(table, name)
    ((missing,),) = table.query(f"SELECT count(*) FROM {{scan}} WHERE {cell} IS NULL OR trim({cell}) = ''")
    return Protected(name, groups, int(missing))


def text_sql(table: Table, name: str) -> str:
    """A cell as text."""
    return f"CAST({table.source.column(name)} AS VARCHAR)"


def feature_of(
    table: Table, name: str, protected: Sequence[Protected], texts: Mapping[str, Mapping[str, str]]
) -> Feature:
    """One input beside every protected column."""
    cells = cells_of(table, name)
    kind = kind_of(table, name, cells)
    number = number_sql(table.source, name)
    value = f"CASE WHEN isfinite({number}) THEN {number} END" if kind == "number" else filled_sql(table, name)
    ((distinct,),) = table.query(f"SELECT count(DISTINCT {value}) FROM {{scan}}")
    kind = kind if kind == "no_rows" else refused(kind, int(distinct), has_gaps=cells.missing > 0) or kind
    if kind not in {"number", "category"}:
        return Feature(name, kind, cells, int(distinct))
    read = in_bins if kind == "number" else in_categories
    found = {one.name: parted(read(table, value, one.name), one, texts[one.name]) for one in protected}
    return Feature(
        name, kind, cells, int(distinct),
        {key: counts for key, (counts, _missing) in found.items()}, {key: missing for key, (_counts, missing) in found.items()},
    )  # fmt: skip


def kind_of(table: Table, name: str, cells: Cells) -> Kind:
    """What the column holds."""
    if not cells.filled:
        return "no_rows"
    return "number" if is_date(table, name) or cells.numbers >= MOSTLY_NUMBERS * cells.filled else "category"


def refused(kind: Kind, distinct: int, *, has_gaps: bool) -> Kind | None:
    """Why a column cannot be looked at: one value tells nothing apart, very many categories no group of values."""
    if distinct < 2 and not has_gaps:
        return "one_value"
    return "many_values" if kind == "category" and distinct > MOST_CATEGORIES else None


def filled_sql(table: Table, name: str) -> str:
    """A cell as text, NULL where it is empty."""
    cell = text_sql(table, name)
    return f"CASE WHEN trim({cell}) <> '' THEN {cell} END"


def in_categories(table: Table, value: str, protected: str) -> list[tuple[Any, Any, int]]:
    """Value, group and rows by one GROUP BY; values in order of name."""
    rows = table.query(f"SELECT {value}, {text_sql(table, protected)}, count(*) FROM {{scan}} GROUP BY 1, 2")
    places = {text: place for place, text in enumerate(sorted({text for text, _group, _n in rows if text is not None}))}
    return [(None if text is None else places[text], group, n) for text, group, n in rows]


def in_bins(table: Table, value: str, protected: str) -> list[tuple[Any, Any, int]]:
    """Bin, group and rows by one GROUP BY of the values; a run of equal values lies in the bin of its middle."""
    return list(
        table.query(
            f"WITH c AS (SELECT {value} AS v, {text_sql(table, protected)} AS p, count(*) AS n FROM {{scan}} GROUP BY 1, 2),"
            " t AS (SELECT v, sum(n) AS m FROM c WHERE v IS NOT NULL GROUP BY 1),"
            " e AS (SELECT v, m, sum(m) OVER (ORDER BY v) AS upto, sum(m) OVER () AS total,"
            " dense_rank() OVER (ORDER BY v) - 1 AS place, count(*) OVER () AS distinct_values FROM t),"
            f" b AS (SELECT v, CASE WHEN distinct_values <= {MOST_BINS} THEN place"
            f" ELSE CAST({MOST_BINS} * (2 * upto - m) // (2 * total) AS BIGINT) END AS bin FROM e)"
            " SELECT b.bin, c.p, CAST(sum(c.n) AS BIGINT) FROM c LEFT JOIN b ON c.v = b.v GROUP BY 1, 2"
        )
    )


def parted(
    rows: Sequence[tuple[Any, Any, int]], protected: Protected, texts: Mapping[str, str]
) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """Counts by value and group without empty values, and rows without a value by group; rows of no group are left out."""
    spots = {group: spot for spot, group in enumerate(protected.groups)}
    size = max((int(place) for place, _group, _n in rows if place is not None), default=-1) + 1
    counts = np.zeros((size + 1, len(spots)), dtype=np.int64)
    for place, text, n in rows:
        group = MISSING if text is None else texts[text]
        if group != MISSING:
            counts[size if place is None else int(place), spots[group]] += n
    held = counts[:-1][counts[:-1].any(axis=1)]
    return tuple(tuple(row) for row in held.tolist()), tuple(counts[-1].tolist())
