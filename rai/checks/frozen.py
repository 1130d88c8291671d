"""What a version showed on its test rows, as stored evidence has it: every figure with limits at any level again."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rai.checks.contract import InputError
from rai.engine.areas import expit
from rai.engine.intervals import jaccard_to_f1, mover_difference, student, wilson, z_shown
from rai.engine.judging import Figure, nothing
from rai.engine.verdicts import Settings

# Means that cannot be negative; a residual can.
FROM_ZERO = ("brier_score", "log_loss", "mean_absolute_error", "mean_squared_error")
ROOT = "root_mean_squared_error"


@dataclass(frozen=True)
class Frozen:
    """The outcome of performance on test rows: its digest, what was predicted and how that was written, value objects over
    all rows, confidence."""

    digest: str
    kind: str
    metrics: Mapping[str, Mapping[str, Any]]
    confidence: float
    prediction: str = ""

    def figure(self, metric: str) -> Figure:
        """A stored figure. Its interval is that of the method it names, recovered from value, rows and printed limits."""
        found = self.metrics.get(metric) or {}
        value, n, method = found.get("value"), int(found.get("n") or 0), str(found.get("method") or "none")
        if value is None or found.get("high") is None or method not in METHODS:
            return Figure({"metric": metric}, None, nothing, n, method, "no_reference")
        return Figure({"metric": metric}, float(value), lambda z: METHODS[method](self, metric, found, z), n, method)

    @property
    def z(self) -> float:
        """The quantile of the printed limits."""
        return z_shown(Settings(self.confidence).gamma)


def by_wilson(frozen: Frozen, metric: str, found: Mapping[str, Any], z: float) -> tuple[float, float]:
    """A rate on its rows, or on its effective rows."""
    low, high = wilson(np.array(found["value"]), np.array(float(found.get("n_effective") or found["n"])), z)
    return float(low), float(high)


def by_jaccard(frozen: Frozen, metric: str, found: Mapping[str, Any], z: float) -> tuple[float, float]:
    """F1 by its Jaccard index J = F/(2 − F)."""
    low, high = wilson(np.array(found["value"] / (2 - found["value"])), np.array(float(found["n"])), z)
    return float(jaccard_to_f1(low)), float(jaccard_to_f1(high))


def by_logit(frozen: Frozen, metric: str, found: Mapping[str, Any], z: float) -> tuple[float, float]:
    """An area: on the scale of logits its limits lie evenly around it."""
    middle = logit(found["value"])
    reach = (logit(found["high"]) - middle) * z / frozen.z
    return expit(middle - reach), expit(middle + reach)


def by_student(frozen: Frozen, metric: str, found: Mapping[str, Any], z: float) -> tuple[float, float]:
    """A mean: its limits lie evenly around it, on the scale of squares where it is a root."""
    degrees = np.array(found["n"] - 1.0)
    power = 2 if metric == ROOT else 1
    middle, high = found["value"] ** power, found["high"] ** power
    half = (high - middle) * float(student(z, degrees)) / float(student(frozen.z, degrees))
    low = max(middle - half, 0.0) if metric in FROM_ZERO or power == 2 else middle - half
    return low ** (1 / power), (middle + half) ** (1 / power)


METHODS = {
    "wilson": by_wilson, "wilson_effective": by_wilson, "wilson_jaccard": by_jaccard, "logit_delong": by_logit, "student": by_student,
}  # fmt: skip


def logit(p: float) -> float:
    """log(p/(1 − p))."""
    return math.log(p / (1 - p)) if 0 < p < 1 else math.copysign(math.inf, p - 0.5)


def frozen_of(outcome: Mapping[str, Any], digest: str) -> Frozen:
    """The figures of a stored outcome. Raises InputError where it is none of performance on test rows."""
    parameters = (outcome.get("inputs") or {}).get("parameters") or {}
    if outcome.get("check") != "performance" or parameters.get("role") != "test":
        raise InputError(
            "The evidence to hold against is not one of the check performance on test rows; choose such a one."
        )
    kind = str(parameters.get("kind") or "classification")
    written = str(parameters.get("prediction") or parameters.get("score") or "")
    return Frozen(digest, kind, outcome["overall"]["metrics"], float(parameters.get("confidence") or 0.95), written)


def worse(before: Figure, now: Figure, *, is_error: bool) -> Figure:
    """How much worse the rows of now are than the frozen ones, which are others: MOVER of both sides' limits."""
    about = now.about
    if before.value is None:
        return Figure(about, None, nothing, now.n, "mover", "no_reference")
    if now.value is None:
        return Figure(about, None, nothing, now.n, "mover", now.reason)
    first, second = (now, before) if is_error else (before, now)

    def limits(z: float) -> tuple[float, float]:
        ends = [np.array(each) for side in (first, second) for each in (side.value, *side.limits(z))]
        low, high = mover_difference(*ends)
        return float(low), float(high)

    return Figure(
        about, float(first.value or 0.0) - float(second.value or 0.0), limits, min(now.n, before.n), "mover", now.reason
    )
