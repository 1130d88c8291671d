"""The check reidentification: whether people could be told apart again in a table that names nobody."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rai.checks.contract import InputError, Outcome, Threshold, looked, verdict_of
from rai.engine.anonymity import Classes
from rai.engine.intervals import z_shown
from rai.engine.judging import Figure, FigureRule, Judge, nothing, rule_of, share_of

CHECK = "reidentification"
VERSION = "1"
SMALLEST, DIVERSITY, UNIQUE, BELOW, TOLD = (
    "smallest_group",
    "l_diversity",
    "unique_share",
    "below_five_share",
    "told_share",
)
RULES: Mapping[str, str | None] = {SMALLEST: ">=", DIVERSITY: ">=", UNIQUE: "<=", BELOW: "<=", TOLD: "<="}
COUNTS = (SMALLEST, DIVERSITY)
# Where nobody approved another limit: k-anonymity with k = 5; and no group that gives away what must not be told.
USUAL, USUAL_TOLD = ("smallest_group>=5",), ("l_diversity>=2",)
FEW = 5
MOST = 1e12
BANDS = ((1, 1), (2, 4), (5, 9), (10, 49), (50, None))


@dataclass(frozen=True)
class Band:
    """Classes of like size: from, to (null without an end), how many, and their rows."""

    least: int
    most: int | None
    classes: int
    rows: int


def run(
    classes: Classes,
    *,
    thresholds: Sequence[str] = (),
    confidence: float = 0.95,
    min_rows: int = 30,
    attempt: int = 1,
    parameters: Mapping[str, Any] | None = None,
    looks: int | None = None,
) -> Outcome:
    """k-anonymity (Sweeney 2002), shares of rows in small classes, and l-diversity (Machanavajjhala et al. 2007).

    `smallest_group` and `l_diversity` are facts about these rows, however few; shares carry Wilson limits. `told_share` are
    rows whose class has one sensitive value: who knows the class knows it. `smallest_group>=5`, and `l_diversity>=2` where a
    sensitive column is named, are judged where no limit is given. Without columns that single people out, or without a sensitive one where it is asked for, a rule is
    insufficient. Raises InputError for parameters out of range and unknown rules.
    """
    started = time.perf_counter()
    if not 0.5 < confidence < 1 or attempt < 1 or min_rows < 1:
        raise InputError("confidence lies between 0.5 and 1; attempt and min-rows are at least 1.")
    judge = Judge(round(1 - confidence, 12), attempt, looks, floor=min_rows)
    usual = (*USUAL, *(USUAL_TOLD if classes.sensitive else ()))
    rules = [parse_rule(text) for text in tuple(thresholds) or usual]
    entries = tuple(entry(rule, classes, judge) for rule in rules)
    given = {"confidence": confidence, "min_rows": min_rows, "attempt": attempt, **looked(looks)}
    return Outcome(
        check=CHECK, version=VERSION, rows=classes.rows, dropped=(),
        parameters={**(parameters or {}), **given, "thresholds": [rule.text for rule in rules]},
        parts=parts(classes, judge), thresholds=entries, verdict=verdict_of(entries),
        timings={**classes.timings, "intervals": time.perf_counter() - started},
    )  # fmt: skip


def parse_rule(text: str) -> FigureRule:
    """The rule that a text writes; raises InputError that says what can be written."""
    is_count = text.partition(">=")[0].strip() in COUNTS
    rule = rule_of(text, RULES, check=CHECK, most=MOST if is_count else 1.0)
    if is_count and rule.limit != int(rule.limit):
        raise InputError('"{text}": {name} counts; write a whole number.', text=text, name=rule.name)
    return rule


def entry(rule: FigureRule, classes: Classes, judge: Judge) -> Threshold:
    """The threshold entry of one rule. A count is a fact of however few rows there are."""
    by = Judge(judge.gamma, judge.attempt, judge.looks, floor=1) if rule.name in COUNTS else judge
    return by.entry(rule, [figure_of(rule.name, classes)], rows=classes.rows)


def figure_of(name: str, classes: Classes) -> Figure:
    """What a rule holds against its limit; nothing where what it speaks of is not known."""
    about = {"columns": " × ".join(classes.columns)}
    counts = {SMALLEST: classes.smallest, DIVERSITY: classes.diversity}
    events = {UNIQUE: classes.rows_in(1, 1), BELOW: classes.rows_in(1, FEW - 1), TOLD: classes.alone}
    known = counts.get(name) if name in counts else events[name]
    if not classes.sizes or known is None:
        return Figure({}, None, nothing, classes.rows, "none", "not_named")
    if name in counts:
        value = float(known)
        return Figure(about, value, lambda z: (value, value), classes.rows, "count")
    return share_of(about, known, classes.rows)


def parts(classes: Classes, judge: Judge) -> dict[str, Any]:
    """What this check adds to the frame of all checks."""
    z = z_shown(judge.gamma)
    bands = [Band(least, most, *(count(least, most or classes.rows) for count in (classes.classes_in, classes.rows_in))) for least, most in BANDS]  # fmt: skip
    return {
        "overall": {"n": classes.rows, "metrics": {name: figure_of(name, classes).measure(z) for name in RULES}},
        "quasi": {
            "columns": list(classes.columns),
            "is_proposed": classes.is_proposed,
            "not_chosen": list(classes.not_chosen),
        },
        "sensitive": classes.sensitive,
        "classes": sum(n for _size, n in classes.sizes),
        "bands": bands if classes.sizes else [],
        "without": dict(sorted(classes.without.items())),
    }
