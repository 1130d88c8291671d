"""The check performance for models that predict a number: errors over all rows and in every slice, and where they are largest."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from rai.checks.contract import Measure, Outcome, verdict_of
from rai.checks.group_fairness import check_settings
from rai.checks.performance import CHECK, JUDGED, SEARCHED_FEATURES, VERSION, available, parse_rule
from rai.checks.score_groups import book_parameters, missing_rows, score_groups
from rai.checks.weak_spots import search
from rai.engine.score_metrics import NUMBERS
from rai.engine.scores import Book, Part
from rai.engine.verdicts import Role, Settings, judge


def run(
    book: Book,
    *,
    thresholds: Sequence[str] = (),
    intersections: int = 1,
    confidence: float = 0.95,
    min_group: int = 30,
    small_groups: Literal["block", "disclose"] = "block",
    attempt: int = 1,
    role: Role = "test",
    seed: int = 0,
    looks: int | None = None,
) -> Outcome:
    """Errors of predicted numbers, in the units of the true value: mean absolute, mean squared and its root, mean residual
    (true − predicted), with Student's limits; R² with a resampled interval, shown and never judged.

    The book holds all pairs of group columns where weak spots are to be searched among them. Raises InputError for
    parameters out of range and for metrics of yes-or-no decisions.
    """
    started = time.perf_counter()
    settings = Settings(confidence, attempt, min_group, small_groups, role, seed, looks=looks)
    check_settings(settings, intersections)
    rules = [available(parse_rule(text), None, is_number=True) for text in thresholds]
    groupings = book.groupings(intersections)
    tables = {by: book.table(by) for by in [(), *book.groupings(max(intersections, SEARCHED_FEATURES))]}
    entries = tuple(
        entry
        for rule in rules
        for by in ([()] if rule.comparison == "none" else groupings)
        for entry in judge(rule, [tables[by]], settings, metrics=JUDGED)
    )
    searched = [table for by, table in tables.items() if 1 <= len(by) <= SEARCHED_FEATURES and len(table)]
    skipped = tuple(by for by, table in tables.items() if not len(table))
    (overall,) = score_groups(tables[()], NUMBERS, settings, fitted, nothing)
    parts = {
        "kind": "regression",
        "overall": overall,
        "groups": [each for by in groupings for each in score_groups(tables[by], NUMBERS, settings, fitted, nothing)],
        "weak_spots": search(searched, NUMBERS["mean_absolute_error"], settings, is_error=True, skipped=skipped),
    }
    return Outcome(
        check=CHECK, version=VERSION, rows=book.rows, dropped=missing_rows(book),
        parameters={"kind": "regression", **book_parameters(book, settings, intersections, thresholds)},
        parts=parts, thresholds=entries, verdict=verdict_of(entries),
        timings={**book.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def fitted(part: Part, settings: Settings) -> dict[str, Measure]:
    """R², and the number of complete rows."""
    count = {"count": Measure(part.n, None, None, "count", part.n)}
    fit = part.fit
    if fit is None or fit.value is None:
        why = "fewer than two rows, or one true value for all"
        return {"r2": Measure(None, None, None, "resampling", part.n, reason=why), **count}
    return {"r2": Measure(fit.value, fit.low, fit.high, "resampling", part.n), **count}


def nothing(part: Part) -> Mapping[str, Any] | None:
    """No parts of another shape."""
    return None
