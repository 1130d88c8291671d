"""Writes policies for tests: the shipped one with changes, and a version that two people brought into force."""

import copy
from typing import Any

import yaml

from registry import policy
from registry.actions import policies, proposals
from registry.models import BusinessUnit, Duty, ReviewPolicy
from registry.policies import reading
from tests import factories

WHY = "The board asked for it in its last meeting."


def text(change: Any = None) -> str:
    """The shipped policy as text after `change(body)`."""
    body = copy.deepcopy(policy.shipped())
    body.pop("number")
    if change is not None:
        change(body)
    return yaml.safe_dump(body, sort_keys=False)


def with_gates(*asked: dict[str, Any], tier: str = "limited") -> str:
    """The shipped policy with these conditions, and no others, in one tier."""
    return text(lambda body: body["tiers"][tier].update(gates=list(asked)))


def governors(cast: factories.Cast) -> dict[str, Any]:
    """People with duties for the whole organisation: who writes, two who approve, an auditor."""
    root = BusinessUnit.objects.get(parent=None)
    factories.invite("root.risk2", "Rosa Root", Duty.RISK_OFFICER, root, cast.administrator)
    factories.invite("root.legal", "Lara Legal", Duty.LEGAL_COMPLIANCE, root, cast.administrator)
    return {
        "author": factories.invite("root.risk", "Ruth Root", Duty.RISK_OFFICER, root, cast.administrator),
        "first": factories.invite("root.chair", "Carl Chair", Duty.BOARD_CHAIR, root, cast.administrator),
        "second": factories.invite("root.exec", "Emma Executive", Duty.EXECUTIVE, root, cast.administrator),
        "auditor": factories.invite("root.auditor", "Anna Auditor", Duty.AUDITOR, root, cast.administrator),
    }


def proposed(people: dict[str, Any], source: str) -> ReviewPolicy:
    """A policy that waits for two approvals."""
    row = policies.draft_policy(source=source, reason=WHY, actor=people["author"])
    return policies.propose_policy(row, reason=WHY, actor=people["author"])


def in_force(people: dict[str, Any], source: str) -> ReviewPolicy:
    """A policy that two people brought into force."""
    row = proposed(people, source)
    proposals.approve(row, reason=WHY, actor=people["first"])
    proposals.approve(row, reason=WHY, actor=people["second"])
    return ReviewPolicy.objects.get(pk=row.pk)


def asks(monkeypatch: Any, *asked: dict[str, Any], tier: str = "limited", **more: Any) -> None:
    """Let the policy in force ask these conditions of a tier, without the two people that it takes."""
    source = text(lambda body: body["tiers"][tier].update(gates=list(asked), **more))
    found = reading.read(source, people=False)
    assert not found.problems, found.problems
    monkeypatch.setattr(policy, "document", lambda: found.body | {"number": 1})
