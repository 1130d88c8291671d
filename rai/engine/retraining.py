"""How often to retrain: what waiting costs against what retraining costs, and the interval at which both together cost least."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Intervals that are always shown beside the cheapest one, in months.
SHOWN = (1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 12.0, 18.0, 24.0, 36.0)
LEAST_POINTS = 3
POINTS = 100.0


@dataclass(frozen=True)
class Decay:
    """Points of performance lost a month (1 point = 0.01 of a rate), with limits where it was estimated.

    `points` is how many measurements it rests on; 0 where a person gave it.
    """

    value: float
    low: float
    high: float
    points: int = 0


@dataclass(frozen=True)
class At:
    """One interval in months, and what a month costs at it: retraining, lost performance, both together."""

    months: float
    retraining: float
    lost: float

    @property
    def together(self) -> float:
        """The whole cost of a month."""
        return self.retraining + self.lost


@dataclass(frozen=True)
class Weighed:
    """The cheapest interval and the curve around it; `low` and `high` are the cheapest at the limits of the decay.

    `high` is None where the decay may be none at all, `cheapest` where it is none: then no interval is the cheapest.
    """

    cheapest: At | None
    low: float | None
    high: float | None
    curve: tuple[At, ...]


def given(points: float) -> Decay:
    """A decay that a person gave: no limits around it."""
    return Decay(points, points, points)


def decay_of(history: Sequence[tuple[float, float]], *, confidence: float = 0.95) -> Decay | None:
    """The fall of a rate a month, by least squares over (months, value), value from 0 to 1, with Student's limits.

    b = Σ(t−t̄)(y−ȳ)/Σ(t−t̄)², s² = Σ(y−ȳ−b(t−t̄))²/(n−2), limits b ± t(n−2)·s/√Σ(t−t̄)² (any text on regression, such
    as Draper and Smith 1998, section 1.4); times −100, so that a fall is positive. None with fewer than three points,
    or where all are of one moment.
    """
    import numpy as np

    from rai.engine.intervals import student, z_shown

    if len(history) < LEAST_POINTS:
        return None
    times, values = np.array(history, dtype=np.float64).T
    spread = float(((times - times.mean()) ** 2).sum())
    if spread == 0:
        return None
    slope = float(((times - times.mean()) * (values - values.mean())).sum()) / spread
    left = values - values.mean() - slope * (times - times.mean())
    degrees = len(history) - 2
    error = math.sqrt(float((left**2).sum()) / degrees / spread)
    reach = float(student(z_shown(round(1 - confidence, 12)), np.array(float(degrees)))) * error
    return Decay(-POINTS * slope, -POINTS * (slope + reach), -POINTS * (slope - reach), len(history))


def weigh(*, retraining: float, point: float, decay: Decay) -> Weighed:
    """The interval T in months that costs least, when each retraining costs `retraining` and each point of lost
    performance `point` a month, both in the same money and above 0.

    Performance falls by d = `decay` points a month and is whole again after retraining. Over an interval the mean loss
    is d·T/2 points, so a month costs C(T) = K/T + c·d·T/2. It is least at T* = √(2K/(c·d)), where both parts are equal
    and C(T*) = √(2·K·c·d): the square-root rule of economic lot sizes (Harris 1913, Factory 10:135). Near T* the curve
    is flat: half or twice as often costs a quarter more.
    """
    ends = [cheapest(retraining, point, each) for each in (decay.value, decay.high, decay.low)]
    middle = None if ends[0] is None else at(ends[0], retraining, point, decay.value)
    months = sorted({*SHOWN, *(() if middle is None else (middle.months,))})
    curve = tuple(at(each, retraining, point, max(decay.value, 0.0)) for each in months)
    return Weighed(middle, ends[1], ends[2], curve)


def cheapest(retraining: float, point: float, decay: float) -> float | None:
    """T* = √(2K/(c·d)); None where nothing is lost by waiting."""
    return math.sqrt(2 * retraining / (point * decay)) if decay > 0 else None


def at(months: float, retraining: float, point: float, decay: float) -> At:
    """What a month costs where the model is retrained every so many months."""
    return At(months, retraining / months, point * decay * months / 2)
