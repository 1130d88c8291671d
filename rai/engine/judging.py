"""Judging figures that bring their own limits, such as a share or a shift: pass, fail or insufficient, and rows to settle it."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from rai.checks.contract import InputError, LeftOut, Measure, RowsNeeded, Threshold, Verdict, Worst
from rai.engine.intervals import error_per_side, wilson, z_alarm, z_fail, z_pass
from rai.engine.planning import CHANCE_TO_SETTLE, MOST, Levels

WRITTEN = re.compile(r"^\s*([a-z][a-z0-9_]*)\s*(<=|>=)\s*([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)\s*$")
# Rows cannot mend these.
NOT_BY_ROWS = {
    "missing_values",
    "tuned_on_these_rows",
    "too_much_left_out",
    "undefined_group",
    "no_reference",
    "mixed",
    "one_table",
    "many_values",
    "no_rows",
}


@dataclass(frozen=True)
class FigureRule:
    """A rule on the worst of some figures: its name, the way and the limit."""

    text: str
    name: str
    is_upper: bool
    limit: float


@dataclass(frozen=True)
class Figure:
    """One estimate: what it is about, its value, its limits at a normal quantile z, the rows behind it.

    `reason` says why it takes no part in a verdict; `blocks` whether such a figure keeps the entry from passing.
    """

    about: Mapping[str, str]
    value: float | None
    limits: Callable[[float], tuple[float, float]]
    n: int
    method: str
    reason: str | None = None
    blocks: bool = True
    n_effective: float | None = None

    @property
    def is_judged(self) -> bool:
        """It has a value, and nothing speaks against it."""
        return self.value is not None and self.reason is None

    def measure(self, z: float) -> Measure:
        """The value object at a level; null with the reason where there is no value."""
        if self.value is None:
            return Measure(None, None, None, self.method, self.n, reason=self.reason)
        low, high = self.limits(z)
        evaluable = None if self.reason is None else False
        return Measure(float(self.value), float(low), float(high), self.method, self.n, self.n_effective, evaluable=evaluable)  # fmt: skip


@dataclass(frozen=True)
class Judge:
    """How a run judges figures: 1 − confidence, the attempt and, in monitoring, the looks planned a year."""

    gamma: float
    attempt: int = 1
    looks: int | None = None
    reasons: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    floor: int = 30

    def levels(self, comparisons: int, attempt: int) -> Levels:
        """Quantiles of both ends: α_a, or in monitoring α_a to be within and α_a/(K·m) for an alarm.

        A look has new rows and is a first attempt (α₁ = γ/2); only the same rows judged again are a further one.
        """
        if self.looks is None:
            return Levels(z_pass(self.gamma, attempt), z_fail(self.gamma, attempt, comparisons))
        return Levels(z_pass(self.gamma, attempt), z_alarm(self.gamma, attempt, self.looks, comparisons))

    @property
    def error(self) -> float:
        """The error a side of this look."""
        return error_per_side(self.gamma, self.attempt) / (self.looks or 1)

    def entry(self, rule: FigureRule, figures: Sequence[Figure], *, rows: int) -> Threshold:
        """The threshold entry of a rule on these figures; `rows` is what `rows_needed` counts in."""
        figures = [self.sized(figure) for figure in figures]
        judged = [figure for figure in figures if figure.is_judged]
        levels = self.levels(len(judged), self.attempt)
        value, low, high = ends(rule, judged, levels)
        bare = bare_verdict(rule, low, high)
        verdict, reasons = self.decided(bare, figures)
        chosen = worst(rule, judged, levels, verdict)
        return Threshold(
            rule=rule.text,
            value=value,
            low=low,
            high=high,
            verdict=verdict,
            by=self.by,
            comparison="groups" if len(figures) > 1 else "none",
            comparisons=len(judged),
            groups=len(judged),
            attempt=self.attempt,
            error_per_side=self.error,
            worst=None if chosen is None else Worst(chosen.about, {}),
            chance=None,
            left_out=tuple(LeftOut(each.about, each.n, each.reason or "") for each in figures if not each.is_judged),
            left_out_share=0.0,
            reasons=reasons,
            rows_needed=self.rows_needed(rule, judged, reasons, rows) if verdict == "insufficient" else None,
            smallest=min((figure.n for figure in judged), default=None),
        )

    def sized(self, figure: Figure) -> Figure:
        """The figure, taken out of the verdict where its rows are too few to decide by."""
        rows = figure.n if figure.n_effective is None else min(figure.n, figure.n_effective)
        return replace(figure, reason="small_group") if figure.is_judged and rows < self.floor else figure

    def decided(self, bare: Verdict, figures: Sequence[Figure]) -> tuple[Verdict, tuple[str, ...]]:
        """The verdict and, where it is insufficient, why. What fails on the judged figures fails."""
        judged = [figure for figure in figures if figure.is_judged]
        blocked = {figure.reason for figure in figures if figure.reason and figure.blocks}
        reasons = [*self.reasons, *sorted(blocked - set(self.reasons))]
        if not judged:
            reasons.append("nothing_to_compare")
        if bare == "fail" and "missing_values" not in reasons:
            return "fail", ()
        if bare == "insufficient" and judged:
            reasons.append("interval_spans_limit")
        return ("insufficient", tuple(dict.fromkeys(reasons))) if reasons else (bare, ())

    def rows_needed(
        self, rule: FigureRule, judged: Sequence[Figure], reasons: Sequence[str], rows: int
    ) -> RowsNeeded | None:
        """Further rows that would settle it with a chance of 0.8 at the next look, by the same mix."""
        if NOT_BY_ROWS & set(reasons) or not judged:
            return RowsNeeded(None, (), CHANCE_TO_SETTLE, "rows of the same kind do not settle it")
        # A further look has new rows; anything else is a further attempt.
        following = self.attempt + 1 if self.looks is None else self.attempt
        factor = factor_needed(rule, judged, self.levels(len(judged), following))
        if factor > MOST:
            return RowsNeeded(None, (), CHANCE_TO_SETTLE, "the estimate lies too close to the limit")
        return RowsNeeded(math.ceil((factor - 1) * rows), (), CHANCE_TO_SETTLE, None)


def rule_of(
    text: str, names: Mapping[str, str | None], *, check: str, most: float = 1.0, least: float = 0.0
) -> FigureRule:
    """The rule that a text writes about one of `names` (each with the operator that is due, None for either).

    Raises InputError for another name, another direction or a limit outside [least, most].
    """
    written = WRITTEN.match(text)
    if not written or written[3].count(".") > 1:
        example = f"{next(iter(names))}<=0.1"
        raise InputError('"{text}" is no rule; write for example {example}.', text=text, example=example)
    name, operator, limit = written[1], written[2], float(written[3])
    if name not in names:
        raise InputError(
            '{check} cannot judge "{name}". It judges {names}.', check=check, name=name, names=", ".join(names)
        )
    due = names[name]
    if due and operator != due:
        raise InputError(
            '"{text}": {name} is held against a limit by {due}, not by {operator}.',
            text=text,
            name=name,
            due=due,
            operator=operator,
        )
    if not least <= limit <= most:
        raise InputError(
            '"{text}": the limit of {name} lies between {least} and {most}.',
            text=text,
            name=name,
            least=f"{least:g}",
            most=f"{most:g}",
        )
    return FigureRule(text, name, operator == "<=", limit)


def ends(rule: FigureRule, judged: Sequence[Figure], levels: Levels) -> tuple[float | None, float | None, float | None]:
    """Value, low and high of the worst figure, each end at the level of the verdict that it decides."""
    if not judged:
        return None, None, None
    pick = max if rule.is_upper else min
    to_low, to_high = (levels.to_fail, levels.to_pass) if rule.is_upper else (levels.to_pass, levels.to_fail)
    value = pick(float(figure.value) for figure in judged if figure.value is not None)
    low, high = (
        pick(figure.limits(to_low)[0] for figure in judged),
        pick(figure.limits(to_high)[1] for figure in judged),
    )
    return value, float(low), float(high)


def bare_verdict(rule: FigureRule, low: float | None, high: float | None) -> Verdict:
    """The verdict by the interval alone."""
    if low is None or high is None:
        return "insufficient"
    if rule.is_upper:
        return "pass" if high <= rule.limit else "fail" if low > rule.limit else "insufficient"
    return "pass" if low >= rule.limit else "fail" if high < rule.limit else "insufficient"


def worst(rule: FigureRule, judged: Sequence[Figure], levels: Levels, verdict: Verdict) -> Figure | None:
    """The figure that decides: the surest one of a fail, else the one that reaches furthest."""
    if not judged:
        return None
    if rule.is_upper:
        end, z = (0, levels.to_fail) if verdict == "fail" else (1, levels.to_pass)
        return max(judged, key=lambda figure: figure.limits(z)[end])
    end, z = (1, levels.to_fail) if verdict == "fail" else (0, levels.to_pass)
    return min(judged, key=lambda figure: figure.limits(z)[end])


def factor_needed(rule: FigureRule, judged: Sequence[Figure], levels: Levels) -> float:
    """f = ((z + Φ⁻¹(0.8))·h/(z·|θ − c|))², h from θ to its limit on the side of c at z; infinite on the limit itself.

    Towards a pass every figure that is not inside yet must get there; towards a fail one is enough.
    """
    beyond = [each for each in judged if (each.value or 0.0) > rule.limit] if rule.is_upper else []
    beyond = beyond or [each for each in judged if not rule.is_upper and (each.value or 0.0) < rule.limit]
    if beyond:
        return max(1.0, min(factor(each, rule, levels.to_fail) for each in beyond))
    return max(1.0, *(factor(each, rule, levels.to_pass) for each in judged))


def factor(figure: Figure, rule: FigureRule, z: float) -> float:
    """How many times its rows one figure needs."""
    value = float(figure.value or 0.0)
    distance = abs(value - rule.limit)
    low, high = figure.limits(z)
    reach = high - value if rule.limit > value else value - low
    if distance == 0:
        return math.inf
    return ((z + float(ndtri(CHANCE_TO_SETTLE))) * reach / (z * distance)) ** 2


def share_of(about: Mapping[str, str], events: int, n: int) -> Figure:
    """A share of rows with Wilson limits; without rows it is undefined."""
    if n <= 0:
        return Figure(about, None, nothing, 0, "wilson", reason="undefined_group")
    return proportion(about, events / n, n, n)


def proportion(about: Mapping[str, str], p: float, n: int, size: float, *, reason: str | None = None) -> Figure:
    """A proportion with Wilson limits on an effective size."""

    def limits(z: float) -> tuple[float, float]:
        low, high = wilson(np.array(p), np.array(size), z)
        return float(low), float(high)

    method = "wilson" if size == n else "wilson_effective"
    return Figure(about, p, limits, n, method, reason, True, None if size == n else float(size))


def nothing(z: float) -> tuple[float, float]:
    """Limits of what has no value."""
    return math.nan, math.nan
