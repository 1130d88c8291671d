"""What the evaluator may know: facts about members of populations, and the protocol that yields them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

Basis = Literal["measured", "process", "reported", "documented", "attested"]
Outcome = Literal["pass", "recorded", "fail", "insufficient"]
Subject = tuple[str, str]
"""Kind and id of what a fact speaks about: ("organisation", ""), ("system", id), ("person", id), ("release", id)…"""

ORGANISATION: Subject = ("organisation", "")


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A stored row: what every fact has in common. `also` names further subjects that it speaks about."""

    id: str
    label: str
    subject: Subject
    also: frozenset[Subject] = frozenset()
    url: str = ""
    basis: Basis = "documented"

    @property
    def subjects(self) -> frozenset[Subject]:
        """Everything that the fact speaks about."""
        return self.also | {self.subject}


@dataclass(frozen=True, kw_only=True)
class Fact(Stored):
    """A row of an entity, its fields by the vocabulary's names."""

    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CheckFact(Stored):
    """A run of a check. `question` tells runs apart that asked different things of the same subject; the newest
    run on a question is its answer."""

    check: str
    outcome: Outcome
    ended_at: datetime
    with_ci: bool = False
    disaggregated: bool = False
    question: str = ""
    valid_until: datetime | None = None
    basis: Basis = "measured"


@dataclass(frozen=True, kw_only=True)
class WorkflowFact(Stored):
    """A workflow that reached an outcome: who approved in which role, and which persons took which step."""

    workflow: str
    outcome: str
    ended_at: datetime
    approvers: tuple[tuple[str, str], ...] = ()
    steps: Mapping[str, frozenset[str]] = field(default_factory=dict)
    basis: Basis = "process"


@dataclass(frozen=True, kw_only=True)
class AttestationFact(Stored):
    """A signed statement on a topic."""

    topic: str
    role: str
    signed_at: datetime
    has_file: bool = False
    basis: Basis = "attested"


@dataclass(frozen=True)
class Member:
    """A member of a population. `tier` is its own risk tier, or the highest among the systems it serves."""

    kind: str
    id: str
    label: str
    tier: str = ""

    def __hash__(self) -> int:
        return hash(self.id)  # asked for at every finding; what else differs, equality tells

    @property
    def subject(self) -> Subject:
        """The member as a subject of facts."""
        return (self.kind, self.id)


class Facts(Protocol):
    """The database as the rules see it, as of one moment.

    `population` takes the id of a system to cut the population down to that system's own members, and None for the
    whole organisation. `condition` answers with a sentence that says why. `has_source` says whether this installation
    could hold such a thing at all: kind is "entity", "check", "workflow", "topic" or "population".
    """

    as_of: datetime

    def records(self, entity: str) -> Iterable[Fact]: ...

    def checks(self, names: Sequence[str]) -> Iterable[CheckFact]: ...

    def workflows(self, name: str) -> Iterable[WorkflowFact]: ...

    def attestations(self, topic: str) -> Iterable[AttestationFact]: ...

    def population(self, name: str, system: str | None) -> list[Member]: ...

    def condition(self, name: str, system: str | None) -> tuple[bool, str]: ...

    def has_source(self, kind: str, name: str) -> bool: ...
