"""The checks pii_input and pii_output: where a table holds personal data, and whether that is what the record says of it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rai.checks.contract import InputError, Measure, Outcome, Threshold, looked, verdict_of
from rai.engine.intervals import z_shown
from rai.engine.judging import Figure, FigureRule, Judge, rule_of, share_of
from rai.engine.personal.reading import Asked, Personal, Scanned

VERSION = "1"
Side = Literal["pii_input", "pii_output"]
COLUMNS, ROWS, EXPOSED_SHARE, FOUND_SHARE = "exposed_columns", "exposed_rows", "exposed_share", "personal_share"
RULES: Mapping[str, str | None] = dict.fromkeys((COLUMNS, ROWS, EXPOSED_SHARE, FOUND_SHARE), "<=")
COUNTS = (COLUMNS, ROWS)
# What is judged where nobody approved another limit: no column shows what the record does not let through.
USUAL = ("exposed_columns<=0",)
MOST = 1e12


@dataclass(frozen=True)
class Declared:
    """What the record says of a column: blocked, masked or allowed, with the entry it stands in."""

    column: str
    handling: str
    entry: str = ""


@dataclass(frozen=True)
class ColumnFound:
    """One column with personal data: cells, those in rows not held back, by kind, what the record says, whether exposed."""

    name: str
    cells: int
    open_cells: int
    share: Measure
    kinds: Mapping[str, int]
    named: str
    by_name: bool
    handling: str
    is_exposed: bool
    is_header: bool


def asked_of(declared: Sequence[Declared], *, columns: Sequence[str] = (), held_back: str | None = None) -> Asked:
    """What is looked at, given what the record says."""
    by = {name: tuple(one.column for one in declared if one.handling == name) for name in ("allowed", "masked", "blocked")}  # fmt: skip
    return Asked(tuple(columns), by["allowed"], by["masked"], by["blocked"], held_back or None)


def run(
    personal: Personal,
    *,
    check: Side,
    declared: Sequence[Declared] = (),
    thresholds: Sequence[str] = (),
    confidence: float = 0.95,
    min_rows: int = 30,
    attempt: int = 1,
    parameters: Mapping[str, Any] | None = None,
    looks: int | None = None,
) -> Outcome:
    """Columns and rows with personal data, and those of them that are exposed.

    A column is exposed when it holds personal data and the record does not allow it to: nothing is said of it, or it is
    said to be masked or kept out and is not. `exposed_columns<=0` is judged where no limit is given. Counts are facts about
    these rows, from `min_rows` rows on; shares carry Wilson limits, since the rows seen stand for those to come, so that a share of
    0 is never shown. Raises InputError for parameters out of range and unknown rules.
    """
    started = time.perf_counter()
    if not 0.5 < confidence < 1 or attempt < 1 or min_rows < 1:
        raise InputError("confidence lies between 0.5 and 1; attempt and min-rows are at least 1.")
    judge = Judge(round(1 - confidence, 12), attempt, looks, floor=min_rows)
    columns = found_columns(personal, declared, z_shown(judge.gamma))
    rules = [parse_rule(text) for text in tuple(thresholds) or USUAL]
    entries = tuple(entry(rule, personal, columns, judge) for rule in rules)
    given = {"confidence": confidence, "min_rows": min_rows, "attempt": attempt, **looked(looks)}
    return Outcome(
        check=check, version=VERSION, rows=personal.rows, dropped=(),
        parameters={**(parameters or {}), **given, "declared": list(declared), "thresholds": [rule.text for rule in rules]},
        parts=parts(personal, columns, judge), thresholds=entries, verdict=verdict_of(entries),
        timings={**personal.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def parse_rule(text: str) -> FigureRule:
    """The rule that a text writes; raises InputError that says what can be written."""
    is_count = text.partition("<=")[0].strip() in COUNTS
    rule = rule_of(text, RULES, check="personal data", most=MOST if is_count else 1.0)
    if is_count and rule.limit != int(rule.limit):
        raise InputError('"{text}": {name} counts; write a whole number.', text=text, name=rule.name)
    return rule


def found_columns(personal: Personal, declared: Sequence[Declared], z: float) -> list[ColumnFound]:
    """The columns that hold personal data, the worst first."""
    said = {one.column: one.handling for one in declared}
    found = [
        column_found(one, said.get(one.name, ""), personal, z) for one in personal.columns if one.cells or one.is_header
    ]
    return sorted(found, key=lambda one: (not one.is_exposed, -one.cells, one.name))


def column_found(one: Scanned, handling: str, personal: Personal, z: float) -> ColumnFound:
    """One of them. What stands in rows that are held back exposes nothing."""
    share = share_of({"column": one.name}, one.cells, personal.rows).measure(z)
    is_exposed = one.is_header or (handling != "allowed" and one.open_cells > 0)
    return ColumnFound(
        one.name,
        one.cells,
        one.open_cells,
        share,
        one.kinds,
        one.named,
        one.by_name,
        handling,
        is_exposed,
        one.is_header,
    )


def entry(rule: FigureRule, personal: Personal, columns: Sequence[ColumnFound], judge: Judge) -> Threshold:
    """The threshold entry of one rule; a count of columns names the worst of them."""
    return judge.entry(rule, [figure_of(rule.name, personal, columns)], rows=personal.rows)


def figure_of(name: str, personal: Personal, columns: Sequence[ColumnFound]) -> Figure:
    """What a rule holds against its limit."""
    exposed = [one.name for one in columns if one.is_exposed]
    about = {"column": exposed[0]} if exposed else {}
    if name in COUNTS:
        n = float(len(exposed) if name == COLUMNS else personal.exposed)
        return Figure(about, n, lambda z: (n, n), personal.rows, "count")
    return share_of(about, personal.exposed if name == EXPOSED_SHARE else personal.found, personal.rows)


def parts(personal: Personal, columns: Sequence[ColumnFound], judge: Judge) -> dict[str, Any]:
    """What these checks add to the frame of all checks."""
    figures = {name: figure_of(name, personal, columns) for name in RULES}
    metrics = {name: figure.measure(z_shown(judge.gamma)) for name, figure in figures.items()}
    kinds: dict[str, int] = {}
    for one in columns:
        for kind, cells in one.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + cells
    return {
        "overall": {"n": personal.rows, "metrics": metrics},
        "found": columns,
        "kinds": dict(sorted(kinds.items())),
        "looked_at": len(personal.columns),
        "masked_cells": sum(one.masked for one in personal.columns),
        "held_back": {"rows": personal.held, "with_personal_data": personal.held_found},
        "by_chance": {one.name: one.dismissed for one in personal.columns if one.dismissed},
        "codes": [one.name for one in personal.columns if one.named and not one.by_name and one.filled and not one.cells],
    }  # fmt: skip
