"""The check group_fairness for labels of several classes: each class against the rest, and means over the classes."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rai.checks.contract import Dropped, Group, Measure, Missing, Outcome, Threshold, verdict_of
from rai.checks.disparities import disparity, spread_of
from rai.checks.group_fairness import (
    CHECK,
    VERSION,
    check_reference,
    check_settings,
    count_of,
    dropped,
    group_results,
    missing_of,
    overall,
    parameters,
)
from rai.checks.measured import estimated, require_comparable
from rai.engine.classes import MACRO, ClassCube, ClassTable
from rai.engine.cube import Cube
from rai.engine.rates import METRICS
from rai.engine.rules import Rule, rule_of
from rai.engine.verdicts import Role, Settings, judge


@dataclass(frozen=True)
class ClassGroup:
    """All classes of one group together: `confusion` holds rows by true and by predicted class, in the order of `classes`."""

    by: tuple[str, ...]
    group: Group
    n: int
    confusion: tuple[tuple[int, ...], ...]
    metrics: Mapping[str, Measure]
    evaluable: bool
    missing: Missing


def run(
    cube: ClassCube,
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
    """Rates of every group for each class against the rest, and accuracy, macro recall, precision and F1 of all classes.

    A rule on a rate, such as `true_positive_rate_difference<=0.1`, is judged for every class, and all classes count as
    comparisons; a rule on `accuracy` or on a macro metric once a grouping. Parameters as for `group_fairness.run`.

    Raises InputError for parameters out of range, unknown metrics and an unknown reference.
    """
    started = time.perf_counter()
    settings = Settings(confidence, attempt, min_group, small_groups, role, seed, dict(reference or {}), looks)
    binary = cube.one_versus_rest()
    check_settings(settings, intersections)
    check_reference(binary, settings.reference)
    groupings = binary.groupings(intersections)
    entries = tuple(
        entry
        for rule in map(parse_rule, thresholds)
        for by in ([()] if rule.comparison == "none" else groupings)
        for entry in judged(rule, cube, binary, by, settings)
    )
    return Outcome(
        check=CHECK, version=VERSION, rows=cube.rows, dropped=left_out(cube),
        parameters={"kind": "multiclass", **parameters(binary, settings, intersections, thresholds), "control": [], "positive": None},
        parts=parts(cube, binary, groupings, settings), thresholds=entries, verdict=verdict_of(entries),
        timings={**cube.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def parse_rule(text: str) -> Rule:
    """The rule that a text writes; raises InputError that says what can be written."""
    rule = rule_of(text, tuple({**METRICS, **MACRO}), check=CHECK)
    return require_comparable(rule, as_rate=tuple(METRICS), adds_up=tuple({**METRICS, **MACRO}))


def judged(rule: Rule, cube: ClassCube, binary: Cube, by: tuple[str, ...], settings: Settings) -> tuple[Threshold, ...]:
    """An entry over all classes, or one a class."""
    if set(rule.metrics) <= set(MACRO):
        return judge(rule, [cube.table(by)], settings, metrics=MACRO)
    return judge(rule, [binary.table(by, stratum) for stratum in binary.strata], settings)


def left_out(cube: ClassCube) -> tuple[Dropped, ...]:
    """Rows without label or prediction, by what is missing; every row counts once, whatever the number of classes."""
    binary = cube.one_versus_rest()
    times = len(cube.classes)
    return tuple(Dropped(each.reason, each.rows // times) for each in dropped(binary))


def parts(cube: ClassCube, binary: Cube, groupings: Sequence[tuple[str, ...]], settings: Settings) -> dict[str, Any]:
    """What this check adds to the frame of all checks."""
    whole, tables = cube.table(()), [cube.table(by) for by in groupings]
    by_class = [binary.table(by, stratum) for by in groupings for stratum in binary.strata]
    return {
        "classes": list(cube.classes),
        "overall": class_groups(whole, settings)[0],
        "strata": [overall(binary.table((), stratum), settings) for stratum in binary.strata],
        "groups": [
            *(group for table in tables for group in class_groups(table, settings)),
            *(group for table in by_class for group in group_results(table, settings)),
        ],
        "disparities": [
            *(spread_of(table, metric, settings) for table in tables for metric in MACRO.values()),
            *(disparity(table, metric, settings) for table in by_class for metric in METRICS.values()),
        ],
        "named": {},
    }


def class_groups(table: ClassTable, settings: Settings) -> list[ClassGroup]:
    """Every group of a table with its metrics over all classes."""
    columns = {name: estimated(table, metric, settings) for name, metric in MACRO.items()}
    evaluable = (table.n >= settings.min_group) & ~table.unnamed
    return [
        ClassGroup(
            by=table.by, group=table.named(place), n=int(table.n[place]),
            confusion=tuple(tuple(int(n) for n in row) for row in table.confusion[place]),
            metrics={**{name: column[place] for name, column in columns.items()}, "count": count_of(table, place)},
            evaluable=bool(evaluable[place]), missing=missing_of(table, place),
        )
        for place in range(len(table))
    ]  # fmt: skip
