"""The check group_fairness for models that predict a number: mean prediction and errors of every group, and how they differ."""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from rai.checks.contract import InputError, Measure, Outcome, verdict_of
from rai.checks.disparities import spread_of
from rai.checks.group_fairness import CHECK, VERSION, check_settings
from rai.checks.measured import require_comparable
from rai.checks.score_groups import book_parameters, missing_rows, score_groups
from rai.engine.rules import Rule, rule_of
from rai.engine.score_metrics import NUMBERS, MeanOf, ScoreMetric
from rai.engine.scores import Book, Part
from rai.engine.verdicts import Role, Settings, judge

PREDICTED = MeanOf("mean_prediction", "score", (-math.inf, math.inf))
COMPARED: dict[str, ScoreMetric] = {"mean_prediction": PREDICTED, **NUMBERS}


def run(
    book: Book,
    *,
    thresholds: Sequence[str] = (),
    intersections: int = 1,
    confidence: float = 0.95,
    min_group: int = 30,
    small_groups: Literal["block", "disclose"] = "block",
    reference: Mapping[str, str] | None = None,
    attempt: int = 1,
    role: Role = "test",
    seed: int = 0,
    looks: int | None = None,
) -> Outcome:
    """Mean prediction, mean absolute, mean squared and root mean squared error and mean residual (true − predicted).

    All in the units of the true value, with Student's limits; differences between groups by MOVER. Rules are such as
    `mean_absolute_error_difference<=100`. Raises InputError for parameters out of range and unknown metrics or groups.
    """
    started = time.perf_counter()
    settings = Settings(confidence, attempt, min_group, small_groups, role, seed, dict(reference or {}), looks)
    check_settings(settings, intersections)
    groupings = book.groupings(intersections)
    tables = {by: book.table(by) for by in [(), *groupings]}
    require_reference(book, settings.reference)
    entries = tuple(
        entry
        for rule in map(parse_rule, thresholds)
        for by in ([()] if rule.comparison == "none" else groupings)
        for entry in judge(rule, [tables[by]], settings, metrics=COMPARED)
    )
    (overall,) = score_groups(tables[()], COMPARED, settings, counted, nothing)
    parts = {
        "overall": overall,
        "groups": [each for by in groupings for each in score_groups(tables[by], COMPARED, settings, counted, nothing)],
        "disparities": [spread_of(tables[by], metric, settings) for by in groupings for metric in COMPARED.values()],
        "named": {},
    }
    shown = {"kind": "regression", **book_parameters(book, settings, intersections, thresholds)}
    return Outcome(
        check=CHECK, version=VERSION, rows=book.rows, dropped=missing_rows(book),
        parameters={**shown, "reference": settings.reference}, parts=parts, thresholds=entries,
        verdict=verdict_of(entries), timings={**book.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def parse_rule(text: str) -> Rule:
    """The rule that a text writes; raises InputError that says what can be written."""
    ranges = {name: metric.range for name, metric in COMPARED.items()}
    rule = rule_of(text, tuple(COMPARED), check=CHECK, ranges=ranges)
    return require_comparable(rule, as_rate=(), adds_up=tuple(COMPARED))


def require_reference(book: Book, reference: Mapping[str, str]) -> None:
    """Refuse a reference group that does not exist."""
    for column, value in reference.items():
        if column not in book.asked.groups:
            raise InputError('The reference names "{column}", which is not among the sensitive columns.', column=column)
        found = [values for (values,) in book.table((column,)).groups]
        if value not in found:
            some = ", ".join(found[:8])
            raise InputError(
                'The reference {column}={value} does not exist; the groups of "{column}" are {some}.',
                column=column,
                value=value,
                some=some,
            )


def counted(part: Part, settings: Settings) -> dict[str, Measure]:
    """The number of complete rows, as fairlearn's `count`."""
    return {"count": Measure(part.n, None, None, "count", part.n)}


def nothing(part: Part) -> Mapping[str, Any] | None:
    """No parts of another shape."""
    return None
