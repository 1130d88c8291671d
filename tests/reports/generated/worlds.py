"""Facts of a database held still: to hide rows from, to change at random, and to hand to both evaluators alike."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from registry.vocabulary import vocabulary
from reports.facts import AttestationFact, CheckFact, Fact, Member, Stored, WorkflowFact
from reports.framework_files import SLUGS, load
from reports.sources import DjangoFacts

MOST = 5
KINDS = {"entity": "record", "check": "check", "workflow": "workflow", "topic": "attestation"}


class World:
    """The facts of both evaluators. Rows are kept by kind and name, populations by name with their systems."""

    def __init__(self, as_of: datetime, systems: list[str]) -> None:
        self.as_of, self.systems = as_of, systems
        self.rows: dict[tuple[str, str], list[Any]] = {}
        self.members: dict[str, list[tuple[Member, frozenset[str]]]] = {}
        self.conditions: dict[tuple[str, str | None], tuple[bool, str]] = {}
        self.hidden: set[str] = set()

    # what the first evaluator asks

    def _rows(self, kind: str, name: str) -> list[Any]:
        return [row for row in self.rows.get((kind, name), []) if row.id not in self.hidden]

    def records(self, entity: str) -> list[Any]:
        return self._rows("entity", entity)

    def checks(self, names: Sequence[str]) -> list[Any]:
        return [row for name in names for row in self._rows("check", name)]

    def workflows(self, name: str) -> list[Any]:
        return self._rows("workflow", name)

    def attestations(self, topic: str) -> list[Any]:
        return self._rows("topic", topic)

    def population(self, name: str, system: str | None) -> list[Member]:
        found = self.members[name]
        return [one for one, own in found if system is None or one.kind == "organisation" or system in own]

    def condition(self, name: str, system: str | None) -> tuple[bool, str]:
        return self.conditions[name, system]

    def has_source(self, kind: str, name: str) -> bool:
        return True

    # what the second one reads

    def plain(self) -> dict[str, Any]:
        """The same as dicts."""
        return {
            "rows": {
                (KINDS[kind], name): [as_dict(row) for row in rows if row.id not in self.hidden]
                for (kind, name), rows in self.rows.items()
            },
            "populations": {
                name: [(one.kind, one.id, one.tier, own) for one, own in found] for name, found in self.members.items()
            },
            "conditions": {key: holds for key, (holds, _) in self.conditions.items()},
        }


def as_dict(row: Any) -> dict[str, Any]:
    """One row as the second evaluator has it."""
    said: dict[str, Any] = {"id": row.id, "subjects": row.subjects}
    if isinstance(row, Fact):
        return {**said, "fields": dict(row.fields)}
    if isinstance(row, CheckFact):
        return {**said, "check": row.check, "about": row.subject, "outcome": row.outcome, "ended": row.ended_at, "ci": row.with_ci,
                "groups": row.disaggregated, "question": row.question, "valid_until": row.valid_until}  # fmt: skip
    if isinstance(row, WorkflowFact):
        return {**said, "outcome": row.outcome, "ended": row.ended_at, "approvers": row.approvers, "steps": row.steps}
    assert isinstance(row, AttestationFact)
    return {**said, "role": row.role, "signed": row.signed_at, "file": row.has_file}


def held_still(facts: DjangoFacts, systems: list[str]) -> World:
    """Everything that the rules of any framework could ask of a database."""
    world, words = World(facts.as_of, systems), vocabulary()
    fetch = {"entity": facts.records, "check": lambda name: facts.checks((name,)), "workflow": facts.workflows,
             "topic": facts.attestations}  # fmt: skip
    for item in (item for slug in SLUGS for item in load(slug).items):
        for kind, name in item.sources:
            if (kind, name) not in world.rows:
                world.rows[kind, name] = list(fetch[kind](name))
    for name in words.populations:
        by_system = {pk: {one.subject for one in facts.population(name, pk)} for pk in systems}
        world.members[name] = [
            (one, frozenset(pk for pk in systems if one.subject in by_system[pk]))
            for one in facts.population(name, None)
        ]
    for name in words.conditions:
        for pk in (None, *systems):
            world.conditions[name, pk] = facts.condition(name, pk)
    return world


def changed(world: World, seed: int) -> World:
    """Another world at random: fewer rows, further systems, other values, days, people, outcomes and conditions."""
    draw = random.Random(seed)
    live = next(one.id for one, _ in world.members["systems_in_use"])
    systems = [live, *(f"system-{number}" for number in range(draw.randrange(3)))]
    other = World(world.as_of, systems)
    share = draw.choice((0.3, 0.7, 0.9, 0.97))
    for key, rows in world.rows.items():
        some = draw.sample(rows, min(len(rows), MOST)) if len(rows) > MOST and draw.random() < 0.9 else rows
        own = [row for row in some if draw.random() < share]
        more = [moved(row, live, pk) for pk in systems[1:] for row in own if draw.random() < share]
        other.rows[key] = [touched(row, draw, world.as_of) if draw.random() < 0.25 else row for row in (*own, *more)]
    for name, found in world.members.items():
        other.members[name] = [one for pk in systems for one in members(found, live, pk, draw)] if name != "organisation" else [
            (one, frozenset(systems)) for one, _ in found
        ]  # fmt: skip
    for name in vocabulary().conditions:
        for pk in (None, *systems):
            holds = name == "always" or draw.random() < 0.8
            other.conditions[name, pk] = (holds, name)
    return other


def members(found: Any, live: str, pk: str, draw: random.Random) -> list[Any]:
    """Members for one system: of a system itself its own, of other kinds those of the live one."""
    kept = []
    for one, own in found:
        if (one.kind != "system" and pk != live) or (one.kind == "system" and one.id != live) or draw.random() < 0.15:
            continue
        tier = draw.choice(("minimal", "limited", "high", "critical", one.tier))
        kept.append(
            (
                replace(one, id=pk if one.kind == "system" else one.id, tier=tier),
                frozenset({pk} if one.kind == "system" else own),
            )
        )
    return kept


def moved(row: Stored, live: str, pk: str) -> Stored:
    """A copy that speaks about another system."""

    def there(subject: Any) -> Any:
        return ("system", pk) if subject == ("system", live) else subject

    return replace(row, id=f"{row.id}-{pk}", subject=there(row.subject), also=frozenset(map(there, row.also)))


# On both sides of every cadence, and tomorrow.
AGES = (-1, 0, 30, 31, 60, 61, 90, 91, 180, 181, 365, 366, 730, 731)


def touched(row: Any, draw: random.Random, as_of: datetime) -> Any:
    """One thing of a row is otherwise."""
    then = as_of - timedelta(days=draw.choice(AGES))
    if isinstance(row, Fact):
        return replace(row, fields=other_fields(dict(row.fields), draw, then))
    if isinstance(row, CheckFact):
        outcome = draw.choice(("pass", "recorded", "fail", "insufficient"))
        until = draw.choice((None, row.valid_until, as_of - timedelta(days=draw.choice(AGES))))
        return replace(row, outcome=outcome, ended_at=then, with_ci=draw.random() < 0.7, valid_until=until,
                       disaggregated=draw.random() < 0.7, question=draw.choice(("", "other")))  # fmt: skip
    if isinstance(row, WorkflowFact):
        people = [("anna", "executive"), ("ben", "risk_officer"), ("anna", "approver"), *row.approvers]
        steps = {
            name: frozenset(draw.sample(("anna", "ben", "cy"), draw.randrange(3)))
            for name in ("author", "approver", "publisher", "validator", "technical_owner")
        }
        return replace(row, ended_at=then, outcome=draw.choice((row.outcome, "rejected")),
                       approvers=tuple(draw.sample(people, draw.randrange(len(people)))), steps=draw.choice((row.steps, steps)))  # fmt: skip
    return replace(row, signed_at=then, has_file=draw.random() < 0.5, role=draw.choice((row.role, "auditor")))


def other_fields(fields: dict[str, Any], draw: random.Random, then: datetime) -> dict[str, Any]:
    """Some fields empty, some days other, some values those of another row."""
    everything = draw.random() < 0.3
    for name, value in fields.items():
        chance = draw.random() * (0.5 if everything and isinstance(value, date) else 1)
        if isinstance(value, date) and chance < 0.5:
            fields[name] = then if isinstance(value, datetime) else then.date()
        elif chance < 0.15:
            fields[name] = draw.choice((None, "", "  ", [], "other", False, 3, (value,), ["approved", value]))
    return fields
