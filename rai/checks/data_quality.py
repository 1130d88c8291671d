"""The check data_quality: how much of a table is missing, invalid, doubled, contradictory or leaking, with intervals."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rai.checks.contract import OPTIONAL, InputError, Measure, Outcome, Threshold, looked, verdict_of
from rai.engine.areas import Area, area_limits, is_by_score
from rai.engine.intervals import z_shown
from rai.engine.judging import Figure, FigureRule, Judge, nothing, rule_of, share_of
from rai.engine.quality import Looked, Quality

CHECK = "data_quality"
VERSION = "1"
RULES: Mapping[str, str | None] = dict.fromkeys(
    (
        "missing_share", "invalid_share", "duplicate_share", "key_duplicate_share", "key_missing_share", "conflict_share",
        "overlap_share", "key_overlap_share", "target_leakage",
    ),
    "<=",
)  # fmt: skip


@dataclass(frozen=True)
class ColumnQuality:
    """One column: what its cells hold, the share that is missing or of the wrong kind, and how well it tells the label."""

    name: str
    kind: str
    cells: Mapping[str, int]
    distinct: int
    metrics: Mapping[str, Measure]


@dataclass(frozen=True)
class Rule:
    """One expectation and the share of rows that break it."""

    rule: str
    column: str
    broken: int
    share: Measure


@dataclass(frozen=True)
class RowQuality:
    """Shares of rows; null where nothing was named that they could be computed from."""

    duplicate_share: Measure
    key_duplicate_share: Measure | None = field(default=None, metadata=OPTIONAL)
    key_missing_share: Measure | None = field(default=None, metadata=OPTIONAL)
    conflict_share: Measure | None = field(default=None, metadata=OPTIONAL)
    overlap_share: Measure | None = field(default=None, metadata=OPTIONAL)
    key_overlap_share: Measure | None = field(default=None, metadata=OPTIONAL)


def run(
    quality: Quality,
    *,
    thresholds: Sequence[str] = (),
    confidence: float = 0.95,
    min_rows: int = 30,
    attempt: int = 1,
    parameters: Mapping[str, Any] | None = None,
    looks: int | None = None,
) -> Outcome:
    """Shares of cells and rows with Wilson limits, and how well each column alone separates the labels.

    The rows seen stand for those to come, so that a limit is met when the whole interval is inside: a limit of 0 never
    is. `target_leakage` is max(A, 1 − A) of the area A under the ROC curve with limits by logit DeLong; a category
    stands for its own share of positives, which flatters it a little. Raises InputError for parameters out of range.
    """
    started = time.perf_counter()
    if not 0.5 < confidence < 1 or attempt < 1 or min_rows < 1:
        raise InputError("confidence lies between 0.5 and 1; attempt and min-rows are at least 1.")
    judge = Judge(round(1 - confidence, 12), attempt, looks, floor=min_rows)
    z = z_shown(judge.gamma)
    entries = tuple(entry(parse_rule(text), quality, judge) for text in thresholds)
    given = {"confidence": confidence, "min_rows": min_rows, "attempt": attempt, **looked(looks)}
    return Outcome(
        check=CHECK,
        version=VERSION,
        rows=quality.rows,
        dropped=(),
        parameters={**(parameters or {}), **given, "thresholds": list(thresholds)},
        parts=parts(quality, z),
        thresholds=entries,
        verdict=verdict_of(entries),
        timings={**quality.timings, "intervals": time.perf_counter() - started},
    )


def parse_rule(text: str) -> FigureRule:
    """The rule that a text writes; raises InputError that says what can be written."""
    return rule_of(text, RULES, check=CHECK)


def entry(rule: FigureRule, quality: Quality, judge: Judge) -> Threshold:
    """The threshold entry of one rule; what nobody named to compute it from cannot be judged."""
    return judge.entry(rule, figures(rule.name, quality), rows=quality.rows)


def figures(name: str, quality: Quality) -> list[Figure]:
    """The figures that a rule speaks of: one a column or expectation, or one of all rows."""
    if name == "missing_share":
        return [missing(column) for column in quality.columns]
    if name == "invalid_share":
        kept = [each for each in quality.columns if each.kind == "number"]
        rules = [share_of({"rule": one.text}, one.broken, one.rows) for one in quality.broken]
        return [misfits(column) for column in kept] + [each for each in rules if each.value is not None]
    if name == "target_leakage":
        return [leak for leak in (leakage(column) for column in quality.columns) if leak is not None]
    events = row_events(quality)[name]
    about = {"rows": name}
    return [Figure(about, None, nothing, 0, "wilson", "not_named") if events is None else share_of(about, events, quality.rows)]  # fmt: skip


def row_events(quality: Quality) -> dict[str, int | None]:
    """Rows that are doubled, without key, contradictory, or in the other table as well."""
    overlap = quality.overlap
    return {
        "duplicate_share": quality.doubled,
        "key_duplicate_share": quality.doubled_keys,
        "key_missing_share": quality.empty_keys,
        "conflict_share": quality.contradicting,
        "overlap_share": None if overlap is None else overlap.rows,
        "key_overlap_share": None if overlap is None else overlap.keys,
    }


def missing(column: Looked) -> Figure:
    """The share of cells without a value: NULL, empty, NaN. Infinite ones are invalid, not missing."""
    cells = column.cells
    return share_of({"column": column.name}, cells.null + cells.empty + cells.nan, cells.rows)


def misfits(column: Looked) -> Figure:
    """The share of filled cells that are no number, or infinite, in a column of numbers."""
    return share_of({"column": column.name}, column.misfits, column.cells.filled + column.cells.infinite)


def leakage(column: Looked) -> Figure | None:
    """How well a column alone separates the labels, either way round, in [0.5, 1]."""
    if column.area is None:
        return None
    found = Area(*column.area)
    value = float(column.area[0])

    def limits(z: float) -> tuple[float, float]:
        low, high = area_limits(found, z)
        if value < 0.5:
            low, high = 1 - high, 1 - low
        return max(low, 0.5), high

    method = "mann_whitney_score" if is_by_score(found) else "logit_delong"
    rows = min(found.positives, found.negatives)
    return Figure({"column": column.name}, max(value, 1 - value), limits, rows, method)


def parts(quality: Quality, z: float) -> dict[str, Any]:
    """What this check adds to the frame of all checks."""
    rows = {name: None if events is None else share_of({}, events, quality.rows).measure(z) for name, events in row_events(quality).items()}  # fmt: skip
    duplicates = rows.pop("duplicate_share") or Measure(None, None, None, "wilson", 0, reason="no rows")
    rules = [Rule(one.text, one.column, one.broken, share_of({}, one.broken, one.rows).measure(z)) for one in quality.broken]  # fmt: skip
    overlap = {} if quality.overlap is None else {"other": {"rows": quality.overlap.rows_other, "columns": quality.overlap.columns}}  # fmt: skip
    return {
        "row_quality": RowQuality(duplicates, **rows), "expectations": rules,
        "columns": [column_quality(column, z) for column in quality.columns], **overlap,
    }  # fmt: skip


def column_quality(column: Looked, z: float) -> ColumnQuality:
    """One column as it is printed."""
    metrics = {"missing_share": missing(column).measure(z)}
    if column.kind == "number":
        metrics["invalid_share"] = misfits(column).measure(z)
    leak = leakage(column)
    if leak is not None:
        metrics["target_leakage"] = leak.measure(z)
    return ColumnQuality(column.name, column.kind, asdict(column.cells), column.distinct, metrics)
