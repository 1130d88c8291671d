"""The check performance: how good a model is over all rows and in every slice, where it is weakest, and rules on that."""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from rai.checks import group_fairness
from rai.checks.contract import Dropped, GroupResult, InputError, Measure, Outcome, Overall, Threshold, verdict_of
from rai.checks.group_fairness import check_settings, count_of, counts_of, dropped, measures, missing_of
from rai.checks.measured import absent, estimated, require_comparable
from rai.checks.weak_spots import Search, search
from rai.engine.cube import Cube, Table
from rai.engine.estimates import BalancedAccuracy
from rai.engine.rates import ALL, NEGATIVE, POSITIVE, PREDICTED, Measurable, Metric
from rai.engine.rules import Rule, rule_of
from rai.engine.score_metrics import NUMBERS, RANKING
from rai.engine.scores import Book, ScoreTable
from rai.engine.verdicts import Role, Settings, judge

CHECK = "performance"
VERSION = "1"
DRAWS = 2_000
SEARCHED_FEATURES = 2

RATES: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", (1, 0, 0, 1), ALL, "no rows"),
        Metric("precision", (0, 0, 0, 1), PREDICTED, "no predicted positives"),
        Metric("recall", (0, 0, 0, 1), POSITIVE, "no positives"),
        Metric("specificity", (1, 0, 0, 0), NEGATIVE, "no negatives"),
        Metric("f1", (0, 0, 0, 1), (0, 1, 1, 1), "no positives and no predicted positives", jaccard=True),
    )
}
BALANCED = BalancedAccuracy()
DECISIONS: dict[str, Measurable] = {"accuracy": RATES["accuracy"], BALANCED.name: BALANCED, **RATES}
JUDGED: dict[str, Measurable] = {**DECISIONS, **RANKING, **NUMBERS}
RANGES: dict[str, tuple[float, float]] = {
    name: metric.range for metric in (*RANKING.values(), *NUMBERS.values()) for name in [metric.name]
}
ADDS_UP = (*DECISIONS, *(name for name, metric in {**RANKING, **NUMBERS}.items() if metric.adds_up))
SHOWN_ONLY = {"matthews_corrcoef", "r2"}


def run(
    cube: Cube,
    scores: Book | None = None,
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
    """Performance of yes-or-no decisions from counts, and of the scores behind them where there are any.

    Every rate carries Wilson's interval, balanced accuracy Wilson's at an effective size, the area under the ROC curve
    logit DeLong's, means of scores Student's; MCC a resampled one that is shown and never judged. `thresholds` are rules
    such as `roc_auc>=0.8`, `accuracy_group_min>=0.7` or `recall_difference<=0.1`. The search for weak spots goes over all
    features of the cube, alone and in pairs, whatever `intersections` says.

    Raises InputError for parameters out of range, unknown metrics, and rules on scores where none were read.
    """
    started = time.perf_counter()
    settings = Settings(confidence, attempt, min_group, small_groups, role, seed, looks=looks)
    check_settings(settings, intersections)
    rules = [available(parse_rule(text), scores, is_number=False) for text in thresholds]
    groupings = cube.groupings(intersections)
    tables = {by: cube.table(by) for by in [(), *groupings]}
    ranked = {by: scores.table(by) for by in [(), *groupings]} if scores else {}
    entries = judged(rules, groupings, tables, ranked, settings)
    generator = np.random.Generator(np.random.PCG64(seed))
    parts = {
        "kind": "classification",
        "overall": overall(tables[()], ranked.get(()), settings, generator),
        "groups": [each for by in groupings for each in groups(tables[by], ranked.get(by), settings, generator)],
        "weak_spots": weak_spots(cube, tables, settings),
    }
    return Outcome(
        check=CHECK, version=VERSION, rows=cube.rows, dropped=(*dropped(cube), *unscored(scores)),
        parameters=parameters(cube, scores, settings, intersections, thresholds), parts=parts, thresholds=entries,
        verdict=verdict_of(entries),
        timings={**cube.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def parse_rule(text: str) -> Rule:
    """The rule that a text writes; raises InputError that says what can be written."""
    name = next((name for name in SHOWN_ONLY if text.strip().startswith(name)), None)
    if name:
        raise InputError(
            '"{text}": {name} is shown and takes no limit; judge balanced_accuracy, f1 or an error instead.',
            text=text,
            name=name,
        )
    rule = rule_of(text, tuple(JUDGED), check=CHECK, ranges=RANGES)
    return require_comparable(rule, as_rate=tuple(RATES), adds_up=ADDS_UP)


def available(rule: Rule, scores: Book | None, *, is_number: bool) -> Rule:
    """The rule, if these rows have its metric; raises InputError that says what is missing."""
    name = rule.metrics[0]
    if is_number and name not in NUMBERS:
        raise InputError(
            '"{text}": {name} is a metric of yes-or-no decisions; these rows are judged by numbers.',
            text=rule.text,
            name=name,
        )
    if not is_number and name in NUMBERS:
        raise InputError(
            '"{text}": {name} is a metric of numbers; these rows hold yes-or-no decisions.', text=rule.text, name=name
        )
    if name in RANKING and scores is None:
        raise InputError(
            '"{text}": {name} needs the column with the score behind the prediction (--score).',
            text=rule.text,
            name=name,
        )
    if name in RANKING and name != "roc_auc" and scores is not None and not scores.is_probability:
        raise InputError(
            '"{text}": {name} needs probabilities; {beyond}.', text=rule.text, name=name, beyond=beyond(scores)
        )
    return rule


def beyond(scores: Book) -> str:
    """Why scores are no probabilities."""
    if scores.least is None or scores.most is None:
        return f'column "{scores.asked.score}" holds no score in any complete row'
    return f'column "{scores.asked.score}" goes from {scores.least:g} to {scores.most:g}, not from 0 to 1'


def judged(
    rules: Sequence[Rule],
    groupings: Sequence[tuple[str, ...]],
    tables: Mapping[tuple[str, ...], Table],
    ranked: Mapping[tuple[str, ...], ScoreTable],
    settings: Settings,
) -> tuple[Threshold, ...]:
    """An entry for each rule and grouping; rules on single values are judged once."""
    found: list[Threshold] = []
    for rule in rules:
        source: Mapping[tuple[str, ...], Table] = tables if rule.metrics[0] in DECISIONS else ranked
        for by in [()] if rule.comparison == "none" else groupings:
            found += judge(rule, [source[by]], settings, metrics=JUDGED)
    return tuple(found)


def overall(table: Table, ranked: ScoreTable | None, settings: Settings, generator: np.random.Generator) -> Overall:
    """All complete rows."""
    (metrics,) = metrics_of(table, ranked, settings, generator)
    return Overall(int(table.n[0]), counts_of(table, 0), metrics, missing_of(table, 0))


def groups(
    table: Table, ranked: ScoreTable | None, settings: Settings, generator: np.random.Generator
) -> list[GroupResult]:
    """Every group of a table."""
    evaluable = (table.n >= settings.min_group) & ~table.unnamed
    return [
        GroupResult(
            by=table.by, group=table.named(place), n=int(table.n[place]), counts=counts_of(table, place),
            metrics=metrics, evaluable=bool(evaluable[place]), missing=missing_of(table, place),
        )
        for place, metrics in enumerate(metrics_of(table, ranked, settings, generator))
    ]  # fmt: skip


def metrics_of(
    table: Table, ranked: ScoreTable | None, settings: Settings, generator: np.random.Generator
) -> list[dict[str, Measure]]:
    """All metrics of every group."""
    columns = {name: measures(table, metric, settings) for name, metric in RATES.items()}
    columns[BALANCED.name] = estimated(table, BALANCED, settings)
    columns["matthews_corrcoef"] = [matthews(table, place, settings, generator) for place in range(len(table))]
    columns["count"] = [count_of(table, place) for place in range(len(table))]
    order = ["accuracy", BALANCED.name, "precision", "recall", "specificity", "f1", "matthews_corrcoef", "count"]
    found = [{name: columns[name][place] for name in order} for place in range(len(table))]
    for metrics, more in zip(found, ranking_of(table, ranked, settings), strict=True):
        metrics |= more
    return found


def ranking_of(table: Table, ranked: ScoreTable | None, settings: Settings) -> list[dict[str, Measure]]:
    """The metrics of scores of every group, in the order of the groups of the counts."""
    if ranked is None:
        return [{} for _ in table.groups]
    columns = {name: estimated(ranked, metric, settings) for name, metric in RANKING.items()}
    places = {group: place for place, group in enumerate(ranked.groups)}
    has_probabilities = all("brier_score" in part.moments for part in ranked.parts if part.n)
    found = []
    for group in table.groups:
        place = places.get(group)
        if place is None:
            found.append(absent(RANKING, "no rows with a score"))
            continue
        metrics = {name: column[place] for name, column in columns.items()}
        outside = {name: RANKING[name] for name in ("brier_score", "log_loss")}
        found.append(metrics if has_probabilities else metrics | absent(outside, "the scores are no probabilities"))
    return found


def matthews(table: Table, place: int, settings: Settings, generator: np.random.Generator) -> Measure:
    """Matthews' correlation of label and prediction, its interval from 2,000 resampled count tables (percentile).

    Null where a row or a column of the table is empty. Under weights the tables have the effective number of rows.
    """
    weights = table.weight[place, :2, :2]
    n, total = int(table.n[place]), float(weights.sum())
    value = float(correlation(weights.ravel()[None])[0]) if total else math.nan
    if math.isnan(value):
        return Measure(None, None, None, "resampling", n, reason="one label or one prediction only")
    squares = float(table.square[place, :2, :2].sum())
    size = n if table.weight_kind != "sampling" else max(1, round(total**2 / squares))
    drawn = correlation(generator.multinomial(size, weights.ravel() / total, size=DRAWS))
    ends = np.nanpercentile(drawn, [50 * settings.gamma, 100 - 50 * settings.gamma])
    return Measure(value, float(ends[0]), float(ends[1]), "resampling", n)


def correlation(cells: np.ndarray) -> np.ndarray:
    """Matthews' correlation of rows (tn, fp, fn, tp); NaN where a margin is empty."""
    tn, fp, fn, tp = np.asarray(cells, dtype=np.float64).T
    margins = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return np.divide(tp * tn - fp * fn, np.sqrt(margins), out=np.full_like(margins, math.nan), where=margins > 0)


def weak_spots(cube: Cube, tables: Mapping[tuple[str, ...], Table], settings: Settings) -> Search:
    """The slices by one and two features on which the decisions are least often right.

    Pairs of features that make too many slices are named and not searched.
    """
    found: list[Table] = []
    skipped = []
    for by in cube.groupings(SEARCHED_FEATURES):
        try:
            found.append(tables[by] if by in tables else cube.table(by))
        except InputError:
            skipped.append(by)
    return search(found, RATES["accuracy"], settings, is_error=False, skipped=tuple(skipped))


def unscored(scores: Book | None) -> tuple[Dropped, ...]:
    """Rows that lack a score, by how that is written: the metrics of scores are without them."""
    found = scores.missing if scores else {}
    return tuple(Dropped(reason, rows) for reason, rows in found.items() if reason.startswith("no score"))


def parameters(
    cube: Cube, scores: Book | None, settings: Settings, intersections: int, thresholds: Sequence[str]
) -> dict[str, Any]:
    """Everything that decided the numbers."""
    found = group_fairness.parameters(cube, settings, intersections, thresholds)
    unused = {"control", "reference"}
    return {
        "kind": "classification", "score": scores.asked.score if scores else None,
        **{name: value for name, value in found.items() if name not in unused},
    }  # fmt: skip
