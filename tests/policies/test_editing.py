"""Values of a policy are changed where they are written: every comment stays, and every other tier says what it said."""

import copy
import itertools

import pytest

from registry import policy
from registry.policies.editing import changed
from registry.policies.reading import read
from registry.policies.text import parsed
from tests.policies.test_text import GOOD

SHIPPED = policy.SOURCE.read_text(encoding="utf-8")
VALUES = [
    {"due_days": 3}, {"evidence_valid_days": 7, "card_completeness": 0.55}, {"approval_valid_days": None},
    {"approval_valid_days": 11}, {"waivers": {"gates": ["evidence", "condition:principles"], "most_days": 9}},
    {"waivers": {"gates": [], "most_days": 1}, "due_days": 2}, {},
]  # fmt: skip
LAID_OUT = """\
name: A policy in blocks  # its name
tiers:
  minimal: &least   # the least
    stages:
      -
        - duty: approver   # one is enough
    evidence: []
    card_completeness: 0.8  # four fifths
    # how long it counts
    evidence_valid_days: 365
    waivers:
      gates:
        - card      # first
        - evidence  # second
      # not for long
      most_days: 30
    due_days: 14
    # the end of the least
  limited: {<<: *least, due_days: 21}  # a bit more time
  high:
    <<: *least
    # tight
    due_days: 7
  critical: *least
"""


def comments(text):
    """Every comment of a text, in order."""
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


@pytest.mark.parametrize("source", [SHIPPED, GOOD, LAID_OUT], ids=["shipped", "flow", "blocks"])
def test_a_changed_value_stands_where_it_stood_and_nothing_else_is_touched(source):
    for tier, values in itertools.product(("minimal", "limited", "high", "critical"), VALUES):
        wanted = copy.deepcopy(parsed(source).content)
        for name, value in values.items():
            wanted["tiers"][tier][name] = value
            if value is None:
                del wanted["tiers"][tier][name]
        text = changed(source, tier, values)
        if text is None:  # a key that one tier has more, or less, than the part that it shares with another
            assert [name for name in values if name not in source or values[name] is None], (tier, values)
            continue
        assert parsed(text).content == wanted, (tier, values)
        assert read(text, people=False).problems == ()
        inside = {" first", " second"} if "waivers" in values else set()  # comments within a list that changes
        assert set(comments(source)) - set(comments(text)) <= inside, (tier, values)
        touched = [line for line in source.splitlines() if line not in text.splitlines()]
        assert all(any(name in line for name in (*values, "*least", "gates", "- ", "most_days")) for line in touched)


def test_what_the_text_cannot_express_is_left_alone():
    """A value that a tier has from a shared part cannot be taken out of it alone."""
    shared = GOOD.replace("due_days: 14", "due_days: 14\n    approval_valid_days: 9")
    assert changed(shared, "critical", {"approval_valid_days": None}) is None
