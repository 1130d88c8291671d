"""What trials of a model show: shares, means and areas with intervals, each held against a limit by the rule of all checks."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.special import ndtri

from rai.checks.contract import InputError, Measure, Outcome, RowsNeeded, Threshold, Verdict, verdict_of
from rai.engine import intervals
from rai.engine.areas import area, area_limits

VERSION = "2"
LEAST_ROWS, LEAST_FOR_MEANS, LEAST_OF_EACH = 30, 100, 20
CHANCE_TO_SETTLE = 0.8
Array = np.ndarray


@dataclass(frozen=True)
class Lines:
    """One line a row, as the child answers: the score before, what happened (0 to 1), how far. `said` is what it told besides."""

    before: Array
    happened: Array
    size: Array
    said: Mapping[str, Any]


def lines_of(reply: Mapping[str, Any], array: Array) -> Lines:
    """The reply of the child's `attempt` as lines; raises ValueError where what happened is no share."""
    if array.ndim != 2 or array.shape[1] != 3 or not len(array):
        raise ValueError("the array does not hold three numbers a row")
    happened = array[:, 1]
    if happened.min() < 0 or happened.max() > 1:
        raise ValueError("what happened to a row is no share")
    return Lines(array[:, 0], happened, array[:, 2], dict(reply))


@dataclass(frozen=True)
class Figure:
    """A figure with limits at any quantile: `limits(z)` returns value, low and high; `least` rows are needed to judge it."""

    method: str
    rows: int
    least: int
    limits: Callable[[float], tuple[float, float, float]]

    def measure(self, z: float) -> Measure:
        """The figure as it is printed."""
        value, low, high = self.limits(z)
        return Measure(value, low, high, self.method, self.rows, evaluable=None if self.rows >= self.least else False)


def share(hits: Array) -> Figure:
    """A share of rows, with Wilson's limits."""
    rows, count = len(hits), int(hits.sum())

    def limits(z: float) -> tuple[float, float, float]:
        low, high = intervals.wilson(np.array(count / rows), np.array(rows), z)
        return count / rows, float(low), float(high)

    return Figure("wilson", rows, LEAST_ROWS, limits)


def mean(values: Array) -> Figure:
    """A mean of numbers that are not below 0, with Student's limits."""
    rows, centre = len(values), float(values.mean())
    error = float(values.std(ddof=1) / np.sqrt(rows)) if rows > 1 else 0.0

    def limits(z: float) -> tuple[float, float, float]:
        half = float(intervals.student(z, np.asarray(max(rows - 1, 1)))) * error
        return centre, max(centre - half, 0.0), centre + half

    return Figure("student", rows, LEAST_FOR_MEANS, limits)


def fact(value: float, rows: int) -> Figure:
    """A property of these very rows, without sampling error."""
    return Figure("none", rows, 1, lambda z: (value, value, value))


def attack_area(loss: Array, member: Array) -> Figure:
    """How well the model's loss tells members from others: the area under the curve, logit DeLong limits; 0.5 is a guess."""
    members, others = np.sort(-loss[member == 1]), np.sort(-loss[member == 0])
    found = area(members, others)
    if found.value is None:
        raise InputError("There are no rows of the training, or no others; both are needed.")
    value, rows = float(found.value), min(len(members), len(others))
    return Figure("delong_logit", rows, LEAST_OF_EACH, lambda z: (value, *area_limits(found, z)))


def figures_of(check: str, lines: Lines) -> dict[str, Figure]:
    """The figures of a trial, the one that rules usually speak of first."""
    return FIGURES[check](lines)


def found_noise(lines: Lines) -> dict[str, Figure]:
    """Rows that some noise decides otherwise, the share of copies that it does, and how far scores move."""
    return {
        "unstable_rows": share(lines.happened > 0),
        "flip_rate": mean(lines.happened),
        "mean_score_change": mean(lines.size),
    }


def found_attack(lines: Lines) -> dict[str, Figure]:
    """Rows that one plausible step turns."""
    return {"turned_share": share(lines.happened > 0)}


def found_flip(lines: Lines) -> dict[str, Figure]:
    """Rows that another value of the protected attribute decides otherwise, and how far scores move at most."""
    return {"changed_share": share(lines.happened > 0), "mean_score_change": mean(lines.size)}


def found_outside(lines: Lines) -> dict[str, Figure]:
    """How often the model is surer beyond all that it has seen, and how far a score moves at most."""
    return {"surer_outside": mean(lines.happened), "mean_score_change": mean(lines.size)}


def found_repeats(lines: Lines) -> dict[str, Figure]:
    """Rows that are scored otherwise when asked again, and how far at most; and rows whose uploaded score is not the model's."""
    rows = len(lines.before)
    found = {
        "unrepeated_share": share(np.arange(rows) < int(lines.said["unrepeated"])),
        "largest_repeat": fact(float(lines.said["largest_repeat"]), rows),
    }
    if "uploaded_missing" in lines.said:
        found |= {
            "disagreeing_share": share(lines.happened > 0),
            "largest_disagreement": fact(float(lines.size.max()), rows),
        }
    return found


def found_members(lines: Lines) -> dict[str, Figure]:
    """How well an attacker tells who was in the training."""
    return {"attack_auc": attack_area(lines.size, lines.happened)}


FIGURES: dict[str, Callable[[Lines], dict[str, Figure]]] = {
    "perturbation": found_noise, "adversarial": found_attack, "counterfactual_fairness": found_flip,
    "out_of_distribution": found_outside, "consistency": found_repeats, "membership_inference": found_members,
}  # fmt: skip
RULES: dict[str, tuple[str, ...]] = {
    "perturbation": ("unstable_rows", "flip_rate", "mean_score_change"), "adversarial": ("turned_share",),
    "counterfactual_fairness": ("changed_share", "mean_score_change"), "out_of_distribution": ("surer_outside", "mean_score_change"),
    "consistency": ("unrepeated_share", "largest_repeat", "disagreeing_share", "largest_disagreement"), "membership_inference": ("attack_auc",),
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """A limit of a trial: the figure's name and the most that it may be."""

    text: str
    name: str
    limit: float


def parse(check: str, text: str) -> Rule:
    """The rule that a text writes; raises InputError that says which there are."""
    found = re.fullmatch(r"([a-z_]+)<=([0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)", "".join(text.split()))
    if found is None or found[1] not in RULES[check]:
        offered = ", ".join(f"{name}<=0.05" for name in RULES[check])
        raise InputError(
            "“{text}” is no limit for this check. Write one of: {offered}, with a number of your own.",
            text=text,
            offered=offered,
        )
    return Rule(found[0], found[1], float(found[2]))


parse_perturbation, parse_adversarial = partial(parse, "perturbation"), partial(parse, "adversarial")
parse_counterfactual_fairness = partial(parse, "counterfactual_fairness")
parse_out_of_distribution = partial(parse, "out_of_distribution")
parse_consistency, parse_membership_inference = partial(parse, "consistency"), partial(parse, "membership_inference")


def run(
    lines: Lines, *, check: str, thresholds: Sequence[str] = (), confidence: float = 0.95, attempt: int = 1,
    asked: Mapping[str, Any] | None = None,
) -> Outcome:  # fmt: skip
    """The outcome of a trial.

    A rule passes when the upper limit at z_pass is within it and fails when the lower limit at z_fail (one comparison) is
    beyond it. `asked` are the choices the trial was made by. Raises InputError for unknown rules.
    """
    started = time.perf_counter()
    rules, gamma = [parse(check, text) for text in thresholds], 1 - confidence
    figures = figures_of(check, lines)
    judged = tuple(judge(rule, figures.get(rule.name), gamma, attempt) for rule in rules)
    shown = intervals.z_shown(gamma)
    return Outcome(
        check=check, version=VERSION, rows=int(lines.said["rows_available"]), dropped=(),
        parameters={**(asked or {}), "thresholds": [rule.text for rule in rules], "confidence": confidence, "attempt": attempt},
        parts={
            "model": lines.said["model"],
            "sample": {"rows_used": len(lines.before), "rows_available": lines.said["rows_available"], "missing_cells": lines.said["missing"]},
            "overall": {"metrics": {name: figure.measure(shown) for name, figure in figures.items()}},
            "told": {name: value for name, value in lines.said.items() if name in TOLD},
            "distances": distances(lines) if check == "adversarial" else None,
        },
        thresholds=judged, verdict=verdict_of(judged), timings={"intervals": time.perf_counter() - started},
    )  # fmt: skip


TOLD = ("tried_inputs", "is_input", "values", "pushes", "uploaded_missing", "members", "others")


def distances(lines: Lines) -> dict[str, float | None]:
    """Quartiles of the nearest steps that turn a decision, in mean absolute deviations; null where none does."""
    near = lines.size[lines.happened > 0]
    names = ("lower_quartile", "median", "upper_quartile")
    found = np.quantile(near, (0.25, 0.5, 0.75)) if len(near) else (None, None, None)
    return {name: None if value is None else float(value) for name, value in zip(names, found, strict=True)}


def judge(rule: Rule, figure: Figure | None, gamma: float, attempt: int) -> Threshold:
    """One rule's verdict; a figure that this run does not have, or on too few rows, settles nothing."""
    if figure is None or figure.rows < figure.least:
        value = figure.limits(intervals.z_shown(gamma))[0] if figure else None
        return entry(
            rule, (value, None, None), "insufficient", gamma, attempt, ("small_group" if figure else "not_asked",)
        )
    value, _low, high = figure.limits(intervals.z_pass(gamma, attempt))
    low = figure.limits(intervals.z_fail(gamma, attempt, 1))[1]
    if high <= rule.limit or low > rule.limit:
        verdict: Verdict = "pass" if high <= rule.limit else "fail"
        return entry(rule, (value, low, high), verdict, gamma, attempt, ())
    needed = rows_needed(figure, rule.limit, intervals.z_pass(gamma, attempt + 1))
    return entry(rule, (value, low, high), "insufficient", gamma, attempt, ("interval_spans_limit",), needed)


def rows_needed(figure: Figure, limit: float, z: float) -> RowsNeeded:
    """Further rows that would settle it with a chance of 0.8: f = ((z + Φ⁻¹(0.8))·h/(z·|θ − c|))²."""
    value, low, high = figure.limits(z)
    half = (high - value) if value <= limit else (value - low)
    distance = abs(value - limit)
    factor = ((z + float(ndtri(CHANCE_TO_SETTLE))) * half / (z * distance)) ** 2 if distance > 0 else np.inf
    if factor > 100:
        return RowsNeeded(None, (), CHANCE_TO_SETTLE, "the estimate lies too close to the limit")
    return RowsNeeded(int(np.ceil(max(factor - 1, 0) * figure.rows)), (), CHANCE_TO_SETTLE, None)


def entry(
    rule: Rule, values: tuple[float | None, float | None, float | None], verdict: Verdict, gamma: float, attempt: int,
    reasons: tuple[str, ...], needed: RowsNeeded | None = None,
) -> Threshold:  # fmt: skip
    """A threshold entry in the shape all checks share."""
    value, low, high = values
    return Threshold(
        rule=rule.text, value=value, low=low, high=high, verdict=verdict, by=(), comparison="none", comparisons=0, groups=0,
        attempt=attempt, error_per_side=intervals.error_per_side(gamma, attempt), worst=None, chance=None, left_out=(),
        left_out_share=0.0, reasons=reasons, rows_needed=needed,
    )  # fmt: skip
