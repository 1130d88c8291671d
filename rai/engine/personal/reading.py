"""A table looked over for personal data: the cells stream by, and only counts by column and kind are kept."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from rai.checks.contract import InputError
from rai.engine.personal.cells import Decision, Profile, Rows, counted_rows, decisions, profiles
from rai.engine.personal.detectors import hidden
from rai.engine.personal.rules import named_kind, rules
from rai.engine.sources import Limits, Source, check_rows, opened, text_literal

Files = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


@dataclass(frozen=True)
class Asked:
    """What is looked at, and what the record says of columns.

    `columns`: none looks at all. In `allowed` ones personal data may stand; `blocked` ones have to be empty, so every
    filled cell counts; in `masked` ones the name alone counts nothing. `held_back` says by its cells which rows are held back.
    """

    columns: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    held_back: str | None = None


@dataclass(frozen=True)
class Scanned:
    """One column: filled cells, those that look masked, those with personal data, also in rows not held back, and by kind.

    `name` hides what is personal in a column's own name, and `is_header` says so: a file without its line of names begins
    with somebody's. `named` is the kind that the column's name says; `by_name` tells that its unmasked cells count for that alone.
    `dismissed` are cells that passed a check digit by what looks like chance.
    """

    name: str
    filled: int
    masked: int
    cells: int = 0
    open_cells: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    dismissed: Mapping[str, int] = field(default_factory=dict)
    named: str = ""
    by_name: bool = False
    is_header: bool = False


@dataclass(frozen=True)
class Personal:
    """All that was counted: rows with personal data, rows that are held back, those of both, and exposed rows.

    A row is exposed when it is not held back and holds personal data in a column that is not allowed to.
    """

    rows: int
    columns: tuple[Scanned, ...]
    found: int
    exposed: int
    held: int
    held_found: int
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `personal_of` makes an equal one."""
        return asdict(self)


def read_personal(files: Files, asked: Asked, *, limits: Limits | None = None) -> Personal:
    """Look over every text, date and whole number of a table. Raises InputError for what cannot be read.

    The first pass over the files decides by column what counts, the second counts rows over the columns that do.
    """
    started = time.perf_counter()
    with opened(files, limits=limits) as source:
        ((rows,),) = source.rows("SELECT count(*) FROM {scan}")
        if rows == 0:
            raise InputError("{label} has no rows; upload a table that has some.", label=source.label)
        if limits:
            check_rows(source, rows, limits)
        for name in (*asked.columns, *filter(None, [asked.held_back])):
            source.column(name)
        names = [name for name in asked.columns or source.columns if name != asked.held_back]
        blocked = frozenset(asked.blocked)
        profiled = profiles(source, names, blocked)
        decided = decisions(profiled, masked=frozenset(asked.masked), blocked=blocked)
        counted = counted_rows(source, decided, blocked, allowed=frozenset(asked.allowed), held_back=asked.held_back)
        filled = cells_of(source, names)
    columns = tuple(
        scanned(one, decision, counted, filled[one.name]) for one, decision in zip(profiled, decided, strict=True)
    )
    places = {name: place for place, name in enumerate(source.columns, 1)}
    return Personal(
        int(rows), without_names(columns, places), counted.found, counted.exposed, counted.held, counted.held_found,
        {"scan": time.perf_counter() - started},
    )  # fmt: skip


def scanned(one: Profile, decision: Decision, counted: Rows, filled: tuple[int, int]) -> Scanned:
    """One column of both passes."""
    dismissed = {
        kind: n for kind, n in one.whole.items() if (kind, True) not in decision.counts and kind != "birth_date"
    }
    return Scanned(
        one.name, *filled, counted.cells[one.name], counted.open_cells[one.name], dict(sorted(counted.kinds[one.name].items())),
        dict(sorted(dismissed.items())), named_kind(one.name), decision.by_name,
    )  # fmt: skip


def without_names(columns: Sequence[Scanned], places: Mapping[str, int]) -> tuple[Scanned, ...]:
    """The columns, those whose own name is personal data called by what it is and by their place."""
    named = [(one, shown_name(one.name, places[one.name])) for one in columns]
    return tuple(replace(one, name=name, is_header=name != one.name) for one, name in named)


def shown_name(name: str, place: int) -> str:
    """A column's name with nobody's number in it."""
    clear = hidden(name)
    return name if clear == name else f"{clear} ({place})"


def cells_of(source: Source, names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Filled cells and those that look masked, by column, in one statement."""
    if not names:
        return {}
    masked = text_literal(rules().masked.pattern)
    texts = [f"trim(CAST({source.column(name)} AS VARCHAR))" for name in names]
    fields = [f"count(*) FILTER ({text} <> ''), count(*) FILTER ({text} <> '' AND regexp_matches({text}, {masked}))" for text in texts]  # fmt: skip
    (counts,) = source.rows(f"SELECT {', '.join(fields)} FROM {{scan}}")
    return {name: (int(counts[2 * place]), int(counts[2 * place + 1])) for place, name in enumerate(names)}
