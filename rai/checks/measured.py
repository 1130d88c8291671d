"""Value objects of metrics that estimate themselves, and rules on them: shared by checks of performance and calibration."""

from collections.abc import Mapping, Sequence

import numpy as np

from rai.checks.contract import InputError, Measure
from rai.engine.cube import Table
from rai.engine.estimates import Estimates
from rai.engine.intervals import z_shown
from rai.engine.rates import Measurable, Rates
from rai.engine.rules import Rule
from rai.engine.verdicts import Settings, statuses


def estimated(table: Table, metric: Measurable, settings: Settings) -> list[Measure]:
    """One metric of every group with its interval at the printed level; null with the reason where it is undefined."""
    rates = metric.estimates(table)
    limits = rates.limits(z_shown(settings.gamma))
    status = statuses(rates, table, settings.min_group)
    return [one(table, metric, rates, limits, status, place) for place in range(len(table))]


def one(
    table: Table,
    metric: Measurable,
    rates: Rates,
    limits: tuple[np.ndarray, np.ndarray],
    status: Sequence[str | None],
    place: int,
) -> Measure:
    """One metric of one group."""
    n, evaluable = int(rates.n[place]), None if status[place] is None else False
    method = rates.method_at(place) if isinstance(rates, Estimates) else rates.method
    if np.isnan(rates.base[place]):
        return Measure(None, None, None, method, n, reason=lacking(table, metric, place), evaluable=evaluable)
    low, high = (float(limit[place]) for limit in limits)
    size = float(rates.size[place]) if rates.effective else None
    return Measure(float(rates.value[place]), low, high, method, n, n_effective=size, evaluable=evaluable)


def lacking(table: Table, metric: Measurable, place: int) -> str:
    """Which group, and what it has none of."""
    group = ", ".join(f"{column}={value}" for column, value in table.named(place).items())
    return f"{group}: {metric.empty}" if group else metric.empty


def absent(metrics: Mapping[str, Measurable], reason: str) -> dict[str, Measure]:
    """Metrics that these rows cannot have."""
    return {name: Measure(None, None, None, "none", 0, reason=reason) for name in metrics}


def require_comparable(rule: Rule, *, as_rate: Sequence[str], adds_up: Sequence[str]) -> Rule:
    """The rule, unless it asks for a ratio of what is no rate, or for all others of what does not add up.

    Raises InputError that names the comparison to use instead.
    """
    metric = rule.metrics[0]
    if rule.kind == "ratio" and metric not in as_rate:
        raise InputError(
            '"{text}": ratios are judged of rates alone; write {metric}_difference<=….', text=rule.text, metric=metric
        )
    if rule.comparison == "rest" and metric not in adds_up:
        raise InputError(
            '"{text}": {metric} of all others cannot be had from groups; write {metric}_difference<=….',
            text=rule.text,
            metric=metric,
        )
    return rule
