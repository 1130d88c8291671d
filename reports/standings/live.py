"""What every system came to, kept in memory and brought up to date: after a change only what it touches is decided anew."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils import timezone

from registry.models import BusinessUnit
from reports.evaluation import NOTHING_KNOWN, Evaluation, RequirementResult, decide
from reports.facts import Member, Subject
from reports.framework_files import Framework, Item, Requirement
from reports.holdings import Holdings
from reports.populations import ORGANISATION_CONDITIONS
from reports.sources import DjangoFacts
from reports.standings.kept import Results, as_kept
from reports.standings.watched import SYSTEMS, Changes, Reads, WatchedScope, changes_between, logged

# What asks the database for each version, and reads the system of the version on its way.
DEAR: Final = (("entity", "model_card"), ("check", "doc.card_completeness"), ("check", "doc.lineage_completeness"))
Source = tuple[str, str]
Key = str | None
"""The id of a system or of a unit; None stands for the organisation."""
Stale = tuple[str, Requirement, set[str]]
"""A requirement that is decided anew, with its framework, and its items of which what was found still holds."""
ANYBODY: Final[Subject] = ("anybody", "")
EVERYBODY: Final = {ANYBODY}
RUNS: Final[Source] = ("runs", "")
# What may stand in place of a result, or excuse it.
INSTEAD: Final[tuple[Source, ...]] = (("entity", "exception"), ("entity", "status_override"))


class Standings:
    """The statuses of some frameworks for every system, every unit and the organisation (None), as of one day.

    `refresh` asks the log what changed since; another day begins anew. What runs out in the course of a day counts from
    the next one.
    """

    def __init__(self, *frameworks: Framework, as_of: datetime | None = None) -> None:
        self.frameworks = {framework.slug: framework for framework in frameworks}
        self.requirements = [(slug, entry) for slug, one in self.frameworks.items() for entry in one.requirements]
        self.begin(as_of or timezone.now())

    def begin(self, as_of: datetime) -> None:
        """Everything from cold."""
        self.as_of, self.seq = as_of, logged()
        self.reads = Reads()
        self.scope = WatchedScope(as_of=as_of, reads=self.reads)
        self.facts = DjangoFacts(None, None, as_of, scope=self.scope)
        self.whole = Holdings(self.facts, system=None, as_of=as_of)
        self.read_by: dict[Source, set[str]] = {}
        self.members: dict[tuple[str, Key], tuple[Member, ...]] = {}
        self.conditions: dict[tuple[str, Key], tuple[bool, str]] = {}
        self.statuses: dict[Key, dict[tuple[str, str], RequirementResult]] = {}
        self.cells: dict[str, dict[Key, Results]] = {slug: {} for slug in self.frameworks}
        self.unkept: dict[str, set[Key]] = {slug: set() for slug in self.frameworks}
        with connection.execute_wrapper(self.reads):
            self._look_at_units()
            self._look_up(self._everything(), None)
            for key in self.keys:
                self._decide(key, [(slug, entry, set()) for slug, entry in self.requirements])

    @property
    def systems(self) -> list[Key]:
        """The organisation and every system."""
        return [None, *self._systems]

    @property
    def keys(self) -> list[Key]:
        """The organisation, every system and every unit."""
        return [*self.systems, *self.units]

    def of(self, key: Key, slug: str = "") -> Evaluation:
        """The evaluation of a system, of a unit, or of the organisation, by a framework; by the only one if none is named."""
        framework = self.frameworks[slug or next(iter(self.frameworks))]
        found = tuple(self.statuses[key][framework.slug, entry.id] for entry in framework.requirements)
        unit = key if key in self.units else None
        return Evaluation(framework, self.as_of, None if unit else key, found, unit)

    def refresh(self, now: datetime | None = None) -> set[Key]:
        """Take in what changed; the systems and units of which something was decided anew."""
        moment, last = now or timezone.now(), logged()
        if moment.date() != self.as_of.date() or last < self.seq:  # a log that is shorter is another one
            self.begin(moment)
            return set(self.keys)
        changes, self.seq = changes_between(self.seq, last), last
        if not changes.filed:
            return set()
        with connection.execute_wrapper(self.reads):
            return self._take_in(changes)

    def _take_in(self, changes: Changes) -> set[Key]:
        names = self.facts.check_names
        changed = changes.filed.keys() | self.scope.forget(changes)
        self.facts.forget(runs=bool(self.read_by.get(RUNS, changed) & changed))
        if {"scope.systems", BusinessUnit._meta.db_table} & changed:
            self._look_at_units()
        wanted = [one for one in self._everything() if self.read_by.get(one, changed) & changed]
        moved = self._look_up(wanted, changed, self._edited(changes))
        moved.sources |= {("check", name): EVERYBODY for name in names ^ self.facts.check_names}
        stale = self._stale(moved)
        for gone in set(self.statuses) - set(self.keys):
            del self.statuses[gone]
            for slug in self.frameworks:
                del self.cells[slug][gone]
                self.unkept[slug].discard(gone)
        for key, requirements in stale.items():
            self._decide(key, requirements)
        return set(stale)

    def _look_at_units(self) -> None:
        """The systems, and the units below the topmost, which is the organisation, with all that lie in them or below."""
        self._systems: list[Key] = list(map(str, self.scope.systems))
        below = BusinessUnit.objects.filter(parent__isnull=False, created_at__lt=self.scope.until)
        self.units: dict[Key, list[UUID]] = {str(unit.pk): self.scope.beneath(unit.path) for unit in below}
        self.units_of: dict[Key, list[Key]] = defaultdict(list)
        for unit, inside in self.units.items():
            for system in inside:
                self.units_of[str(system)].append(unit)

    def _edited(self, changes: Changes) -> set[Key] | None:
        """The systems whose own rows changed, where all of them were known before."""
        rows: set[Key] = {str(row) for row in changes.filed.get(SYSTEMS, ())}
        return rows if rows and rows <= self.statuses.keys() else None

    def _conditions(self) -> list[str]:
        entries = [entry for _slug, entry in self.requirements]
        items = [item for entry in entries for item in entry.items]
        named = [*(entry.applies_when for entry in entries), *(item.applies_when for item in items)]
        return [name for name in dict.fromkeys(named) if name]

    def _everything(self) -> list[Source]:
        """Whatever is looked up: facts, populations and conditions, each by its name."""
        items = [item for _slug, entry in self.requirements for item in entry.items]
        populations = dict.fromkeys(["systems_in_use", *(item.population for item in items)])
        return [
            *dict.fromkeys([*(source for item in items for source in item.sources), *INSTEAD]),
            *(("population", name) for name in populations), *(("condition", name) for name in self._conditions()),
        ]  # fmt: skip

    def _look_up(self, wanted: list[Source], changed: set[str] | None, edited: set[Key] | None = None) -> "Moved":
        """Look these up; what came out otherwise than before. Of conditions that changed with systems alone, those of the
        edited ones."""
        moved = Moved({}, defaultdict(set), defaultdict(set))
        if any(kind == "check" for kind, _ in wanted):
            with self.reads.taken() as read:
                assert self.facts.runs is not None
            self.read_by[RUNS] = read | self.read_by.get(RUNS, set())
        for kind, name in wanted:
            before = self.read_by.get((kind, name), set())
            only = edited if changed is not None and before & changed <= {"scope.systems"} else None
            with self.reads.taken() as read:
                self._look_at(kind, name, moved, only)
            read |= self.read_by[RUNS] if kind == "check" else set()
            read |= {"scope.systems"} if (kind, name) in DEAR else set()
            self.read_by[kind, name] = read | before
        return moved

    def _look_at(self, kind: str, name: str, moved: "Moved", only: set[Key] | None) -> None:
        if kind == "population":
            moved.members[name] = self._differ(self.members, name, self._members(name), self.keys)
        elif kind == "condition":
            self.reads.add("scope.systems", "scope.paths")
            asked = self._asked(name, only)
            found = {key: self._condition(name, key) for key in asked}
            moved.conditions[name] = self._differ(self.conditions, name, found, self.keys)
        else:
            before, after = self.whole.forget((kind, name)), self.whole.about((kind, name))
            said = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
            if said:
                moved.sources[kind, name] = said

    def _asked(self, name: str, only: set[Key] | None) -> list[Key]:
        """For whom a condition is asked: the edited systems with all around them, and what is new; or everybody."""
        if only is None or name in ORGANISATION_CONDITIONS:
            return self.keys
        return [None, *self._served_by(filter(None, only)), *(key for key in self.keys if key not in self.statuses)]

    def _condition(self, name: str, key: Key) -> tuple[bool, str]:
        """Whether a condition holds for a system, in a unit, or in the organisation."""
        if key in self.units:
            return self.facts.condition(name, None, within=self.units[key])
        return self.facts.condition(name, key)

    def _differ(self, known: dict[Any, Any], name: str, found: dict[Key, Any], keys: Iterable[Key]) -> set[Key]:
        """Store what was found; the systems and units for which it is otherwise than before."""
        gone = {key for (each, key) in known if each == name} - set(keys) if self.statuses else set()
        moved = {key for key, value in found.items() if known.get((name, key), ()) != value} | gone
        for key in gone:
            del known[name, key]
        known |= {(name, key): value for key, value in found.items()}
        return moved

    def _members(self, name: str) -> dict[Key, tuple[Member, ...]]:
        found = self.facts.members(name)
        self.reads.add("scope.paths")
        by_key: dict[Key, list[Member]] = {key: [] for key in self.keys}
        for member, systems in found:
            everywhere = self.keys[1:] if member.kind == "organisation" else self._served_by(map(str, systems))
            for key in everywhere:
                by_key[key].append(member)
        return {**{key: tuple(members) for key, members in by_key.items()}, None: tuple(member for member, _ in found)}

    def _served_by(self, systems: Iterable[str]) -> list[Key]:
        """Systems with the units in which they lie."""
        own = list(systems)
        return list(dict.fromkeys([*own, *(unit for pk in own for unit in self.units_of.get(pk, ()))]))

    def _stale(self, moved: "Moved") -> dict[Key, list[Stale]]:
        """By system and unit: the requirements that something touched, each with its items that nothing did."""
        found: dict[Key, list[Stale]] = defaultdict(list)
        everybody = set(self.keys)
        always = everybody if any(source in moved.sources for source in INSTEAD) else everybody - set(self.statuses)
        for slug, entry in self.requirements:
            whole = self._with_units(moved.conditions.get(entry.applies_when, set()))
            items = {item.id: whole | self._with_units(self._touched(item, moved)) for item in entry.items}
            for key in always.union(whole, *items.values()) & everybody:
                found[key].append((slug, entry, {one for one, touched in items.items() if key not in touched}))
        return found

    def _touched(self, item: Item, moved: "Moved") -> set[Key]:
        whole = "systems_in_use" if item.population == "self" else item.population
        wider = {None, *self.units} & moved.members.get(whole, set())
        members, conditions = moved.members.get(item.population, set()), moved.conditions.get(item.applies_when, set())
        return wider | members | conditions | self._served(item, moved)

    def _with_units(self, found: set[Key]) -> set[Key]:
        """These with the units in which their systems lie, and the organisation."""
        systems = [key for key in found if key is not None and key not in self.units]
        return found | set(self._served_by(systems)) | ({None} if found else set())

    def _served(self, item: Item, moved: "Moved") -> set[Key]:
        """The systems and units that have a member for which the item now comes to something else."""
        said = set().union(*(moved.sources.get(source, ()) for source in item.sources))
        if ANYBODY in said:
            return set(self.keys)
        concerned = self.whole.differing(
            item, lambda one: one.subject in said or one.kind == "organisation"
        ) if said else ()  # fmt: skip
        if any(one.kind == "organisation" for one in concerned):
            return set(self.keys)
        served = dict(self.facts.members(item.population)) if concerned else {}
        return {str(pk) for one in concerned for pk in served.get(one, ())}

    def _decide(self, key: Key, requirements: Iterable[Stale]) -> None:
        unit = key if key in self.units else None
        view = self.whole.seen_by(
            None if unit else key, unit, Known(self.members, (), unit), Known(self.conditions, (False, ""), unit)
        )
        known = self.statuses.setdefault(key, {})
        for slug, entry, untouched in requirements:
            before = known.get((slug, entry.id))
            items = {one.item.id: one for one in before.items if one.item.id in untouched} if before else NOTHING_KNOWN
            known[slug, entry.id] = found = decide(entry, view, slug, items)
            cells, cell = self.cells[slug].setdefault(key, {}), as_kept(found)
            if cells.get(entry.id) != cell:
                cells[entry.id] = cell
                self.unkept[slug].add(key)


class Known(dict[Any, Any]):
    """What was looked up by name and key, with something for what nobody is in. To a unit it is itself the whole."""

    def __init__(self, found: dict[Any, Any], nothing: Any, whole: Key) -> None:
        super().__init__()
        self.found, self.nothing, self.whole = found, nothing, whole

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: tuple[str, Key]) -> Any:
        name, system = key
        return self.found.get((name, self.whole if system is None else system), self.nothing)


@dataclass
class Moved:
    """What came out otherwise: subjects by source, systems and units by population and by condition."""

    sources: dict[Source, set[Subject]]
    members: dict[str, set[Key]]
    conditions: dict[str, set[Key]]
