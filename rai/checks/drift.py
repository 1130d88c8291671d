"""The check drift: how far inputs, outputs and quality of a table lie from those of a reference table, with intervals."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from rai.checks.contract import OPTIONAL, Dropped, InputError, Measure, Outcome, Threshold, verdict_of
from rai.checks.shifted import Shifted, shifted
from rai.engine.intervals import mover_difference, wilson, z_shown
from rai.engine.judging import Figure, FigureRule, Judge, nothing, rule_of
from rai.engine.shift import Shift

CHECK = "drift"
VERSION = "1"
# What may be written of a column, and of which columns: inputs or outputs of the model.
SCOPES: Mapping[str, str] = {"data": "feature", "prediction": "prediction"}
STATISTICS = ("psi", "ks", "unseen_share", "missing_difference")
# Events and denominator among tn, fp, fn, tp.
QUALITY: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "accuracy": ((0, 3), (0, 1, 2, 3)),
    "true_positive_rate": ((3,), (2, 3)),
    "true_negative_rate": ((0,), (0, 1)),
    "precision": ((3,), (1, 3)),
}
RULES: Mapping[str, str | None] = {
    **{f"{scope}_{name}": "<=" for scope in SCOPES for name in STATISTICS},
    **{f"{name}_drop": "<=" for name in QUALITY},
}
# A population stability index has no upper end; 0.25 already counts as a large shift.
MOST_LIMIT = 10.0


@dataclass(frozen=True)
class Quality:
    """One rate in both tables, and how much lower it is in the current one; rows of the two tables are independent."""

    metric: str
    reference: Measure
    current: Measure
    drop: Measure


@dataclass(frozen=True)
class ColumnResult:
    """One column in both tables: what its cells hold, every statistic, and where its rows lie."""

    name: str
    role: str
    kind: str
    reference: Mapping[str, int]
    current: Mapping[str, int]
    metrics: Mapping[str, Measure]
    bins: tuple[Mapping[str, Any], ...]
    unseen: tuple[Mapping[str, Any], ...]
    tests: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = field(default=None, metadata=OPTIONAL)


def run(
    shift: Shift,
    *,
    thresholds: Sequence[str] = (),
    confidence: float = 0.95,
    min_rows: int = 30,
    looks: int = 12,
    attempt: int = 1,
    parameters: Mapping[str, Any] | None = None,
) -> Outcome:
    """The shift of every column and the verdict of every rule: alarm is stored as fail, watch as insufficient, within as pass.

    PSI over deciles or categories of the reference, corrected for chance (Yurdakul 2018); KS with limits by Dvoretzky,
    Kiefer, Wolfowitz and Massart; shares by Wilson, differences by MOVER; the Wasserstein distance in standard deviations
    of the reference is shown and never judged. `looks` (1 to 366) are the looks planned a year: an alarm needs the lower
    end at Φ⁻¹(1 − (γ/2)/(looks·m)) beyond the limit, m the columns that the rule judges. `attempt` counts how often these
    rows were judged, from 1: new rows are a first attempt.

    Raises InputError for parameters out of range and for rules that cannot be judged.
    """
    started = time.perf_counter()
    if not 0.5 < confidence < 1 or not 1 <= looks <= 366 or min_rows < 1 or attempt < 1:
        raise InputError(
            "confidence lies between 0.5 and 1, looks between 1 and 366; min-rows and attempt are at least 1."
        )
    judge = Judge(round(1 - confidence, 12), attempt, looks, floor=min_rows)
    z = z_shown(judge.gamma)
    columns = [shifted(column) for column in shift.columns]
    entries = tuple(entry(parse_rule(text), columns, shift, judge) for text in thresholds)
    return Outcome(
        check=CHECK,
        version=VERSION,
        rows=shift.rows_current,
        dropped=dropped(shift),
        parameters={
            **(parameters or {}), "confidence": confidence, "min_rows": min_rows, "looks": looks, "attempt": attempt, "thresholds": list(thresholds),
        },
        parts=parts(shift, columns, z),
        thresholds=entries,
        verdict=verdict_of(entries),
        timings={**shift.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def parse_rule(text: str) -> FigureRule:
    """The rule that a text writes; raises InputError that says what can be written."""
    rule = rule_of(text, RULES, check=CHECK, most=MOST_LIMIT)
    if not rule.name.endswith("_psi") and rule.limit > 1:
        raise InputError('"{text}": the limit of {name} lies between 0 and 1.', text=text, name=rule.name)
    return rule


def entry(rule: FigureRule, columns: Sequence[Shifted], shift: Shift, judge: Judge) -> Threshold:
    """The threshold entry of one rule."""
    rows = shift.rows_reference + shift.rows_current
    if rule.name.endswith("_drop"):
        return judge.entry(rule, [drop_figure(rule.name.removesuffix("_drop"), shift)], rows=rows)
    scope, _underscore, statistic = rule.name.partition("_")
    figures = [column.figure(statistic) for column in columns if column.column.role == SCOPES[scope]]
    return judge.entry(rule, [figure for figure in figures if figure is not None], rows=rows)


def parts(shift: Shift, columns: Sequence[Shifted], z: float) -> dict[str, Any]:
    """What this check adds to the frame of all checks."""
    tables = {"reference": {"rows": shift.rows_reference}, "current": {"rows": shift.rows_current}}
    return {"tables": tables, "columns": [result(each, z) for each in columns], "performance": performance(shift, z)}


def result(shifted: Shifted, z: float) -> ColumnResult:
    """One column as it is printed."""
    column = shifted.column
    return ColumnResult(
        name=column.name,
        role=column.role,
        kind=column.kind,
        reference=asdict(column.reference),
        current=asdict(column.current),
        metrics=shifted.measures(z),
        bins=shifted.bins(),
        unseen=shifted.unseen(),
        tests=shifted.tests(),
        reason=None if column.kind in {"number", "category"} else column.kind,
    )


def rate(metric: str, counts: tuple[int, int, int, int] | None) -> tuple[int, int]:
    """Events and denominator of a rate; none without labels."""
    if counts is None:
        return 0, 0
    events, denominator = QUALITY[metric]
    return sum(counts[place] for place in events), sum(counts[place] for place in denominator)


def drop_figure(metric: str, shift: Shift) -> Figure:
    """How much lower a rate is in the current table: p_reference − p_current with MOVER limits."""
    sides = rate(metric, shift.labels_reference), rate(metric, shift.labels_current)
    about = {"metric": metric}
    if min(n for _x, n in sides) == 0:
        return Figure(about, None, nothing, 0, "mover", "undefined_group")
    (first, second), sizes = [np.array(x / n) for x, n in sides], [np.array(n) for _x, n in sides]

    def limits(z: float) -> tuple[float, float]:
        low, high = mover_difference(first, *wilson(first, sizes[0], z), second, *wilson(second, sizes[1], z))
        return float(low), float(high)

    return Figure(about, float(first - second), limits, int(min(sizes)), "mover")


def performance(shift: Shift, z: float) -> list[Quality]:
    """Every rate in both tables; empty where a table has no labels."""
    if shift.labels_reference is None or shift.labels_current is None:
        return []
    return [
        Quality(metric, measured(*rate(metric, shift.labels_reference), z), measured(*rate(metric, shift.labels_current), z),
                drop_figure(metric, shift).measure(z))
        for metric in QUALITY
    ]  # fmt: skip


def measured(x: int, n: int, z: float) -> Measure:
    """A rate with its Wilson interval."""
    if n == 0:
        return Measure(None, None, None, "wilson", 0, reason="no rows of this kind")
    low, high = wilson(np.array(x / n), np.array(n), z)
    return Measure(x / n, float(low), float(high), "wilson", n)


def dropped(shift: Shift) -> tuple[Dropped, ...]:
    """Rows that quality could not be computed on."""
    named = zip(("the reference", "the current table"), shift.unlabelled, strict=True)
    return tuple(
        Dropped(f"no label or no prediction in {name} (left out of quality)", rows) for name, rows in named if rows
    )
