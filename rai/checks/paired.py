"""One version against the previous one on the same rows: each metric of both, and how much worse it became, as figures."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr

from rai.checks.contract import Measure
from rai.engine.areas import Area, area_limits
from rai.engine.intervals import effective_by_classes, jaccard_to_f1, paired_difference, student, wilson, z_shown
from rai.engine.judging import Figure, nothing, proportion
from rai.engine.moments import Moment
from rai.engine.pairs import Pairs

Limits = Callable[[float], tuple[float, float]]
NOW, BEFORE = 2, 1
# The labels that are counted by each rate of right predictions.
RIGHT_OF: Mapping[str, tuple[int, ...]] = {"accuracy": (0, 1), "recall": (1,), "specificity": (0,)}
BALANCED, AREA = "balanced_accuracy", "roc_auc"
RESAMPLED = ("precision", "f1")
ERRORS = ("brier_score", "log_loss", "mean_absolute_error", "mean_squared_error")
LEAST_ROWS_OF_A_MEAN, LEAST_ROWS_OF_A_CLASS = 100, 20
DRAWS = 2_000


@dataclass(frozen=True)
class Compared:
    """One metric of both versions; `worse` is how much worse this one is: previous less present, of errors the reverse."""

    metric: str
    previous: Measure | None
    current: Measure
    worse: Measure | None


def right(pairs: Pairs, metric: str) -> np.ndarray:
    """Rows by whether the previous and the present prediction are right, (2, 2), over the metric's labels."""
    counts = pairs.counts
    sides = {0: counts[0, ::-1, ::-1], 1: counts[1]}
    return np.asarray(sum(sides[label] for label in RIGHT_OF[metric]))


def rates(pairs: Pairs) -> tuple[str, ...]:
    """The rates of right predictions that the kind has; of several classes accuracy alone."""
    if pairs.asked.kind == "regression":
        return ()
    return tuple(RIGHT_OF) if pairs.asked.kind == "classification" else ("accuracy",)


def available(pairs: Pairs) -> tuple[str, ...]:
    """Every metric that can be judged of these rows, in the order in which they are shown."""
    names = rates(pairs)
    names += (BALANCED,) if pairs.asked.kind == "classification" else ()
    names += (AREA,) if pairs.areas else ()
    return (*names, *(name for name in ERRORS if name in pairs.quantities))


def value_figure(pairs: Pairs, metric: str, when: int) -> Figure:
    """The metric of one version: Wilson, logit DeLong or Student as for the check performance."""
    if metric in RIGHT_OF:
        return rate(*rate_of(pairs, metric, when), metric)
    if metric == BALANCED:
        return balanced(pairs, when)
    if metric == AREA:
        return area_figure(pairs, when)
    found = pairs.quantities[metric]
    return mean_figure(found.now if when == NOW else found.before, metric, (0.0, math.inf))


def worse_figure(pairs: Pairs, metric: str) -> Figure:
    """How much worse this version is, on the same rows: Agresti–Min, MOVER of both classes, paired DeLong, paired Student."""
    if metric in RIGHT_OF:
        return drop(pairs, metric)
    if metric == BALANCED:
        return balanced_drop(pairs)
    if metric == AREA:
        return area_drop(pairs)
    return mean_figure(pairs.quantities[metric].change, metric, (-math.inf, math.inf))


# ---- rates


def rate_of(pairs: Pairs, metric: str, when: int) -> tuple[int, int]:
    """Right predictions of one version, and the rows that count."""
    cells = right(pairs, metric)
    return int(cells[:, 1].sum() if when == NOW else cells[1].sum()), int(cells.sum())


def rate(events: int, n: int, metric: str) -> Figure:
    """A rate with Wilson limits."""
    if not n:
        return Figure({"metric": metric}, None, nothing, 0, "wilson", "undefined_group")
    return proportion({"metric": metric}, events / n, n, n)


def changed(pairs: Pairs, metric: str = "accuracy") -> tuple[int, int, int]:
    """Rows that went from right to wrong, from wrong to right, and all."""
    cells = right(pairs, metric)
    return int(cells[1, 0]), int(cells[0, 1]), int(cells.sum())


def drop(pairs: Pairs, metric: str) -> Figure:
    """Previous less present share of right predictions (Agresti & Min 2005, Stat Med 24:729)."""
    b, c, n = changed(pairs, metric)
    if not n:
        return Figure({"metric": metric}, None, nothing, 0, "paired_agresti_min", "undefined_group")
    value = paired_difference(b, c, n, 0.0)[0]
    return Figure({"metric": metric}, value, lambda z: paired_difference(b, c, n, z)[1:], n, "paired_agresti_min")


def balanced(pairs: Pairs, when: int) -> Figure:
    """The mean of recall and specificity, with Wilson's limits at its effective size."""
    sides = np.array([rate_of(pairs, name, when) for name in ("recall", "specificity")], dtype=np.float64)
    least = int(sides[:, 1].min())
    if not least:
        return Figure({"metric": BALANCED}, None, nothing, 0, "wilson_effective", "undefined_group")
    shares = sides[:, 0] / sides[:, 1]
    size, value = float(effective_by_classes(shares[None], sides[None, :, 1])[0]), float(shares.mean())

    def limits(z: float) -> tuple[float, float]:
        low, high = wilson(np.array(value), np.array(size), z)
        return float(low), float(high)

    return Figure({"metric": BALANCED}, value, limits, least, "wilson_effective", n_effective=size)


def balanced_drop(pairs: Pairs) -> Figure:
    """The mean of the drops of recall and specificity, whose rows are independent: MOVER of their limits."""
    sides = [drop(pairs, name) for name in ("recall", "specificity")]
    least = min(side.n for side in sides)
    if not least:
        return Figure({"metric": BALANCED}, None, nothing, 0, "mover", "undefined_group")
    value = sum(float(side.value or 0.0) for side in sides) / 2

    def limits(z: float) -> tuple[float, float]:
        ends = [(side.value or 0.0, *side.limits(z)) for side in sides]
        below = math.hypot(*(each - low for each, low, _ in ends)) / 2
        return value - below, value + math.hypot(*(high - each for each, _, high in ends)) / 2

    return Figure({"metric": BALANCED}, value, limits, least, "mover")


# ---- scores and numbers


def area_figure(pairs: Pairs, when: int) -> Figure:
    """The area under the ROC curve of one version."""
    assert pairs.areas is not None
    found = pairs.areas.second if when == NOW else pairs.areas.first
    if found.value is None:
        return Figure(
            {"metric": AREA}, None, nothing, found.positives + found.negatives, "logit_delong", "undefined_group"
        )
    n = found.positives + found.negatives
    return Figure({"metric": AREA}, found.value, lambda z: area_limits(found, z), n, "logit_delong", small_area(found))


def area_drop(pairs: Pairs) -> Figure:
    """Previous less present area."""
    assert pairs.areas is not None
    found, n = pairs.areas, pairs.areas.first.positives + pairs.areas.first.negatives
    if found.difference is None:
        return Figure({"metric": AREA}, None, nothing, n, "delong_paired", "undefined_group")
    return Figure({"metric": AREA}, found.difference, found.limits, n, "delong_paired", small_area(found.first))


def small_area(found: Area) -> str | None:
    """An area needs twenty rows of each class to decide."""
    return "small_group" if min(found.positives, found.negatives) < LEAST_ROWS_OF_A_CLASS else None


def mean_figure(found: Moment, metric: str, ends: tuple[float, float]) -> Figure:
    """A mean with Student's limits; a hundred rows are needed to decide by it."""
    if found.n < 2:
        return Figure({"metric": metric}, None, nothing, found.n, "student", "undefined_group")
    error = found.deviation / math.sqrt(found.n)

    def limits(z: float) -> tuple[float, float]:
        half = float(student(z, np.array(found.n - 1.0))) * error
        return max(found.mean - half, ends[0]), min(found.mean + half, ends[1])

    reason = "small_group" if found.n < LEAST_ROWS_OF_A_MEAN else None
    return Figure({"metric": metric}, found.mean, limits, found.n, "student", reason)


# ---- shown, never judged


def mcnemar(pairs: Pairs) -> float:
    """McNemar's exact p: both tails of the binomial of rows that changed, at one half (1947, Psychometrika 12:153)."""
    b, c, _n = changed(pairs)
    return min(1.0, 2 * float(bdtr(min(b, c), b + c, 0.5))) if b + c else 1.0


def resampled(pairs: Pairs, gamma: float, seed: int) -> list[Compared]:
    """Precision and F1 of both versions; their change with limits from 2,000 resampled count tables (percentile)."""
    if pairs.asked.kind != "classification":
        return []
    cells = pairs.counts
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn = generator.multinomial(pairs.matched, cells.ravel() / pairs.matched, size=DRAWS).reshape(-1, 2, 2, 2)
    found = []
    for metric in RESAMPLED:
        before, now = (unjudged(cells, metric, when).measure(z_shown(gamma)) for when in (BEFORE, NOW))
        gaps = [
            precision_or_f1(each, metric, BEFORE) - precision_or_f1(each, metric, NOW) for each in (cells[None], drawn)
        ]
        gap = by_resampling(float(gaps[0][0]), gaps[1], pairs.matched, gamma)
        found.append(Compared(metric, before, now, gap) if pairs.has_previous else Compared(metric, None, now, None))
    return found


def unjudged(cells: np.ndarray, metric: str, when: int) -> Figure:
    """Precision with Wilson's limits, F1 with those of its Jaccard index."""
    (_tn, fp), (fn, tp) = cells.sum(axis=1 if when == NOW else 2).tolist()
    n = tp + fp if metric == "precision" else tp + fp + fn
    found = rate(tp, n, metric)
    if metric == "precision" or found.value is None:
        return found

    def limits(z: float) -> tuple[float, float]:
        low, high = (jaccard_to_f1(np.array(end)) for end in found.limits(z))
        return float(low), float(high)

    return Figure(found.about, 2 * tp / (2 * tp + fp + fn), limits, n, "wilson_jaccard")


def precision_or_f1(cells: np.ndarray, metric: str, when: int) -> np.ndarray:
    """tp/(tp+fp) or 2tp/(2tp+fp+fn) of tables (k, label, previous, present)."""
    tables = cells.sum(axis=2 if when == NOW else 3).astype(np.float64)
    tp, fp, fn = tables[:, 1, 1], tables[:, 0, 1], tables[:, 1, 0]
    top, bottom = (tp, tp + fp) if metric == "precision" else (2 * tp, 2 * tp + fp + fn)
    return np.divide(top, bottom, out=np.full_like(top, math.nan), where=bottom > 0)


def by_resampling(value: float, drawn: np.ndarray, n: int, gamma: float) -> Measure:
    """A value with the percentiles of its resampled ones."""
    if math.isnan(value):
        return Measure(None, None, None, "resampling", n, reason="no positives and no predicted positives")
    low, high = np.nanpercentile(drawn, [50 * gamma, 100 - 50 * gamma])
    return Measure(float(value), float(low), float(high), "resampling", n)
