"""The check generalisation: quality by time, place or source, each part against the others and the spread over all of them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from rai.checks.contract import Group, InputError, Measure, Outcome, Threshold, looked, verdict_of
from rai.checks.disparities import spread_of
from rai.checks.group_fairness import check_settings, dropped
from rai.checks.performance import DECISIONS, JUDGED, RATES, available, groups, judged, overall, parse_rule, unscored
from rai.checks.performance_numbers import fitted, nothing
from rai.checks.score_groups import missing_rows, score_groups
from rai.checks.weak_spots import search
from rai.engine.cube import MISSING, Table
from rai.engine.intervals import mover_difference, z_shown
from rai.engine.parts import Parts
from rai.engine.rates import Measurable
from rai.engine.rules import Rule
from rai.engine.score_metrics import NUMBERS, RANKING, ScoreMetric
from rai.engine.verdicts import Role, Settings, judge

CHECK = "generalisation"
VERSION = "1"

__all__ = ["parse_rule", "run"]


@dataclass(frozen=True)
class Apart:
    """How one part differs from all others together, at the printed level of this part alone."""

    by: tuple[str, ...]
    group: Group
    metric: str
    difference: Measure


def run(
    parts: Parts,
    *,
    thresholds: Sequence[str] = (),
    confidence: float = 0.95,
    min_group: int = 30,
    small_groups: Literal["block", "disclose"] = "block",
    reference: str | None = None,
    attempt: int = 1,
    role: Role = "test",
    seed: int = 0,
    looks: int | None = None,
) -> Outcome:
    """Every metric of performance for each part of one column, and rules over the parts.

    `accuracy_difference<=0.05` holds the spread over all pairs of parts against a limit, `_difference_to_rest` each part
    against all others, `_difference_to_reference` against the part named `reference` (such as the one that is like the
    training rows; the largest without), `_group_min` the worst part. A part below `min_group` rows of a metric's own
    denominator makes its rules insufficient, as does a missing time, place or source in more than one row of twenty.

    Raises InputError for parameters out of range, an unknown part, and metrics that these rows do not have.
    """
    started = time.perf_counter()
    by = (parts.asked.column,)
    given = {} if reference is None else {parts.asked.column: reference}
    settings = Settings(confidence, attempt, min_group, small_groups, role, seed, given, looks)
    check_settings(settings, 1)
    require_part(parts, reference)
    is_number = parts.asked.kind == "regression"
    rules = [available(parse_rule(text), parts.book, is_number=is_number) for text in thresholds]
    entries = of_numbers(rules, parts, by, settings) if is_number else of_decisions(rules, parts, by, settings)
    found = numbers(parts, by, settings) if is_number else decisions(parts, by, settings)
    source = parts.book if is_number else parts.cube
    assert source is not None
    lost = missing_rows(source) if is_number else (*dropped(source), *unscored(parts.book))  # type: ignore[arg-type]
    return Outcome(
        check=CHECK, version=VERSION, rows=source.rows, dropped=lost,
        parameters=parameters(parts, settings, reference, thresholds),
        parts={"kind": parts.asked.kind, "span": span(parts), **found}, thresholds=entries, verdict=verdict_of(entries),
        timings={**source.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def require_part(parts: Parts, reference: str | None) -> None:
    """Refuse fewer than two parts, and a reference that is none of them."""
    table = table_of(parts, (parts.asked.column,))
    names = [group[0] for group in table.groups if group[0] != MISSING]
    if len(names) < 2:
        only = f'only "{names[0]}"' if names else "none"
        raise InputError(
            'Column "{column}" holds {only}; two parts are needed to see whether quality carries over.',
            column=parts.asked.column,
            only=only,
        )
    if reference is not None and reference not in names:
        some = ", ".join(names[:8])
        raise InputError(
            'There is no part "{reference}" in "{column}"; its parts are {some}.',
            reference=reference,
            column=parts.asked.column,
            some=some,
        )


def table_of(parts: Parts, by: tuple[str, ...]) -> Table:
    """The table of all that decisions or numbers are judged by."""
    if parts.cube is not None:
        return parts.cube.table(by)
    assert parts.book is not None
    return parts.book.table(by)


def of_decisions(rules: Sequence[Rule], parts: Parts, by: tuple[str, ...], settings: Settings) -> tuple[Threshold, ...]:
    """An entry for each rule."""
    assert parts.cube is not None
    tables = {each: parts.cube.table(each) for each in ((), by)}
    ranked = {each: parts.book.table(each) for each in ((), by)} if parts.book else {}
    return judged(rules, [by], tables, ranked, settings)


def of_numbers(rules: Sequence[Rule], parts: Parts, by: tuple[str, ...], settings: Settings) -> tuple[Threshold, ...]:
    """The same for numbers."""
    assert parts.book is not None
    tables = {each: parts.book.table(each) for each in ((), by)}
    picked = [(rule, tables[() if rule.comparison == "none" else by]) for rule in rules]
    return tuple(entry for rule, table in picked for entry in judge(rule, [table], settings, metrics=JUDGED))


def decisions(parts: Parts, by: tuple[str, ...], settings: Settings) -> dict[str, Any]:
    """All rows and every part, the parts against each other, and those that are surely worse."""
    assert parts.cube is not None
    ranked = {each: parts.book.table(each) if parts.book else None for each in ((), by)}
    whole, table, generator = (
        parts.cube.table(()),
        parts.cube.table(by),
        np.random.Generator(np.random.PCG64(settings.seed)),
    )
    of_scores = [(ranked[by], metric) for metric in shown_scores(parts)]
    compared = [*((table, metric) for metric in DECISIONS.values()), *of_scores]
    return {
        "overall": overall(whole, ranked[()], settings, generator),
        "groups": groups(table, ranked[by], settings, generator),
        "disparities": [spread_of(each, metric, settings) for each, metric in compared if each is not None],
        "to_rest": [one for each, metric in compared if each is not None for one in to_rest(each, metric, settings)],
        "weak_spots": search([table], RATES["accuracy"], settings, is_error=False),
    }


def numbers(parts: Parts, by: tuple[str, ...], settings: Settings) -> dict[str, Any]:
    """The same for numbers."""
    assert parts.book is not None
    whole, table = parts.book.table(()), parts.book.table(by)
    (everything,) = score_groups(whole, NUMBERS, settings, fitted, nothing)
    return {
        "overall": everything,
        "groups": score_groups(table, NUMBERS, settings, fitted, nothing),
        "disparities": [spread_of(table, metric, settings) for metric in NUMBERS.values()],
        "to_rest": [one for metric in NUMBERS.values() for one in to_rest(table, metric, settings)],
        "weak_spots": search([table], NUMBERS["mean_absolute_error"], settings, is_error=True),
    }


def shown_scores(parts: Parts) -> list[ScoreMetric]:
    """The metrics of scores that these rows have."""
    if parts.book is None:
        return []
    return [each for each in RANKING.values() if each.name == "roc_auc" or parts.book.is_probability]


def to_rest(table: Table, metric: Measurable, settings: Settings) -> list[Apart]:
    """Each named part less all other named parts together (MOVER); nothing for what does not add up, such as areas."""
    places = np.flatnonzero(~table.unnamed)
    if not getattr(metric, "adds_up", True) or len(places) < 2:
        return []
    chosen = table.take(places)
    own, others, z = metric.estimates(chosen), metric.estimates(chosen.rest()), z_shown(settings.gamma)
    (low1, high1), (low2, high2) = own.limits(z), others.limits(z)
    low, high = mover_difference(own.value, low1, high1, others.value, low2, high2)
    return [
        Apart(chosen.by, chosen.named(place), metric.name, gap(own.value[place] - others.value[place], low[place], high[place], own.n[place], metric))
        for place in range(len(chosen))
    ]  # fmt: skip


def gap(value: float, low: float, high: float, n: float, metric: Measurable) -> Measure:
    """One difference; null where either side has no value."""
    if not np.isfinite([value, low, high]).all():
        return Measure(None, None, None, "mover", int(n), reason=metric.empty)
    return Measure(float(value), float(low), float(high), "mover", int(n))


def span(parts: Parts) -> Mapping[str, Any] | None:
    """What times the column holds; None where it holds none."""
    return None if parts.span is None else asdict(parts.span) | {"is_converted": parts.span.is_converted}


def parameters(parts: Parts, settings: Settings, reference: str | None, thresholds: Sequence[str]) -> dict[str, Any]:
    """Everything that decided the numbers."""
    rule = {"confidence": settings.confidence, "min_group": settings.min_group, "small_groups": settings.small_groups}
    ran = {"role": settings.role, "attempt": settings.attempt, "seed": settings.seed, **looked(settings.looks)}
    return {**asdict(parts.asked), "reference": reference, **rule, **ran, "thresholds": list(thresholds)}
