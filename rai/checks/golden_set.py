"""The check golden_set: the same curated rows under this version and the previous one, what became wrong, and rules on that."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from rai.checks.contract import Dropped, InputError, Outcome, Threshold, looked, verdict_of
from rai.checks.paired import (
    AREA,
    BALANCED,
    BEFORE,
    ERRORS,
    NOW,
    RIGHT_OF,
    Compared,
    available,
    changed,
    mcnemar,
    resampled,
    right,
    value_figure,
    worse_figure,
)
from rai.engine.intervals import z_shown
from rai.engine.judging import Figure, FigureRule, Judge, nothing, rule_of, share_of
from rai.engine.pairs import Pairs

CHECK = "golden_set"
VERSION = "1"
RATES = (*RIGHT_OF, BALANCED, AREA)
COUNT, SHARE = "newly_wrong", "newly_wrong_share"
RULES: Mapping[str, str | None] = {
    **{f"{name}_drop": "<=" for name in RATES},
    **{f"{name}_rise": "<=" for name in ERRORS},
    COUNT: "<=",
    SHARE: "<=",
    **{f"{name}_change": ">=" for name in RATES},
    **dict.fromkeys(RATES, ">="),
    **dict.fromkeys(ERRORS, "<="),
}
UNBOUNDED = ("log_loss", "mean_absolute_error", "mean_squared_error", COUNT)
MOST = 1e12
MOST_LOST = 0.05


def run(
    pairs: Pairs,
    *,
    thresholds: Sequence[str] = (),
    confidence: float = 0.95,
    min_rows: int = 30,
    attempt: int = 1,
    role: Literal["test", "development", "monitoring"] = "test",
    seed: int = 0,
    looks: int | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Outcome:
    """This version and the previous one on the same rows, and the verdict of every rule.

    `accuracy_drop<=0.01` holds the paired difference (previous less present; Agresti & Min 2005) against a limit,
    `accuracy_change>=-0.01` says the same; `roc_auc_drop` by paired DeLong and MOVER, `brier_score_rise` and the like by
    Student on the differences row by row. `newly_wrong<=0` counts rows that went from right to wrong: it speaks of these
    rows alone and has no interval. McNemar's exact p is shown and never decides, nor do precision and F1.

    Raises InputError for parameters out of range and rules on what these rows do not have.
    """
    started = time.perf_counter()
    if not 0.5 < confidence < 1 or attempt < 1 or min_rows < 1:
        raise InputError("confidence lies between 0.5 and 1; attempt and min-rows are at least 1.")
    judge = Judge(round(1 - confidence, 12), attempt, looks, reasons(pairs, role), floor=min_rows)
    entries = tuple(entry(require_available(parse_rule(text), pairs), pairs, judge) for text in thresholds)
    given = {"confidence": confidence, "min_rows": min_rows, "role": role, "attempt": attempt, "seed": seed}
    return Outcome(
        check=CHECK, version=VERSION, rows=pairs.rows,
        dropped=tuple(Dropped(reason, rows) for reason, rows in pairs.missing.items()),
        parameters={**(parameters or {}), **given, **looked(looks), "thresholds": list(thresholds)},
        parts=parts(pairs, judge.gamma, seed), thresholds=entries, verdict=verdict_of(entries),
        timings={**pairs.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def parse_rule(text: str) -> FigureRule:
    """The rule that a text writes; raises InputError that says what can be written."""
    name = text.replace(">=", "<=").partition("<=")[0].strip()
    bare = name.removesuffix("_rise")
    least = -1.0 if name.endswith("_change") else 0.0
    rule = rule_of(text, RULES, check=CHECK, most=MOST if bare in UNBOUNDED else 1.0, least=least)
    if rule.name == COUNT and rule.limit != int(rule.limit):
        raise InputError('"{text}": {count} counts rows; write a whole number.', text=text, count=COUNT)
    return rule


def require_available(rule: FigureRule, pairs: Pairs) -> FigureRule:
    """The rule, if these rows have its metric; raises InputError that says what is missing."""
    name, kind = metric_of(rule), pairs.asked.kind
    if name in (COUNT, SHARE):
        if kind == "regression":
            raise InputError(
                '"{text}": a predicted number is not right or wrong; judge mean_absolute_error_rise.', text=rule.text
            )
        return rule
    if name not in available(pairs):
        score = kind == "classification" and (name == AREA or name in ERRORS[:2])
        why = "needs the score behind the prediction, from 0 to 1 for brier_score and log_loss" if score else f"is no metric of {kind}"  # fmt: skip
        raise InputError(
            '"{text}": {name} {why}; these rows have {available}.',
            text=rule.text,
            name=name,
            why=why,
            available=", ".join(available(pairs)),
        )
    return rule


def metric_of(rule: FigureRule) -> str:
    """The metric that a rule is about."""
    name = rule.name
    return next((name.removesuffix(each) for each in ("_drop", "_rise", "_change") if name.endswith(each)), name)


def reasons(pairs: Pairs, role: str) -> tuple[str, ...]:
    """What keeps every rule from passing: rows tuned on, too many rows in one table only or without prediction."""
    lost = sum(rows for reason, rows in pairs.missing.items() if not reason.startswith("no score"))
    apart = sum(rows for reason, rows in pairs.missing.items() if reason.startswith(("only", "no key")))
    every = pairs.matched + lost
    found = ["tuned_on_these_rows"] if role == "development" else []
    found += ["too_much_left_out"] if apart > MOST_LOST * every else []
    return (*found, *(["missing_values"] if lost - apart > MOST_LOST * every else []))


def entry(rule: FigureRule, pairs: Pairs, judge: Judge) -> Threshold:
    """The threshold entry of one rule. A count of rows is a fact of however few rows there are."""
    judged_by = Judge(judge.gamma, judge.attempt, judge.looks, judge.reasons, floor=1) if rule.name == COUNT else judge
    return judged_by.entry(rule, [figure_of(rule, pairs)], rows=pairs.matched)


def figure_of(rule: FigureRule, pairs: Pairs) -> Figure:
    """What a rule holds against its limit."""
    name, metric = rule.name, metric_of(rule)
    if name == metric and name not in (COUNT, SHARE):
        return value_figure(pairs, metric, NOW)
    if not pairs.has_previous:
        return Figure({"metric": metric}, None, nothing, 0, "paired_agresti_min", "no_reference")
    if name in (COUNT, SHARE):
        b, _c, n = changed(pairs)
        counted = Figure({"metric": COUNT}, float(b), lambda z: (float(b), float(b)), n, "count")
        return counted if name == COUNT else share_of({"metric": SHARE}, b, n)
    found = worse_figure(pairs, metric)
    return mirrored(found) if name.endswith("_change") else found


def mirrored(found: Figure) -> Figure:
    """Present less previous."""

    def limits(z: float) -> tuple[float, float]:
        low, high = found.limits(z)
        return -high, -low

    value = None if found.value is None else -found.value
    return Figure(found.about, value, limits, found.n, found.method, found.reason)


def parts(pairs: Pairs, gamma: float, seed: int) -> dict[str, Any]:
    """What this check adds to the frame of all checks."""
    z = z_shown(gamma)
    both = [compared(pairs, metric, z) for metric in available(pairs)] + resampled(pairs, gamma, seed)
    return {
        "kind": pairs.asked.kind,
        "tables": {"current": {"rows": pairs.rows}, "previous": None if pairs.rows_before is None else {"rows": pairs.rows_before}},
        "overall": {"n": pairs.matched, "metrics": {each.metric: each.current for each in both}},
        "compared": both,
        "changes": changes(pairs),
    }  # fmt: skip


def compared(pairs: Pairs, metric: str, z: float) -> Compared:
    """One metric of both versions."""
    now = value_figure(pairs, metric, NOW).measure(z)
    if not pairs.has_previous:
        return Compared(metric, None, now, None)
    return Compared(metric, value_figure(pairs, metric, BEFORE).measure(z), now, worse_figure(pairs, metric).measure(z))


def changes(pairs: Pairs) -> dict[str, Any] | None:
    """Rows by what became of them, McNemar's p, and the keys that may be told; None where nothing is right or wrong."""
    if pairs.asked.kind == "regression" or not pairs.has_previous:
        return None
    b, c, n = changed(pairs)
    cells = right(pairs, "accuracy")
    return {
        "newly_wrong": b, "newly_right": c, "both_wrong": int(cells[0, 0]), "both_right": int(cells[1, 1]), "n": n,
        "relabelled": pairs.relabelled,
        "mcnemar": {"test": "mcnemar_exact", "p": mcnemar(pairs)},
        "keys": list(pairs.newly_wrong), "keys_told": pairs.asked.shown > 0,
    }  # fmt: skip
