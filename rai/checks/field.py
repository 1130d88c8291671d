"""The check field: quality on rows of the running system that have a true outcome, who has one, and how far it fell since the test."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from rai.checks.contract import Dropped, Group, InputError, Measure, Outcome, Threshold, looked, verdict_of
from rai.checks.frozen import Frozen, worse
from rai.checks.group_fairness import check_settings, dropped
from rai.checks.performance import (
    DECISIONS,
    JUDGED,
    available,
    beyond,
    groups,
    judged,
    overall,
    parse_rule as performance_rule,
    unscored,
)
from rai.checks.performance_numbers import fitted, nothing as no_parts
from rai.checks.score_groups import missing_rows, score_groups
from rai.engine.cube import UNKNOWN, Table
from rai.engine.distances import dkw
from rai.engine.estimates import Estimates
from rai.engine.intervals import mover_difference, wilson, z_shown
from rai.engine.judging import Figure, FigureRule, Judge, nothing, rule_of, share_of
from rai.engine.labelled import Labelled
from rai.engine.rates import Measurable
from rai.engine.rules import Rule
from rai.engine.score_metrics import NUMBERS, RANKING
from rai.engine.verdicts import Role, Settings, judge, statuses

CHECK = "field"
VERSION = "1"
ERRORS = ("brier_score", "log_loss", *(name for name in NUMBERS if name != "mean_residual"))
FALLS = (*DECISIONS, "roc_auc")
SHARE, DISTANCE, GAP = "labelled_share", "labelled_score_ks", "labelled_positive_difference"
FIGURES: Mapping[str, str | None] = {
    **{f"{name}_drop": "<=" for name in FALLS},
    **{f"{name}_rise": "<=" for name in ERRORS},
    SHARE: ">=", DISTANCE: "<=", GAP: "<=",
}  # fmt: skip
MOST = 1e12
UNIT = ("brier_score",)
# Labelled rows that surely lie this far from the others are told with a warning.
WARNED = 0.05


@dataclass(frozen=True)
class Labels:
    """Rows of one period with and without a true outcome."""

    by: tuple[str, ...]
    group: Group
    n: int
    labelled: Measure


@dataclass(frozen=True)
class Fall:
    """One metric on the frozen test rows and in the field, and how much worse it is now; of errors the reverse."""

    metric: str
    test: Measure
    field: Measure
    worse: Measure


def run(
    rows: Labelled,
    frozen: Frozen | None = None,
    *,
    thresholds: Sequence[str] = (),
    confidence: float = 0.95,
    min_group: int = 30,
    small_groups: Literal["block", "disclose"] = "block",
    attempt: int = 1,
    role: Role = "monitoring",
    seed: int = 0,
    looks: int | None = None,
) -> Outcome:
    """Every metric of performance on labelled rows, over all of them and by period, and rules on these.

    `accuracy_drop<=0.03` holds the fall since the frozen test evidence against a limit (other rows: MOVER), of errors
    `mean_absolute_error_rise<=…`; `labelled_share>=0.5` the share of rows with a true outcome (Wilson);
    `labelled_score_ks<=0.1` how far the scores of labelled rows lie from those of the others (Dvoretzky, Kiefer, Wolfowitz
    and Massart), `labelled_positive_difference<=0.05` the same of positive predictions (MOVER). All rules of performance
    too; those on groups compare periods. Rows without a label are told, and are no missing values: labels come late.

    Raises InputError for parameters out of range and rules on what these rows or the evidence do not have.
    """
    started = time.perf_counter()
    settings = Settings(confidence, attempt, min_group, small_groups, role, seed, looks=looks)
    check_settings(settings, 1)
    require_labels(rows)
    require_same_kind(rows, frozen)
    entries = tuple(entry for text in thresholds for entry in entries_of(parse_rule(text), rows, frozen, settings))
    source = rows.book if rows.cube is None else rows.cube
    assert source is not None
    return Outcome(
        check=CHECK, version=VERSION, rows=source.rows, dropped=left_out(rows),
        parameters=parameters(rows, frozen, settings, thresholds), parts=parts(rows, frozen, settings), thresholds=entries,
        verdict=verdict_of(entries), timings={**source.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def parse_rule(text: str) -> Rule | FigureRule:
    """The rule that a text writes; raises InputError that says what can be written."""
    name = text.replace(">=", "<=").partition("<=")[0].strip()
    if name in FIGURES:
        bounded = name in (SHARE, DISTANCE, GAP) or name.endswith("_drop") or name.removesuffix("_rise") in UNIT
        return rule_of(text, FIGURES, check=CHECK, most=1.0 if bounded else MOST)
    try:
        return performance_rule(text)
    except InputError as error:
        more = ", ".join(name for name in FIGURES if name.startswith(("accuracy", "mean_absolute", "labelled")))
        raise InputError("{reason} Of the field also such as {more}.", reason=error.said, more=more) from error


def require_labels(rows: Labelled) -> None:
    """Refuse a table without any true outcome."""
    labelled = total(label_rows(table_of(rows, ())))[0]
    if not labelled:
        raise InputError(
            'No row has a true outcome in column "{target}" yet; come back when some are known.',
            target=rows.asked.target,
        )


def require_same_kind(rows: Labelled, frozen: Frozen | None) -> None:
    """Refuse test evidence of another kind of prediction."""
    if frozen is not None and frozen.kind != rows.asked.kind:
        raise InputError(
            "The test evidence is of {kind}, these rows are of {kind2}; choose other evidence.",
            kind=frozen.kind,
            kind2=rows.asked.kind,
        )


# ---- rules


def entries_of(
    rule: Rule | FigureRule, rows: Labelled, frozen: Frozen | None, settings: Settings
) -> tuple[Threshold, ...]:
    """The threshold entries of one rule."""
    if isinstance(rule, FigureRule):
        judging = Judge(
            settings.gamma, settings.attempt, settings.looks, reasons(rows, settings), floor=settings.min_group
        )
        n = sum(total(label_rows(table_of(rows, ()))))
        return (judging.entry(rule, [figure_of(rule, rows, frozen, settings)], rows=n),)
    is_number = rows.asked.kind == "regression"
    rule = available(rule, rows.book if not is_number else None, is_number=is_number)
    if rule.comparison != "none" and not rows.asked.by:
        raise InputError(
            '"{text}" compares periods; name the column of times and days, months, quarters or years.', text=rule.text
        )
    by = () if rule.comparison == "none" else rows.asked.by
    if is_number:
        return judge(rule, [judged_scores(rows, by)], settings, metrics=JUDGED)
    ranked = {by: judged_scores(rows, by)} if rows.book else {}
    return judged([rule], [by], {by: judged_counts(rows, by)}, ranked, settings)


def reasons(rows: Labelled, settings: Settings) -> tuple[str, ...]:
    """What keeps rules on figures from passing: rows tuned on, or many labelled rows without a prediction."""
    found = ["tuned_on_these_rows"] if settings.role == "development" else []
    lost = float(judged_table(rows, ()).incomplete_share[0])
    return (*found, *(["missing_values"] if lost > 0.05 else []))


def figure_of(rule: FigureRule, rows: Labelled, frozen: Frozen | None, settings: Settings) -> Figure:
    """What a rule holds against its limit."""
    if rule.name == SHARE:
        labelled, unlabelled = total(label_rows(table_of(rows, ())))
        return share_of({"metric": SHARE}, labelled, labelled + unlabelled)
    if rule.name in (DISTANCE, GAP):
        found = distance(rows) if rule.name == DISTANCE else positive_gap(rows)
        if found is None:
            what = "the column with the score" if rule.name == DISTANCE else "yes-or-no decisions"
            raise InputError('"{text}": {name} needs {what}.', text=rule.text, name=rule.name, what=what)
        return found
    metric = rule.name.rpartition("_")[0]
    require_metric(rule, metric, rows)
    if frozen is None:
        return Figure({"metric": metric}, None, nothing, 0, "mover", "no_reference")
    return worse(frozen.figure(metric), field_figure(rows, metric, settings), is_error=metric in ERRORS)


def require_metric(rule: FigureRule, metric: str, rows: Labelled) -> None:
    """Refuse a metric that these rows do not have."""
    known = shown(rows)
    if metric in RANKING and metric not in known and rows.book is not None and rows.asked.kind == "classification":
        raise InputError(
            '"{text}": {metric} needs probabilities; {beyond}.', text=rule.text, metric=metric, beyond=beyond(rows.book)
        )
    if metric not in known:
        raise InputError(
            '"{text}": these rows have no {metric}; they have {known}.',
            text=rule.text,
            metric=metric,
            known=", ".join(known),
        )


# ---- figures


def table_of(rows: Labelled, by: tuple[str, ...]) -> Table:
    """All rows, labelled or not."""
    if rows.cube is not None:
        return rows.cube.table(by)
    assert rows.book is not None
    return rows.book.table(by)


def judged_counts(rows: Labelled, by: tuple[str, ...]) -> Table:
    """Decisions on labelled rows."""
    assert rows.judged_cube is not None
    return rows.judged_cube.table(by)


def judged_scores(rows: Labelled, by: tuple[str, ...]) -> Any:
    """Scores or numbers of labelled rows."""
    assert rows.judged_book is not None
    return rows.judged_book.table(by)


def judged_table(rows: Labelled, by: tuple[str, ...]) -> Table:
    """What decides of labelled rows: decisions, or numbers."""
    return judged_counts(rows, by) if rows.cube is not None else judged_scores(rows, by)


def shown(rows: Labelled) -> dict[str, Measurable]:
    """The metrics that these rows have."""
    if rows.asked.kind == "regression":
        return dict(NUMBERS)
    scored = {
        name: metric
        for name, metric in RANKING.items()
        if rows.book and (name == "roc_auc" or rows.book.is_probability)
    }
    return {**DECISIONS, **scored}


def field_figure(rows: Labelled, metric: str, settings: Settings) -> Figure:
    """A metric over all labelled rows."""
    measurable = shown(rows)[metric]
    is_scored = metric in RANKING or metric in NUMBERS
    table = judged_scores(rows, ()) if is_scored else judged_counts(rows, ())
    rates = measurable.estimates(table)
    (status,), n = statuses(rates, table, settings.min_group), int(rates.n[0])
    method = rates.method_at(0) if isinstance(rates, Estimates) else rates.method
    if np.isnan(rates.base[0]):
        return Figure({"metric": metric}, None, nothing, n, method, status or "undefined_group")

    def limits(z: float) -> tuple[float, float]:
        low, high = rates.limits(z)
        return float(low[0]), float(high[0])

    return Figure({"metric": metric}, float(rates.value[0]), limits, n, method, status)


def label_rows(table: Table) -> np.ndarray:
    """Rows of each group with and without a true outcome, (k, 2)."""
    by_label = table.rows.sum(axis=2)
    return np.stack([by_label[:, :UNKNOWN].sum(axis=1), by_label[:, UNKNOWN]], axis=1)


def total(rows: np.ndarray) -> tuple[int, int]:
    """The same over all groups."""
    labelled, unlabelled = rows.sum(axis=0)
    return int(labelled), int(unlabelled)


def distance(rows: Labelled) -> Figure | None:
    """How far the scores of labelled rows lie from those of the others; None without scores."""
    found = rows.selected
    if found is None:
        return None
    n, m = found.labelled.n, found.unlabelled.n
    if found.ks is None:
        return Figure({"metric": DISTANCE}, None, nothing, min(n, m), "dkw", "undefined_group")
    ks = found.ks

    def limits(z: float) -> tuple[float, float]:
        return max(ks - dkw(n, m, z), 0.0), min(ks + dkw(n, m, z), 1.0)

    return Figure({"metric": DISTANCE}, ks, limits, min(n, m), "dkw")


def positive_gap(rows: Labelled) -> Figure | None:
    """How far the shares of positive predictions lie apart between labelled rows and the others; None for numbers."""
    if rows.cube is None:
        return None
    cells = rows.cube.table(()).rows[0]
    sides = [(float(cells[:UNKNOWN, 1].sum()), float(cells[:UNKNOWN, :UNKNOWN].sum())), (float(cells[UNKNOWN, 1]), float(cells[UNKNOWN, :UNKNOWN].sum()))]  # fmt: skip
    n = int(min(size for _x, size in sides))
    if not n:
        return Figure({"metric": GAP}, None, nothing, n, "mover", "undefined_group")
    (p, q), (size_p, size_q) = [np.array(x / size) for x, size in sides], [np.array(size) for _x, size in sides]

    def limits(z: float) -> tuple[float, float]:
        low, high = mover_difference(p, *wilson(p, size_p, z), q, *wilson(q, size_q, z))
        return max(float(low), -float(high), 0.0), max(float(high), -float(low))

    return Figure({"metric": GAP}, abs(float(p - q)), limits, n, "mover")


# ---- the outcome


def parts(rows: Labelled, frozen: Frozen | None, settings: Settings) -> dict[str, Any]:
    """What this check adds to the frame of all checks."""
    found = numbers(rows, settings) if rows.cube is None else decisions(rows, settings)
    z = z_shown(settings.gamma)
    times = None if rows.span is None else asdict(rows.span) | {"is_converted": rows.span.is_converted}
    return {
        "kind": rows.asked.kind, "span": times, **found, "labels": labels(rows, z), "selection": selection(rows, z),
        "test": frozen and {"prediction": frozen.prediction, "is_same": frozen.prediction == rows.asked.prediction},
        "since_test": [] if frozen is None else since_test(rows, frozen, settings, z),
    }  # fmt: skip


def decisions(rows: Labelled, settings: Settings) -> dict[str, Any]:
    """All labelled rows, and every period."""
    generator = np.random.Generator(np.random.PCG64(settings.seed))
    ranked = {by: judged_scores(rows, by) if rows.book else None for by in ((), rows.asked.by)}
    by = rows.asked.by
    return {
        "overall": overall(judged_counts(rows, ()), ranked[()], settings, generator),
        "groups": groups(judged_counts(rows, by), ranked[by], settings, generator) if by else [],
    }


def numbers(rows: Labelled, settings: Settings) -> dict[str, Any]:
    """The same for numbers."""
    by = rows.asked.by
    (everything,) = score_groups(judged_scores(rows, ()), NUMBERS, settings, fitted, no_parts)
    found = score_groups(judged_scores(rows, by), NUMBERS, settings, fitted, no_parts) if by else []
    return {"overall": everything, "groups": [each for each in found if each.n]}


def labels(rows: Labelled, z: float) -> list[Labels]:
    """The share of rows with a true outcome, over all rows and by period."""
    found = []
    for by in [(), *([rows.asked.by] if rows.asked.by else [])]:
        table = table_of(rows, by)
        for place, (labelled, unlabelled) in enumerate(label_rows(table).astype(int).tolist()):
            share = share_of({}, labelled, labelled + unlabelled).measure(z)
            found.append(Labels(by, table.named(place), labelled + unlabelled, share))
    return found


def selection(rows: Labelled, z: float) -> dict[str, Any]:
    """How labelled rows differ from the others, and whether that is worth a warning."""
    figures = {DISTANCE: distance(rows), GAP: positive_gap(rows)}
    found = {name: figure.measure(z) for name, figure in figures.items() if figure is not None}
    means = rows.selected and {"labelled": rows.selected.labelled.mean, "unlabelled": rows.selected.unlabelled.mean}
    is_apart = any(value.low is not None and value.low > WARNED for value in found.values())
    return {"metrics": found, "mean_score": means or None, "warning": is_apart}


def since_test(rows: Labelled, frozen: Frozen, settings: Settings, z: float) -> list[Fall]:
    """Every metric that both have."""
    found = []
    for metric in shown(rows):
        before, now = frozen.figure(metric), field_figure(rows, metric, settings)
        if before.value is not None and (metric in FALLS or metric in ERRORS):
            fall = worse(before, now, is_error=metric in ERRORS)
            found.append(Fall(metric, before.measure(z), now.measure(z), fall.measure(z)))
    return found


def left_out(rows: Labelled) -> tuple[Dropped, ...]:
    """Rows that quality could not be computed on; of those without a label by how it is written where that is known."""
    if rows.cube is None:
        assert rows.book is not None
        return missing_rows(rows.book)
    return (*dropped(rows.cube), *unscored(rows.book))


def parameters(rows: Labelled, frozen: Frozen | None, settings: Settings, thresholds: Sequence[str]) -> dict[str, Any]:
    """Everything that decided the numbers."""
    rule = {"confidence": settings.confidence, "min_group": settings.min_group, "small_groups": settings.small_groups}
    ran = {"role": settings.role, "attempt": settings.attempt, "seed": settings.seed, **looked(settings.looks)}
    return {**asdict(rows.asked), "against": frozen and frozen.digest, **rule, **ran, "thresholds": list(thresholds)}
