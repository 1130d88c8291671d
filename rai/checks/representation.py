"""The check representation: who is in a table and how labels fall, by the pre-training metrics that Amazon Clarify publishes."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from rai.checks.contract import (
    OPTIONAL,
    Dropped,
    Group,
    InputError,
    Measure,
    Missing,
    Outcome,
    Threshold,
    looked,
    verdict_of,
)
from rai.checks.labels_apart import apart, conditional_disparity
from rai.checks.shares import Shares, check_expected, expected_of, shares_of
from rai.engine.cube import UNKNOWN, Cube, Table
from rai.engine.intervals import z_shown
from rai.engine.judging import FigureRule, Judge, rule_of as figure_rule_of
from rai.engine.rates import METRICS, rates_of
from rai.engine.rules import ENDINGS, Rule, rule_of
from rai.engine.verdicts import MOST_MISSING, Settings, judge

CHECK = "representation"
VERSION = "1"
# The label stands in the prediction's place of this check's cube, so the rate of positive labels is its selection rate.
LABELS = METRICS["selection_rate"]
SHARE_RULES: Mapping[str, str | None] = {"share_group_min": ">=", "share_group_max": "<=", "share_difference_to_reference": "<="}  # fmt: skip


@dataclass(frozen=True)
class GroupLabels:
    """One group of one grouping: its rows by label, and every metric against all other groups together."""

    by: tuple[str, ...]
    group: Group
    n: int
    labels: Mapping[str, int]
    metrics: Mapping[str, Measure]
    evaluable: bool
    missing: Missing
    control: Group | None = field(default=None, metadata=OPTIONAL)


def run(
    cube: Cube,
    *,
    thresholds: Sequence[str] = (),
    intersections: int = 1,
    confidence: float = 0.95,
    min_group: int = 30,
    small_groups: Literal["block", "disclose"] = "block",
    shares: Mapping[str, Mapping[str, float]] | None = None,
    attempt: int = 1,
    seed: int = 0,
    looks: int | None = None,
) -> Outcome:
    """The share of every group with its interval, the rate of positive labels, and Clarify's distances to all others.

    `cube` counts the label as target and as prediction (`engine.counts.read(…, prediction=target)`); control columns
    are the strata of the conditional demographic disparity. `shares` holds reference shares in [0, 1] by column and
    group, each column's adding up to 1. Formulas: Amazon SageMaker Clarify, "Measure Pre-training Bias" (facet d is the
    group, facet a all others); shares and rates carry Wilson limits, differences MOVER limits.

    Raises InputError for parameters out of range, unknown rules and reference shares that do not add up.
    """
    started = time.perf_counter()
    if cube.mapped.prediction != cube.mapped.target:
        raise InputError("This check speaks of labels alone; count the target in the prediction's place.")
    if not 0.5 < confidence < 1 or attempt < 1 or min_group < 1 or intersections < 1:
        raise InputError("confidence lies between 0.5 and 1; attempt, min-group and intersections are at least 1.")
    settings = Settings(confidence, attempt, min_group, small_groups, "test", seed, {}, looks)
    expected = shares or {}
    check_expected(cube, expected)
    tables = [cube.table(by) for by in cube.groupings(intersections)]
    people = [shares_of(table, expected_of(expected, table.by)) for table in tables]
    entries = judged([parse_rule(text) for text in thresholds], tables, people, settings)
    return Outcome(
        check=CHECK,
        version=VERSION,
        rows=cube.rows,
        dropped=dropped(cube),
        parameters=parameters(cube, settings, intersections, thresholds, expected),
        parts=parts(cube, tables, people, settings),
        thresholds=entries,
        verdict=verdict_of(entries),
        timings={**cube.timings, "intervals": time.perf_counter() - started},
    )


def parse_rule(text: str) -> Rule | FigureRule:
    """The rule that a text writes, about label rates or about shares; raises InputError that says what can be written."""
    name = text.strip().replace(" ", "").split("<=")[0].split(">=")[0]
    endings = [ending for ending in ENDINGS if name == f"label_rate{ending}"]
    if endings:
        return replace(rule_of(text, ("label_rate",), check=CHECK), metrics=(LABELS.name,))
    label_rules = {f"label_rate{ending}": None for ending in ENDINGS}
    return figure_rule_of(text, {**SHARE_RULES, **label_rules}, check=CHECK)


def judged(
    rules: Sequence[Rule | FigureRule], tables: Sequence[Table], people: Sequence[Shares], settings: Settings
) -> tuple[Threshold, ...]:
    """An entry for each rule and grouping."""
    entries: list[Threshold] = []
    for rule in rules:
        for table, shares in zip(tables, people, strict=True):
            if isinstance(rule, Rule):
                entries += judge(rule, [table], settings)
            elif rule.name != "share_difference_to_reference" or shares.expected:
                entries.append(share_entry(rule, shares, table, settings))
        if isinstance(rule, FigureRule) and not any(entry.rule == rule.text for entry in entries):
            raise InputError(
                '"{text}" needs reference shares; name them, such as sex: female=0.51, male=0.49.', text=rule.text
            )
    return tuple(entries)


def share_entry(rule: FigureRule, shares: Shares, table: Table, settings: Settings) -> Threshold:
    """A rule on the shares of one grouping."""
    reasons = ("missing_values",) if shares.unnamed_share > MOST_MISSING else ()
    judge = Judge(
        settings.gamma, settings.attempt, settings.looks, reasons=reasons, by=table.by, floor=settings.min_group
    )
    figures = shares.gaps() if rule.name == "share_difference_to_reference" else shares.figures()
    return judge.entry(rule, figures, rows=round(shares.rows))


def parts(cube: Cube, tables: Sequence[Table], people: Sequence[Shares], settings: Settings) -> dict[str, Any]:
    """What this check adds to the frame of all checks."""
    whole = cube.table(())
    metrics = {"label_rate": measured(whole, settings)[0]}
    overall = {"n": int(whole.n[0]), "labels": labels_of(whole, 0), "metrics": metrics, "missing": missing_of(whole, 0)}
    groups = [
        group
        for table, shares in zip(tables, people, strict=True)
        for group in groups_of(cube, table, shares, settings)
    ]
    return {"overall": overall, "groups": groups}


def groups_of(cube: Cube, table: Table, shares: Shares, settings: Settings) -> list[GroupLabels]:
    """Every group of a table, and after them those that reference shares name and no row has."""
    z = z_shown(settings.gamma)
    rates, others = measured(table, settings), apart(table, LABELS, z)
    disparity = conditional_disparity(cube, table)
    found = [
        GroupLabels(
            by=table.by,
            group=table.named(place),
            n=int(table.n[place]),
            labels=labels_of(table, place),
            metrics={**shares.measures(place, z), "label_rate": rates[place], **others[place], **disparity[place]},
            evaluable=bool(table.n[place] >= settings.min_group and not table.unnamed[place]),
            missing=missing_of(table, place),
        )
        for place in range(len(table))
    ]
    none = Measure(None, None, None, "wilson", 0, reason="no rows")
    return found + [
        GroupLabels(table.by, group, 0, {}, {**metrics, "label_rate": none}, False, Missing(0, 0.0))
        for group, metrics in shares.absent(z)
    ]


def measured(table: Table, settings: Settings) -> list[Measure]:
    """The rate of positive labels of every group with its Wilson interval."""
    rates = rates_of(table, LABELS)
    low, high = rates.limits(z_shown(settings.gamma))
    return [
        Measure(None, None, None, rates.method, int(rates.n[place]), reason="no labelled rows")
        if np.isnan(rates.base[place])
        else Measure(
            float(rates.base[place]), float(low[place]), float(high[place]), rates.method, int(rates.n[place]),
            float(rates.size[place]) if rates.effective else None,
        )
        for place in range(len(table))
    ]  # fmt: skip


def labels_of(table: Table, place: int) -> dict[str, int]:
    """Rows by label."""
    counts = table.counts[place].sum(axis=1)
    return {"positive": int(counts[1]), "negative": int(counts[0])}


def missing_of(table: Table, place: int) -> Missing:
    """Rows without a label."""
    return Missing(int(table.incomplete[place]), float(table.incomplete_share[place]))


def dropped(cube: Cube) -> tuple[Dropped, ...]:
    """Rows without a label: they count for shares, not for labels."""
    lost = int(cube.table(()).rows[0, UNKNOWN].sum())
    return (Dropped("no label (counted for the shares of groups only)", lost),) if lost else ()


def parameters(
    cube: Cube,
    settings: Settings,
    intersections: int,
    thresholds: Sequence[str],
    expected: Mapping[str, Mapping[str, float]],
) -> dict[str, Any]:
    """Everything that decided the numbers."""
    mapped = cube.mapped
    columns = {"target": mapped.target, "positive": mapped.positive, "sensitive": mapped.sensitive}
    groups = {"control": mapped.control, "intersections": intersections, "shares": expected}
    rows = {"weight": mapped.weight, "weight_kind": mapped.weight_kind, "min_group": settings.min_group}
    run = {"small_groups": settings.small_groups, "confidence": settings.confidence, "attempt": settings.attempt}
    return {
        **columns,
        **groups,
        **rows,
        **run,
        "seed": settings.seed,
        **looked(settings.looks),
        "thresholds": list(thresholds),
    }
