"""The check group_fairness: rates of every group with intervals, how they differ, and rules judged on the differences."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from rai.checks.contract import (
    Counts,
    Dropped,
    GroupResult,
    InputError,
    Measure,
    Missing,
    Outcome,
    Overall,
    looked,
    verdict_of,
)
from rai.checks.disparities import disparity, named_figures
from rai.engine.cube import UNKNOWN, Cube, Table
from rai.engine.intervals import z_shown
from rai.engine.rates import METRICS, Metric, Rates, rates_of, worst_case
from rai.engine.rules import Rule, rule_of
from rai.engine.verdicts import MOST_LOOKS, ROLES, Role, Settings, judge, statuses

CHECK = "group_fairness"
VERSION = "1"


def run(
    cube: Cube,
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
    """Rates of every group, their differences and the verdict of every rule, from counts alone.

    `thresholds` are rules such as `false_positive_rate_difference<=0.1`; each is judged for every set of 1 to
    `intersections` sensitive columns (and every stratum of the control columns). `confidence` in (0.5, 1); `attempt`
    counts earlier verdicts of the rule on the same rows from 1; `reference` names a group by column; rows with role
    `development` can make a rule fail and never pass. Estimators: Wilson, Newcombe, MOVER-R (see `engine.intervals`).

    Raises InputError for parameters out of range, unknown metrics and an unknown reference.
    """
    started = time.perf_counter()
    settings = Settings(confidence, attempt, min_group, small_groups, role, seed, dict(reference or {}), looks)
    check_settings(settings, intersections)
    check_reference(cube, settings.reference)
    rules = [parse_rule(text) for text in thresholds]
    groupings = [[cube.table(by, stratum) for stratum in strata_of(cube)] for by in cube.groupings(intersections)]
    entries = judged(cube, rules, groupings, settings)
    return Outcome(
        check=CHECK,
        version=VERSION,
        rows=cube.rows,
        dropped=dropped(cube),
        parameters=parameters(cube, settings, intersections, thresholds),
        parts=parts(cube, groupings, settings, intersections),
        thresholds=entries,
        verdict=verdict_of(entries),
        timings={**cube.timings, "intervals": time.perf_counter() - started},
    )


def parse_rule(text: str) -> Rule:
    """The rule that a text writes; raises InputError that says what can be written."""
    return rule_of(text, tuple(METRICS), check=CHECK)


def judged(cube: Cube, rules: Sequence[Rule], groupings: Sequence[list[Table]], settings: Settings) -> tuple:
    """An entry for each rule and grouping; rules on single values are judged once a stratum."""
    whole = [[cube.table((), stratum) for stratum in strata_of(cube)]]
    pairs = [(rule, tables) for rule in rules for tables in (whole if rule.comparison == "none" else groupings)]
    return tuple(entry for rule, tables in pairs for entry in judge(rule, tables, settings))


def parts(cube: Cube, groupings: Sequence[list[Table]], settings: Settings, intersections: int) -> dict[str, Any]:
    """What this check adds to the frame of all checks."""
    tables = [table for strata in groupings for table in strata]
    strata = (
        {"strata": [overall(cube.table((), each), settings) for each in cube.strata]} if cube.mapped.control else {}
    )
    return {
        "overall": overall(cube.table(()), settings),
        **strata,
        "groups": [group for table in tables for group in group_results(table, settings)],
        "disparities": [disparity(table, metric, settings) for table in tables for metric in METRICS.values()],
        "named": {",".join(by): named_figures(cube.table(by)) for by in cube.groupings(intersections)},
    }


def strata_of(cube: Cube) -> tuple[tuple[str, ...] | None, ...]:
    """The control strata; one of everything without control columns."""
    return cube.strata if cube.mapped.control else (None,)


def check_settings(settings: Settings, intersections: int) -> None:
    """Refuse parameters out of range."""
    if not 0.5 < settings.confidence < 1:
        raise InputError(
            "confidence is {confidence}; it lies between 0.5 and 1, usually 0.95.",
            confidence=f"{settings.confidence:g}",
        )
    if settings.attempt < 1:
        raise InputError("attempt is {attempt}; attempts are counted from 1.", attempt=settings.attempt)
    if settings.min_group < 1:
        raise InputError("min-group is {min_group}; it is at least 1, usually 30.", min_group=settings.min_group)
    if intersections < 1:
        raise InputError(
            "intersections is {intersections}; 1 looks at each column alone, 2 also at pairs.",
            intersections=intersections,
        )
    if settings.small_groups not in {"block", "disclose"}:
        raise InputError(
            'small-groups is "{small_groups}"; it is block or disclose.', small_groups=settings.small_groups
        )
    if settings.role not in ROLES:
        raise InputError('role is "{role}"; it is {roles}.', role=settings.role, roles=", ".join(ROLES))
    if settings.looks is not None and not 1 <= settings.looks <= MOST_LOOKS:
        raise InputError(
            "looks is {looks}; a year holds from 1 to {most_looks}.", looks=settings.looks, most_looks=MOST_LOOKS
        )


def check_reference(cube: Cube, reference: Mapping[str, str]) -> None:
    """Refuse a reference group that does not exist."""
    for column, value in reference.items():
        if column not in cube.mapped.sensitive:
            raise InputError('The reference names "{column}", which is not among the sensitive columns.', column=column)
        found = {cell.values[cube.mapped.keys.index(column)] for cell in cube.cells}
        if value not in found:
            some = ", ".join(sorted(found)[:8])
            raise InputError(
                'The reference {column}={value} does not exist; the groups of "{column}" are {some}.',
                column=column,
                value=value,
                some=some,
            )


def parameters(cube: Cube, settings: Settings, intersections: int, thresholds: Sequence[str]) -> dict[str, Any]:
    """Everything that decided the numbers, for the digest and for running the check again."""
    mapped = cube.mapped
    columns = {"target": mapped.target, "prediction": mapped.prediction, "positive": mapped.positive}
    groups = {"sensitive": mapped.sensitive, "control": mapped.control, "intersections": intersections}
    rows = {
        "weight": mapped.weight,
        "weight_kind": mapped.weight_kind,
        "cluster": mapped.cluster,
        "role": settings.role,
    }
    rule = {"confidence": settings.confidence, "min_group": settings.min_group, "small_groups": settings.small_groups}
    run = {"reference": settings.reference, "attempt": settings.attempt, "seed": settings.seed}
    return {**columns, **groups, **rows, **rule, **run, **looked(settings.looks), "thresholds": list(thresholds)}


def dropped(cube: Cube) -> tuple[Dropped, ...]:
    """Rows without label or prediction, by what is missing."""
    rows = cube.table(()).rows.sum(axis=0)
    found = {
        "no label": rows[UNKNOWN, :UNKNOWN].sum(),
        "no prediction": rows[:UNKNOWN, UNKNOWN].sum(),
        "no label and no prediction": rows[UNKNOWN, UNKNOWN],
    }
    return tuple(Dropped(reason, int(n)) for reason, n in found.items() if n)


def overall(table: Table, settings: Settings) -> Overall:
    """All complete rows of a table with one group."""
    metrics = {name: measures(table, metric, settings)[0] for name, metric in METRICS.items()}
    metrics["count"] = count_of(table, 0)
    control = dict(table.control) or None
    return Overall(int(table.n[0]), counts_of(table, 0), metrics, missing_of(table, 0), control)


def group_results(table: Table, settings: Settings) -> list[GroupResult]:
    """Every group of a table."""
    columns = {name: measures(table, metric, settings) for name, metric in METRICS.items()}
    evaluable = (table.n >= settings.min_group) & ~table.unnamed
    return [
        GroupResult(
            by=table.by,
            group=table.named(place),
            n=int(table.n[place]),
            counts=counts_of(table, place),
            metrics={**{name: column[place] for name, column in columns.items()}, "count": count_of(table, place)},
            evaluable=bool(evaluable[place]),
            missing=missing_of(table, place),
            control=dict(table.control) or None,
        )
        for place in range(len(table))
    ]


def counts_of(table: Table, place: int) -> Counts:
    """The four cells of one group."""
    (tn, fp), (fn, tp) = table.counts[place].astype(np.int64).tolist()
    return Counts(tp=tp, fp=fp, fn=fn, tn=tn)


def count_of(table: Table, place: int) -> Measure:
    """The number of complete rows as a metric, as fairlearn's `count`."""
    n = int(table.n[place])
    return Measure(n, None, None, "count", n)


def missing_of(table: Table, place: int) -> Missing:
    """Incomplete rows of one group."""
    return Missing(int(table.incomplete[place]), float(table.incomplete_share[place]))


def measures(table: Table, metric: Metric, settings: Settings) -> list[Measure]:
    """One metric of every group with its interval."""
    rates = rates_of(table, metric)
    limits, bounds = rates.limits(z_shown(settings.gamma)), worst_case(table, metric)
    status = statuses(rates, table, settings.min_group)
    return [measure(table, metric, rates, limits, bounds, status, place) for place in range(len(table))]


def measure(
    table: Table,
    metric: Metric,
    rates: Rates,
    limits: tuple[np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray],
    status: Sequence[str | None],
    place: int,
) -> Measure:
    """One metric of one group; null with the group and what is missing where it is undefined."""
    n, evaluable = int(rates.n[place]), None if status[place] is None else False
    if np.isnan(rates.base[place]):
        return Measure(
            None, None, None, rates.method, n, reason=undefined(table, metric, n, place), evaluable=evaluable
        )
    low, high = (float(limit[place]) for limit in limits)
    size = float(rates.size[place]) if rates.effective else None
    incomplete = table.incomplete[place] > 0 and not metric.jaccard and table.weight_kind is None
    worst = (float(bounds[0][place]), float(bounds[1][place])) if incomplete else None
    value = float(rates.value[place])
    return Measure(value, low, high, rates.method, n, n_effective=size, evaluable=evaluable, worst_case=worst)


def undefined(table: Table, metric: Metric, n: int, place: int) -> str:
    """Which group, and what it has none of."""
    group = ", ".join(f"{column}={value}" for column, value in table.named(place).items())
    empty = "no weight" if n else metric.empty
    return f"{group}: {empty}" if group else empty
