"""Which rules group_fairness takes for a system, whatever its models predict: two labels, several classes or numbers."""

from rai.checks.group_fairness import CHECK
from rai.checks.group_fairness_numbers import COMPARED
from rai.checks.measured import require_comparable
from rai.engine.classes import MACRO
from rai.engine.rates import METRICS
from rai.engine.rules import Rule, rule_of

EVERY = (*METRICS, *(name for name in MACRO if name not in METRICS), *COMPARED)


def parse_rule(text: str) -> Rule:
    """The rule that a text writes; raises InputError that says what can be written."""
    rule = rule_of(text, EVERY, check=CHECK, ranges={name: metric.range for name, metric in COMPARED.items()})
    return require_comparable(rule, as_rate=tuple(METRICS), adds_up=EVERY)
