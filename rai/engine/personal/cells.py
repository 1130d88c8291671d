"""The cells of a table as they stream by: what each holds, what of it counts in its column, and in how many rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from rai.checks.contract import InputError
from rai.engine.connections import literal
from rai.engine.personal.detectors import birth_year, findings, is_bare, is_masked, plain
from rai.engine.personal.rules import named_kind, rules
from rai.engine.predictions import TEMPORAL
from rai.engine.sources import Source, explained, text_literal

CHUNK_ROWS = 65_536
# Whole numbers that a float holds without losing a digit; smaller ones are too short for anything.
LEAST_FLOAT, MOST_FLOAT = 1e9, 2.0**53
REMEMBERED = 64
# Dates of birth lie further apart than the dates of a business process.
LEAST_YEARS, MOSTLY = 20, 0.9
NAME, BIRTH, KEPT_OUT = "name", "birth_date", "kept_out"
TRUE = ("true", "t", "yes", "y", "1", "1.0", "是")


@dataclass(frozen=True)
class Cell:
    """What one text holds: (kind, nothing else in the cell), whether it is one bare number, masked, and a date's year."""

    kinds: frozenset[tuple[str, bool]]
    is_bare: bool
    is_masked: bool
    year: int | None


@dataclass
class Profile:
    """What the first pass counts of a column."""

    name: str
    inside: Counter[str] = field(default_factory=Counter)
    whole: Counter[str] = field(default_factory=Counter)
    bare: int = 0
    read: int = 0
    years: tuple[int, int] | None = None
    values: set[str] = field(default_factory=set)

    def add(self, text: str, cell: Cell, times: int) -> None:
        """So many cells of one text."""
        self.read += times
        self.bare += times * cell.is_bare
        if len(self.values) <= rules().most_codes and not cell.is_masked:
            self.values.add(text[:REMEMBERED])
        if cell.year is not None:
            low, high = self.years or (cell.year, cell.year)
            self.years = min(low, cell.year), max(high, cell.year)
        for kind, is_whole in cell.kinds:
            (self.whole if is_whole else self.inside)[kind] += times


@dataclass(frozen=True)
class Decision:
    """What counts in a column: kinds, alone in a cell or not; and whether the name (or the record) counts every cell."""

    name: str
    counts: frozenset[tuple[str, bool]]
    by_name: bool
    kind: str = ""

    def kinds_in(self, cell: Cell) -> frozenset[str]:
        """The kinds that count in a cell."""
        found = frozenset(kind for kind, is_whole in cell.kinds & self.counts)
        return found or (frozenset({self.kind}) if self.by_name and not cell.is_masked else found)


@dataclass
class Rows:
    """What the second pass counts."""

    cells: Counter[str] = field(default_factory=Counter)
    open_cells: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    found: int = 0
    exposed: int = 0
    held: int = 0
    held_found: int = 0


def looked(text: str) -> Cell:
    """What a text holds; short ones are remembered, since they come again."""
    return remembered(text) if len(text) <= REMEMBERED else read(text)


def read(text: str) -> Cell:
    """What a text holds."""
    clear = plain(text)
    found = frozenset((one.kind, one.is_whole) for one in findings(clear))
    return Cell(found, is_bare(clear), is_masked(clear), birth_year(clear))


remembered = lru_cache(maxsize=200_000)(read)


# ---- both passes


def cell_sql(source: Source, name: str, *, every: bool) -> str:
    """SQL for a cell as text where it is worth reading (`every`: where it is filled), NULL elsewhere."""
    column, kind = source.column(name), source.type_of(name)
    text = f"CAST({column} AS VARCHAR)"
    if every:
        return f"CASE WHEN trim({text}) <> '' THEN {text} END"
    if kind == "BOOLEAN":
        return "CAST(NULL AS VARCHAR)"
    if kind in ("FLOAT", "DOUBLE"):
        fits = f"{column} BETWEEN {LEAST_FLOAT} AND {MOST_FLOAT} AND {column} = floor({column})"
        return f"CASE WHEN {fits} THEN CAST(TRY_CAST({column} AS BIGINT) AS VARCHAR) END"
    if TEMPORAL.match(kind):
        return text
    worth, worthless = text_literal(rules().worth_reading), text_literal(rules().not_worth_reading)
    return f"CASE WHEN regexp_matches({text}, {worth}) AND NOT regexp_matches({text}, {worthless}) THEN {text} END"


def streamed(source: Source, fields: Sequence[str]) -> Iterator[Any]:
    """The rows of these expressions, some at a time; a damaged file becomes a sentence."""
    import duckdb
    import pyarrow

    named = ", ".join(f"{each} AS f{place}" for place, each in enumerate(fields))
    try:
        values = {"files": literal(source.files)}
        found = source.connection.sql(f"SELECT {named} FROM {source.scan}", params=values)
        yield from found.to_arrow_reader(CHUNK_ROWS)
    except duckdb.Error as error:
        raise explained(error, source.label) from error
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError("{label} is damaged: its rows cannot be read to the end. Export it again.", label=source.label) from error  # fmt: skip


def texts_of(column: Any) -> tuple[list[str], np.ndarray]:
    """The different texts of a column of a batch, and of every row the index into them, -1 where there is none."""
    coded = column.dictionary_encode()
    places = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return coded.dictionary.to_pylist(), places


def profiles(source: Source, names: Sequence[str], blocked: frozenset[str]) -> list[Profile]:
    """The first pass: what the cells of every column hold."""
    found = [Profile(name) for name in names]
    fields = [cell_sql(source, name, every=is_whole_read(name, blocked)) for name in names]
    for batch in streamed(source, fields) if fields else ():
        for place, one in enumerate(found):
            texts, places = texts_of(batch.column(place))
            for text, times in zip(texts, np.bincount(places[places >= 0], minlength=len(texts)), strict=True):
                one.add(text, looked(text), int(times))
    return found


def is_whole_read(name: str, blocked: frozenset[str]) -> bool:
    """Every filled cell is read, not only what looks like something."""
    return name in blocked or bool(named_kind(name))


def decisions(profiled: Sequence[Profile], *, masked: frozenset[str], blocked: frozenset[str]) -> list[Decision]:
    """What counts in every column."""
    named = {one.name: named_kind(one.name) for one in profiled}
    by_name = {one.name for one in profiled if named[one.name] and one.name not in masked and len(one.values) > rules().most_codes}  # fmt: skip
    has_names = any(named[name] == NAME for name in by_name)
    return [
        Decision(
            one.name, frozenset(counted_kinds(one, named[one.name], has_names=has_names)),
            one.name in by_name or one.name in blocked, KEPT_OUT if one.name in blocked else named[one.name],
        )
        for one in profiled
    ]  # fmt: skip


def counted_kinds(one: Profile, named: str, *, has_names: bool) -> Iterator[tuple[str, bool]]:
    """The kinds that count in a column, in cells with more than them and in cells of their own."""
    for kind in {*one.inside, *one.whole}:
        told = rules().kinds[kind]
        if told.beside_names:
            if has_names and are_births(one):
                yield kind, True
            continue
        yield kind, False
        # A number that passes by chance in one of ten must not make a column of numbers one of persons.
        if not told.alone or named or 2 * one.whole[kind] >= one.bare:
            yield kind, True


def are_births(one: Profile) -> bool:
    """Nearly all cells are dates, and these lie as far apart as the births of people do."""
    low, high = one.years or (0, 0)
    return one.whole[BIRTH] >= MOSTLY * one.read and high - low >= LEAST_YEARS


def counted_rows(
    source: Source, decided: Sequence[Decision], blocked: frozenset[str], *, allowed: frozenset[str], held_back: str | None
) -> Rows:  # fmt: skip
    """The second pass, over the columns in which something counts."""
    chosen = [one for one in decided if one.counts or one.by_name]
    rows = Rows(kinds={one.name: Counter() for one in decided})
    fields = [cell_sql(source, one.name, every=is_whole_read(one.name, blocked)) for one in chosen]
    for batch in streamed(source, [*fields, held_sql(source, held_back)]):
        held = batch.column(len(chosen)).to_numpy(zero_copy_only=False).astype(bool)
        found, exposed = np.zeros(len(held), bool), np.zeros(len(held), bool)
        for place, one in enumerate(chosen):
            hits = counted_cells(rows, one, *texts_of(batch.column(place)))
            rows.cells[one.name] += int(hits.sum())
            rows.open_cells[one.name] += int((hits & ~held).sum())
            found |= hits
            if one.name not in allowed:
                exposed |= hits
        rows.found += int(found.sum())
        rows.held += int(held.sum())
        rows.held_found += int((found & held).sum())
        rows.exposed += int((exposed & ~held).sum())
    return rows


def counted_cells(rows: Rows, one: Decision, texts: list[str], places: np.ndarray) -> np.ndarray:
    """The rows of a batch in which the column holds what counts; its cells are added up by kind."""
    kinds = [one.kinds_in(looked(text)) for text in texts]
    times = np.bincount(places[places >= 0], minlength=len(texts))
    for found, n in zip(kinds, times, strict=True):
        rows.kinds[one.name].update(dict.fromkeys(found, int(n)))
    # One more at the end, which is what -1 leads to.
    return np.array([*map(bool, kinds), False])[places]


def held_sql(source: Source, held_back: str | None) -> str:
    """SQL that says whether a row is held back."""
    if held_back is None:
        return "false"
    listed = ", ".join(text_literal(each) for each in TRUE)
    return f"coalesce(lower(trim(CAST({source.column(held_back)} AS VARCHAR))) IN ({listed}), false)"
