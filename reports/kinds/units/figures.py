"""What a framework came to in a unit: the unit itself, each system in it, the units below, and what is missing where."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from registry.models import AISystem, BusinessUnit, Stage, Tier
from reports.evaluation import Evaluation, Override, RequirementResult, evaluate
from reports.facts import Facts
from reports.framework_files import SLUGS, Framework, Item, load
from reports.imported import lookup
from reports.populations import is_in_use
from reports.sources import DjangoFacts
from reports.standings.live import Key, Standings

FRAMEWORK: Final = SLUGS[0]
WORST_FIRST: Final = {tier.value: -place for place, tier in enumerate(Tier)}


@dataclass(frozen=True)
class Placed:
    """A system or a unit with what the framework came to there; `systems` is how many it holds."""

    row: Any
    evaluation: Evaluation
    systems: int = 1

    @property
    def counts(self) -> dict[str, int]:
        """How many requirements came to each result."""
        return self.evaluation.counts

    @property
    def share(self) -> float:
        """The share of what applies that is met; all of it where nothing applies."""
        applying = sum(self.counts.values()) - self.counts["not_applicable"]
        return self.counts["met"] / applying if applying else 1.0


@dataclass
class Gap:
    """A required item that does not pass, where it is missing, and in how many systems nothing else is missing."""

    requirement: Any
    item: Item
    systems: list[str] = field(default_factory=list)
    last: int = 0


@dataclass(frozen=True)
class Figures:
    """Everything that the report counts. `systems` are those that are not retired, the worst off first."""

    unit: BusinessUnit
    framework: Framework
    facts: Facts
    evaluation: Evaluation
    systems: tuple[Placed, ...]
    units: tuple[Placed, ...]
    others: tuple[Evaluation, ...]
    retired: int

    @property
    def is_whole(self) -> bool:
        """It is about the organisation."""
        return self.unit.parent_id is None

    @property
    def in_use(self) -> int:
        """How many of the systems are in pilot or production: over these the unit itself is decided."""
        return sum(is_in_use(each.row) for each in self.systems)

    @property
    def stale(self) -> list[str]:
        """Requirements with evidence that is there and too old."""
        return [entry.requirement.id for entry in self.evaluation.requirements if entry.is_stale]

    @property
    def overrides(self) -> list[tuple[Any, str, Override]]:
        """What people set in place of the evidence: of the unit first, then of its systems."""
        places = [(self.unit, self.evaluation), *((each.row, each.evaluation) for each in self.systems)]
        return [
            (row, entry.requirement.id, entry.override)
            for row, found in places for entry in found.requirements if entry.override
        ]  # fmt: skip

    @cached_property
    def meeting(self) -> dict[str, tuple[int, int]]:
        """By requirement: the systems that meet it, and those to which it applies."""
        met: Counter[str] = Counter()
        applying: Counter[str] = Counter()
        for entry in (entry for each in self.systems for entry in each.evaluation.requirements):
            met[entry.requirement.id] += entry.result == "met"
            applying[entry.requirement.id] += entry.result != "not_applicable"
        return {one.id: (met[one.id], applying[one.id]) for one in self.framework.requirements}

    @cached_property
    def gaps(self) -> list[Gap]:
        """What is missing, by how many systems it concerns; of alike ones first what is missing last."""
        found: dict[str, Gap] = {}
        for each in self.systems:
            for entry in each.evaluation.requirements:
                missing = lacking(entry)
                for item in missing:
                    gap = found.setdefault(item.id, Gap(entry.requirement, item))
                    gap.systems.append(str(each.row.pk))
                    gap.last += len(missing) == 1
        order = {item.id: place for place, item in enumerate(self._items())}
        return sorted(found.values(), key=lambda gap: (-len(gap.systems), -gap.last, order[gap.item.id]))

    def _items(self) -> Iterable[Item]:
        return (item for entry in self.framework.requirements for item in entry.items)

    def of_function(self, function: str) -> list[RequirementResult]:
        """The results of a function."""
        return [entry for entry in self.evaluation.requirements if function in entry.requirement.group[:1]]

    @property
    def functions(self) -> list[str]:
        """The functions in the framework's order."""
        return [group.id for group in self.framework.groups if not group.parent]


def lacking(entry: RequirementResult) -> list[Item]:
    """The required items that keep a requirement from being met."""
    if entry.result not in {"partly", "not_met"}:
        return []
    return [one.item for one in entry.items if one.item.is_required and one.result not in {"pass", "not_applicable"}]


def figures(unit: BusinessUnit, as_of: datetime) -> Figures:
    """Decide the framework for the unit, its systems and the units below it, as of the moment; the others for the unit."""
    standings = Standings(load(FRAMEWORK), as_of=as_of)
    here = of(standings, unit)
    inside = [row for row in standings.scope.systems.values() if row.unit.path.startswith(unit.path)]
    living = [row for row in inside if row.lifecycle_stage != Stage.RETIRED]
    placed = [Placed(row, standings.of(str(row.pk), FRAMEWORK)) for row in living]
    return Figures(
        unit=unit,
        framework=here.framework,
        facts=standings.facts,
        evaluation=here,
        systems=tuple(sorted(placed, key=worst_first)),
        units=tuple(below(standings, unit, living)),
        others=tuple(other_frameworks(standings, unit)),
        retired=len(inside) - len(living),
    )


def key_of(unit: BusinessUnit) -> Key:
    """By what standings know a unit: the topmost is the organisation."""
    return str(unit.pk) if unit.parent_id else None


def of(standings: Standings, unit: BusinessUnit) -> Evaluation:
    """What the framework came to in a unit."""
    return standings.of(key_of(unit), FRAMEWORK)


def other_frameworks(standings: Standings, unit: BusinessUnit) -> Iterable[Evaluation]:
    """What the other frameworks of the installation came to in the unit, those that were brought among them."""
    key, as_of = key_of(unit), standings.as_of
    facts = DjangoFacts(None, None, as_of, unit=unit) if key else standings.facts
    for framework in lookup.in_use():
        if framework.slug != FRAMEWORK:
            yield evaluate(framework, facts, unit=key, as_of=as_of)


def worst_first(each: Placed) -> tuple[Any, ...]:
    """Where the least share is met; of equals the higher tier, then by name."""
    return each.share, -each.counts["not_met"], WORST_FIRST[each.row.risk_tier], each.row.name, str(each.row.pk)


def below(standings: Standings, unit: BusinessUnit, systems: list[AISystem]) -> Iterable[Placed]:
    """The units directly below, each with how many of the systems lie in it or below it."""
    for row in BusinessUnit.objects.filter(parent=unit, created_at__lt=standings.scope.until).order_by("name", "pk"):
        inside = sum(system.unit.path.startswith(row.path) for system in systems)
        yield Placed(row, of(standings, row), inside)
