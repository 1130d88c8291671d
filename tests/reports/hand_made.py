"""Facts and rules written by hand, so that the evaluator is tested without a database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from registry.vocabulary import vocabulary
from reports.evaluation import Evaluation, ItemResult, RequirementResult, evaluate
from reports.facts import ORGANISATION, AttestationFact, CheckFact, Fact, Member, Stored, Subject, WorkflowFact
from reports.framework_files import Framework, parsed

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
COMPANY = Member("organisation", "", "The organisation")
CREDIT = Member("system", "credit", "Credit scoring", "high")
CHAT = Member("system", "chat", "Chat assistant", "limited")
numbers = count(1)


def ago(days: int) -> datetime:
    """So many days before the moment of the evaluation."""
    return NOW - timedelta(days=days)


@dataclass
class HandMade:
    """Facts in lists. Populations not given are empty, conditions not given are false, sources not named exist."""

    rows: list[tuple[str, Stored]] = field(default_factory=list)
    members: dict[str, list[Member]] = field(default_factory=dict)
    holding: set[tuple[str, str | None]] = field(default_factory=set)
    without_source: set[tuple[str, str]] = field(default_factory=set)
    as_of: datetime = NOW

    def add(self, name: str, row: Any) -> "HandMade":
        self.rows.append((name, row))
        return self

    def records(self, entity: str) -> Iterable[Any]:
        return [row for name, row in self.rows if name == entity]

    def checks(self, names: Sequence[str]) -> Iterable[Any]:
        return [row for name, row in self.rows if name in names]

    def workflows(self, name: str) -> Iterable[Any]:
        return [row for given, row in self.rows if given == name and isinstance(row, WorkflowFact)]

    def attestations(self, topic: str) -> Iterable[Any]:
        return [row for name, row in self.rows if name == topic]

    def population(self, name: str, system: str | None) -> list[Member]:
        if name == "organisation":
            return [COMPANY]
        everyone = self.members.get("systems_in_use" if name == "self" else name, [])
        return everyone if system is None else [member for member in everyone if member.id == system]

    def condition(self, name: str, system: str | None) -> tuple[bool, str]:
        holds = name == "always" or (name, system) in self.holding
        return holds, f"{name} holds" if holds else f"{name} does not hold for {system}."

    def has_source(self, kind: str, name: str) -> bool:
        return (kind, name) not in self.without_source


def in_use(*systems: Member, **more: Any) -> HandMade:
    """Facts of an installation with these systems in use."""
    return HandMade(members={"systems_in_use": list(systems)}, **more)


def fact(subject: Subject = CREDIT.subject, *, basis: Any = "documented", **fields: Any) -> Fact:
    number = next(numbers)
    return Fact(id=f"row-{number}", label=f"Row {number}", subject=subject, fields=fields, basis=basis)


def run(check: str = "fairness.group_metrics", outcome: Any = "pass", days: int = 1, **more: Any) -> CheckFact:
    number = next(numbers)
    values: dict[str, Any] = {"subject": CREDIT.subject, "with_ci": True, "disaggregated": True, **more}
    return CheckFact(
        id=f"run-{number}", label=f"Run {number}", check=check, outcome=outcome, ended_at=ago(days), **values
    )


def flow(workflow: str = "release", outcome: str = "approved", days: int = 1, **more: Any) -> WorkflowFact:
    number = next(numbers)
    values: dict[str, Any] = {"subject": CREDIT.subject, **more}
    return WorkflowFact(
        id=f"flow-{number}", label=f"Flow {number}", workflow=workflow, outcome=outcome, ended_at=ago(days), **values
    )


def statement(topic: str = "legal_review", role: str = "legal_compliance", days: int = 1, **more: Any) -> Any:
    number = next(numbers)
    values: dict[str, Any] = {"subject": ORGANISATION, "has_file": True, **more}
    return AttestationFact(
        id=f"said-{number}", label=f"Statement {number}", topic=topic, role=role, signed_at=ago(days), **values
    )


def rules(*items: dict[str, Any], applies_when: str = "always") -> Framework:
    """A framework of one requirement, R 1, with these items; what an item leaves out gets the plainest value."""
    evidence = [
        {"id": f"R-1.{place}", "for": "self", "weight": "required", "shows": "It is shown", **item}
        for place, item in zip("abcdefgh", items, strict=False)
    ]
    requirement = {
        "id": "R 1",
        "title": "A requirement",
        "applies_when": applies_when,
        "automation": "full",
        "rests_on": list(vocabulary().bases),
        "evidence": evidence,
    }
    raw = {"framework": "iso_42001", "name": "Rules", "version": "1", "clauses": [requirement]}
    return parsed(raw, file="rules.yaml")


def record(entity: str = "risk", **keys: Any) -> dict[str, Any]:
    return {"kind": "record", "entity": entity, "filled": ["title"], **keys}


def check(**keys: Any) -> dict[str, Any]:
    named = {} if "any_of" in keys else {"check": "fairness.group_metrics"}
    return {"kind": "check", "outcome": "pass", **named, **keys}


def workflow(name: str = "release", **keys: Any) -> dict[str, Any]:
    return {"kind": "workflow", "workflow": name, "outcome": "approved", **keys}


def attestation(**keys: Any) -> dict[str, Any]:
    base = {"kind": "attestation", "topic": "legal_review", "role": "legal_compliance", "for": "organisation"}
    return {**base, **keys}


def decide(framework: Framework, facts: HandMade, system: str | None = "credit") -> RequirementResult:
    """The result of the only requirement."""
    return outcome(framework, facts, system).requirements[0]


def first_item(item: dict[str, Any], facts: HandMade, system: str | None = "credit") -> ItemResult:
    """The result of the only item."""
    return decide(rules(item), facts, system).items[0]


def outcome(framework: Framework, facts: HandMade, system: str | None = "credit") -> Evaluation:
    return evaluate(framework, facts, system=system, as_of=facts.as_of)
