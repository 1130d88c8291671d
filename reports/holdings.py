"""Which facts belong to which member: the facts of one evaluation, indexed by what they speak about."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import copy
from datetime import datetime
from typing import Any

from reports.evidence_rules import Finding, find
from reports.facts import ORGANISATION, Facts, Member, Stored, Subject
from reports.framework_files import Item

# These speak for their own subject alone: a policy or a duty of one system is none of the organisation. Of everything
# else (incidents, drills, baselines…) what happens in a part of the organisation happens in the organisation.
SPEAKS_FOR_ITS_SUBJECT = frozenset(
    {"policy_document", "risk_appetite", "management_review", "organisation_profile", "role_assignment"}
)


class Holdings:
    """The facts of one evaluation; every kind of fact is fetched once and found by subject."""

    def __init__(self, facts: Facts, *, system: str | None, unit: str | None = None, as_of: datetime) -> None:
        self.facts = facts
        self.system = system
        self.unit = unit
        self.as_of = as_of
        self._found: dict[tuple[str, str], list[Any]] = {}
        self._by_subject: dict[tuple[str, str], dict[Subject, list[Any]]] = {}
        self._members: dict[tuple[str, str | None], list[Member]] = {}
        self._conditions: dict[tuple[str, str | None], tuple[bool, str]] = {}
        self._findings: dict[str, dict[Member, Finding]] = {}

    @property
    def about_what(self) -> Subject:
        """The system, the unit or the organisation that is decided on."""
        if self.system is not None:
            return ("system", self.system)
        return ORGANISATION if self.unit is None else ("business_unit", self.unit)

    def seen_by(self, system: str | None, unit: str | None, members: Any, conditions: Any) -> "Holdings":
        """The same facts for a report on another system or unit, with its members and conditions where they are known."""
        other = copy(self)
        other.system, other.unit, other._members, other._conditions = system, unit, members, conditions
        return other

    def finding(self, item: Item, member: Member) -> Finding:
        """What the facts say to an item of one member; asked once."""
        known = self._findings.setdefault(item.id, {})
        if member not in known:
            known[member] = find(item, member, self.of(item, member), self.as_of)
        return known[member]

    def about(self, source: tuple[str, str]) -> dict[Subject, list[Any]]:
        """The facts of a source by what they speak about."""
        self._rows(*source)
        return self._by_subject[source]

    def forget(self, source: tuple[str, str]) -> dict[Subject, list[Any]]:
        """Look them up anew when they are asked for next; what they were."""
        self._found.pop(source, None)
        return self._by_subject.pop(source, {})

    def differing(self, item: Item, concerns: Callable[[Member], bool]) -> list[Member]:
        """The members for which the item now comes to something else, among those that a change concerns."""
        known = self._findings.get(item.id, {})
        before = {member: known.pop(member) for member in list(known) if concerns(member)}
        return [member for member, finding in before.items() if self.finding(item, member) != finding]

    def of(self, item: Item, member: Member) -> list[Any]:
        """Every fact of the item's kind that speaks about the member."""
        found: list[Any] = []
        for kind, name in item.sources:
            found += self._about(kind, name, member)
        return found

    def _about(self, kind: str, name: str, member: Member) -> list[Any]:
        rows = self._rows(kind, name)
        in_parts = kind in {"entity", "workflow"} and name not in SPEAKS_FOR_ITS_SUBJECT
        if member.subject == ORGANISATION and in_parts:
            return rows
        return self._by_subject[kind, name].get(member.subject, [])

    def _rows(self, kind: str, name: str) -> list[Any]:
        key = (kind, name)
        if key not in self._found:
            rows = list(self._fetch(kind, name))
            index: dict[Subject, list[Any]] = defaultdict(list)
            for row in rows:
                for subject in row.subjects | {(name, row.id)}:
                    index[subject].append(row)
            self._found[key], self._by_subject[key] = rows, index
        return self._found[key]

    def _fetch(self, kind: str, name: str) -> Iterable[Stored]:
        if kind == "entity":
            return self.facts.records(name)
        if kind == "check":
            return self.facts.checks((name,))
        return self.facts.workflows(name) if kind == "workflow" else self.facts.attestations(name)

    def records(self, entity: str) -> list[Any]:
        """Every row of an entity, of whatever subject."""
        return self._rows("entity", entity)

    def members(self, population: str, system: str | None) -> list[Member]:
        """The members of a population, cut down to a system when one is given."""
        key = (population, system)
        if key not in self._members:
            self._members[key] = list(self.facts.population(population, system))
        return self._members[key]

    def condition(self, name: str, system: str | None) -> tuple[bool, str]:
        """Whether a condition holds, and why."""
        key = (name, system)
        if key not in self._conditions:
            self._conditions[key] = self.facts.condition(name, system)
        return self._conditions[key]

    def has_source(self, item: Item) -> bool:
        """This installation could hold the item's evidence at all."""
        return any(self.facts.has_source(kind, name) for kind, name in item.sources)
