"""Reading threshold rules such as `false_positive_rate_difference<=0.1`: what is compared, which way, with which limit."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from rai.checks.saying import InputError

Kind = Literal["difference", "ratio", "value", "lowest", "highest"]
Comparison = Literal["all_pairs", "reference", "rest", "groups", "none"]

WRITTEN = re.compile(r"^\s*([a-z][a-z0-9_]*)\s*(<=|>=)\s*([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)\s*$")
# Longest endings first: `_difference` ends no name that `_difference_to_rest` ends.
ENDINGS: Mapping[str, tuple[Kind, Comparison, str | None]] = {
    "_difference_to_reference": ("difference", "reference", "<="),
    "_difference_to_rest": ("difference", "rest", "<="),
    "_difference": ("difference", "all_pairs", "<="),
    "_ratio": ("ratio", "all_pairs", ">="),
    "_group_min": ("lowest", "groups", ">="),
    "_group_max": ("highest", "groups", "<="),
    "": ("value", "none", None),
}
# Names of fairlearn that stand for rates of ours, and the endings they come with.
NAMED: Mapping[str, tuple[str, ...]] = {
    "demographic_parity_difference": ("selection_rate",),
    "demographic_parity_ratio": ("selection_rate",),
    "equal_opportunity_difference": ("true_positive_rate",),
    "equalized_odds_difference": ("true_positive_rate", "false_positive_rate"),
}


@dataclass(frozen=True)
class Rule:
    """A rule: `text` as written, the metrics it speaks of, what is compared, and the limit in [0, 1]."""

    text: str
    metrics: tuple[str, ...]
    kind: Kind
    comparison: Comparison
    is_upper: bool
    limit: float


def rule_of(
    text: str, metrics: tuple[str, ...], *, check: str, ranges: Mapping[str, tuple[float, float]] = MappingProxyType({})
) -> Rule:
    """The rule that `text` writes about one of `metrics`; `ranges` names those whose values do not lie in [0, 1].

    Raises InputError for other metrics, a wrong direction or a limit outside the metric's range.
    """
    written = WRITTEN.match(text)
    if not written:
        raise InputError('"{text}" is no rule; write for example false_positive_rate_difference<=0.1.', text=text)
    name, operator, limit = written[1], written[2], number_of(written[3], text)
    used, kind, comparison, due = meaning_of(name, metrics, check)
    if due and operator != due:
        raise InputError(
            '"{text}": {name} is held against a limit by {due}, not by {operator}.',
            text=text,
            name=name,
            due=due,
            operator=operator,
        )
    least, most = ranges.get(used[0], (0.0, 1.0))
    if kind == "difference":
        least, most = 0.0, most - least
    if not least <= limit <= most or (kind == "ratio" and limit == 0):
        between = f"between {least:g} and {most:g}" if math.isfinite(most) else f"at or above {least:g}"
        raise InputError('"{text}": the limit of {name} lies {between}.', text=text, name=name, between=between)
    return Rule(text, used, kind, comparison, operator == "<=", limit)


def number_of(text: str, rule: str) -> float:
    """The limit as a number."""
    try:
        return float(text)
    except ValueError as error:
        raise InputError('"{rule}": {text} is no number.', rule=rule, text=text) from error


def meaning_of(name: str, metrics: tuple[str, ...], check: str) -> tuple[tuple[str, ...], Kind, Comparison, str | None]:
    """Metrics, kind, comparison and the operator that is due."""
    for ending, meaning in ENDINGS.items():
        if not name.endswith(ending):
            continue
        if name in NAMED and set(NAMED[name]) <= set(metrics):
            return NAMED[name], *meaning
        metric = name.removesuffix(ending)
        if metric in metrics:
            return (metric,), *meaning
    named = [each for each, used in NAMED.items() if set(used) <= set(metrics)]
    raise InputError(
        '{check} cannot judge "{name}". It judges {metrics}, each alone or followed by _difference, '
        "_difference_to_reference, _difference_to_rest, _ratio, _group_min or _group_max{value}.",
        check=check,
        name=name,
        metrics=", ".join(metrics),
        value=", and " + ", ".join(named) if named else "",
    )
