"""What every system came to, kept in memory and brought up to date: after a change only what it touches is decided anew."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.utils import timezone

from registry.models import AuditHead
from registry.models.audit import AuditEntry
from reports.evaluation import Evaluation, RequirementResult, decide
from reports.facts import Member, Subject
from reports.framework_files import Framework, Item, Requirement
from reports.holdings import Holdings
from reports.scope import Scope
from reports.sources import DjangoFacts

TABLE: Final = re.compile(r'(?:FROM|JOIN) "(\w+)"')
# What a scope looks up once. Rows are taken to have changed whenever their tables did; the rest is compared.
ROWS: Final = ("systems", "versions", "releases")
DERIVED: Final = ("system_ids", "systems_of_version", "versions_in_force", "data_links", "systems_of_data", "data_of_version",
                  "releases_of_version")  # fmt: skip
# What asks the database for each version.
DEAR: Final = (("entity", "model_card"), ("check", "doc.card_completeness"), ("check", "doc.lineage_completeness"))
LOG: Final = AuditEntry._meta.db_table
Source = tuple[str, str]
ANYBODY: Final[Subject] = ("anybody", "")
EVERYBODY: Final = {ANYBODY}
# What may stand in place of a result, or excuse it.
INSTEAD: Final[tuple[Source, ...]] = (("entity", "exception"), ("entity", "status_override"))


class Reads:
    """Which tables and which parts of the scope were read since, for everything that is being looked up at the moment."""

    def __init__(self) -> None:
        self.open: list[set[str]] = []

    @contextmanager
    def taken(self) -> Iterator[set[str]]:
        """Everything that is read inside."""
        found: set[str] = set()
        self.open.append(found)
        try:
            yield found
        finally:
            self.open.pop()

    def add(self, *names: str) -> None:
        """These were read by all that is being looked up."""
        for found in self.open:
            found.update(names)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """A statement of the database passes through."""
        self.add(*TABLE.findall(sql))
        return execute(sql, params, many, context)


class WatchedScope(Scope):
    """A scope that knows from which tables each of its parts was made, and who looked at it."""

    def __init__(self, *, as_of: datetime, reads: Reads) -> None:
        self.reads = reads
        self.made_of: dict[str, set[str]] = {}
        self.memory: dict[tuple[str, UUID], Any] = {}
        super().__init__(user=None, as_of=as_of)

    def __getattribute__(self, name: str) -> Any:
        if name not in ROWS and name not in DERIVED:
            return super().__getattribute__(name)
        if name not in self.__dict__:
            outer, self.reads.open = self.reads.open, []
            with self.reads.taken() as found:
                super().__getattribute__(name)
            self.reads.open, self.made_of[name] = outer, found
        self.reads.add(f"scope.{name}")
        return super().__getattribute__(name)

    def once(self, name: str, made: Callable[[], Any]) -> Any:
        """What several answers need; whoever asks has read what it was made of, not only the first."""
        if name not in self.kept:
            with self.reads.taken() as found:
                super().once(name, made)
            self.made_of[name] = found
        self.reads.add(*self.made_of[name])
        return self.kept[name]

    def remembered(self, key: tuple[str, UUID], made: Callable[[], Any]) -> Any:
        """What is kept of one version until something is logged about it or its system."""
        if key not in self.memory:
            self.memory[key] = made()
        return self.memory[key]

    def forget(self, touched: set[str], rows: set[UUID]) -> set[str]:
        """Make anew what was made of anything touched; the names of the parts that came out otherwise."""
        self.kept.clear()
        known = {pk: {pk, *self.systems_of_version[pk]} for pk in self.versions}
        homes = set().union(*known.values(), self.system_ids)
        if rows <= homes:
            rows_of = rows
            self.memory = {key: kept for key, kept in self.memory.items() if not known.get(key[1], rows_of) & rows_of}
        else:
            self.memory.clear()
        changed: set[str] = set()
        for name in (*ROWS, *DERIVED):
            if self.made_of.get(name, set()) & (touched | changed):
                before = self.__dict__.pop(name)
                if name in ROWS or getattr(self, name) != before:
                    changed.add(f"scope.{name}")
        return changed


class Standings:
    """The statuses of one framework for every system and for the organisation (None), as of one day.

    `refresh` asks the log what changed since; another day begins anew. What runs out in the course of a day counts from
    the next one.
    """

    def __init__(self, framework: Framework, as_of: datetime | None = None) -> None:
        self.framework = framework
        self.begin(as_of or timezone.now())

    def begin(self, as_of: datetime) -> None:
        """Everything from cold."""
        self.as_of, self.seq = as_of, logged()
        self.reads = Reads()
        self.scope = WatchedScope(as_of=as_of, reads=self.reads)
        self.facts = DjangoFacts(None, None, as_of, scope=self.scope)
        self.whole = Holdings(self.facts, system=None, as_of=as_of)
        self.read_by: dict[Source, set[str]] = {}
        self.members: dict[tuple[str, str | None], tuple[Member, ...]] = {}
        self.conditions: dict[tuple[str, str | None], tuple[bool, str]] = {}
        self.statuses: dict[str | None, dict[str, RequirementResult]] = {}
        with connection.execute_wrapper(self.reads):
            self._look_up(self._everything())
            for system in self.systems:
                self._decide(system, self.framework.requirements)

    @property
    def systems(self) -> list[str | None]:
        """The organisation and every system."""
        return [None, *map(str, self.scope.systems)]

    def of(self, system: str | None) -> Evaluation:
        """The evaluation of a system, or of the organisation."""
        found = tuple(self.statuses[system][entry.id] for entry in self.framework.requirements)
        return Evaluation(self.framework, self.as_of, system, found)

    def refresh(self, now: datetime | None = None) -> set[str | None]:
        """Take in what changed; the systems of which something was decided anew."""
        moment, last = now or timezone.now(), logged()
        if moment.date() != self.as_of.date():
            self.begin(moment)
            return set(self.systems)
        changes, self.seq = changes_between(self.seq, last), last
        if not changes:
            return set()
        with connection.execute_wrapper(self.reads):
            return self._take_in(changes)

    def _take_in(self, changes: dict[str, set[UUID]]) -> set[str | None]:
        names, touched = self.facts.check_names, set(changes)
        dear = set().union(*(self.read_by.get(source, set()) for source in DEAR))
        rows = set().union(*(rows for table, rows in changes.items() if table in dear))
        changed = touched | self.scope.forget(touched, rows)
        self.facts.forget()
        moved = self._look_up([one for one in self._everything() if self.read_by.get(one, changed) & changed])
        moved.sources |= {("check", name): EVERYBODY for name in names ^ self.facts.check_names}
        stale = self._stale(moved)
        for gone in set(self.statuses) - set(self.systems):
            del self.statuses[gone]
        for system, requirements in stale.items():
            self._decide(system, requirements)
        return set(stale)

    def _everything(self) -> list[Source]:
        """Whatever is looked up: facts, populations and conditions, each by its name."""
        items, entries = self.framework.items, self.framework.requirements
        populations = dict.fromkeys(["systems_in_use", *(item.population for item in items)])
        named = dict.fromkeys([*(entry.applies_when for entry in entries), *(one.applies_when for one in items)])
        return [
            *sources(self.framework), *(("population", name) for name in populations),
            *(("condition", name) for name in named if name),
        ]  # fmt: skip

    def _look_up(self, wanted: list[Source]) -> "Moved":
        """Look these up; what came out otherwise than before."""
        moved = Moved({}, defaultdict(set), defaultdict(set))
        if any(kind == "check" for kind, _ in wanted):
            with self.reads.taken() as read:
                assert self.facts.runs is not None
            self.read_by["runs", ""] = read
        for kind, name in wanted:
            with self.reads.taken() as read:
                self._look_at(kind, name, moved)
            read |= self.read_by["runs", ""] if kind == "check" else set()
            self.read_by[kind, name] = read | self.read_by.get((kind, name), set())
        return moved

    def _look_at(self, kind: str, name: str, moved: "Moved") -> None:
        if kind == "population":
            moved.members[name] = self._differ(self.members, name, self._members(name))
        elif kind == "condition":
            found = {pk: self.facts.condition(name, pk) for pk in self.systems}
            moved.conditions[name] = self._differ(self.conditions, name, found)
        else:
            before, after = self.whole.forget((kind, name)), self.whole.about((kind, name))
            said = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
            if said:
                moved.sources[kind, name] = said

    def _differ(self, known: dict[Any, Any], name: str, found: dict[str | None, Any]) -> set[str | None]:
        """Store what was found by system; the systems for which it is otherwise than before."""
        gone = {pk for (each, pk) in known if each == name and pk not in found} if self.statuses else set()
        moved = {pk for pk, value in found.items() if known.get((name, pk), ()) != value} | gone
        for pk in gone:
            del known[name, pk]
        known |= {(name, pk): value for pk, value in found.items()}
        return moved

    def _members(self, name: str) -> dict[str | None, tuple[Member, ...]]:
        found = self.facts.members(name)
        by_system: dict[str | None, list[Member]] = {pk: [] for pk in self.systems}
        for member, systems in found:
            for pk in self.systems[1:] if member.kind == "organisation" else map(str, systems):
                by_system[pk].append(member)
        return {**{pk: tuple(members) for pk, members in by_system.items()}, None: tuple(member for member, _ in found)}

    def _stale(self, moved: "Moved") -> dict[str | None, list[Requirement]]:
        """By system: the requirements that something touched."""
        found: dict[str | None, list[Requirement]] = defaultdict(list)
        everybody = set(self.systems)
        always = everybody if any(source in moved.sources for source in INSTEAD) else everybody - set(self.statuses)
        for entry in self.framework.requirements:
            for system in (always | self._touched(entry, moved)) & everybody:
                found[system].append(entry)
        return found

    def _touched(self, entry: Requirement, moved: "Moved") -> set[str | None]:
        found = set(moved.conditions.get(entry.applies_when, ()))
        for item in entry.items:
            whole = "systems_in_use" if item.population == "self" else item.population
            found |= moved.members.get(item.population, set()) | ({None} & moved.members.get(whole, set()))
            found |= moved.conditions.get(item.applies_when, set())
            found |= self._served(item, moved)
        return found | ({None} if found else set())

    def _served(self, item: Item, moved: "Moved") -> set[str | None]:
        """The systems that have a member for which the item now comes to something else."""
        said = set().union(*(moved.sources.get(source, ()) for source in item.sources))
        if ANYBODY in said:
            return set(self.systems)
        concerned = self.whole.differing(
            item, lambda one: one.subject in said or one.kind == "organisation"
        ) if said else ()  # fmt: skip
        if any(one.kind == "organisation" for one in concerned):
            return set(self.systems)
        served = dict(self.facts.members(item.population)) if concerned else {}
        return {str(pk) for one in concerned for pk in served.get(one, ())}

    def _decide(self, system: str | None, requirements: Any) -> None:
        view = self.whole.seen_by(system, Known(self.members, ()), Known(self.conditions, (False, "")))
        known = self.statuses.setdefault(system, {})
        known |= {entry.id: decide(entry, view, self.framework.slug) for entry in requirements}


class Known(dict[Any, Any]):
    """What was looked up by name and system, with something for what nobody is in."""

    def __init__(self, found: dict[Any, Any], nothing: Any) -> None:
        super().__init__()
        self.found, self.nothing = found, nothing

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: Any) -> Any:
        return self.found.get(key, self.nothing)


@dataclass
class Moved:
    """What came out otherwise: subjects by source, systems by population and by condition."""

    sources: dict[Source, set[Subject]]
    members: dict[str, set[str | None]]
    conditions: dict[str, set[str | None]]


def sources(framework: Framework) -> list[Source]:
    """Everything that the rules of a framework read, and what may stand in place of a result."""
    named = [source for item in framework.items for source in item.sources]
    return list(dict.fromkeys([*named, *INSTEAD]))


def logged() -> int:
    """How many entries the log has."""
    head = AuditHead.objects.first()
    return head.size if head else 0


def changes_between(since: int, last: int) -> dict[str, set[UUID]]:
    """By table, with those that join its rows to others: what the log tells of, each row with what it is filed under."""
    found: dict[str, set[UUID]] = {LOG: set()} if last != since else {}
    rows = AuditEntry.objects.filter(seq__gt=since, seq__lte=last).order_by() if found else AuditEntry.objects.none()
    for label, row, about in rows.values_list("object_type", "object_id", "about_id"):
        model = apps.get_model(label)
        joins = [field.remote_field.through._meta.db_table for field in model._meta.many_to_many]
        for table in (model._meta.db_table, *joins):
            found.setdefault(table, set()).add(about or row)
    return found
