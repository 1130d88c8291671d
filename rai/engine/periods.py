"""Points of time put into days, months, quarters or years: what a column of time holds, its zones named, everything in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from rai.checks.saying import InputError, Said
from rai.engine.places import place_of, rows_of
from rai.engine.sources import Source

Unit = Literal["day", "month", "quarter", "year"]

# A date, a time behind it, and a zone behind that: as ISO 8601 writes them, with a blank for the T.
DATE, TIME, ZONE = r"\d{4}-\d{1,2}-\d{1,2}", r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?", r"[Zz]|[+-]\d{2}(?::?\d{2})?"
WRITTEN = rf"^({DATE}(?:[T ]{TIME})?)$|^({DATE}[T ]{TIME}) ?({ZONE})$"
BANDS: Mapping[str, str] = {
    "day": "strftime({t}, '%Y-%m-%d')",
    "month": "strftime({t}, '%Y-%m')",
    "quarter": "strftime({t}, '%Y') || '-Q' || quarter({t})",
    "year": "strftime({t}, '%Y')",
}
MOST_ZONES = 8


@dataclass(frozen=True)
class Span:
    """What a column of time holds: how it is banded, its ends in UTC or as written, and the zones named in its cells.

    `zones` is empty where no cell names one: then times are taken as they are written, whatever clock wrote them.
    """

    column: str
    unit: Unit
    first: str | None
    last: str | None
    zones: tuple[str, ...]
    missing: int

    @property
    def is_converted(self) -> bool:
        """Cells named a zone and were turned into UTC."""
        return bool(self.zones)


def banded(source: Source, column: str, unit: str) -> tuple[Source, Span]:
    """The source with the column's times put into bands, and what the column holds.

    Texts are read as ISO 8601. Raises InputError for what is no time, with the row, and where some cells name a zone and
    others do not, because then nobody knows which clock the others mean.
    """
    if unit not in BANDS:
        raise InputError('Times are put into {bands}, not into "{unit}".', bands=", ".join(BANDS), unit=unit)
    name, kind = source.column(column), source.type_of(column)
    if kind == "VARCHAR":
        moment, found = of_texts(source, column, name)
    elif kind == "TIMESTAMP WITH TIME ZONE":
        moment, found = f"make_timestamp(epoch_us({name}))", ends(source, f"make_timestamp(epoch_us({name}))")
        found = found | {"zones": ("UTC",)}
    elif kind == "DATE" or kind.startswith("TIMESTAMP"):
        moment, found = f"CAST({name} AS TIMESTAMP)", ends(source, f"CAST({name} AS TIMESTAMP)")
    else:
        raise InputError(
            'Column "{column}" of {label} is of type {kind}, which holds no time; choose a column of dates '
            "or times, or take its values as they stand.",
            column=column,
            label=source.label,
            kind=kind,
        )
    text = f"CAST({BANDS[unit].format(t=moment)} AS VARCHAR)"
    span = Span(column, unit, **found)  # type: ignore[arg-type]
    return replace(source, columns={**source.columns, column: (f"({text})", "VARCHAR")}), span


def ends(source: Source, moment: str) -> dict[str, Any]:
    """First and last moment, and cells without one."""
    ((first, last, missing),) = source.rows(
        f"SELECT CAST(min({moment}) AS VARCHAR), CAST(max({moment}) AS VARCHAR), count(*) FILTER ({moment} IS NULL) FROM {{scan}}"
    )
    return {"first": first, "last": last, "zones": (), "missing": int(missing)}


def of_texts(source: Source, column: str, name: str) -> tuple[str, dict[str, Any]]:
    """SQL for the moment that a text writes, and what the column holds."""
    text = f"trim({name})"
    plain, timed, zone = (f"regexp_extract({text}, '{WRITTEN}', {place})" for place in (1, 2, 3))
    bare = f"replace({zone}, ':', '')"
    minutes = (
        f"CASE WHEN lower({zone}) IN ('', 'z') THEN 0 ELSE CASE WHEN left({bare}, 1) = '-' THEN -1 ELSE 1 END"
        f" * (CAST(substr({bare}, 2, 2) AS INTEGER) * 60 + coalesce(TRY_CAST(nullif(substr({bare}, 4, 2), '') AS INTEGER), 0)) END"
    )
    moment = f"(TRY_CAST({plain} || {timed} AS TIMESTAMP) - to_minutes({minutes}))"
    filled = f"{name} IS NOT NULL AND {text} <> ''"
    require_times(source, column, f"{filled} AND {moment} IS NULL", name)
    zones = [
        found for (found,) in source.rows(f"SELECT DISTINCT upper({zone}) FROM {{scan}} WHERE {filled} ORDER BY 1")
    ]
    if "" in zones and len(zones) > 1:
        other = next(found for found in zones if found)
        raise InputError(
            'Column "{column}" of {label} names a zone in some cells ("{other}") and none in others; write '
            "all of them with a zone, or all without.",
            column=column,
            label=source.label,
            other=other,
        )
    named = tuple("UTC" if found == "Z" else found for found in zones if found)
    return moment, ends(source, moment) | {"zones": named[:MOST_ZONES]}


def require_times(source: Source, column: str, test: str, name: str) -> None:
    """Refuse texts that are no time, by one of them and where it stands first."""
    ((rows, text),) = source.rows(f"SELECT count(*), min({name}) FROM {{scan}} WHERE {test}")
    if rows:
        place = place_of(source, column, text)
        raise InputError(
            'Column "{column}" of {label} holds "{text}"{place}, which is no time ({rows_of} of the kind). '
            "Write times as 2026-11-20 or 2026-11-20T14:30:00+01:00, or take the values as they stand.",
            column=column,
            label=source.label,
            text=text[:60],
            place=Said(" in {place}", place=place) if place else "",
            rows_of=rows_of(rows),
        )
